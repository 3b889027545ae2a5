// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/acctest"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

// backendStore configures a store of the project, "$project-backend".
func (p *testProject) backendStore(body string) string {
	return p.hcl("resource \"airm_provider_store\" \"test\" {\n  project = \"$project\"\n  name = \"$project-backend\"\n" + body + "\n}\n")
}

func (p *testProject) backendName() string { return p.name + "-backend" }

// expectString expects a text in the state.
func expectString(address, name, text string) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New(name), knownvalue.StringExact(text))
}

// noLeak expects that a text is nowhere in a plan or in the state.
type noLeak string

// CheckPlan implements plancheck.PlanCheck.
func (text noLeak) CheckPlan(_ context.Context, req plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	if strings.Contains(mustJSON(req.Plan.ResourceChanges)+mustJSON(req.Plan.PlannedValues)+mustJSON(req.Plan.PriorState), string(text)) {
		resp.Error = fmt.Errorf("the plan shows %q", text)
	}
}

// CheckState implements statecheck.StateCheck.
func (text noLeak) CheckState(_ context.Context, req statecheck.CheckStateRequest, resp *statecheck.CheckStateResponse) {
	if strings.Contains(mustJSON(req.State), string(text)) {
		resp.Error = fmt.Errorf("the state shows %q", text)
	}
}

var (
	certificate   = "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n"
	localFile     = regexp.MustCompile(`file\("\$\{path\.module\}/ca\.pem"\)`)
	resourceStart = regexp.MustCompile(`(?m)^resource "airm_provider_store" .*\{$`)
	storeName     = regexp.MustCompile(`(?m)^(  name +)= "(.*)"$`)
)

// example returns an example as this test can apply it: for its project, and without waiting for backends that are not there.
func (p *testProject) example(folder string) string {
	p.t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, "main.tf"))
	p.ok(err)
	_, body, _ := strings.Cut(string(text), "\n}\n") // without the terraform block
	body = localFile.ReplaceAllLiteralString(body, strconv.Quote(certificate))
	body = resourceStart.ReplaceAllString(body, "$0\n  wait_for_sync = false")
	body = storeName.ReplaceAllString(body, `${1}= "`+p.name+`-$2"`)
	return strings.ReplaceAll(body, `"team-a"`, strconv.Quote(p.name))
}

// Every example is taken by the API server, with strict validation against ESO's CRDs, and nothing is left to plan.
func TestAccStoreExamples(t *testing.T) {
	t.Parallel()
	folders, err := filepath.Glob("../../examples/stores/*")
	if err != nil || len(folders) < 5 {
		t.Fatal(folders, err)
	}
	variables := config.Variables{
		"vault_secret_id": config.StringVariable("hunter2"),
		"aws_access_key": config.ObjectVariable(map[string]config.Variable{
			"id": config.StringVariable("AKIA"), "secret": config.StringVariable("hunter2"),
		}),
		"google_key":          config.StringVariable(`{"hunter2":1}`),
		"azure_client_secret": config.StringVariable("hunter2"),
		"other_cluster_token": config.StringVariable("hunter2"),
	}
	for _, folder := range folders {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			t.Parallel()
			p := newProject(t)
			text := p.example(folder)
			if strings.Contains(text, "secret_version_selection_policy") {
				p.needs(airm.KindSecretStore, "spec.provider.gcpsm.secretVersionSelectionPolicy")
			}
			given := config.Variables{}
			for name, value := range variables {
				if strings.Contains(text, `variable "`+name+`"`) {
					given[name] = value
				}
			}
			p.run(
				testStep{
					Config:            text,
					ConfigVariables:   given,
					ConfigPlanChecks:  resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{noLeak("hunter2")}},
					ConfigStateChecks: []statecheck.StateCheck{noLeak("hunter2")},
				},
				testStep{Config: text, ConfigVariables: given, ConfigPlanChecks: unchanged()},
			)
		})
	}
}

