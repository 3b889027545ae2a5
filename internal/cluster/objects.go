// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/tools/pager"
	"k8s.io/utils/ptr"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/logging"
)

// pageSize is how many objects a list asks for at once.
const pageSize = 500

// RefOf returns which object a live one is.
func RefOf(live *unstructured.Unstructured) airm.Ref {
	return airm.Ref{Kind: live.GetKind(), Project: live.GetNamespace(), Name: live.GetName()}
}

// Get reads an object live. The error satisfies IsNotFound only where the API server itself said
// that the object is not there.
func (c *Cluster) Get(ctx context.Context, ref airm.Ref) (*unstructured.Unstructured, error) {
	objects, err := c.objects(ctx, ref.Kind, ref.Project)
	if err != nil {
		return nil, err
	}
	object, err := objects.Get(ctx, ref.Name, metav1.GetOptions{})
	return object, c.explain("read", ref.String(), err)
}

// List reads all objects of a kind in a project, or everywhere where project is empty, that a label
// selector selects; an empty selector selects all.
func (c *Cluster) List(ctx context.Context, kind, project, selector string) ([]unstructured.Unstructured, error) {
	objects, err := c.objects(ctx, kind, project)
	if err != nil {
		return nil, err
	}
	items, err := listAll(ctx, objects, metav1.ListOptions{LabelSelector: selector})
	return items, c.explain("list", resources[kind]+" in "+namespaceText(project), err)
}

// listAll reads a list page by page.
func listAll(ctx context.Context, client dynamic.ResourceInterface, options metav1.ListOptions) ([]unstructured.Unstructured, error) {
	var all []unstructured.Unstructured
	err := eachListed(ctx, options, func(ctx context.Context, options metav1.ListOptions) (runtime.Object, error) {
		return client.List(ctx, options)
	}, func(item *unstructured.Unstructured) { all = append(all, *item) })
	return all, err
}

// eachListed reads a list page by page, or at once where its snapshot expires (410) between two pages.
func eachListed[T any](ctx context.Context, options metav1.ListOptions, list pager.ListPageFunc, do func(item T)) error {
	pages := pager.New(list)
	pages.PageSize = pageSize
	whole, _, err := pages.List(ctx, options)
	if err != nil {
		return err
	}
	return meta.EachListItem(whole, func(item runtime.Object) error {
		do(item.(T))
		return nil
	})
}

func namespaceText(project string) string {
	if project == "" {
		return "all namespaces"
	}
	return "namespace " + project
}

// Create posts a new object (without apiVersion: the served one is put in) and returns the
// server's. It never touches an object that exists: then the error satisfies IsAlreadyExists.
// Where the answer was lost, the object that was just made is recognized (see isMadeHere).
func (c *Cluster) Create(ctx context.Context, ref airm.Ref, desired map[string]any) (*unstructured.Unstructured, error) {
	objects, err := c.objects(ctx, ref.Kind, ref.Project)
	if err != nil {
		return nil, err
	}
	object, err := c.versioned(ctx, desired)
	if err != nil {
		return nil, err
	}
	c.reads.wrote(ref)
	created, err := objects.Create(writing(ctx, ref), object, metav1.CreateOptions{
		FieldManager: airm.FieldManager, FieldValidation: metav1.FieldValidationStrict,
	})
	if err == nil {
		return created, nil
	}
	if mayBeMade(err) {
		ctx, cancel := afterWrite(ctx)
		defer cancel()
		live, getErr := c.Get(ctx, ref)
		if getErr == nil && isMadeHere(ref.Kind, object, live) {
			return live, nil
		}
	}
	return nil, c.explain("create", ref.String(), err)
}

func (c *Cluster) versioned(ctx context.Context, desired map[string]any) (*unstructured.Unstructured, error) {
	version, err := c.APIVersion(ctx)
	if err != nil {
		return nil, err
	}
	object := (&unstructured.Unstructured{Object: desired}).DeepCopy()
	object.SetAPIVersion(schema.GroupVersion{Group: airm.Group, Version: version}.String())
	return object, nil
}

