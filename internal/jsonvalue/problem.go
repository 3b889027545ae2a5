// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package jsonvalue

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Path leads to a field of an object, in ESO's own shape: a string is a field or the key of a map, an int the index in a
// list. It starts below the object, as in spec, data, 0, remoteRef, key.
type Path []any

// String writes the path as kubectl does: spec.data[0].remoteRef.key. A key that is no plain word stands in brackets and
// quotes: metadata.labels["app.kubernetes.io/name"].
func (p Path) String() string {
	var b strings.Builder
	for _, step := range p {
		switch step := step.(type) {
		case int:
			fmt.Fprintf(&b, "[%d]", step)
		case string:
			switch {
			case !plainWord(step):
				b.WriteString("[" + strconv.Quote(step) + "]")
			case b.Len() > 0:
				b.WriteString("." + step)
			default:
				b.WriteString(step)
			}
		default:
			fmt.Fprintf(&b, "[%v]", step)
		}
	}
	return b.String()
}

func plainWord(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' && r != '-'
	})
}

// With returns the path to a field below; p stays as it is.
func (p Path) With(steps ...any) Path {
	return slices.Concat(p, Path(steps))
}

// Keys returns the steps of a path that leads through objects only.
func (p Path) Keys() []string {
	var keys []string
	for _, step := range p {
		if key, ok := step.(string); ok {
			keys = append(keys, key)
		}
	}
	return keys
}

// Problem is something wrong, or with Warning something surprising, in what a user wrote.
type Problem struct {
	// Path is the field at fault, Also are other fields that the rule looked at.
	Path Path
	Also []Path
	// Warning is true for what can be applied nevertheless.
	Warning bool
	// Summary is a title, Detail says where, what, why and what to do.
	Summary string
	Detail  string
}

// Problems collects what a check finds.
type Problems []Problem

// Fail adds an error at a path and returns it; it is valid until the next call.
func (ps *Problems) Fail(p Path, summary, format string, args ...any) *Problem {
	return ps.add(Problem{Path: p, Summary: summary}, format, args...)
}

// Warn adds a warning at a path and returns it; it is valid until the next call.
func (ps *Problems) Warn(p Path, summary, format string, args ...any) *Problem {
	return ps.add(Problem{Path: p, Warning: true, Summary: summary}, format, args...)
}

func (ps *Problems) add(p Problem, format string, args ...any) *Problem {
	p.Detail = fmt.Sprintf(format, args...)
	if len(p.Path) > 0 {
		p.Detail = p.Path.String() + ": " + p.Detail
	}
	*ps = append(*ps, p)
	return &(*ps)[len(*ps)-1]
}
