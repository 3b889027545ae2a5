// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/organization"
)

// recordResource is what the resources that live in the organization's records have in common:
// identity, import, and the beginning and the errors of their reads and writes.
type recordResource struct {
	resourceBase
	keys []recordKey
}

// recordKey is an argument that identifies a record. The id is the values of all keys, joined by slashes.
type recordKey struct {
	name, description, example string
	check                      func(string) error
}

// recordModel is the model of a recordResource; it is also a singleRecord or a recordSet.
type recordModel interface {
	planModel
	keyValues() []string
}

// singleRecord is the model of one record.
type singleRecord interface {
	// recordName is the name of the ConfigMap.
	recordName() string
}

// recordSet is the model of a set of assignments, which has a record for each project.
type recordSet interface {
	projects() []string
	// rowName is the name of the ConfigMap of one assignment.
	rowName(project string) string
	// sameRecords reports whether an update leaves the records as they are.
	sameRecords(before planModel) bool
}

func (r *recordResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	attributes := map[string]identityschema.Attribute{}
	for _, key := range r.keys {
		attributes[key.name] = identityschema.StringAttribute{RequiredForImport: true, Description: key.description}
	}
	resp.IdentitySchema = identityschema.Schema{Attributes: attributes}
}

func (r *recordResource) setIdentity(ctx context.Context, identity attributeSetter, m recordModel) diag.Diagnostics {
	var diags diag.Diagnostics
	for i, value := range m.keyValues() {
		diags.Append(identity.SetAttribute(ctx, path.Root(r.keys[i].name), value)...)
	}
	return diags
}

// ImportState takes an id or an identity. Read fills in the rest.
func (r *recordResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	values := strings.Split(req.ID, "/")
	if req.ID == "" {
		values = make([]string, len(r.keys))
		for i, key := range r.keys {
			resp.Diagnostics.Append(req.Identity.GetAttribute(ctx, path.Root(key.name), &values[i])...)
		}
	}
	if err := r.check(values); err != nil {
		resp.Diagnostics.AddError("Invalid import ID", err.Error())
		return
	}
	for i, key := range r.keys {
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(key.name), values[i])...)
		resp.Diagnostics.Append(resp.Identity.SetAttribute(ctx, path.Root(key.name), values[i])...)
	}
}

func (r *recordResource) check(values []string) error {
	var names, examples []string
	for _, key := range r.keys {
		names, examples = append(names, key.name), append(examples, key.example)
	}
	form := fmt.Sprintf("The ID has the form %q, for example %q.", strings.Join(names, "/"), strings.Join(examples, "/"))
	if len(values) != len(r.keys) {
		return fmt.Errorf("%s The given ID is %q", form, strings.Join(values, "/"))
	}
	for i, key := range r.keys {
		if err := key.check(values[i]); err != nil {
			return fmt.Errorf("%s %s", form, capitalized(err.Error()))
		}
	}
	return nil
}

// open returns the records and what the state knows of its own; nil where there are errors. State is the model of the
// prior state, or of the plan of a create.
func (r *recordResource) open(
	ctx context.Context, m, state recordModel, private privateReader, diags *diag.Diagnostics,
) (*organization.Registry, recordOwnership) {
	owner, loaded := loadRecordOwnership(ctx, private, state)
	diags.Append(loaded...)
	registry := r.settings.registry(m.common().forces(r.settings), diags)
	if diags.HasError() {
		return nil, owner
	}
	return registry, owner
}

// registry returns the organization's records; nil, with an error, where the provider block does not say where they are.
func (s *providerSettings) registry(force bool, diags *diag.Diagnostics) *organization.Registry {
	clusters := s.clustersFor(diags)
	if clusters == nil {
		return nil
	}
	registry, err := organization.New(clusters, s.namespace, organization.Options{ForceConflicts: force})
	if err != nil {
		addError(diags, err)
	}
	return registry
}

// recordReader is registry for what only reads.
func (s *providerSettings) recordReader(diags *diag.Diagnostics) *organization.Reader {
	clusters := s.clustersFor(diags)
	if clusters == nil {
		return nil
	}
	reader, err := organization.NewReader(clusters, s.namespace)
	if err != nil {
		addError(diags, err)
	}
	return reader
}