// Apply sends what is declared by server-side apply to the live object, and returns the server's.
// It changes this very object and never makes a new one in its place: the UID goes along. A field
// that another manager has set to another value is an error that names field and manager, unless
// force is set. With adopt, what former managers own becomes ours.
func (c *Cluster) Apply(
	ctx context.Context, ref airm.Ref, live *unstructured.Unstructured, desired map[string]any, how ApplyOptions,
) (*unstructured.Unstructured, error) {
	object, err := c.versioned(ctx, desired)
	if err != nil {
		return nil, err
	}
	object.SetUID(live.GetUID())
	declared, found := jsonvalue.MapAt(object.Object, "spec"), jsonvalue.MapAt(live.Object, "spec")
	object.Object["spec"] = eso.ForApply(ref.Kind, declared, found)
	c.reads.wrote(ref)
	if err := c.takeOver(ctx, ref, takeover{live, desired, how.Adopt}); err != nil {
		return nil, err
	}
	applied, err := c.applyResolving(ctx, ref, object, desired, how)
	if err == nil && how.Whole {
		return c.makeWhole(ctx, ref, applied, object)
	}
	return applied, err
}

// applyResolving applies, and once more by force where no conflict is one that the user has to decide.
func (c *Cluster) applyResolving(
	ctx context.Context, ref airm.Ref, object *unstructured.Unstructured, desired map[string]any, how ApplyOptions,
) (*unstructured.Unstructured, error) {
	applied, err := c.apply(ctx, ref, object, how.ForceConflicts)
	conflicts := fieldConflicts(err)
	if len(conflicts) == 0 {
		return applied, c.explain("update", ref.String(), err)
	}
	genuine, checked := c.genuineConflicts(ctx, ref, desired, conflicts, how)
	if checked != nil {
		return nil, checked
	}
	if len(genuine) > 0 {
		return nil, c.explainConflicts(ref, genuine, err)
	}
	slog.DebugContext(ctx, "Forcing the fields: no conflict needs a decision of the user", logging.KeyCluster, c.name,
		logging.KeyKind, ref.Kind, logging.KeyObject, ref.ID(), logging.KeyPaths, conflictFields(conflicts))
	applied, err = c.apply(ctx, ref, object, true)
	return applied, c.explain("update", ref.String(), err)
}

// ApplyOptions are how an apply deals with other field managers.
type ApplyOptions struct {
	ForceConflicts bool // take their fields over, whatever their values
	Adopt          bool // this is the first write to an object that others made
	// Whole: spec is ours as a whole, also where another manager owns fields of it, and what is in it beyond what is declared goes. A manager
	// that edits, or that applies what we apply too, is overruled; one that applies another value is a conflict still.
	Whole bool
	// Seen is the object as the plan showed it, nil where there was no plan. A field that another user edited (not: applied)
	// and that still is as the plan showed is taken back.
	Seen map[string]any
}

func (c *Cluster) apply(
	ctx context.Context, ref airm.Ref, object *unstructured.Unstructured, force bool,
) (*unstructured.Unstructured, error) {
	objects, err := c.objects(ctx, ref.Kind, ref.Project)
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(object)
	if err != nil {
		return nil, err
	}
	return objects.Patch(writing(ctx, ref), ref.Name, types.ApplyPatchType, body, metav1.PatchOptions{
		FieldManager: airm.FieldManager, FieldValidation: metav1.FieldValidationStrict, Force: ptr.To(force),
	})
}

// genuineConflicts leaves out the conflicts over a value that is the same (the API server takes a list for different if
// only the CRD's defaults in it are missing), those over an edit that the plan showed, and, where spec is ours as a whole,
// those with a manager that does not apply a value of its own.
func (c *Cluster) genuineConflicts(
	ctx context.Context, ref airm.Ref, desired map[string]any, conflicts []fieldConflict, how ApplyOptions,
) ([]fieldConflict, error) {
	live, err := c.Get(ctx, ref)
	if err != nil {
		return nil, err
	}
	drift := eso.Drift(desired, live.Object)
	var unseen []jsonvalue.Path
	if how.Seen != nil {
		unseen = eso.Drift(how.Seen, live.Object)
	}
	var genuine []fieldConflict
	for _, found := range conflicts {
		applied, shared := found.applied(live)
		found.unseen = !applied && slices.ContainsFunc(unseen, found.concerns)
		shown := declares(how.Seen, found.field) && !applied && !found.unseen
		overruled := how.Whole && (!applied || shared)
		if slices.ContainsFunc(drift, found.concerns) && !shown && !overruled {
			genuine = append(genuine, found)
		}
	}
	return genuine, nil
}

