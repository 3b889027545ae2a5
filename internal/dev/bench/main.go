// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

// Command bench measures the provider beside what cannot be avoided, in one run, and prints tables for BENCHMARKS.md.
// "make bench" builds what it needs, starts a control plane and calls it there, in the root folder of the repository.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/dev/platform"
)

// bench is one run.
type bench struct {
	cli    string
	dir    string // temporary
	config *rest.Config
	proxy  *proxy
	bare   *bareClient
	eso    *operator
	sizes  sizes

	targets []target // with what has been reached

	ours, framework, passthrough, empty, none contender
	peers                                     []peer
}

// sizes are how much is measured.
type sizes struct {
	refresh          []int
	create, assigned int
	clusters         int // that have the assigned projects
	repeats          int
	quick            int // from this number on without the framework as shipped; 0: never
}

var (
	quickSizes = sizes{refresh: []int{1, 100, 1000}, create: 60, assigned: 60, clusters: 3, repeats: 3}
	fullSizes  = sizes{refresh: []int{1, 100, 1000, 10_000}, create: 200, assigned: 1000, clusters: 10, repeats: 3, quick: 10_000}
)

func main() {
	cli := flag.String("cli", "terraform", "`path` of Terraform or OpenTofu")
	binaries := flag.String("binaries", "bin", "`folder` with the providers terraform-provider-airm and standin")
	all := flag.Bool("full", false, "measure up to 10 000 secrets and 1 000 projects, which takes more than an hour")
	only := flag.String("only", "start,refresh,create,fanout,clusters", "`names` of what to measure, separated by commas")
	secrets := flag.String("secrets", "", "`numbers` of secrets to refresh, separated by commas")
	skip := flag.Int("quick", 0, "`number` of secrets from which on the framework as shipped, which takes longest, is left out (default: never)")
	peers := flag.String("peers", "", "`paths` of the binaries terraform-provider-kubernetes and terraform-provider-kubectl, separated by commas")
	flag.Parse()
	s := quickSizes
	if *all {
		s = fullSizes
	}
	if *secrets != "" {
		s.refresh = nil
	}
	for number := range strings.SplitSeq(*secrets, ",") {
		if count, err := strconv.Atoi(number); err == nil {
			s.refresh = append(s.refresh, count)
		}
	}
	if *skip > 0 {
		s.quick = *skip
	}

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	b, err := newBench(ctx, *cli, *binaries)
	if err == nil {
		b.sizes = s
		err = b.run(ctx, strings.Split(*only, ","), *peers)
	}
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "\nbench:", err)
		os.Exit(1)
	}
}

func (b *bench) run(ctx context.Context, only []string, peers string) (err error) {
	defer b.proxy.stop()
	defer func() { err = errors.Join(err, os.RemoveAll(b.dir)) }()
	if peers != "" {
		if err := b.installPeers(strings.Split(peers, ",")); err != nil {
			return err
		}
		only = append(only, "peers")
	}
	if err := b.describe(); err != nil {
		return err
	}
	for _, measure := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"start", b.start}, {"create", b.create}, {"fanout", b.fanOut}, {"clusters", b.clusters}, {"refresh", b.refresh},
		{"peers", b.comparePeers},
	} {
		if slices.Contains(only, measure.name) {
			if err := measure.do(ctx); err != nil {
				return fmt.Errorf("%s: %w", measure.name, err)
			}
		}
	}
	b.printTargets()
	return nil
}

func newBench(ctx context.Context, cli, binaries string) (*bench, error) {
	if err := platform.Refuse(ctx); err != nil {
		return nil, err
	}
	config, err := clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG"))
	if err != nil {
		return nil, err
	}
	config.QPS = -1
	eso, err := findOperator(config)
	if err != nil {
		return nil, err
	}
	p, err := startProxy(config, "")
	if err != nil {
		return nil, err
	}
	client, err := dynamic.NewForConfig(&rest.Config{Host: p.url, QPS: -1})
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "airm-bench-")
	if err != nil {
		return nil, err
	}
	b := &bench{cli: cli, dir: dir, config: config, proxy: p, bare: newBare(client), eso: eso, none: contender{name: "`terraform_data`"}}
	if err := b.install(binaries); err != nil {
		return nil, err
	}
	return b, b.bare.prepare(ctx, config)
}

// install makes a folder for each contender, in which its binary has the name that the CLI looks for.
func (b *bench) install(binaries string) error {
	for _, c := range []struct {
		who                *contender
		name, binary, mode string
	}{
		{&b.ours, "ours", "terraform-provider-airm", ""},
		{&b.framework, "framework, as shipped", "standin", "framework"},
		{&b.passthrough, "pass-through", "standin", "passthrough"},
		{&b.empty, "framework, empty", "standin", "empty"},
	} {
		binary, err := b.link(filepath.Join(binaries, c.binary), "terraform-provider-airm")
		if err != nil {
			return err
		}
		*c.who = contender{name: c.name, binary: binary, env: []string{"AIRM_STANDIN=" + c.mode}}
	}
	return nil
}

// link returns a binary of that name in a folder of its own, as the CLI wants it.
func (b *bench) link(binary, name string) (string, error) {
	source, err := filepath.Abs(binary)
	if err != nil {
		return "", err
	}
	folder, err := os.MkdirTemp(b.dir, "provider-")
	if err != nil {
		return "", err
	}
	linked := filepath.Join(folder, name)
	return linked, os.Symlink(source, linked)
}
