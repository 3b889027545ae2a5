package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/secrets"
)

// target is an object that actions and ephemeral resources are told of by the id of its resource.
type target struct {
	secrets.Ref
	clusters []string // that the id names; none: all that hold the project
	assigned bool     // whether it is an assignment's
}

// targetOf reads the id that is given, of a project secret or of an assignment.
func targetOf(projectSecretID, assignmentID types.String, diags *diag.Diagnostics) target {
	argument, id, parse := "project_secret_id", projectSecretID, secrets.ParseProjectSecretID
	if projectSecretID.IsNull() {
		argument, id, parse = "assignment_id", assignmentID, parseAssignmentID
	}
	rest, clusters, err := secrets.SplitClusters(id.ValueString())
	t := target{clusters: clusters, assigned: projectSecretID.IsNull()}
	if err == nil {
		t.Ref, err = parse(rest)
	}
	if err != nil {
		diags.Append(invalid(path.Root(argument), err).diagnostic())
	}
	return t
}

// parseAssignmentID reads "secret/project": the object is of the secret's name, in the project.
func parseAssignmentID(id string) (secrets.Ref, error) {
	secret, project, found := strings.Cut(id, "/")
	if !found {
		return secrets.Ref{}, fmt.Errorf("%q is not the id of an assignment: it has the form \"secret/project\", for example \"hf-token/team-a\"", id)
	}
	if _, err := secrets.ParseProjectSecretID(project + "/" + secret); err != nil {
		return secrets.Ref{}, fmt.Errorf("%q is not the id of an assignment, which has the form \"secret/project\": %w", id, err)
	}
	return secrets.Assignment{Secret: secret, Project: project}.Ref(), nil
}

// placed gives the clusters where a target is.
func (t target) placed(ctx context.Context, clusters *cluster.Clusters, diags *diag.Diagnostics) []*cluster.Cluster {
	if t.Project == "" {
		chosen, err := clusters.Only(t.clusters)
		if err != nil {
			addError(diags, err)
		}
		return chosen
	}
	holding, err := clusters.Holding(ctx, t.Project, t.clusters)
	if err != nil {
		addError(diags, err)
		return nil
	}
	for name, err := range holding.Away {
		diags.AddWarning(fmt.Sprintf("Cluster %q could not be asked", name), explained(err).Error())
	}
	return holding.Clusters
}

// live reads the object of a target in a cluster, and refuses one that the id is not for.
func (t target) live(ctx context.Context, c *cluster.Cluster) (*unstructured.Unstructured, error) {
	object, err := c.Get(ctx, t.Ref)
	if err != nil {
		return nil, err
	}
	switch assigned := secrets.Assigns(object.Object); {
	case assigned && !t.assigned:
		return nil, &cluster.Error{Cluster: c.Name(), Summary: fmt.Sprintf("%s is an organization secret's", t.Ref),
			Detail: fmt.Sprintf("An assignment made it. Give its id instead: assignment_id = \"%s/%s\".", t.Name, t.Project)}
	case t.assigned && !assigned:
		return nil, &cluster.Error{Cluster: c.Name(), Summary: fmt.Sprintf("%s is no organization secret's", t.Ref),
			Detail: fmt.Sprintf("It is a project secret. Give its id instead: project_secret_id = %q.", t.ID())}
	}
	return object, nil
}
