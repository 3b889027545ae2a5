// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"flag"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
)

const (
	backendsPart = "backends"

	// backendsFile says where the backends are and what they accept.
	backendsFile      = "backends.json"
	backendsAuthority = "backends.crt"

	// backendsVariable is the variable with the path of backendsFile.
	backendsVariable = "AIRM_BACKENDS"
)

// emulatedBackend is a server that speaks what External Secrets Operator's unmodified client speaks, as far as that asks, with
// values in memory. In JSON it is what a test has to know.
type emulatedBackend struct {
	Endpoint    string            `json:"endpoint"`
	Admin       string            `json:"admin"` // PUT or DELETE this and a key
	Credentials map[string]string `json:"credentials"`

	values *values
}

// backendServers runs all backends.
type backendServers struct {
	backends map[string]*emulatedBackend
	// environment is what the operator needs to find them.
	environment map[string]string
	// hosts are the servers behind the proxy, by the name that a client believes to reach.
	hosts map[string]http.Handler
	ended chan error
}

// runBackends serves until its parent ends. It reports the environment that the operator needs.
func runBackends(args []string) error {
	flags := flag.NewFlagSet(backendsPart, flag.ContinueOnError)
	dir := flags.String("dir", "", "`folder` for what others have to know")
	if err := flags.Parse(args); err != nil {
		return err
	}
	s := &backendServers{
		backends:    map[string]*emulatedBackend{},
		environment: map[string]string{},
		hosts:       map[string]http.Handler{},
		ended:       make(chan error),
	}
	for _, start := range []func() error{s.startVault, s.startClouds, s.startAdmin} {
		if err := start(); err != nil {
			return err
		}
	}
	// The last, when all hosts are known.
	if err := s.startProxy(filepath.Join(*dir, backendsAuthority)); err != nil {
		return err
	}
	if err := writeJSONFile(filepath.Join(*dir, backendsFile), s.backends); err != nil {
		return err
	}
	if err := json.NewEncoder(extraFile("report")).Encode(s.environment); err != nil {
		return err
	}
	return <-s.ended
}

// listen serves on a free port of loopback and returns the address.
func (s *backendServers) listen(handler http.Handler) (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	go func() { s.ended <- http.Serve(listener, handler) }()
	return listener.Addr().String(), nil
}

// startAdmin serves PUT and DELETE of /BACKEND/KEY. The body of a PUT is the value, the query its tags.
func (s *backendServers) startAdmin() error {
	address, err := s.listen(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, key := cutPath(r.URL.Path)
		b := s.backends[name]
		if b == nil || key == "" {
			http.Error(w, "want /BACKEND/KEY", http.StatusNotFound)
			return
		}
		if err := b.values.change(r, key); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}))
	for name, b := range s.backends {
		b.Admin = "http://" + address + "/" + name + "/"
	}
	return err
}

func writeJSONFile(path string, content any) error {
	text, err := json.MarshalIndent(content, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o600)
}

func writeJSON(w http.ResponseWriter, status int, content any) {
	w.Header().Set("Content-Type", cmp.Or(w.Header().Get("Content-Type"), "application/json"))
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(content) // the client is gone: there is nothing to report to
}

// jsonObject is a JSON object.
type jsonObject = map[string]any

func newToken() string { return rand.Text() }

// startBackends starts the backends, and sets for the clusters the environment by which their operators find them.
func startBackends(dir string, lifeline *os.File, clusters []*cluster) (stop func(), err error) {
	p, report, err := partCommand{name: backendsPart, args: []string{"--dir=" + dir}}.startReporting(context.Background(), dir, lifeline)
	if p == nil {
		return func() {}, err
	}
	stopping := atomic.Bool{}
	stop = func() {
		stopping.Store(true)
		p.stop()
	}
	if err != nil {
		return stop, err
	}
	go func() {
		<-p.exited
		if !stopping.Load() {
			logf("%s has ended (%v); its log is %s", p.name, exitReason(p.err), p.log)
		}
	}()

	var environment map[string]string
	if err := json.Unmarshal([]byte(report), &environment); err != nil {
		return stop, err
	}
	for _, c := range clusters {
		for name, value := range environment {
			c.backends = append(c.backends, name+"="+value)
		}
	}
	return stop, os.Setenv(backendsVariable, filepath.Join(dir, backendsFile))
}

// withoutCloudAccounts leaves out what the operator's clients would take from the user's environment instead.
func withoutCloudAccounts(environment []string) []string {
	return slices.DeleteFunc(slices.Clone(environment), func(setting string) bool {
		return slices.ContainsFunc([]string{"AWS_", "AZURE_", "GOOGLE_", "VAULT_"}, func(prefix string) bool {
			return strings.HasPrefix(setting, prefix)
		})
	})
}
