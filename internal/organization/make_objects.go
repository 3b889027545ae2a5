package organization

import (
	"context"
	"fmt"
	"sync"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/secrets"
)

// site is a cluster where the object of an assignment is to be made.
type site struct {
	*job
	place
}

// sites are those of all jobs.
func sites(jobs []*job) []site {
	var all []site
	for _, j := range jobs {
		for _, p := range j.places {
			all = append(all, site{j, p})
		}
	}
	return all
}

// makeObjects makes the objects that rows stand for, within their leases: after that time others remove
// the rows, or take them over. A job for which nothing could be made ends with the reasons.
func (r *Registry) makeObjects(ctx context.Context, jobs []*job, organization string) {
	if len(jobs) == 0 {
		return
	}
	definition, err := r.definitionToAssign(ctx, jobs)
	if err != nil {
		endAll(jobs, err)
		return
	}
	for _, j := range jobs {
		j.sent = secrets.AssignedObject(definition.OrganizationSecret, j.row.Assignment, organization)
		j.objects, j.failed, j.unseen = map[string]*unstructured.Unstructured{}, map[string]error{}, map[string]string{}
	}
	var mu sync.Mutex
	taken := r.takenNames(ctx, definition, jobs)
	inParallel(r.parallel, sites(jobs), func(s site) {
		object, unseen, err := r.makeObject(ctx, s, definition, taken, organization)
		mu.Lock()
		defer mu.Unlock()
		if err != nil {
			s.failed[s.id] = err
			return
		}
		s.objects[s.id], s.unseen[s.id] = object, unseen
	})
	for _, j := range jobs {
		if len(j.objects) == 0 {
			j.err = together("Cannot assign "+j.row.ID(), j.failed)
		}
	}
}

func (r *Registry) definitionToAssign(ctx context.Context, jobs []*job) (*Definition, error) {
	ctx, cancel := context.WithDeadline(ctx, jobs[0].row.Until)
	defer cancel()
	if err := r.step(ctx, "assign: read definition"); err != nil {
		return nil, err
	}
	return r.usableDefinition(ctx, jobs[0].row.Secret)
}

// makeObject makes one of them, and names the Secret that nobody could look for.
func (r *Registry) makeObject(ctx context.Context, s site, definition *Definition, taken takenNames, organization string) (*unstructured.Unstructured, string, error) {
	ctx, cancel := context.WithDeadline(ctx, s.row.Until)
	defer cancel()
	if err := r.step(ctx, "assign: make object"); err != nil {
		return nil, "", err
	}
	if r.clock.now().After(s.row.Until) {
		return nil, "", refuse(fmt.Sprintf("Cannot assign %s", s.row.ID()),
			"Cluster %q did not answer within %s, so nothing was made. Apply again.", s.Name(), assignLease)
	}
	if s.again { // it is there, most likely
		live, err := s.Get(ctx, s.row.Ref())
		if err == nil {
			object, err := r.reclaim(ctx, s, live, organization)
			return object, "", err
		}
		if !cluster.IsNotFound(err) {
			return nil, "", err
		}
	}
	unseen, err := r.refuseWiping(ctx, s, definition, taken)
	if err != nil { // unless it is that of the object itself, from an earlier run
		if live, getErr := s.Get(ctx, s.row.Ref()); getErr == nil {
			object, err := r.reclaim(ctx, s, live, organization)
			return object, "", err
		}
		return nil, "", err
	}
	created, err := s.Create(ctx, s.row.Ref(), s.sent)
	if !cluster.IsAlreadyExists(err) {
		return created, unseen, err
	}
	live, getErr := s.Get(ctx, s.row.Ref())
	if getErr != nil {
		return nil, "", err
	}
	object, err := r.reclaim(ctx, s, live, organization)
	return object, "", err
}

// reclaim takes an object that is there already, only if an earlier run of this very assignment made it.
func (r *Registry) reclaim(ctx context.Context, s site, live *unstructured.Unstructured, organization string) (*unstructured.Unstructured, error) {
	if !s.row.IsCopy(live.Object, s.id, organization) {
		return nil, refuse(fmt.Sprintf("%s already exists", s.row.Ref()),
			"Project %q of cluster %q has an ExternalSecret of that name which is not the organization's, so it was left as it is and nothing was assigned. "+
				"Remove it, or give the organization secret another name.", s.row.Project, s.Name())
	}
	if live.GetDeletionTimestamp() != nil {
		return nil, refuse(fmt.Sprintf("%s is still being deleted", s.row.Ref()),
			"In cluster %q the project's earlier copy is not gone yet. %sApply again once it is gone.", s.Name(), Blockers(live))
	}
	return s.Apply(ctx, s.row.Ref(), live, s.sent, r.applying())
}

// takenNames are the projects that have a Kubernetes Secret of the target's name, by cluster. A cluster
// where they could not be listed is missing.
type takenNames map[string]map[string]bool

// takenNames lists them once for many.
func (r *Registry) takenNames(ctx context.Context, definition *Definition, jobs []*job) takenNames {
	if len(jobs) == 1 || !secrets.WipesExistingSecret(definition.Definition.Spec) {
		return nil
	}
	var mu sync.Mutex
	places, found := map[string]place{}, takenNames{}
	for _, s := range sites(jobs) {
		places[s.id] = s.place
	}
	target := secrets.TargetSecretName(jobs[0].row.Ref(), definition.Definition.Spec)
	for _, p := range places {
		if byProject, err := p.SecretsNamed(ctx, target); err == nil {
			mu.Lock()
			found[p.id] = byProject
			mu.Unlock()
		}
	}
	return found
}

// refuseWiping keeps ESO from taking over a Secret that is not its own. Where nobody may look, it names
// the Secret.
func (r *Registry) refuseWiping(ctx context.Context, s site, definition *Definition, taken takenNames) (string, error) {
	if !secrets.WipesExistingSecret(definition.Definition.Spec) {
		return "", nil
	}
	target := secrets.TargetSecretName(s.row.Ref(), definition.Definition.Spec)
	byProject, listed := taken[s.id]
	exists := byProject[s.row.Project]
	if !listed || exists { // where it was there a moment ago, look again
		var err error
		exists, err = s.SecretExists(ctx, s.row.Project, target)
		if cluster.IsForbidden(err) {
			return s.row.Project + "/" + target, nil
		}
		if err != nil {
			return "", err
		}
	}
	if !exists {
		return "", nil
	}
	return "", refuse(fmt.Sprintf("Secret %s/%s already exists", s.row.Project, target),
		"External Secrets Operator would take over the Kubernetes Secret in cluster %q and replace its data. Nothing was assigned. "+
			"Choose another target.name, set target.creation_policy = \"Merge\", or remove that Secret first.", s.Name())
}
