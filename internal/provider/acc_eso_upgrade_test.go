// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/acctest"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/dev/bundle"
)

// upgradeVariable names the binary of the control plane, where the cluster of KUBECONFIG belongs to the test of an upgrade alone
// and begins with the operator of internal/dev/operator-v1beta1.
const upgradeVariable = "AIRM_UPGRADE_CONTROLPLANE"

// between serves v1, which it stores, and v1beta1. Its operator is not built: on its kinds first the older one runs, then the newer.
const between = "0.16.2"

// An ESO that is replaced under a state, from the oldest to the newest, changes no plan, and what comes next is applied.
func TestAccUpgradeOfESO(t *testing.T) {
	acctest.Connect(t, "")
	if os.Getenv(upgradeVariable) == "" {
		t.Skip("it replaces ESO in its cluster: `make testacc-upgrade` starts one for it")
	}
	u := newUpgrade(t)
	u.next("ESO as it was installed, which serves " + u.Served)

	u.kinds(bundle.OfModule(between))
	u.next("the kinds of ESO " + between + ", with the older operator")
	u.restart("external-secrets", "--concurrent=1")
	u.next("the kinds of ESO " + between + ", with the newer operator")

	if !u.managedIn("v1beta1") {
		t.Error("no one manages fields in v1beta1, so the test does not show what follows where it is not served")
	}
	newer := operatorVersion(t)
	u.older = false
	u.kinds(bundle.OfModule(newer))
	// The garbage collector goes on asking for what it saw as v1beta1 in that version: what is deleted in the foreground stays.
	u.restart("controllers",
		"--kubeconfig="+filepath.Join(u.dir, "controllers.kubeconfig"), "--root-ca-file="+filepath.Join(u.dir, "pki", "ca.crt"))
	u.next("ESO " + newer)

	given, err := bundle.Parse(os.Getenv(bundle.Variable))
	u.ok(err)
	maps.DeleteFunc(given, func(version, _ string) bool { return strings.HasPrefix(version, "0.") })
	if len(given) == 0 {
		t.Logf("%s names no kinds of a newer ESO: NOT tested is what comes after %s", bundle.Variable, newer)
	}
	for _, version := range slices.Sorted(maps.Keys(given)) {
		u.kinds(given[version], nil)
		u.next("the kinds of ESO " + version + ", with the operator of " + newer)
	}
	u.migrateStorage()
	u.next("everything stored as v1")
	u.w.destroy()
	u.expect("ExternalSecret db", false)()
	u.expect("ExternalSecret shared", false)()
	u.expect("SecretStore "+u.backendName(), false)()
}

// esoUpgrade is a workspace with some of everything, in whose cluster ESO is replaced.
type esoUpgrade struct {
	*testProject
	o      *org
	w      *workspace
	token  string
	older  bool // whether v1beta1 is served
	rounds int
	dir    string // of the cluster's parts
}

func newUpgrade(t *testing.T) *esoUpgrade {
	o := newOrg(t, 1)
	u := &esoUpgrade{testProject: o.projects[0], o: o, w: o.platform.newWorkspace(), older: true,
		dir: filepath.Join(os.Getenv("AIRM_CONTROL_PLANE_DIR"), "default")}
	u.reader()
	u.token = u.Token(u.name, "reader")
	u.create("Secret", "source", `stringData: {password: from another secret}`)
	u.configure()
	u.w.apply()
	return u
}

// configure writes a configuration in which each resource has another content than in the last round, but for one that is left
// alone while v1beta1 is served.
func (u *esoUpgrade) configure() {
	u.rounds++
	interval := fmt.Sprintf("refresh_interval = \"%dm\"\n", 10+u.rounds)
	left := interval
	if u.older {
		left = ""
	}
	u.w.configure(u.o.hcl(shared(interval)+assignmentBlock(0, "")) + u.secret(plain+interval) + u.hcl(`
resource "airm_project_secret" "fetched" {
  project = "$project"
  name    = "fetched"
  store   = { name = airm_provider_store.test.name, kind = "SecretStore" }
  data    = { password = { key = "source", property = "password" } }
  `+interval+`
}
resource "airm_project_secret" "left" {
  project = "$project"
  name    = "left"
  `+plain+left+`
}
`) + u.tokenStore(u.token, u.rounds).String())
}

