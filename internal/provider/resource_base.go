// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
)

// resourceBase is what all resources have in common: name, settings, validation and planning.
type resourceBase struct {
	name     string
	newModel func() planModel
	settings *providerSettings

	// decode reads a configuration faster than the framework, for a resource that there are many of; false leaves it to the
	// framework.
	decode func(ctx context.Context, config tftypes.Value, m planModel) bool
}

func (b *resourceBase) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + b.name
}

// Configure takes over the provider's settings; there are none while only validating.
func (b *resourceBase) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	b.settings, _ = req.ProviderData.(*providerSettings)
}

// ValidateConfig reports what is wrong with the configuration, as far as it is known.
func (b *resourceBase) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	config := b.newModel()
	if b.decode == nil || !b.decode(ctx, req.Config.Raw, config) {
		resp.Diagnostics.Append(req.Config.Get(ctx, config)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	for _, p := range errorsOf(config, req.Config.Raw) {
		resp.Diagnostics.Append(p.diagnostic())
	}
}

// errorsOf returns what is wrong with a configuration, as far as it is known. Warnings come with a plan.
func errorsOf(m planModel, config tftypes.Value) []problem {
	found := append(nullElements(config), knownProblems(m.problems(), config)...)
	return slices.DeleteFunc(found, func(p problem) bool { return p.warning })
}

// validate checks again before a write: what was unknown in the plan is known now.
func (b *resourceBase) validate(m planModel, diags *diag.Diagnostics) bool {
	for _, p := range m.problems() {
		if !p.warning {
			diags.Append(p.diagnostic())
		}
	}
	return diags.HasError()
}

// ModifyPlan makes no request. In this order it
//  1. leaves a destroy alone,
//  2. drops an update that changes nothing: the same value, spelled differently, or an edit that the configuration ignores,
//  3. warns of what the change brings that its author may not expect, and refuses clusters that are not configured,
//  4. plans an update where Read found that something is not as declared or was never seen synced, and shows for which
//     projects it is.
func (b *resourceBase) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		return
	}
	plan := b.newModel()
	resp.Diagnostics.Append(req.Plan.Get(ctx, plan)...)
	var before planModel
	if !req.State.Raw.IsNull() {
		before = b.newModel()
		resp.Diagnostics.Append(req.State.Get(ctx, before)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	upToDate := before == nil || before.common().UpToDate.ValueBool()
	edited, read := loadEdit(ctx, req.Private)
	resp.Diagnostics.Append(read...)
	if before != nil && (upToDate || edited) && !planDiffers(req) {
		resp.Plan.Raw = req.State.Raw
		return
	}
	for _, p := range knownProblems(append(planWarnings(plan, before), b.unconfigured(plan)...), req.Config.Raw) {
		resp.Diagnostics.Append(p.diagnostic())
	}
	if !upToDate {
		resp.Diagnostics.Append(markComputedUnknown(ctx, &resp.Plan)...)
	}
	resp.Diagnostics.Append(planUIDs(ctx, plan, before, &resp.Plan)...)
	resp.Diagnostics.Append(planProjectIDs(ctx, req.Private, plan, before, &resp.Plan)...)
	resp.Diagnostics.Append(planSecretName(ctx, plan, before, &resp.Plan)...)
}

// unconfigured finds the clusters of a plan that the provider block does not have.
func (b *resourceBase) unconfigured(plan planModel) []problem {
	narrowed, ok := plan.(interface {
		unconfigured(*cluster.Clusters) []problem
	})
	if !ok || b.settings == nil || len(b.settings.unknown) > 0 {
		return nil
	}
	return narrowed.unconfigured(b.settings.clusters)
}

// stableComputed are the computed attributes that an update never changes.
var stableComputed = []string{"id", "kind"}

// markComputedUnknown makes the other computed attributes unknown, as the framework does where an argument changes.
func markComputedUnknown(ctx context.Context, plan *tfsdk.Plan) diag.Diagnostics {
	var diags diag.Diagnostics
	for name, attribute := range plan.Schema.GetAttributes() {
		if !attribute.IsComputed() || slices.Contains(stableComputed, name) {
			continue
		}
		t := attribute.GetType()
		unknown, err := t.ValueFromTerraform(ctx, tftypes.NewValue(t.TerraformType(ctx), tftypes.UnknownValue))
		if err != nil {
			diags.AddError("Unexpected error", err.Error())
			continue
		}
		diags.Append(plan.SetAttribute(ctx, path.Root(name), unknown)...)
	}
	return diags
}

// planDiffers reports whether a plan differs from the state in an argument. The framework makes all
// computed attributes unknown before a plan modifier can say that two spellings mean the same.
func planDiffers(req resource.ModifyPlanRequest) bool {
	var plan, state map[string]tftypes.Value
	if req.Plan.Raw.As(&plan) != nil || req.State.Raw.As(&state) != nil {
		return true
	}
	for name, attribute := range req.Plan.Schema.GetAttributes() {
		computed := attribute.IsComputed() && !plan[name].IsKnown()
		if !computed && !isSame(plan[name], state[name]) {
			return true
		}
	}
	return false
}

// isSame reports whether two values of a type are equal. Value.Equal compares each element of a set with each other one, which
// takes long for a thousand, and they are in the same order nearly always.
func isSame(value, other tftypes.Value) bool {
	encoded, err := tfprotov6.NewDynamicValue(value.Type(), value)
	if err != nil {
		return value.Equal(other)
	}
	encodedOther, err := tfprotov6.NewDynamicValue(other.Type(), other)
	return err == nil && bytes.Equal(encoded.MsgPack, encodedOther.MsgPack) || value.Equal(other)
}

// timeout bounds the context by a timeout of the resource. At its end, the operation reports the warnings of the clusters.
func (b *resourceBase) timeout(
	ctx context.Context, get func(context.Context, time.Duration) (time.Duration, diag.Diagnostics), diags *diag.Diagnostics,
) (context.Context, context.CancelFunc) {
	limit, got := get(ctx, defaultTimeout)
	diags.Append(got...)
	return withWarnings(ctx, limit, diags)
}

// skipUnconfiguredRead ends a Read while the provider's configuration is not known: the state stays. Only
// an import cannot do without.
func (b *resourceBase) skipUnconfiguredRead(m planModel, diags *diag.Diagnostics) bool {
	b.settings.run.planning.Store(true) // an apply does not refresh
	if m.common().isImported() || len(b.settings.unknown) == 0 {
		return false
	}
	diags.AddWarning("The provider's configuration is not known yet",
		fmt.Sprintf("%s will be known only after apply, so resources are planned from the state, without a refresh from the cluster.", strings.Join(b.settings.unknown, ", ")))
	return true
}

// importHint says how to take something that exists into the state.
func (b *resourceBase) importHint(id string) string {
	address := "airm_" + b.name + ".NAME"
	return fmt.Sprintf("To manage it here, import it:\n\n  terraform import %s %s\n\nor with a block:\n\n  import {\n    to = %s\n    id = %q\n  }\n\n",
		address, id, address, id)
}

// warnUnseen warns of target Secrets whose existence could not be checked; none is fine.
func warnUnseen(diags *diag.Diagnostics, unseen ...string) {
	unseen = slices.DeleteFunc(unseen, func(name string) bool { return name == "" })
	if len(unseen) > 0 {
		slices.Sort(unseen)
		diags.AddWarning("Could not look for an existing Secret", fmt.Sprintf(
			"This user may not get these Secrets (permission denied): %s. If one of them existed, External Secrets Operator takes it over and replaces its data. Grant the permission to get Secrets, or check that it did not exist.", strings.Join(unseen, ", ")))
	}
}

// warnSecretLeft warns of a Secret that stayed although the ExternalSecret that owned it is gone.
func warnSecretLeft(diags *diag.Diagnostics, clusterName string, left airm.Ref) {
	diags.AddWarning(fmt.Sprintf("Secret %s/%s was not deleted", left.Project, left.Name), fmt.Sprintf(
		"The ExternalSecret was deleted from cluster %q, but its Kubernetes Secret still exists, with its value: its owner reference, by which Kubernetes would have deleted it too, was removed. If it is not needed any more, delete it: kubectl --namespace %s delete secret %s", clusterName, left.Project, left.Name))
}