// DryRun lets the API server check a new object without making it.
func (c *Cluster) DryRun(ctx context.Context, ref airm.Ref, desired map[string]any) error {
	objects, err := c.objects(ctx, ref.Kind, ref.Project)
	if err != nil {
		return err
	}
	object, err := c.versioned(ctx, desired)
	if err != nil {
		return err
	}
	_, err = objects.Create(ctx, object, metav1.CreateOptions{
		FieldManager: airm.FieldManager, FieldValidation: metav1.FieldValidationStrict, DryRun: []string{metav1.DryRunAll},
	})
	return c.explain("create (dry run)", ref.String(), err)
}

// RequestSync makes ESO fetch the values now: any change of an annotation does. The annotation is
// sent under a manager of its own, so that a later apply neither removes nor conflicts with it.
// It returns when the request was made, by the API server's clock. That has whole seconds, so a sync
// that was done earlier in the same second would pass for the answer: then it asks again in the next.
func (c *Cluster) RequestSync(ctx context.Context, ref airm.Ref) (time.Time, error) {
	requestedAt, lastSynced, err := c.requestSync(ctx, ref)
	if err != nil || !lastSynced.Equal(requestedAt) {
		return requestedAt, err
	}
	select {
	case <-time.After(time.Second):
	case <-ctx.Done():
		return requestedAt, context.Cause(ctx)
	}
	requestedAt, _, err = c.requestSync(ctx, ref)
	return requestedAt, err
}

func (c *Cluster) requestSync(ctx context.Context, ref airm.Ref) (requestedAt, lastSynced time.Time, err error) {
	objects, err := c.objects(ctx, ref.Kind, ref.Project)
	if err != nil {
		return time.Time{}, time.Time{}, err
	}
	patch := fmt.Sprintf(`{"metadata":{"annotations":{%q:%q}}}`, airm.AnnotationForceSync, time.Now().UTC().Format(time.RFC3339Nano))
	c.reads.wrote(ref)
	ctx = writing(ctx, ref)
	patched, err := objects.Patch(ctx, ref.Name, types.MergePatchType, []byte(patch), metav1.PatchOptions{FieldManager: syncManager})
	if err != nil {
		return time.Time{}, time.Time{}, c.explain("request a sync of", ref.String(), err)
	}
	return syncRequestedAt(patched, c.Now()), eso.ExternalSecretSync(patched.Object, time.Time{}, c.Now()).LastSynced, nil
}

// syncManager is the field manager of sync requests.
const syncManager = airm.FieldManager + "-sync"

// clockError is by how much the API server's time may be ahead of what we take for it.
const clockError = 5 * time.Second

// syncRequestedAt returns when a sync was requested by the patch that an object is the answer to. Users who may write an object may
// put entries of any manager and time among its managed fields, but the one that the patch itself makes is the API server's. Where that
// is not to be seen (it keeps ten entries of updates, and merges the oldest), it is now.
func syncRequestedAt(patched *unstructured.Unstructured, now time.Time) time.Time {
	for _, entry := range patched.GetManagedFields() {
		isOurs := entry.Manager == syncManager && entry.Operation == metav1.ManagedFieldsOperationUpdate &&
			entry.APIVersion == patched.GetAPIVersion() && entry.Subresource == ""
		if isOurs && entry.Time != nil && !entry.Time.After(now.Add(clockError)) {
			return entry.Time.Time
		}
	}
	return now.Truncate(time.Second)
}

// Delete requests the deletion of this very object, in the foreground: it is gone only when what
// it owns (the Kubernetes Secret) is gone too. Not there, or another object of that name, is fine:
// ours is gone.
func (c *Cluster) Delete(ctx context.Context, ref airm.Ref, uid types.UID) error {
	objects, err := c.objects(ctx, ref.Kind, ref.Project)
	if err != nil {
		return err
	}
	c.reads.wrote(ref)
	err = objects.Delete(writing(ctx, ref), ref.Name, metav1.DeleteOptions{
		PropagationPolicy: ptr.To(metav1.DeletePropagationForeground),
		Preconditions:     &metav1.Preconditions{UID: &uid},
	})
	if apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
		return nil
	}
	return c.explain("delete", ref.String(), err)
}