func (p *testProject) reader() {
	p.t.Helper()
	p.create("ServiceAccount", "reader", "{}")
	p.create("Role", "reader", `rules: [{apiGroups: [""], resources: [secrets], verbs: [get, list, watch]}]`)
	p.create("RoleBinding", "reader", `
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects: [{kind: ServiceAccount, name: reader, namespace: $project}]`)
}

// tokenStore is a store that reads the project's own namespace with a token from credentials_wo.
func (p *testProject) tokenStore(token string, version int) storeConfig {
	backend := &clusterProvider{
		RemoteNamespace: p.name,
		Server:          map[string]string{"url": p.Config.Host, "ca_bundle": base64.StdEncoding.EncodeToString(p.CA())},
	}
	backend.Auth.Token.BearerToken.Key = "token"
	return storeConfig{
		Project: p.name, Name: p.backendName(), Kubernetes: backend,
		CredentialsWO: map[string]string{"token": token}, CredentialsWOVersion: version,
		commonConfig: commonConfig{OnSyncFailure: "warn"},
	}
}

// The life of credentials: the store works with them, they are shown nowhere, rotate by the version, are healed, and go
// with the store.
func TestAccStoreCredentials(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.reader()
	p.create("Secret", "source", `stringData: {password: from another secret}`)
	good := p.Token(p.name, "reader")
	secretName := p.backendName() + "-credentials"
	secret := p.plainSecret()
	secret.Store.Name = "${airm_provider_store.test.name}"
	secret.Data = map[string]remoteRefConfig{"password": {Key: "source", Property: "password"}}
	secret.OnSyncFailure = "warn"
	user := secret.String()
	own := p.tokenStore(good, 0)
	own.Kubernetes.Auth.Token.BearerToken.Name, own.CredentialsWO = "own", nil
	renamed := p.tokenStore(good, 3)
	renamed.Kubernetes.Auth.Token.BearerToken.Key, renamed.CredentialsWO = "access", map[string]string{"access": good}
	holds := func(want string) resource.TestCheckFunc {
		return p.check(func() {
			t.Helper()
			if got := p.secretData(secretName)["token"]; got != want {
				t.Errorf("the Secret holds %q, not %q", got, want)
			}
		})
	}
	silent := func(text string) []statecheck.StateCheck {
		return []statecheck.StateCheck{noLeak(text), noLeak(base64.StdEncoding.EncodeToString([]byte(text)))}
	}
	quiet := func(actions plancheck.ResourceActionType, text string) resource.ConfigPlanChecks {
		return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(storeAddress, actions), noLeak(text)}}
	}
	p.run(
		testStep{
			Config:            p.tokenStore(good, 1).String() + user,
			ConfigPlanChecks:  quiet(plancheck.ResourceActionCreate, good),
			ConfigStateChecks: append(silent(good), expectString(storeAddress, "status", "Synced"), expectString(secretAddress, "status", "Synced")),
			Check: resource.ComposeTestCheckFunc(holds(good), p.check(func() {
				owner := p.get("Secret", secretName).GetOwnerReferences()
				if len(owner) != 1 || owner[0].UID != p.get("SecretStore", p.backendName()).GetUID() {
					t.Errorf("the owner is %v", owner)
				}
			})),
		},
		testStep{ // another value alone is not seen
			Config:           p.tokenStore("hunter2", 1).String() + user,
			ConfigPlanChecks: unchanged(),
			Check:            holds(good),
		},
		testStep{ // wrong credentials, in place; ESO does not detect them with this backend
			Config:            p.tokenStore("hunter2", 2).String() + user,
			ConfigPlanChecks:  quiet(plancheck.ResourceActionUpdate, "hunter2"),
			ConfigStateChecks: silent("hunter2"),
			Check:             holds("hunter2"),
		},
		testStep{ // repaired in place, and the secret follows
			Config:            p.tokenStore(good, 3).String() + user,
			ConfigPlanChecks:  quiet(plancheck.ResourceActionUpdate, good),
			ConfigStateChecks: append(silent(good), expectString(storeAddress, "status", "Synced"), expectString(secretAddress, "status", "Synced")),
			Check:             holds(good),
		},
		testStep{ // healed
			PreConfig:        func() { p.removeNow("Secret", secretName) },
			Config:           p.tokenStore(good, 3).String() + user,
			ConfigPlanChecks: quiet(plancheck.ResourceActionUpdate, good),
			Check:            holds(good),
		},
		testStep{ // another key under the same version
			Config:            renamed.String() + user,
			ConfigPlanChecks:  updates(storeAddress),
			ConfigStateChecks: append(expectSynced(storeAddress), expectString(secretAddress, "status", "Synced")),
			Check: p.check(func() {
				if p.secretData(secretName)["access"] != good {
					t.Error("the Secret lacks the key that the store refers to")
				}
			}),
		},
		testStep{ // given by a Secret of one's own again
			PreConfig:         func() { p.create("Secret", "own", "stringData: {token: "+good+"}") },
			Config:            own.String() + user,
			ConfigPlanChecks:  quiet(plancheck.ResourceActionUpdate, good),
			ConfigStateChecks: []statecheck.StateCheck{expectString(storeAddress, "status", "Synced")},
			Check: p.check(func() {
				if p.get("Secret", secretName) != nil {
					t.Error("the Secret of the former credentials is still there")
				}
			}),
		},
		testStep{Config: p.tokenStore(good, 4).String() + user, Check: holds(good)},
	)
	if p.get("Secret", secretName) != nil {
		t.Error("destroy left the credentials behind")
	}
}

