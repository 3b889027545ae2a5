// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

//go:build !envtest

package main

import (
	"flag"
	"fmt"
	"net/url"
	"time"

	"go.etcd.io/etcd/server/v3/embed"
)

// runEtcd serves a one-member etcd on a free port and reports its address to the parent.
func runEtcd(args []string) error {
	flags := flag.NewFlagSet(etcdPart, flag.ContinueOnError)
	dataDir := flags.String("data-dir", "", "folder of the database")
	if err := flags.Parse(args); err != nil {
		return err
	}

	server, err := embed.StartEtcd(etcdConfig(*dataDir))
	if err != nil {
		return err
	}
	select {
	case <-server.Server.ReadyNotify():
	case <-time.After(startTimeout):
		return fmt.Errorf("etcd was not ready within %s", startTimeout)
	}
	if _, err := fmt.Fprintf(extraFile("report"), "http://%s\n", server.Clients[0].Addr()); err != nil {
		return err
	}
	return <-server.Err()
}

func etcdConfig(dataDir string) *embed.Config {
	// Port 0 lets the kernel choose, so no two clusters ever ask for the same one.
	anyPort := []url.URL{{Scheme: "http", Host: "127.0.0.1:0"}}

	config := embed.NewConfig()
	config.Dir = dataDir
	config.ListenClientUrls, config.AdvertiseClientUrls = anyPort, anyPort
	config.ListenPeerUrls, config.AdvertisePeerUrls = anyPort, anyPort
	config.InitialCluster = config.InitialClusterFromName(config.Name)
	config.TickMs, config.ElectionMs = 10, 100 // it elects itself: no need to wait a second for other candidates
	config.EnableGRPCGateway = false
	config.LogLevel = "warn"
	config.WarningUnaryRequestDuration = embed.DefaultWarningUnaryRequestDuration // else every request counts as slow
	config.UnsafeNoFsync = true                                                   // the data is discarded at the end
	return config
}
