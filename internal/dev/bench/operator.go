// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// operator is the process of External Secrets Operator. It rests while nothing is to be synchronized, so that it takes no
// time from what is measured.
type operator struct{ process *os.Process }

func findOperator() (*operator, error) {
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
	return &operator{process: process}, err
}

func (o *operator) rest() error { return o.process.Signal(syscall.SIGSTOP) }

func (o *operator) goOn() error { return o.process.Signal(syscall.SIGCONT) }
