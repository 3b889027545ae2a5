// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"crypto/tls"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"slices"
)

// startProxy makes the hosts reachable under their real names, for clients that know no other: they take HTTPS_PROXY,
// and trust the authority whose certificate goes into a file. The proxy reaches nothing else, so that nothing leaves
// this machine.
func (s *backendServers) startProxy(authorityFile string) error {
	certificate, err := s.issueForHosts(authorityFile)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{certificate}},
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s.hosts[hostName(r.Host)].ServeHTTP(w, r)
		}),
	}
	go func() { s.ended <- server.ServeTLS(listener, "", "") }()

	proxy, err := s.listen(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect || s.hosts[hostName(r.Host)] == nil {
			http.Error(w, "this proxy does not know "+r.Host, http.StatusForbidden)
			return
		}
		tunnel(w, listener.Addr().String())
	}))
	maps.Copy(s.environment, map[string]string{
		"HTTPS_PROXY":   "http://" + proxy,
		"NO_PROXY":      "127.0.0.1,localhost", // and so the API server
		"SSL_CERT_FILE": authorityFile,
	})
	return err
}

// issueForHosts makes an authority, writes its certificate, and returns one for all hosts.
func (s *backendServers) issueForHosts(authorityFile string) (tls.Certificate, error) {
	ca, err := newAuthority("backends")
	if err != nil {
		return tls.Certificate{}, err
	}
	if err := os.WriteFile(authorityFile, ca.certificate, 0o600); err != nil {
		return tls.Certificate{}, err
	}
	pair, err := ca.issue(backendsPart, nil, slices.Sorted(maps.Keys(s.hosts))...)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.X509KeyPair(pair.certificate, pair.key)
}

// tunnel connects a client that has sent CONNECT to the address.
func tunnel(w http.ResponseWriter, address string) {
	connect(w, address, func(client, _ io.Writer) error {
		_, err := io.WriteString(client, "HTTP/1.1 200 OK\r\n\r\n")
		return err
	})
}

// connect copies in both directions between a client that has sent CONNECT and a server, after a word to one of them.
func connect(w http.ResponseWriter, address string, begin func(client, server io.Writer) error) {
	server, err := net.Dial("tcp", address)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer server.Close()
	client, buffered, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return // the client is gone
	}
	defer client.Close()
	if begin(client, server) != nil {
		return // one of them is gone
	}
	go func() {
		_, _ = io.Copy(server, buffered)
		_ = server.Close() // ends the other direction
	}()
	_, _ = io.Copy(client, server)
}

// hostName is a host without its port.
func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return host
}
