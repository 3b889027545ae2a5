// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/organization"
)

// recordOwnership is what a state knows of the organization's records that it stands for. Like ownership it is kept in
// private state and, but for the owner id, in the attribute uids.
type recordOwnership struct {
	OwnerID   string `json:"owner_id,omitempty"` // that the state has written into its records; empty after an import
	UID       string `json:"uid,omitempty"`      // of the record, where there is one
	Cluster   string `json:"cluster,omitempty"`  // UID of the home cluster
	Namespace string `json:"namespace,omitempty"`
	// NamespaceName is the name of the platform namespace, whose UID is Namespace.
	NamespaceName string            `json:"namespace_name,omitempty"`
	Rows          map[string]string `json:"rows,omitempty"` // of a set of assignments: UIDs of the records, by project

	// fromUIDs: private state is lost, so the owner id is to be learned from a record.
	fromUIDs bool
	// unknown: nothing says which records these are, so none is written or deleted.
	unknown bool
}

// loadRecordOwnership returns what the state knows of its records: from private state or, where that is lost, from the
// attribute uids.
func loadRecordOwnership(ctx context.Context, private privateReader, m recordModel) (recordOwnership, diag.Diagnostics) {
	var o recordOwnership
	text, diags := private.GetKey(ctx, ownershipKey)
	if len(text) > 0 {
		if err := json.Unmarshal(text, &o); err != nil {
			diags.AddError("The private state cannot be read", fmt.Sprintf("The state is damaged (%s). Remove the resource from the state and import it again.", err))
		}
		return o, diags
	}
	o.readUIDs(stringsOf(m.common().UIDs), m)
	o.fromUIDs = true
	o.unknown = o.UID == "" && len(o.Rows) == 0 && o.Namespace == "" && !m.common().ID.IsNull() && !m.common().ID.IsUnknown()
	return o, diags
}

// save writes private state, and the attribute uids of the model.
func (o recordOwnership) save(ctx context.Context, private privateWriter, registry *organization.Registry, m recordModel) diag.Diagnostics {
	m.common().setUIDs(o.uids(registry.HomeName(), m))
	text, err := json.Marshal(o)
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("The private state cannot be written", err.Error())}
	}
	return private.SetKey(ctx, ownershipKey, text)
}

// uids is the attribute of that name: home cluster, platform namespace and records, by their paths.
func (o recordOwnership) uids(home string, m recordModel) map[string]string {
	uids := map[string]string{}
	add := func(path, uid string) {
		if uid != "" {
			uids[home+"/"+path] = uid
		}
	}
	add(o.NamespaceName, o.Namespace)
	add(systemNamespace, o.Cluster)
	for configMap, uid := range o.records(m) {
		add(o.NamespaceName+"/"+configMap, uid)
	}
	return uids
}

// records are the UIDs by the names of the ConfigMaps.
func (o recordOwnership) records(m recordModel) map[string]string {
	records := map[string]string{}
	switch m := m.(type) {
	case singleRecord:
		records[m.recordName()] = o.UID
	case recordSet:
		for project, uid := range o.Rows {
			records[m.rowName(project)] = uid
		}
	}
	return records
}

// readUIDs is the inverse of uids. What the home cluster is called by now does not matter.
func (o *recordOwnership) readUIDs(uids map[string]string, m recordModel) {
	byName := map[string]string{}
	for path, uid := range uids {
		steps := strings.Split(path, "/")
		switch {
		case len(steps) == 3:
			o.NamespaceName, byName[steps[2]] = steps[1], uid
		case len(steps) == 2 && steps[1] == systemNamespace:
			o.Cluster = uid
		case len(steps) == 2:
			o.NamespaceName, o.Namespace = steps[1], uid
		}
	}
	if o.NamespaceName == systemNamespace {
		o.Namespace = o.Cluster
	}
	switch m := m.(type) {
	case singleRecord:
		o.UID = byName[m.recordName()]
	case recordSet:
		o.Rows = map[string]string{}
		for _, project := range m.projects() {
			if uid := byName[m.rowName(project)]; uid != "" {
				o.Rows[project] = uid
			}
		}
	}
}

