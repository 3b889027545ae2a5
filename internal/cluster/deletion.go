// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package cluster

import (
	"context"
	"fmt"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
)

// explainTime limits the requests that find out what a deletion waits for, also one that timed out.
const explainTime = 5 * time.Second

// ExplainDeletion returns, in sentences, what a live object that is being deleted waits for: its finalizers, and those of the
// Kubernetes Secret that will be deleted with it, of which it reads only the metadata.
func (c *Cluster) ExplainDeletion(ctx context.Context, live *unstructured.Unstructured) string {
	if live == nil {
		return ""
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), explainTime)
	defer cancel()
	text := eso.ExplainDeletion(live.Object)
	if ref, found := c.dependent(ctx, live); found != nil {
		text += " " + eso.ExplainDependent(ref, found.Object)
	}
	return strings.TrimSpace(text)
}

// ExplainStuckDeletion is ExplainDeletion for a deletion that timed out. It also finds out whether an admission webhook is
// unavailable that must answer when a finalizer is removed, which is an update like any other.
func (c *Cluster) ExplainStuckDeletion(ctx context.Context, live *unstructured.Unstructured) string {
	text := c.ExplainDeletion(ctx, live)
	if live == nil {
		return text
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), explainTime)
	defer cancel()
	what := RefOf(live)
	name := calledWebhook(c.tryUpdate(ctx, what))
	if ref, found := c.dependent(ctx, live); name == "" && found != nil {
		what, name = ref, calledWebhook(c.tryUpdate(ctx, ref))
	}
	if name == "" {
		return text
	}
	owner, check := "", "Check that the service behind it runs."
	if airm.IsAgentWebhook(name) {
		owner, check = " of AIRM's agent", "Check that the agent runs ("+airm.AgentPlace+")."
	}
	return strings.TrimSpace(fmt.Sprintf("%s The webhook %q%s is unavailable. It must answer every update of %s, including the one that removes a finalizer. %s", text, name, owner, what, check))
}

// dependent returns the Kubernetes Secret that will be deleted with an object, nil if there is none or this user may not read it.
func (c *Cluster) dependent(ctx context.Context, live *unstructured.Unstructured) (airm.Ref, *unstructured.Unstructured) {
	ref, has := eso.DependentSecret(live.Object)
	if !has {
		return ref, nil
	}
	found, err := c.SecretMetadata(ctx, ref)
	if err != nil || !eso.IsOwnedBy(found.Object, string(live.GetUID())) {
		return ref, nil
	}
	return ref, found
}

// tryUpdate sends a dry run of an update that changes nothing.
func (c *Cluster) tryUpdate(ctx context.Context, ref airm.Ref) error {
	ctx = context.WithValue(ctx, askedOnce{}, true)
	options := metav1.PatchOptions{FieldManager: airm.FieldManager, DryRun: []string{metav1.DryRunAll}}
	if ref.Kind == eso.KindSecret { // only metadata comes back
		conn, err := c.connect(ctx)
		if err == nil {
			secrets := conn.metadata.Resource(kubernetesSecrets).Namespace(ref.Project)
			_, err = secrets.Patch(ctx, ref.Name, types.MergePatchType, []byte("{}"), options)
		}
		return err
	}
	objects, err := c.objects(ctx, ref.Kind, ref.Project)
	if err == nil {
		_, err = objects.Patch(ctx, ref.Name, types.MergePatchType, []byte("{}"), options)
	}
	return err
}
