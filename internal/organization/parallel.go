package organization

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
)

// parallel bounds what is worked on at once.
const parallel = 32

// Failure is what did not work out for a project; Cluster is empty where it is not one cluster's affair.
type Failure struct {
	Project, Cluster string
	Err              error
}

// Failures are all that did not work out.
type Failures []Failure

// Concern reports whether something did not work out for a project.
func (f Failures) Concern(project string) bool {
	return slices.ContainsFunc(f, func(failure Failure) bool { return failure.Project == project })
}

// String lists the failures, a line each.
func (f Failures) String() string {
	var lines []string
	for _, failure := range f {
		where := "project " + failure.Project
		if failure.Cluster != "" {
			where += ", cluster " + failure.Cluster
		}
		lines = append(lines, fmt.Sprintf("- %s: %s", where, errorText(failure.Err)))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// errorText returns an error as one text, without saying twice what went wrong.
func errorText(err error) string {
	var failed *cluster.Error
	var refused *Error
	switch {
	case errors.As(err, &refused):
		return err.Error()
	case errors.As(err, &failed):
		return failed.Summary + ". " + failed.Detail
	case errors.Is(err, context.Canceled):
		return "The run was interrupted."
	case errors.Is(err, context.DeadlineExceeded):
		return "Timed out."
	}
	return err.Error()
}

// InParallel does work for every item, bounded, and gives what did not work out.
func InParallel[T any](items []T, project func(T) string, work func(T) error) Failures {
	var failed failures
	inParallel(parallel, items, func(item T) { failed.add(Failure{Project: project(item), Err: work(item)}) })
	return failed.all
}

// inParallel does work for every item, bounded.
func inParallel[T any](bound int, items []T, work func(T)) {
	var group sync.WaitGroup
	slots := make(chan struct{}, bound)
	for _, item := range items {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			work(item)
		})
	}
	group.Wait()
}

// failures collects what did not work out, from many at once.
type failures struct {
	mu  sync.Mutex
	all Failures
}

func (f *failures) add(failure Failure) {
	if failure.Err == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.all = append(f.all, failure)
}
