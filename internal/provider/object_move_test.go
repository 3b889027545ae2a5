// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/yaml"
)

// The states below are those that the providers of that name write, shortened by what does not count.

// kubernetesManifest is a state of hashicorp/kubernetes: a value of any type has its type beside it.
func kubernetesManifest(manifest string) string {
	object, _ := yaml.YAMLToJSON([]byte(manifest))
	return fmt.Sprintf(`{"computed_fields":null,"field_manager":[],"manifest":{"value":%s,"type":["object",{"apiVersion":"string","kind":"string"}]},`+
		`"object":{"value":{"apiVersion":"external-secrets.io/v1"},"type":["object",{"apiVersion":"string"}]},"timeouts":[],"wait":[],"wait_for":null}`, object)
}

// kubectlManifest is a state of gavinbunney/kubectl, alekc/kubectl and other forks.
func kubectlManifest(manifest, namespace, override string) string {
	return mustJSON(map[string]any{
		"api_version": "external-secrets.io/v1", "kind": "ExternalSecret", "name": "db", "namespace": namespace,
		"id": "/apis/external-secrets.io/v1/x", "uid": "u", "live_uid": "u",
		"apply_only": false, "field_manager": "kubectl", "force_conflicts": false, "force_new": false,
		"ignore_fields": nil, "override_namespace": override, "server_side_apply": false, "timeouts": nil, "wait_for": []any{},
		"yaml_body": manifest, "yaml_body_parsed": manifest, "yaml_incluster": "0a1b", "live_manifest_incluster": "0a1b",
	})
}

// k8sconnectObject is a state of jmorris0x0/k8sconnect.
func k8sconnectObject(manifest string) string {
	return mustJSON(map[string]any{
		"cluster":                  map[string]any{"host": "https://example.com", "token": "t"},
		"delete_protection":        false,
		"force_destroy":            nil,
		"id":                       "0a1b2c",
		"ignore_fields":            nil,
		"managed_state_projection": map[string]any{"spec.refreshInterval": "1h"},
		"object_ref":               map[string]any{"api_version": "v1", "kind": "ExternalSecret"},
		"yaml_body":                manifest,
	})
}

func (r *rpc) move(source, state, target string) *tfprotov6.MoveResourceStateResponse {
	r.t.Helper()
	answer, err := r.server.MoveResourceState(context.Background(), &tfprotov6.MoveResourceStateRequest{
		SourceProviderAddress: "registry.example.com/another/provider", SourceTypeName: source, SourceSchemaVersion: 1,
		SourceState: &tfprotov6.RawState{JSON: []byte(state)}, TargetTypeName: target,
	})
	r.ok(nil, err)
	return answer
}

const movedSecret = `
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata:
  name: db
  namespace: team-a
  labels: {team: a, airm.silogen.ai/use-case: Database}
  annotations: {why: test, kubectl.kubernetes.io/last-applied-configuration: "{}"}
spec:
  refreshInterval: 1h
  secretStoreRef: {name: vault, kind: ClusterSecretStore}
  target: null
  data: [{secretKey: password, remoteRef: {key: db, property: password, version: null}}]
`

// movedSecretConfig is what a user writes in its place; the plan must be empty.
const movedSecretConfig = `{"project":"team-a","name":"db","use_case":"Database","labels":{"team":"a"},"annotations":{"why":"test"},"refresh_interval":"1h",` +
	`"store":{"name":"vault"},"data":{"password":{"key":"db","property":"password"}}}`

const movedClusterStore = `
apiVersion: external-secrets.io/v1
kind: ClusterSecretStore
metadata: {name: vault}
spec: {provider: {vault: {server: "https://v", path: secret, version: v2, auth: {kubernetes: {mountPath: k, role: r}}}}, ` +
	`conditions: [{namespaces: [team-a]}]}
`

const movedClusterStoreConfig = `{"name":"vault","allowed_projects":["team-a"],"vault":{"server":"https://v","path":"secret","version":"v2","auth":{"kubernetes":{"mount_path":"k","role":"r"}}}}`

