// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

// These tests apply the very files of examples/rbac, for users who have no other rights. Names of what is
// cluster-wide, and the platform namespace, are made unique to the test, and the policies bound to its namespaces.

const rbacFolder = "../../examples/rbac"

var policyFiles = []string{"policy-organization-secrets.yaml", "policy-cluster-wide-stores.yaml", "policy-ambient-credentials.yaml"}

// access is a platform namespace and projects to which the files of examples/rbac apply.
type access struct {
	*testProject // the first one
	others       []*testProject
	platform     string
	context      string // of KUBECONFIG, where it is not the current one
}

func newAccess(t *testing.T, others int) *access {
	t.Helper()
	a := &access{testProject: newProject(t)}
	for range others {
		a.others = append(a.others, newProject(t))
	}
	a.platform = a.name + "-platform"
	for _, p := range append(a.others, a.testProject) {
		p.patch("Namespace", p.name, `{"metadata":{"labels":{"acc-access":"`+a.name+`"}}}`)
	}
	return a
}

var accessKinds = map[string]schema.GroupVersionResource{
	"ClusterRole":                      {Group: "rbac.authorization.k8s.io", Version: "v1", Resource: "clusterroles"},
	"ClusterRoleBinding":               {Group: "rbac.authorization.k8s.io", Version: "v1", Resource: "clusterrolebindings"},
	"ValidatingAdmissionPolicy":        {Group: "admissionregistration.k8s.io", Version: "v1", Resource: "validatingadmissionpolicies"},
	"ValidatingAdmissionPolicyBinding": {Group: "admissionregistration.k8s.io", Version: "v1", Resource: "validatingadmissionpolicybindings"},
}

// install applies a file of examples/rbac, as kubectl does, in a namespace where the file names none. The
// replacements are for groups, and for permissions to be removed.
func (a *access) install(namespace, file string, replacements ...string) {
	a.t.Helper()
	text, err := os.ReadFile(filepath.Join(rbacFolder, file))
	a.ok(err)
	a.installText(namespace, file, string(text), replacements...)
}

func (a *access) installText(namespace, file, text string, replacements ...string) {
	a.t.Helper()
	for i := 0; i < len(replacements); i += 2 {
		if !strings.Contains(text, replacements[i]) {
			a.t.Fatalf("%s has no %q", file, replacements[i])
		}
	}
	objects, err := decodeObjects(strings.NewReplacer(append(replacements, "airm-secrets", a.platform)...).Replace(text))
	a.ok(err)
	for _, object := range objects {
		a.rename(object)
		a.installObject(namespace, object)
	}
}

// rename makes the names in an object unique to the test: two that are equal stay equal, in all roles.
func (a *access) rename(object *unstructured.Unstructured) {
	if object.GetKind() == "Namespace" {
		return
	}
	object.SetName(a.name + "-" + object.GetName())
	for _, field := range [][]string{{"roleRef", "name"}, {"spec", "policyName"}} {
		if name, found, _ := unstructured.NestedString(object.Object, field...); found {
			a.ok(unstructured.SetNestedField(object.Object, a.name+"-"+name, field...))
		}
	}
}

// decodeObjects reads the documents of a YAML file, but for those that have only comments.
func decodeObjects(text string) ([]*unstructured.Unstructured, error) {
	objects := []*unstructured.Unstructured{}
	decoder := yaml.NewYAMLOrJSONDecoder(strings.NewReader(text), 4096)
	for {
		object := &unstructured.Unstructured{}
		err := decoder.Decode(&object.Object)
		if errors.Is(err, io.EOF) {
			return objects, nil
		}
		if err != nil {
			return nil, err
		}
		if object.Object != nil {
			objects = append(objects, object)
		}
	}
}

func (a *access) installObject(namespace string, object *unstructured.Unstructured) {
	a.t.Helper()
	gvr, clusterWide := accessKinds[object.GetKind()]
	if !clusterWide {
		gvr, clusterWide = a.Resource(object.GetKind()), object.GetKind() == "Namespace"
	}
	client := dynamic.ResourceInterface(a.Client.Resource(gvr))
	if !clusterWide {
		if object.GetNamespace() != "" {
			namespace = object.GetNamespace()
		}
		client = a.Client.Resource(gvr).Namespace(namespace)
	}
	switch object.GetKind() {
	case "Namespace":
		object.SetLabels(map[string]string{"acc-access": a.name})
	case "ValidatingAdmissionPolicyBinding":
		a.ok(unstructured.SetNestedField(object.Object, a.name, "spec", "matchResources", "namespaceSelector", "matchLabels", "acc-access"))
	}
	_, err := client.Apply(context.Background(), object.GetName(), object, metav1.ApplyOptions{FieldManager: "kubectl", Force: true})
	a.ok(err)
	if clusterWide {
		a.t.Cleanup(func() {
			if err := client.Delete(context.Background(), object.GetName(), metav1.DeleteOptions{}); !apierrors.IsNotFound(err) {
				a.ok(err)
			}
		})
	}
}

// installPolicies applies the policies and waits until they are in force.
func (a *access) installPolicies() {
	a.t.Helper()
	for _, file := range policyFiles {
		a.install("", file)
	}
	stranger := a.as("editor")
	for _, spec := range []string{
		`{metadata: {labels: {terraform-provider-airm/organization-secret: x}}, spec: {data: []}}`,
		`{spec: {secretStoreRef: {name: x, kind: ClusterSecretStore}}}`,
	} {
		a.eventually("a policy is in force", func() bool {
			return isRefused(stranger.post(spec, true))
		})
	}
	a.eventually("a policy is in force", func() bool {
		return isRefused(stranger.dryRun("SecretStore", `{spec: {provider: {aws: {service: SecretsManager, region: x}}}}`))
	})
}

// user returns the path of a kubeconfig for a user. The control plane has some; others are impersonated.
func (a *access) user(name string, groups ...string) string {
	a.t.Helper()
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(
		&clientcmd.ClientConfigLoadingRules{Precedence: filepath.SplitList(os.Getenv("KUBECONFIG"))}, nil).RawConfig()
	a.ok(err)
	if a.context != "" {
		config.CurrentContext = a.context
	}
	kubeContext := name + "@" + config.CurrentContext
	if _, exists := config.Contexts[kubeContext]; exists {
		config.CurrentContext = kubeContext
	} else {
		user := config.AuthInfos[config.Contexts[config.CurrentContext].AuthInfo].DeepCopy()
		user.Impersonate, user.ImpersonateGroups = name, append([]string{"system:authenticated"}, groups...)
		config.AuthInfos = map[string]*api.AuthInfo{config.Contexts[config.CurrentContext].AuthInfo: user}
	}
	path := filepath.Join(a.t.TempDir(), "kubeconfig")
	a.ok(clientcmd.WriteToFile(config, path))
	return path
}

// workspaceOf makes a workspace of a user, with the arguments of the examples.
func (a *access) workspaceOf(kubeconfig string) *workspace {
	a.t.Helper()
	w := newWorkspace(a.t)
	w.setenv("KUBECONFIG", kubeconfig)
	return w
}

