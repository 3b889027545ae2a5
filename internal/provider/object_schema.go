// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

const (
	onSyncFailureError = "error"
	onSyncFailureWarn  = "warn"
)

func onSyncFailureAttribute(then string) schema.StringAttribute {
	return schema.StringAttribute{
		Optional:            true,
		Validators:          []validator.String{stringvalidator.OneOf(onSyncFailureError, onSyncFailureWarn)},
		MarkdownDescription: "Whether a sync that fails or times out is an `error` or a `warn`ing. Defaults to `error`. " + then,
	}
}

// commonAttributes are the arguments and attributes of every resource for one object, with those
// of its kind.
func commonAttributes(ctx context.Context, kind map[string]schema.Attribute) map[string]schema.Attribute {
	return mergeAttributes(metadataAttributes(), applyAttributes(ctx), stateAttributes(), kind)
}

// metadataAttributes are those that identify and describe the object.
func metadataAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id": schema.StringAttribute{
			Computed: true,
			MarkdownDescription: "Import ID (for a project secret or store with `clusters`, append `@cluster,cluster`). Unknown until the object exists, so " +
				"that resources that refer to it wait for the object.",
			PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		},
		"labels": schema.MapAttribute{
			Optional:    true,
			ElementType: types.StringType,
			MarkdownDescription: "Labels of the object. The provider manages only these keys, and keeps labels that others have set. " +
				"`airm.silogen.ai/*`, `airm.silogen.com/*` and `terraform-provider-airm/*` are not allowed.",
		},
		"annotations": schema.MapAttribute{
			Optional:            true,
			ElementType:         types.StringType,
			MarkdownDescription: "Annotations of the object. They are managed in the same way as `labels`.",
		},
	}
}

// applyAttributes say how an apply writes the object and waits for it.
func applyAttributes(ctx context.Context) map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"wait_for_sync": schema.BoolAttribute{
			Optional:            true,
			MarkdownDescription: "Whether apply waits until External Secrets Operator has processed the latest version of the object. Defaults to `true`.",
		},
		"on_sync_failure": onSyncFailureAttribute("The object is in the state in both cases. After a warning, or after an error in an " +
			"update, the next apply waits again. A create fails only if the object is not synced in any cluster. This error taints the " +
			"resource, so that the next apply replaces it."),
		"force_conflicts": schema.BoolAttribute{
			Optional: true,
			MarkdownDescription: "Whether to take over fields that another field manager (Argo CD, Flux, Helm) sets to a different " +
				"value. In any case, apply reverts manual edits that the plan showed. Defaults to the provider's `force_conflicts`, " +
				"which defaults to `false`: a conflict is then an error that names the field and its manager.",
		},
		"sync_triggers": schema.MapAttribute{
			Optional:    true,
			ElementType: types.StringType,
			MarkdownDescription: "Any values. When one of them changes, apply makes External Secrets Operator sync the secret at once " +
				"instead of after the refresh interval. A store is validated at once. If this cannot be requested in every cluster, " +
				"apply fails and the state keeps the previous values, so that the next apply requests it again.",
		},
		"timeouts": timeouts.Attributes(ctx, timeouts.Opts{
			Create: true, CreateDescription: timeoutDescription("creating the object and waiting for its synchronization"),
			Read: true, ReadDescription: timeoutDescription("reading it"),
			Update: true, UpdateDescription: timeoutDescription("changing it and waiting for its synchronization"),
			Delete: true, DeleteDescription: timeoutDescription("deleting it and waiting until it is gone"),
		}),
	}
}

// stateAttributes say how the object was seen last.
func stateAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"uids": uidsAttribute(),
		"status": schema.StringAttribute{
			Computed: true,
			MarkdownDescription: "Status at the last refresh: `Pending`, `Synced`, `PartiallySynced` (in some projects or clusters only), `SyncedError`, `Failed`, `Deleting` or `DeleteFailed`; " +
				"of an organization secret also `Unassigned`. " +
				"The data source has the reason.",
		},
		"up_to_date": schema.BoolAttribute{
			Computed: true,
			MarkdownDescription: "Whether the objects in all relevant clusters match the configuration and, if apply waits, have been synced since the last change. " +
				"If `false`, the next plan shows an update that applies and waits again.",
		},
	}
}

// nameAttribute is the name of an object.
func nameAttribute() schema.Attribute {
	return schema.StringAttribute{
		Required:            true,
		MarkdownDescription: "Name of the object: a DNS subdomain of 2 to 253 characters. Changing it replaces the resource.",
		PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
	}
}

func timeoutDescription(what string) string {
	return "Time for " + what + ", such as `90s` or `10m`. Defaults to `5m`."
}
