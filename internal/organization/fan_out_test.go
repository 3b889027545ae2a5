// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/rand"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/acctest"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
)

// reached lists the projects whose copy refers to a key, in the order of projects.
func (f *fixture) reached(content string) []string {
	f.t.Helper()
	var all []string
	for _, project := range f.projects {
		if contentOf(f.get(project, esoResource, "s")) == content {
			all = append(all, project)
		}
	}
	return all
}

// failsIn makes sure that a fan-out failed in these projects and no others, and whether that stopped it at the canary.
func (f *fixture) failsIn(err error, canary bool, projects ...string) {
	f.t.Helper()
	var failed *FanOutError
	expected := slices.Sorted(slices.Values(projects))
	if !errors.As(err, &failed) || failed.Canary != canary || !slices.Equal(failed.Failed.Projects(), expected) {
		f.t.Fatalf("the update said %v; expected a failure in %v, at the canary %t", err, projects, canary)
	}
}

// goesNoFurther applies a definition that fails several times, and makes sure that it stops each time, and at the same projects.
func (f *fixture) goesNoFurther(ctx context.Context, definition airm.OrganizationSecret, content string, texts ...string) {
	f.t.Helper()
	var first []string
	for range 3 {
		_, err := f.registry().Update(ctx, definition, Known{}, FanOut{Wait: true})
		says(f.t, err, texts...)
		reached := f.reached(content)
		f.failsIn(err, true, reached...)
		if first != nil && !slices.Equal(first, reached) {
			f.t.Fatalf("it went to %v, before to %v", reached, first)
		}
		first = reached
	}
}

func TestAccUpdateStopsAfterTheCanary(t *testing.T) {
	f, r, store := synced(t, 3)
	ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
	defer cancel()
	_, err := r.Update(ctx, definitionOf("s", store, "missing"), Known{}, FanOut{Wait: true})
	canary := f.reached("missing")
	f.failsIn(err, true, canary...)
	says(t, err, "applied to 1 of 3 copies first", "the others (2) were not changed", "SyncedError", "missing")
	others := slices.DeleteFunc(slices.Clone(f.projects), func(project string) bool { return slices.Contains(canary, project) })
	if left := f.reached("key"); !slices.Equal(left, others) {
		t.Errorf("%v have the definition of before, not %v", left, others)
	}
	f.status(r, airm.SyncedError, false)

	_, err = r.Update(ctx, definitionOf("s", store, "other"), Known{}, FanOut{Wait: true})
	f.ok(err)
	f.status(r, airm.Synced, true)
	_, err = r.Update(ctx, definitionOf("s", store, "other"), Known{}, FanOut{Wait: true, Request: true})
	f.ok(err)
}

func TestAccUpdateThatFailsInPart(t *testing.T) {
	f, r := newOrganization(t, 3, 3)
	f.apply(f.projects[1], esoResource, "spec: {data: [{secretKey: value, remoteRef: {key: theirs}}]}", "s")
	_, err := r.Update(t.Context(), newDefinition("s", "c1"), Known{}, FanOut{})
	f.failsIn(err, false, f.projects[1])
	says(t, err, "1 of 3 copies", "project "+f.projects[1], `Cluster "home"`, `is managed by "another-manager"`, "force_conflicts")
	for i, expected := range []string{"c1", "theirs", "c1"} {
		if content := contentOf(f.get(f.projects[i], esoResource, "s")); content != expected {
			t.Errorf("%s has %q, expected %q", f.projects[i], content, expected)
		}
	}
	f.status(r, airm.Failed, false, "another-manager")

	r.updater.writer.force = true
	_, err = r.Update(t.Context(), newDefinition("s", "c1"), Known{}, FanOut{})
	f.ok(err)
	f.status(r, airm.Pending, true)
	if row := f.row(r, f.projects[1]); row.LastError != "" {
		t.Errorf("the row still says %q", row.LastError)
	}
}

// A definition that fails goes to one project, however often it is applied; and a correction goes on from there.
func TestAccBrokenDefinitionGoesNoFurther(t *testing.T) {
	f, _, store := synced(t, 3)
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	f.goesNoFurther(ctx, definitionOf("s", store, "missing"), "missing",
		"applied to 1 of 3 copies first", "the others (2) were not changed")
	_, err := f.registry().Update(ctx, definitionOf("s", store, "other"), Known{}, FanOut{Wait: true})
	f.ok(err)
	if reached := f.reached("other"); !slices.Equal(reached, f.projects) {
		t.Errorf("the correction went to %v only", reached)
	}
}

// A project whose copy cannot be written, or whose Secret cannot, is that project's failure: the others get the change.
func TestAccCanaryOfItsOwnTrouble(t *testing.T) {
	f, r, store := synced(t, 3)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	for _, project := range f.projects[:2] {
		f.patch(project, "secrets", "s", `{"immutable":true}`)
	}
	_, err := r.Update(ctx, definitionOf("s", store, "other"), Known{}, FanOut{Wait: true})
	f.failsIn(err, false, f.projects[:2]...)
	says(t, err, "2 of 3 copies", "project "+f.projects[0], "immutable")
	if object := f.get(f.projects[2], esoResource, "s"); contentOf(object) != "other" {
		t.Error("the project without trouble has not got the change")
	}
}

