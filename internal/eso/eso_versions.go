// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// CheckVersions warns, once for all of them, of the fields and values of a spec that not every supported version of ESO has.
func CheckVersions(kind string, spec map[string]any) []jsonvalue.Problem {
	v := versioned{}
	v.walk(specOf(kind), spec, jsonvalue.Path{"spec"})
	if len(v.at) == 0 {
		return nil
	}
	var ps jsonvalue.Problems
	text := v.needs[0]
	for i, at := range v.at[1:] {
		text += fmt.Sprintf("; %s: %s", at, v.needs[i+1])
	}
	ps.Warn(v.at[0], "Not in every version of ESO", "%s. A cluster with another version of External Secrets Operator rejects the object.", text).Also = v.at[1:]
	return ps
}

// versioned collects what depends on ESO's version.
type versioned struct {
	at    []jsonvalue.Path
	needs []string
}

func (v *versioned) walk(f schemaField, value any, p jsonvalue.Path) {
	switch value := value.(type) {
	case map[string]any:
		for _, key := range jsonvalue.SortedKeys(value) {
			child, known := f.child(key)
			if !known {
				continue
			}
			if at := p.With(key); child.Span != (Span{}) {
				v.add(at, "the field", child.Span)
			} else {
				v.walk(child, value[key], at)
			}
		}
	case []any:
		for i, item := range value {
			if f.item != nil {
				v.walk(*f.item, item, p.With(i))
			}
		}
	case string:
		for _, allowed := range f.Values {
			if allowed.Text == value && allowed.Span != (Span{}) {
				v.add(p, value, allowed.Span)
			}
		}
	}
}

func (v *versioned) add(at jsonvalue.Path, what string, span Span) {
	v.at = append(v.at, at)
	v.needs = append(v.needs, what+" "+needs(span))
}

// VersionsOf says which versions of ESO have the field at a path such as spec.data[0].remoteRef.nullBytePolicy, or its
// values; empty where all supported ones have it, or none.
func VersionsOf(kind, path string) string {
	f, span := Spec(kind), Span{}
	for step := range strings.SplitSeq(strings.TrimPrefix(indices.ReplaceAllString(strings.TrimPrefix(path, "."), ""), "spec."), ".") {
		if f = f.Below(step); f == nil {
			return ""
		}
		if f.Span != (Span{}) {
			span = f.Span
		}
	}
	if span != (Span{}) {
		return "it " + needs(span)
	}
	var all []string
	for _, value := range f.Values {
		if value.Span != (Span{}) {
			all = append(all, value.Text+" "+needs(value.Span))
		}
	}
	return strings.Join(all, ", ")
}

var indices = regexp.MustCompile(`\[[0-9]+\]`)

// needs says which versions of ESO something needs.
func needs(span Span) string {
	switch {
	case span.Until == "":
		return fmt.Sprintf("needs ESO %s or later", span.Since)
	case span.Since == "":
		return fmt.Sprintf("was removed after ESO %s", span.Until)
	}
	return fmt.Sprintf("exists in ESO %s to %s only", span.Since, span.Until)
}
