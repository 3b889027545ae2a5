// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// rpc speaks Terraform's protocol with the provider, for what no CLI shows (resource identity) and
// for what needs no CLI. Values are written as JSON; attributes that are left out are null.
type rpc struct {
	t        testing.TB
	server   tfprotov6.ProviderServer
	schemas  *tfprotov6.GetProviderSchemaResponse
	identity *tfprotov6.GetResourceIdentitySchemasResponse
}

func newRPC(t testing.TB) *rpc {
	t.Helper()
	server, err := factories["airm"]()
	r := &rpc{t: t, server: server}
	r.ok(nil, err)
	r.schemas, err = server.GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
	r.ok(r.schemas.Diagnostics, err)
	r.identity, err = server.GetResourceIdentitySchemas(context.Background(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	r.ok(r.identity.Diagnostics, err)
	return r
}

// newConfiguredRPC is newRPC with a provider block.
func newConfiguredRPC(t *testing.T, block string) *rpc {
	t.Helper()
	r := newRPC(t)
	answer, err := r.server.ConfigureProvider(context.Background(), &tfprotov6.ConfigureProviderRequest{Config: fromJSON(block)})
	r.ok(answer.Diagnostics, err)
	return r
}

// configuredUnknown has an argument that is known after apply only.
func configuredUnknown(t *testing.T, argument string) *rpc {
	t.Helper()
	r := newRPC(t)
	block := r.schemas.Provider.ValueType().(tftypes.Object)
	values := map[string]tftypes.Value{}
	for name, attribute := range block.AttributeTypes {
		values[name] = tftypes.NewValue(attribute, nil)
	}
	values[argument] = tftypes.NewValue(tftypes.String, tftypes.UnknownValue)
	config, err := tfprotov6.NewDynamicValue(block, tftypes.NewValue(block, values))
	r.ok(nil, err)
	answer, err := r.server.ConfigureProvider(context.Background(), &tfprotov6.ConfigureProviderRequest{Config: &config})
	r.ok(answer.Diagnostics, err)
	return r
}

func fromJSON(text string) *tfprotov6.DynamicValue {
	return &tfprotov6.DynamicValue{JSON: []byte(text)}
}

func identityOf(text string) *tfprotov6.ResourceIdentityData {
	return &tfprotov6.ResourceIdentityData{IdentityData: fromJSON(text)}
}

func (r *rpc) ok(diagnostics []*tfprotov6.Diagnostic, err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
	for _, d := range diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			r.t.Fatalf("%s: %s", d.Summary, d.Detail)
		}
	}
}

// values are the known, non-null attributes of a state or an identity.
func (r *rpc) values(value *tfprotov6.DynamicValue, of tftypes.Type) map[string]any {
	r.t.Helper()
	if value == nil {
		r.t.Fatal("the answer has no value")
	}
	decoded, err := value.Unmarshal(of)
	r.ok(nil, err)
	if decoded.IsNull() {
		return nil
	}
	attributes := map[string]tftypes.Value{}
	r.ok(nil, decoded.As(&attributes))
	known := map[string]any{}
	for name, attribute := range attributes {
		var text string
		var flag bool
		switch {
		case !attribute.IsKnown():
			known[name] = "unknown"
		case attribute.IsNull():
		case attribute.Type().Is(tftypes.String):
			r.ok(nil, attribute.As(&text))
			known[name] = text
		case attribute.Type().Is(tftypes.Bool):
			r.ok(nil, attribute.As(&flag))
			known[name] = flag
		case attribute.Type().Equal(tftypes.List{ElementType: tftypes.String}), attribute.Type().Equal(tftypes.Set{ElementType: tftypes.String}):
			known[name] = r.texts(attribute)
		}
	}
	return known
}

func (r *rpc) texts(value tftypes.Value) []string {
	r.t.Helper()
	var elements []tftypes.Value
	r.ok(nil, value.As(&elements))
	all := make([]string, len(elements))
	for i, element := range elements {
		r.ok(nil, element.As(&all[i]))
	}
	return all
}

func (r *rpc) state(kind string, value *tfprotov6.DynamicValue) map[string]any {
	r.t.Helper()
	return r.values(value, r.schemas.ResourceSchemas[kind].ValueType())
}

// isIdentity fails the test unless the answer carries this identity.
func (r *rpc) isIdentity(kind string, data *tfprotov6.ResourceIdentityData, want string) {
	r.t.Helper()
	if data == nil {
		r.t.Error("the answer has no identity")
		return
	}
	got, _ := json.Marshal(r.values(data.IdentityData, r.identity.IdentitySchemas[kind].ValueType()))
	if string(got) != want {
		r.t.Errorf("the identity is %s, not %s", got, want)
	}
}

