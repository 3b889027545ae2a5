// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/protocol"
)

// BenchmarkPlanWithoutChange measures the calls of a plan in which a project secret is as it was.
func BenchmarkPlanWithoutChange(b *testing.B) {
	const content = `"project":"team-a","name":"db","store":{"name":"v"},"data":{"password":{"key":"app","property":"password"},"username":{"key":"app","property":"username"}}`
	const state = `{"id":"team-a/db","secret_name":"db","status":"Synced","up_to_date":true,` + content + `}`
	api := &oneObject{}
	both := newBothReads(b, api)
	api.object = both.live(state)
	of := projectSecrets().state
	encoded := func(text string) *tfprotov6.DynamicValue {
		options := tfprotov6.UnmarshalOpts{ValueFromJSONOpts: tftypes.ValueFromJSONOpts{IgnoreUndefinedAttributes: true}}
		value, err := (tfprotov6.RawState{JSON: []byte(text)}).UnmarshalWithOpts(of, options)
		both.ok(nil, err)
		sent, err := tfprotov6.NewDynamicValue(of, value)
		both.ok(nil, err)
		return &sent
	}
	first := tfprotov6.ReadResourceRequest{TypeName: secretKind, CurrentState: encoded(state), Private: newPrivate(`{"owner_id":"owner","copies":{"default":{"uid":"the-object"}}}`, "false")}
	settled, _ := both.read("first", first)
	both.ok(settled.Diagnostics, nil)
	again := tfprotov6.ReadResourceRequest{
		TypeName: secretKind, CurrentState: settled.NewState, Private: settled.Private, CurrentIdentity: settled.NewIdentity,
	}
	if _, short := both.read("again", again); !short {
		b.Fatal("a secret that is as it was is read by the framework")
	}
	server := protocol.Wrap(both.server, both.provider, func(string) string { return "" })
	call := func(name string, work func() error) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if err := work(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	config := encoded("{" + content + "}")
	call("validate", func() error {
		_, err := server.ValidateResourceConfig(b.Context(), &tfprotov6.ValidateResourceConfigRequest{TypeName: secretKind, Config: config})
		return err
	})
	call("upgrade", func() error {
		_, err := server.UpgradeResourceState(b.Context(), &tfprotov6.UpgradeResourceStateRequest{
			TypeName: secretKind, Version: schemaVersion("project_secret"), RawState: &tfprotov6.RawState{JSON: []byte(state)},
		})
		return err
	})
	call("read", func() error {
		_, err := server.ReadResource(b.Context(), &again)
		return err
	})
	call("plan", func() error {
		_, err := server.PlanResourceChange(b.Context(), &tfprotov6.PlanResourceChangeRequest{
			TypeName: secretKind, PriorState: settled.NewState, ProposedNewState: settled.NewState, Config: config,
			PriorPrivate: settled.Private, PriorIdentity: settled.NewIdentity,
		})
		return err
	})
}
