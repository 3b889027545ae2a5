// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

// Package platform keeps tests, benchmarks and the demo off the clusters of an AIRM platform. They label namespaces as
// projects that AIRM does not know, and AIRM's agent reports every one of them: that stops the message queue of all its clusters.
package platform

import (
	"context"
	"fmt"
	"os"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

// Allow is the environment variable that allows a cluster of a platform, with the value 1.
const Allow = "AIRM_TEST_ON_PLATFORM"

var configurations = schema.GroupVersionResource{
	Group: "admissionregistration.k8s.io", Version: "v1", Resource: "mutatingwebhookconfigurations",
}

// Refuse returns an error if AIRM's agent has its webhook in a cluster of KUBECONFIG that tests use: that of the current
// context, and those of the contexts default, east and old. A cluster that does not answer is refused too. Call it before anything
// is made: tests make such webhooks themselves.
func Refuse(ctx context.Context) error {
	if os.Getenv(Allow) == "1" {
		return nil
	}
	kubeconfig, err := clientcmd.NewDefaultClientConfigLoadingRules().Load()
	if err != nil {
		return err
	}
	for _, name := range used(kubeconfig) {
		config, err := clientcmd.NewNonInteractiveClientConfig(*kubeconfig, name, nil, nil).ClientConfig()
		if err == nil {
			err = refuseCluster(ctx, name, config)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// used are the contexts that tests use.
func used(kubeconfig *api.Config) []string {
	names := []string{kubeconfig.CurrentContext}
	for _, name := range []string{"default", "east", "old"} {
		if kubeconfig.Contexts[name] != nil && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

func refuseCluster(ctx context.Context, name string, config *rest.Config) error {
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return err
	}
	found, err := client.Resource(configurations).List(ctx, metav1.ListOptions{})
	if err != nil {
		return fmt.Errorf("whether AIRM runs in the cluster of context %q cannot be found out (%w): use another cluster, or set %s=1", name, err, Allow)
	}
	for _, item := range found.Items {
		webhooks, _ := item.Object["webhooks"].([]any)
		for _, webhook := range webhooks {
			fields, _ := webhook.(map[string]any)
			if its, _ := fields["name"].(string); airm.IsAgentWebhook(its) {
				return fmt.Errorf("AIRM's agent runs in the cluster of context %q (MutatingWebhookConfiguration %s, webhook %s). What is about to run makes namespaces that look like projects, "+
					"which AIRM does not know: its agent reports them, and that stops AIRM's message queue for all clusters. Use another cluster: without KUBECONFIG, make starts one. "+
					"If this is none of a platform (a test that was killed leaves such a configuration), delete that configuration, or set %s=1", name, item.GetName(), its, Allow)
			}
		}
	}
	return nil
}
