// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

// Package cluster is the access to the clusters: it connects, discovers what is served, reads and
// writes ESO's objects, watches them and explains what went wrong. The rest of the provider sees
// neither HTTP nor client-go.
package cluster

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/logging"
)

// Options are the settings of a cluster that are not about the connection.
type Options struct {
	UserAgent       string
	ProjectSelector labels.Selector

	// Now is the local clock; nil means time.Now. Tests give each actor a clock of its own.
	Now func() time.Time

	// Wrap stands between the cluster and the wire; nil means nothing does. Tests drop, delay and answer there.
	Wrap func(http.RoundTripper) http.RoundTripper
}

// Cluster is one Kubernetes cluster with ESO in it. It connects at its first use, so one can be
// had before the cluster exists. Safe for concurrent use.
type Cluster struct {
	name    string
	config  Config
	options Options
	clock   *serverClock

	connection    lazy[*connection]
	version       lazy[string]
	id            lazy[string]
	projects      lazyMap[Project]
	projectsAsked atomic.Int64
	allProjects   lazy[map[string]Project]
	laterProjects lazyMap[Project] // that were made after allProjects was listed
	watches       watches
	reads         readCache
}

// connection holds the clients; making one reads files but sends nothing.
type connection struct {
	dynamic  dynamic.Interface
	metadata metadata.Interface
	rest     rest.Interface
}

// New returns the cluster of that configuration. It makes no request and reads no file.
func New(name string, config Config, options Options) *Cluster {
	return &Cluster{name: name, config: config, options: options, clock: newServerClock(options.Now), watches: watches{cluster: name}}
}

// Unknown are the arguments of its connection that are known only after apply, as paths.
func (c *Cluster) Unknown() []string { return c.config.Unknown }

// Name is what the user calls the cluster; "default" where there is only one.
func (c *Cluster) Name() string { return c.name }

func (c *Cluster) connect(ctx context.Context) (*connection, error) {
	return c.connection.get(ctx, func(ctx context.Context) (*connection, error) {
		config, err := c.config.REST()
		if err != nil {
			return nil, c.explainConfig(err)
		}
		hideCredentials(ctx, config)
		slog.DebugContext(ctx, "Connecting to cluster", logging.KeyCluster, c.name, "host", withoutUser(config.Host))
		conn, err := c.newConnection(rest.CopyConfig(config))
		if err != nil {
			return nil, c.explainConfig(err)
		}
		return conn, nil
	})
}

// withoutUser returns the address of a server without user and password. It may be no URL, so all before the last "@" goes.
func withoutUser(host string) string { return host[strings.LastIndex(host, "@")+1:] }

func (c *Cluster) newConnection(config *rest.Config) (*connection, error) {
	config.QPS = -1
	config.UserAgent = c.options.UserAgent
	config.WarningHandlerWithContext = &warningHandler{cluster: c.name}
	config.Wrap(c.transport)
	if config.Dial == nil {
		config.Dial = (&net.Dialer{Timeout: dialTimeout, KeepAlive: requestTimeout}).DialContext
	}
	httpClient, err := rest.HTTPClientFor(config)
	if err != nil {
		return nil, err
	}
	dynamicClient, err := dynamic.NewForConfigAndClient(config, httpClient)
	if err != nil {
		return nil, err
	}
	metadataClient, err := metadata.NewForConfigAndClient(config, httpClient)
	if err != nil {
		return nil, err
	}
	raw := rest.CopyConfig(config)
	raw.GroupVersion = &schema.GroupVersion{}
	raw.NegotiatedSerializer = serializer.NewCodecFactory(runtime.NewScheme()).WithoutConversion()
	restClient, err := rest.RESTClientForConfigAndClient(raw, httpClient)
	if err != nil {
		return nil, err
	}
	return &connection{dynamic: dynamicClient, metadata: metadataClient, rest: restClient}, nil
}

// transport returns the transport to the cluster, outside in: what every request needs, the clock, and what a test adds.
func (c *Cluster) transport(next http.RoundTripper) http.RoundTripper {
	if c.options.Wrap != nil {
		next = c.options.Wrap(next)
	}
	return transport(c.name, measured{next: next, clock: c.clock})
}

var resources = map[string]string{
	airm.KindExternalSecret:     "externalsecrets",
	airm.KindSecretStore:        "secretstores",
	airm.KindClusterSecretStore: "clustersecretstores",
}

// objects returns the client for the objects of a kind in a project ("" for cluster-wide ones, or
// for all projects), in the served version.
func (c *Cluster) objects(ctx context.Context, kind, project string) (dynamic.ResourceInterface, error) {
	version, err := c.APIVersion(ctx)
	if err != nil {
		return nil, err
	}
	conn, err := c.connect(ctx)
	if err != nil {
		return nil, err
	}
	resource := conn.dynamic.Resource(schema.GroupVersionResource{Group: airm.Group, Version: version, Resource: resources[kind]})
	if project == "" {
		return resource, nil
	}
	return resource.Namespace(project), nil
}
