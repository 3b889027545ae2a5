// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package airm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
)

// Platform is AIRM in one cluster, for the projects that AddProject names. Its API server has to be on this machine: it calls
// a webhook on loopback.
type Platform struct {
	*Ledger
	name     string
	client   dynamic.Interface
	external schema.GroupVersionResource // ExternalSecrets, in the version that the agent found when it started
	projects []string
	webhook  *trackingWebhook
	agent    *agent
}

var (
	admission = schema.GroupVersion{Group: "admissionregistration.k8s.io", Version: "v1"}

	namespaces     = schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}
	coreSecrets    = schema.GroupVersionResource{Version: "v1", Resource: "secrets"}
	definitions    = schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"}
	configurations = admission.WithResource("mutatingwebhookconfigurations")
)

// poll is how often this package looks whether something has happened, and patience how long.
const (
	poll     = 50 * time.Millisecond
	patience = 2 * time.Minute
)

// New returns a stand-in of this name, with nothing started. The name has to be its own in the cluster.
func New(ctx context.Context, config *rest.Config, name string) (*Platform, error) {
	config = rest.CopyConfig(config)
	config.QPS, config.UserAgent, config.WarningHandler = -1, "agent", rest.NoWarnings{}
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	version, err := servedVersion(ctx, client)
	if err != nil {
		return nil, err
	}
	hook, err := newWebhook(client)
	if err != nil {
		return nil, err
	}
	return &Platform{
		Ledger: newLedger(), name: name, client: client, webhook: hook,
		external: schema.GroupVersionResource{Group: "external-secrets.io", Version: version, Resource: "externalsecrets"},
	}, nil
}

// servedVersion returns the version of ExternalSecrets that the cluster serves, the newest where there are several.
func servedVersion(ctx context.Context, client dynamic.Interface) (string, error) {
	definition, err := client.Resource(definitions).Get(ctx, "externalsecrets.external-secrets.io", metav1.GetOptions{})
	if err != nil {
		return "", err
	}
	versions, _, _ := unstructured.NestedSlice(definition.Object, "spec", "versions")
	for _, name := range []string{"v1", "v1beta1"} {
		for _, v := range versions {
			if version, _ := v.(map[string]any); version["name"] == name && version["served"] == true {
				return name, nil
			}
		}
	}
	return "", errors.New("the cluster serves no ExternalSecrets")
}

// AddProject makes a namespace that exists a project of AIRM's, with an id of AIRM's.
func (p *Platform) AddProject(ctx context.Context, name string) error {
	id := uuid.NewString()
	p.addProject(id, name)
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"labels": map[string]any{labelProjectID: id, labelStandIn: p.name}}})
	if err != nil {
		return err
	}
	if _, err := p.client.Resource(namespaces).Patch(ctx, name, types.MergePatchType, patch, metav1.PatchOptions{}); err != nil {
		return err
	}
	p.projects = append(p.projects, name)
	if p.agent != nil {
		if err := p.agent.follow(ctx, name); err != nil {
			return err
		}
	}
	return p.awaitWebhook(ctx)
}

// DeleteProject deletes a project as AIRM does: its agent deletes the namespace, and once that is gone the API forgets its rows.
func (p *Platform) DeleteProject(ctx context.Context, name string) error {
	if err := p.client.Resource(namespaces).Delete(ctx, name, metav1.DeleteOptions{}); err != nil {
		return err
	}
	err := wait.PollUntilContextTimeout(ctx, poll, patience, true, func(ctx context.Context) (bool, error) {
		_, err := p.client.Resource(namespaces).Get(ctx, name, metav1.GetOptions{})
		return apierrors.IsNotFound(err), ignoreNotFound(err)
	})
	if err != nil {
		return fmt.Errorf("namespace %s is not gone: %w", name, err)
	}
	p.projects = slices.DeleteFunc(p.projects, func(project string) bool { return project == name })
	p.removeProject(name)
	return nil
}

// Delete deletes a secret that AIRM lists, as a member of its project does: the agent deletes whatever of its kind carries its
// id.
func (p *Platform) Delete(ctx context.Context, row Row) error {
	if err := p.deleting(row.ID); err != nil {
		return err
	}
	selector := metav1.ListOptions{LabelSelector: labelSecretID + "=" + row.ID}
	objects := p.client.Resource(p.resourceOf(row.Kind)).Namespace(row.Project)
	list, err := objects.List(ctx, selector)
	if err != nil {
		return err
	}
	if len(list.Items) == 0 {
		p.report(report{id: row.ID, scope: row.Scope, status: "Deleted"})
		return nil
	}
	if err := objects.DeleteCollection(ctx, metav1.DeleteOptions{}, selector); err != nil {
		p.report(report{id: row.ID, scope: row.Scope, status: "DeleteFailed"})
		return err
	}
	return nil
}

// Create makes an ExternalSecret as AIRM's API and its agent do, with a row of its own. That the object exists already is, for
// the agent, no error.
func (p *Platform) Create(ctx context.Context, row Row, spec map[string]any) (Row, error) {
	row.ID, row.Kind, row.Status = uuid.NewString(), ExternalSecret, "Pending"
	p.mu.Lock()
	err := p.insert(row)
	p.mu.Unlock()
	if err != nil {
		return Row{}, err
	}
	object := &unstructured.Unstructured{Object: map[string]any{"spec": spec}}
	object.SetGroupVersionKind(p.external.GroupVersion().WithKind(ExternalSecret))
	object.SetName(row.Name)
	object.SetLabels(apiLabels(row))
	_, err = p.client.Resource(p.external).Namespace(row.Project).Create(ctx, object, metav1.CreateOptions{FieldManager: fieldManager})
	if apierrors.IsAlreadyExists(err) {
		return row, nil
	}
	return row, err
}

func (p *Platform) resourceOf(kind string) schema.GroupVersionResource {
	if kind == KubernetesSecret {
		return coreSecrets
	}
	return p.external
}

// Close stops everything and removes what the stand-in has put into the cluster, its finalizers included.
func (p *Platform) Close(ctx context.Context) error {
	p.StopAgent()
	err := ignoreNotFound(p.client.Resource(configurations).Delete(ctx, p.name, metav1.DeleteOptions{}))
	for _, project := range p.projects {
		for _, resource := range p.resources() {
			err = errors.Join(err, release(ctx, p.client.Resource(resource).Namespace(project)))
		}
	}
	p.webhook.stop()
	return err
}

// release drops the agent's finalizer from all objects; one that changes meanwhile is read again.
func release(ctx context.Context, objects dynamic.ResourceInterface) error {
	for {
		list, err := objects.List(ctx, metav1.ListOptions{})
		if err != nil {
			return err
		}
		changed := false
		for i := range list.Items {
			err := updateIfChanged(ctx, objects, &list.Items[i], dropFinalizer)
			changed = changed || apierrors.IsConflict(err)
			if ignoreNotFound(err) != nil && !apierrors.IsConflict(err) {
				return err
			}
		}
		if !changed {
			return nil
		}
	}
}

func ignoreNotFound(err error) error {
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}
