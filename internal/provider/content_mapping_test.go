// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework-jsontypes/jsontypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/acctest"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/attribute"
)

func flattened(t *testing.T, s attribute.Mapping, spec map[string]any) map[string]attr.Value {
	t.Helper()
	attrs, diags := s.Flatten(t.Context(), spec, s.Types)
	if diags.HasError() {
		t.Fatal(diags)
	}
	return attrs
}

// losslessSpecs come out of Flatten and Expand as they went in.
var losslessSpecs = map[string]struct {
	shape attribute.Mapping
	spec  string
}{
	"empty":        {contentMapping, `{}`},
	"empty values": {contentMapping, `{data: [], dataFrom: [], target: {template: {data: {}, metadata: {labels: {}, finalizers: []}}}}`},
	"empty object": {storeMapping, `provider: {kubernetes: {auth: {serviceAccount: {}}}}`},
	"backend":      {storeMapping, `provider: {fake: {data: [{key: k, value: v}], validationResult: 2}}`},
	"vault": {storeMapping, `provider: {vault: {server: "https://v", path: secret, version: v2, caBundle: LS0t,
		tls: {certSecretRef: {name: it, key: k}}, readYourWrites: true, headers: {a: b}, checkAndSet: {required: true},
		auth: {namespace: ns, appRole: {path: p, roleId: r, secretRef: {key: k}}, iam: {vaultRole: r, externalID: e, vaultAwsIamServerID: s,
		secretRef: {accessKeyIDSecretRef: {key: k}}, jwt: {serviceAccountRef: {name: it, audiences: [a]}}}}}}`},
	"aws": {storeMapping, `provider: {aws: {service: SecretsManager, region: eu-central-1, role: r, additionalRoles: [a], externalID: e,
		sessionTags: [{key: k, value: v}], transitiveTagKeys: [k], secretsManager: {recoveryWindowInDays: 7}, prefix: p, auth: {}}}`},
	"gcp": {storeMapping, `provider: {gcpsm: {projectID: p, location: l, secretVersionSelectionPolicy: LatestOrFail, auth: {workloadIdentity:
		{serviceAccountRef: {name: it}, clusterProjectID: p}, ` +
		`workloadIdentityFederation: {awsSecurityCredentials: {region: r, awsCredentialsSecretRef: {name: it}}}}}}`},
	"azure": {storeMapping, `provider: {azurekv: {vaultUrl: "https://v", authType: WorkloadIdentity, tenantId: t, identityId: i, useAzureSDK: true,
		authSecretRef: {clientId: {key: k}}, customCloudConfig: {activeDirectoryEndpoint: a, keyVaultDNSSuffix: s}}}`},
	"other": {storeMapping, `provider: {webhook: {url: "http://x", timeout: 5, ratio: 0.5}}`},
	"retry": {storeMapping, `{provider: {fake: {data: []}}, controller: c, retrySettings: {maxRetries: 3, retryInterval: 10s}}`},
}

func TestLossless(t *testing.T) {
	for name, test := range losslessSpecs {
		t.Run(name, func(t *testing.T) {
			in := acctest.ParseYAML(t, test.spec)
			if got := test.shape.Expand(flattened(t, test.shape, in)); !reflect.DeepEqual(got, in) {
				t.Errorf("got  %v\nwant %v", got, in)
			}
			if !test.shape.IsLossless(t.Context(), in, test.shape.Types) {
				t.Error("is said to lose something")
			}
			if again := acctest.ParseYAML(t, test.spec); !reflect.DeepEqual(in, again) {
				t.Errorf("the spec was changed to %v", in)
			}
		})
	}
}

// The arguments always have the kind of a store, so a spec without it goes into the manifest; and a backend whose fields have no
// argument goes into other.
func TestLossy(t *testing.T) {
	for text, shape := range map[string]attribute.Mapping{
		`secretStoreRef: {name: s}`: contentMapping,
		`data: [{secretKey: A, remoteRef: {key: a}, sourceRef: {storeRef: {name: s}}}]`: contentMapping,
		`dataFrom: [{extract: {key: a}, sourceRef: {storeRef: {name: s}}}]`:             contentMapping,
		`provider: {kubernetes: {proxy: p}}`:                                            storeMapping,
	} {
		if shape.IsLossless(t.Context(), acctest.ParseYAML(t, text), shape.Types) {
			t.Errorf("%s: is said to lose nothing", text)
		}
	}
}

func TestFlattenFillsOtherOnlyWithoutTypedBackend(t *testing.T) {
	in := acctest.ParseYAML(t, `provider: {fake: {data: [{key: k, value: v}]}}`)
	if got := flattened(t, storeMapping, in)["other"]; !got.IsNull() {
		t.Errorf("other = %s", got)
	}
}

