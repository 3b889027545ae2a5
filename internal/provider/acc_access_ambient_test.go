// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"slices"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/yaml"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

// Ways in which a store logs in: with credentials that it names, or as External Secrets Operator itself.
const (
	ownCredentials = false
	ambient        = true
)

type storeLogin struct {
	provider string
	as       bool
}

var storeLogins = []storeLogin{
	{`aws: {service: SecretsManager, region: x}`, ambient},
	{`aws: {service: SecretsManager, region: x, role: r}`, ambient},
	{`aws: {service: SecretsManager, region: x, auth: {}}`, ambient},
	{`aws: {service: SecretsManager, region: x, auth: {jwt: {}}}`, ambient},
	{`aws: {service: SecretsManager, region: x, auth: {jwt: {serviceAccountRef: {name: x}}}}`, ownCredentials},
	{`aws: {service: SecretsManager, region: x, auth: {secretRef: {accessKeyIDSecretRef: {name: x, key: x}, secretAccessKeySecretRef: {name: x, key: x}}}}`, ownCredentials},
	{`gcpsm: {projectID: x}`, ambient},
	{`gcpsm: {projectID: x, auth: {}}`, ambient},
	{`gcpsm: {projectID: x, auth: {workloadIdentityFederation: {credConfig: {name: x, key: x}}}}`, ambient},
	{`gcpsm: {projectID: x, auth: {workloadIdentityFederation: {audience: x, serviceAccountRef: {name: x}}}}`, ownCredentials},
	{`gcpsm: {projectID: x, auth: {workloadIdentityFederation: {audience: x, awsSecurityCredentials: {region: x, awsCredentialsSecretRef: {name: x}}}}}`, ownCredentials},
	{`gcpsm: {projectID: x, auth: {workloadIdentity: {serviceAccountRef: {name: x}, clusterLocation: x, clusterName: x}}}`, ownCredentials},
	{`gcpsm: {projectID: x, auth: {secretRef: {secretAccessKeySecretRef: {name: x, key: x}}}}`, ownCredentials},
	{`azurekv: {vaultUrl: x, authType: ManagedIdentity}`, ambient},
	{`azurekv: {vaultUrl: x, authType: ManagedIdentity, identityId: x}`, ambient},
	{`azurekv: {vaultUrl: x, authType: WorkloadIdentity}`, ambient},
	{`azurekv: {vaultUrl: x, authType: WorkloadIdentity, serviceAccountRef: {name: x}}`, ownCredentials},
	{`azurekv: {vaultUrl: x, tenantId: x, authSecretRef: {clientId: {name: x, key: x}, clientSecret: {name: x, key: x}}}`, ownCredentials},
	{`vault: {server: x, auth: {kubernetes: {mountPath: x, role: x}}}`, ambient},
	{`vault: {server: x, auth: {kubernetes: {mountPath: x, role: x, serviceAccountRef: {name: x}}}}`, ownCredentials},
	{`vault: {server: x, auth: {kubernetes: {mountPath: x, role: x, secretRef: {name: x}}}}`, ownCredentials},
	{`vault: {server: x, auth: {iam: {vaultRole: x}}}`, ambient},
	{`vault: {server: x, auth: {iam: {vaultRole: x, jwt: {serviceAccountRef: {name: x}}}}}`, ownCredentials},
	{`vault: {server: x, auth: {gcp: {role: x}}}`, ambient},
	{`vault: {server: x, auth: {gcp: {role: x, serviceAccountRef: {name: x}}}}`, ambient},
	{`vault: {server: x, auth: {gcp: {role: x, secretRef: {secretAccessKeySecretRef: {name: x, key: x}}}}}`, ownCredentials},
	{`volcengine: {region: x}`, ambient},
	{`volcengine: {region: x, auth: {secretRef: {accessKeyID: {name: x, key: x}, secretAccessKey: {name: x, key: x}}}}`, ownCredentials},
	{`vault: {server: x, auth: {tokenSecretRef: {name: x, key: x}}}`, ownCredentials},
	{`vault: {server: x, auth: {appRole: {path: x, roleId: x, secretRef: {name: x, key: x}}}}`, ownCredentials},
	{`vault: {server: x, auth: {jwt: {path: x, kubernetesServiceAccountToken: {serviceAccountRef: {name: x}}}}}`, ownCredentials},
	{`akeyless: {akeylessGWApiURL: x, authSecretRef: {kubernetesAuth: {accessID: x, k8sConfName: x}}}`, ambient},
	{`akeyless: {akeylessGWApiURL: x, authSecretRef: {kubernetesAuth: {accessID: x, k8sConfName: x, secretRef: {name: x}}}}`, ownCredentials},
	{`ibm: {serviceUrl: x, auth: {containerAuth: {profile: x}}}`, ambient},
	{`ibm: {serviceUrl: x, auth: {secretRef: {secretApiKeySecretRef: {name: x, key: x}}}}`, ownCredentials},
	{`alibaba: {regionID: x, auth: {rrsa: {oidcProviderArn: x, oidcTokenFilePath: x, roleArn: x, sessionName: x}}}`, ambient},
	{`oracle: {region: x, vault: x}`, ambient},
	{`oracle: {region: x, vault: x, serviceAccountRef: {name: x}}`, ambient},
	{`oracle: {region: x, vault: x, principalType: Workload}`, ambient},
	{`oracle: {region: x, vault: x, principalType: Workload, serviceAccountRef: {name: x}}`, ownCredentials},
	{`oracle: {region: x, vault: x, auth: {tenancy: x, user: x, secretRef: {privatekey: {name: x, key: x}, fingerprint: {name: x, key: x}}}}`, ownCredentials},
	{`infisical: {secretsScope: {projectSlug: x, environmentSlug: x}, auth: {awsAuthCredentials: {identityId: {name: x, key: x}}}}`, ambient},
	{`infisical: {secretsScope: {projectSlug: x, environmentSlug: x}, auth: {universalAuthCredentials: {clientId: {name: x, key: x}, clientSecret: {name: x, key: x}}}}`, ownCredentials},
	{`kubernetes: {server: {url: x, caBundle: eA==}, auth: {serviceAccount: {name: x}}}`, ownCredentials},
	{`fake: {data: [{key: a, value: b}]}`, ownCredentials},
}

