// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"context"
	cryptorand "crypto/rand"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	maxApplies = 3                // undisturbed ones, after that of the round
	grace      = 20 * time.Second // for what garbage collection and ESO do in their own time
)

// chaos is one run.
type chaos struct {
	options
	names
	dir        string
	kubeconfig string
	random     *rand.Rand
	clusters   []*testCluster // home, east
	workspaces []*testWorkspace
	seen       *snapshot // after the last round
	tally      tally
}

func newChaos(ctx context.Context, o options, dir string) (*chaos, error) {
	c := &chaos{
		options: o, dir: dir, kubeconfig: filepath.Join(dir, "kubeconfig"),
		random: rand.New(rand.NewPCG(o.seed, 0)), tally: newTally(),
	}
	c.names = newNames(strings.ToLower(cryptorand.Text()[:6])) // not by the seed: runs of one seed may be side by side
	for _, configuration := range newConfigurations(c.names) {
		w, err := newWorkspace(configuration, o.cli, o.provider, dir)
		if err != nil {
			return nil, err
		}
		c.workspaces = append(c.workspaces, w)
	}
	var err error
	if c.clusters, err = connect(c.kubeconfig); err != nil {
		return nil, err
	}
	for _, cluster := range c.clusters {
		if err := cluster.prepare(ctx, c.names); err != nil {
			return nil, errors.Join(err, c.close())
		}
	}
	return c, nil
}

// close removes what the run made in the clusters.
func (c *chaos) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute) // after an interrupt too
	defer cancel()
	var problems []error
	for _, cluster := range c.clusters {
		problems = append(problems, cluster.remove(ctx, c.names))
		cluster.proxy.stop()
	}
	return errors.Join(problems...)
}

func (c *chaos) run(ctx context.Context) error {
	if err := c.begin(ctx); err != nil {
		return fmt.Errorf("before the first round: %w", err)
	}
	for number := 1; number <= c.rounds; number++ {
		if err := c.round(ctx, number); err != nil {
			c.tally.print()
			return fmt.Errorf("seed %d, round %d: %w", c.seed, number, err)
		}
	}
	if err := c.destroy(ctx); err != nil {
		return fmt.Errorf("seed %d, at the end: %w", c.seed, err)
	}
	c.tally.print()
	return nil
}

// begin applies one workspace after the other: the second one assigns what the first one defines.
func (c *chaos) begin(ctx context.Context) error {
	for _, w := range c.workspaces {
		if err := w.configure(c.kubeconfig); err != nil {
			return err
		}
		if _, err := w.run(ctx, "apply", "-auto-approve"); err != nil {
			return err
		}
	}
	open, err := c.plan(ctx)
	if err == nil && len(open) > 0 {
		fmt.Fprintln(os.Stderr, c.outputs())
		err = errors.New("an undisturbed apply does not converge")
	}
	if err == nil {
		err = c.check(ctx, newWanted(c.names, c.configurations()))
	}
	return err
}

func (c *chaos) configurations() []*workspaceConfig {
	return []*workspaceConfig{c.workspaces[0].workspaceConfig, c.workspaces[1].workspaceConfig}
}

// round changes, disturbs, lets converge and checks.
func (c *chaos) round(ctx context.Context, number int) error {
	begun := time.Now()
	changed, err := c.change()
	if err != nil {
		return err
	}
	disturbances := drawDisturbances(c.random, c.kinds)
	err = c.applyDisturbed(ctx, disturbances)
	happened := changed + " | " + describe(disturbances)
	applies := 0
	if err == nil {
		applies, err = c.converge(ctx)
	}
	if err == nil {
		err = c.check(ctx, newWanted(c.names, c.configurations()))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, c.outputs())
		return fmt.Errorf("%s: %w", happened, err)
	}
	c.tally.add(disturbances, applies)
	fmt.Printf("%4d | %s | %d more applies, %.1f s\n", number, happened, applies, time.Since(begun).Seconds())
	return nil
}

// change changes both configurations, and returns what was changed.
func (c *chaos) change() (string, error) {
	var changed []string
	for _, w := range c.workspaces {
		w.history = nil
		changed = append(changed, w.workspace+": "+w.change(c.random))
		if err := errors.Join(w.keepState(), w.configure(c.kubeconfig)); err != nil {
			return "", err
		}
	}
	return strings.Join(changed, "; "), nil
}

