// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package cluster

import (
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

func TestGatherKeepsTheOrder(t *testing.T) {
	odd := errors.New("odd")
	turns := []chan struct{}{make(chan struct{}), make(chan struct{}), make(chan struct{})}
	close(turns[2]) // the last item ends first
	results := Gather(len(turns), []int{0, 1, 2}, func(item int) (string, error) {
		<-turns[item]
		if item > 0 {
			close(turns[item-1])
		}
		if item == 1 {
			return "", odd
		}
		return fmt.Sprint("value ", item), nil
	})
	expected := []Result[int, string]{{0, "value 0", nil}, {1, "", odd}, {2, "value 2", nil}}
	if !slices.Equal(results, expected) {
		t.Errorf("%v", results)
	}
}

func TestGatherHoldsTheLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var running, done atomic.Int32
		release := make(chan struct{})
		go ForEach(3, make([]int, 20), func(int) {
			running.Add(1)
			<-release
			done.Add(1)
		})
		synctest.Wait()
		if running.Load() != 3 {
			t.Errorf("%d at once", running.Load())
		}
		close(release)
		synctest.Wait()
		if done.Load() != 20 {
			t.Errorf("%d done", done.Load())
		}
	})
}

func TestGatherTakesOneAfterTheOther(t *testing.T) {
	var order []int
	ForEach(1, []int{0, 1, 2, 3}, func(item int) { order = append(order, item) })
	if !slices.Equal(order, []int{0, 1, 2, 3}) {
		t.Error(order)
	}
}

func TestGatherFromSplitsValuesAndErrors(t *testing.T) {
	down := errors.New("down")
	a, b := New("a", Config{}, Options{}), New("b", Config{}, Options{})
	values, failed := GatherFrom([]*Cluster{a, b}, func(c *Cluster) (int, error) {
		if c == b {
			return 1, down
		}
		return 2, nil
	})
	if len(values) != 1 || values["a"] != 2 || len(failed) != 1 || !errors.Is(failed["b"], down) {
		t.Errorf("%v %v", values, failed)
	}
}
