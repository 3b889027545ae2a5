// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"k8s.io/client-go/rest"
)

// operator is the process of External Secrets Operator. It rests while nothing is to be synchronized, so that it takes no
// time from what is measured.
type operator struct {
	process *os.Process
	host    string // of its API server
	http    *http.Client
}

func findOperator(config *rest.Config) (*operator, error) {
	dir := os.Getenv("AIRM_CONTROL_PLANE_DIR")
	if dir == "" {
		return nil, errors.New("it runs in a control plane of its own: make bench")
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*", "external-secrets.pid"))
	if len(files) != 1 {
		return nil, fmt.Errorf("there are %d clusters in %s, not one", len(files), dir)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		return nil, err
	}
	id, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return nil, err
	}
	process, err := os.FindProcess(id)
	if err != nil {
		return nil, err
	}
	client, err := rest.HTTPClientFor(config)
	return &operator{process: process, host: config.Host, http: client}, err
}

func (o *operator) rest() error { return o.process.Signal(syscall.SIGSTOP) }

func (o *operator) goOn() error { return o.process.Signal(syscall.SIGCONT) }

// quietSeconds is how long the operator must send no request to count as idle.
const quietSeconds = 3

// awaitIdle waits until the operator has nothing left to do. After a sync it reads each Secret once more; after a thousand, these
// requests, of which it sends 50 a second, delay whatever comes next.
func (o *operator) awaitIdle(ctx context.Context) error {
	for quiet, before := 0, ""; quiet < quietSeconds; {
		sent, err := o.requests(ctx)
		if err != nil {
			return err
		}
		if quiet++; sent != before {
			quiet, before = 0, sent
		}
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// sentByOperator is the metric of the API server that counts the requests of the operator, the only service account outside
// kube-system.
const sentByOperator = `apiserver_flowcontrol_dispatched_requests_total{flow_schema="service-accounts"`

// requests returns how many requests the operator has sent.
func (o *operator) requests(ctx context.Context) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, o.host+"/metrics", http.NoBody)
	if err != nil {
		return "", err
	}
	response, err := o.http.Do(request)
	if err != nil {
		return "", err
	}
	defer func() { _ = response.Body.Close() }()
	for lines := bufio.NewScanner(response.Body); lines.Scan(); {
		if line := lines.Text(); strings.HasPrefix(line, sentByOperator) {
			return line, nil
		}
	}
	return "", fmt.Errorf("the API server has no metric %s}", sentByOperator)
}