// validateProvider returns what validation says of a provider block.
func (r *rpc) validateProvider(block string) []*tfprotov6.Diagnostic {
	r.t.Helper()
	answer, err := r.server.ValidateProviderConfig(context.Background(), &tfprotov6.ValidateProviderConfigRequest{Config: fromJSON(block)})
	r.ok(nil, err)
	return answer.Diagnostics
}

// imports imports an object by its id and reads it.
func (r *rpc) imports(kind, id string) *tfprotov6.ReadResourceResponse {
	r.t.Helper()
	answer, err := r.server.ImportResourceState(context.Background(), &tfprotov6.ImportResourceStateRequest{TypeName: kind, ID: id})
	r.ok(answer.Diagnostics, err)
	imported := answer.ImportedResources[0]
	read, err := r.server.ReadResource(context.Background(), &tfprotov6.ReadResourceRequest{
		TypeName: kind, CurrentState: imported.State, Private: imported.Private, CurrentIdentity: imported.Identity,
	})
	r.ok(nil, err)
	return read
}

func (r *rpc) plan(kind, prior, config string, private []byte) *tfprotov6.PlanResourceChangeResponse {
	r.t.Helper()
	answer, err := r.server.PlanResourceChange(context.Background(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: kind, PriorState: fromJSON(prior), ProposedNewState: fromJSON(config), Config: fromJSON(config), PriorPrivate: private,
	})
	r.ok(answer.Diagnostics, err)
	return answer
}

const (
	secretKind = "airm_project_secret"
	storeKind  = "airm_provider_store"
)

func TestIdentitySchemas(t *testing.T) {
	r := newRPC(t)
	for _, kind := range []string{secretKind, storeKind} {
		schema := r.identity.IdentitySchemas[kind]
		if schema == nil {
			t.Errorf("%s has no identity", kind)
			continue
		}
		for _, attribute := range schema.IdentityAttributes {
			required := attribute.Name == "name" || kind == secretKind && attribute.Name == "project"
			if attribute.RequiredForImport != required || attribute.OptionalForImport == required {
				t.Errorf("%s: %s is required %t, optional %t", kind, attribute.Name, attribute.RequiredForImport, attribute.OptionalForImport)
			}
		}
	}
}

// An import takes an id or an identity, and makes no request.
func TestImportByIDAndIdentity(t *testing.T) {
	r := newConfiguredRPC(t, `{}`)
	for _, c := range []struct{ kind, id, identity, want string }{
		{secretKind, "team-a/db", "", `{"name":"db","project":"team-a"}`},
		{secretKind, "", `{"project":"team-a","name":"db"}`, `{"name":"db","project":"team-a"}`},
		{storeKind, "vault", "", `{"name":"vault"}`},
		{storeKind, "team-a/vault", "", `{"name":"vault","project":"team-a"}`},
		{storeKind, "", `{"name":"vault"}`, `{"name":"vault"}`},
		{storeKind, "", `{"name":"vault","project":"team-a"}`, `{"name":"vault","project":"team-a"}`},
	} {
		request := &tfprotov6.ImportResourceStateRequest{TypeName: c.kind, ID: c.id}
		if c.identity != "" {
			request.Identity = identityOf(c.identity)
		}
		answer, err := r.server.ImportResourceState(context.Background(), request)
		r.ok(answer.Diagnostics, err)
		if len(answer.ImportedResources) != 1 {
			t.Errorf("%+v: %d resources", c, len(answer.ImportedResources))
			continue
		}
		r.isIdentity(c.kind, answer.ImportedResources[0].Identity, c.want)
		if got, _ := json.Marshal(r.state(c.kind, answer.ImportedResources[0].State)); string(got) != c.want {
			t.Errorf("%+v: the state is %s", c, got)
		}
	}
}

func TestImportRefusesOtherIDs(t *testing.T) {
	r := newConfiguredRPC(t, `{}`)
	for kind, ids := range map[string][]string{
		secretKind: {"db", "a/b/c", "/db", "team-a/", "Team/db", "team-a/x_y"},
		storeKind:  {"", "a/b/c", "/vault", "x_y"},
	} {
		for _, id := range ids {
			answer, err := r.server.ImportResourceState(context.Background(), &tfprotov6.ImportResourceStateRequest{TypeName: kind, ID: id})
			if err == nil && len(answer.Diagnostics) == 0 {
				t.Errorf("%s: the id %q was accepted", kind, id)
			}
		}
	}
}

