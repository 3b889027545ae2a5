// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package airm

import "testing"

// A copy is recognized by the UID in its record, or by label and annotations together.
func TestIsCopy(t *testing.T) {
	made := func(change func(metadata map[string]any)) map[string]any {
		metadata := map[string]any{
			"namespace": "team-a", "name": "hf", "uid": "u1",
			"labels": map[string]any{LabelOrganizationSecret: NameHash("hf")},
			"annotations": map[string]any{
				AnnotationOrganizationSecret: "hf", AnnotationOrganization: "org", AnnotationHome: "team-a/hf",
			},
		}
		change(metadata)
		return map[string]any{"metadata": metadata}
	}
	without := func(field string) map[string]any {
		return made(func(metadata map[string]any) { delete(metadata, field) })
	}
	for name, test := range map[string]struct {
		object map[string]any
		uid    string
		want   bool
	}{
		"marked":                      {made(func(map[string]any) {}), "", true},
		"marked, restored":            {made(func(map[string]any) {}), "u0", true},
		"stripped, of the same UID":   {without("annotations"), "u1", true},
		"forged: no label":            {without("labels"), "", false},
		"forged: no label, other UID": {without("labels"), "u0", false},
		"forged: label only":          {without("annotations"), "u0", false},
		"copied into another project": {made(func(metadata map[string]any) { metadata["namespace"] = "team-b" }), "u1", false},
		"of another organization": {made(func(metadata map[string]any) {
			metadata["annotations"].(map[string]any)[AnnotationOrganization] = "x"
		}), "", false},
		"no object at all, no UID yet": {map[string]any{}, "", false},
	} {
		a := Assignment{Secret: "hf", Project: "team-a", Copies: map[string]Copy{"c": {UID: test.uid}}}
		if got := a.IsCopy(test.object, "c", "org"); got != test.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// Only a refusal of what was never made is certain.
func TestMayExist(t *testing.T) {
	for name, test := range map[string]struct {
		copied Copy
		want   bool
	}{
		"made":                    {Copy{UID: "u"}, true},
		"made, then refused":      {Copy{UID: "u", Refused: true}, true},
		"about to be made":        {Copy{}, true},
		"failed, outcome unclear": {Copy{Error: "timed out"}, true},
		"refused":                 {Copy{Error: "forbidden", Refused: true}, false},
	} {
		record := Assignment{Secret: "s", Project: "p", Phase: Assigned, Copies: map[string]Copy{"c": test.copied}}.ConfigMap("n")
		read, err := ParseAssignment(record)
		if err != nil || read.Copies["c"] != test.copied || read.Copies["c"].MayExist() != test.want {
			t.Errorf("%s: %+v, %v", name, read.Copies, err)
		}
	}
}
