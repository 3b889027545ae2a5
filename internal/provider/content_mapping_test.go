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
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"sigs.k8s.io/yaml"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/attribute"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// yamlSpec reads ESO's YAML, whole numbers as int64 like the Kubernetes client.
func yamlSpec(t *testing.T, text string) map[string]any {
	t.Helper()
	asJSON, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonvalue.Parse(string(asJSON))
	if err != nil {
		t.Fatal(err)
	}
	m, _ := v.(map[string]any)
	return m
}

func flattened(t *testing.T, s attribute.Mapping, spec map[string]any) map[string]attr.Value {
	t.Helper()
	attrs, diags := s.Flatten(t.Context(), spec, s.Types)
	if diags.HasError() {
		t.Fatal(diags)
	}
	return attrs
}

// objectOf makes a value of one of the shape's arguments: null but for the given
// attributes.
func objectOf(t *testing.T, typ attr.Type, set map[string]attr.Value) types.Object {
	t.Helper()
	attrTypes := typ.(types.ObjectType).AttrTypes
	attrs := map[string]attr.Value{}
	for name, typ := range attrTypes {
		attrs[name] = attribute.Null(t.Context(), typ)
		if v, ok := set[name]; ok {
			attrs[name] = v
		}
	}
	return types.ObjectValueMust(attrTypes, attrs)
}

func TestExpand(t *testing.T) {
	element := contentMapping.Types["data"].(types.MapType).ElemType
	store := contentMapping.Types["store"]
	generator := element.(types.ObjectType).AttrTypes["generator"]
	got := contentMapping.Expand(map[string]attr.Value{
		"id":               types.StringValue("not an argument of the shape"),
		"store":            objectOf(t, store, map[string]attr.Value{"name": types.StringValue("vault")}),
		"refresh_interval": types.StringUnknown(),
		"refresh_policy":   types.StringNull(),
		"data": types.MapValueMust(element, map[string]attr.Value{
			"PASSWORD": objectOf(t, element, map[string]attr.Value{
				"key":      types.StringValue("db"),
				"property": types.StringValue("password"),
				"store":    objectOf(t, store, map[string]attr.Value{"name": types.StringValue("s"), "kind": types.StringValue("SecretStore")}),
			}),
			"A": objectOf(t, element, map[string]attr.Value{
				"generator": objectOf(t, generator, map[string]attr.Value{
					"api_version": types.StringValue("v1"), "kind": types.StringValue("Password"),
				}),
			}),
			"LATER": types.ObjectUnknown(element.(types.ObjectType).AttrTypes),
		}),
		"target": objectOf(t, contentMapping.Types["target"], map[string]attr.Value{"immutable": types.BoolValue(true)}),
	})
	want := yamlSpec(t, `
secretStoreRef: {name: vault, kind: ClusterSecretStore}
data:
- secretKey: A
  sourceRef: {generatorRef: {apiVersion: v1, kind: Password}}
- secretKey: PASSWORD
  remoteRef: {key: db, property: password}
  sourceRef: {storeRef: {name: s, kind: SecretStore}}
target: {immutable: true}
`)
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestExpandLeavesNothingSentForAnUnknownDefault(t *testing.T) {
	store := objectOf(t, contentMapping.Types["store"], map[string]attr.Value{"kind": types.StringUnknown()})
	got := contentMapping.Expand(map[string]attr.Value{"store": store})
	if want := yamlSpec(t, `secretStoreRef: {}`); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// Specs that come out of flatten and expand as they went in.
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
			in := yamlSpec(t, test.spec)
			if got := test.shape.Expand(flattened(t, test.shape, in)); !reflect.DeepEqual(got, in) {
				t.Errorf("got  %v\nwant %v", got, in)
			}
			if !test.shape.IsLossless(t.Context(), in, test.shape.Types) {
				t.Error("is said to lose something")
			}
			if again := yamlSpec(t, test.spec); !reflect.DeepEqual(in, again) {
				t.Errorf("the spec was changed to %v", in)
			}
		})
	}
}

func TestLosslessIgnores(t *testing.T) {
	for name, text := range map[string]string{
		"order of data":        `data: [{secretKey: B, remoteRef: {key: b}}, {secretKey: A, remoteRef: {key: a}}]`,
		"empty parents":        `target: {template: {metadata: {}}}`,
		"null, which is never": `refreshInterval: null`,
	} {
		t.Run(name, func(t *testing.T) {
			if !contentMapping.IsLossless(t.Context(), yamlSpec(t, text), contentMapping.Types) {
				t.Error("is said to lose something")
			}
		})
	}
	floats := map[string]any{"provider": map[string]any{"fake": map[string]any{"validationResult": 2.0}}}
	if !storeMapping.IsLossless(t.Context(), floats, storeMapping.Types) {
		t.Error("2.0 is said not to be 2")
	}
}