// platform configures the provider with a platform namespace of its own, which does not exist yet.
func (p *testProject) platform() string {
	p.t.Cleanup(func() { p.remove("Namespace", p.name+"-platform") })
	return p.hcl("provider \"airm\" {\n  platform_namespace = \"$project-platform\"\n}\n")
}

// The credentials of a store of the organization are in the platform namespace, and the store says so.
func TestAccStoreCredentialsOfTheOrganization(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	platform := *p
	platform.name += "-platform"
	text := p.platform() + p.hcl(`
resource "airm_provider_store" "test" {
  name = "$project"
  vault = {
    server = "http://127.0.0.1:1"
    path   = "secret"
    tls    = { cert_secret_ref = { key = "crt" }, key_secret_ref = { key = "key" } }
    auth   = { app_role = { role_id = "r", secret_ref = { key = "id" } } }
  }
  credentials_wo         = { id = "hunter2", crt = "x", key = "y" }
  credentials_wo_version = 1
  wait_for_sync          = false
}`)
	p.run(
		testStep{
			Config:            text,
			ConfigStateChecks: []statecheck.StateCheck{noLeak("hunter2")},
			Check: p.check(func() {
				spec := mustJSON(p.get("ClusterSecretStore", p.name).Object["spec"])
				for _, key := range []string{"id", "crt", "key"} {
					want := fmt.Sprintf(`{"key":"%s","name":"%s-credentials","namespace":"%s"}`, key, p.name, platform.name)
					if !strings.Contains(spec, want) {
						t.Errorf("no %s in %s", want, spec)
					}
				}
				if got := platform.secretData(p.name + "-credentials")["id"]; got != "hunter2" {
					t.Errorf("the Secret holds %q", got)
				}
			}),
		},
		testStep{Config: text, ConfigPlanChecks: unchanged()},
		testStep{ // drift elsewhere does not show the reference that the arguments leave out
			PreConfig: func() { p.patch("ClusterSecretStore", p.name, `{"spec":{"provider":{"vault":{"path":"changed"}}}}`) },
			Config:    strings.Replace(text, "wait_for_sync ", "force_conflicts = true\n wait_for_sync ", 1),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(storeAddress, plancheck.ResourceActionUpdate), noLeak(p.name + "-credentials"),
			}},
		},
	)
	if platform.get("Secret", p.name+"-credentials") != nil {
		t.Error("destroy left the credentials behind")
	}
}

