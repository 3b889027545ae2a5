// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
)

// objectID is an object that actions and ephemeral resources refer to by the ID of its resource.
type objectID struct {
	airm.Ref
	clusters []string // that the id names; none: wherever the object is
	assigned bool     // whether it is an assignment's
}

// parseObjectID reads an id, which may name clusters: "team-a/db@east".
func parseObjectID(id string, parse func(string) (airm.Ref, error)) (objectID, error) {
	rest, clusters, err := eso.SplitClusters(id)
	if err != nil {
		return objectID{}, err
	}
	ref, err := parse(rest)
	return objectID{Ref: ref, clusters: clusters}, err
}

// checkObjectID finds what is wrong with an id that is known.
func checkObjectID(id types.String, argument string, parse func(string) (airm.Ref, error)) []problem {
	return checkString(id, argument, func(id string) error {
		_, err := parseObjectID(id, parse)
		return err
	})
}

// secretIDs are the arguments that name one ExternalSecret, by the id of what made it.
type secretIDs struct {
	ProjectSecretID types.String `tfsdk:"project_secret_id"`
	AssignmentID    types.String `tfsdk:"assignment_id"`
}

func (m *secretIDs) problems() []problem {
	problems := checkObjectID(m.ProjectSecretID, "project_secret_id", airm.ParseProjectSecretID)
	return append(problems, checkObjectID(m.AssignmentID, "assignment_id", parseAssignmentID)...)
}

// target reads the id that is given.
func (m *secretIDs) target(diags *diag.Diagnostics) objectID {
	argument, id, parse := "project_secret_id", m.ProjectSecretID, airm.ParseProjectSecretID
	if m.ProjectSecretID.IsNull() {
		argument, id, parse = "assignment_id", m.AssignmentID, parseAssignmentID
	}
	t, err := parseObjectID(id.ValueString(), parse)
	if err != nil {
		diags.Append(invalidArgument(path.Root(argument), err).diagnostic())
	}
	t.assigned = m.ProjectSecretID.IsNull()
	return t
}

// parseAssignmentID reads "secret/project": the object is of the secret's name, in the project.
func parseAssignmentID(id string) (airm.Ref, error) {
	secret, project, found := strings.Cut(id, "/")
	if !found {
		return airm.Ref{}, fmt.Errorf("%q is not the ID of an assignment: it has the form \"secret/project\", for example \"hf-token/team-a\"", id)
	}
	if _, err := airm.ParseProjectSecretID(project + "/" + secret); err != nil {
		return airm.Ref{}, fmt.Errorf("%q is not the ID of an assignment, which has the form \"secret/project\": %w", id, err)
	}
	return airm.Assignment{Secret: secret, Project: project}.Ref(), nil
}

// locate returns the copies of a target. The id of a resource does not say to which clusters it is narrowed, so the object
// need not be in all of them; it has to be in those that the id names, and somewhere.
func (t objectID) locate(ctx context.Context, clusters *cluster.Clusters, diags *diag.Diagnostics) []*observation {
	chosen, err := clusters.Select(t.clusters)
	if err != nil {
		addError(diags, err)
		return nil
	}
	all, err := findEverywhere(ctx, chosen, t.Ref)
	if cluster.IsNotFound(err) {
		diags.AddError(t.explainMissing(clusterNames(chosen)).text())
		return nil
	}
	if err != nil {
		addError(diags, err)
		return nil
	}
	var copies []*observation
	for _, f := range all {
		if chosen = slices.DeleteFunc(slices.Clone(chosen), func(c *cluster.Cluster) bool { return c == f.cluster }); f.object == nil {
			diags.AddWarning(fmt.Sprintf("Cluster %q could not be asked", f.cluster.Name()), messageOf(f.err).Detail)
		} else if err := t.refuseOther(f); err != nil {
			addError(diags, err)
		} else {
			copies = append(copies, f)
		}
	}
	switch {
	case len(t.clusters) > 0 && len(chosen) > 0:
		diags.AddError(t.explainMissing(clusterNames(chosen)).text())
	case len(copies) == 0 && !diags.HasError():
		addError(diags, all[0].err)
	}
	return copies
}

func clusterNames(clusters []*cluster.Cluster) string {
	var quoted []string
	for _, c := range clusters {
		quoted = append(quoted, fmt.Sprintf("%q", c.Name()))
	}
	return strings.Join(quoted, ", ")
}

// explainMissing says that an object does not exist, in the words of the resource that it would be of.
func (t objectID) explainMissing(clusters string) diagnosticText {
	where := fmt.Sprintf("There is no %s in cluster %s. ", t.Ref, clusters)
	if t.assigned {
		return diagnosticText{summary: fmt.Sprintf("Organization secret %q is not assigned to project %q", t.Name, t.Project), detail: where +
			"Assign it with airm_secret_assignment or airm_secret_assignments, or correct the ID. If it is assigned, the copy was deleted, and the next apply creates it again."}
	}
	return diagnosticText{summary: t.what() + " does not exist", detail: where +
		"Correct the ID, or apply its resource first. If it is in a state, it was deleted, and the next apply creates it again."}
}

// what names the resource of a target.
func (t objectID) what() string {
	if t.Kind == airm.KindExternalSecret {
		return fmt.Sprintf("Project secret %q", t.ID())
	}
	return fmt.Sprintf("Provider store %q", t.ID())
}

// refuseOther refuses an object that the id is not for.
func (t objectID) refuseOther(f *observation) error {
	if t.Kind != airm.KindExternalSecret {
		return nil
	}
	switch assigned := airm.Assigns(f.object.Object); {
	case assigned && !t.assigned:
		return &cluster.Error{Summary: fmt.Sprintf("%s is an organization secret's", t.Ref),
			Detail: fmt.Sprintf("It belongs to an assignment. Use the ID of the assignment instead: assignment_id = \"%s/%s\".", t.Name, t.Project)}
	case t.assigned && !assigned:
		return &cluster.Error{Summary: fmt.Sprintf("%s is not an organization secret's", t.Ref),
			Detail: fmt.Sprintf("It is a project secret. Use its ID instead: project_secret_id = %q.", t.ID())}
	}
	return nil
}

// unconfigured finds the clusters that an id names and the provider block does not have.
func (s *providerSettings) unconfigured(id types.String, argument string) []problem {
	if s == nil || len(s.unknown) > 0 || id.IsNull() || id.IsUnknown() {
		return nil
	}
	_, named, err := eso.SplitClusters(id.ValueString())
	if err != nil {
		return nil // another check says so
	}
	if _, err := s.clusters.Select(named); err != nil {
		text := messageOf(err)
		return []problem{{paths: []path.Path{path.Root(argument)}, summary: text.Summary, detail: text.Detail}}
	}
	return nil
}
