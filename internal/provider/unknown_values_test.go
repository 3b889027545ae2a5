// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Whatever argument is known only after an apply (a variable, each.key, another resource), what is valid stays valid.
func TestAnyValueMayBeUnknown(t *testing.T) {
	r := newConfiguredRPC(t, `{}`)
	for name, c := range map[string]struct{ kind, config string }{
		"credentials": {storeKind, `{"name":"store","vault":{"server":"https://v","path":"secret","auth":{"app_role":{"path":"approle",
			"role_id":"r","secret_ref":{"key":"id"}}}},"credentials_wo":{"id":"x"},"credentials_wo_version":1}`},
		"credentials of a project": {storeKind, `{"name":"store","project":"team-a","aws":{"service":"SecretsManager","region":"r","auth":{"secret_ref":{
			"access_key_id_secret_ref":{"key":"id"},"secret_access_key_secret_ref":{"key":"key"}}}},
			"credentials_wo":{"id":"x","key":"y"},"credentials_wo_version":1}`},
		"allowed projects": {storeKind, `{"name":"store","gcp":{"project_id":"p"},"allowed_projects":["team-a","team-b"],"clusters":["default"]}`},
		"other":            {storeKind, `{"name":"store","other":"{\"webhook\":{\"url\":\"https://w\",\"result\":{\"jsonPath\":\"$\"}}}","conditions":"[{\"namespaces\":[\"a\"]}]"}`},
		"typed": {secretKind, `{"project":"team-a","name":"db","use_case":"Generic","refresh_interval":"1h","store":{"name":"store","kind":"SecretStore"},
			"data":{"x":{"key":"k","property":"p","store":{"name":"w","kind":"SecretStore"}}},"data_from":[{"find":{"name":{"regexp":".*"}},
			"rewrite":[{"regexp":{"source":"a","target":"b"}}]}],
			"target":{"name":"t","template":{"type":"Opaque","data":{"a":"{{ .x }}"}}},"labels":{"a":"b"}}`},
		"manifest":     {secretKind, `{"project":"team-a","name":"db","manifest":"apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nspec: {secretStoreRef: {name: v}, data: [{secretKey: x, remoteRef: {key: k}}]}"}`},
		"organization": {"airm_organization_secret", `{"name":"hf","use_case":"HuggingFace","store":{"name":"v"},"data":{"token":{"key":"k"}},"sync_triggers":{"a":"b"}}`},
		"assignment":   {"airm_secret_assignment", `{"secret":"hf","project":"team-a","clusters":["default"],"labels":{"a":"b"}}`},
		"assignments":  {"airm_secret_assignments", `{"secret":"hf","projects":["team-a","team-b"],"timeouts":{"create":"5m"}}`},
	} {
		t.Run(name, func(*testing.T) {
			of := r.schemas.ResourceSchemas[c.kind].ValueType()
			config, err := fromJSON(c.config).Unmarshal(of)
			r.ok(nil, err)
			r.isValid(c.kind, config, "")
			r.ok(nil, tftypes.Walk(config, func(at *tftypes.AttributePath, value tftypes.Value) (bool, error) {
				if len(at.Steps()) == 0 || value.IsNull() {
					return true, nil
				}
				changed, err := tftypes.Transform(config, func(p *tftypes.AttributePath, v tftypes.Value) (tftypes.Value, error) {
					if p.Equal(at) {
						return tftypes.NewValue(v.Type(), tftypes.UnknownValue), nil
					}
					return v, nil
				})
				r.isValid(c.kind, changed, at.String())
				return true, err
			}))
		})
	}
}

// isValid fails the test where validation finds an error in a configuration of which one value is unknown.
func (r *rpc) isValid(kind string, config tftypes.Value, unknown string) {
	r.t.Helper()
	encoded, err := tfprotov6.NewDynamicValue(config.Type(), config)
	r.ok(nil, err)
	answer, err := r.server.ValidateResourceConfig(context.Background(), &tfprotov6.ValidateResourceConfigRequest{
		TypeName: kind, Config: &encoded,
		ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: true}})
	r.ok(nil, err)
	for _, d := range answer.Diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			r.t.Errorf("%s: with %q unknown: %s: %s", kind, unknown, d.Summary, d.Detail)
		}
	}
}
