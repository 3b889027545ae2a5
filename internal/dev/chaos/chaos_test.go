// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
)

// Whatever is changed, every secret that is called for belongs somewhere, and the seed alone decides.
func TestChange(t *testing.T) {
	var first []string
	for range 2 {
		random, all := rand.New(rand.NewPCG(7, 0)), newConfigurations(newNames("test"))
		var said []string
		for range 1000 {
			for _, c := range all {
				said = append(said, c.change(random))
			}
			for id, row := range newWanted(all[0].names, all).rows {
				if len(row.clusters) == 0 {
					t.Fatalf("after %v: %s belongs nowhere", said[len(said)-2:], id)
				}
			}
			for _, c := range all {
				if text, err := c.render("kubeconfig"); err != nil || strings.Contains(string(text), "null") {
					t.Fatalf("%v\n%s", err, text)
				}
			}
		}
		if first != nil && !slices.Equal(first, said) {
			t.Error("the same seed leads to other changes")
		}
		first = said
	}
}

func TestProxy(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "here") }))
	defer server.Close()
	p, err := startProxy(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer p.stop()
	client := &http.Client{Timeout: 200 * time.Millisecond}
	answers := func() bool {
		response, err := client.Get("http://" + p.address)
		if err != nil {
			return false
		}
		return response.Body.Close() == nil
	}

	if !answers() {
		t.Fatal("the proxy does not pass anything on")
	}
	resume := p.hang()
	if answers() {
		t.Error("an answer passed while the proxy hung")
	}
	if resume(); !answers() {
		t.Error("nothing passes after it hung")
	}
	reopen := p.cut()
	if connection, err := net.Dial("tcp", p.address); err == nil {
		_ = connection.Close()
		t.Error("a connection was accepted while the server was cut off")
	}
	if err := reopen(); err != nil || !answers() {
		t.Errorf("nothing passes after the cut: %v", err)
	}
}