// applyDisturbed applies both at the same time, whatever comes of it.
func (c *chaos) applyDisturbed(ctx context.Context, disturbances []*disturbance) error {
	var commands []*cliCommand
	for _, w := range c.workspaces {
		command, err := w.start(ctx, "apply", "-auto-approve")
		if err != nil {
			return err
		}
		commands = append(commands, command)
	}
	over := make(chan error, len(disturbances))
	for _, d := range disturbances {
		go func() { over <- c.disturb(ctx, d, commands) }()
	}
	var problems []error
	for range disturbances {
		problems = append(problems, <-over)
	}
	for i, w := range c.workspaces {
		<-commands[i].ended
		restored, err := w.afterKill()
		if restored {
			c.tally.restored++
		}
		problems = append(problems, err)
	}
	return errors.Join(append(problems, context.Cause(ctx))...)
}

// converge applies undisturbed until neither plan has a change, and returns how often.
func (c *chaos) converge(ctx context.Context) (applies int, err error) {
	for {
		open, err := c.plan(ctx)
		if err != nil || len(open) == 0 {
			return applies, err
		}
		if applies == maxApplies {
			return applies, fmt.Errorf("not converged after %d undisturbed applies", maxApplies)
		}
		applies++
		commands, err := both(open, func(w *testWorkspace) (*cliCommand, error) { return w.start(ctx, "apply", "-auto-approve") })
		if err != nil {
			return applies, err
		}
		for i, w := range open {
			imported, err := c.importLeft(ctx, w, commands[i])
			c.tally.imported += imported
			if err != nil {
				return applies, err
			}
		}
	}
}

// plan returns the workspaces whose plan is not empty, or fails.
func (c *chaos) plan(ctx context.Context) ([]*testWorkspace, error) {
	commands, err := both(c.workspaces, func(w *testWorkspace) (*cliCommand, error) { return w.start(ctx, "plan", "-detailed-exitcode") })
	if err != nil {
		return nil, err
	}
	var open []*testWorkspace
	for i, w := range c.workspaces {
		if commands[i].exitCode() != 0 {
			open = append(open, w)
		}
	}
	return open, context.Cause(ctx)
}

// both starts a command in each workspace, and waits for all of them.
func both(workspaces []*testWorkspace, start func(*testWorkspace) (*cliCommand, error)) ([]*cliCommand, error) {
	var commands []*cliCommand
	for _, w := range workspaces {
		c, err := start(w)
		if err != nil {
			return commands, err
		}
		commands = append(commands, c)
	}
	for i, w := range workspaces {
		<-commands[i].ended
		if commands[i].args[0] == "apply" && commands[i].exitCode() == 0 {
			w.typical = (w.typical + commands[i].took) / 2
		}
	}
	return commands, nil
}

// check looks at both clusters. What is right only after a while is counted, and printed.
func (c *chaos) check(ctx context.Context, want *wanted) error {
	var first []string
	for begun := time.Now(); ; {
		now, err := c.look(ctx)
		if err != nil {
			return err
		}
		problems := compare(want, now, c.seen)
		if len(problems) == 0 {
			c.seen = now
			if len(first) > 0 {
				c.tally.late++
				fmt.Printf("    LATE, right after %.1f s: %s\n", time.Since(begun).Seconds(), strings.Join(first, "; "))
			}
			return nil
		}
		if first == nil {
			first = problems
		}
		if time.Since(begun) > grace {
			return errors.New("the check failed:\n  " + strings.Join(problems, "\n  "))
		}
		if err := pause(ctx, 250*time.Millisecond); err != nil {
			return err
		}
	}
}

// destroy destroys both, the one that assigns what the other one defines first, and expects that nothing is left.
func (c *chaos) destroy(ctx context.Context) error {
	for _, w := range []*testWorkspace{c.workspaces[1], c.workspaces[0]} {
		w.history = nil
		command, err := w.run(ctx, "destroy", "-auto-approve")
		if err != nil {
			return err
		}
		if err := context.Cause(ctx); err != nil {
			return err
		}
		if command.exitCode() != 0 {
			fmt.Fprintln(os.Stderr, command)
			return fmt.Errorf("destroy of %s fails", w.workspace)
		}
	}
	return c.check(ctx, newWanted(c.names, nil))
}

// outputs returns what the CLI has printed in this round.
func (c *chaos) outputs() string {
	var b strings.Builder
	for _, w := range c.workspaces {
		for _, command := range w.history {
			fmt.Fprintf(&b, "\n\n--- %s: %s", w.workspace, command)
		}
	}
	return b.String()
}

// dump writes what is in the clusters into the folder of the run.
func (c *chaos) dump() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	now, err := c.look(ctx)
	if err != nil {
		return err
	}
	content, err := now.dumped()
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(c.dir, "objects.json"), content, 0o600)
}