var generatorLogins = []struct {
	kind, spec string
	as         bool
}{
	{"ECRAuthorizationToken", `{region: x}`, ambient},
	{"ECRAuthorizationToken", `{region: x, auth: {jwt: {serviceAccountRef: {name: x}}}}`, ownCredentials},
	{"STSSessionToken", `{region: x, auth: {}}`, ambient},
	{"STSSessionToken", `{region: x, auth: {secretRef: {accessKeyIDSecretRef: {name: x}, secretAccessKeySecretRef: {name: x}}}}`, ownCredentials},
	{"GCRAccessToken", `{projectID: x, auth: {}}`, ambient},
	{"GCRAccessToken", `{projectID: x, auth: {secretRef: {secretAccessKeySecretRef: {name: x}}}}`, ownCredentials},
	{"ACRAccessToken", `{registry: x, auth: {managedIdentity: {}}}`, ambient},
	{"ACRAccessToken", `{registry: x, auth: {workloadIdentity: {}}}`, ambient},
	{"ACRAccessToken", `{registry: x, auth: {workloadIdentity: {serviceAccountRef: {name: x}}}}`, ownCredentials},
	{"ACRAccessToken", `{registry: x, auth: {servicePrincipal: {secretRef: {}}}}`, ownCredentials},
	{"VaultDynamicSecret", `{path: x, provider: {server: x, auth: {kubernetes: {mountPath: x, role: x}}}}`, ambient},
	{"VaultDynamicSecret", `{path: x, provider: {server: x, auth: {kubernetes: {mountPath: x, role: x, serviceAccountRef: {name: x}}}}}`, ownCredentials},
}

// knows reports whether the SecretStore of this cluster has all fields of a spec.
func (a *access) knows(spec string) bool {
	a.t.Helper()
	var content map[string]any
	a.ok(yaml.Unmarshal([]byte(spec), &content))
	fields := map[string]bool{}
	fieldsIn(content, "spec", fields)
	for field := range fields {
		if !a.Has(airm.KindSecretStore, strings.ReplaceAll(field, "[]", "")) {
			return false
		}
	}
	return true
}

