// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

//go:build envtest

package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// With the tag "envtest" etcd, kube-apiserver and kubectl are not compiled: they are the programs in the folder that
// KUBEBUILDER_ASSETS names. A part turns into its program, so that its process ID stays.

const assetsVariable = "KUBEBUILDER_ASSETS"

// runEtcd reports an address that is free, and serves there.
func runEtcd(args []string) error {
	client, err := freeAddress()
	if err != nil {
		return err
	}
	peer, err := freeAddress()
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(extraFile("report"), "http://%s\n", client); err != nil {
		return err
	}
	return become(etcdPart, append(args,
		"--listen-client-urls=http://"+client, "--advertise-client-urls=http://"+client,
		"--listen-peer-urls=http://"+peer, "--initial-advertise-peer-urls=http://"+peer,
		"--initial-cluster=default=http://"+peer,
		"--heartbeat-interval=10", "--election-timeout=100", "--log-level=warn", "--unsafe-no-fsync"))
}

// runAPIServer serves where the parent listens, as soon as the parent no longer does.
func runAPIServer(args []string) error {
	file := extraFile("listener")
	listener, err := net.FileListener(file)
	if err != nil {
		return err
	}
	address := listener.Addr().(*net.TCPAddr)
	if err := errors.Join(listener.Close(), file.Close(), waitUntilFree(address.String())); err != nil {
		return err
	}
	return become(apiServerPart, append(args, fmt.Sprintf("--secure-port=%d", address.Port)))
}

func runKubectl() {
	fmt.Fprintln(os.Stderr, become(kubectlName, os.Args[1:]))
	os.Exit(1)
}

// become replaces this process by a program of envtest. It returns only an error.
func become(name string, args []string) error {
	path := filepath.Join(os.Getenv(assetsVariable), name)
	endWithParent()
	if err := syscall.Exec(path, append([]string{name}, args...), os.Environ()); err != nil {
		return fmt.Errorf("%s of %s: %w", path, assetsVariable, err)
	}
	return nil
}

// freeAddress returns an address of loopback that was free a moment ago.
func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

func waitUntilFree(address string) error {
	for deadline := time.Now().Add(startTimeout); ; time.Sleep(10 * time.Millisecond) {
		listener, err := net.Listen("tcp", address)
		if err == nil {
			return listener.Close()
		}
		if time.Now().After(deadline) {
			return err
		}
	}
}
