// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

// Command operator-v1beta1 is the External Secrets Operator of a version that serves external-secrets.io as v1beta1 and
// not as v1, for a cluster of the control plane: "controlplane run --operator CLUSTER=PATH". It is a module of its own
// because both versions of the operator are the same module.
package main

import (
	"embed"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/klog/v2"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"

	esv1alpha1 "github.com/external-secrets/external-secrets/apis/externalsecrets/v1alpha1"
	esv1beta1 "github.com/external-secrets/external-secrets/apis/externalsecrets/v1beta1"
	genv1alpha1 "github.com/external-secrets/external-secrets/apis/generators/v1alpha1"
	ctrlcommon "github.com/external-secrets/external-secrets/pkg/controllers/common"
	"github.com/external-secrets/external-secrets/pkg/controllers/externalsecret"
	"github.com/external-secrets/external-secrets/pkg/controllers/externalsecret/esmetrics"
	"github.com/external-secrets/external-secrets/pkg/controllers/generatorstate"
	ctrlmetrics "github.com/external-secrets/external-secrets/pkg/controllers/metrics"
	"github.com/external-secrets/external-secrets/pkg/controllers/secretstore"
	"github.com/external-secrets/external-secrets/pkg/controllers/secretstore/cssmetrics"
	"github.com/external-secrets/external-secrets/pkg/controllers/secretstore/ssmetrics"
)

const (
	// lifelineFD is a file that this process inherits, and that ends when the control plane is gone.
	lifelineFD = 3

	// The defaults of the operator's own command.
	qps                   = 50
	burst                 = 100
	storeRequeueInterval  = 5 * time.Minute
	secretRequeueInterval = time.Hour
	controllerClass       = "default"
)

// The build puts the operator's bundle.yaml into this folder; in the repository it holds a note only.
//
//go:embed crds
var crds embed.FS

func main() {
	run := runOperator
	if len(os.Args) == 2 && os.Args[1] == "crds" {
		run = printCRDs
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func printCRDs() error {
	bundle, err := crds.ReadFile("crds/bundle.yaml")
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(bundle)
	return err
}

// runOperator runs the reconcilers as the operator's own command sets them up (cmd/controller/root.go), but for push
// secrets and ClusterExternalSecrets.
func runOperator() error {
	workers := flag.Int("concurrent", 1, "reconciles at a time, of each kind")
	flag.Parse()
	go func() {
		_, _ = io.Copy(io.Discard, os.NewFile(lifelineFD, "lifeline"))
		os.Exit(1)
	}()
	logger := zap.New()
	ctrl.SetLogger(logger)
	klog.SetLogger(logger)
	ctrlmetrics.SetUpLabelNames(false)
	esmetrics.SetUpMetrics()
	ssmetrics.SetUpMetrics()
	cssmetrics.SetUpMetrics()

	config, err := ctrl.GetConfig() // from KUBECONFIG
	if err != nil {
		return err
	}
	config.QPS, config.Burst = qps, burst
	manager, err := ctrl.NewManager(config, ctrl.Options{
		Scheme:                 newScheme(),
		Metrics:                server.Options{BindAddress: "0"},
		HealthProbeBindAddress: "0",
		Client: client.Options{Cache: &client.CacheOptions{
			DisableFor: []client.Object{&corev1.Secret{}, &corev1.ConfigMap{}},
		}},
	})
	if err != nil {
		return err
	}
	if err := addReconcilers(manager, *workers); err != nil {
		return err
	}
	return manager.Start(ctrl.SetupSignalHandler())
}

func newScheme() *runtime.Scheme {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		clientgoscheme.AddToScheme, esv1beta1.AddToScheme, esv1alpha1.AddToScheme, genv1alpha1.AddToScheme,
	} {
		utilruntime.Must(add(scheme))
	}
	return scheme
}

func addReconcilers(manager ctrl.Manager, workers int) error {
	options := func() controller.Options {
		return controller.Options{MaxConcurrentReconciles: workers, RateLimiter: ctrlcommon.BuildRateLimiter()}
	}
	log := ctrl.Log.WithName("controllers")
	secretClient, err := ctrlcommon.BuildManagedSecretClient(manager, "")
	if err != nil {
		return err
	}

	stores := &secretstore.StoreReconciler{
		Client:          manager.GetClient(),
		Log:             log.WithName("SecretStore"),
		Scheme:          manager.GetScheme(),
		ControllerClass: controllerClass,
		RequeueInterval: storeRequeueInterval,
	}
	if err := stores.SetupWithManager(manager, options()); err != nil {
		return err
	}

	clusterStores := &secretstore.ClusterStoreReconciler{
		Client:          manager.GetClient(),
		Log:             log.WithName("ClusterSecretStore"),
		Scheme:          manager.GetScheme(),
		ControllerClass: controllerClass,
		RequeueInterval: storeRequeueInterval,
	}
	if err := clusterStores.SetupWithManager(manager, options()); err != nil {
		return err
	}

	generatorStates := &generatorstate.Reconciler{
		Client:     manager.GetClient(),
		Log:        log.WithName("GeneratorState"),
		Scheme:     manager.GetScheme(),
		RestConfig: manager.GetConfig(),
	}
	if err := generatorStates.SetupWithManager(manager, options()); err != nil {
		return err
	}

	externalSecrets := &externalsecret.Reconciler{
		Client:                    manager.GetClient(),
		SecretClient:              secretClient,
		Log:                       log.WithName("ExternalSecret"),
		Scheme:                    manager.GetScheme(),
		RestConfig:                manager.GetConfig(),
		ControllerClass:           controllerClass,
		RequeueInterval:           secretRequeueInterval,
		ClusterSecretStoreEnabled: true,
		EnableFloodGate:           true,
	}
	return externalSecrets.SetupWithManager(manager, options())
}
