// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// values is what one backend holds, by key.
type values struct {
	mu      sync.Mutex
	entries map[string]entry
}

// entry is a secret with all its versions, the first one numbered 1.
type entry struct {
	versions []string
	tags     map[string]string
}

func newValues() *values { return &values{entries: map[string]entry{}} }

// change does what a request to the admin API asks.
func (v *values) change(r *http.Request, key string) error {
	switch r.Method {
	case http.MethodPut:
		value, err := io.ReadAll(r.Body)
		if err != nil {
			return err
		}
		v.set(key, string(value), firstOf(r.URL.Query()))
	case http.MethodDelete:
		v.delete(key)
	default:
		return fmt.Errorf("%s is neither PUT nor DELETE", r.Method)
	}
	return nil
}

// set adds a version, the only one to be the latest. Tags replace those of before.
func (v *values) set(key, value string, tags map[string]string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.entries[key] = entry{versions: append(slices.Clip(v.entries[key].versions), value), tags: tags}
}

func (v *values) delete(key string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.entries, key)
}

func (v *values) get(key string) (entry, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	e, found := v.entries[key]
	return e, found
}

// keys are those that begin with the prefix, in order.
func (v *values) keys(prefix string) []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.DeleteFunc(slices.Sorted(maps.Keys(v.entries)), func(key string) bool {
		return !strings.HasPrefix(key, prefix)
	})
}

func (e entry) latest() int { return len(e.versions) }

// version is the value of a version by its number.
func (e entry) version(text string) (value string, number int, found bool) {
	number, err := strconv.Atoi(text)
	if err != nil || number < 1 || number > len(e.versions) {
		return "", 0, false
	}
	return e.versions[number-1], number, true
}

// firstOf has the first value of each.
func firstOf(query url.Values) map[string]string {
	tags := map[string]string{}
	for name := range query {
		tags[name] = query.Get(name)
	}
	return tags
}

// cutPath divides a path at its second slash. What follows may begin with a slash too, as parameters of AWS do.
func cutPath(path string) (first, rest string) {
	first, rest, _ = strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return first, rest
}