// example writes the configuration of a folder of examples/rbac into a workspace.
func (a *access) example(w *workspace, folder string, variables map[string]string) {
	a.t.Helper()
	text, err := os.ReadFile(filepath.Join(rbacFolder, folder, "main.tf"))
	a.ok(err)
	w.write("main.tf", string(text))
	for name, value := range variables {
		w.setenv("TF_VAR_"+name, value)
	}
}

// provider is the provider block with the platform namespace of the test.
func (a *access) provider() string {
	return "provider \"airm\" {\n  platform_namespace = \"" + a.platform + "\"\n}\n"
}

// allow waits until a right that was granted is in force.
func (a *access) allow(kubeconfig, verb, group, resource, namespace string) {
	a.t.Helper()
	b := a.actor("", kubeconfig)
	a.eventually("may "+verb+" "+resource, func() bool { return b.may(verb, group, resource, namespace) })
}

// may asks the API server whether the actor has a right.
func (b actor) may(verb, group, resource, namespace string) bool {
	b.t.Helper()
	return b.review(map[string]any{
		"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
		"spec": map[string]any{"resourceAttributes": map[string]any{"verb": verb, "group": group, "resource": resource, "namespace": namespace}},
	})
}

func (b actor) review(object map[string]any) bool {
	b.t.Helper()
	reviews := b.client.Resource(schema.GroupVersionResource{
		Group: "authorization.k8s.io", Version: "v1", Resource: "selfsubjectaccessreviews",
	})
	answer, err := reviews.Create(context.Background(), &unstructured.Unstructured{Object: object}, metav1.CreateOptions{})
	if err != nil {
		b.t.Fatal(err)
	}
	allowed, _, _ := unstructured.NestedBool(answer.Object, "status", "allowed")
	return allowed
}

func (a *access) clientOf(kubeconfig string) dynamic.Interface {
	a.t.Helper()
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	a.ok(err)
	config.QPS = -1
	client, err := dynamic.NewForConfig(config)
	a.ok(err)
	return client
}

// actor changes objects of the first project as another user does.
type actor struct {
	t       *testing.T
	name    string
	project string
	in      *access
	client  dynamic.Interface
	objects dynamic.ResourceInterface // the ExternalSecrets
}

// as returns a user with the role "edit" in the first project, into which ESO's chart aggregates its kinds.
func (a *access) as(name string) actor {
	a.t.Helper()
	binding := a.name + "-" + name
	if a.get("RoleBinding", binding) == nil {
		a.create("RoleBinding", binding, `
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: `+name+`}]`)
	}
	kubeconfig := a.user(name)
	a.allow(kubeconfig, "delete", airm.Group, "externalsecrets", a.name)
	return a.actor(name, kubeconfig)
}

func (a *access) actor(name, kubeconfig string) actor {
	a.t.Helper()
	client := a.clientOf(kubeconfig)
	objects := client.Resource(a.Resource("ExternalSecret")).Namespace(a.name)
	return actor{t: a.t, name: name, project: a.name, in: a, client: client, objects: objects}
}

// dryRunAll asks the API server to check a request and to change nothing.
var dryRunAll = []string{metav1.DryRunAll}

// dryRun asks whether an object of a kind could be created in the project.
func (b actor) dryRun(kind, text string) error {
	b.t.Helper()
	object := &unstructured.Unstructured{}
	if err := yaml.Unmarshal([]byte(text), &object.Object); err != nil {
		b.t.Fatal(err)
	}
	gvr := b.in.Resource(kind)
	object.SetGroupVersionKind(gvr.GroupVersion().WithKind(kind))
	if object.GetName() == "" {
		object.SetGenerateName("made-")
	}
	objects := b.client.Resource(gvr).Namespace(b.project)
	_, err := objects.Create(context.Background(), object, metav1.CreateOptions{DryRun: dryRunAll})
	return err
}

// apply is "kubectl apply --server-side": the object is what it declares of itself.
func (b actor) apply(object map[string]any, manager string) error {
	u := &unstructured.Unstructured{Object: object}
	u.SetGroupVersionKind(b.in.Resource("ExternalSecret").GroupVersion().WithKind("ExternalSecret"))
	dryRun := metav1.ApplyOptions{FieldManager: manager, DryRun: dryRunAll}
	_, err := b.objects.Apply(context.Background(), u.GetName(), u, dryRun)
	return err
}

// post creates an ExternalSecret of a name of its own.
func (b actor) post(text string, dryRun bool) error {
	b.t.Helper()
	object := &unstructured.Unstructured{}
	if err := yaml.Unmarshal([]byte(text), &object.Object); err != nil {
		b.t.Fatal(err)
	}
	object.SetGroupVersionKind(b.in.Resource("ExternalSecret").GroupVersion().WithKind("ExternalSecret"))
	object.SetGenerateName("made-")
	options := metav1.CreateOptions{}
	if dryRun {
		options.DryRun = dryRunAll
	}
	_, err := b.objects.Create(context.Background(), object, options)
	return err
}

func (b actor) patch(name, patch string) error {
	dryRun := metav1.PatchOptions{DryRun: dryRunAll}
	_, err := b.objects.Patch(context.Background(), name, types.MergePatchType, []byte(patch), dryRun)
	return err
}

// isRefused reports whether a policy refused it.
func isRefused(err error) bool {
	return apierrors.IsForbidden(err) && strings.Contains(err.Error(), "ValidatingAdmissionPolicy")
}

// organizationSecret is a secret of the organization from a cluster-wide store, and who has it.
func (a *access) organizationSecret(more string) string {
	return a.provider() + a.hcl(`
resource "airm_provider_store" "test" {
  name = "$project"
  fake = { data = [{ key = "password", value = "open sesame" }, { key = "other", value = "other" }] }
}

resource "airm_organization_secret" "test" {
  name  = "shared"
  store = { name = airm_provider_store.test.name }
  data  = { password = { key = "password" } }
`+more+`
}

resource "airm_secret_assignment" "test" {
  secret  = airm_organization_secret.test.name
  project = "$project"
}
`)
}

// share makes that secret, as an administrator of the cluster.
func (a *access) share() *workspace {
	a.t.Helper()
	w := a.workspaceOf(os.Getenv("KUBECONFIG"))
	w.configure(a.organizationSecret(""))
	w.apply()
	return w
}

