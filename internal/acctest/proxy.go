// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package acctest

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"

	"k8s.io/client-go/rest"
)

// Proxy returns the address of a proxy to the cluster, with the rights of the administrator. It passes on what the function does
// not answer itself.
func (c *Cluster) Proxy(answers func(http.ResponseWriter, *http.Request) bool) string {
	c.t.Helper()
	transport, err := rest.TransportFor(c.Config)
	OK(c.t, err)
	there, err := url.Parse(c.Config.Host)
	OK(c.t, err)
	forward := httputil.NewSingleHostReverseProxy(there)
	forward.Transport = transport
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !answers(w, r) {
			forward.ServeHTTP(w, r)
		}
	}))
	c.t.Cleanup(server.Close)
	return server.URL
}
