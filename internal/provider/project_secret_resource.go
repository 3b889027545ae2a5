// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

var (
	_ resource.ResourceWithConfigure      = (*projectSecretResource)(nil)
	_ resource.ResourceWithIdentity       = (*projectSecretResource)(nil)
	_ resource.ResourceWithImportState    = (*projectSecretResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*projectSecretResource)(nil)
	_ resource.ResourceWithValidateConfig = (*projectSecretResource)(nil)
)

// projectSecretResource is one ExternalSecret that belongs to one project.
type projectSecretResource struct {
	objectResource
}

func newProjectSecretResource() resource.Resource {
	r := &projectSecretResource{newObjectResource("project_secret", projectSecretKind{})}
	r.decode = func(ctx context.Context, config tftypes.Value, m planModel) bool {
		return projectSecrets().fields.get(ctx, config, m)
	}
	return r
}

func (r *projectSecretResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	attributes := contentMapping.Describe(airm.KindExternalSecret, contentAttributes())
	maps.Copy(attributes, map[string]schema.Attribute{
		"name":        nameAttribute(),
		"clusters":    clustersAttribute("every cluster that holds the project"),
		"secret_name": secretNameAttribute("Null if `target.manifest` names another kind. Known at plan where the arguments are."),
		"project": schema.StringAttribute{
			Required: true,
			MarkdownDescription: "The project: the name of a namespace that the provider's `project_selector` selects. " +
				"Changing it replaces the resource.",
			PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
		},
		"use_case": optionalString("What the secret is for: `HuggingFace`, `ImagePullSecret`, `Generic` or `Database`. " +
			"AIRM shows it as the secret's type, and its workbench offers the secret accordingly. It becomes the label `" + airm.LabelUseCase + "`. " +
			"`S3` is for organization secrets only."),
		"register_in_airm": optionalBool("Whether AIRM lists the secret in the project, in a cluster with AIRM's agent. Defaults to `true`. " +
			"A member of the project can delete there what AIRM lists; the next apply creates it again. " +
			"With `false`, an existing row stays until it is deleted in AIRM."),
	})
	resp.Schema = schema.Schema{
		Version: schemaVersion(r.name),
		MarkdownDescription: "A secret that belongs to one project: an ExternalSecret in the project's namespace, from which External Secrets Operator " +
			"creates a Kubernetes Secret. The values stay in the backend; they do not pass through Terraform.",
		Attributes: commonAttributes(ctx, attributes),
	}
}

type projectSecretKind struct{}

func (projectSecretKind) newModel() kindModel { return &projectSecretModel{} }

func (projectSecretKind) parseID(id string) (airm.Ref, error) {
	return airm.ParseProjectSecretID(id)
}

func (projectSecretKind) clusterWide() bool { return false }
