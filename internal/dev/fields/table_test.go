// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"maps"
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
		"ExternalSecret.deprecated\tinteger\tdeprecated\tdefault=3<=0.15",
		"ExternalSecret.dropped\tobject\t<=0.15",
		"ExternalSecret.loosens\tstring\trequired<=0.15\tvalues=a\topen",
		"ExternalSecret.new\t[]object\t>=2.9",
		"ExternalSecret.since15\tboolean",
		"ExternalSecret.syncWindows\tobject\t>=2.7\trequired",
	}, "\n")
	var got []string
	for line := range strings.SplitSeq(write([]release{{"0.14.4", old}, {oldest, supported}, {"2.9.0", newest}}), "\n") {
		if line != "" && line[0] != '#' {
			got = append(got, line)
		}
	}
	if table := strings.Join(got, "\n"); table != want {
		t.Errorf("got\n%s\nwant\n%s", table, want)
	}
}

func TestParseFiles(t *testing.T) {
	for _, text := range []string{"", "0.15.1=a", "2.9.0=b", "0.15.1=a 0.20.1=b", "0.15.1 2.9.0=b"} {
		if files, err := parseFiles(text); err == nil {
			t.Errorf("%q: %v", text, files)
		}
	}
	if files, err := parseFiles("0.15.1=a 2.9.0=b"); err != nil || !maps.Equal(files, map[string]string{"0.15.1": "a", "2.9.0": "b"}) {
		t.Errorf("%v %v", files, err)
	}
}
