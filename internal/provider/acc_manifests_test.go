// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	tfjson "github.com/hashicorp/terraform-json"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
)

// asArguments imports every manifest of the folder, as arguments that parse_manifest makes of it.
const asArguments = `
locals { parsed = { for file in fileset(path.module, "manifests/*") : basename(file) => provider::airm::parse_manifest(file(file)) } }
import {
  for_each = local.parsed
  to       = airm_project_secret.test[each.key]
  id       = "$project/${each.value.name}"
}
resource "airm_project_secret" "test" {
  for_each         = local.parsed
  project          = "$project"
  name             = each.value.name
  use_case         = each.value.use_case
  labels           = each.value.labels
  annotations      = each.value.annotations
  store            = each.value.store
  refresh_interval = each.value.refresh_interval
  refresh_policy   = each.value.refresh_policy
  data             = each.value.data
  data_from        = each.value.data_from
  target           = each.value.target
}
`

// What people wrote and made with kubectl is imported with the arguments that parse_manifest makes of it. A plan shows only
// defaults that a manifest spells out, never an update without a change of an argument; the apply leaves the order and the
// meaning of everything as it is; and afterwards nothing is planned.
func TestAccManifestsAreImported(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	w := p.newWorkspace()
	before := map[string]*unstructured.Unstructured{}
	for file, text := range manifestFiles(t) {
		w.write("manifests/"+file, text)
		object := p.createAsRead(readByKubernetes(t, text))
		before[object.GetName()] = object
	}
	w.configure(p.hcl(asArguments))
	w.run("plan", "-no-color", "-out=plan")
	var plan tfjson.Plan
	w.show(&plan, "plan")
	for _, change := range plan.ResourceChanges {
		if change.Change.Importing == nil || change.Change.Actions.Create() || change.Change.Actions.Replace() {
			t.Errorf("%s is not imported: %v", change.Address, change.Change.Actions)
		}
		if change.Change.Actions.Update() && sameArguments(change.Change) {
			t.Errorf("%s is updated for nothing: %s", change.Address, mustJSON(change.Change))
		}
	}
	w.configure(strings.Replace(p.hcl(asArguments), "  for_each         =", "  wait_for_sync    = false # the stores are not there\n  for_each         =", 1))
	w.apply()
	w.plansNothing()
	for name, was := range before {
		live := p.get("ExternalSecret", name)
		withESOKinds(was.Object["spec"])
		if lost := eso.Drift(map[string]any{"spec": was.Object["spec"]}, live.Object); len(lost) > 0 {
			t.Errorf("%s was changed in %v:\n%s\n%s", name, lost, mustJSON(was.Object), mustJSON(live.Object))
		}
		if !sameContent(nested(was.Object, "spec")["data"], nested(live.Object, "spec")["data"]) { // with its order
			t.Errorf("%s has other data: %s\n%s", name, mustJSON(was.Object["spec"]), mustJSON(live.Object["spec"]))
		}
	}
}

// sameArguments reports whether a planned change is one of computed attributes only.
func sameArguments(change *tfjson.Change) bool {
	before, _ := change.Before.(map[string]any)
	after, _ := change.After.(map[string]any)
	for _, name := range slices.Concat(slices.Collect(maps.Keys(before)), slices.Collect(maps.Keys(after))) {
		if !slices.Contains([]string{"status", "up_to_date", "uids", "secret_name"}, name) && mustJSON(before[name]) != mustJSON(after[name]) {
			return false
		}
	}
	return true
}

// createAsRead creates an ExternalSecret as kubectl does: what the server sets is left out.
func (p *testProject) createAsRead(object map[string]any) *unstructured.Unstructured {
	p.t.Helper()
	metadata := nested(object, "metadata")
	for _, key := range []string{"namespace", "uid", "resourceVersion", "generation", "creationTimestamp", "managedFields"} {
		delete(metadata, key)
	}
	delete(object, "status")
	object["apiVersion"] = p.Resource("ExternalSecret").GroupVersion().String()
	strict := metav1.CreateOptions{FieldManager: "kubectl-create", FieldValidation: "Strict"}
	created, err := p.objects("ExternalSecret").Create(context.Background(), &unstructured.Unstructured{Object: object}, strict)
	p.ok(err)
	return created
}
