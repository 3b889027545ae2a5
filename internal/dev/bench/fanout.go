// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"fmt"
)

// fanParallelism is how many requests the provider has under way for one resource.
const fanParallelism = 32

func sharedConfig(projects int, property string) string {
	return fmt.Sprintf(`resource "airm_organization_secret" "shared" {
  name     = "shared"
  use_case = "Generic"
  store    = { name = "bench" }
  data = {
    password = { key = "app", property = %q }
    username = { key = "app", property = "username" }
  }
}

resource "airm_secret_assignments" "shared" {
  secret   = airm_organization_secret.shared.name
  projects = [for i in range(%d) : "bench-${i}"]
}
`, property, projects)
}

// fanOut measures one organization secret in many projects, beside a bare client that writes the same objects. Each step begins when
// ESO has nothing left to do of the one before.
func (b *bench) fanOut(ctx context.Context) error {
	count := b.sizes.assigned
	if err := b.bare.projects(ctx, count); err != nil {
		return err
	}
	bare, err := b.bareFanOut(ctx, count)
	if err != nil {
		return err
	}
	recorded, err := b.bareRemoval(ctx, count)
	if err != nil {
		return err
	}
	ours, err := b.oursFanOut(ctx, count)
	if err != nil {
		return err
	}
	printHead(fmt.Sprintf("One organization secret in %d projects, with waiting", count),
		"bare client", "ours", "against bare client", "API requests for each", "memory")
	for i, what := range []string{"assign", "update", "unassign"} {
		printRow(what, seconds(bare[i].wall), seconds(ours[i].wall), ratio(ours[i].wall, bare[i].wall),
			each(ours[i].requests, count)+" ("+each(bare[i].requests, count)+")", megabytes(ours[i].provider.memory))
	}
	printRow("unassign, beside a bare client that keeps a record of each",
		seconds(recorded.wall), seconds(ours[2].wall), ratio(ours[2].wall, recorded.wall),
		each(ours[2].requests, count)+" ("+each(recorded.requests, count)+")", "")
	if count >= 1000 {
		b.aimAtFanOut(count, bare, recorded, ours)
	}
	printRow("plan: read the status of all", "", seconds(ours[3].wall), "", each(ours[3].requests, count), megabytes(ours[3].provider.memory))
	return nil
}

// bareFanOut is what the bare client does. Its watch ends with it, so that it takes no time from what comes next.
func (b *bench) bareFanOut(ctx context.Context, count int) (done [3]measured, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if err := b.bare.follow(ctx); err != nil {
		return done, err
	}
	for i, work := range []func(project string) error{
		func(project string) error { return b.bare.createObject(ctx, project, "shared", true) },
		func(project string) error { return b.bare.updateObject(ctx, project, "shared", "other") },
		func(project string) error { return b.bare.deleteObject(ctx, project, "shared") },
	} {
		if err := b.eso.awaitIdle(ctx); err != nil {
			return done, err
		}
		done[i], err = b.measure(func() error {
			return inParallel(count, fanParallelism, func(i int) error { return work(fmt.Sprintf("bench-%d", i)) })
		})
		if err != nil {
			return done, err
		}
	}
	return done, nil
}

// bareRemoval measures the removal by a bare client that keeps a record of each object, as the provider does: it writes the record
// before the object is deleted, and deletes it afterwards.
func (b *bench) bareRemoval(ctx context.Context, count int) (measured, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	inEach := func(work func(project string) error) error {
		return inParallel(count, fanParallelism, func(i int) error { return work(fmt.Sprintf("bench-%d", i)) })
	}
	if err := inEach(func(project string) error { return b.bare.createRecord(ctx, project) }); err != nil {
		return measured{}, err
	}
	if err := b.bare.follow(ctx); err != nil {
		return measured{}, err
	}
	if err := inEach(func(project string) error { return b.bare.createObject(ctx, project, "shared", true) }); err != nil {
		return measured{}, err
	}
	if err := b.eso.awaitIdle(ctx); err != nil {
		return measured{}, err
	}
	return b.measure(func() error {
		return inEach(func(project string) error { return b.bare.deleteRecorded(ctx, project, "shared") })
	})
}

// oursFanOut assigns, updates and unassigns; the last figure is that of a plan in between.
func (b *bench) oursFanOut(ctx context.Context, count int) (done [4]measured, err error) {
	w, err := b.workspace(b.ours, sharedConfig(count, "password"))
	if err != nil {
		return done, err
	}
	run := func(args ...string) (measured, error) {
		if err := b.eso.awaitIdle(ctx); err != nil {
			return measured{}, err
		}
		return w.run(ctx, args...)
	}
	if done[0], err = run("apply", "-auto-approve", "-no-color"); err != nil {
		return done, err
	}
	if done[3], err = run("plan", "-detailed-exitcode", "-no-color"); err != nil {
		return done, err
	}
	if err := w.configure(sharedConfig(count, "other")); err != nil {
		return done, err
	}
	if done[1], err = run("apply", "-auto-approve", "-no-color"); err != nil {
		return done, err
	}
	done[2], err = run("destroy", "-auto-approve", "-no-color")
	return done, err
}