func TestUntypedStore(t *testing.T) {
	in := acctest.ParseYAML(t, `{provider: {fake: {data: [{key: k, value: v}]}}, controller: c}`)
	got, diags := untypedStoreMapping.Flatten(t.Context(), in, storeMapping.Types)
	if diags.HasError() {
		t.Fatal(diags)
	}
	want := map[string]attr.Value{
		"other":            jsontypes.NewNormalizedValue(`{"fake":{"data":[{"key":"k","value":"v"}]}}`),
		"controller":       types.StringValue("c"),
		"refresh_interval": types.StringNull(),
		"retry":            attribute.Null(t.Context(), storeMapping.Types["retry"]),
	}
	for _, name := range typedBackends() {
		want[name] = attribute.Null(t.Context(), storeMapping.Types[name])
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if again := storeMapping.Expand(got); !reflect.DeepEqual(again, in) {
		t.Errorf("expands to %v", again)
	}
}

// Every field of the backends that have arguments, or will have, must come out
// of the snake case of its name.
func TestEveryFieldHasAName(t *testing.T) {
	for esoPath := range esoFields(t) {
		for _, field := range strings.FieldsFunc(esoPath, func(r rune) bool { return strings.ContainsRune(".[]{}", r) }) {
			if snake := snakeCase(field); attribute.Camel(snake) != field && field != "ExternalSecret" && field != "SecretStore" {
				t.Errorf("%s: %s becomes %s", esoPath, snake, attribute.Camel(snake))
			}
		}
	}
}

func TestSnakeCase(t *testing.T) {
	for camel, snake := range map[string]string{
		"mountPath": "mount_path", "projectID": "project_id", "vaultUrl": "vault_url", "useAzureSDK": "use_azure_sdk",
		"keyVaultDNSSuffix": "key_vault_dns_suffix", "accessKeyIDSecretRef": "access_key_id_secret_ref",
		"vaultAwsIamServerID": "vault_aws_iam_server_id",
	} {
		if got := snakeCase(camel); got != snake {
			t.Errorf("%s: got %s, want %s", camel, got, snake)
		}
	}
}

// snakeCase is how we name the argument for an ESO field.
func snakeCase(field string) string {
	var b strings.Builder
	upper := func(i int) bool { return i >= 0 && i < len(field) && 'A' <= field[i] && field[i] <= 'Z' }
	for i := range len(field) {
		startsWord := upper(i) && (!upper(i-1) || i+1 < len(field) && !upper(i+1))
		if startsWord && i > 0 {
			b.WriteByte('_')
		}
		b.WriteByte(field[i])
	}
	return strings.ToLower(b.String())
}

// Any spec that ESO's schema allows comes out of flatten and expand unchanged.
func TestRoundTrip(t *testing.T) {
	fields := esoFields(t)
	for kind, s := range map[string]attribute.Mapping{"ExternalSecret": contentMapping, "SecretStore": storeMapping} {
		t.Run(kind, func(t *testing.T) {
			for seed := range uint64(500) {
				in := randomSpec(rand.New(rand.NewPCG(seed, 0)), fields, kind)
				got := s.Expand(flattened(t, s, in))
				if !reflect.DeepEqual(got, in) || !s.IsLossless(t.Context(), in, s.Types) {
					t.Fatalf("seed %d\ngot  %v\nwant %v", seed, got, in)
				}
			}
		})
	}
}

// randomSpec fills about two thirds of the fields. The exceptions: a reference
// to a store always has its kind, a store has one backend, and the fields that
// are converted elsewhere are left out.
func randomSpec(r *rand.Rand, fields map[string]esoField, kind string) map[string]any {
	m := randomObject(r, fields, kind)
	if kind == "SecretStore" {
		delete(m, "conditions")
		delete(m, "refreshInterval")
		if provider, ok := m["provider"].(map[string]any); ok {
			names := slices.Sorted(maps.Keys(provider))
			for len(names) > 1 { // a store has one backend
				at := r.IntN(len(names))
				delete(provider, names[at])
				names = slices.Delete(names, at, at+1)
			}
		}
	}
	return m
}

func randomObject(r *rand.Rand, fields map[string]esoField, at string) map[string]any {
	m := map[string]any{}
	for _, name := range childrenOf(fields, at) {
		child := at + "." + name
		needed := name == "secretKey" || strings.HasSuffix(at, "toreRef") && name == "kind"
		if !needed && r.IntN(3) == 0 {
			continue
		}
		v := randomValue(r, fields, child)
		if empty, ok := v.(map[string]any); ok && len(empty) == 0 && fields[child].typ == "object" {
			continue // It may be one of the objects without an argument of their own.
		}
		m[name] = v
	}
	return m
}

func randomValue(r *rand.Rand, fields map[string]esoField, at string) any {
	switch fields[at].typ {
	case "string":
		return fmt.Sprint(r.IntN(1000))
	case "boolean":
		return r.IntN(2) == 0
	case "integer":
		return int64(r.IntN(1000))
	case "map[string]string":
		m := map[string]any{}
		for range r.IntN(3) {
			m[fmt.Sprint(r.IntN(1000))] = "x"
		}
		return m
	case "[]string":
		list := []any{}
		for range r.IntN(3) {
			list = append(list, fmt.Sprint(r.IntN(1000)))
		}
		return list
	case "[]object":
		list := []any{}
		for i := range r.IntN(3) {
			item := randomObject(r, fields, at+"[]")
			if _, ok := item["secretKey"]; ok {
				item["secretKey"] = fmt.Sprint(i) // Unique, and in order.
			}
			list = append(list, item)
		}
		return list
	default:
		return randomObject(r, fields, at)
	}
}
