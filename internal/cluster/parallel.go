// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package cluster

import "sync"

// Result is what the work on one item returned.
type Result[T, R any] struct {
	Item  T
	Value R
	Err   error
}

// Gather does work for every item, at most limit of them at once, and returns the results in the order of the items. With a
// limit of 1 they are worked on one after the other.
func Gather[T, R any](limit int, items []T, work func(T) (R, error)) []Result[T, R] {
	results := make([]Result[T, R], len(items))
	var group sync.WaitGroup
	slots := make(chan struct{}, max(limit, 1))
	for i, item := range items {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			value, err := work(item)
			results[i] = Result[T, R]{Item: item, Value: value, Err: err}
		})
	}
	group.Wait()
	return results
}

// ForEach is Gather for work that returns nothing.
func ForEach[T any](limit int, items []T, work func(T)) {
	Gather(limit, items, func(item T) (struct{}, error) {
		work(item)
		return struct{}{}, nil
	})
}

// ForEachIn is ForEach, with the limit for each cluster by itself: what waits in one takes no place of another. With a limit of 1 they
// are worked on one after the other.
func ForEachIn[T any](limit int, items []T, in func(T) *Cluster, work func(T)) {
	if limit <= 1 {
		ForEach(limit, items, work)
		return
	}
	var clusters []*Cluster
	byCluster := map[*Cluster][]T{}
	for _, item := range items {
		c := in(item)
		if _, found := byCluster[c]; !found {
			clusters = append(clusters, c)
		}
		byCluster[c] = append(byCluster[c], item)
	}
	ForEach(len(clusters), clusters, func(c *Cluster) { ForEach(limit, byCluster[c], work) })
}

// GatherFrom does work in every cluster at once. It returns, by the clusters' names, the values of those where it succeeded and
// the errors of those where it failed.
func GatherFrom[R any](clusters []*Cluster, work func(*Cluster) (R, error)) (values map[string]R, failed map[string]error) {
	values, failed = map[string]R{}, map[string]error{}
	for _, result := range Gather(len(clusters), clusters, work) {
		if result.Err != nil {
			failed[result.Item.name] = result.Err
		} else {
			values[result.Item.name] = result.Value
		}
	}
	return values, failed
}

// Each is GatherFrom for work that returns no value.
func Each(clusters []*Cluster, work func(*Cluster) error) (failed map[string]error) {
	_, failed = GatherFrom(clusters, func(c *Cluster) (struct{}, error) { return struct{}{}, work(c) })
	return failed
}