// The roles of a platform admin are enough for everything, with the policies in force.
func TestAccAccessPlatformAdmin(t *testing.T) {
	t.Parallel()
	a := newAccess(t, 1)
	a.install("", "platform-admin.yaml")
	a.installPolicies()
	admin := a.user("platform-admin", "platform-admins")
	a.allow(admin, "patch", airm.Group, "clustersecretstores", "")
	w := a.workspaceOf(admin)
	second := a.others[0].name
	a.example(w, "platform-admin", map[string]string{
		"platform_namespace": a.platform, "store": a.name, "projects": `["` + a.name + `","` + second + `"]`,
	})
	if output := w.apply(); strings.Contains(output, "Could not") {
		t.Errorf("with all rights there is a warning:\n%s", output)
	}
	w.plansNothing()
	for _, p := range append(a.others, a.testProject) {
		if got := p.secretData("hugging-face")["token"]; got != "not a real token" {
			t.Errorf("%s has %q", p.name, got)
		}
	}
	w.setenv("TF_VAR_projects", `["`+a.name+`"]`)
	w.apply()
	if a.others[0].get("ExternalSecret", "hugging-face") != nil || a.others[0].get("Secret", "hugging-face") != nil {
		t.Error("unassigning left something behind")
	}
	w.destroy()
	if a.get("ExternalSecret", "hugging-face") != nil || a.get("Secret", "hugging-face") != nil || a.get("ClusterSecretStore", a.name) != nil {
		t.Error("destroy left something behind")
	}

	// What the example does not show: a template (which ESO completes by an update of its own), the exclusive set, a
	// change and a forced sync, the data sources, and secrets and stores of a project.
	content := func(key, trigger string) string {
		return a.organizationSecret(`
  target        = { template = { data = { password = "{{ .password }}" } } }
  force_destroy = true
`) + a.hcl(`
resource "airm_organization_secret" "all" {
  name          = "for-all"
  store         = { name = airm_provider_store.test.name }
  data          = { password = { key = "`+key+`" } }
  sync_triggers = { again = "`+trigger+`" }
}
resource "airm_secret_assignments" "all" {
  secret   = airm_organization_secret.all.name
  projects = ["$project", "`+second+`"]
}
resource "airm_provider_store" "vault" {
  name                   = "$project-vault"
  wait_for_sync          = false
  vault                  = { server = "http://127.0.0.1:1", path = "secret", auth = { token_secret_ref = { key = "token" } } }
  credentials_wo         = { token = "`+trigger+`" }
  credentials_wo_version = `+trigger+`
}
resource "airm_provider_store" "own" {
  project = "$project"
  name    = "own-$project"
  fake    = { data = [{ key = "password", value = "own" }] }
}
resource "airm_project_secret" "own" {
  project = "$project"
  name    = "own"
  store   = { name = airm_provider_store.own.name, kind = "SecretStore" }
  data    = { password = { key = "password" } }
}
data "airm_organization_secret" "all" {
  name     = airm_secret_assignments.all.secret
  wait_for = "Synced"
}
data "airm_organization_secrets" "all" { depends_on = [airm_secret_assignments.all] }
data "airm_projects" "all" {}
data "airm_project_secrets" "all" { project = airm_project_secret.own.project }
`)
	}
	w = a.workspaceOf(admin)
	w.configure(content("password", "1"))
	w.apply()
	w.plansNothing()
	w.configure(content("other", "2"))
	w.apply()
	w.plansNothing()
	for _, p := range append(a.others, a.testProject) {
		p.eventually("the change has arrived in "+p.name, func() bool { return p.secretData("for-all")["password"] == "other" })
	}
	if output := w.destroy(); strings.Contains(output, "Could not") {
		t.Errorf("with all rights there is a warning:\n%s", output)
	}
	credentials := a.Client.Resource(a.Resource("Secret")).Namespace(a.platform)
	if _, err := credentials.Get(context.Background(), a.name+"-vault-credentials", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		t.Errorf("the credentials of a store: %v", err)
	}
	for _, name := range []string{"shared", "for-all", "own"} {
		if a.get("ExternalSecret", name) != nil || a.get("Secret", name) != nil {
			t.Errorf("destroy left %s behind", name)
		}
	}
}

// The review by which the documents let a user check whether they are a platform admin tells.
func TestAccAccessReview(t *testing.T) {
	t.Parallel()
	a := newAccess(t, 0)
	a.install("", "platform-admin.yaml", "name: platform-admins", "name: "+a.name+"-admins")
	admin := a.user(a.name+"-admin", a.name+"-admins")
	a.allow(admin, "manage", "terraform-provider-airm", "organizationsecrets", "")
	editor := a.as(a.name + "-editor")
	for _, file := range []string{filepath.Join(rbacFolder, "README.md"), "../../templates/guides/on-an-airm-platform.md.tmpl"} {
		text, err := os.ReadFile(file)
		a.ok(err)
		_, review, _ := strings.Cut(string(text), "<<'END'\n")
		review, _, found := strings.Cut(review, "\nEND\n")
		if !found {
			t.Errorf("%s has no review", file)
			continue
		}
		object := map[string]any{}
		a.ok(yaml.Unmarshal([]byte(review), &object))
		if !a.actor("admin", admin).review(object) {
			t.Errorf("%s: a platform admin is none", file)
		}
		if editor.review(object) {
			t.Errorf("%s: an editor is a platform admin", file)
		}
	}
}