// While the provider's configuration is unknown, a read keeps state, private data and identity.
func TestReadWithUnknownProvider(t *testing.T) {
	for _, argument := range []string{"host", "kubeconfig"} {
		t.Run(argument, func(t *testing.T) { readWithUnknown(t, argument) })
	}
}

func readWithUnknown(t *testing.T, argument string) {
	r := configuredUnknown(t, argument)
	current := `{"id":"team-a/db","project":"team-a","name":"db","status":"Synced","up_to_date":true,
		"store":{"name":"vault","kind":"ClusterSecretStore"},"data":{"x":{"key":"k"}}}`
	private := []byte(`{"ownership":"e30="}`)
	answer, err := r.server.ReadResource(context.Background(), &tfprotov6.ReadResourceRequest{
		TypeName: secretKind, CurrentState: fromJSON(current), Private: private, CurrentIdentity: identityOf(`{"project":"team-a","name":"db"}`),
	})
	r.ok(answer.Diagnostics, err)
	if got := r.state(secretKind, answer.NewState); got["status"] != "Synced" || got["up_to_date"] != true || got["id"] != "team-a/db" {
		t.Errorf("the state became %v", got)
	}
	r.isIdentity(secretKind, answer.NewIdentity, `{"name":"db","project":"team-a"}`)
	if string(answer.Private) != string(private) {
		t.Errorf("the private data became %s", answer.Private)
	}
	if len(answer.Diagnostics) != 1 || !strings.Contains(answer.Diagnostics[0].Detail, argument) {
		t.Errorf("diagnostics: %v", answer.Diagnostics)
	}
}

// Right after an import nothing is in the state, so there is nothing to keep.
func TestReadAfterImportWithUnknownProvider(t *testing.T) {
	r := configuredUnknown(t, "host")
	identity := `{"project":"team-a","name":"db"}`
	answer, err := r.server.ReadResource(context.Background(), &tfprotov6.ReadResourceRequest{
		TypeName: secretKind, CurrentState: fromJSON(identity), CurrentIdentity: identityOf(identity),
	})
	if err != nil {
		t.Fatal(err)
	}
	diagnostics := answer.Diagnostics
	if len(diagnostics) != 1 || diagnostics[0].Severity != tfprotov6.DiagnosticSeverityError ||
		!strings.Contains(diagnostics[0].Detail, "depends_on") {
		t.Errorf("diagnostics: %v", diagnostics)
	}
}

// A plan computes nothing but id, status and up_to_date, and none of them on a change that is none.
func TestPlan(t *testing.T) {
	r := newConfiguredRPC(t, `{}`)
	config := `{"project":"team-a","name":"db","refresh_interval":"1h","store":{"name":"vault"},"data":{"x":{"key":"k"}}}`
	created := r.state(secretKind, r.plan(secretKind, "null", config, nil).PlannedState)
	for _, attribute := range []string{"id", "status", "up_to_date"} {
		if created[attribute] != "unknown" {
			t.Errorf("%s of a create is planned as %v", attribute, created[attribute])
		}
	}
	prior := `{"id":"team-a/db","status":"Synced","up_to_date":true,` + config[1:]
	respelled := `{"id":"team-a/db","status":"Synced","up_to_date":true,` + strings.Replace(config, "1h", "60m", 1)[1:]
	same := r.plan(secretKind, prior, respelled, nil)
	got := r.state(secretKind, same.PlannedState)
	if got["status"] != "Synced" || got["up_to_date"] != true || got["refresh_interval"] != "1h" {
		t.Errorf("another spelling is planned as %v", got)
	}
	stale := strings.Replace(prior, "true", "false", 1)
	got = r.state(secretKind, r.plan(secretKind, stale, stale, nil).PlannedState)
	if got["status"] != "unknown" || got["up_to_date"] != "unknown" {
		t.Errorf("what is not up to date is planned as %v", got)
	}
	renamed := r.plan(secretKind, prior, strings.Replace(prior, `"db"`, `"other"`, 1), nil)
	if len(renamed.RequiresReplace) != 1 || renamed.RequiresReplace[0].String() != `AttributeName("name")` {
		t.Errorf("a rename replaces because of %v", renamed.RequiresReplace)
	}
}

