package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// call runs a function of the provider with one text, and gives its result or its error.
func (r *rpc) call(name, text string) (any, *tfprotov6.FunctionError) {
	r.t.Helper()
	server := r.server.(tfprotov6.FunctionServer)
	argument, _ := json.Marshal(text)
	answer, err := server.CallFunction(context.Background(), &tfprotov6.CallFunctionRequest{Name: name, Arguments: []*tfprotov6.DynamicValue{fromJSON(string(argument))}})
	r.ok(nil, err)
	if answer.Error != nil {
		return nil, answer.Error
	}
	result, err := answer.Result.Unmarshal(r.schemas.Functions[name].Return.Type)
	r.ok(nil, err)
	return goValue(r.t, result), nil
}

// goValue turns a value into what encoding/json makes; nulls in objects are left out.
func goValue(t *testing.T, value tftypes.Value) any {
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
		"": "empty", "a/b/c": "not allowed", "Team/db": "upper case", "team-a/": "empty",
		"vault@": "names, separated by commas", "vault@a,": "separated", "vault@a, b": "separated", "vault@a@b": "separated", "vault@a,a": "twice", "@a": "empty",
	} {
		_, failed := r.call("parse_id", id)
		if failed == nil || failed.FunctionArgument == nil || *failed.FunctionArgument != 0 {
			t.Errorf("%q: %v", id, failed)
			continue
		}
		contains(t, failed.Text, text)
	}
}

const authored = `
apiVersion: external-secrets.io/v1beta1
kind: ExternalSecret
metadata:
  name: db
  namespace: team-a
  uid: 01234567-89ab-cdef-0123-456789abcdef
  labels: {team: a, airm.silogen.ai/use-case: Database, airm.silogen.ai/project-id: x, app.kubernetes.io/managed-by: terraform-provider-airm}
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
	if got, failed := r.call("parse_manifest", authored); failed != nil || mustJSON(got) != want {
		t.Errorf("got  %s\nwant %s\n%v", mustJSON(got), want, failed)
	}
	minimal, failed := r.call("parse_manifest", "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nspec: {dataFrom: [{sourceRef: {generatorRef: {kind: Password, name: p}}}]}")
	if failed != nil || mustJSON(minimal) != `{"data_from":[{"generator":{"kind":"Password","name":"p"}}]}` {
		t.Errorf("%s %v", mustJSON(minimal), failed)
	}
}

func TestParseManifestFunctionErrors(t *testing.T) {
	r := newRPC(t)
	manifest := func(spec string) string {
		return "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nspec: " + spec
	}
	for name, c := range map[string]struct{ text, want string }{
		"no YAML":          {"a: [", "cannot be read as YAML"},
		"two documents":    {manifest("{}") + "\n---\n" + manifest("{}"), "2 YAML documents"},
		"a store":          {"apiVersion: external-secrets.io/v1\nkind: SecretStore\nspec: {}", "airm_provider_store"},
		"unknown field":    {manifest(`{secretStoreRef: {name: v}, novelty: 1}`), "spec.novelty"},
		"no argument":      {manifest(`{secretStoreRef: {name: v}, target: {later: {kind: ConfigMap}}}`), "spec.target.later"},
		"key twice":        {manifest(`{secretStoreRef: {name: v}, data: [{secretKey: a, remoteRef: {key: a}}, {secretKey: a, remoteRef: {key: b}}]}`), "spec.data"},
		"wrong type":       {manifest(`{secretStoreRef: {name: v}, data: [{secretKey: a, remoteRef: {key: [top-secret]}}]}`), "does not fit"},
		"no use case":      {"apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {labels: {airm.silogen.ai/use-case: Fun}}\nspec: {}", "use-case"},
		"a wrong duration": {manifest(`{refreshInterval: 1d}`), "refreshInterval"},
	} {
		t.Run(name, func(t *testing.T) {
			got, failed := r.call("parse_manifest", c.text)
			if failed == nil || failed.FunctionArgument == nil || *failed.FunctionArgument != 0 {
				t.Fatalf("%v %s", failed, mustJSON(got))
			}
			contains(t, failed.Text, c.want)
			if strings.Contains(failed.Text, "top-secret") {
				t.Errorf("a value is quoted: %s", failed.Text)
			}
		})
	}
}

// What the function gives is, as arguments, the same object again.
func TestParseManifestFunctionIsWhatAResourceTakes(t *testing.T) {
	r := configured(t, `{}`)
	parsed, failed := r.call("parse_manifest", authored)
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