// A conflict with who applies another value is that project's failure, wherever it stands in the order.
func TestAccCanaryThatCannotBeWritten(t *testing.T) {
	f, r, store := synced(t, 3)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	theirs := f.projects[0]
	f.apply(theirs, esoResource, "spec: {data: [{secretKey: value, remoteRef: {key: other}}]}", "s")
	f.eventually("it is synced", func() bool {
		return eso.ExternalSecretSync(f.get(theirs, esoResource, "s").Object, time.Time{}, time.Now()).Status == airm.Synced
	})
	changed := definitionOf("s", store, "key")
	changed.Definition.Spec["refreshInterval"] = "2h0m0s"
	_, err := r.Update(ctx, changed, Known{}, FanOut{Wait: true})
	says(t, err, "1 of 3 copies", "project "+theirs, `is managed by "another-manager"`)
	for _, project := range f.projects[1:] {
		if interval := f.get(project, esoResource, "s").Object["spec"].(map[string]any)["refreshInterval"]; interval != "2h0m0s" {
			t.Errorf("%s has not got the change: %v", project, interval)
		}
	}
}

// A definition that the canary stopped does not spread by the assignments either: their content is not theirs to change.
func TestAccBrokenDefinitionIsNotReassigned(t *testing.T) {
	f, r, store := synced(t, 3)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	_, err := r.Update(ctx, definitionOf("s", store, "missing"), Known{}, FanOut{Wait: true})
	canary := f.reached("missing")
	f.failsIn(err, true, canary...)
	var all []airm.Assignment
	existing := map[string]Known{}
	for _, project := range f.projects {
		all, existing[project] = append(all, newAssignment("s", project, "w0")), Known{}
	}
	waiting := ""
	for _, assigned := range f.registry().AssignAll(ctx, all, existing) {
		f.ok(assigned.Err)
		waiting += assigned.Waiting().String()
	}
	if reached := f.reached("missing"); !slices.Equal(reached, canary) {
		t.Errorf("it went to %v after %v", reached, canary)
	}
	says(t, errors.New(waiting), "was not changed", "fails in project")
	_, err = f.registry().Update(ctx, definitionOf("s", store, "other"), Known{}, FanOut{Wait: true})
	f.ok(err)
	for _, assigned := range f.registry().AssignAll(ctx, all, existing) {
		f.ok(assigned.Err)
	}
	f.status(r, airm.Synced, true)
}

