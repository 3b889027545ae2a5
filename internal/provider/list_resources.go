// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/organization"
)

func statusFilter() schema.Attribute {
	return choiceFilter("Only results with this status, combined over the clusters of the result.", airm.Statuses())
}

func madeByFilter() schema.Attribute {
	return choiceFilter("Only results created by `AIRM` (its API), by `terraform-provider-airm` or by any `other`.",
		[]string{airm.MadeByAIRM, airm.MadeByProvider, airm.MadeByOther})
}

// choiceFilter is a filter that refuses all but some values: one that is misspelled would find nothing.
func choiceFilter(description string, choices []string) schema.Attribute {
	return schema.StringAttribute{
		Optional:            true,
		Validators:          []validator.String{stringvalidator.OneOf(choices...)},
		MarkdownDescription: description,
	}
}

// objectFilters are those of everything that is an object in a cluster.
func objectFilters(more map[string]schema.Attribute) map[string]schema.Attribute {
	more["status"] = statusFilter()
	more["clusters"] = schema.ListAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: "Only results in these " +
		"clusters, by their names in the provider block. The `clusters` of each result contain only these."}
	more["unmanaged"] = schema.BoolAttribute{Optional: true, MarkdownDescription: "Only objects that AIRM has not created and this " +
		"provider has not written, with any state. An import writes nothing, so an imported object is listed until its first change. " +
		"To continue after the last ID of a batch, set `after`."}
	return more
}

func newProjectSecretList() list.ListResource {
	return &listResource{
		name: "project_secret", newResource: newProjectSecretResource,
		description: "Lists the secrets of projects, also those of other tools. Copies of organization secrets are left out.",
		filters: objectFilters(map[string]schema.Attribute{
			"project": listFilter("Only secrets of this project. Defaults to all projects."),
			"store":   listFilter("Only secrets that get values from a store of this name."),
			"made_by": madeByFilter(),
		}),
		find: func(ctx context.Context, s *providerSettings, f listFilters) ([]listEntry, diag.Diagnostics) {
			return findObjects(ctx, s, f, []string{airm.KindExternalSecret}, func(found cluster.Found) (airm.Status, bool) {
				object := found.Object.Object
				uses := f.texts["store"] == "" || usesStore(object, f.texts["store"])
				return eso.ExternalSecretSync(object, time.Time{}, found.Cluster.Now()).Status, uses && !airm.Assigns(object)
			})
		},
	}
}

func usesStore(object map[string]any, name string) bool {
	project, _ := jsonvalue.MapAt(object, "metadata")["namespace"].(string)
	return eso.UsesStore(object, airm.Ref{Kind: airm.KindClusterSecretStore, Name: name}) ||
		eso.UsesStore(object, airm.Ref{Kind: airm.KindSecretStore, Project: project, Name: name})
}

func newProviderStoreList() list.ListResource {
	return &listResource{
		name: "provider_store", newResource: newProviderStoreResource,
		description: "Lists stores, also those of other tools.",
		filters: objectFilters(map[string]schema.Attribute{
			"project": listFilter("Only stores of this project. Defaults to the stores of the organization and of all projects."),
			"backend": choiceFilter("Only stores with this backend, by External Secrets Operator's name: `vault`, `aws`, `gcpsm`, "+
				"`azurekv`, `kubernetes` and so on.", eso.Backends()),
		}),
		find: func(ctx context.Context, s *providerSettings, f listFilters) ([]listEntry, diag.Diagnostics) {
			kinds := storeKinds
			if f.texts["project"] != "" {
				kinds = []string{airm.KindSecretStore}
			}
			return findObjects(ctx, s, f, kinds, func(found cluster.Found) (airm.Status, bool) {
				_, fits := jsonvalue.MapAt(found.Object.Object, "spec", "provider")[f.texts["backend"]]
				return eso.StoreSync(found.Object.Object, found.Cluster.Now()).Status, fits || f.texts["backend"] == ""
			})
		},
	}
}

// findObjects lists objects that pass the filters. The function read returns the status of an object, and whether it passes the
// filters of its kind. Copies with one content are one resource, narrowed to their clusters where the object belongs into others too.
func findObjects(
	ctx context.Context, s *providerSettings, f listFilters, kinds []string, read func(cluster.Found) (airm.Status, bool),
) ([]listEntry, diag.Diagnostics) {
	var diags diag.Diagnostics
	inventory, err := s.clusters.Inventory(ctx, kinds, f.texts["project"], f.clusters)
	if err != nil {
		addError(&diags, err)
		return nil, diags
	}
	warnUnavailable(inventory, &diags)
	var entries []listEntry
	statuses := map[cluster.Found]airm.Status{}
	fitting := slices.DeleteFunc(inventory.Found, func(found cluster.Found) bool {
		status, fits := read(found)
		statuses[found] = status
		madeBy := airm.MadeBy(found.Object.Object)
		managed := eso.Managed(found.Object.Object) || madeBy == airm.MadeByAIRM
		return !fits || !passes(f.texts["made_by"], madeBy) || f.flags["unmanaged"] && managed
	})
	for len(fitting) > 0 {
		ref := fitting[0].Ref()
		others := slices.IndexFunc(fitting, func(found cluster.Found) bool { return found.Ref() != ref })
		if others < 0 {
			others = len(fitting)
		}
		for _, same := range groupBy(fitting[:others], func(a, b cluster.Found) bool {
			return inventory.ProjectID(a) == inventory.ProjectID(b) && len(eso.ContentDifferences(a.Object.Object, b.Object.Object)) == 0
		}) {
			if passes(f.texts["status"], string(statusOf(same, statuses))) {
				entries = append(entries, entryOf(same, inventory))
			}
		}
		fitting = fitting[others:]
	}
	return entries, diags
}

