// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"fmt"
	"maps"
	"strconv"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

// clusters measures a plan without a change of one organization secret that many projects have, each in several clusters. All
// clusters are the same API server, which a proxy for each gives an identity of its own.
func (b *bench) clusters(ctx context.Context) error {
	count, many := b.sizes.assigned, b.sizes.clusters
	if err := b.bare.projects(ctx, count); err != nil {
		return err
	}
	w, err := b.workspace(b.ours, sharedConfig(count, "password"))
	if err != nil {
		return err
	}
	if _, err := w.run(ctx, "apply", "-auto-approve", "-no-color"); err != nil {
		return err
	}
	one, err := w.run(ctx, "plan", "-detailed-exitcode", "-no-color")
	if err != nil {
		return err
	}
	if err := b.spread(ctx, many); err != nil {
		return err
	}
	proxies, err := b.otherClusters(many)
	if err != nil {
		return err
	}
	w.connection = connections(b.proxy, proxies)
	if err := w.configure(sharedConfig(count, "password")); err != nil {
		return err
	}
	all, err := w.run(ctx, "plan", "-detailed-exitcode", "-no-color")
	if err != nil {
		return err
	}
	for _, p := range proxies {
		all.requests += p.requests.Load()
		p.stop()
	}
	printHead(fmt.Sprintf("Plan without a change: one organization secret in %d projects", count), "copies", "wall", "CPU", "of it the provider", "API requests", "memory")
	for i, m := range []measured{one, all} {
		in := []int{1, many}[i]
		printRow(fmt.Sprintf("in %d clusters", in), fmt.Sprint(count*in),
			seconds(m.wall), seconds(m.cpu), seconds(m.provider.cpu), fmt.Sprint(m.requests), megabytes(m.provider.memory))
	}
	w.connection = ""
	if err := w.configure(sharedConfig(count, "password")); err != nil {
		return err
	}
	if err := b.spread(ctx, 1); err != nil {
		return err
	}
	_, err = w.run(ctx, "destroy", "-auto-approve", "-no-color")
	return err
}

const clusterPrefix = "cluster-"

// clusterName is the name of a cluster that a proxy stands for, and its identity.
func clusterName(i int) string { return clusterPrefix + strconv.Itoa(i) }

// otherClusters starts the proxies of all clusters but the first.
func (b *bench) otherClusters(many int) ([]*proxy, error) {
	var proxies []*proxy
	for i := 1; i < many; i++ {
		p, err := startProxy(b.config, clusterName(i))
		if err != nil {
			return nil, err
		}
		proxies = append(proxies, p)
	}
	return proxies, nil
}

// connections are the arguments of a provider block with these clusters.
func connections(home *proxy, others []*proxy) string {
	lines := []string{"home_cluster = \"default\"", "clusters = {", fmt.Sprintf("  default = { host = %q }", home.url)}
	for i, p := range others {
		lines = append(lines, fmt.Sprintf("  %s = { host = %q }", clusterName(i+1), p.url))
	}
	return strings.Join(append(lines, "}"), "\n  ")
}

// spread makes the records say that each project has the secret in so many clusters.
func (b *bench) spread(ctx context.Context, many int) error {
	records := b.bare.client.Resource(schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}).Namespace("airm-secrets")
	all, err := records.List(ctx, metav1.ListOptions{LabelSelector: airm.AssignmentSelector("shared")})
	if err != nil {
		return err
	}
	return inParallel(len(all.Items), fanParallelism, func(i int) error {
		record := all.Items[i]
		row, err := airm.ParseAssignment(record.Object)
		if err != nil {
			return err
		}
		maps.DeleteFunc(row.Copies, func(id string, _ airm.Copy) bool { return strings.HasPrefix(id, clusterPrefix) })
		for _, first := range maps.Clone(row.Copies) {
			for other := 1; other < many; other++ {
				row.Copies[clusterName(other)] = airm.Copy{Cluster: clusterName(other), UID: first.UID}
			}
		}
		data := row.ConfigMap("airm-secrets")["data"].(map[string]any)
		if err := unstructured.SetNestedMap(record.Object, data, "data"); err != nil {
			return err
		}
		_, err = records.Update(ctx, &record, metav1.UpdateOptions{})
		return err
	})
}