// What surprises is a warning of the plan, once.
func TestPlanWarnings(t *testing.T) {
	r := newConfiguredRPC(t, `{}`)
	for _, c := range []struct{ name, kind, config, text string }{
		{"orphan", secretKind, `{"project":"team-a","name":"db","store":{"name":"v"},"data":{"x":{"key":"k"}},"target":{"creation_policy":"Orphan"}}`, "stays"},
		{"unknown field", secretKind, `{"project":"team-a","name":"db","manifest":"apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nspec: {secretStoreRef: {name: v}, novelty: 1, data: [{secretKey: x, remoteRef: {key: k}}]}"}`, "novelty"},
		{"literal", secretKind, `{"project":"team-a","name":"db","store":{"name":"v"},"data":{"x":{"key":"k"}},"target":{"template":{"data":{"a":"literally"}}}}`, "unchanged"},
		{"fake", storeKind, `{"name":"v","fake":{"data":[{"key":"a","value":"b"}]}}`, "fake store"},
		{"other", storeKind, `{"name":"v","other":"{\"webhook\":{}}"}`, "JSON"},
		{"open to all", storeKind, `{"name":"v","other":"{\"webhook\":{}}","allowed_project_selector":{}}`, "Every namespace"},
	} {
		t.Run(c.name, func(t *testing.T) {
			answer := r.plan(c.kind, "null", c.config, nil)
			var texts []string
			for _, d := range answer.Diagnostics {
				texts = append(texts, d.Summary+": "+d.Detail)
			}
			contains(t, strings.Join(texts, "\n"), c.text)
			if strings.Contains(strings.Join(texts, "\n"), "literally") {
				t.Errorf("a value is quoted: %v", texts)
			}
			// The same again, as the state has it, is no surprise any more.
			if answer := r.plan(c.kind, c.config, c.config, nil); len(answer.Diagnostics) > 0 {
				t.Errorf("without a change it warns again: %s", answer.Diagnostics[0].Summary)
			}
		})
	}
}

// Every answer about an object carries its identity, also when it is gone: a CLI refuses it otherwise.
func TestAccIdentity(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	path, _ := json.Marshal(os.Getenv("KUBECONFIG"))
	r := newConfiguredRPC(t, `{"config_path":`+string(path)+`}`)
	identity := p.hcl(`{"name":"db","project":"$project"}`)
	config := p.hcl(`{"project":"$project","name":"db","store":{"name":"$store","kind":"SecretStore"},"data":{"x":{"key":"password"}}}`)
	ctx := context.Background()

	planned := r.plan(secretKind, "null", config, nil)
	created, err := r.server.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: secretKind, PriorState: fromJSON("null"), PlannedState: planned.PlannedState, Config: fromJSON(config),
		PlannedPrivate: planned.PlannedPrivate,
	})
	r.ok(created.Diagnostics, err)
	r.isIdentity(secretKind, created.NewIdentity, identity)

	read, err := r.server.ReadResource(ctx, &tfprotov6.ReadResourceRequest{
		TypeName: secretKind, CurrentState: created.NewState, Private: created.Private, CurrentIdentity: created.NewIdentity,
	})
	r.ok(read.Diagnostics, err)
	r.isIdentity(secretKind, read.NewIdentity, identity)

	changed := strings.Replace(config, `"x"`, `"y"`, 1)
	replanned, err := r.server.PlanResourceChange(ctx, &tfprotov6.PlanResourceChangeRequest{
		TypeName: secretKind, PriorState: read.NewState, ProposedNewState: fromJSON(changed), Config: fromJSON(changed),
		PriorPrivate: read.Private, PriorIdentity: read.NewIdentity,
	})
	r.ok(replanned.Diagnostics, err)
	updated, err := r.server.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: secretKind, PriorState: read.NewState, PlannedState: replanned.PlannedState, Config: fromJSON(changed),
		PlannedPrivate: replanned.PlannedPrivate, PlannedIdentity: replanned.PlannedIdentity,
	})
	r.ok(updated.Diagnostics, err)
	r.isIdentity(secretKind, updated.NewIdentity, identity)

	p.removeNow("ExternalSecret", "db")
	gone, err := r.server.ReadResource(ctx, &tfprotov6.ReadResourceRequest{
		TypeName: secretKind, CurrentState: updated.NewState, Private: updated.Private, CurrentIdentity: updated.NewIdentity,
	})
	r.ok(gone.Diagnostics, err)
	if got := r.state(secretKind, gone.NewState); got != nil {
		t.Errorf("what is gone is read as %v", got)
	}
	r.isIdentity(secretKind, gone.NewIdentity, identity)
}

func diagnosticTexts(diagnostics []*tfprotov6.Diagnostic) string {
	var all []string
	for _, d := range diagnostics {
		all = append(all, d.Summary+": "+d.Detail)
	}
	return strings.Join(all, "\n")
}
