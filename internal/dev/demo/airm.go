// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"fmt"

	"k8s.io/client-go/tools/clientcmd"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/dev/airm"
)

// airmView is what a stand-in for AIRM lists for the projects; nil where there is none.
type airmView struct {
	platform *airm.Platform
	projects []string
}

// startAIRM puts a stand-in for AIRM beside the projects. In a cluster of the user's own there may be the real one, and the
// API server cannot call a webhook of this machine: there is none there.
func (d *demo) startAIRM(ctx context.Context, projects []string) (*airmView, error) {
	if d.ownCluster {
		return nil, nil
	}
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(clientcmd.NewDefaultClientConfigLoadingRules(), nil).ClientConfig()
	if err != nil {
		return nil, err
	}
	platform, err := airm.New(ctx, config, "airm-demo")
	if err != nil {
		return nil, err
	}
	d.cleanUps = append(d.cleanUps, func() error { return platform.Close(context.WithoutCancel(ctx)) })
	for _, project := range projects {
		if err := platform.AddProject(ctx, project); err != nil {
			return nil, err
		}
	}
	if err := platform.StartWebhook(ctx); err != nil {
		return nil, err
	}
	say("A stand-in for AIRM's webhooks and agent looks after the projects.")
	return &airmView{platform, projects}, platform.StartAgent(ctx)
}

func (v *airmView) heading() []string {
	if v == nil {
		return nil
	}
	return []string{"AIRM LISTS"}
}

// cells returns what AIRM lists once its agent has seen everything, which has to be nothing.
func (v *airmView) cells(ctx context.Context) ([]string, error) {
	if v == nil {
		return nil, nil
	}
	if err := v.platform.AwaitSettled(ctx); err != nil {
		return nil, err
	}
	for _, project := range v.projects {
		if rows := v.platform.Rows(project); len(rows) > 0 {
			return nil, fmt.Errorf("AIRM lists %+v for project %s", rows, project)
		}
	}
	if refused := v.platform.Refused(); len(refused) > 0 {
		return nil, fmt.Errorf("AIRM refused %v", refused)
	}
	return []string{"nothing"}, nil
}
