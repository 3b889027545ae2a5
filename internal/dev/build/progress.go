// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

const progressPeriod = 5 * time.Second

// buildProgress reads what "go build -v" writes, and says every few seconds how far it is.
type buildProgress struct {
	to    io.Writer
	begin time.Time
	done  chan struct{}

	mu         sync.Mutex
	unread     []byte // the beginning of a line
	downloaded int
	compiled   int
	last       string // the package compiled last
	other      []string
}

func startProgress(to io.Writer) *buildProgress {
	p := &buildProgress{to: to, begin: time.Now(), done: make(chan struct{})}
	go p.report()
	return p
}

func (p *buildProgress) stop() { close(p.done) }

func (p *buildProgress) report() {
	ticker := time.NewTicker(progressPeriod)
	defer ticker.Stop()
	for {
		select {
		case <-p.done:
			return
		case <-ticker.C:
			p.mu.Lock()
			fmt.Fprintf(p.to, "  %5s  %d modules downloaded, %d packages compiled %s\n",
				time.Since(p.begin).Round(time.Second), p.downloaded, p.compiled, p.last)
			p.mu.Unlock()
		}
	}
}

// Write takes the output of the go command.
func (p *buildProgress) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.unread = append(p.unread, text...)
	for {
		line, rest, found := bytes.Cut(p.unread, []byte("\n"))
		if !found {
			return len(text), nil
		}
		p.unread = rest
		p.count(string(line))
	}
}

func (p *buildProgress) count(line string) {
	switch {
	case strings.HasPrefix(line, "go: downloading "):
		p.downloaded++
	case line != "" && !strings.ContainsAny(line, " \t"):
		p.compiled++
		p.last = "(" + line + ")"
	default:
		p.other = append(p.other, line)
	}
}

// messages is what the go command said beside its progress: its errors.
func (p *buildProgress) messages() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(append(p.other, string(p.unread)), "\n")
}
