// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

// Package acctest is what the acceptance tests of several packages share: the cluster that they talk to, its objects, and
// waiting for what it does. Only tests import it.
package acctest

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/dev/served"
)

// Cluster is a real API server with External Secrets Operator (ESO), with the rights of an administrator, for one test. What
// goes wrong in one of its methods fails the test.
type Cluster struct {
	Config *rest.Config
	Client dynamic.Interface
	Served string // the version of ESO's kinds
	t      testing.TB
}

// Connect returns the cluster of a context of KUBECONFIG, the current one where the name is empty. It skips a test that no
// acceptance test was asked for, and one that needs a context that a KUBECONFIG of the user's own lacks.
func Connect(t testing.TB, name string) *Cluster {
	t.Helper()
	NeedTFAcc(t)
	if os.Getenv(clientcmd.RecommendedConfigPathEnvVar) == "" {
		t.Fatal("KUBECONFIG is not set: acceptance tests need a cluster with External Secrets Operator; `make test` starts one")
	}
	if name != "" && !HasContext(t, name) {
		t.Skipf("KUBECONFIG has no context %q: several clusters are tested with `make test-all` without KUBECONFIG, which starts them", name)
	}
	config, err := kubeconfig(name).ClientConfig()
	OK(t, err)
	return New(t, config)
}

// NeedTFAcc skips the test unless acceptance tests were asked for.
func NeedTFAcc(t testing.TB) {
	t.Helper()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("TF_ACC is not set: `make test` runs the basic acceptance tests, `make test-all` all")
	}
}

// HasContext reports whether KUBECONFIG has a context of that name.
func HasContext(t testing.TB, name string) bool {
	t.Helper()
	raw, err := kubeconfig("").RawConfig()
	OK(t, err)
	return raw.Contexts[name] != nil
}

func kubeconfig(contextName string) clientcmd.ClientConfig {
	return clientcmd.NewNonInteractiveDeferredLoadingClientConfig(clientcmd.NewDefaultClientConfigLoadingRules(),
		&clientcmd.ConfigOverrides{CurrentContext: contextName})
}

// New returns the cluster of a connection, which it does not change.
func New(t testing.TB, config *rest.Config) *Cluster {
	t.Helper()
	config = rest.CopyConfig(config)
	config.QPS = -1 // no throttling
	config.WarningHandler = rest.NoWarnings{}
	client, err := dynamic.NewForConfig(config)
	OK(t, err)
	version, err := served.Version(config)
	OK(t, err)
	return &Cluster{Config: config, Client: client, Served: version, t: t}
}

// Has reports whether a kind in this cluster has a field or, behind "=", a value of one: see served.Has.
func (c *Cluster) Has(kind, field string) bool {
	c.t.Helper()
	found, err := served.Has(c.Config, kind, field)
	OK(c.t, err)
	return found
}

// CA returns the certificate authority of the cluster (PEM).
func (c *Cluster) CA() []byte {
	c.t.Helper()
	config := rest.CopyConfig(c.Config)
	OK(c.t, rest.LoadTLSFiles(config))
	return config.CAData
}

// User returns the token of a new service account that has these rights (RBAC rules as YAML) in a namespace, and no others.
// The API server knows of them when it returns.
func (c *Cluster) User(namespace, name string, rules ...string) string {
	c.t.Helper()
	c.Create("ServiceAccount", namespace, name, "")
	c.Create("Role", namespace, name, "rules: ["+strings.Join(rules, ", ")+"]")
	c.Create("RoleBinding", namespace, name, `
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: `+name+`}
subjects: [{kind: ServiceAccount, name: `+name+`, namespace: `+namespace+`}]`)
	token := c.Token(namespace, name)
	config := rest.AnonymousClientConfig(c.Config)
	config.BearerToken = token
	client, err := dynamic.NewForConfig(config)
	OK(c.t, err)
	secrets := client.Resource(c.Resource("ExternalSecret")).Namespace(namespace)
	Eventually(c.t, "the rights of "+name+" arrive", func() (bool, string) {
		_, err := secrets.Get(context.Background(), "none", metav1.GetOptions{})
		return apierrors.IsNotFound(err), fmt.Sprint(err)
	})
	return token
}
