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

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/organization"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/secrets"
)

func statusFilter() schema.Attribute {
	return schema.StringAttribute{
		Optional:            true,
		Validators:          []validator.String{stringvalidator.OneOf(secrets.Statuses()...)},
		MarkdownDescription: "Only what has this status.",
	}
}

func madeByFilter() schema.Attribute {
	return schema.StringAttribute{
		Optional:            true,
		Validators:          []validator.String{stringvalidator.OneOf(secrets.MadeByAIRM, secrets.MadeByProvider, secrets.MadeByOther)},
		MarkdownDescription: "Only what was made by `AIRM` (its API), by `terraform-provider-airm` or by any `other`. What AIRM made says so in its display name.",
	}
}

// objectFilters are those of everything that is an object in a cluster.
func objectFilters(more map[string]schema.Attribute) map[string]schema.Attribute {
	more["status"] = statusFilter()
	more["clusters"] = schema.ListAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: "Only what is in one of these clusters, by their names in the provider block."}
	more["unmanaged"] = schema.BoolAttribute{Optional: true, MarkdownDescription: "Only what neither this provider manages, from whatever state, nor AIRM made itself."}
	return more
}

func newProjectSecretList() list.ListResource {
	return &listResource{
		name: "project_secret", of: newProjectSecretResource,
		description: "Finds the secrets of projects, whoever made them. Those that an assignment made belong to an organization secret and are left out.",
		filters: objectFilters(map[string]schema.Attribute{
			"project": listFilter("Only those of this project. Absent: of all projects."),
			"store":   listFilter("Only those that get values from a store of this name."),
			"made_by": madeByFilter(),
		}),
		find: func(ctx context.Context, s *settings, f filters) ([]listEntry, diag.Diagnostics) {
			return findObjects(ctx, s, f, []string{secrets.KindExternalSecret}, func(found cluster.Found) (secrets.Status, bool) {
				object := found.Object.Object
				uses := f.texts["store"] == "" || usesStore(object, f.texts["store"])
				return lookNow(object).Status, uses && !secrets.Assigns(object)
			})
		},
	}
}

func usesStore(object map[string]any, name string) bool {
	project, _ := nested(object, "metadata")["namespace"].(string)
	return secrets.UsesStore(object, secrets.Ref{Kind: secrets.KindClusterSecretStore, Name: name}) ||
		secrets.UsesStore(object, secrets.Ref{Kind: secrets.KindSecretStore, Project: project, Name: name})
}

func newProviderStoreList() list.ListResource {
	return &listResource{
		name: "provider_store", of: newProviderStoreResource,
		description: "Finds stores, whoever made them.",
		filters: objectFilters(map[string]schema.Attribute{
			"project": listFilter("Only those of this project. Absent: those of the organization and of all projects."),
			"backend": listFilter("Only those with this backend, by External Secrets Operator's name: `vault`, `aws`, `gcpsm`, `azurekv`, `kubernetes` and so on."),
		}),
		find: func(ctx context.Context, s *settings, f filters) ([]listEntry, diag.Diagnostics) {
			kinds := storeKinds
			if f.texts["project"] != "" {
				kinds = []string{secrets.KindSecretStore}
			}
			return findObjects(ctx, s, f, kinds, func(found cluster.Found) (secrets.Status, bool) {
				_, fits := nested(found.Object.Object, "spec", "provider")[f.texts["backend"]]
				return secrets.StoreSync(found.Object.Object, time.Now()).Status, fits || f.texts["backend"] == ""
			})
		},
	}
}