// Without the policy, a user with "edit" in a project can create stores that log in as External Secrets Operator; with it, only
// stores of credentials that the project has. What exists stays, and is not turned elsewhere.
func TestAccAccessAmbientCredentials(t *testing.T) {
	t.Parallel()
	a := newAccess(t, 0)
	a.create("SecretStore", "before", `spec: {provider: {aws: {service: SecretsManager, region: x}}}`)
	editor := a.as(a.name + "-editor")
	stores := editor.client.Resource(a.Resource("SecretStore")).Namespace(a.name)
	text := func(provider string) string { return "{spec: {provider: {" + provider + "}}}" }
	// Of a login that this ESO does not know the API server would drop what is new, and another one would be left.
	logins := slices.DeleteFunc(slices.Clone(storeLogins), func(l storeLogin) bool { return !a.knows("{provider: {" + l.provider + "}}") })
	for _, c := range logins {
		if err := editor.dryRun("SecretStore", text(c.provider)); err != nil {
			t.Fatalf("%s: without the policies it is refused, so this test shows nothing: %s", c.provider, err)
		}
	}
	a.installPolicies()
	for _, c := range logins {
		switch err := editor.dryRun("SecretStore", text(c.provider)); {
		case c.as == ownCredentials && err != nil:
			t.Errorf("%s: %s", c.provider, err)
		case c.as == ambient && !isRefused(err):
			t.Errorf("%s: %v", c.provider, err)
		case c.as == ambient && !strings.Contains(err.Error(), `user "`+editor.name+`" may not`):
			t.Errorf("%s: the message lacks the user: %s", c.provider, err)
		}
		if err := a.actor("", a.user("admin", "system:masters")).dryRun("SecretStore", text(c.provider)); err != nil {
			t.Errorf("%s: an administrator: %s", c.provider, err)
		}
	}
	patched := func(name, patch string) error {
		dryRun := metav1.PatchOptions{DryRun: dryRunAll}
		_, err := stores.Patch(context.Background(), name, "application/merge-patch+json", []byte(patch), dryRun)
		return err
	}
	for what, c := range map[string]struct {
		name, patch string
		refused     bool
	}{
		"how often":          {"before", `{"spec":{"refreshInterval":60}}`, false},
		"credentials":        {"before", `{"spec":{"provider":{"aws":{"auth":{"jwt":{"serviceAccountRef":{"name":"x"}}}}}}}`, false},
		"another region":     {"before", `{"spec":{"provider":{"aws":{"region":"y"}}}}`, true},
		"another backend":    {"before", `{"spec":{"provider":{"aws":null,"gcpsm":{"projectID":"x"}}}}`, true},
		"from credentials":   {a.store, `{"spec":{"provider":{"fake":null,"gcpsm":{"projectID":"x"}}}}`, true},
		"another annotation": {"before", `{"metadata":{"annotations":{"a":"b"}}}`, false},
	} {
		if err := patched(c.name, c.patch); isRefused(err) != c.refused || !c.refused && err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// The same for generators. The local control plane does not have them, so this makes kinds of their names that take anything.
func TestAccAccessAmbientGenerators(t *testing.T) {
	t.Parallel()
	a := newAccess(t, 0)
	a.create("Role", "generators", `rules: [{apiGroups: [generators.external-secrets.io], resources: ["*"], verbs: [create]}]`)
	editor := a.as(a.name + "-editor")
	a.create("RoleBinding", "generators", `
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: generators}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: `+editor.name+`}]`)
	made := map[string]schema.GroupVersionResource{}
	for _, c := range generatorLogins {
		if _, done := made[c.kind]; !done {
			made[c.kind] = a.generatorKind(c.kind)
		}
	}
	try := func(kind, spec string) error {
		object := &unstructured.Unstructured{}
		a.ok(yaml.Unmarshal([]byte("{spec: "+spec+"}"), &object.Object))
		object.SetGroupVersionKind(made[kind].GroupVersion().WithKind(kind))
		object.SetName("x")
		generators := editor.client.Resource(made[kind]).Namespace(a.name)
		_, err := generators.Create(context.Background(), object, metav1.CreateOptions{DryRun: dryRunAll})
		return err
	}
	for _, c := range generatorLogins {
		a.eventually(c.kind+" can be made", func() bool { return try(c.kind, c.spec) == nil })
	}
	a.installPolicies()
	for _, c := range generatorLogins {
		a.eventually("the policy has seen "+c.kind, func() bool { return c.as == ownCredentials || isRefused(try(c.kind, c.spec)) })
		if err := try(c.kind, c.spec); c.as == ownCredentials && err != nil {
			t.Errorf("%s %s: %s", c.kind, c.spec, err)
		}
	}
}

var customResourceDefinitions = schema.GroupVersionResource{
	Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions",
}

// generatorKind makes a kind of generator in the cluster, unless it has it.
func (a *access) generatorKind(kind string) schema.GroupVersionResource {
	a.t.Helper()
	plural := strings.ToLower(kind) + "s"
	group := "generators." + airm.Group
	definitions := a.Client.Resource(customResourceDefinitions)
	definition := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": map[string]any{"name": plural + "." + group},
		"spec": map[string]any{
			"group": group, "scope": "Namespaced", "names": map[string]any{"kind": kind, "plural": plural},
			"versions": []any{map[string]any{"name": "v1alpha1", "served": true, "storage": true, "schema": map[string]any{
				"openAPIV3Schema": map[string]any{"type": "object", "x-kubernetes-preserve-unknown-fields": true},
			}}},
		},
	}}
	_, err := definitions.Create(context.Background(), definition, metav1.CreateOptions{})
	if !apierrors.IsAlreadyExists(err) {
		a.ok(err)
		a.t.Cleanup(func() { a.ok(definitions.Delete(context.Background(), definition.GetName(), metav1.DeleteOptions{})) })
	}
	return schema.GroupVersionResource{Group: group, Version: "v1alpha1", Resource: plural}
}
