// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// release is a version of ESO and its fields by path.
type release struct {
	version string
	fields  map[string]fact
}

// oldest is the oldest version that is supported: what it has needs no limit.
const oldest = "0.15.1"

const header = `# Every field of the spec of ESO's ExternalSecret and of its stores, made by "go generate ./internal/eso" from the definitions of
# VERSIONS
# The columns, separated by tabs: path, type, and what there is to say of it. >= and <= are the first and the last version
# with a field or a value, or where it is required, if that is not the oldest and the newest of these.
`

// versionsOf reads from its header the versions that a table was made from.
func versionsOf(table string) []string {
	for line := range strings.SplitSeq(table, "\n") {
		if versions, found := strings.CutPrefix(line, "# ESO "); found {
			return strings.Split(versions, ", ")
		}
	}
	return nil
}

// write merges what the versions say, oldest first.
func write(releases []release) string {
	var versions []string
	paths := map[string]bool{}
	for _, r := range releases {
		versions = append(versions, r.version)
		for at := range r.fields {
			paths[at] = true
		}
	}
	var b strings.Builder
	b.WriteString(strings.Replace(header, "VERSIONS", "ESO "+strings.Join(versions, ", "), 1))
	for _, at := range slices.Sorted(maps.Keys(paths)) {
		b.WriteString(row(releases, at) + "\n")
	}
	return b.String()
}

// row is the line of one field.
func row(releases []release, at string) string {
	var having []release
	for _, r := range releases {
		if _, has := r.fields[at]; has {
			having = append(having, r)
		}
	}
	newest := having[len(having)-1].fields[at]
	columns := []string{at, newest.typ}
	add := func(column string) { columns = append(columns, column) }
	if span := versionSpan(at, releases, func(fact) bool { return true }); span != "" {
		add(span)
	}
	within := func(is func(fact) bool) string { return versionSpan(at, having, is) }
	if slices.ContainsFunc(having, func(r release) bool { return r.fields[at].required }) {
		add("required" + within(func(f fact) bool { return f.required }))
	}
	if newest.deprecated {
		add("deprecated")
	}
	if values := allValues(having, at); len(values) > 0 {
		for i, value := range values {
			values[i] = value + within(func(f fact) bool { return f.values == nil || slices.Contains(f.values, value) })
		}
		add("values=" + strings.Join(values, ","))
		if newest.values == nil {
			add("open")
		}
	}
	if preset := presets(having, at); preset != "" {
		add("default=" + preset + within(func(f fact) bool { return samePreset(f.preset, preset) }))
	}
	if newest.pattern != "" {
		add("pattern=" + strconv.Quote(newest.pattern))
	}
	return strings.Join(columns, "\t")
}

// allValues are those of all versions, in the order of the newest.
func allValues(having []release, at string) []string {
	var all []string
	for _, r := range slices.Backward(having) {
		for _, value := range r.fields[at].values {
			if !slices.Contains(all, value) {
				all = append(all, value)
			}
		}
	}
	return all
}

// samePreset compares defaults; those of durations are spelled in two ways.
func samePreset(a, b string) bool {
	left, errA := time.ParseDuration(strings.Trim(a, `"`))
	right, errB := time.ParseDuration(strings.Trim(b, `"`))
	return a == b || errA == nil && errB == nil && left == right
}

// presets is the default of the newest version that has one.
func presets(having []release, at string) string {
	for _, r := range slices.Backward(having) {
		if preset := r.fields[at].preset; preset != "" {
			return preset
		}
	}
	return ""
}

// versionSpan says which of the versions have a field, or an aspect of it, if not all: ">=2.8", "<=0.20".
func versionSpan(at string, releases []release, has func(fact) bool) string {
	var with []int
	for i, r := range releases {
		if f, found := r.fields[at]; found && has(f) {
			with = append(with, i)
		}
	}
	text := ""
	if first := with[0]; first > 0 && compareVersions(releases[first].version, oldest) > 0 {
		text += ">=" + minor(releases[first].version)
	}
	if last := with[len(with)-1]; last < len(releases)-1 {
		text += "<=" + minor(releases[last].version)
	}
	return text
}

func minor(version string) string {
	parts := strings.Split(version, ".")
	return strings.Join(parts[:2], ".")
}

func compareVersions(a, b string) int {
	return slices.Compare(numbers(a), numbers(b))
}

func numbers(version string) []int {
	var all []int
	for part := range strings.SplitSeq(version, ".") {
		number, _ := strconv.Atoi(part)
		all = append(all, number)
	}
	return all
}