// A Secret of another owner is neither taken over nor read by the store: nothing is written.
func TestAccStoreCredentialsOfOthers(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.create("Secret", p.backendName()+"-credentials", "stringData: {token: theirs}")
	p.run(testStep{
		Config:      p.tokenStore("hunter2", 1).String(),
		ExpectError: matchWords("it has another owner, so it was not changed"),
	})
	if got := p.secretData(p.backendName() + "-credentials")["token"]; got != "theirs" || p.get("SecretStore", p.backendName()) != nil {
		t.Errorf("the Secret holds %q, the store is %v", got, p.get("SecretStore", p.backendName()))
	}
}

// A user who may not write the credentials gets an error that names the missing permission, the user and the place; nothing is written.
func TestAccStoreCredentialsForbidden(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	stores := `{apiGroups: [external-secrets.io], resources: [secretstores], verbs: ["*"]}`
	p.run(testStep{
		Config: p.as("stranger", stores, manageSecrets, readNamespace, getSecrets) + p.tokenStore("hunter2", 1).String(),
		ExpectError: matchWords(fmt.Sprintf(`User "system:serviceaccount:%[1]s:stranger" cannot create resource "secrets" in the namespace "%[1]s". Grant the permission`,
			p.name)),
	})
	if p.get("SecretStore", p.backendName()) != nil {
		t.Error("the store was made without its credentials")
	}
}

func TestAccStoreCredentialsRules(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	vault := func(rest string) string {
		return p.backendStore(`vault = { server = "https://v", auth = { token_secret_ref = { key = "token" } } }` + "\n" + rest)
	}
	for text, want := range map[string]string{
		vault(``): "The name of a Secret is missing",
		vault(`credentials_wo = { token = "x" }`): "credentials_wo needs credentials_wo_version",
		vault(`credentials_wo_version = 1`):       "credentials_wo_version needs credentials_wo",

		vault("credentials_wo_version = 1\ncredentials_wo = { other = \"hunter2\" }"):                        "No such key in credentials_wo",
		vault("credentials_wo_version = 1\ncredentials_wo = { token = \"x\", \"a b\" = \"hunter2\" }"):       "Invalid key in credentials_wo",
		vault("credentials_wo_version = 1\ncredentials_wo = { token = null }"):                               "Missing value in credentials_wo",
		p.backendStore(`other = jsonencode(["vault"])`):                                                      "A store has exactly one backend",
		p.backendStore(`aws = { service = "SecretsManager", region = "eu-central-1", auth = { jwt = {} } }`): "ESO crashes on a jwt without it",
	} {
		p.run(testStep{Config: text, PlanOnly: true, ExpectError: matchWords(want)})
	}
}

// A store that secrets use is not deleted, and the error says which they are.
func TestAccStoreInUse(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	text := p.backendStore(`fake = { data = [{ key = "a", value = "b" }] }`)
	p.run(
		testStep{Config: text},
		testStep{
			PreConfig: func() {
				p.externalSecret("user", `spec: {secretStoreRef: {name: $project-backend}, data: [{secretKey: a, remoteRef: {key: a}}]}`)
				p.externalSecret("entry", `spec: {data: [{secretKey: a, remoteRef: {key: a}, sourceRef: {storeRef: {name: $project-backend}}}]}`)
				p.externalSecret("another", "")
			},
			Config:      text,
			Destroy:     true,
			ExpectError: matchWords(fmt.Sprintf("%s/entry, %s/user. Without", p.name, p.name)),
		},
		testStep{PreConfig: func() {
			if p.get("SecretStore", p.backendName()) == nil {
				t.Error("the store is gone")
			}
			p.removeNow("ExternalSecret", "user")
			p.removeNow("ExternalSecret", "entry")
		}, Config: text},
	)
}

