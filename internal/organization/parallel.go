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

// parallel bounds the projects that are worked on at once.
const parallel = 32

// Failures are what did not work out, by project.
type Failures map[string]error

// InParallel does work for every item, bounded, and gives the failures by the name of the project.
func InParallel[T any](items []T, project func(T) string, work func(T) error) Failures {
	return inParallel(parallel, items, project, work)
}

func inParallel[T any](bound int, items []T, project func(T) string, work func(T) error) Failures {
	var mu sync.Mutex
	var group sync.WaitGroup
	failures := Failures{}
	slots := make(chan struct{}, bound)
	for _, item := range items {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			if err := work(item); err != nil {
				mu.Lock()
				defer mu.Unlock()
				failures[project(item)] = err
			}
		})
	}
	group.Wait()
	return failures
}

// String lists the failures, a line each.
func (f Failures) String() string {
	var lines []string
	for project, err := range f {
		lines = append(lines, fmt.Sprintf("- project %s: %s", project, explained(err)))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// explained gives an error as one text, without saying twice what went wrong.
func explained(err error) string {
	var failed *cluster.Error
	switch {
	case errors.As(err, &failed):
		return failed.Summary + ". " + failed.Detail
	case errors.Is(err, context.Canceled):
		return "The run was interrupted."
	case errors.Is(err, context.DeadlineExceeded):
		return "The time for it was up."
	}
	return err.Error()
}

// forRows does work for every row, bounded.
func (r *Registry) forRows(rows []*Row, work func(*Row) error) Failures {
	return inParallel(r.parallel, rows, projectOf, work)
}

func projectOf(row *Row) string { return row.Project }
