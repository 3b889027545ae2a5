package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
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

// startProxy serves a proxy to the API server under its names. Every other host it leaves to the proxy that the
// environment names, or connects to it. It returns the environment with itself in it.
func (c *cluster) startProxy(environment []string) ([]string, error) {
	server, err := url.Parse(c.url)
	if err != nil {
		return nil, err
	}
	next, err := url.Parse(lookUp(environment, "HTTPS_PROXY"))
	if err != nil {
		return nil, fmt.Errorf("HTTPS_PROXY: %w", err)
	}
	if c.proxy, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return nil, err
	}
	go func() {
		_ = http.Serve(c.proxy, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { // until it is closed
			switch {
			case r.Method != http.MethodConnect:
				http.Error(w, "this proxy knows CONNECT only", http.StatusMethodNotAllowed)
			case isAPIServer(r.Host):
				tunnel(w, server.Host)
			case next.Host != "":
				tunnelThrough(w, next.Host, r.Host)
			default:
				tunnel(w, r.Host)
			}
		}))
	}()
	return append(environment, "HTTPS_PROXY=http://"+c.proxy.Addr().String(), "NO_PROXY=127.0.0.1,localhost"), nil
}

func isAPIServer(host string) bool {
	for _, name := range apiServerHosts {
		if hostName(host) == name {
			return true
		}
	}
	return false
}

// tunnelThrough connects a client to the host by another proxy, whose answer to CONNECT it gets as it is.
func tunnelThrough(w http.ResponseWriter, proxy, host string) {
	connect(w, proxy, func(_, server io.Writer) error {
		_, err := fmt.Fprintf(server, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\n", host, host)
		return err
	})
}

// lookUp is the value of a variable in an environment, of which the last one counts.
func lookUp(environment []string, name string) (value string) {
	for _, setting := range environment {
		if text, found := strings.CutPrefix(setting, name+"="); found {
			value = text
		}
	}
	return value
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