func TestLossy(t *testing.T) {
	for name, test := range map[string]struct {
		shape attribute.Mapping
		spec  string
	}{
		"unknown field":            {contentMapping, `target: {later: {kind: ConfigMap}}`},
		"unknown empty field":      {contentMapping, `target: {later: {}}`},
		"unknown field in element": {contentMapping, `data: [{secretKey: A, remoteRef: {key: a, later: Fail}}]`},
		"unknown field at the top": {contentMapping, `later: []`},
		"kind that ESO defaults":   {contentMapping, `secretStoreRef: {name: s}`},
		"the same in data":         {contentMapping, `data: [{secretKey: A, remoteRef: {key: a}, sourceRef: {storeRef: {name: s}}}]`},
		"the same in dataFrom":     {contentMapping, `dataFrom: [{extract: {key: a}, sourceRef: {storeRef: {name: s}}}]`},
		"duplicate key":            {contentMapping, `data: [{secretKey: A, remoteRef: {key: a}}, {secretKey: A, remoteRef: {key: b}}]`},
		"no key":                   {contentMapping, `data: [{remoteRef: {key: a}}]`},
		"element of another type":  {contentMapping, `data: [A]`},
		"another type":             {contentMapping, `target: Secret`},
		"list of another type":     {contentMapping, `dataFrom: {}`},
		"string of another type":   {contentMapping, `refreshInterval: 10`},
		"bool of another type":     {contentMapping, `target: {immutable: "true"}`},
		"fraction":                 {storeMapping, `provider: {fake: {validationResult: 0.5}}`},
		"fields of a backend":      {storeMapping, `provider: {kubernetes: {proxy: p}}`},
	} {
		t.Run(name, func(t *testing.T) {
			if test.shape.IsLossless(t.Context(), yamlSpec(t, test.spec), test.shape.Types) {
				t.Error("is said to lose nothing")
			}
		})
	}
}

func TestFlattenFillsOtherOnlyWithoutTypedBackend(t *testing.T) {
	in := yamlSpec(t, `provider: {fake: {data: [{key: k, value: v}]}}`)
	if got := flattened(t, storeMapping, in)["other"]; !got.IsNull() {
		t.Errorf("other = %s", got)
	}
}

func TestUntypedStore(t *testing.T) {
	in := yamlSpec(t, `{provider: {fake: {data: [{key: k, value: v}]}}, controller: c}`)
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

func TestFlattenReportsTypesButNoValues(t *testing.T) {
	attrs, diags := storeMapping.Flatten(t.Context(), yamlSpec(t, `provider: {fake: {data: [{key: k, value: [s3cret]}]}}`), storeMapping.Types)
	if !diags.HasError() || !strings.Contains(diags[0].Detail(), "fake.data.*.value") || strings.Contains(diags[0].Detail(), "s3cret") {
		t.Error(diags)
	}
	for name := range storeMapping.Types {
		if attrs[name] == nil {
			t.Errorf("%s has no value", name)
		}
	}
}

func TestAttributePath(t *testing.T) {
	content := yamlSpec(t, `
data: [{secretKey: A, remoteRef: {key: a}}, {secretKey: PASSWORD, remoteRef: {key: db}}]
dataFrom: [{rewrite: [{regexp: {source: "("}}], find: {tags: {team: x}}}]
target: {template: {metadata: {labels: {a.b/c: x}}}}
`)
	store := yamlSpec(t, `provider: {kubernetes: {server: {}}}`)
	data := path.Root("data").AtMapKey("PASSWORD")
	entry := path.Root("data_from").AtListIndex(0)
	template := path.Root("target").AtName("template")
	for _, test := range []struct {
		shape attribute.Mapping
		spec  map[string]any
		eso   []any
		want  path.Path
	}{
		{contentMapping, content, []any{"data", 1, "remoteRef", "key"}, data.AtName("key")},
		{contentMapping, content, []any{"data", 1, "sourceRef", "storeRef", "kind"}, data.AtName("store").AtName("kind")},
		{contentMapping, content, []any{"data", 1, "remoteRef"}, data},
		{contentMapping, content, []any{"data", 1, "secretKey"}, data},
		{contentMapping, content, []any{"data", 7, "remoteRef"}, path.Root("data")},
		{contentMapping, content, []any{"data"}, path.Root("data")},
		{contentMapping, content, []any{"secretStoreRef", "name"}, path.Root("store").AtName("name")},
		{contentMapping, content, []any{"dataFrom", 0, "rewrite", 0, "regexp", "source"},
			entry.AtName("rewrite").AtListIndex(0).AtName("regexp").AtName("source")},
		{contentMapping, content, []any{"dataFrom", 0, "find", "tags", "team"}, entry.AtName("find").AtName("tags").AtMapKey("team")},
		{contentMapping, content, []any{"dataFrom", 0, "find", "unheardOf"}, entry.AtName("find")},
		{contentMapping, content, []any{"target", "template", "metadata", "labels", "a.b/c"}, template.AtName("labels").AtMapKey("a.b/c")},
		{contentMapping, content, []any{"target", "template", "metadata"}, template},
		{contentMapping, content, []any{"target", "later", "kind"}, path.Root("target")},
		{contentMapping, content, []any{"unheardOf"}, path.Empty()},
		{contentMapping, content, nil, path.Empty()},
		{storeMapping, store, []any{"provider", "kubernetes", "server", "caBundle"},
			path.Root("kubernetes").AtName("server").AtName("ca_bundle")},
		{storeMapping, store, []any{"provider", "webhook", "url"}, path.Root("other")},
		{storeMapping, store, []any{"retrySettings", "retryInterval"}, path.Root("retry").AtName("interval")},
	} {
		if got := test.shape.Path(test.eso, test.spec); !got.Equal(test.want) {
			t.Errorf("%v: got %s, want %s", test.eso, got, test.want)
		}
	}
}

// Every field of the backends that have arguments, or will have, must come out
// of the snake case of its name.
func TestCamel(t *testing.T) {
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