// next expects an empty plan, before and after an update of everything.
func (u *esoUpgrade) next(what string) {
	u.t.Helper()
	u.t.Log(what)
	u.w.plansNothing()
	u.configure()
	changed := 5
	if u.older {
		changed--
	}
	contains(u.t, u.w.apply(), fmt.Sprintf("0 added, %d changed, 0 destroyed", changed))
	for _, name := range []string{"db", "shared", "fetched", "left"} {
		if u.ready("ExternalSecret", name) != "True" {
			u.t.Errorf("%s: %s is not synchronized: %v", what, name, u.condition("ExternalSecret", name))
		}
	}
	if got := u.secretData("fetched")["password"]; got != "from another secret" {
		u.t.Errorf("%s: the value is %q", what, got)
	}
	u.w.plansNothing()
}

// kinds puts other kinds over those of the cluster.
func (u *esoUpgrade) kinds(file string, err error) {
	u.t.Helper()
	u.ok(err)
	u.ok(bundle.Put(u.t.Context(), u.Config, file))
	u.Served = "v1"
}

// restart ends a part of the control plane and starts that of this name in the control plane's binary.
func (u *esoUpgrade) restart(name string, args ...string) {
	u.t.Helper()
	text, err := os.ReadFile(filepath.Join(u.dir, name+".pid"))
	u.ok(err)
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	u.ok(err)
	u.ok(syscall.Kill(pid, syscall.SIGKILL))

	log, err := os.Create(filepath.Join(u.t.TempDir(), name+".log"))
	u.ok(err)
	lifeline, holder, err := os.Pipe() // it ends when this process has ended
	u.ok(err)
	cmd := exec.Command(os.Getenv(upgradeVariable))
	cmd.Args = append([]string{name}, args...)
	cmd.Env = append(os.Environ(), "KUBECONFIG="+filepath.Join(u.dir, name+".kubeconfig"))
	cmd.Stdout, cmd.Stderr, cmd.ExtraFiles = log, log, []*os.File{lifeline}
	u.ok(cmd.Start())
	u.t.Cleanup(func() {
		_, _ = cmd.Process.Kill(), cmd.Wait()
		_, _, _ = holder.Close(), lifeline.Close(), log.Close()
	})
}

// operatorVersion is that of the control plane.
func operatorVersion(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../dev/controlplane/go.mod")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`external-secrets/external-secrets v(\S+)`).FindSubmatch(text)
	if found == nil {
		t.Fatal("go.mod of the control plane names no version of ESO")
	}
	return string(found[1])
}

// managedIn reports whether a manager has fields, in a version, of the object that was left alone.
func (u *esoUpgrade) managedIn(version string) bool {
	return slices.ContainsFunc(u.get("ExternalSecret", "left").GetManagedFields(), func(entry metav1.ManagedFieldsEntry) bool {
		return entry.APIVersion == "external-secrets.io/"+version
	})
}

// migrateStorage has everything stored as v1, as has to be done before a CustomResourceDefinition may leave v1beta1 out.
func (u *esoUpgrade) migrateStorage() {
	u.t.Helper()
	definitions := u.Client.Resource(customResourceDefinitions)
	for _, kind := range []string{"ExternalSecret", "SecretStore", "ClusterSecretStore"} {
		objects := u.Client.Resource(u.Resource(kind))
		list, err := objects.List(u.t.Context(), metav1.ListOptions{})
		u.ok(err)
		for _, object := range list.Items {
			options := metav1.UpdateOptions{FieldManager: "storage-migration"}
			_, err := objects.Namespace(object.GetNamespace()).Update(u.t.Context(), &object, options)
			u.ok(err)
		}
		name := u.Resource(kind).GroupResource().String()
		definition, err := definitions.Get(u.t.Context(), name, metav1.GetOptions{})
		u.ok(err)
		stored, _, _ := unstructured.NestedStringSlice(definition.Object, "status", "storedVersions")
		if !slices.Equal(stored, []string{"v1beta1", "v1"}) {
			u.t.Errorf("%s was stored as %v", kind, stored)
		}
		patch := []byte(`{"status":{"storedVersions":["v1"]}}`)
		_, err = definitions.Patch(context.Background(), name, types.MergePatchType, patch, metav1.PatchOptions{}, "status")
		u.ok(err)
	}
}
