// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

var (
	namespaces      = schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}
	configMaps      = schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}
	secrets         = schema.GroupVersionResource{Version: "v1", Resource: "secrets"}
	externalSecrets = schema.GroupVersionResource{Group: "external-secrets.io", Version: "v1", Resource: "externalsecrets"}
	secretStores    = schema.GroupVersionResource{Group: "external-secrets.io", Version: "v1", Resource: "secretstores"}
)

// testCluster is one of the two, as an administrator sees it, past the proxy.
type testCluster struct {
	name   string
	client dynamic.Interface
	proxy  *proxy
	server int // process of the API server, 0 where there is none of ours
}

// connect opens both clusters of KUBECONFIG, and writes a kubeconfig for the workspaces that leads through the proxies.
func connect(kubeconfig string) ([]*testCluster, error) {
	loaded, err := (&clientcmd.ClientConfigLoadingRules{Precedence: filepath.SplitList(os.Getenv("KUBECONFIG"))}).Load()
	if err != nil {
		return nil, err
	}
	var clusters []*testCluster
	for _, name := range []string{home, east} {
		c, err := connectTo(loaded, name)
		if err != nil {
			return nil, fmt.Errorf("cluster %s, context %q of KUBECONFIG: %w", name, contexts[name], err)
		}
		clusters = append(clusters, c)
	}
	return clusters, clientcmd.WriteToFile(*loaded, kubeconfig)
}

// connectTo turns the cluster of a loaded kubeconfig to a proxy, once it is connected itself.
func connectTo(loaded *clientcmdapi.Config, name string) (*testCluster, error) {
	config, err := clientcmd.NewNonInteractiveClientConfig(*loaded, contexts[name], nil, nil).ClientConfig()
	if err != nil {
		return nil, err
	}
	config.QPS, config.Timeout, config.WarningHandler = -1, time.Minute, rest.NoWarnings{}
	c := &testCluster{name: name, server: apiServer(contexts[name])}
	if c.client, err = dynamic.NewForConfig(config); err != nil {
		return nil, err
	}
	server, err := url.Parse(config.Host)
	if err != nil {
		return nil, err
	}
	target := server.Host
	if server.Port() == "" {
		target += ":443"
	}
	if c.proxy, err = startProxy(target); err != nil {
		return nil, err
	}
	entry := loaded.Clusters[loaded.Contexts[contexts[name]].Cluster]
	if entry.TLSServerName == "" {
		entry.TLSServerName = server.Hostname()
	}
	server.Host = c.proxy.address
	entry.Server = server.String()
	return c, nil
}

// apiServer returns the process of a cluster that was started for this run: no other is ever stopped.
func apiServer(kubeContext string) int {
	dir := os.Getenv("AIRM_CONTROL_PLANE_DIR")
	if dir == "" {
		return 0
	}
	content, err := os.ReadFile(filepath.Join(dir, kubeContext, "kube-apiserver.pid"))
	if err != nil {
		return 0
	}
	process, _ := strconv.Atoi(strings.TrimSpace(string(content)))
	return process
}

// stop stops the API server or, where that is not ours, lets the proxy hang, until resume is called.
func (c *testCluster) stop() (resume func() error, err error) {
	if c.server == 0 {
		resume := c.proxy.hang()
		return func() error { resume(); return nil }, nil
	}
	if err := syscall.Kill(c.server, syscall.SIGSTOP); err != nil {
		return nil, fmt.Errorf("stop the API server of %s: %w", c.name, err)
	}
	return func() error { return syscall.Kill(c.server, syscall.SIGCONT) }, nil
}

// prepare makes the projects that are in this cluster, each with a store, and waits until the stores are valid.
func (c *testCluster) prepare(ctx context.Context, n names) error {
	for _, p := range n.projects {
		if !c.holds(p) {
			continue
		}
		metadata := object{"name": p.name, "labels": object{"airm.silogen.ai/project-id": "id-of-" + p.name}}
		if err := create(ctx, c.in(namespaces, ""), object{"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}); err != nil {
			return err
		}
		var data []any
		for i := range storedValues {
			data = append(data, object{"key": keyName(i), "value": valueOf(n.run, keyName(i))})
		}
		if err := create(ctx, c.in(secretStores, p.name), object{
			"apiVersion": secretStores.GroupVersion().String(), "kind": "SecretStore", "metadata": object{"name": n.store},
			"spec": object{"provider": object{"fake": object{"data": data}}},
		}); err != nil {
			return err
		}
	}
	for _, p := range n.projects {
		if c.holds(p) {
			if err := c.waitForStore(ctx, p.name, n.store); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *testCluster) holds(p testProject) bool {
	for _, name := range p.clusters {
		if name == c.name {
			return true
		}
	}
	return false
}

func create(ctx context.Context, objects dynamic.ResourceInterface, content object) error {
	_, err := objects.Create(ctx, &unstructured.Unstructured{Object: content}, metav1.CreateOptions{})
	return err
}

func (c *testCluster) in(kind schema.GroupVersionResource, namespace string) dynamic.ResourceInterface {
	if namespace == "" {
		return c.client.Resource(kind)
	}
	return c.client.Resource(kind).Namespace(namespace)
}

const storeTimeout = time.Minute

func (c *testCluster) waitForStore(ctx context.Context, namespace, name string) error {
	for until := time.Now().Add(storeTimeout); time.Now().Before(until); {
		store, err := c.in(secretStores, namespace).Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		if status, _ := ready(store); status == "True" {
			return nil
		}
		if err := pause(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
	return fmt.Errorf("store %s/%s of %s is not valid after %s", namespace, name, c.name, storeTimeout)
}

// pause waits, unless the context ends before.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// remove deletes the namespaces of this run, and does not wait.
func (c *testCluster) remove(ctx context.Context, n names) error {
	var problems []error
	for _, name := range append([]string{n.platform}, projectNames(n)...) {
		if err := c.in(namespaces, "").Delete(ctx, name, metav1.DeleteOptions{}); err != nil && !isNotFound(err) {
			problems = append(problems, err)
		}
	}
	return errors.Join(problems...)
}

func projectNames(n names) []string {
	var all []string
	for _, p := range n.projects {
		all = append(all, p.name)
	}
	return all
}
