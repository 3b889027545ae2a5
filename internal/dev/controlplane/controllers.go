// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"flag"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/metadata/metadatainformer"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/controller-manager/pkg/informerfactory"
	"k8s.io/kubernetes/pkg/controller/clusterroleaggregation"
	"k8s.io/kubernetes/pkg/controller/garbagecollector"
	"k8s.io/kubernetes/pkg/controller/namespace"

	corev1 "k8s.io/api/core/v1"
)

const (
	controllersPart = "controllers"

	// The defaults of kube-controller-manager.
	garbageCollectorWorkers = 20
	garbageCollectorPeriod  = 30 * time.Second
	namespaceWorkers        = 10
	namespacePeriod         = 5 * time.Minute
	roleWorkers             = 5
)

// startController starts a controller, which runs until the context ends.
type startController func(context.Context, *rest.Config) error

// runControllers runs the controllers of kube-controller-manager without which secrets cannot be tried: the garbage
// collector (an ExternalSecret takes its Secret with it), the namespace controller (a deleted namespace ends), and the
// aggregation of ClusterRoles (without it "view", "edit" and "admin" grant nothing), and the publisher of the API server's
// authority.
func runControllers(args []string) error {
	flags := flag.NewFlagSet(controllersPart, flag.ContinueOnError)
	kubeconfig := flags.String("kubeconfig", "", "path of the kubeconfig")
	authority := flags.String("root-ca-file", "", "path of the API server's authority")
	if err := flags.Parse(args); err != nil {
		return err
	}
	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	if err != nil {
		return err
	}
	config.UserAgent = "kube-controller-manager"
	config.QPS = -1

	ctx := context.Background()
	for _, start := range []startController{
		startGarbageCollector, startNamespaceController, startClusterRoleAggregation, startRootCAPublisher(*authority),
	} {
		if err := start(ctx, config); err != nil {
			return err
		}
	}
	select {}
}

// asController makes the requests of a controller come from its own service account, as they do in a real cluster:
// admission policies and RBAC must let it pass.
func asController(config *rest.Config, name string) *rest.Config {
	config = rest.CopyConfig(config)
	user, groups := serviceAccountUser("kube-system", name)
	config.Impersonate = rest.ImpersonationConfig{UserName: user, Groups: append(groups, "system:authenticated")}
	return config
}

func startGarbageCollector(ctx context.Context, config *rest.Config) error {
	config = asController(config, "generic-garbage-collector")
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	metadataClient, err := metadata.NewForConfig(config)
	if err != nil {
		return err
	}
	mapper := restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(client.Discovery()))
	typed := informers.NewSharedInformerFactory(client, 0)
	untyped := metadatainformer.NewSharedInformerFactory(metadataClient, 0)
	started := make(chan struct{})

	collector, err := garbagecollector.NewGarbageCollector(ctx, client, metadataClient, meta.ResettableRESTMapper(mapper),
		garbagecollector.DefaultIgnoredResources(), informerfactory.NewInformerFactory(typed, untyped), started)
	if err != nil {
		return err
	}
	go collector.Run(ctx, garbageCollectorWorkers, garbageCollectorPeriod)
	go collector.Sync(ctx, client.Discovery(), garbageCollectorPeriod)
	typed.Start(ctx.Done())
	untyped.Start(ctx.Done())
	close(started)
	return nil
}

func startNamespaceController(ctx context.Context, config *rest.Config) error {
	config = asController(config, "namespace-controller")
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	metadataClient, err := metadata.NewForConfig(config)
	if err != nil {
		return err
	}
	factory := informers.NewSharedInformerFactory(client, 0)
	controller := namespace.NewNamespaceController(ctx, client, metadataClient,
		client.Discovery().ServerPreferredNamespacedResources,
		factory.Core().V1().Namespaces(), namespacePeriod, corev1.FinalizerKubernetes)
	factory.Start(ctx.Done())
	go controller.Run(ctx, namespaceWorkers)
	return nil
}

func startClusterRoleAggregation(ctx context.Context, config *rest.Config) error {
	client, err := kubernetes.NewForConfig(asController(config, "clusterrole-aggregation-controller"))
	if err != nil {
		return err
	}
	factory := informers.NewSharedInformerFactory(client, 0)
	controller := clusterroleaggregation.NewClusterRoleAggregation(factory.Rbac().V1().ClusterRoles(), client.RbacV1())
	factory.Start(ctx.Done())
	go controller.Run(ctx, roleWorkers)
	return nil
}