// beginRead reads the state; no registry means that there is nothing more to do.
func (r *recordResource) beginRead(
	ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse, m recordModel,
) (registry *organization.Registry, owner recordOwnership) {
	resp.Diagnostics.Append(req.State.Get(ctx, m)...)
	resp.Diagnostics.Append(r.setIdentity(ctx, resp.Identity, m)...)
	if resp.Diagnostics.HasError() || r.skipUnconfiguredRead(m, &resp.Diagnostics) {
		return nil, owner
	}
	if registry, owner = r.open(ctx, m, m, req.Private, &resp.Diagnostics); owner.unknown && registry != nil {
		resp.Diagnostics.AddWarning(r.explainUnknown(m).text())
		return nil, owner
	}
	return registry, owner
}

// handleReadError deals with the error of a Read: what is gone leaves the state, and where the cluster
// cannot be asked the state stays.
func handleReadError(ctx context.Context, err error, m recordModel, resp *resource.ReadResponse) {
	imported := m.common().isImported()
	switch {
	case cluster.IsNotFound(err) && !imported:
		resp.State.RemoveResource(ctx)
	case cluster.IsUnanswered(err) && !imported:
		keepState(err, &resp.Diagnostics)
	default:
		text := messageOf(err)
		var failed diag.Diagnostic = diag.NewErrorDiagnostic(text.Summary, text.Detail)
		if cluster.IsNotFound(err) {
			failed = goneDiagnostic{failed}
		}
		resp.Diagnostics.Append(failed)
	}
}

// beginUpdate reads plan and state and checks the plan again; no registry means that it is refused.
func (r *recordResource) beginUpdate(
	ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse, m, before recordModel,
) (*organization.Registry, recordOwnership) {
	diags := &resp.Diagnostics
	diags.Append(req.Plan.Get(ctx, m)...)
	m.common().keepPlannedUIDs()
	diags.Append(req.State.Get(ctx, before)...)
	diags.Append(r.setIdentity(ctx, resp.Identity, m)...)
	registry, owner := r.open(ctx, m, before, req.Private, diags)
	if registry == nil || r.validate(m, diags) {
		return nil, owner
	}
	return r.refuseUnknown(registry, owner, m, diags), owner
}

// refuseUnknown keeps the records of a state that does not know them as they are.
func (r *recordResource) refuseUnknown(
	registry *organization.Registry, owner recordOwnership, m recordModel, diags *diag.Diagnostics,
) *organization.Registry {
	if registry != nil && owner.unknown {
		diags.AddError(r.explainUnknown(m).text())
		return nil
	}
	return registry
}

// beginDelete reads the state; no registry means that it is refused.
func (r *recordResource) beginDelete(
	ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse, m recordModel,
) (*organization.Registry, recordOwnership) {
	resp.Diagnostics.Append(req.State.Get(ctx, m)...)
	registry, owner := r.open(ctx, m, m, req.Private, &resp.Diagnostics)
	return r.refuseUnknown(registry, owner, m, &resp.Diagnostics), owner
}

// leaveAlone deals with a removal that found other records than the state's. That its record is gone, and another run has
// one of the name, is a warning: there is nothing of the state's to remove. Where these are the records of another home, it
// is an error, and the state stays as it is.
func (r *recordResource) leaveAlone(ctx context.Context, err error, m recordModel, owned ownedRecords) (left bool, diags diag.Diagnostics) {
	switch {
	case errors.Is(err, organization.ErrAnotherHome),
		errors.Is(err, organization.ErrAnotherRecord) && owned.registry.CheckHome(ctx, owned.owner.known()) != nil:
		diags.AddError(r.explainElsewhere(m, err, owned.registry).text())
		return true, diags
	case !errors.Is(err, organization.ErrAnotherRecord):
		return false, nil
	}
	_, detail := r.explainElsewhere(m, err, owned.registry).text()
	diags.AddWarning(fmt.Sprintf("airm_%s %s was not deleted", r.name, strings.Join(m.keyValues(), "/")), detail)
	return true, diags
}
