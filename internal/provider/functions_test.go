// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/acctest"
)

// call runs a function of the provider with one string, and returns its result or its error.
func (r *rpc) call(name, text string) (any, *tfprotov6.FunctionError) {
	r.t.Helper()
	argument, _ := json.Marshal(text)
	return r.callWith(name, fromJSON(string(argument)))
}

func (r *rpc) callWith(name string, arguments ...*tfprotov6.DynamicValue) (any, *tfprotov6.FunctionError) {
	r.t.Helper()
	server := r.server.(tfprotov6.FunctionServer)
	answer, err := server.CallFunction(context.Background(), &tfprotov6.CallFunctionRequest{Name: name, Arguments: arguments})
	r.ok(nil, err)
	if answer.Error != nil {
		return nil, answer.Error
	}
	result, err := answer.Result.Unmarshal(r.schemas.Functions[name].Return.Type)
	r.ok(nil, err)
	return goValue(r.t, result), nil
}

// goValue turns a value into what encoding/json makes; nulls in objects are left out.
func goValue(t testing.TB, value tftypes.Value) any {
	t.Helper()
	var result any
	var err error
	switch {
	case !value.IsKnown():
		return "unknown"
	case value.IsNull():
		return nil
	case value.Type().Is(tftypes.String):
		var text string
		err = value.As(&text)
		result = text
	case value.Type().Is(tftypes.Bool):
		var flag bool
		err = value.As(&flag)
		result = flag
	case value.Type().Is(tftypes.Number):
		number := new(big.Float)
		err = value.As(&number)
		result, _ = number.Float64()
	case value.Type().Is(tftypes.Object{}), value.Type().Is(tftypes.Map{}):
		entries, values := map[string]any{}, map[string]tftypes.Value{}
		err = value.As(&values)
		for key, entry := range values {
			if v := goValue(t, entry); v != nil {
				entries[key] = v
			}
		}
		result = entries
	default:
		items, values := []any{}, []tftypes.Value{}
		err = value.As(&values)
		for _, item := range values {
			items = append(items, goValue(t, item))
		}
		result = items
	}
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func TestParseID(t *testing.T) {
	r := newRPC(t)
	for id, want := range map[string]string{
		"vault":               `{"name":"vault"}`,
		"team-a/db":           `{"name":"db","project":"team-a"}`,
		"vault@east,west":     `{"clusters":["east","west"],"name":"vault"}`,
		"team-a/db@1. level!": `{"clusters":["1. level!"],"name":"db","project":"team-a"}`,
	} {
		got, failed := r.call("parse_id", id)
		if failed != nil || mustJSON(got) != want {
			t.Errorf("%s: %s %v", id, mustJSON(got), failed)
		}
	}
	for id, text := range map[string]string{
		"": "empty", "a/b/c": "not allowed", "Team/db": "upper case", "team-a/": "empty", "@a": "empty",
		"vault@": "names, separated by commas", "vault@a,a": "twice",
		"vault@a,": "separated", "vault@a, b": "separated", "vault@a@b": "separated",
	} {
		_, failed := r.call("parse_id", id)
		if failed == nil || failed.FunctionArgument == nil || *failed.FunctionArgument != 0 {
			t.Errorf("%q: %v", id, failed)
			continue
		}
		contains(t, failed.Text, text)
		isSentence(t, failed.Text)
	}
}

const authoredManifest = `
apiVersion: external-secrets.io/v1beta1
kind: ExternalSecret
metadata:
  name: db
  namespace: team-a
  uid: 01234567-89ab-cdef-0123-456789abcdef
  labels: {team: a, airm.silogen.ai/use-case: Database, airm.silogen.ai/project-id: x, ` +
	`app.kubernetes.io/managed-by: terraform-provider-airm}
  annotations: {why: test, terraform-provider-airm/owner-id: x}
spec:
  secretStoreRef: {name: vault}
  refreshInterval: 60m
  data:
  - {secretKey: PASSWORD, remoteRef: {key: db, property: password}}
  - {secretKey: USER, remoteRef: {key: db}, sourceRef: {storeRef: {name: other}}}
  dataFrom: [{find: {name: {regexp: "^x"}}}]
  target: {template: {metadata: {labels: {airm.silogen.ai/use-case: Database}}, data: {url: x}}}
status: {refreshTime: null}
`

func TestParseManifestFunction(t *testing.T) {
	r := newRPC(t)
	want := `{"annotations":{"why":"test"},"data":{"PASSWORD":{"key":"db","property":"password"},"USER":{"key":"db","store":{"kind":"SecretStore","name":"other"}}},` +
		`"data_from":[{"find":{"name":{"regexp":"^x"}}}],"labels":{"team":"a"},"name":"db","project":"team-a","refresh_interval":"1h0m0s",` +
		`"store":{"kind":"SecretStore","name":"vault"},"target":{"template":{"data":{"url":"x"}}},"use_case":"Database"}`
	if got, failed := r.call("parse_manifest", authoredManifest); failed != nil || mustJSON(got) != want {
		t.Errorf("got  %s\nwant %s\n%v", mustJSON(got), want, failed)
	}
	minimal, failed := r.call("parse_manifest", "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nspec: {dataFrom: [{sourceRef: {generatorRef: {kind: Password, name: p}}}]}")
	if failed != nil || mustJSON(minimal) != `{"data_from":[{"generator":{"kind":"Password","name":"p"}}]}` {
		t.Errorf("%s %v", mustJSON(minimal), failed)
	}
}

func TestParseManifestFunctionErrors(t *testing.T) {
	r := newRPC(t)
	const head = "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\n"
	manifest := func(spec string) string { return head + "spec: " + spec }
	for name, c := range map[string]struct{ text, want string }{
		"empty":             {"", "has no content"},
		"comments only":     {"# nothing\n---\n", "has no content"},
		"no YAML":           {"a: [", "cannot be read as YAML"},
		"tabs":              {head + "spec:\n\tsecretStoreRef:\n\t\tname: v\n", "indent with spaces"},
		"key twice in YAML": {head + "spec: {}\nkind: ExternalSecret\n", "is set twice"},
		"helm value":        {head + "metadata:\n  name: {{ .Values.name }}\nspec: {}\n", "helm template"},
		"helm block":        {head + "metadata:\n  name: a\n  labels:\n    {{- include \"app.labels\" . | nindent 4 }}\nspec: {}\n", "helm template"},
		"helm condition":    {"{{- if .Values.enabled }}\n" + head + "spec: {}\n{{- end }}\n", "helm template"},
		"quoted helm value": {head + "metadata: {name: \"{{ .Values.name }}\"}\nspec: {}\n", "metadata.name"},
		"text":              {"just a text", "must be a mapping"},
		"a YAML list":       {"- " + strings.ReplaceAll(manifest("{}"), "\n", "\n  "), "must be a mapping"},
		"two documents":     {manifest("{}") + "\n---\n" + manifest("{}"), "2 YAML documents"},
		"a list":            {"apiVersion: v1\nkind: List\nitems:\n- " + strings.ReplaceAll(manifest("{}"), "\n", "\n  "), "one entry of items"},
		"their list":        {"apiVersion: external-secrets.io/v1\nkind: ExternalSecretList\nitems: []\n", "one entry of items"},
		"of a cluster":      {"apiVersion: external-secrets.io/v1\nkind: ClusterExternalSecret\nspec: {}", "spec.externalSecretSpec"},
		"a store":           {"apiVersion: external-secrets.io/v1\nkind: SecretStore\nspec: {}", "airm_provider_store"},
		"a Secret": {"apiVersion: v1\nkind: Secret\ndata: {a: dG9wLXNlY3JldA==}",
			`the kind "Secret", but the kind must be ExternalSecret.`},
		"no kind":           {"spec: {}", "no kind"},
		"no apiVersion":     {"kind: ExternalSecret\nspec: {}", "no apiVersion"},
		"v1alpha1":          {"apiVersion: external-secrets.io/v1alpha1\nkind: ExternalSecret\nspec: {}", "v1beta1"},
		"kubernetes-client": {"apiVersion: kubernetes-client.io/v1\nkind: ExternalSecret\nspec: {}", "external-secrets.io/v1"},
		"no spec":           {head, "no spec"},
		"null spec":         {head + "spec:\n", "no spec"},
		"generated name":    {head + "metadata: {generateName: x-}\nspec: {}", "generateName"},
		"unknown field":     {manifest(`{secretStoreRef: {name: v}, novelty: 1}`), "spec.novelty"},
		"field at the root": {head + "data: []\nspec: {}", "no top-level field \"data\""},
		"no argument":       {manifest(`{secretStoreRef: {name: v}, target: {later: {kind: ConfigMap}}}`), "spec.target.later"},
		"key twice":         {manifest(`{secretStoreRef: {name: v}, data: [{secretKey: b, remoteRef: {key: a}}, {secretKey: a, remoteRef: {key: a}}, {secretKey: b, remoteRef: {key: c}}]}`), `spec.data[2].secretKey: "b" is already the key of spec.data[0]`},
		"no secretKey":      {manifest(`{secretStoreRef: {name: v}, data: [{remoteRef: {key: a}}]}`), "spec.data[0].secretKey"},
		"number as key":     {manifest(`{secretStoreRef: {name: v}, data: [{secretKey: 10, remoteRef: {key: a}}]}`), "spec.data[0].secretKey: this must be a string, but it is a number. Put it in quotes"},
		"yes as property":   {manifest(`{secretStoreRef: {name: v}, data: [{secretKey: a, remoteRef: {key: a, property: yes}}]}`), "YAML reads y, n, yes, no, on and off as booleans"},
		"number as label":   {head + "metadata: {labels: {version: 1.10}}\nspec: {}", "metadata.labels.version"},
		"number as version": {manifest(`{secretStoreRef: {name: v}, dataFrom: [{extract: {key: a, version: 3}}]}`), "spec.dataFrom[0].extract.version"},
		"null entry":        {manifest("\n  secretStoreRef: {name: v}\n  data:\n  -\n"), "spec.data[0]: this must be a mapping, but it is null"},
		"data as a map": {manifest(`{secretStoreRef: {name: v}, data: {a: {key: top-secret}}}`),
			"spec.data: this must be a list, but it is a mapping"},
		"text as a boolean": {manifest(`{secretStoreRef: {name: v}, target: {immutable: "true"}}`), "must be true or false"},
		"wrong type":        {manifest(`{secretStoreRef: {name: v}, data: [{secretKey: a, remoteRef: {key: [top-secret]}}]}`), "spec.data[0].remoteRef.key: this must be a string, but it is a list"},
		"no use case":       {head + "metadata: {labels: {airm.silogen.ai/use-case: Fun}}\nspec: {}", "use-case"},
		"a wrong duration":  {manifest(`{refreshInterval: 1d}`), "refreshInterval"},
		"a bare number":     {manifest(`{refreshInterval: 3600}`), "spec.refreshInterval: this must be a string"},
		"a bare zero":       {manifest(`{refreshInterval: 0}`), "spec.refreshInterval: this must be a string"},
		"binary":            {manifest(`{target: {name: !!binary gIGC}}`), "UTF-8"},
		"mapping as a key":  {manifest(`{target: {? {top-secret: 1} : 2}}`), "instead of a key"},
	} {
		t.Run(name, func(t *testing.T) {
			got, failed := r.call("parse_manifest", c.text)
			if failed == nil || failed.FunctionArgument == nil || *failed.FunctionArgument != 0 {
				t.Fatalf("%v %s", failed, mustJSON(got))
			}
			contains(t, failed.Text, c.want)
			isSentence(t, failed.Text)
			if strings.Contains(failed.Text, "top-secret") {
				t.Errorf("a value is quoted: %s", failed.Text)
			}
		})
	}
}

// Nulls are called that, at the protocol too, where no CLI has refused them before.
func TestFunctionsOfNull(t *testing.T) {
	r := newRPC(t)
	for name, c := range map[string]struct {
		function  string
		arguments []string
		argument  int64
		want      string
	}{
		"manifest":     {"parse_manifest", []string{"null"}, 0, "null"},
		"id":           {"parse_id", []string{"null"}, 0, "null"},
		"statuses":     {"aggregate_status", []string{"null", "false"}, 0, "statuses is null"},
		"flag":         {"aggregate_status", []string{"[]", "null"}, 1, "being_deleted is null"},
		"both":         {"aggregate_status", []string{"null", "null"}, 0, "statuses is null"},
		"element":      {"aggregate_status", []string{`["Synced", null]`, "false"}, 0, "statuses[1] is null"},
		"other status": {"aggregate_status", []string{`["Synced", "synced"]`, "false"}, 0, `statuses[1] is "synced"`},
	} {
		t.Run(name, func(t *testing.T) {
			var arguments []*tfprotov6.DynamicValue
			for _, argument := range c.arguments {
				arguments = append(arguments, fromJSON(argument))
			}
			got, failed := r.callWith(c.function, arguments...)
			if failed == nil || failed.FunctionArgument == nil || *failed.FunctionArgument != c.argument {
				t.Fatalf("%v %s", failed, mustJSON(got))
			}
			contains(t, failed.Text, c.want)
			isSentence(t, failed.Text)
		})
	}
}

// What depends on an unknown value is unknown.
func TestFunctionsOfUnknown(t *testing.T) {
	r := newRPC(t)
	dynamic := func(v tftypes.Value) *tfprotov6.DynamicValue {
		value, err := tfprotov6.NewDynamicValue(v.Type(), v)
		r.ok(nil, err)
		return &value
	}
	unknown := tftypes.NewValue(tftypes.String, tftypes.UnknownValue)
	synced := tftypes.NewValue(tftypes.String, "Synced")
	statuses := tftypes.NewValue(tftypes.List{ElementType: tftypes.String}, []tftypes.Value{synced, unknown})
	for name, arguments := range map[string][]*tfprotov6.DynamicValue{
		"parse_manifest":   {dynamic(unknown)},
		"parse_id":         {dynamic(unknown)},
		"aggregate_status": {dynamic(statuses), dynamic(tftypes.NewValue(tftypes.Bool, true))},
	} {
		if got, failed := r.callWith(name, arguments...); failed != nil || got != "unknown" {
			t.Errorf("%s: %v %v", name, got, failed)
		}
	}
}

// isSentence fails the test where a message of a function is none that a user should read.
func isSentence(t *testing.T, text string) {
	t.Helper()
	for line := range strings.SplitSeq(text, "\n") {
		if !regexp.MustCompile(`^["A-Z].*[^.]\.$`).MatchString(line) || strings.Contains(line, ".. ") || strings.Contains(line, "..,") {
			t.Errorf("not a sentence that ends in one full stop: %s", line)
		}
		if strings.Contains(line, "error in the provider") || strings.Contains(line, "basetypes") || strings.Contains(line, "interface") {
			t.Errorf("not for users: %s", line)
		}
	}
}

// What the function returns is, as arguments, the same object again.
func TestParseManifestFunctionIsWhatAResourceTakes(t *testing.T) {
	r := newConfiguredRPC(t, `{}`)
	parsed, failed := r.call("parse_manifest", authoredManifest)
	if failed != nil {
		t.Fatal(failed)
	}
	answer := r.plan(secretKind, "null", mustJSON(parsed), nil)
	if got := fmt.Sprint(r.state(secretKind, answer.PlannedState)["name"]); got != "db" {
		t.Errorf("planned as %s", got)
	}
}

// The examples of the functions do what their comments say, in a plan without a cluster.
func TestAccFunctionExamples(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"aggregate_status": `"PartiallySynced"`,
		"parse_id":         `"team-a"`,
		"parse_manifest":   `"ai/database"`,
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorkspace(t)
			example, err := os.ReadFile("../../examples/functions/" + name + "/function.tf")
			if err != nil {
				t.Fatal(err)
			}
			w.write("main.tf", string(example))
			contains(t, w.run("plan", "-no-color"), text)
		})
	}
}

func TestAccAggregateStatusFunction(t *testing.T) {
	t.Parallel()
	acctest.Connect(t, "")
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []testStep{
			{
				Config: `output "test" { value = provider::airm::aggregate_status(["Synced", "Pending"], false) }`,
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownOutputValue("test", knownvalue.StringExact("PartiallySynced")),
				},
			},
			{
				Config:      `output "test" { value = provider::airm::aggregate_status(["Happy"], false) }`,
				ExpectError: matchWords(`statuses[0] is "Happy", which is not a status`),
			},
		},
	})
}
