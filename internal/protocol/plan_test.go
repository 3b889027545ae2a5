// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package protocol

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/provider"
)

// spy counts the plans and upgrades that reach the framework.
type spy struct {
	fullServer
	plans, upgrades, validations int
}

func (s *spy) ValidateResourceConfig(
	ctx context.Context, request *tfprotov6.ValidateResourceConfigRequest,
) (*tfprotov6.ValidateResourceConfigResponse, error) {
	s.validations++
	return s.fullServer.ValidateResourceConfig(ctx, request)
}

func (s *spy) UpgradeResourceState(
	ctx context.Context, request *tfprotov6.UpgradeResourceStateRequest,
) (*tfprotov6.UpgradeResourceStateResponse, error) {
	s.upgrades++
	return s.fullServer.UpgradeResourceState(ctx, request)
}

func (s *spy) PlanResourceChange(
	ctx context.Context, request *tfprotov6.PlanResourceChangeRequest,
) (*tfprotov6.PlanResourceChangeResponse, error) {
	s.plans++
	return s.fullServer.PlanResourceChange(ctx, request)
}

func noEnvironment(string) string { return "" }

// both is the provider with and without the short way.
type both struct {
	t         testing.TB
	long      *spy
	short     tfprotov6.ProviderServer
	shortcuts Shortcuts
	types     map[string]tftypes.Type
	ids       map[string]tftypes.Type
}

func newBoth(t *testing.T) *both {
	t.Helper()
	ctx := t.Context()
	p := provider.New("test")()
	long := &spy{fullServer: providerserver.NewProtocol6(p)().(fullServer)}
	shortcuts := p.(Shortcuts)
	b := &both{
		t: t, long: long, short: Wrap(long, shortcuts, noEnvironment), shortcuts: shortcuts,
		types: map[string]tftypes.Type{}, ids: map[string]tftypes.Type{},
	}
	schemas, err := long.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for name, schema := range schemas.ResourceSchemas {
		b.types[name] = schema.ValueType()
	}
	identities, err := long.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for name, schema := range identities.IdentitySchemas {
		b.ids[name] = schema.ValueType()
	}
	configured, err := long.ConfigureProvider(ctx, &tfprotov6.ConfigureProviderRequest{Config: &tfprotov6.DynamicValue{JSON: []byte(`{}`)}})
	if err != nil || len(configured.Diagnostics) > 0 {
		t.Fatal(err, configured)
	}
	return b
}

// value encodes JSON as Terraform sends values.
func (b *both) value(of tftypes.Type, text string) *tfprotov6.DynamicValue {
	b.t.Helper()
	decoded, err := (&tfprotov6.DynamicValue{JSON: []byte(text)}).Unmarshal(of)
	if err != nil {
		b.t.Fatal(err)
	}
	encoded, err := tfprotov6.NewDynamicValue(of, decoded)
	if err != nil {
		b.t.Fatal(err)
	}
	return &encoded
}

// one of each kind of resource, as its state has it when there is nothing to do, and what only the
// configuration has.
var resources = map[string]struct{ state, identity, onlyConfig string }{
	"airm_project_secret": {`{"id":"a/db","status":"Synced","up_to_date":true,"project":"a","name":"db","refresh_interval":"1h",
		"store":{"name":"v","kind":"ClusterSecretStore"},"data":{"x":{"key":"k"}},
		"target":{"creation_policy":"Orphan","template":{"data":{"literal":"up_to_date\u00c3"}}}}`, `{"project":"a","name":"db"}`, ""},
	"airm_organization_secret": {`{"id":"db","status":"Unassigned","up_to_date":true,"name":"db","use_case":"Generic","revision":"1",
		"manifest":"kind: ExternalSecret\nspec: {novelty: 1, secretStoreRef: {name: v}, data: [{secretKey: x, remoteRef: {key: k}}]}"}`, `{"name":"db"}`, ""},
	"airm_provider_store": {`{"id":"v","status":"Synced","up_to_date":true,"kind":"ClusterSecretStore","capabilities":"ReadOnly","name":"v",
		"credentials_wo_version":"1","vault":{"server":"http://v","auth":{"token_secret_ref":{"key":"token"}}}}`, `{"name":"v"}`,
		`"credentials_wo":{"token":"t"},`},
	"airm_secret_assignment":  {`{"id":"db/a","status":"Synced","up_to_date":true,"secret":"db","project":"a"}`, `{"secret":"db","project":"a"}`, ""},
	"airm_secret_assignments": {`{"id":"db","status":"Synced","up_to_date":true,"secret":"db","projects":["a","b"]}`, `{"secret":"db"}`, ""},
}

// same sends a request both ways and reports whether the framework was left out. The answers are equal.
func (b *both) same(request tfprotov6.PlanResourceChangeRequest) (short bool) {
	b.t.Helper()
	want, err := b.long.PlanResourceChange(b.t.Context(), &request)
	if err != nil {
		b.t.Fatal(err)
	}
	b.long.plans = 0
	got, err := b.short.PlanResourceChange(b.t.Context(), &request)
	if err != nil {
		b.t.Fatal(err)
	}
	if !reflect.DeepEqual(b.plain(request.TypeName, got), b.plain(request.TypeName, want)) {
		b.t.Errorf("the short way answers\n%+v, the framework\n%+v", got, want)
	}
	return b.long.plans == 0
}

