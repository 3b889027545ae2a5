// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestWrite(t *testing.T) {
	old := map[string]fact{
		"ExternalSecret.always":  {typ: "string", required: true, values: []string{"a"}, preset: `"1h"`},
		"ExternalSecret.dropped": {typ: "object"},
		"ExternalSecret.loosens": {typ: "string", required: true, values: []string{"a"}},
	}
	supported := map[string]fact{
		"ExternalSecret.always":     {typ: "string", required: true, values: []string{"a"}, preset: `"1h"`},
		"ExternalSecret.dropped":    {typ: "object"},
		"ExternalSecret.loosens":    {typ: "string", required: true, values: []string{"a"}},
		"ExternalSecret.since15":    {typ: "boolean"},
		"ExternalSecret.deprecated": {typ: "integer", deprecated: true, preset: "3"},
	}
	between := map[string]fact{
		"ExternalSecret.always":      {typ: "string", required: true, values: []string{"a"}, preset: `"1h"`},
		"ExternalSecret.dropped":     {typ: "object"},
		"ExternalSecret.loosens":     {typ: "string", required: true, values: []string{"a"}},
		"ExternalSecret.since15":     {typ: "boolean", preset: "true"},
		"ExternalSecret.deprecated":  {typ: "integer", deprecated: true, preset: "3"},
		"ExternalSecret.syncWindows": {typ: "object", required: true},
	}
	newest := map[string]fact{
		"ExternalSecret.always":      {typ: "string", required: true, values: []string{"b", "a"}, preset: `"1h0m0s"`, pattern: `^a\b`},
		"ExternalSecret.loosens":     {typ: "string"},
		"ExternalSecret.since15":     {typ: "boolean"},
		"ExternalSecret.deprecated":  {typ: "integer", deprecated: true},
		"ExternalSecret.new":         {typ: "[]object"},
		"ExternalSecret.syncWindows": {typ: "object", required: true},
	}
	want := strings.Join([]string{
		"ExternalSecret.always\tstring\trequired\tvalues=b>=2.9,a\tdefault=\"1h0m0s\"\tpattern=\"^a\\\\b\"",
		"ExternalSecret.deprecated\tinteger\tdeprecated\tdefault=3<=2.7",
		"ExternalSecret.dropped\tobject\t<=2.7",
		"ExternalSecret.loosens\tstring\trequired<=2.7\tvalues=a\topen",
		"ExternalSecret.new\t[]object\t>=2.9",
		"ExternalSecret.since15\tboolean\tdefault=true>=2.7<=2.7",
		"ExternalSecret.syncWindows\tobject\t>=2.7\trequired",
	}, "\n")
	var got []string
	table := write([]release{{"0.14.4", old}, {oldest, supported}, {"2.7.0", between}, {"2.9.0", newest}})
	for line := range strings.SplitSeq(table, "\n") {
		if line != "" && line[0] != '#' {
			got = append(got, line)
		}
	}
	if rows := strings.Join(got, "\n"); rows != want {
		t.Errorf("got\n%s\nwant\n%s", rows, want)
	}
	if versions := versionsOf(table); !slices.Equal(versions, []string{"0.14.4", oldest, "2.7.0", "2.9.0"}) {
		t.Errorf("the table was made from %q", versions)
	}
}

// A version that the table was made from is not left out: the spans of fields would be others.
func TestParseFiles(t *testing.T) {
	known := []string{"0.14.4", oldest, "2.7.0", "2.9.0"} // of which the first is a module
	for _, text := range []string{"", "0.15.1=a", "0.15.1=a 2.9.0=c", "0.15.1=a 2.7.0=b", "0.15.1 2.7.0=b 2.9.0=c"} {
		if files, err := parseFiles(text, known); err == nil {
			t.Errorf("%q: %v", text, files)
		}
	}
	want := map[string]string{"0.15.1": "a", "2.7.0": "b", "2.9.0": "c", "2.10.0": "d"}
	if files, err := parseFiles("0.15.1=a 2.7.0=b 2.9.0=c 2.10.0=d", known); err != nil || !maps.Equal(files, want) {
		t.Errorf("%v %v", files, err)
	}
}