// onlyWhenAsked has the API server refuse the Secret of an ExternalSecret until ESO was asked to synchronize that: ESO copies the
// annotation that asks for it to the Secret, and goes on trying by itself.
func (p *testProject) onlyWhenAsked(name string) {
	p.t.Helper()
	p.create("ValidatingAdmissionPolicy", p.name, `
spec:
  matchConstraints:
    namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: $project}}
    resourceRules: [{apiGroups: [""], apiVersions: [v1], resources: [secrets], resourceNames: [`+name+`], operations: [CREATE, UPDATE]}]
  validations: [{expression: "'`+airm.AnnotationForceSync+`' in object.metadata.?annotations.orValue({})"}]`)
	p.create("ValidatingAdmissionPolicyBinding", p.name, `spec: {policyName: $project, validationActions: [Deny]}`)
	p.eventually("the policy is in force", func() bool {
		probe := p.Object("Secret", name, "")
		_, err := p.objects("Secret").Create(p.t.Context(), probe, metav1.CreateOptions{DryRun: dryRunAll})
		return err != nil
	})
}

// After the repair of a store ESO is asked to synchronize our secrets that failed, and no others.
func TestAccStoreRepaired(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	asked := func(name string) bool {
		return p.get("ExternalSecret", name).GetAnnotations()[airm.AnnotationForceSync] != ""
	}
	content := func(label, key string) string {
		return fmt.Sprintf(`{metadata: {labels: {app.kubernetes.io/managed-by: %s}}, spec: {secretStoreRef: {name: $project-backend}, refreshInterval: 1h,
			data: [{secretKey: a, remoteRef: {key: %s}}], target: {creationPolicy: Owner}}}`, label, key)
	}
	p.run(
		testStep{Config: p.backendStore(`fake = { data = [{ key = "here", value = "b" }] }`)},
		testStep{
			PreConfig: func() {
				p.externalSecret("failed", content(airm.ManagedByValue, "missing"))
				p.externalSecret("foreign", content("helm", "missing"))
				p.externalSecret("fine", content(airm.ManagedByValue, "here"))
				p.eventually("ESO has tried", func() bool {
					return p.ready("ExternalSecret", "failed") == "False" && p.ready("ExternalSecret", "foreign") == "False" &&
						p.ready("ExternalSecret", "fine") == "True"
				})
				p.onlyWhenAsked("failed")
			},
			Config: p.backendStore(`fake = { data = [{ key = "here", value = "b" }, { key = "missing", value = "c" }] }`),
			Check: p.check(func() {
				if !asked("failed") || asked("foreign") || asked("fine") {
					t.Errorf("asked: failed %t, foreign %t, fine %t", asked("failed"), asked("foreign"), asked("fine"))
				}
				p.waitFor("ExternalSecret", "failed", "is synced, as it was asked to be", acctest.IsReady)
				for _, name := range []string{"failed", "foreign", "fine"} {
					p.removeNow("ExternalSecret", name)
				}
			}),
		},
	)
}

// What ESO could not validate is distinguished from what works, and an invalid store is reported with the cause.
func TestAccStoreStatus(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.needs(airm.KindSecretStore, validationResult)
	p.create("Secret", "vault", "stringData: {token: x}")
	// Of another name: a store that was ready before stays so until ESO has looked, however long that takes.
	invalid := strings.ReplaceAll(p.backendStore(`vault = { server = "http://127.0.0.1:1", path = "secret", auth = { token_secret_ref = { name = "vault", key = "token" } } }`),
		p.backendName(), "invalid")
	p.run(
		testStep{
			Config: p.backendStore(`fake = { data = [{ key = "a", value = "b" }], validation_result = 1 }`) + p.hcl(`
data "airm_provider_store" "test" {
  project = "$project"
  name    = airm_provider_store.test.name
}`),
			ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownValue("data.airm_provider_store.test", tfjsonpath.New("status_reason"),
				knownvalue.StringRegexp(matchWords("could not validate it (ValidationUnknown)")))},
		},
		testStep{
			Config:      invalid,
			ExpectError: matchWords("(InvalidProviderConfig)"),
		},
		testStep{
			Config:      invalid,
			ExpectError: matchWords("connection refused"),
		},
	)
}
