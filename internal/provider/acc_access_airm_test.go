// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	sigsyaml "sigs.k8s.io/yaml"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

// These tests have AIRM's own roles (testdata/airm_roles.yaml) beside the files of examples/rbac.

const (
	airmRoles    = "testdata/airm_roles.yaml"
	agentValues  = "airm/helm/agent-values.yaml" // in examples/rbac; no Kubernetes object
	agentStores  = "airm/agent-stores.yaml"
	airmAdmins   = "airm/platform-administrators.yaml"
	airmGroup    = "oidc:airm-role:Platform Administrator"
	airmOldGroup = "oidcairm-role:Platform Administrator"
)

// rbacFiles returns the files of examples/rbac that have Kubernetes objects.
func rbacFiles(t *testing.T) []string {
	t.Helper()
	files := []string{}
	err := filepath.WalkDir(rbacFolder, func(path string, _ fs.DirEntry, err error) error {
		relative, _ := filepath.Rel(rbacFolder, path)
		if err == nil && filepath.Ext(path) == ".yaml" && relative != agentValues {
			files = append(files, relative)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.SortStableFunc(files, func(a, b string) int { return strings.Count(a, "/") - strings.Count(b, "/") }) // as the README says
	return files
}

// Applying examples/rbac to a platform changes nothing of AIRM's: no object has one of its names.
func TestAccessNamesAreOurs(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(airmRoles)
	if err != nil {
		t.Fatal(err)
	}
	objects, err := decodeObjects(string(text))
	if err != nil {
		t.Fatal(err)
	}
	theirs := map[string]bool{"airm": true, "airm-agent": true, "airm-api": true, "airm-webhook": true}
	for _, object := range objects {
		theirs[object.GetName()] = true
	}
	for _, file := range rbacFiles(t) {
		text, err := os.ReadFile(filepath.Join(rbacFolder, file))
		if err != nil {
			t.Fatal(err)
		}
		if file == agentStores {
			text = []byte(uncommented(string(text)))
		}
		objects, err := decodeObjects(string(text))
		if err != nil {
			t.Fatalf("%s: %s", file, err)
		}
		if len(objects) == 0 {
			t.Errorf("%s has no objects", file)
		}
		for _, object := range objects {
			ours := strings.HasPrefix(object.GetName(), "terraform-airm-") ||
				object.GetKind() == "Namespace" && object.GetName() == airm.DefaultPlatformNamespace
			if !ours || theirs[object.GetName()] {
				t.Errorf("%s: %s %q may belong to others: the names of ours begin with terraform-airm-", file, object.GetKind(), object.GetName())
			}
		}
	}
}

// uncommented is the YAML that stands in a file's comments, after the prose.
func uncommented(text string) string {
	_, text, _ = strings.Cut(text, "\n# apiVersion:")
	return strings.ReplaceAll("\n# apiVersion:"+text, "\n# ", "\n")
}

// airmRule is what AIRM's chart takes of a rule.
type airmRule struct {
	APIGroups []string `json:"apiGroups"`
	Resources []string `json:"resources"`
	Verbs     []string `json:"verbs"`
}

// installAIRM makes AIRM's roles, with further rules as Helm values give them.
func (a *access) installAIRM(admin, member []airmRule) {
	a.t.Helper()
	text, err := os.ReadFile(airmRoles)
	a.ok(err)
	objects, err := decodeObjects(strings.NewReplacer(a.airmNames()...).Replace(string(text)))
	a.ok(err)
	for _, object := range objects {
		more := map[string][]airmRule{"airm-platform-admin": admin, "airm-project-member": member}[object.GetName()]
		for _, rule := range more {
			rules, _, _ := unstructured.NestedSlice(object.Object, "rules")
			added := map[string]any{}
			a.ok(sigsyaml.Unmarshal([]byte(mustJSON(rule)), &added))
			a.ok(unstructured.SetNestedSlice(object.Object, append(rules, added), "rules"))
		}
		a.rename(object)
		a.installObject("", object)
	}
	a.create("RoleBinding", "airm-members", `
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: $project-airm-project-member}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: "oidc:$project"}]`)
}

// airmNames makes subjects unique to the test.
func (a *access) airmNames() []string {
	return []string{airmGroup, "oidc:" + a.name + ":Platform Administrator", airmOldGroup, "oidc" + a.name + ":Platform Administrator",
		"namespace: airm\n", "namespace: " + a.name + "\n", "namespace: airm}", "namespace: " + a.name + "}", "RELEASE", "airm"}
}

// helmValues reads the rules that examples/rbac adds to AIRM's roles.
func helmValues(t *testing.T) (admin, member []airmRule) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(rbacFolder, agentValues))
	if err != nil {
		t.Fatal(err)
	}
	values := struct {
		AIRM struct {
			AdditionalClusterRoles struct {
				PlatformAdmin []airmRule `json:"platformAdmin"`
				ProjectMember []airmRule `json:"projectMember"`
			} `json:"additionalClusterRoles"`
		} `json:"airm"`
	}{}
	if err := sigsyaml.UnmarshalStrict(text, &values); err != nil {
		t.Fatal(err)
	}
	roles := values.AIRM.AdditionalClusterRoles
	for _, rule := range append(slices.Clone(roles.PlatformAdmin), roles.ProjectMember...) {
		if len(rule.APIGroups) == 0 || len(rule.Resources) == 0 || len(rule.Verbs) == 0 {
			t.Errorf("a rule needs apiGroups, resources and verbs: %v", rule)
		}
	}
	return roles.PlatformAdmin, roles.ProjectMember
}

func TestAccessHelmValues(t *testing.T) {
	t.Parallel()
	admin, member := helmValues(t)
	if len(admin) == 0 || len(member) == 0 {
		t.Error("there are no rules")
	}
}

func (a *access) airmAgent() actor {
	name := "system:serviceaccount:" + a.name + ":airm-agent-sa"
	return a.actor(name, a.user(name, "system:serviceaccounts", "system:serviceaccounts:"+a.name))
}

func (a *access) airmAdministrator(name string) actor {
	name = a.name + "-" + name
	return a.actor(name, a.user(name, "oidc:"+a.name+":Platform Administrator"))
}

func (a *access) airmMember() actor {
	name := a.name + "-member"
	return a.actor(name, a.user(name, "oidc:"+a.name))
}

// On top of AIRM's roles, all files of examples/rbac change none of them.
func TestAccAccessLeavesAIRMAlone(t *testing.T) {
	t.Parallel()
	a := newAccess(t, 0)
	a.installAIRM(nil, nil)
	all := func() map[string]map[string]any {
		objects := map[string]map[string]any{}
		for kind, names := range map[string][]string{
			"ClusterRole":        {"airm-platform-admin", "airm-project-member", "airm-agent-cluster-role"},
			"ClusterRoleBinding": {"airm-platform-admin-role-binding", "airm-agent-cluster-role-binding"},
		} {
			for _, name := range names {
				object, err := a.Client.Resource(accessKinds[kind]).Get(context.Background(), a.name+"-"+name, metav1.GetOptions{})
				a.ok(err)
				objects[kind+" "+name] = object.Object
			}
		}
		return objects
	}
	before := all()
	for _, file := range rbacFiles(t) {
		text, err := os.ReadFile(filepath.Join(rbacFolder, file))
		a.ok(err)
		if file == agentStores {
			text = []byte(uncommented(string(text)))
		}
		a.installText(a.name, file, strings.NewReplacer(append(a.airmNames(),
			"name: platform-admins", "name: "+a.name+"-admins", "name: status-readers", "name: "+a.name+"-readers")...).Replace(string(text)))
	}
	for name, object := range all() {
		if !sameContent(before[name], object) {
			t.Errorf("%s is changed:\n%v\n%v", name, before[name], object)
		}
	}
}

// attempt is something that an actor tries, without changing anything.
type attempt func(b actor) error

// attempts are what AIRM's actors may try on the objects of a project that has the secret "shared".
func (a *access) attempts() map[string]attempt {
	const label = airm.LabelOrganizationSecret
	patch := func(name, patch string) attempt { return func(b actor) error { return b.patch(name, a.hcl(patch)) } }
	post := func(text string) attempt { return func(b actor) error { return b.post(a.hcl(text), true) } }
	meta := func(kind, key, value string) attempt {
		return patch("shared", `{"metadata":{"`+kind+`":{"`+key+`":`+value+`}}}`)
	}
	const own = `spec: {secretStoreRef: {name: $store, kind: SecretStore}, data: [{secretKey: a, remoteRef: {key: password}}]}`
	return map[string]attempt{
		"read it": func(b actor) error {
			_, err := b.objects.Get(context.Background(), "shared", metav1.GetOptions{})
			return err
		},
		"delete it": func(b actor) error {
			return b.objects.Delete(context.Background(), "shared", metav1.DeleteOptions{DryRun: dryRunAll})
		},
		"delete by label": func(b actor) error {
			dryRun, selected := metav1.DeleteOptions{DryRun: dryRunAll}, metav1.ListOptions{LabelSelector: label}
			return b.objects.DeleteCollection(context.Background(), dryRun, selected)
		},
		"change it":             patch("shared", `{"spec":{"refreshInterval":"5m"}}`),
		"remove the label":      meta("labels", label, "null"),
		"remove the annotation": meta("annotations", label, "null"),
		"forge the label":       post("{metadata: {labels: {" + label + ": x}}, " + own + "}"),
		"forge the annotation":  post("{metadata: {annotations: {" + label + ": shared}}, " + own + "}"),
		"use the store of all":  post(`{spec: {secretStoreRef: {name: $project, kind: ClusterSecretStore}, data: [{secretKey: a, remoteRef: {key: other}}]}}`),
		"use no store":          post(`{spec: {dataFrom: [{find: {name: {regexp: .*}}}]}}`),
		"a secret of a project": post("{" + own + "}"),
		"AIRM's label":          meta("labels", "airm.silogen.ai/secret-scope", `"Project"`),
		"AIRM's annotation":     meta("annotations", airmSubmitter, `"another-user"`),
		"another id in AIRM":    meta("labels", airmID, `"1"`),
		"list it in AIRM":       meta("annotations", airmDiscovered, `"true"`),
		"add AIRM's finalizer": func(b actor) error {
			return b.patch("shared", a.finalizers("shared", agentFinalizer))
		},
		"drop AIRM's finalizer": func(b actor) error { return b.patch("shared", a.finalizers("shared")) },
		"ask for a sync":        meta("annotations", "force-sync", `"now"`),
		"write a record": func(b actor) error {
			b.project = a.platform
			return b.dryRun("ConfigMap", "{}")
		},
		"read the namespace": func(b actor) error {
			_, err := b.client.Resource(a.Resource("Namespace")).Get(context.Background(), a.name, metav1.GetOptions{})
			return err
		},
		"make a store": func(b actor) error {
			return b.dryRun("SecretStore", `{spec: {provider: {fake: {data: [{key: a, value: b}]}}}}`)
		},
		"list values": func(b actor) error {
			_, err := b.client.Resource(a.Resource("Secret")).Namespace(a.name).List(context.Background(), metav1.ListOptions{})
			return err
		},
	}
}

// expect compares what an actor may do with what RBAC (r) and the policies (p) refuse; the rest is allowed.
func (a *access) expect(b actor, r, p []string) {
	a.t.Helper()
	attempts := a.attempts()
	for _, what := range append(slices.Clone(r), p...) {
		if attempts[what] == nil {
			a.t.Errorf("no attempt was made to %s", what)
		}
	}
	for _, what := range slices.Sorted(maps.Keys(attempts)) {
		var err error
		a.eventually(what, func() bool { // ESO and the agent write too
			err = attempts[what](b)
			return !apierrors.IsConflict(err)
		})
		got := "allowed"
		switch {
		case isRefused(err):
			got = "refused by a policy"
		case apierrors.IsForbidden(err):
			got = "refused by RBAC"
		case err != nil:
			got = err.Error()
		}
		want := "allowed"
		switch {
		case slices.Contains(p, what):
			want = "refused by a policy"
		case slices.Contains(r, what):
			want = "refused by RBAC"
		}
		if got != want {
			a.t.Errorf("%s, %s: %s, not %s (%v)", b.name, what, got, want, err)
		}
	}
}

// What AIRM's agent, its platform administrators and its project members may do, with its own roles and with ours, without
// the policies and with them.
func TestAccAccessAIRM(t *testing.T) {
	t.Parallel()
	a := newAccess(t, 0)
	a.install("", "platform-admin.yaml", "name: platform-admins", "name: "+a.name+"-admins")
	a.installAIRM(nil, nil)
	organization := a.share()
	agent, administrator, member := a.airmAgent(), a.airmAdministrator("administrator"), a.airmMember()
	a.allowed(agent, "delete", airm.Group, "externalsecrets")
	a.allowed(administrator, "delete", airm.Group, "externalsecrets")
	a.allowed(member, "list", "", "secrets")

	protected := []string{"delete it", "delete by label", "change it", "remove the label", "remove the annotation",
		"forge the label", "forge the annotation", "use the store of all", "use no store", "another id in AIRM", "list it in AIRM"}
	adminLacks := []string{"write a record", "make a store", "delete by label"}
	protectedFromAdmin := slices.DeleteFunc(slices.Clone(protected), func(what string) bool { return what == "delete by label" })
	memberLacks := append(slices.Clone(protected), "a secret of a project", "AIRM's label", "AIRM's annotation", "add AIRM's finalizer",
		"drop AIRM's finalizer", "ask for a sync", "write a record", "read the namespace", "make a store")
	a.expect(agent, []string{"make a store"}, nil)
	a.expect(administrator, adminLacks, nil)
	a.expect(member, memberLacks, nil)

	a.installPolicies()
	a.expect(agent, []string{"make a store"}, protected)
	a.expect(administrator, adminLacks, append(protectedFromAdmin, "add AIRM's finalizer"))
	a.expect(member, memberLacks, nil)

	view := a.workspaceOf(a.user(administrator.name, "oidc:"+a.name+":Platform Administrator"))
	view.configure(a.provider() + a.hcl(administratorView))
	view.apply()

	// The agent does its work on the object, and may use the store that it was granted.
	a.agentMarks(agent, "shared")
	text, err := os.ReadFile(filepath.Join(rbacFolder, agentStores))
	a.ok(err)
	names := strings.NewReplacer(append(a.airmNames(), "openbao-secret-store", a.name)...)
	a.installText("", agentStores, names.Replace(uncommented(string(text))))
	const use = "use the store of all"
	a.eventually("the agent may use the store", func() bool { return a.attempts()[use](agent) == nil })
	others := slices.DeleteFunc(slices.Clone(protected), func(what string) bool { return what == use })
	a.expect(agent, []string{"make a store"}, others)

	// With our binding AIRM's administrators are platform admins.
	text, err = os.ReadFile(filepath.Join(rbacFolder, airmAdmins))
	a.ok(err)
	a.installText("", airmAdmins, strings.NewReplacer(a.airmNames()...).Replace(string(text)))
	a.allowed(administrator, "manage", "terraform-provider-airm", "organizationsecrets")
	a.eventually("records may be written", func() bool { return a.attempts()["write a record"](administrator) == nil })
	a.expect(administrator, []string{"delete by label"}, nil)
	w := a.workspaceOf(a.user(administrator.name, "oidc:"+a.name+":Platform Administrator"))
	w.configure(strings.ReplaceAll(strings.ReplaceAll(a.organizationSecret(""), `"shared"`, `"by-airm"`), `"`+a.name+`"
  fake`, `"`+a.name+`-by-airm"
  fake`))
	w.apply()
	w.plansNothing()
	a.agentMarks(agent, "by-airm")
	w.destroy()
	organization.destroy()
}

// AIRM's webhook adds to every write, in the request of the user. It may, also where the object has no id of AIRM's.
func TestAccAccessAIRMWebhook(t *testing.T) {
	t.Parallel()
	a := newAccess(t, 0)
	a.externalSecret("old", `
metadata: {labels: {terraform-provider-airm/organization-secret: x}, annotations: {terraform-provider-airm/organization-secret: old}}
spec: {refreshInterval: "0", secretStoreRef: {name: $store, kind: SecretStore}, data: [{secretKey: password, remoteRef: {key: password}}]}`)
	a.eventually("the operator has synced it", func() bool { return a.ready("ExternalSecret", "old") == "True" })
	organization := a.share()
	a.ok(newAIRM(a.testProject).StartWebhook(t.Context()))
	a.installPolicies()
	editor := a.as(a.name + "-editor")
	for _, name := range []string{"old", "shared"} {
		sync, options := []byte(`{"metadata":{"annotations":{"force-sync":"now"}}}`), metav1.PatchOptions{DryRun: dryRunAll}
		object, err := editor.objects.Patch(context.Background(), name, types.MergePatchType, sync, options)
		a.ok(err)
		if object.GetLabels()["airm.silogen.ai/project-id"] == "" {
			t.Errorf("the webhook was not called for %s", name)
		}
	}
	if err := editor.patch("shared", `{"metadata":{"labels":{"`+airmID+`":"1"}}}`); !isRefused(err) {
		t.Errorf("another id: %v", err)
	}
	organization.destroy()
}

// agentMarks does what AIRM's agent does with an object, and removes its finalizer when the object is being deleted.
func (a *access) agentMarks(agent actor, name string) {
	a.t.Helper()
	a.eventually("the agent marks "+name, func() bool {
		object, err := agent.objects.Get(context.Background(), name, metav1.GetOptions{})
		a.ok(err)
		labels, annotations := object.GetLabels(), object.GetAnnotations()
		labels["airm.silogen.ai/secret-scope"], annotations[airmSubmitter] = "Project", "another-user"
		object.SetLabels(labels)
		object.SetAnnotations(annotations)
		object.SetFinalizers(append(object.GetFinalizers(), agentFinalizer))
		_, err = agent.objects.Update(context.Background(), object, metav1.UpdateOptions{FieldManager: "manager"})
		if !apierrors.IsConflict(err) {
			a.ok(err)
		}
		return err == nil
	})
	done := make(chan struct{})
	watch, err := agent.objects.Watch(context.Background(), metav1.ListOptions{FieldSelector: "metadata.name=" + name})
	a.ok(err)
	go func() {
		defer close(done)
		for event := range watch.ResultChan() {
			object, isObject := event.Object.(*unstructured.Unstructured)
			if !isObject || object.GetDeletionTimestamp() == nil || !slices.Contains(object.GetFinalizers(), agentFinalizer) {
				continue
			}
			object.SetFinalizers(slices.DeleteFunc(object.GetFinalizers(), func(f string) bool { return f == agentFinalizer }))
			_, err := agent.objects.Update(context.Background(), object, metav1.UpdateOptions{FieldManager: "manager"})
			if err != nil && !apierrors.IsConflict(err) && !apierrors.IsNotFound(err) {
				a.t.Errorf("the agent cannot remove its finalizer: %s", err)
			}
		}
	}()
	a.t.Cleanup(func() {
		watch.Stop()
		<-done
		a.release("ExternalSecret", name)
	})
}

// allowed waits until a right of an actor is in force.
func (a *access) allowed(b actor, verb, group, resource string) {
	a.t.Helper()
	a.eventually(b.name+" may "+verb+" "+resource, func() bool { return b.may(verb, group, resource, a.name) })
}

// With the Helm values that we propose, AIRM's roles are enough: for the policies, and for a member's data sources.
func TestAccAccessAIRMHelmValues(t *testing.T) {
	t.Parallel()
	a := newAccess(t, 0)
	a.install("", "platform-admin.yaml", "name: platform-admins", "name: "+a.name+"-admins")
	a.installAIRM(helmValues(t))
	a.installPolicies()
	organization := a.share()
	administrator, member := a.airmAdministrator("administrator"), a.airmMember()
	a.allowed(administrator, "manage", "terraform-provider-airm", "organizationsecrets")
	a.allowed(member, "list", airm.Group, "secretstores")
	a.expect(administrator, []string{"write a record", "delete by label"}, nil)

	w := a.workspaceOf(a.user(member.name, "oidc:"+a.name))
	w.configure(a.hcl(memberView))
	contains(t, w.apply(), `"shared" = "Organization Synced"`, `project = "`+a.name+`"`, `one = "Synced"`, `stores = [ "`+a.store+`", ]`)
	organization.destroy()
}

// administratorView is what AIRM's own administrators can see, with no role of ours.
const administratorView = `
data "airm_organization_secret" "test" { name = "shared" }
data "airm_organization_secrets" "test" {}
data "airm_projects" "test" {}
data "airm_project_secrets" "test" { project = "$project" }
data "airm_provider_store" "test" { name = "$project" }
`

// memberView is what a member can see of a project.
const memberView = `
data "airm_project_secret" "test" {
  project  = "$project"
  name     = "shared"
  wait_for = "Synced"
}
data "airm_project" "test" { name = "$project" }
data "airm_project_secrets" "test" { project = "$project" }
data "airm_provider_stores" "test" { project = "$project" }
data "airm_provider_store" "test" {
  project = "$project"
  name    = "$store"
}
output "one" { value = data.airm_project_secret.test.status }
output "project" { value = data.airm_project.test.name }
output "all" { value = { for s in data.airm_project_secrets.test.secrets : s.name => "${s.scope} ${s.status}" } }
output "stores" { value = [for s in data.airm_provider_stores.test.stores : s.name] }
`

// With AIRM's role alone a member sees single secrets; what asks whether the namespace is a project fails, and says why.
func TestAccAccessAIRMMember(t *testing.T) {
	t.Parallel()
	a := newAccess(t, 0)
	a.create("Namespace", a.platform, "{}")
	a.installAIRM(nil, nil)
	organization := a.share()
	member := a.airmMember()
	a.allowed(member, "list", "", "secrets")
	w := a.workspaceOf(a.user(member.name, "oidc:"+a.name))
	_, rest, _ := strings.Cut(memberView, `data "airm_project" `)
	one := strings.Replace(memberView, `data "airm_project" `+rest, "", 1)
	w.configure(a.hcl(one))
	w.apply()
	for _, source := range []string{
		`data "airm_project" "test" { name = "$project" }`,
		`data "airm_project_secrets" "test" { project = "$project" }`,
		`data "airm_provider_stores" "test" { project = "$project" }`,
		"data \"airm_provider_store\" \"test\" {\n project = \"$project\"\n name = \"$store\"\n}",
		`data "airm_projects" "test" {}`,
		`data "airm_organization_secrets" "test" {}`,
		`data "airm_organization_secret" "test" { name = "shared" }`,
		// AIRM binds the role in the project only, so it does not count for what is cluster-wide.
		`data "airm_provider_store" "all" { name = "$project" }`,
	} {
		w.configure(a.provider() + a.hcl(source))
		contains(t, w.fails("apply", "-auto-approve", "-no-color"), `User "`+member.name+`" cannot `)
	}
	organization.destroy()
}