const movedStore = `
apiVersion: external-secrets.io/v1beta1
kind: SecretStore
metadata: {name: vault, namespace: team-a}
spec: {refreshInterval: 600, provider: {webhook: {url: "https://w"}}}
`

const movedStoreConfig = `{"name":"vault","project":"team-a","refresh_interval":"10m","other":"{\"webhook\": {\"url\": \"https://w\"}}"}`

func TestMoveState(t *testing.T) {
	r := newConfiguredRPC(t, `{}`)
	withoutNamespace := strings.Replace(movedSecret, "  namespace: team-a\n", "", 1)
	const identity = `{"name":"db","project":"team-a"}`
	for _, c := range []struct{ name, source, state, target, config, identity string }{
		{"kubernetes_manifest", "kubernetes_manifest", kubernetesManifest(movedSecret), secretKind, movedSecretConfig, identity},
		{"kubectl_manifest", "kubectl_manifest", kubectlManifest(movedSecret, "team-a", ""), secretKind, movedSecretConfig, identity},
		{"namespace of the provider", "kubectl_manifest", kubectlManifest(withoutNamespace, "team-a", ""),
			secretKind, movedSecretConfig, identity},
		{"overridden namespace", "kubectl_manifest", kubectlManifest(strings.Replace(movedSecret, "team-a", "x", 1), "x", "team-a"),
			secretKind, movedSecretConfig, identity},
		{"k8sconnect_object", "k8sconnect_object", k8sconnectObject(movedSecret), secretKind, movedSecretConfig, identity},
		{"default namespace", "k8sconnect_object", k8sconnectObject(withoutNamespace), secretKind,
			strings.Replace(movedSecretConfig, "team-a", "default", 1), `{"name":"db","project":"default"}`},
		{"cluster store", "kubernetes_manifest", kubernetesManifest(movedClusterStore), storeKind, movedClusterStoreConfig, `{"name":"vault"}`},
		{"store", "k8sconnect_object", k8sconnectObject(movedStore), storeKind, movedStoreConfig, `{"name":"vault","project":"team-a"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			r.t = t
			moved := r.move(c.source, c.state, c.target)
			r.ok(moved.Diagnostics, nil)
			r.isIdentity(c.target, moved.TargetIdentity, c.identity)
			r.plansNothing(c.target, moved.TargetState, moved.TargetPrivate, c.config)
		})
	}
}

// plansNothing fails the test unless a configuration is planned as what is in the state.
func (r *rpc) plansNothing(kind string, state *tfprotov6.DynamicValue, private []byte, config string) {
	r.t.Helper()
	of := r.schemas.ResourceSchemas[kind].ValueType()
	prior, err := state.Unmarshal(of)
	r.ok(nil, err)
	computed := goValue(r.t, prior).(map[string]any)
	proposed := map[string]any{}
	r.ok(nil, json.Unmarshal([]byte(config), &proposed))
	for _, name := range []string{"id", "status", "up_to_date", "uids", "kind", "capabilities"} {
		if computed[name] != nil {
			proposed[name] = computed[name]
		}
	}
	answer, err := r.server.PlanResourceChange(context.Background(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: kind, PriorState: state, ProposedNewState: fromJSON(mustJSON(proposed)), Config: fromJSON(config), PriorPrivate: private,
	})
	r.ok(answer.Diagnostics, err)
	planned, err := answer.PlannedState.Unmarshal(of)
	r.ok(nil, err)
	if differences, err := prior.Diff(planned); err != nil || len(differences) > 0 {
		r.t.Errorf("the plan is not empty: %v %v", differences, err)
	}
}

func TestMoveStateRefuses(t *testing.T) {
	r := newConfiguredRPC(t, `{}`)
	for name, c := range map[string]struct{ source, state, target, text string }{
		"another resource":  {"helm_release", `{"name":"x"}`, secretKind, "does not include support for the given source resource"},
		"another kind":      {"kubernetes_manifest", kubernetesManifest("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: db, namespace: team-a}"), secretKind, "ConfigMap team-a/db cannot become an airm_project_secret"},
		"a store as secret": {"kubectl_manifest", kubectlManifest(movedStore, "team-a", ""), secretKind, "airm_provider_store"},
		"a secret as store": {"k8sconnect_object", k8sconnectObject(movedSecret), storeKind, "airm_project_secret"},
		"no object":         {"kubernetes_manifest", kubernetesManifest("[]"), secretKind, "is a list"},
		"no metadata":       {"kubectl_manifest", kubectlManifest("kind: ExternalSecret", "team-a", ""), secretKind, "no metadata"},
		"no state":          {"k8sconnect_object", `{}`, secretKind, "has no content"},
		"no JSON":           {"k8sconnect_object", `{"yaml_body": 1}`, secretKind, "cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			answer := r.move(c.source, c.state, c.target)
			if len(answer.Diagnostics) != 1 {
				t.Fatalf("%v", answer.Diagnostics)
			}
			contains(t, answer.Diagnostics[0].Summary+" "+answer.Diagnostics[0].Detail, c.text)
		})
	}
}

// apply makes an object by server-side apply, as kubernetes_manifest and k8sconnect_object do.
func (p *testProject) apply(manager, text string) *unstructured.Unstructured {
	p.t.Helper()
	object := &unstructured.Unstructured{}
	p.ok(yaml.Unmarshal([]byte(p.hcl(text)), &object.Object))
	body, err := object.MarshalJSON()
	p.ok(err)
	objects, options := p.objects(object.GetKind()), metav1.PatchOptions{FieldManager: manager}
	applied, err := objects.Patch(context.Background(), object.GetName(), types.ApplyPatchType, body, options)
	p.ok(err)
	return applied
}

// A moved resource is read and planned without a change, does not touch the object, and becomes ours
// with the next change: also where its former provider used server-side apply.
func TestAccMoveState(t *testing.T) {
	t.Parallel()
	for source, state := range map[string]func(p *testProject, manifest string) string{
		"kubernetes_manifest": func(_ *testProject, manifest string) string { return kubernetesManifest(manifest) },
		"kubectl_manifest":    func(p *testProject, manifest string) string { return kubectlManifest(manifest, p.name, "") },
		"k8sconnect_object":   func(_ *testProject, manifest string) string { return k8sconnectObject(manifest) },
	} {
		t.Run(source, func(t *testing.T) {
			t.Parallel()
			p := newProject(t)
			manifest := p.hcl("apiVersion: $eso\nkind: ExternalSecret\nmetadata: {name: db, namespace: $project, labels: {team: a}}\n" +
				"spec: {refreshInterval: 1h, secretStoreRef: {name: $store, kind: SecretStore}, data: [{secretKey: password, remoteRef: {key: password}}], target: {name: other}}")
			p.apply("Terraform", manifest)
			p.eventually("it is synced", func() bool { return p.ready("ExternalSecret", "db") == "True" })
			before := p.get("ExternalSecret", "db")

			path, _ := json.Marshal(os.Getenv("KUBECONFIG"))
			r := newConfiguredRPC(t, `{"config_path":`+string(path)+`}`)
			moved := r.move(source, state(p, manifest), secretKind)
			r.ok(moved.Diagnostics, nil)
			read, err := r.server.ReadResource(context.Background(), &tfprotov6.ReadResourceRequest{
				TypeName: secretKind, CurrentState: moved.TargetState, Private: moved.TargetPrivate, CurrentIdentity: moved.TargetIdentity,
			})
			r.ok(read.Diagnostics, err)
			config := p.hcl(`{"project":"$project","name":"db","labels":{"team":"a"},"refresh_interval":"1h","store":{"name":"$store","kind":"SecretStore"},` +
				`"data":{"password":{"key":"password"}},"target":{"name":"other"}}`)
			r.plansNothing(secretKind, read.NewState, read.Private, config)
			if got := p.get("ExternalSecret", "db").GetResourceVersion(); got != before.GetResourceVersion() {
				t.Error("the object was touched")
			}

			labelled := strings.Replace(config, `"team":"a"`, `"team":"a","more":"b"`, 1)
			r.update(read, labelled)
			changed := strings.Replace(labelled, `,"target":{"name":"other"}`, ``, 1)
			changed = strings.Replace(changed, `"1h"`, `"2h"`, 1)
			r.update(r.read(read), changed)
			after := p.get("ExternalSecret", "db")
			spec := nested(after.Object, "spec")
			if after.GetUID() != before.GetUID() || spec["refreshInterval"] != "2h0m0s" || nested(spec, "target")["name"] != nil {
				t.Errorf("it became %v", after.Object["spec"])
			}
		})
	}
}

// A resource of a real provider, made by it, becomes ours with a moved block and a real CLI.
func TestAccMoveFromKubectlProvider(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	other := os.Getenv("AIRM_KUBECTL_PROVIDER")
	if other == "" {
		t.Skip("AIRM_KUBECTL_PROVIDER is not set: `make testacc` builds that provider")
	}
	w := p.newWorkspace()
	w.write("kubectl/link", "")
	p.ok(os.Symlink(other, filepath.Join(w.dir, "kubectl/terraform-provider-kubectl")))
	w.overrideProviders(map[string]string{
		"amd-enterprise-ai/airm": filepath.Join(w.dir, "bin"), "gavinbunney/kubectl": filepath.Join(w.dir, "kubectl"),
	})
	w.write("kubectl.tf", `
provider "kubectl" {
  config_path = `+strconv.Quote(os.Getenv("KUBECONFIG"))+`
}
`)
	requires := `
terraform {
  required_providers {
    airm    = { source = "amd-enterprise-ai/airm" }
    kubectl = { source = "gavinbunney/kubectl" }
  }
}
`
	w.write("main.tf", requires+p.hcl(`
resource "kubectl_manifest" "db" {
  yaml_body = <<-EOT
    apiVersion: $eso
    kind: ExternalSecret
    metadata:
      name: db
      namespace: $project
      labels: {team: a}
    spec:
      refreshInterval: 1h
      secretStoreRef: {name: $store, kind: SecretStore}
      data:
        - secretKey: password
          remoteRef: {key: password}
  EOT
}

resource "kubectl_manifest" "store" {
  yaml_body = <<-EOT
    apiVersion: $eso
    kind: SecretStore
    metadata: {name: moved, namespace: $project}
    spec:
      provider:
        fake: {data: [{key: k, value: v}]}
  EOT
}
`))
	w.run("apply", "-auto-approve", "-no-color")
	p.eventually("it is synced", func() bool { return p.ready("ExternalSecret", "db") == "True" })
	before := p.get("ExternalSecret", "db")
	store := p.get("SecretStore", "moved").GetUID()

	ours := func(interval string) string {
		return requires + p.hcl(`
resource "airm_project_secret" "db" {
  project          = "$project"
  name             = "db"
  labels           = { team = "a" }
  refresh_interval = "`+interval+`"
  store            = { name = "$store", kind = "SecretStore" }
  data             = { password = { key = "password" } }
}

resource "airm_provider_store" "store" {
  project = "$project"
  name    = "moved"
  fake    = { data = [{ key = "k", value = "v" }] }
}
`)
	}
	w.write("main.tf", ours("1h"))
	w.write("moved.tf", `
moved {
  from = kubectl_manifest.db
  to   = airm_project_secret.db
}

moved {
  from = kubectl_manifest.store
  to   = airm_provider_store.store
}
`)
	contains(t, w.run("plan", "-no-color"), "kubectl_manifest.db has moved to airm_project_secret.db", "kubectl_manifest.store has moved to airm_provider_store.store",
		"0 to add, 0 to change, 0 to destroy")
	w.run("apply", "-auto-approve", "-no-color")
	now := p.get("ExternalSecret", "db")
	if now.GetUID() != before.GetUID() || now.GetGeneration() != before.GetGeneration() ||
		!maps.Equal(now.GetLabels(), before.GetLabels()) {
		t.Errorf("the move changed it: %v", now.Object)
	}
	p.ok(os.Remove(filepath.Join(w.dir, "moved.tf")))
	p.ok(os.Remove(filepath.Join(w.dir, "kubectl.tf")))
	contains(t, w.run("plan", "-no-color"), "No changes")

	w.write("main.tf", ours("2h"))
	contains(t, w.run("apply", "-auto-approve", "-no-color"), "0 added, 1 changed, 0 destroyed")
	if now := p.get("ExternalSecret", "db"); now.GetUID() != before.GetUID() || nested(now.Object, "spec")["refreshInterval"] != "2h0m0s" {
		t.Errorf("it became %v", now.Object)
	}
	if p.get("SecretStore", "moved").GetUID() != store {
		t.Error("the store was replaced")
	}
	contains(t, w.run("destroy", "-auto-approve", "-no-color"), "2 destroyed")
	p.expect("ExternalSecret db", false)()
}

// update plans and applies a change of the project secret that was read.
func (r *rpc) update(read *tfprotov6.ReadResourceResponse, config string) {
	r.t.Helper()
	planned, err := r.server.PlanResourceChange(context.Background(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: secretKind, PriorState: read.NewState, ProposedNewState: fromJSON(config), Config: fromJSON(config),
		PriorPrivate: read.Private, PriorIdentity: read.NewIdentity,
	})
	r.ok(planned.Diagnostics, err)
	if len(planned.RequiresReplace) > 0 {
		r.t.Fatalf("it would be replaced because of %v", planned.RequiresReplace)
	}
	updated, err := r.server.ApplyResourceChange(context.Background(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: secretKind, PriorState: read.NewState, PlannedState: planned.PlannedState, Config: fromJSON(config),
		PlannedPrivate: planned.PlannedPrivate, PlannedIdentity: planned.PlannedIdentity,
	})
	r.ok(updated.Diagnostics, err)
	read.NewState, read.Private, read.NewIdentity = updated.NewState, updated.Private, updated.NewIdentity
}

func (r *rpc) read(last *tfprotov6.ReadResourceResponse) *tfprotov6.ReadResourceResponse {
	r.t.Helper()
	read, err := r.server.ReadResource(context.Background(), &tfprotov6.ReadResourceRequest{
		TypeName: secretKind, CurrentState: last.NewState, Private: last.Private, CurrentIdentity: last.NewIdentity,
	})
	r.ok(read.Diagnostics, err)
	return read
}

// A moved block cannot take what an assignment made, as an import cannot.
func TestAccMoveAssigned(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	manifest := p.hcl("apiVersion: $eso\nkind: ExternalSecret\nmetadata: {name: db, namespace: $project}\n" +
		"spec: {secretStoreRef: {name: $store, kind: SecretStore}, data: [{secretKey: password, remoteRef: {key: password}}]}")
	p.apply("Terraform", strings.Replace(manifest, "metadata: {",
		"metadata: {annotations: {terraform-provider-airm/organization-secret: db, terraform-provider-airm/home: "+p.name+"/db}, ", 1))
	path, _ := json.Marshal(os.Getenv("KUBECONFIG"))
	r := newConfiguredRPC(t, `{"config_path":`+string(path)+`}`)
	moved := r.move("k8sconnect_object", k8sconnectObject(manifest), secretKind)
	r.ok(moved.Diagnostics, nil)
	read, err := r.server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: secretKind, CurrentState: moved.TargetState, Private: moved.TargetPrivate, CurrentIdentity: moved.TargetIdentity,
	})
	p.ok(err)
	if len(read.Diagnostics) != 1 || read.Diagnostics[0].Severity != tfprotov6.DiagnosticSeverityError {
		t.Fatalf("diagnostics: %v", read.Diagnostics)
	}
	contains(t, read.Diagnostics[0].Summary, "is an organization secret's")
}