// plain makes answers comparable: the framework sorts the attributes of a value in its own way, and
// does not distinguish none from an empty list.
func (b *both) plain(name string, answer *tfprotov6.PlanResourceChangeResponse) map[string]any {
	b.t.Helper()
	decode := func(value *tfprotov6.DynamicValue, of tftypes.Type) string {
		decoded, err := value.Unmarshal(of)
		if err != nil {
			b.t.Fatal(err)
		}
		return decoded.String()
	}
	rest := *answer
	rest.PlannedState, rest.PlannedIdentity, rest.PlannedPrivate, rest.RequiresReplace = nil, nil, nil, nil
	plain := map[string]any{
		"state": decode(answer.PlannedState, b.types[name]), "private": string(answer.PlannedPrivate),
		"replace": fmt.Sprint(answer.RequiresReplace), "rest": rest,
	}
	if answer.PlannedIdentity != nil {
		plain["identity"] = decode(answer.PlannedIdentity.IdentityData, b.ids[name])
	}
	return plain
}

func TestAnswersAsTheFramework(t *testing.T) {
	b := newBoth(t)
	if all, tried := slices.Sorted(maps.Keys(b.types)), slices.Sorted(maps.Keys(resources)); !slices.Equal(all, tried) {
		t.Fatalf("the resources are %v, and %v are tried here", all, tried)
	}
	for name, r := range resources {
		t.Run(name, func(t *testing.T) {
			b := *b
			b.t = t
			of := b.types[name]
			state := b.value(of, r.state)
			stale := strings.Replace(r.state, `"up_to_date":true`, `"up_to_date":false`, 1)
			blank := b.value(of, strings.Replace(stale, "false", "null", 1))
			changed := strings.Replace(r.state, `{`, `{"labels":{"a":"b"},`, 1)
			private := []byte(`{"ownership":"eyJ1aWQiOiJ1In0="}`)
			identity := &tfprotov6.ResourceIdentityData{IdentityData: b.value(b.ids[name], r.identity)}
			config := b.value(of, strings.Replace(r.state, `{`, `{`+r.onlyConfig, 1))
			unknown := b.value(of, `null`)

			for what, c := range map[string]struct {
				prior, proposed *tfprotov6.DynamicValue
				short           bool
			}{
				"nothing to do": {state, state, true},
				"not as it was": {b.value(of, stale), b.value(of, stale), false},
				"never read":    {blank, blank, false},
				"a change":      {state, b.value(of, changed), false},
				"a create":      {unknown, state, false},
				"a destroy":     {state, unknown, false},
			} {
				request := tfprotov6.PlanResourceChangeRequest{TypeName: name, PriorState: c.prior, ProposedNewState: c.proposed, Config: config}
				if c.proposed == unknown {
					request.Config = unknown
				}
				for range 2 { // without and with what newer CLIs keep
					if b.same(request) != c.short {
						t.Errorf("%s: short %t", what, !c.short)
					}
					request.PriorPrivate, request.PriorIdentity = private, identity
				}
			}
		})
	}
}

// Terraform sees of the provider what it sees without the short way.
func TestNothingIsLost(t *testing.T) {
	next := providerserver.NewProtocol6(provider.New("test")())()
	before := Wrap(next, nil, noEnvironment)
	if _, ok := before.(server); !ok {
		t.Error("the framework's server is not taken")
	}
	for name, is := range map[string]func(tfprotov6.ProviderServer) bool{
		"list resources": func(s tfprotov6.ProviderServer) bool {
			_, ok := s.(tfprotov6.ListResourceServer)
			return ok
		},
		"actions":      func(s tfprotov6.ProviderServer) bool { _, ok := s.(tfprotov6.ActionServer); return ok },
		"state stores": func(s tfprotov6.ProviderServer) bool { _, ok := s.(tfprotov6.StateStoreServer); return ok },
	} {
		if is(next) != is(before) {
			t.Errorf("%s: with the framework %t, behind the short way %t", name, is(next), is(before))
		}
	}
}

// A server that lacks an interface is not dressed up with it.
func TestOtherServers(t *testing.T) {
	plain := struct{ tfprotov6.ProviderServer }{}
	if _, ok := Wrap(plain, nil, noEnvironment).(server); ok {
		t.Error("a server that lacks an interface was wrapped")
	}
}

// Whatever is not an object with the attribute is not up to date.
func TestIsTrue(t *testing.T) {
	for text, want := range map[string]bool{
		"":                                false,
		"\xc0":                            false,
		"\x80":                            false,
		"\x81\xaaup_to_date\xc3":          true,
		"\x81\xaaup_to_date\xc2":          false,
		"\x81\xaaup_to_date\xc0":          false,
		"\x81\xaaup_to_date\xd4\x00\x00":  false, // unknown
		"\x81\xa1x\xacup_to_date\xc3\xb1": false, // in a text
		"\x82\xa1x\x81\xaaup_to_date\xc3": false, // further down, and cut off
		"\x82\xa1x\x81\xa1y\xc3\xaaup_to_date\xc3": true,
		"\x81\xaaup_to_date":                       false,
	} {
		if got := isTrue([]byte(text), "up_to_date"); got != want {
			t.Errorf("%q: %t", text, got)
		}
	}
}
