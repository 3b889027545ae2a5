// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// An upgradeStep turns the attributes of a state into those of the next version of the schema. They are
// as a state keeps them, in JSON.
type upgradeStep func(attributes map[string]any)

// upgradeSteps are the steps of each resource, oldest first. The version of its schema is their number,
// so a breaking change of a schema needs a step here and nothing else; TestSchemaSnapshot demands it.
var upgradeSteps = map[string][]upgradeStep{}

func schemaVersion(name string) int64 { return int64(len(upgradeSteps[name])) }

// UpgradeState brings a state of any older version to the present one.
func (b *resourceBase) UpgradeState(context.Context) map[int64]resource.StateUpgrader {
	return upgraders(upgradeSteps[b.name])
}

func upgraders(steps []upgradeStep) map[int64]resource.StateUpgrader {
	all := map[int64]resource.StateUpgrader{}
	for version := range steps {
		upgrader := func(_ context.Context, req resource.UpgradeStateRequest, resp *resource.UpgradeStateResponse) {
			upgraded, err := upgrade(req.RawState.JSON, steps[version:])
			if err != nil {
				resp.Diagnostics.AddError("The state of an older version of this provider cannot be read", err.Error())
				return
			}
			resp.DynamicValue = &tfprotov6.DynamicValue{JSON: upgraded}
		}
		all[int64(version)] = resource.StateUpgrader{StateUpgrader: upgrader}
	}
	return all
}

func upgrade(state []byte, steps []upgradeStep) ([]byte, error) {
	var attributes map[string]any
	if err := json.Unmarshal(state, &attributes); err != nil {
		return nil, err
	}
	for _, step := range steps {
		step(attributes)
	}
	return json.Marshal(attributes)
}
