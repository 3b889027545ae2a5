// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package cluster

import (
	"context"
	"errors"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

// Project is a namespace that belongs to AIRM.
type Project struct {
	Cluster string // the name of the cluster that it is read from
	Name    string
	ID      string // AIRM's own ID, the value of the label airm.silogen.ai/project-id
	UID     string // of the namespace
	Labels  map[string]string
}

// ErrNoProject means that the cluster has no project of that name, as it said itself.
var ErrNoProject = errors.New("no such project")

// ErrNotSelected means that there is a namespace of that name which the project selector does not choose: it
// lacks the label, perhaps only for a moment. It is an ErrNoProject, but nothing may be deleted for it.
var ErrNotSelected = fmt.Errorf("%w: the project selector does not choose its namespace", ErrNoProject)

var namespaces = schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}

// fewProjects are read one by one; from the next one on, a run lists them all at once.
const fewProjects = 4

// Project finds one project. A namespace that is missing, or that the project selector does not
// choose, is an error that says so; found projects are remembered.
func (c *Cluster) Project(ctx context.Context, name string) (Project, error) {
	found, err := c.projects.get(ctx, name, c.findProject)
	if errors.Is(err, errNotListed) { // it may have been made since
		found, err = c.laterProjects.get(ctx, name, c.readProject)
	}
	return found, c.explainProject(name, err)
}

// ListedProject is Project for callers that only read: where this run has listed the projects, one that was not among them is
// not looked for again. So a project that is in one of many clusters costs no request in the others.
func (c *Cluster) ListedProject(ctx context.Context, name string) (Project, error) {
	found, err := c.projects.get(ctx, name, c.findProject)
	if later, known := c.laterProjects.known(name); known && errors.Is(err, errNotListed) {
		return later, nil
	}
	return found, c.explainProject(name, err)
}

func (c *Cluster) explainProject(name string, err error) error {
	return c.explain("read", "namespace "+name, err)
}

// errNotListed means that a project was not there when the projects were listed.
var errNotListed = fmt.Errorf("%w: it is not listed", ErrNoProject)

// findProject looks among all projects, once a run has asked for more than a few.
func (c *Cluster) findProject(ctx context.Context, name string) (Project, error) {
	if c.projectsAsked.Add(1) <= fewProjects {
		return c.readProject(ctx, name)
	}
	all, err := c.allProjects.get(ctx, c.projectsByName)
	if err != nil || all == nil {
		return c.readProject(ctx, name)
	}
	found, listed := all[name]
	if !listed {
		return Project{}, c.fail(fmt.Sprintf("Project %q does not exist", name),
			fmt.Sprintf("Cluster %q has no namespace %q that its project selector %q selects. Create the project first, or correct the name.", c.name, name, c.options.ProjectSelector), errNotListed)
	}
	return found, nil
}

// projectsByName is nil where listing is forbidden, so that it is not asked again.
func (c *Cluster) projectsByName(ctx context.Context) (map[string]Project, error) {
	all, err := c.Projects(ctx)
	if IsForbidden(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return byName(all), nil
}

func byName(projects []Project) map[string]Project {
	named := make(map[string]Project, len(projects))
	for _, project := range projects {
		named[project.Name] = project
	}
	return named
}

// readProject reads its namespace.
func (c *Cluster) readProject(ctx context.Context, name string) (Project, error) {
	namespace, err := c.namespace(ctx, name)
	if IsNotFound(err) {
		return Project{}, c.fail(fmt.Sprintf("Project %q does not exist", name),
			fmt.Sprintf("Cluster %q has no namespace %q. Create the project first, or correct the name.", c.name, name), fmt.Errorf("%w: %w", ErrNoProject, err))
	}
	if err != nil {
		return Project{}, err
	}
	if !c.options.ProjectSelector.Matches(labels.Set(namespace.GetLabels())) {
		return Project{}, c.fail(fmt.Sprintf("Namespace %q is not a project", name),
			fmt.Sprintf("In cluster %q its labels do not match the project selector %q. AIRM labels the namespaces of its projects: "+
				"choose one of those, create the project in AIRM, or set project_selector in the provider block. "+
				"Where AIRM's agent runs, do not set its labels by hand.", c.name, c.options.ProjectSelector), ErrNotSelected)
	}
	return c.project(namespace), nil
}

// NamespaceGone reports whether the API server itself says, now, that there is no namespace of that name. One
// that is there is not gone, whatever its labels, and even while it is being deleted; a cluster that cannot
// be asked is an error.
func (c *Cluster) NamespaceGone(ctx context.Context, name string) (bool, error) {
	_, err := c.namespace(ctx, name)
	if IsNotFound(err) {
		return true, nil
	}
	return false, c.explainProject(name, err)
}

// namespace reads a namespace live.
func (c *Cluster) namespace(ctx context.Context, name string) (*unstructured.Unstructured, error) {
	conn, err := c.connect(ctx)
	if err != nil {
		return nil, err
	}
	return conn.dynamic.Resource(namespaces).Get(ctx, name, metav1.GetOptions{})
}

// Projects lists all projects, in the order of their names.
func (c *Cluster) Projects(ctx context.Context) ([]Project, error) {
	conn, err := c.connect(ctx)
	if err != nil {
		return nil, err
	}
	items, err := listAll(ctx, conn.dynamic.Resource(namespaces), metav1.ListOptions{LabelSelector: c.options.ProjectSelector.String()})
	if err != nil {
		return nil, c.explain("list", "the projects", err)
	}
	projects := make([]Project, 0, len(items))
	for i := range items {
		projects = append(projects, c.project(&items[i]))
	}
	return projects, nil
}

func (c *Cluster) project(namespace *unstructured.Unstructured) Project {
	return Project{
		Cluster: c.name,
		Name:    namespace.GetName(),
		ID:      namespace.GetLabels()[airm.LabelProjectID],
		UID:     string(namespace.GetUID()),
		Labels:  namespace.GetLabels(),
	}
}
