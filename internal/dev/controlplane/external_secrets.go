// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"flag"
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

	esv1 "github.com/external-secrets/external-secrets/apis/externalsecrets/v1"
	esv1alpha1 "github.com/external-secrets/external-secrets/apis/externalsecrets/v1alpha1"
	genv1alpha1 "github.com/external-secrets/external-secrets/apis/generators/v1alpha1"
	ctrlcommon "github.com/external-secrets/external-secrets/pkg/controllers/common"
	"github.com/external-secrets/external-secrets/pkg/controllers/externalsecret"
	"github.com/external-secrets/external-secrets/pkg/controllers/externalsecret/esmetrics"
	"github.com/external-secrets/external-secrets/pkg/controllers/generatorstate"
	ctrlmetrics "github.com/external-secrets/external-secrets/pkg/controllers/metrics"
	"github.com/external-secrets/external-secrets/pkg/controllers/secretstore"
	"github.com/external-secrets/external-secrets/pkg/controllers/secretstore/cssmetrics"
	"github.com/external-secrets/external-secrets/pkg/controllers/secretstore/ssmetrics"
	"github.com/external-secrets/external-secrets/pkg/feature"
)

const (
	externalSecretsPart = "external-secrets"

	// The defaults of the operator's own command.
	operatorQPS           = 50
	operatorBurst         = 100
	storeRequeueInterval  = 5 * time.Minute
	secretRequeueInterval = time.Hour
	controllerClass       = "default"
)

// runExternalSecrets runs the reconcilers of the External Secrets Operator as its own command sets them up
// (cmd/controller/root.go). Importing that command instead would link every backend and the webhook too. Push secrets
// and ClusterExternalSecrets are left out: nothing here uses them.
func runExternalSecrets(args []string) error {
	flags := flag.NewFlagSet(externalSecretsPart, flag.ContinueOnError)
	workers := flags.Int("concurrent", 1, "reconciles at a time, of each kind")
	if err := flags.Parse(args); err != nil {
		return err
	}
	logger := zap.New()
	ctrl.SetLogger(logger)
	klog.SetLogger(logger)
	setUpOperatorMetrics()

	config, err := ctrl.GetConfig() // from KUBECONFIG, where the vault, azure and kubernetes backends look too
	if err != nil {
		return err
	}
	config.QPS, config.Burst = operatorQPS, operatorBurst

	manager, err := ctrl.NewManager(config, ctrl.Options{
		Scheme:                 operatorScheme(),
		Metrics:                server.Options{BindAddress: "0"}, // no listener: no one reads them
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
	for _, backend := range feature.Features() {
		if backend.Initialize != nil {
			backend.Initialize()
		}
	}
	return manager.Start(ctrl.SetupSignalHandler())
}

func operatorScheme() *runtime.Scheme {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		clientgoscheme.AddToScheme, esv1.AddToScheme, esv1alpha1.AddToScheme, genv1alpha1.AddToScheme,
	} {
		utilruntime.Must(add(scheme))
	}
	return scheme
}

// setUpOperatorMetrics creates the metrics although no one reads them: the reconcilers write to them unconditionally.
func setUpOperatorMetrics() {
	ctrlmetrics.SetUpLabelNames(false)
	esmetrics.SetUpMetrics()
	ssmetrics.SetUpMetrics()
	cssmetrics.SetUpMetrics()
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
		EnableGeneratorState:      true,
	}
	return externalSecrets.SetupWithManager(manager, options())
}
