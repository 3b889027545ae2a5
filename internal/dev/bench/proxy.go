// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strconv"
	"sync/atomic"

	"k8s.io/client-go/rest"
)

// proxy stands between what is measured and the API server, and counts the requests. What it costs, it costs all.
type proxy struct {
	url      string
	requests atomic.Int64
	server   *http.Server
}

// startProxy starts a proxy to an API server. With an identity it is that of another cluster that has the same objects.
func startProxy(config *rest.Config, identity string) (*proxy, error) {
	upstream, err := url.Parse(config.Host)
	if err != nil {
		return nil, err
	}
	transport, err := rest.TransportFor(config)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &proxy{url: "http://" + listener.Addr().String()}
	forward := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(upstream) },
		ModifyResponse: func(r *http.Response) error {
			if identity == "" || r.Request.URL.Path != "/api/v1/namespaces/kube-system" {
				return nil
			}
			return identify(r, identity)
		},
		Transport:     transport,
		FlushInterval: -1,
		ErrorHandler:  func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}
	p.server = &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.requests.Add(1)
		defer func() {
			if aborted := recover(); aborted != nil && !errors.Is(asError(aborted), http.ErrAbortHandler) { // the end of a watch
				panic(aborted)
			}
		}()
		forward.ServeHTTP(w, r)
	})}
	go func() { _ = p.server.Serve(listener) }()
	return p, nil
}

// identify answers with another UID.
func identify(r *http.Response, uid string) error {
	var namespace map[string]any
	if err := json.NewDecoder(r.Body).Decode(&namespace); err != nil {
		return err
	}
	namespace["metadata"].(map[string]any)["uid"] = uid
	content, err := json.Marshal(namespace)
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(content)), int64(len(content))
	r.Header.Set("Content-Length", strconv.Itoa(len(content)))
	return err
}

func asError(value any) error {
	err, _ := value.(error)
	return err
}

func (p *proxy) stop() { _ = p.server.Shutdown(context.Background()) }
