// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// ownership is what a state knows of its object. It is kept in private state and, as far as it
// identifies what is in the clusters, in the attribute uids: Terraform drops private state when the provider's
// process dies in an update.
type ownership struct {
	OwnerID string               `json:"owner_id,omitempty"` // the one stamped on the object; empty after an import
	Copies  map[string]knownCopy `json:"copies,omitempty"`   // by the name of the cluster
	Moved   bool                 `json:"moved,omitempty"`    // by a moved block, and not read since
	// MovedUID is that of the object in the state of the other provider, empty if that has none.
	MovedUID string `json:"moved_uid,omitempty"`

	// fromUIDs: private state is lost, so the owner id is to be learned from a live object.
	fromUIDs bool
	// unknown: nothing says which object it is, so none is written or deleted.
	unknown bool
}

// knownCopy is an object in one of the clusters.
type knownCopy struct {
	Cluster string `json:"cluster,omitempty"` // the identity of the cluster, empty where that may not be read
	UID     string `json:"uid"`
}

const ownershipKey = "ownership"

// privateReader and privateWriter are the framework's private state, whose type is internal to it.
type privateReader interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

type privateWriter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

type privateState interface {
	privateReader
	privateWriter
}

func newOwnerID() string { return rand.Text() }

// loadOwnership returns what the state knows of its object: from private state or, where that is lost, from the
// attribute uids.
func loadOwnership(ctx context.Context, private privateReader, state kindModel) (ownership, diag.Diagnostics) {
	var o ownership
	text, diags := private.GetKey(ctx, ownershipKey)
	if len(text) > 0 {
		if err := json.Unmarshal(text, &o); err != nil {
			diags.AddError("The private state cannot be read", fmt.Sprintf("The state is damaged (%s). Remove the resource from the state and import it again.", err))
		}
	}
	if o.OwnerID == "" && len(o.Copies) == 0 && !o.Moved {
		o.Copies = copiesIn(stringsOf(state.common().UIDs), state.ref())
		o.fromUIDs = len(o.Copies) > 0
		o.unknown = !o.fromUIDs && !state.common().ID.IsNull()
	}
	return o, diags
}

// save writes private state, and the attribute uids of the model.
func (o ownership) save(ctx context.Context, private privateWriter, m kindModel) diag.Diagnostics {
	m.common().setUIDs(objectUIDs(o.Copies, m.ref()))
	text, err := json.Marshal(o)
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("The private state cannot be written", err.Error())}
	}
	return private.SetKey(ctx, ownershipKey, text)
}

// learn takes the owner id from a live object that the state knows by its UID, where only the UIDs are left.
func (o ownership) learn(all objectCopies) ownership {
	for _, c := range all {
		if o.fromUIDs && o.OwnerID == "" && c.live != nil && c.known != nil && c.known.UID == string(c.live.GetUID()) {
			o.OwnerID = c.live.GetAnnotations()[airm.AnnotationOwnerID]
		}
	}
	return o
}

// recognizes reports whether a live object is the copy that this state knows: the same object, or its backup. After
// an import or a move nothing is known yet, and it is.
func (o ownership) recognizes(ctx context.Context, c *objectCopy, declared ...kindModel) bool {
	if o.isNew() || c.known != nil && c.known.UID == string(c.live.GetUID()) {
		return true
	}
	if o.OwnerID == "" || o.OwnerID != c.live.GetAnnotations()[airm.AnnotationOwnerID] {
		return false
	}
	return slices.ContainsFunc(declared, func(m kindModel) bool { return isIntact(c.live, c.render(ctx, m)) })
}

// isNew reports whether nothing is known of the object, because it is being imported or was just moved.
func (o ownership) isNew() bool { return !o.unknown && o.OwnerID == "" && len(o.Copies) == 0 }

// isIntact reports whether a live object is exactly the declared one and belongs to nothing else. Only such an object may
// be taken for ours by its annotations, which any user can copy: there is nothing in it that a write of ours would
// complete, and nothing that would remove it later.
func isIntact(live *unstructured.Unstructured, declared map[string]any) bool {
	declared = eso.WithoutNewTemplate(declared, live.Object)
	differences := eso.SpecDifferences(live.GetKind(), jsonvalue.MapAt(declared, "spec"), jsonvalue.MapAt(live.Object, "spec"))
	return len(live.GetOwnerReferences()) == 0 && len(differences) == 0
}

// explainUnknown says what to do about a state that does not know its object.
func (r *objectResource) explainUnknown(m kindModel) diagnosticText {
	ref := m.ref()
	return diagnosticText{summary: fmt.Sprintf("The state no longer identifies %s", ref), detail: fmt.Sprintf(
		"It has neither the private data nor the attribute uids by which this provider identifies its object, for example because an older version of the provider was killed during an update. An object of that name may have another owner, so nothing is read, written or deleted. Remove the resource from the state and import it again:\n\n  terraform state rm ADDRESS\n  terraform import ADDRESS %s", r.importID(m))}
}

// warnIfTaken warns if a second state manages the same object.
func (o ownership) warnIfTaken(ref airm.Ref, live *unstructured.Unstructured) diag.Diagnostics {
	annotations := live.GetAnnotations()
	return o.warnIfOther(ref.String(), annotations[airm.AnnotationOwnerID], annotations[airm.AnnotationOwner])
}

func (o ownership) warnIfOther(what, ownerID, owner string) diag.Diagnostics {
	if o.OwnerID == "" || ownerID == "" || ownerID == o.OwnerID {
		return nil
	}
	detail := "Both states will change it, and either may delete it. Keep it in one state, and remove it from the other with a removed block or `state rm`."
	if owner != "" {
		detail += fmt.Sprintf(" It was last written by %q.", jsonvalue.Sanitize(owner))
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic(what+" is managed from another state too", detail)}
}

// explainOrigin says who made an object, as far as its metadata shows.
func explainOrigin(live *unstructured.Unstructured) string {
	annotations := live.GetAnnotations()
	switch {
	case annotations[airm.AnnotationOwner] != "":
		return fmt.Sprintf("It was written by %q with this provider.", jsonvalue.Sanitize(annotations[airm.AnnotationOwner]))
	case annotations[airm.AnnotationOwnerID] != "":
		return "It was written with this provider, perhaps by a run that was interrupted."
	case airm.MadeBy(live.Object) == airm.MadeByAIRM:
		return fmt.Sprintf("AIRM created it; its ID in AIRM is %s.", jsonvalue.Sanitize(airm.ProjectSecretID(live.Object)))
	}
	for _, entry := range live.GetManagedFields() {
		if entry.Subresource == "" {
			return fmt.Sprintf("It was written with %q.", jsonvalue.Sanitize(entry.Manager))
		}
	}
	return ""
}
