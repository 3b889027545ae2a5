// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// proxy passes connections on to an API server, so that both workspaces can be cut off from it, and no other client.
type proxy struct {
	address string // that it listens at
	target  string

	mu          sync.Mutex
	listener    net.Listener
	connections map[net.Conn]bool
	open        chan struct{} // closed while bytes may pass
}

func startProxy(target string) (*proxy, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &proxy{
		address: listener.Addr().String(), target: target,
		listener: listener, connections: map[net.Conn]bool{}, open: make(chan struct{}),
	}
	close(p.open)
	go p.serve(listener)
	return p, nil
}

func (p *proxy) serve(listener net.Listener) {
	for {
		client, err := listener.Accept()
		if err != nil {
			return // it was closed
		}
		server, err := net.Dial("tcp", p.target)
		if err != nil {
			_ = client.Close()
			continue
		}
		p.mu.Lock()
		p.connections[client], p.connections[server] = true, true
		p.mu.Unlock()
		go p.pass(client, server)
		go p.pass(server, client)
	}
}

// pass passes bytes on in one direction, and ends both.
func (p *proxy) pass(from, to net.Conn) {
	_, _ = io.Copy(&gate{p, to}, from)
	_, _ = from.Close(), to.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.connections, from)
	delete(p.connections, to)
}

// gate holds bytes back while the proxy hangs.
type gate struct {
	p  *proxy
	to io.Writer
}

// Write implements io.Writer.
func (g *gate) Write(bytes []byte) (int, error) {
	g.p.mu.Lock()
	open := g.p.open
	g.p.mu.Unlock()
	<-open
	return g.to.Write(bytes)
}

// hang lets nothing pass until resume is called; connections stay.
func (p *proxy) hang() (resume func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	open := make(chan struct{})
	p.open = open
	return func() { close(open) }
}

// cut ends all connections, and new ones are refused until resume is called.
func (p *proxy) cut() (resume func() error) {
	p.stop()
	return func() error {
		var err error
		for range 50 { // another process may have the port for a moment
			var listener net.Listener
			if listener, err = net.Listen("tcp", p.address); err == nil {
				p.mu.Lock()
				defer p.mu.Unlock()
				p.listener = listener
				go p.serve(listener)
				return nil
			}
			time.Sleep(100 * time.Millisecond)
		}
		return fmt.Errorf("the proxy cannot listen at its address again: %w", err)
	}
}

// stop closes the listener and all connections.
func (p *proxy) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = p.listener.Close()
	for connection := range p.connections {
		_ = connection.Close()
	}
}
