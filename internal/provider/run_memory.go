// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

// runMemory is what this run of the provider remembers of its objects, across resources. The zero value is empty.
type runMemory struct {
	mu      sync.Mutex
	objects map[string]objectUse // and records, by UID
	creates map[string]bool      // what is being created, by cluster and object
	left    []leftBehind

	planning atomic.Bool // this run refreshes resources, so it writes nothing
}

// objectUse is what a resource of this run does with an object or a record.
type objectUse int

const (
	useNone     objectUse = iota
	useManaged            // a resource has it
	useTakenUp            // a create took it up, as one that an interrupted run left behind
	useDeleting           // a destroy deletes it
)

// leftBehind is something that a create found existing and that an interrupted run of this workspace may have made.
type leftBehind struct{ resource, id string }

// use notes what a resource does with an object or a record, unless another one does something that excludes it. It reports whether
// it may.
func (r *runMemory) use(uid string, use objectUse) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.objects == nil {
		r.objects = map[string]objectUse{}
	}
	switch before := r.objects[uid]; {
	case use == useManaged && before != useNone:
		return true // what a create or a destroy has noted says more
	case use == useTakenUp && before != useNone, use == useDeleting && before == useTakenUp:
		return false
	}
	r.objects[uid] = use
	return true
}

// create reports whether nothing else in this run creates an object, or an assignment, in a cluster, and notes that it is
// created.
func (r *runMemory) create(cluster string, ref airm.Ref) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.creates == nil {
		r.creates = map[string]bool{}
	}
	key := cluster + " " + ref.String()
	before := r.creates[key]
	r.creates[key] = true
	return !before
}

// addLeftBehind notes something that was found, and returns all that this run has found.
func (r *runMemory) addLeftBehind(resource, id string) []leftBehind {
	r.mu.Lock()
	defer r.mu.Unlock()
	if found := (leftBehind{resource, id}); !slices.Contains(r.left, found) {
		r.left = append(r.left, found)
	}
	return slices.Clone(r.left)
}

// leftBehindHint says how to import something that a create found existing and that an interrupted run of this workspace
// may have made: together with everything else of that kind that this run has found. For something of another user
// there is importHint.
func (b *resourceBase) leftBehindHint(id string) string {
	all := b.settings.run.addLeftBehind("airm_"+b.name, id)
	if len(all) == 1 {
		return b.importHint(id)
	}
	var blocks strings.Builder
	for _, found := range all {
		fmt.Fprintf(&blocks, "  import {\n    to = %s.NAME\n    id = %q\n  }\n\n", found.resource, found.id)
	}
	return fmt.Sprintf("To manage it here, import it. This run has found %d objects that an interrupted run may have created; these blocks import them all:\n\n%s", len(all), blocks.String())
}

// mayBeLeftBehind reports whether an object, or a record, with these stamps may have been made by an interrupted run of
// this workspace. If the provider block sets no owner, nothing distinguishes workspaces.
func (s *providerSettings) mayBeLeftBehind(ownerID, owner string) bool {
	return ownerID != "" && (owner == "" || owner == s.owner)
}

// replacedHint says what to do where a create finds what it is to replace, for something with these stamps that may be of this
// workspace: a create does not know what the state has.
func (b *resourceBase) replacedHint(ownerID, owner string) string {
	if !b.settings.mayBeLeftBehind(ownerID, owner) {
		return ""
	}
	return fmt.Sprintf("If it is the object of this resource (the resource is tainted, and create_before_destroy is set on it or on a resource that depends on it), no replacement can be created beside it, because the name is taken. Run\n\n  terraform untaint airm_%s.NAME\n\n"+
		"and apply again, which updates it in place; or remove create_before_destroy.\n\n", b.name)
}

// isLeftBehind reports whether a live object was made by a create of this workspace that was interrupted, and unchanged
// since: taking it over completes nothing.
func (s *providerSettings) isLeftBehind(live *unstructured.Unstructured, desired map[string]any) bool {
	annotations := live.GetAnnotations()
	isUnconfirmed := s.owner != "" && annotations[airm.AnnotationOwner] == s.owner && annotations[airm.AnnotationUnconfirmed] != ""
	isAtHome := annotations[airm.AnnotationHome] == live.GetNamespace()+"/"+live.GetName() && !airm.Assigns(live.Object)
	return isUnconfirmed && isAtHome && live.GetDeletionTimestamp() == nil && isIntact(live, desired)
}
