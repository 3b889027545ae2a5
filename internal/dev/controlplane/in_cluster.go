// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"

	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/kubernetes/pkg/controller/certificates/rootcacertpublisher"
)

// What a pod finds in a cluster and this operator, which runs in none, would miss: the API server under its names in the
// cluster, and its authority in every namespace. So stores of the backend "kubernetes" are written as for a real cluster.

// apiServerHosts are the names of the API server within a cluster.
var apiServerHosts = []string{"kubernetes.default", "kubernetes.default.svc"}

const rootCAWorkers = 1

// startProxy serves a proxy to the API server under its names, and to what the proxy of the backends knows. It returns
// its URL.
func (c *cluster) startProxy() (string, error) {
	server, err := url.Parse(c.url)
	if err != nil {
		return "", err
	}
	backends, err := url.Parse(lookUp(c.backends, "HTTPS_PROXY"))
	if err != nil {
		return "", err
	}
	if c.proxy, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return "", err
	}
	go func() {
		_ = http.Serve(c.proxy, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { // until it is closed
			switch {
			case r.Method != http.MethodConnect:
				http.Error(w, "this proxy knows CONNECT only", http.StatusMethodNotAllowed)
			case slices.Contains(apiServerHosts, hostName(r.Host)):
				tunnel(w, server.Host)
			default:
				tunnelThrough(w, backends.Host, r.Host)
			}
		}))
	}()
	return "http://" + c.proxy.Addr().String(), nil
}

// tunnelThrough connects a client to the host by another proxy, whose answer to CONNECT it gets as it is.
func tunnelThrough(w http.ResponseWriter, proxy, host string) {
	connect(w, proxy, func(_, server io.Writer) error {
		_, err := fmt.Fprintf(server, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\n", host, host)
		return err
	})
}

// lookUp is the value of a variable in an environment.
func lookUp(environment []string, name string) string {
	for _, setting := range environment {
		if value, found := strings.CutPrefix(setting, name+"="); found {
			return value
		}
	}
	return ""
}

// startRootCAPublisher has the authority of the API server put into the ConfigMap kube-root-ca.crt of every namespace.
func startRootCAPublisher(authorityFile string) startController {
	return func(ctx context.Context, config *rest.Config) error {
		authority, err := os.ReadFile(authorityFile)
		if err != nil {
			return err
		}
		client, err := kubernetes.NewForConfig(asController(config, "root-ca-cert-publisher"))
		if err != nil {
			return err
		}
		reader, err := kubernetes.NewForConfig(config) // its own account may only write
		if err != nil {
			return err
		}
		factory := informers.NewSharedInformerFactory(reader, 0)
		publisher, err := rootcacertpublisher.NewPublisher(factory.Core().V1().ConfigMaps(), factory.Core().V1().Namespaces(), client, authority)
		if err != nil {
			return err
		}
		factory.Start(ctx.Done())
		go publisher.Run(ctx, rootCAWorkers)
		return nil
	}
}