// known is what the organization's records are asked by.
func (o recordOwnership) known() organization.Known {
	return organization.Known{UID: o.UID, OwnerID: o.OwnerID, Home: o.home()}
}

func (o recordOwnership) home() organization.Home {
	return organization.Home{ClusterUID: o.Cluster, NamespaceUID: o.Namespace, NamespaceName: o.NamespaceName}
}

// hasRow reports whether a row is the state's: it carries the owner id, or is the very record that was seen.
func (o recordOwnership) hasRow(row *organization.Row) bool {
	return o.OwnerID != "" && o.OwnerID == row.OwnerID || o.Rows[row.Project] != "" && o.Rows[row.Project] == row.UID()
}

// learn takes the owner id from a record that the state knows by its UID, where only the UIDs are left: so it knows also
// what the run wrote that was killed.
func (o recordOwnership) learn(status *organization.SecretStatus) recordOwnership {
	for _, assignment := range status.Assignments {
		if o.fromUIDs && o.OwnerID == "" && o.hasRow(assignment.Row) {
			o.OwnerID = assignment.OwnerID
		}
	}
	return o
}

// withRows notes the records of assignments, and no others.
func (o recordOwnership) withRows(rows []*organization.Row) recordOwnership {
	o.Rows = make(map[string]string, len(rows))
	for _, row := range rows {
		o.Rows[row.Project] = row.UID()
	}
	return o
}

// warnIfOther warns where a second state manages the same record.
func (o recordOwnership) warnIfOther(what, ownerID, owner string) diag.Diagnostics {
	return ownership{OwnerID: o.OwnerID}.warnIfOther(what, ownerID, owner)
}

// locate notes which records these are, where that is not known yet.
func (o recordOwnership) locate(ctx context.Context, registry *organization.Registry) recordOwnership {
	if o.Namespace != "" {
		return o
	}
	if home, err := registry.Home(ctx); err == nil {
		o.Cluster, o.Namespace, o.NamespaceName = home.ClusterUID, home.NamespaceUID, home.NamespaceName
	}
	return o
}

// explainUnknown says what to do about a state that does not know its record.
func (r *recordResource) explainUnknown(m recordModel) diagnosticText {
	id := strings.Join(m.keyValues(), "/")
	return diagnosticText{summary: fmt.Sprintf("The state no longer identifies %s", "airm_"+r.name+" "+id), detail: fmt.Sprintf(
		"It has neither the private data nor the attribute uids by which this provider identifies its record. A record of that name may belong to another workspace, so nothing is read, written or deleted. Remove the resource from the state and import it again:\n\n  terraform state rm ADDRESS\n  terraform import ADDRESS %s", id)}
}

// explainElsewhere says what to do where the provider block leads to other records than those of the state, or where
// the record was created again.
func (r *recordResource) explainElsewhere(m recordModel, err error, registry *organization.Registry) diagnosticText {
	id := strings.Join(m.keyValues(), "/")
	if errors.Is(err, organization.ErrAnotherHome) {
		return diagnosticText{summary: fmt.Sprintf("airm_%s %s is skipped: the provider block leads to other records", r.name, id), detail: fmt.Sprintf(
			"In the state, it is in another home cluster or platform namespace than %q of cluster %q. Nothing was written or deleted. Correct the connection, home_cluster or platform_namespace; or, if the other records no longer exist, remove the resource from the state (`state rm`).", registry.Namespace(), registry.HomeName())}
	}
	return diagnosticText{summary: fmt.Sprintf("airm_%s %s is not the record that this state knows", r.name, id), detail: fmt.Sprintf(
		"Namespace %q of cluster %q has a record of that name that this state did not create. Nothing was written or deleted. Correct the connection, home_cluster or platform_namespace of the provider block; or, if the state's own record no longer exists, remove the resource from the state (`state rm`) and import this one.", registry.Namespace(), registry.HomeName())}
}