// findObjects lists objects that pass the filters: those of all, and that of a kind, which also tells the
// status. What is in several clusters is one resource.
func findObjects(ctx context.Context, s *settings, f filters, kinds []string, look func(cluster.Found) (secrets.Status, bool)) ([]listEntry, diag.Diagnostics) {
	var diags diag.Diagnostics
	inventory, err := s.clusters.Inventory(ctx, kinds, f.texts["project"], f.clusters)
	if err != nil {
		addError(&diags, err)
		return nil, diags
	}
	warnAway(inventory, &diags)
	var entries []listEntry
	for _, found := range inventory.Found {
		status, fits := look(found)
		madeBy := secrets.MadeBy(found.Object.Object)
		managed := secrets.Managed(found.Object.Object) || madeBy == secrets.MadeByAIRM
		entry := listEntry{id: found.Ref().ID(), madeBy: madeBy}
		if fits && passes(f.texts["status"], string(status)) && passes(f.texts["made_by"], madeBy) && !(f.flags["unmanaged"] && managed) && !hasID(entries, entry.id) {
			entries = append(entries, entry)
		}
	}
	return entries, diags
}

func hasID(entries []listEntry, id string) bool {
	return slices.ContainsFunc(entries, func(e listEntry) bool { return e.id == id })
}

func newOrganizationSecretList() list.ListResource {
	return &listResource{
		name: "organization_secret", of: newOrganizationSecretResource,
		description: "Finds the organization secrets.",
		filters: map[string]schema.Attribute{
			"status":   statusFilter(),
			"use_case": listFilter("Only those of this use case."),
		},
		find: func(ctx context.Context, s *settings, f filters) ([]listEntry, diag.Diagnostics) {
			return findRecords(ctx, s, func(survey *organization.Survey) []string {
				useCase := f.texts["use_case"] == "" || f.texts["use_case"] == string(survey.OrganizationSecret.Definition.UseCase)
				if !useCase || f.texts["status"] != "" && f.texts["status"] != string(survey.Status) {
					return nil
				}
				return []string{survey.Name}
			})
		},
	}
}

func newSecretAssignmentList() list.ListResource {
	return &listResource{
		name: "secret_assignment", of: newSecretAssignmentResource,
		description: "Finds the assignments of organization secrets to projects, one by one.",
		filters: map[string]schema.Attribute{
			"secret":  listFilter("Only those of this organization secret."),
			"project": listFilter("Only those of this project."),
			"status":  statusFilter(),
		},
		find: func(ctx context.Context, s *settings, f filters) ([]listEntry, diag.Diagnostics) {
			return findRecords(ctx, s, func(survey *organization.Survey) []string {
				var ids []string
				for _, a := range survey.Assignments {
					if passes(f.texts["secret"], a.Secret) && passes(f.texts["project"], a.Project) && passes(f.texts["status"], string(a.Status)) && !slices.Contains(ids, a.ID()) {
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
		name: "secret_assignments", of: newSecretAssignmentsResource,
		description: "Finds the organization secrets that are assigned to projects: each with all its assignments as one resource, which then owns them exclusively.",
		filters: map[string]schema.Attribute{
			"secret":  listFilter("Only this organization secret."),
			"project": listFilter("Only those that are assigned to this project."),
		},
		find: func(ctx context.Context, s *settings, f filters) ([]listEntry, diag.Diagnostics) {
			return findRecords(ctx, s, func(survey *organization.Survey) []string {
				assigned := slices.ContainsFunc(survey.Assignments, func(a *organization.Surveyed) bool { return passes(f.texts["project"], a.Project) })
				if assigned && passes(f.texts["secret"], survey.Name) {
					return []string{survey.Name}
				}
				return nil
			})
		},
	}
}

// passes tells whether a value passes a filter.
func passes(filter, value string) bool { return filter == "" || filter == value }

// findRecords reads the organization's records, and takes of each organization secret what is chosen.
func findRecords(ctx context.Context, s *settings, choose func(*organization.Survey) []string) ([]listEntry, diag.Diagnostics) {
	var diags diag.Diagnostics
	registry := s.registry(false, &diags)
	if diags.HasError() {
		return nil, diags
	}
	surveys, err := registry.SurveyAll(ctx)
	if err != nil {
		addError(&diags, err)
	}
	var entries []listEntry
	for _, survey := range surveys {
		for _, id := range choose(survey) {
			entries = append(entries, listEntry{id: id})
		}
	}
	return entries, diags
}
