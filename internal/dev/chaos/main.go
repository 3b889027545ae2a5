// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

// Command chaos applies two workspaces to two clusters at the same time, round after round, with random changes, while
// the provider or the CLI is killed, or an API server is unavailable. After each round it lets both converge and checks every
// value, record, UID and label. "make chaos" builds what it needs, starts a control plane and runs it there.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

// options are the command line.
type options struct {
	cli      string
	provider string
	rounds   int
	seed     uint64
	kinds    []string // of disturbances
	imports  bool
}

func main() {
	o, err := parseOptions()
	if err == nil {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		err = runChaos(ctx, o)
		stop()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "\nchaos:", err)
		os.Exit(1)
	}
}

func parseOptions() (options, error) {
	var o options
	flag.StringVar(&o.cli, "cli", "terraform", "`path` of Terraform or OpenTofu")
	flag.StringVar(&o.provider, "provider", "bin/terraform-provider-airm", "`path` of the provider")
	flag.IntVar(&o.rounds, "rounds", 100, "`number` of rounds")
	flag.Uint64Var(&o.seed, "seed", uint64(time.Now().UnixNano()%1_000_000), "`number` that decides what is changed and disturbed (default: another one each time)")
	only := flag.String("only", strings.Join(allKinds, ","), "`kinds` of disturbances, separated by commas")
	flag.BoolVar(&o.imports, "imports", false, "import what an apply says to import and count it, to see what else happens")
	flag.Parse()
	o.kinds = strings.Split(*only, ",")
	for _, kind := range o.kinds {
		if !slices.Contains(allKinds, kind) {
			return o, fmt.Errorf("-only: there is no disturbance %q; there are %s", kind, strings.Join(allKinds, ", "))
		}
	}
	return o, nil
}

// runChaos removes everything that it made in the clusters. Its folder stays after a failure, so that the cause can be found.
func runChaos(ctx context.Context, o options) (err error) {
	fmt.Printf("Seed %d, %d rounds.\n", o.seed, o.rounds)
	dir, err := os.MkdirTemp("", "airm-chaos-")
	if err != nil {
		return err
	}
	c, err := newChaos(ctx, o, dir)
	if err != nil {
		return errors.Join(err, os.RemoveAll(dir))
	}
	err = c.run(ctx)
	if err != nil {
		err = errors.Join(err, c.dump(), fmt.Errorf("configurations, states and objects are in %s", dir))
	} else {
		err = os.RemoveAll(dir)
	}
	return errors.Join(err, c.close())
}