// noteCreated notes a record that a create has made, or has taken up. It reports whether a destroy of this run does not delete it.
func (r *recordResource) noteCreated(uid string, what string, diags *diag.Diagnostics) bool {
	if r.settings.run.use(uid, useTakenUp) {
		return true
	}
	diags.AddError(fmt.Sprintf("%s is being deleted by the same apply", what),
		"An interrupted run of this workspace created it, and the resource that has it in the state is destroyed now. Apply again, which creates it anew.")
	return false
}

// mayDelete reports whether a destroy may delete a record of the state: not if the resource that replaces this one has taken it up.
func (r *recordResource) mayDelete(uid string, what string, diags *diag.Diagnostics) bool {
	if uid == "" || r.settings.run.use(uid, useDeleting) {
		return true
	}
	diags.AddWarning(fmt.Sprintf("%s was not deleted", what), "It now belongs to the resource that replaces this one.")
	return false
}

// ownedRecords are the organization's records, and which of them a state has.
type ownedRecords struct {
	registry *organization.Registry
	owner    recordOwnership
}

// handleRecordError deals with the error of a Read: what is gone leaves the state; where the cluster cannot be asked, or these
// are other records than the state knows, the state stays.
func (r *recordResource) handleRecordError(ctx context.Context, err error, m recordModel, owned ownedRecords, resp *resource.ReadResponse) {
	if cluster.IsNotFound(err) && !m.common().isImported() {
		if elsewhere := owned.registry.CheckHome(ctx, owned.owner.known()); errors.Is(elsewhere, organization.ErrAnotherHome) {
			resp.Diagnostics.AddWarning(r.explainElsewhere(m, elsewhere, owned.registry).text())
			return
		} else if elsewhere != nil {
			err = elsewhere
		} else {
			r.warnNamespaceGone(ctx, m, owned, &resp.Diagnostics)
		}
	}
	handleReadError(ctx, err, m, resp)
}

// warnNamespaceGone warns where a record is gone because its platform namespace is: then the copies of all projects are left.
func (r *recordResource) warnNamespaceGone(ctx context.Context, m recordModel, owned ownedRecords, diags *diag.Diagnostics) {
	known := owned.owner.known().NamespaceUID
	now, err := owned.registry.Home(ctx)
	if err != nil || known == "" || now.NamespaceUID == known {
		return
	}
	diags.AddWarning(fmt.Sprintf("The record of airm_%s %s is gone with its platform namespace", r.name, strings.Join(m.keyValues(), "/")), fmt.Sprintf(
		"Namespace %q of cluster %q was deleted, and the records of all organization secrets with it. The ExternalSecrets in the projects stay, and no record says that they belong here. Do not apply: restore the ConfigMaps of the namespace from a backup, then plan again.", owned.registry.Namespace(), owned.registry.HomeName()))
}

// explainWrite reports the error of a write. If it was refused because of what the state knows, the error says what to do.
func (r *recordResource) explainWrite(err error, m recordModel, registry *organization.Registry, diags *diag.Diagnostics) {
	if errors.Is(err, organization.ErrAnotherRecord) || errors.Is(err, organization.ErrAnotherHome) {
		diags.AddError(r.explainElsewhere(m, err, registry).text())
		return
	}
	addError(diags, err)
}

// explainLeft warns of what a removal left behind, and of what an update could not look for.
func explainLeft(ctx context.Context, registry *organization.Registry, diags *diag.Diagnostics) {
	warnUnseen(diags, registry.Unseen()...)
	for _, warning := range registry.Warnings() {
		addFailure(diags, diag.SeverityWarning, warning)
	}
	for _, left := range registry.Left(ctx) {
		warnSecretLeft(diags, left.Cluster, left.Secret)
	}
}