// statusOf returns the status that a result of these copies shows.
func statusOf(copies []cluster.Found, statuses map[cluster.Found]airm.Status) airm.Status {
	var all []airm.Status
	for _, found := range copies {
		all = append(all, statuses[found])
	}
	return airm.Aggregate(all)
}

// entryOf makes the result of some copies.
func entryOf(copies []cluster.Found, inventory cluster.Inventory) listEntry {
	entry := listEntry{id: copies[0].Ref().ID()}
	var where []string
	for _, found := range copies {
		where = append(where, found.Cluster.Name())
		if madeBy := airm.MadeBy(found.Object.Object); entry.madeBy == "" || madeBy == airm.MadeByAIRM {
			entry.madeBy = madeBy
		}
	}
	if !inventory.IsEverywhere(copies) {
		entry.id = importIDIn(copies[0].Ref(), where)
	}
	return entry
}

func newOrganizationSecretList() list.ListResource {
	return &listResource{
		name: "organization_secret", newResource: newOrganizationSecretResource,
		description: "Lists the organization secrets.",
		filters: map[string]schema.Attribute{
			"status":   statusFilter(),
			"use_case": choiceFilter("Only secrets with this use case.", airm.UseCases()),
		},
		find: func(ctx context.Context, s *providerSettings, f listFilters) ([]listEntry, diag.Diagnostics) {
			return findRecords(ctx, s, func(secret *organization.SecretStatus) []string {
				useCase := f.texts["use_case"] == "" || f.texts["use_case"] == string(secret.OrganizationSecret.Definition.UseCase)
				if !useCase || f.texts["status"] != "" && f.texts["status"] != string(secret.Status) {
					return nil
				}
				return []string{secret.Name}
			})
		},
	}
}

func newSecretAssignmentList() list.ListResource {
	return &listResource{
		name: "secret_assignment", newResource: newSecretAssignmentResource,
		description: "Lists the assignments of organization secrets to projects, one by one.",
		filters: map[string]schema.Attribute{
			"secret":  listFilter("Only assignments of this organization secret."),
			"project": listFilter("Only assignments to this project."),
			"status":  statusFilter(),
		},
		find: func(ctx context.Context, s *providerSettings, f listFilters) ([]listEntry, diag.Diagnostics) {
			return findRecords(ctx, s, func(secret *organization.SecretStatus) []string {
				var ids []string
				for _, a := range secret.Assignments {
					named := passes(f.texts["secret"], a.Secret) && passes(f.texts["project"], a.Project)
					if named && passes(f.texts["status"], string(a.Status)) && !slices.Contains(ids, a.ID()) {
						ids = append(ids, a.ID())
					}
				}
				return ids
			})
		},
	}
}

func newSecretAssignmentsList() list.ListResource {
	return &listResource{
		name: "secret_assignments", newResource: newSecretAssignmentsResource,
		description: "Lists organization secrets that are assigned to projects, each with all its assignments as one resource, which then owns them exclusively.",
		filters: map[string]schema.Attribute{
			"secret":  listFilter("Only this organization secret."),
			"project": listFilter("Only secrets that are assigned to this project."),
		},
		find: func(ctx context.Context, s *providerSettings, f listFilters) ([]listEntry, diag.Diagnostics) {
			return findRecords(ctx, s, func(secret *organization.SecretStatus) []string {
				fits := func(a *organization.AssignmentStatus) bool { return passes(f.texts["project"], a.Project) }
				if slices.ContainsFunc(secret.Assignments, fits) && passes(f.texts["secret"], secret.Name) {
					return []string{secret.Name}
				}
				return nil
			})
		},
	}
}

// passes reports whether a value passes a filter.
func passes(filter, value string) bool { return filter == "" || filter == value }

// findRecords reads the organization's records, and takes of each organization secret what is chosen.
func findRecords(
	ctx context.Context, s *providerSettings, choose func(*organization.SecretStatus) []string,
) ([]listEntry, diag.Diagnostics) {
	var diags diag.Diagnostics
	reader := s.recordReader(&diags)
	if diags.HasError() {
		return nil, diags
	}
	secrets, err := reader.StatusOfAll(ctx)
	if err != nil {
		addError(&diags, err)
	}
	var entries []listEntry
	for _, secret := range secrets {
		for _, id := range choose(secret) {
			entries = append(entries, listEntry{id: id})
		}
	}
	return entries, diags
}
