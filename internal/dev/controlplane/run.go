// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"k8s.io/apimachinery/pkg/util/validation"
)

// runOptions is the command line of "controlplane run".
type runOptions struct {
	clusters  []string
	projects  []string
	workers   int
	operators map[string]string // by cluster: a binary with another version of External Secrets Operator
	backends  bool
	dir       string // empty: a temporary one, removed at the end
	command   []string
}

func parseRunOptions(args []string) (*runOptions, error) {
	flags := flag.NewFlagSet("controlplane run", flag.ContinueOnError)
	clusters := flags.String("clusters", "default", "`names` of the clusters to start, separated by commas")
	projects := flags.String("projects", "team-a,team-b,team-c", "`names` of the projects (labelled namespaces) in each cluster; may be empty")
	workers := flags.Int("eso-workers", 1, "reconciles at a time in External Secrets Operator; its fake backend crashes above 1")
	operators := map[string]string{}
	flags.Func("operator", "`CLUSTER=PATH`: that cluster gets another version of External Secrets Operator, whose binary this is", func(text string) error {
		name, path, _ := strings.Cut(text, "=")
		operators[name] = path
		return nil
	})
	backends := flags.Bool("backends", false, "emulate Vault, AWS, Google Cloud and Azure, for stores of these kinds")
	dir := flags.String("dir", "", "`folder` for the kubeconfig and the logs, of which the logs stay at the end (default: a temporary one, which goes)")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	o := &runOptions{
		clusters:  splitNames(*clusters),
		projects:  splitNames(*projects),
		workers:   *workers,
		operators: operators,
		backends:  *backends,
		dir:       *dir,
		command:   flags.Args(),
	}
	return o, o.validate()
}

func splitNames(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
}

// validate finds what can be found before anything is started.
func (o *runOptions) validate() error {
	if len(o.clusters) == 0 {
		return errors.New("-clusters needs the name of at least one cluster")
	}
	if o.workers < 1 {
		return errors.New("-eso-workers must be 1 or more")
	}
	for _, names := range [][]string{o.clusters, o.projects} {
		for i, name := range names {
			if problems := validation.IsDNS1123Label(name); len(problems) > 0 {
				return fmt.Errorf("the name %q cannot be used: %s", name, problems[0])
			}
			if slices.Contains(names[:i], name) {
				return fmt.Errorf("the name %q is given twice", name)
			}
		}
	}
	for name, path := range o.operators {
		if !slices.Contains(o.clusters, name) {
			return fmt.Errorf("-operator %s=%s: there is no such cluster", name, path)
		}
		if _, err := exec.LookPath(path); err != nil {
			return fmt.Errorf("-operator %s=%s: %w", name, path, err)
		}
	}
	if len(o.command) > 0 {
		if _, err := exec.LookPath(o.command[0]); err != nil && o.command[0] != kubectlName {
			return fmt.Errorf("the command cannot be started: %w", err)
		}
	}
	if slices.Contains(o.clusters, "bin") {
		return errors.New("a cluster cannot be called \"bin\": kubectl is in the folder of that name")
	}
	return nil
}

// run starts the clusters, runs the command or waits for Ctrl-C, and removes everything again.
func run(args []string) (exitCode int, err error) {
	o, err := parseRunOptions(args)
	if errors.Is(err, flag.ErrHelp) {
		return 0, nil
	}
	if err != nil {
		return 2, err
	}
	// From here on a signal must not end this process before it has cleaned up.
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)

	dir, removeDir, err := openDir(o.dir)
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, removeDir()) }()

	// The parts hold the reading end. Nothing is ever written: they wait for the end of this process.
	lifeline, holder, err := os.Pipe()
	if err != nil {
		return 1, err
	}
	defer holder.Close()
	clusters := o.newClusters(dir, lifeline)
	defer stopAll(clusters)
	if o.backends {
		stop, err := startBackends(dir, lifeline, clusters)
		defer stop()
		if err != nil {
			return 1, err
		}
	}

	if err := startUnlessSignalled(clusters, signals); err != nil {
		return 1, err
	}
	kubeconfig := filepath.Join(dir, "kubeconfig")
	if err := writeKubeconfig(kubeconfig, clusters); err != nil {
		return 1, err
	}
	watchParts(clusters)
	if len(o.command) > 0 {
		return runCommand(o.command, dir, kubeconfig, signals)
	}
	printUse(dir, kubeconfig, clusters)
	<-signals
	return 0, nil
}

func (o *runOptions) newClusters(dir string, lifeline *os.File) []*cluster {
	var clusters []*cluster
	for _, name := range o.clusters {
		clusters = append(clusters, &cluster{
			name:     name,
			dir:      filepath.Join(dir, name),
			projects: o.projects,
			workers:  o.workers,
			operator: o.operators[name],
			lifeline: lifeline,
		})
	}
	return clusters
}

// startUnlessSignalled starts the clusters. At a signal it stops, and returns when no part is being started any more.
func startUnlessSignalled(clusters []*cluster, signals <-chan os.Signal) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	started := make(chan error, 1)
	begin := time.Now()
	logf("Starting %s ...", plural(len(clusters), "cluster"))
	go func() { started <- startAll(ctx, clusters) }()
	select {
	case err := <-started:
		if err == nil {
			logf("Ready after %.1f s.", time.Since(begin).Seconds())
		}
		return err
	case s := <-signals:
		cancel()
		<-started
		return fmt.Errorf("%s during the start", s)
	}
}

func stopAll(clusters []*cluster) {
	for _, c := range clusters {
		c.stop()
	}
}

// watchParts reports when a part ends unexpectedly. The operator is started again.
func watchParts(clusters []*cluster) {
	for _, c := range clusters {
		for _, p := range c.parts {
			if p.name == externalSecretsPart {
				go c.keepOperator(p)
				continue
			}
			go func() {
				<-p.exited
				if !c.stopping.Load() {
					c.reportEnd(p)
				}
			}()
		}
	}
}

func printUse(dir, kubeconfig string, clusters []*cluster) {
	kubectl, err := linkKubectl(dir)
	if err != nil {
		kubectl = kubectlName
	}
	fmt.Printf(`
  export KUBECONFIG=%s
`, kubeconfig)
	if file := os.Getenv(backendsVariable); file != "" {
		fmt.Printf("  export %s=%s\n", backendsVariable, file)
	}
	fmt.Printf("\nA kubectl that fits is %s. The contexts are\n", kubectl)
	for _, c := range clusters {
		fmt.Printf("  %s (administrator)", c.name)
		for _, user := range ordinaryUsers {
			fmt.Printf(", %s@%s", user, c.name)
		}
		fmt.Println()
	}
	fmt.Printf("\nThe logs are in %s. Press Ctrl-C to remove everything.\n", dir)
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// logf writes to standard error: standard output belongs to the command.
func logf(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "controlplane: "+format+"\n", args...)
}
