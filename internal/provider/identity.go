// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

// objectIdentity is the resource identity of an object: keys only, never an API version or a UID,
// since it must not change while the object lives.
type objectIdentity struct {
	Project  types.String `tfsdk:"project"`
	Name     types.String `tfsdk:"name"`
	Clusters types.List   `tfsdk:"clusters"`
}

// IdentitySchema has the same keys for all objects; a cluster-wide one has no project.
func (r *objectResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	project := identityschema.StringAttribute{RequiredForImport: true, Description: "The project."}
	if r.kind.clusterWide() {
		project = identityschema.StringAttribute{OptionalForImport: true, Description: "The project. Not set for a cluster-wide store."}
	}
	resp.IdentitySchema = identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"project": project,
		"name":    identityschema.StringAttribute{RequiredForImport: true, Description: "The name of the object."},
		"clusters": identityschema.ListAttribute{OptionalForImport: true, ElementType: types.StringType,
			Description: "Clusters that the resource is restricted to, sorted by name; null if it is not."},
	}}
}

// attributeSetter is the part of the framework's state and identity that resources write.
type attributeSetter interface {
	SetAttribute(ctx context.Context, at path.Path, value any) diag.Diagnostics
}

func setIdentity(ctx context.Context, identity *tfsdk.ResourceIdentity, ref airm.Ref, clusters []string) diag.Diagnostics {
	if identity == nil {
		return nil
	}
	narrowed := types.ListNull(types.StringType)
	if len(clusters) > 0 {
		var diags diag.Diagnostics
		if narrowed, diags = types.ListValueFrom(ctx, types.StringType, clusters); diags.HasError() {
			return diags
		}
	}
	return identity.Set(ctx, objectIdentity{Project: optional(ref.Project), Name: types.StringValue(ref.Name), Clusters: narrowed})
}

func identityRef(ctx context.Context, identity *tfsdk.ResourceIdentity) (airm.Ref, []string, diag.Diagnostics) {
	var found objectIdentity
	diags := identity.Get(ctx, &found)
	return airm.Ref{Project: found.Project.ValueString(), Name: found.Name.ValueString()}, stringsIn(found.Clusters), diags
}

// importIDIn returns the id by which to import an object of some clusters; none are all.
func importIDIn(ref airm.Ref, clusters []string) string {
	if len(clusters) == 0 {
		return ref.ID()
	}
	return ref.ID() + "@" + strings.Join(clusters, ",")
}