// A project whose own store fails, or whose copy is being deleted, says nothing of a definition.
func TestAccProjectsOfTheirOwnTrouble(t *testing.T) {
	for name, trouble := range map[string]func(f *fixture, store string){
		"no store": func(f *fixture, store string) { f.remove(f.projects[0], "secretstores", store) },
		"being deleted": func(f *fixture, _ string) {
			f.patch(f.projects[0], esoResource, "s", `{"metadata":{"finalizers":["example.com/stays"]}}`)
			f.ok(f.resource(f.projects[0], esoResource).Delete(context.Background(), "s", metav1.DeleteOptions{}))
			f.t.Cleanup(func() {
				patch := []byte(`{"metadata":{"finalizers":null}}`)
				objects := f.resource(f.projects[0], esoResource)
				_, _ = objects.Patch(context.Background(), "s", types.MergePatchType, patch, metav1.PatchOptions{})
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			f, _, store := synced(t, 3)
			ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
			defer cancel()
			trouble(f, store)
			_, err := f.registry().Update(ctx, definitionOf("s", store, "other"), Known{}, FanOut{Wait: true})
			if err == nil {
				t.Error("nothing is said of the project in trouble")
			}
			for _, project := range f.projects[1:] {
				if content := contentOf(f.get(project, esoResource, "s")); content != "other" {
					t.Errorf("%s has not got the change: %s", project, content)
				}
			}
		})
	}
}

// That one project has no such store is its own trouble; that so many have none is a mistake of the definition, which goes no further.
func TestAccDefinitionWithAStoreThatNoProjectHas(t *testing.T) {
	f, r, store := synced(t, 5)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	f.goesNoFurther(ctx, definitionOf("s", "misspelled", "other"), "other",
		"applied to 3 of 5 copies first", "the others (2) were not changed", "misspelled")
	_, err := f.registry().Update(ctx, definitionOf("s", store, "other"), Known{}, FanOut{Wait: true})
	f.ok(err)
	f.status(r, airm.Synced, true)
}

// Copies that an earlier update could not write, for example because a webhook did not answer, still try a definition before it goes
// everywhere.
func TestAccBrokenDefinitionAfterOutage(t *testing.T) {
	f, r, store := synced(t, 3)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	for _, project := range f.projects {
		f.ok(r.remover.record(ctx, f.row(r, project), nil, func(row *airm.Assignment) {
			for id, its := range row.Copies {
				its.Error = "The webhook could not be called."
				row.Copies[id] = its
			}
		}))
	}
	_, err := f.registry().Update(ctx, definitionOf("s", store, "missing"), Known{}, FanOut{Wait: true})
	says(t, err, "applied to 1 of 3 copies first")
	f.failsIn(err, true, f.reached("missing")...)
}

// So does one that a store of the organization does not admit, or whose store of an entry fails: it is tried first here, and the
// others get the change.
func TestAccProjectsOutsideOfStores(t *testing.T) {
	admitting := "spec: {conditions: [{namespaceSelector: {matchExpressions: [{key: " + airm.LabelProjectID + ", operator: Exists}]}}], " +
		"provider: {fake: {data: [{key: key, value: v}, {key: other, value: w}]}}}"
	for name, trouble := range map[string]func(f *fixture, project, ofEntry string){
		"not admitted": func(f *fixture, project, _ string) {
			f.patch("", "namespaces", project, `{"metadata":{"labels":{"`+airm.LabelProjectID+`":null}}}`)
		},
		"no store of an entry": func(f *fixture, project, ofEntry string) { f.remove(project, "secretstores", ofEntry) },
	} {
		t.Run(name, func(t *testing.T) {
			f, r, ofEntry := synced(t, 3)
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			defer cancel()
			shared := "shared-" + rand.String(8)
			f.Apply(airm.KindClusterSecretStore, "", shared, admitting)
			f.WaitFor(airm.KindClusterSecretStore, "", shared, "is valid", acctest.IsReady)
			changed := func(key string) airm.OrganizationSecret {
				d := definitionOf("s", shared, key)
				d.Definition.Spec["secretStoreRef"].(map[string]any)["kind"] = airm.KindClusterSecretStore
				own := map[string]any{"storeRef": map[string]any{"name": ofEntry, "kind": airm.KindSecretStore}}
				entry := map[string]any{"secretKey": "own", "remoteRef": map[string]any{"key": key}, "sourceRef": own}
				d.Definition.Spec["data"] = append(d.Definition.Spec["data"].([]any), entry)
				return d
			}
			_, err := r.Update(ctx, changed("key"), Known{}, FanOut{Wait: true})
			f.ok(err)
			first := slices.Min(f.projects)
			trouble(f, first, ofEntry)
			_, err = f.registry().Update(ctx, changed("other"), Known{}, FanOut{Wait: true})
			f.failsIn(err, false, first)
			if reached := f.reached("other"); !slices.Equal(reached, f.projects) {
				t.Errorf("the change went to %v only", reached)
			}

			others := slices.DeleteFunc(slices.Clone(f.projects), func(project string) bool { return project == first })
			for _, project := range others { // none of these has the definition any more
				f.patch(project, esoResource, "s", `{"spec":{"data":[{"secretKey":"value","remoteRef":{"key":"key"}}]}}`)
			}
			again := f.registry().Reassign(ctx, newAssignment("s", others[0], "w0"), Known{})
			if f.ok(again.Err); len(again.Waiting()) > 0 {
				t.Errorf("it was held back for the project in trouble: %v", again.Waiting())
			}
		})
	}
}

// rejectSecrets has the API server reject changes of a project's Secrets.
func (f *fixture) rejectSecrets(project string) {
	f.t.Helper()
	f.Apply("ValidatingAdmissionPolicy", "", project, `spec: {failurePolicy: Fail, validations: [{expression: "false"}],
		matchConstraints: {resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [UPDATE], resources: [secrets]}]}}`)
	f.Apply("ValidatingAdmissionPolicyBinding", "", project, `spec: {policyName: `+project+`, validationActions: [Deny],
		matchResources: {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: `+project+`}}}}`)
	f.eventually("changes of Secrets are rejected", func() bool {
		patch, dry := []byte(`{"metadata":{"annotations":{"a":"b"}}}`), metav1.PatchOptions{DryRun: []string{metav1.DryRunAll}}
		_, err := f.resource(project, "secrets").Patch(f.t.Context(), "s", types.MergePatchType, patch, dry)
		return err != nil
	})
}

// A Secret with a template that is rejected may be its project's own trouble: its members can cause that. Another project is tried, and
// only if so many reject it, it is taken for a mistake of the definition.
func TestAccTemplateThatAProjectRejects(t *testing.T) {
	for name, test := range map[string]struct {
		rejecting int
		stops     bool
	}{"one": {1, false}, "enough": {enoughInDoubt, true}} {
		t.Run(name, func(t *testing.T) {
			f, _, store := synced(t, 4)
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			defer cancel()
			slices.Sort(f.projects)
			for _, project := range f.projects[:test.rejecting] {
				f.rejectSecrets(project)
			}
			changed := definitionOf("s", store, "other")
			changed.Definition.Spec["target"] = map[string]any{"template": map[string]any{"data": map[string]any{"copied": "{{ .value }}"}}}
			for range 2 {
				_, err := f.registry().Update(ctx, changed, Known{}, FanOut{Wait: true})
				f.failsIn(err, test.stops, f.projects[:test.rejecting]...)
				reached := f.projects
				if test.stops {
					reached = f.projects[:test.rejecting]
				}
				if got := f.reached("other"); !slices.Equal(got, reached) {
					t.Errorf("it went to %v, not %v", got, reached)
				}
			}
		})
	}
}