// Without one of the permissions, only what needs it fails, and the error names the permission.
func TestAccAccessPlatformAdminNeeds(t *testing.T) {
	t.Parallel()
	const all, records = "[get, list, watch, create, patch, delete]", "[get, list, create, update, delete]"
	broken := `refresh_interval = "20m"` + "\n" + `timeouts = { update = "2m" }`
	for _, c := range []struct {
		name            string
		without         []string // a replacement in platform-admin.yaml
		apply           string   // what a failing apply reports
		applySucceeds   bool
		updateTold      string
		destroyTold     string
		dataSourcesTold string
	}{
		{name: "records-get", without: []string{records, "[list, create, update, delete]"}, apply: `cannot get resource "configmaps"`},
		{name: "records-list", without: []string{records, "[get, create, update, delete]"}, applySucceeds: true,
			updateTold: "Cannot list the organization's records"},
		{name: "records-create", without: []string{records, "[get, list, update, delete]"}, apply: `cannot create resource "configmaps"`},
		{name: "records-update", without: []string{records, "[get, list, create, delete]"}, apply: `cannot update resource "configmaps"`},
		{name: "records-delete", without: []string{records, "[get, list, create, update]"}, applySucceeds: true,
			destroyTold: `cannot delete resource "configmaps"`},
		{name: "objects-get", without: []string{all, "[list, watch, create, patch, delete]"}, applySucceeds: true,
			destroyTold: `cannot get resource "externalsecrets"`},
		{name: "objects-list", without: []string{all, "[get, watch, create, patch, delete]"}, applySucceeds: true,
			dataSourcesTold: `cannot list resource "externalsecrets"`},
		{name: "objects-watch", without: []string{all, "[get, list, create, patch, delete]"}, applySucceeds: true},
		{name: "objects-create", without: []string{all, "[get, list, watch, patch, delete]"},
			apply: `cannot create resource "clustersecretstores"`},
		{name: "objects-patch", without: []string{all, "[get, list, watch, create, delete]"}, applySucceeds: true,
			updateTold: `cannot patch resource "externalsecrets"`},
		{name: "objects-delete", without: []string{all, "[get, list, watch, create, patch]"}, applySucceeds: true,
			destroyTold: `cannot delete resource "externalsecrets"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a := newAccess(t, 0)
			group := a.name + "-admins"
			a.install("", "platform-admin.yaml", append(c.without, "name: platform-admins", "name: "+group)...)
			admin := a.user(a.name+"-admin", group)
			a.allow(admin, "get", "", "namespaces", "")
			a.allow(admin, "list", "", "events", "")
			w := a.workspaceOf(admin)
			w.configure(a.organizationSecret(""))
			if !c.applySucceeds {
				contains(t, w.fails("apply", "-auto-approve", "-no-color"), c.apply, a.name+"-admin", "Grant the permission")
				w.setenv("KUBECONFIG", os.Getenv("KUBECONFIG"))
				w.configure(a.organizationSecret("force_destroy = true"))
				w.run("apply", "-auto-approve", "-no-color", "-target=airm_organization_secret.test")
				w.destroy()
				return
			}
			w.apply()
			w.configure(a.organizationSecret(broken))
			if c.updateTold != "" {
				contains(t, w.run("plan", "-no-color")+w.fails("apply", "-auto-approve", "-no-color"), c.updateTold, a.name+"-admin")
			} else {
				w.apply()
			}
			if c.dataSourcesTold != "" {
				w.configure(a.organizationSecret(broken) + `data "airm_organization_secrets" "all" {}`)
				contains(t, w.fails("plan", "-no-color"), c.dataSourcesTold)
				w.configure(a.organizationSecret(broken))
			}
			if c.destroyTold != "" {
				contains(t, w.fails("destroy", "-auto-approve", "-no-color"), c.destroyTold)
			}
			w.setenv("KUBECONFIG", os.Getenv("KUBECONFIG"))
			w.destroy()
		})
	}
}

// A team member sees the secrets of the project and how they stand, and nothing else.
func TestAccAccessTeamMember(t *testing.T) {
	t.Parallel()
	a := newAccess(t, 1)
	a.install("", "platform-admin.yaml", "name: platform-admins", "name: "+a.name+"-admins")
	a.install("", "team.yaml")
	a.install(a.name, "team/bindings.yaml")
	a.installPolicies()
	organization := a.share()
	a.externalSecret("db", "")
	a.eventually("the project's secret is there", func() bool { return a.secretData("db") != nil })
	other := a.others[0]
	other.externalSecret("theirs", "")

	member := a.user("team-member", "team-members")
	a.allow(member, "list", "", "events", a.name)
	w := a.workspaceOf(member)
	w.configure(a.hcl(`
data "airm_project" "test" { name = "$project" }
data "airm_project_secrets" "test" { project = "$project" }
data "airm_project_secret" "test" {
  project  = "$project"
  name     = "shared"
  wait_for = "Synced"
}
data "airm_provider_store" "test" {
  project = "$project"
  name    = "$store"
}
output "all" { value = { for s in data.airm_project_secrets.test.secrets : s.name => "${s.scope} ${s.status}" } }
`))
	contains(t, w.apply(), `"db" = "Project Synced"`, `"shared" = "Organization Synced"`)
	secrets := a.clientOf(member).Resource(a.Resource("Secret"))
	if _, err := secrets.Namespace(a.name).Get(context.Background(), "shared", metav1.GetOptions{}); err != nil {
		t.Errorf("cannot use the secret: %s", err)
	}
	_, err := secrets.Namespace(other.name).Get(context.Background(), "theirs", metav1.GetOptions{})
	if !apierrors.IsForbidden(err) {
		t.Errorf("another project's Secret: %v", err)
	}

	const name = `User "team-member" cannot `
	for what, c := range map[string]struct {
		config string
		texts  []string
	}{
		"another project": {`data "airm_project_secrets" "test" { project = "` + other.name + `" }`,
			[]string{name + `get resource "namespaces"`, other.name}},
		"another project's": {"data \"airm_project_secret\" \"test\" {\n project = \"" + other.name + "\"\n name = \"theirs\"\n}",
			[]string{name + `get resource "externalsecrets"`, other.name}},
		"all projects": {`data "airm_projects" "test" {}`, []string{name + `list resource "namespaces"`}},
		"the records": {`data "airm_organization_secret" "test" { name = "shared" }`,
			[]string{name + `get resource "configmaps"`, a.platform}},
		"create":                 {"resource \"airm_organization_secret\" \"test\" {\n name = \"new\"\n store = { name = \"$project\" }\n data = { a = { key = \"password\" } }\n}", []string{name, a.platform}},
		"assign":                 {"resource \"airm_secret_assignment\" \"test\" {\n secret = \"shared\"\n project = \"$project\"\n}", []string{name, a.platform}},
		"assign to all":          {"resource \"airm_secret_assignments\" \"test\" {\n secret = \"shared\"\n projects = [\"$project\"]\n}", []string{name, a.platform}},
		"create a secret":        {ownSecret, []string{name + `create resource "externalsecrets"`, "Grant the permission"}},
		"create a store for all": {"resource \"airm_provider_store\" \"test\" {\n name = \"$project-mine\"\n fake = { data = [{ key = \"a\", value = \"b\" }] }\n}", []string{name + `create resource "clustersecretstores"`}},
	} {
		w := a.workspaceOf(member)
		w.configure(a.provider() + a.hcl(c.config))
		t.Log(what)
		contains(t, w.fails("apply", "-auto-approve", "-no-color"), c.texts...)
	}

	// The state of a platform admin does not help: neither a change nor a destroy gets through.
	organization.setenv("KUBECONFIG", member)
	organization.configure(a.organizationSecret(`refresh_interval = "10m"`))
	contains(t, organization.fails("apply", "-auto-approve", "-no-color"), "The state is kept as it was", name)
	contains(t, organization.fails("destroy", "-auto-approve", "-no-color"), name)
	if a.get("ExternalSecret", "shared") == nil {
		t.Fatal("the object of the organization secret is gone")
	}

	// With the records, and while the secret is in no other project, the organization's view can be read, but not changed.
	a.install("", "status-reader.yaml", "name: status-readers", "name: "+a.name+"-unbound")
	a.installObject(a.platform, &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": map[string]any{"name": "members"},
		"roleRef":  map[string]any{"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": a.name + "-terraform-airm-records-reader"},
		"subjects": []any{map[string]any{"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "team-members"}},
	}})
	a.allow(member, "list", "", "configmaps", a.platform)
	w.configure(a.provider() + `
data "airm_organization_secret" "test" { name = "shared" }
output "status" { value = data.airm_organization_secret.test.status }
`)
	contains(t, w.apply(), `status = "Synced"`)
	w.configure(a.provider() + a.hcl("resource \"airm_secret_assignment\" \"test\" {\n secret = \"shared\"\n project = \"$project\"\n}"))
	contains(t, w.fails("apply", "-auto-approve", "-no-color"), name+`create resource "configmaps"`, a.platform)

	organization.setenv("KUBECONFIG", os.Getenv("KUBECONFIG"))
	organization.destroy()
}

const ownSecret = `
resource "airm_project_secret" "test" {
  project = "$project"
  name    = "mine"
` + plain + `}
`

// A user with "edit" in a project can do all of this without the policies, and none of it with them.
func TestAccAccessEditor(t *testing.T) {
	t.Parallel()
	a := newAccess(t, 0)
	a.install("", "platform-admin.yaml", "name: platform-admins", "name: "+a.name+"-admins")
	organization := a.share()
	a.externalSecret("mine", "")
	a.externalSecret("storeless", `spec: {dataFrom: [{find: {name: {regexp: a}}}]}`)
	a.externalSecret("wide", `spec: {secretStoreRef: {name: $project, kind: ClusterSecretStore}, data: [{secretKey: password, remoteRef: {key: password}}]}`)
	a.externalSecret("untracked", `
metadata: {labels: {terraform-provider-airm/organization-secret: x}, annotations: {terraform-provider-airm/organization-secret: x}}
spec: {secretStoreRef: {name: $store, kind: SecretStore}, data: [{secretKey: password, remoteRef: {key: password}}]}`)
	a.hold("ExternalSecret", "untracked", agentFinalizer)
	owner := a.create("ConfigMap", "owner", "{}")
	a.externalSecret("owned", `metadata: {ownerReferences: [{apiVersion: v1, kind: ConfigMap, name: owner, uid: `+string(owner.GetUID())+`}]}`)
	editor, admin := a.as(a.name+"-editor"), a.actor("admin", os.Getenv("KUBECONFIG"))
	dryRun := metav1.DeleteOptions{DryRun: dryRunAll}
	const label = "terraform-provider-airm/organization-secret"
	metadata := func(kind, key, value string) string {
		return fmt.Sprintf(`{"metadata":{%q:{%q:%s}}}`, kind, key, value)
	}
	post := func(metadata, spec string) func() error {
		return func() error { return editor.post(a.hcl("{metadata: "+metadata+", spec: "+spec+"}"), true) }
	}
	patch := func(name, patch string) func() error {
		return func() error { return editor.patch(name, a.hcl(patch)) }
	}
	managers := func(name string, keep func(manager string) bool) func() error {
		return func() error { return editor.patch(name, managedFields(a.get("ExternalSecret", name), keep)) }
	}
	applied := func(name, manager string, metadata map[string]any, withSpec bool) func() error {
		return func() error {
			object := map[string]any{"metadata": map[string]any{"name": name}}
			maps.Copy(object["metadata"].(map[string]any), metadata)
			if withSpec {
				object["spec"] = a.get("ExternalSecret", name).Object["spec"]
			}
			return editor.apply(object, manager)
		}
	}
	noManager := func(string) bool { return false }
	const own = `{secretStoreRef: {name: $store, kind: SecretStore}, data: [{secretKey: a, remoteRef: {key: password}}]}`
	const generated = `"sourceRef":{"generatorRef":{"apiVersion":"generators.external-secrets.io/v1alpha1","kind":"Password","name":"x"}}`
	full := `"` + strings.Repeat("x", 200_000) + `"` // all annotations together have 256 KiB
	forbidden := map[string]func() error{
		"delete": func() error { return editor.objects.Delete(context.Background(), "shared", dryRun) },
		"delete all": func() error {
			return editor.objects.DeleteCollection(context.Background(), dryRun, metav1.ListOptions{})
		},
		"remove the label":             patch("shared", metadata("labels", label, "null")),
		"change the label":             patch("shared", metadata("labels", label, `"x"`)),
		"empty the label":              patch("shared", metadata("labels", label, `""`)),
		"change the spec":              patch("shared", `{"spec":{"refreshInterval":"5m"}}`),
		"another key":                  patch("shared", `{"spec":{"data":[{"secretKey":"password","remoteRef":{"key":"other"}}]}}`),
		"remove the annotation":        patch("shared", metadata("annotations", label, "null")),
		"change the annotation":        patch("shared", metadata("annotations", label, `"x"`)),
		"another organization":         patch("shared", metadata("annotations", airm.AnnotationOrganization, `"x"`)),
		"no organization":              patch("shared", metadata("annotations", airm.AnnotationOrganization, "null")),
		"another owner id":             patch("shared", metadata("annotations", airm.AnnotationOwnerID, `"x"`)),
		"no one manages it":            managers("shared", noManager),
		"the provider manages nothing": managers("shared", func(manager string) bool { return manager != airm.FieldManager }),
		"manage its spec too":          applied("shared", "kubectl", nil, true),
		"manage its spec by the status": func() error {
			return editor.patch("shared", statusManagers(a.get("ExternalSecret", "shared"), "kubectl"))
		},
		"manage it for the provider's status": func() error {
			return editor.patch("shared", statusManagers(a.get("ExternalSecret", "shared"), ""))
		},
		"manage it for the provider": managers("shared", func(string) bool { return true }),
		"forge by the annotation":    post("{annotations: {"+label+": shared}}", own),
		"forge by the organization":  post("{annotations: {"+airm.AnnotationOrganization+": x}}", own),
		"forge one with an owner":    post("{labels: {"+label+": x}, ownerReferences: [{apiVersion: v1, kind: ConfigMap, name: x, uid: x}]}", own),
		"annotate one of mine":       patch("mine", metadata("annotations", label, `"shared"`)),
		"organize one of mine":       patch("mine", metadata("annotations", airm.AnnotationOrganization, `"x"`)),
		"one without a store":        post("{}", `{dataFrom: [{find: {name: {regexp: .*}}}]}`),
		"one with half a store":      post("{}", `{secretStoreRef: {kind: SecretStore}, data: [{secretKey: a, remoteRef: {key: other}}]}`),
		"an entry with half a store": post("{}", `{data: [{secretKey: a, remoteRef: {key: other}, sourceRef: {storeRef: {kind: SecretStore}}}]}`),
		"remove the store":           patch("mine", `{"spec":{"secretStoreRef":null}}`),
		"more without a store":       patch("storeless", `{"spec":{"dataFrom":[{"find":{"name":{"regexp":"a"}}},{"extract":{"key":"other"}}]}}`),
		"another home":               patch("shared", metadata("annotations", "terraform-provider-airm/home", `"x"`)),
		"another use case":           patch("shared", metadata("labels", "airm.silogen.ai/use-case", `"x"`)),
		"another manager":            patch("shared", metadata("labels", "app.kubernetes.io/managed-by", `"x"`)),
		"an owner to die with":       patch("shared", `{"metadata":{"ownerReferences":[{"apiVersion":"v1","kind":"ConfigMap","name":"x","uid":"x"}]}}`),
		"no finalizers":              patch("shared", `{"metadata":{"finalizers":null}}`),
		"finalizer of an editor":     patch("shared", a.finalizers("shared", "example.com/mine")),
		"wait for AIRM":              patch("shared", a.finalizers("shared", agentFinalizer)),
		"another id in AIRM":         patch("shared", metadata("labels", airmID, `"1"`)),
		"no id in AIRM":              patch("shared", metadata("labels", airmID, "null")),
		"list it in AIRM":            patch("shared", metadata("annotations", airmDiscovered, `"true"`)),
		"let AIRM decide":            patch("shared", metadata("annotations", airmDiscovered, "null")),
		"a label like AIRM's":        patch("shared", metadata("labels", "airm.silogen.ai/x", `"x"`)),
		"an annotation like AIRM's":  patch("shared", metadata("annotations", "airm.silogen.ai/x", `"x"`)),
		"fill a sync request":        patch("shared", metadata("annotations", "force-sync", full)),
		"fill AIRM's annotation":     patch("shared", metadata("annotations", airmSubmitter, full)),
		"forge one":                  post("{labels: {"+label+": x}}", own),
		"forge an empty one":         post("{labels: {"+label+": ''}}", own),
		"make one of mine":           patch("mine", metadata("labels", label, `"x"`)),
		"a cluster-wide store":       post("{}", `{secretStoreRef: {name: $project, kind: ClusterSecretStore}, data: [{secretKey: a, remoteRef: {key: other}}]}`),
		"one of an entry":            post("{}", `{secretStoreRef: {name: $store, kind: SecretStore}, data: [{secretKey: a, remoteRef: {key: other}, sourceRef: {storeRef: {name: $project, kind: ClusterSecretStore}}}]}`),
		"one of a list":              post("{}", `{dataFrom: [{extract: {key: other}, sourceRef: {storeRef: {name: $project, kind: ClusterSecretStore}}}]}`),
		"a generator":                post("{}", `{dataFrom: [{sourceRef: {generatorRef: {apiVersion: generators.external-secrets.io/v1alpha1, kind: ClusterGenerator, name: x}}}]}`),
		"move to it":                 patch("mine", `{"spec":{"secretStoreRef":{"name":"$project","kind":"ClusterSecretStore"}}}`),
		"fetch more from it":         patch("wide", `{"spec":{"data":[{"secretKey":"password","remoteRef":{"key":"other"}}]}}`),
		// ESO looks at a generator only where an entry has nothing to fetch.
		"find beside a generator":    patch("wide", `{"spec":{"dataFrom":[{"find":{"name":{"regexp":".*"}},`+generated+`}]}}`),
		"extract beside a generator": patch("wide", `{"spec":{"dataFrom":[{"extract":{"key":"other"},`+generated+`}]}}`),
		"a key beside a generator":   patch("wide", `{"spec":{"data":[{"secretKey":"a","remoteRef":{"key":"other"},`+generated+`}]}}`),
		"no store but a generator":   post("{}", `{"dataFrom":[{"extract":{"key":"other"},`+generated+`}]}`),
	}
	allowed := map[string]func() error{
		"a secret of a project store": post("{}", own),
		"change it":                   patch("mine", `{"spec":{"data":[{"secretKey":"password","remoteRef":{"key":"user"}}]}}`),
		"delete it":                   func() error { return editor.objects.Delete(context.Background(), "mine", dryRun) },
		"a generator of the project":  post("{}", `{"dataFrom":[{`+generated+`}]}`),
		"and one beside it":           patch("wide", `{"spec":{"dataFrom":[{`+generated+`}]}}`),
		"how often it is fetched":     patch("wide", `{"spec":{"refreshInterval":"5m"}}`),
		"delete what refers to it":    func() error { return editor.objects.Delete(context.Background(), "wide", dryRun) },
		"what has no store":           patch("storeless", `{"spec":{"refreshInterval":"5m"}}`),
		"give it a store":             patch("storeless", `{"spec":{"secretStoreRef":{"name":"$store","kind":"SecretStore"}}}`),
		"manage the spec of mine":     applied("mine", "kubectl", nil, true),
		"no one manages mine":         managers("mine", noManager),
		"copy an owner id":            patch("mine", metadata("annotations", airm.AnnotationOwnerID, `"x"`)),
		"apply a sync":                applied("shared", "kubectl", map[string]any{"annotations": map[string]any{"force-sync": "now"}}, false),
		"ask for a sync":              patch("shared", metadata("annotations", "force-sync", `"now"`)),
		"labels of AIRM's webhook":    patch("shared", `{"metadata":{"labels":{"airm.silogen.ai/project-id":"1","airm.silogen.ai/secret-scope":"Project"}}}`),
		"its annotation":              patch("shared", metadata("annotations", "airm.silogen.ai/submitter", `"1"`)),
		"remove AIRM's finalizer":     func() error { return editor.patch("untracked", a.finalizers("untracked")) }, // ESO adds its own
		"AIRM begins to track it": patch("untracked", `{"metadata":{"labels":{"airm.silogen.ai/project-secret-id":"1"},`+
			`"annotations":{"airm.silogen.ai/auto-discovered":"true","airm.silogen.ai/submitter":"x"}}}`),
	}
	if !a.Has(airm.KindExternalSecret, since020) {
		delete(forbidden, "no finalizers") // it has none
	}
	everything := maps.Clone(allowed)
	maps.Copy(everything, forbidden)
	for what, try := range everything {
		a.eventually(what+" without the policies", func() bool {
			err := try()
			if err != nil && !apierrors.IsConflict(err) {
				t.Fatalf("%s: without the policies it is refused, so this test shows nothing: %s", what, err)
			}
			return err == nil
		})
	}
	a.installPolicies()
	for what, try := range forbidden {
		err := try()
		if !isRefused(err) {
			t.Errorf("%s: %v", what, err)
			continue
		}
		for _, text := range []string{`user "` + editor.name + `"`, `may "manage" organizationsecrets.terraform-provider-airm`} {
			if !strings.Contains(err.Error(), text) {
				t.Errorf("%s: %q is missing in: %s", what, text, err)
			}
		}
	}
	for what, try := range allowed {
		if err := try(); err != nil {
			t.Errorf("%s: %s", what, err)
		}
	}
	for _, mark := range []string{metadata("labels", label, `"x"`), metadata("annotations", label, `"x"`)} {
		if err := admin.patch("mine", mark); err != nil {
			t.Errorf("an administrator cannot mark an object: %s", err)
		}
		if err := admin.patch("owned", mark); !isRefused(err) || !strings.Contains(err.Error(), "has owner references") {
			t.Errorf("an administrator marks an object that goes with another one: %v", err)
		}
	}

	// The same with the provider: a store of the project works, a cluster-wide one does not.
	w := a.workspaceOf(a.user(editor.name))
	body := strings.Replace(ownSecret, `"mine"`, `"by-terraform"`, 1)
	w.configure(a.hcl(strings.Replace(body, `name = "$store", kind = "SecretStore"`, `name = "$project"`, 1)))
	contains(t, w.fails("apply", "-auto-approve", "-no-color"),
		"would fetch from ClusterSecretStore "+a.name, `user "`+editor.name+`" may not`,
		"Use a SecretStore of the project", "or ask a platform admin")
	w.configure(a.hcl(body))
	w.apply()
	w.plansNothing()
	w.destroy()

	// Who was granted the verb "use" of the store may.
	a.grantUse(editor.name)
	a.eventually("the store may be used", func() bool { return forbidden["a cluster-wide store"]() == nil })
	for _, what := range []string{"a generator", "forge one", "delete", "another key"} {
		if err := forbidden[what](); !isRefused(err) {
			t.Errorf("%s: %v", what, err)
		}
	}
	a.removeNow("ExternalSecret", "wide") // the store may not go while it is used
	organization.destroy()
}

// managedFields is a patch that leaves only some managers of an object, or all of them with less in it.
func managedFields(object *unstructured.Unstructured, keep func(manager string) bool) string {
	entries := []metav1.ManagedFieldsEntry{}
	all := true
	for _, entry := range object.GetManagedFields() {
		if keep(entry.Manager) {
			entries = append(entries, entry)
		} else {
			all = false
		}
	}
	for i := range entries {
		if all && entries[i].Manager == airm.FieldManager {
			entries[i].FieldsV1 = metav1.NewFieldsV1(`{"f:spec":{"f:refreshInterval":{}}}`)
		}
	}
	if len(entries) == 0 {
		return `{"metadata":{"managedFields":[{}]}}` // an empty list means: as it is
	}
	return mustJSON(map[string]any{"metadata": map[string]any{"managedFields": entries}})
}

// statusManagers is a patch that adds managers of the spec which claim that they wrote the status: the API server keeps them.
// With an empty name, they have the provider's.
func statusManagers(object *unstructured.Unstructured, name string) string {
	entries := object.GetManagedFields()
	for _, entry := range object.GetManagedFields() {
		if entry.Manager == airm.FieldManager {
			entry.Manager, entry.Subresource = cmp.Or(name, entry.Manager), "status"
			entries = append(entries, entry)
		}
	}
	return mustJSON(map[string]any{"metadata": map[string]any{"managedFields": entries}})
}

// finalizers is a patch by which an object has those of ESO that it has, none before ESO 0.20, and others.
func (a *access) finalizers(name string, others ...string) string {
	a.t.Helper()
	its := slices.DeleteFunc(a.get("ExternalSecret", name).GetFinalizers(), func(finalizer string) bool {
		return !strings.HasPrefix(finalizer, "externalsecrets."+airm.Group+"/")
	})
	return mustJSON(map[string]any{"metadata": map[string]any{"finalizers": append(its, others...)}})
}

// grantUse lets a user use the cluster-wide store of the test, as the policy's comment says.
func (a *access) grantUse(user string) {
	a.t.Helper()
	a.installObject("", &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": map[string]any{"name": a.name + "-use"},
		"rules": []any{map[string]any{
			"apiGroups": []any{airm.Group}, "resources": []any{"clustersecretstores"}, "resourceNames": []any{a.name}, "verbs": []any{"use"},
		}},
	}})
	a.installObject("", &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": map[string]any{"name": a.name + "-use"},
		"roleRef":  map[string]any{"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": a.name + "-use"},
		"subjects": []any{map[string]any{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user}},
	}})
}

// The operator completes an object with the policies in force, also where it writes it as a whole and comes to manage fields
// of the spec, as ESO from 0.20 to 1.1.0 does for its finalizer; no other client does. The same in a cluster that serves v1beta1 only.
func TestAccAccessOperator(t *testing.T) {
	t.Parallel()
	t.Run("here", func(t *testing.T) {
		t.Parallel()
		(&access{testProject: newProject(t)}).guardsFromAllButTheOperator()
	})
	t.Run("old", func(t *testing.T) {
		t.Parallel()
		(&access{testProject: newProject(t).inOld(), context: "old"}).guardsFromAllButTheOperator()
	})
}

func (a *access) guardsFromAllButTheOperator() {
	t := a.t
	a.platform = a.name + "-platform"
	a.patch("Namespace", a.name, `{"metadata":{"labels":{"acc-access":"`+a.name+`"}}}`)
	a.installPolicies()
	a.externalSecret("shared", `
metadata: {labels: {terraform-provider-airm/organization-secret: x}, annotations: {terraform-provider-airm/organization-secret: shared}}
spec: {refreshInterval: 1h, secretStoreRef: {name: $store, kind: SecretStore}, data: [{secretKey: password, remoteRef: {key: password}}]}`)
	a.eventually("the operator has synced it", func() bool { return a.ready("ExternalSecret", "shared") == "True" })
	managesSpec := slices.ContainsFunc(a.get("ExternalSecret", "shared").GetManagedFields(), func(entry metav1.ManagedFieldsEntry) bool {
		return entry.Manager == "external-secrets" && entry.Subresource == "" && strings.Contains(entry.FieldsV1.GetRawString(), "f:spec")
	})
	writesWhole := a.Has(airm.KindExternalSecret, since020) && !a.Has(airm.KindSecretStore, "spec.provider.vault.auth.gcp") // since 1.1
	if !managesSpec && writesWhole {
		t.Error("the operator does not manage fields of the spec, so this test shows nothing of that")
	} else if !managesSpec {
		t.Log("the operator does not manage fields of the spec, which ESO from 0.20 to 1.1.0 does: that it may is not tested here")
	}
	editor := a.as(a.name + "-editor")
	object := map[string]any{"metadata": map[string]any{"name": "shared"}, "spec": a.get("ExternalSecret", "shared").Object["spec"]}
	for what, err := range map[string]error{
		"change":   editor.patch("shared", `{"spec":{"refreshInterval":"5m"}}`),
		"co-own":   editor.apply(object, "kubectl"),
		"unmanage": editor.patch("shared", `{"metadata":{"managedFields":[{}]}}`),
		"unmark":   editor.patch("shared", `{"metadata":{"labels":null}}`),
		"forge":    editor.post(`{metadata: {annotations: {terraform-provider-airm/organization: x}}, spec: {data: []}}`, true),
		"fetch":    editor.post(`{spec: {secretStoreRef: {name: x, kind: ClusterSecretStore}}}`, true),
	} {
		if !isRefused(err) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := editor.patch("shared", `{"metadata":{"annotations":{"force-sync":"now"}}}`); err != nil {
		t.Errorf("a sync request: %s", err)
	}
}

// A namespace goes whole, with the objects of organization secrets in it.
func TestAccAccessNamespaceGoes(t *testing.T) {
	t.Parallel()
	a := newAccess(t, 0)
	a.install("", "platform-admin.yaml", "name: platform-admins", "name: "+a.name+"-admins")
	a.installPolicies()
	w := a.share()
	a.remove("Namespace", a.name)
	a.eventually("the namespace is gone", func() bool { return a.get("Namespace", a.name) == nil })
	w.destroy()
}

// The workspace of a project needs no right outside of it.
func TestAccAccessTeamLead(t *testing.T) {
	t.Parallel()
	a := newAccess(t, 1)
	a.install("", "team.yaml")
	a.install(a.name, "team/bindings.yaml", "name: team-leads", "name: "+a.name+"-leads")
	a.installPolicies()
	lead := a.user(a.name+"-lead", a.name+"-leads")
	a.allow(lead, "patch", airm.Group, "secretstores", a.name)
	w := a.workspaceOf(lead)
	a.example(w, "team", map[string]string{"project": a.name, "store": "own-" + a.name})
	output := w.apply()
	contains(t, output, `"database" = "Project: Synced"`)
	if strings.Contains(output, "Could not") {
		t.Errorf("with all rights there is a warning:\n%s", output)
	}
	w.plansNothing()
	text, err := os.ReadFile(filepath.Join(w.dir, "main.tf"))
	a.ok(err)
	changes := strings.NewReplacer(`"not a real password"`, `"another one"`, `use_case = "Database"`, `refresh_interval = "10m"`)
	changed := changes.Replace(string(text)) + `
resource "airm_provider_store" "vault" {
  project                = var.project
  name                   = "vault"
  wait_for_sync          = false
  vault                  = { server = "http://127.0.0.1:1", path = "secret", auth = { token_secret_ref = { key = "token" } } }
  credentials_wo         = { token = "hidden" }
  credentials_wo_version = 1
}
`
	w.write("main.tf", changed)
	w.apply()
	w.plansNothing()

	w.setenv("TF_VAR_project", a.others[0].name)
	contains(t, w.fails("apply", "-auto-approve", "-no-color"), `User "`+a.name+`-lead" cannot get resource "namespaces"`, a.others[0].name)
	w.setenv("TF_VAR_project", a.name)
	w.apply()
	w.destroy()
	if a.get("ExternalSecret", "database") != nil || a.get("Secret", "database") != nil || a.get("SecretStore", "own-"+a.name) != nil {
		t.Error("destroy left something behind")
	}
}

// What the reason of a failure lacks without a right on events, for each role.
func TestAccAccessWithoutEvents(t *testing.T) {
	t.Parallel()
	const events = "resources: [events]"
	for _, c := range []struct{ role, file, group, rule string }{
		{"platform-admin", "platform-admin.yaml", "platform-admins", "[list]"},
		{"status-reader", "status-reader.yaml", "status-readers", "[list]"},
		{"team-member", "team.yaml", "team-members", "[list]"},
	} {
		for _, with := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s/%v", c.role, with), func(t *testing.T) {
				t.Parallel()
				a := newAccess(t, 0)
				a.externalSecret("db", `spec: {secretStoreRef: {name: $store, kind: SecretStore}, data: [{secretKey: a, remoteRef: {key: none}}]}`)
				a.eventually("it fails", func() bool { return a.ready("ExternalSecret", "db") == "False" })
				replacements := []string{}
				if !with {
					replacements = append(replacements, events, "resources: [pods]")
				}
				group := a.name + "-users"
				if c.role == "team-member" {
					a.install("", c.file, replacements...)
					a.install(a.name, "team/bindings.yaml", "name: team-members", "name: "+group)
				} else {
					if c.role == "status-reader" {
						a.create("Namespace", a.platform, "{}")
					}
					a.install("", c.file, append(replacements, "name: "+c.group, "name: "+group)...)
				}
				user := a.user(a.name+"-user", group)
				a.allow(user, "list", "", map[bool]string{true: "events", false: "pods"}[with], a.name)
				w := a.workspaceOf(user)
				w.configure(a.hcl("data \"airm_project_secret\" \"test\" {\n project = \"$project\"\n name = \"db\"\n}\noutput \"reason\" { value = data.airm_project_secret.test.status_reason }"))
				text := "Secret does not exist"
				if !with {
					text = "The cause is in the events of the object, which this user may not list."
				}
				a.eventually("the reason says: "+text, func() bool { return strings.Contains(w.apply(), text) })
			})
		}
	}
}

// A status reader sees everything but values, and writes nothing.
func TestAccAccessStatusReader(t *testing.T) {
	t.Parallel()
	a := newAccess(t, 1)
	a.install("", "platform-admin.yaml", "name: platform-admins", "name: "+a.name+"-admins")
	group := a.name + "-auditors"
	a.install("", "status-reader.yaml", "name: status-readers", "name: "+group)
	a.installPolicies()
	organization := a.share()
	reader := a.user(a.name+"-auditor", group)
	a.allow(reader, "list", "", "configmaps", a.platform)
	a.allow(reader, "list", "", "events", "")
	w := a.workspaceOf(reader)
	w.configure(a.provider() + a.hcl(`
data "airm_organization_secret" "test" {
  name     = "shared"
  wait_for = "Synced"
}
data "airm_organization_secrets" "test" {}
data "airm_projects" "test" {}
data "airm_project_secrets" "test" { project = "$project" }
data "airm_provider_store" "test" { name = "$project" }
output "projects" { value = data.airm_organization_secret.test.assignments[*].project }
output "all" { value = data.airm_organization_secrets.test.secrets[*].name }
output "store" { value = data.airm_provider_store.test.status }
`))
	contains(t, w.apply(), "projects = tolist([ \""+a.name+`", ])`, `all = tolist([ "shared", ])`, `store = "Synced"`)
	secrets := a.clientOf(reader).Resource(a.Resource("Secret")).Namespace(a.name)
	if _, err := secrets.Get(context.Background(), "shared", metav1.GetOptions{}); !apierrors.IsForbidden(err) {
		t.Errorf("a Secret: %v", err)
	}
	organization.setenv("KUBECONFIG", reader)
	organization.configure(a.organizationSecret(`refresh_interval = "10m"`))
	contains(t, organization.fails("apply", "-auto-approve", "-no-color"), `User "`+a.name+`-auditor" cannot `)
	contains(t, organization.fails("destroy", "-auto-approve", "-no-color"), `User "`+a.name+`-auditor" cannot `)
	organization.setenv("KUBECONFIG", os.Getenv("KUBECONFIG"))
	organization.destroy()
}

// A user without a role can do nothing, and every error names the user.
func TestAccAccessOutsider(t *testing.T) {
	t.Parallel()
	a := newAccess(t, 0)
	outsider := a.user("outsider", "outsiders")
	w := a.workspaceOf(outsider)
	for _, config := range []string{
		`data "airm_projects" "test" {}`, `data "airm_organization_secrets" "test" {}`,
		`data "airm_project_secrets" "test" { project = "$project" }`, ownSecret,
	} {
		w.configure(a.provider() + a.hcl(config))
		contains(t, w.fails("apply", "-auto-approve", "-no-color"), `User "outsider" cannot `)
	}
}

// The examples name the same things as the code.
func TestAccessExamplesFit(t *testing.T) {
	t.Parallel()
	const right = "authorizer.group('terraform-provider-airm').resource('organizationsecrets').check('manage').allowed()"
	texts := map[string][]string{
		"policy-organization-secrets.yaml": {right, "'" + airm.LabelOrganizationSecret + "'", "'" + airm.AnnotationOrganization + "'"},
		"policy-cluster-wide-stores.yaml":  {right},
		"policy-ambient-credentials.yaml":  {right},
		"platform-admin.yaml":              {"name: " + airm.DefaultPlatformNamespace},
		"status-reader.yaml":               {"namespace: " + airm.DefaultPlatformNamespace},
	}
	for file, parts := range texts {
		text, err := os.ReadFile(filepath.Join(rbacFolder, file))
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range parts {
			if !strings.Contains(string(text), part) {
				t.Errorf("%s lacks %s", file, part)
			}
		}
		if strings.HasPrefix(file, "policy-") && strings.Contains(string(text), "configmaps") {
			t.Errorf("%s decides by ConfigMaps, which AIRM's agent may write everywhere", file)
		}
	}
	if airm.LabelOrganizationSecret != airm.AnnotationOrganizationSecret {
		t.Error("the policy has one name for the label and the annotation")
	}
}
