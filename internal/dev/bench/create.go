// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/types"
)

// parallelism is how many resources Terraform works on at once, so the bare client does too.
const parallelism = 10

// create measures an apply that creates secrets, and their destruction, beside a bare client that does the same.
func (b *bench) create(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	count := b.sizes.create
	if err := b.bare.projects(ctx, (count+perProject-1)/perProject); err != nil {
		return err
	}
	if err := b.bare.follow(ctx); err != nil {
		return err
	}
	printHead(fmt.Sprintf("Create and destroy %d secrets", count), "wall", "against bare client and framework", "API requests for each")
	for _, wait := range []bool{false, true} {
		if err := b.createOnce(ctx, count, wait); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) createOnce(ctx context.Context, count int, wait bool) error {
	var floor [2]time.Duration
	what := [2]string{"create", "destroy"}
	if wait {
		what[0] = "create and wait"
	}
	bare, err := b.bareCreate(ctx, count, wait)
	if err != nil {
		return err
	}
	for i, m := range bare {
		floor[i] += m.wall
		printRow(what[i]+": bare client", seconds(m.wall), "", each(m.requests, count))
	}
	for _, c := range []struct {
		who    contender
		config string
	}{{b.none, dataConfig(count)}, {b.framework, secretsConfig(count, wait)}, {b.ours, secretsConfig(count, wait)}} {
		done, err := b.applyAndDestroy(ctx, c.who, c.config, count)
		if err != nil {
			return err
		}
		for i, m := range done {
			against := ""
			switch c.who.name {
			case b.framework.name:
				floor[i] += m.wall
			case b.ours.name:
				against = ratio(m.wall, floor[i])
				if i == 0 {
					b.aim(what[i]+": against the bare client and the framework", maxCreateOfFloor, timesLonger(m.wall, floor[i]), " ×")
					b.aim(what[i]+": requests for each", maxCreateRequests, float64(m.requests)/float64(count), "")
				}
			}
			printRow(what[i]+": "+c.who.name, seconds(m.wall), against, each(m.requests, count))
		}
	}
	return nil
}

// bareCreate creates and deletes. In between all is synced, so that ESO has nothing else to do than to let go.
func (b *bench) bareCreate(ctx context.Context, count int, wait bool) (done [2]measured, err error) {
	done[0], err = b.measure(func() error {
		return inParallel(count, parallelism, func(i int) error {
			project, name := place(i)
			return b.bare.createObject(ctx, project, name, wait)
		})
	})
	if err != nil {
		return done, err
	}
	b.awaitAll(count)
	done[1], err = b.measure(func() error {
		return inParallel(count, parallelism, func(i int) error {
			project, name := place(i)
			return b.bare.deleteObject(ctx, project, name)
		})
	})
	return done, err
}

func (b *bench) awaitAll(count int) {
	for i := range count {
		project, name := place(i)
		b.bare.await(types.NamespacedName{Namespace: project, Name: name}, isSynced(1))
	}
}

func (b *bench) applyAndDestroy(ctx context.Context, who contender, config string, count int) (done [2]measured, err error) {
	w, err := b.workspace(who, config)
	if err != nil {
		return done, err
	}
	if done[0], err = w.run(ctx, "apply", "-auto-approve", "-no-color"); err != nil {
		return done, err
	}
	if who.name == b.ours.name {
		b.awaitAll(count)
	}
	done[1], err = w.run(ctx, "destroy", "-auto-approve", "-no-color")
	return done, err
}

// measure is for what is not a command.
func (b *bench) measure(work func() error) (measured, error) {
	before, started := b.proxy.requests.Load(), time.Now()
	err := work()
	return measured{wall: time.Since(started), requests: b.proxy.requests.Load() - before}, err
}
