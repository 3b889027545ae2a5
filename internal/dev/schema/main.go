// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

// Schema completes the schema of the provider that a CLI prints, for the generator of the documentation: list
// resources and actions, which the pinned CLI does not know, come from the provider itself.
//
//	tofu providers schema -json | schema >schema.json
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/provider"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "schema:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	var printed struct {
		FormatVersion string                    `json:"format_version"`
		Schemas       map[string]map[string]any `json:"provider_schemas"`
	}
	if err := json.NewDecoder(os.Stdin).Decode(&printed); err != nil {
		return err
	}
	schemas, err := providerserver.NewProtocol6(provider.New("docs")())().GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return err
	}
	for address, schema := range printed.Schemas {
		lists, actions := map[string]any{}, map[string]any{}
		for name, list := range schemas.ListResourceSchemas {
			lists[name] = describe(list)
		}
		for name, action := range schemas.ActionSchemas {
			actions[name] = describe(action.Schema)
		}
		schema["list_resource_schemas"], schema["action_schemas"] = lists, actions
		delete(printed.Schemas, address)
		printed.Schemas["airm"] = schema
		return json.NewEncoder(os.Stdout).Encode(printed)
	}
	return fmt.Errorf("the CLI printed no provider")
}

// describe writes a flat schema as the CLI does.
func describe(schema *tfprotov6.Schema) map[string]any {
	attributes := map[string]any{}
	for _, attribute := range schema.Block.Attributes {
		attributes[attribute.Name] = map[string]any{
			"type": attribute.Type, "description": attribute.Description, "description_kind": "markdown",
			"required": attribute.Required, "optional": attribute.Optional, "computed": attribute.Computed, "sensitive": attribute.Sensitive,
		}
	}
	return map[string]any{"version": schema.Version, "block": map[string]any{
		"attributes": attributes, "description": schema.Block.Description, "description_kind": "markdown",
	}}
}
