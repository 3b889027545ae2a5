// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"strings"
	"testing"
)

func TestAbsoluteLinks(t *testing.T) {
	for link, want := range map[string]string{
		"[a](concepts.md)":                    "[a](" + published + "/guides/concepts)",
		"[a](concepts.md#statuses)":           "[a](" + published + "/guides/concepts#statuses)",
		"[a](../resources/provider_store.md)": "[a](" + published + "/resources/provider_store)",
		"[a](../index.md#versions)":           "[a](" + published + "#versions)",
		"[a](#here)":                          "[a](#here)",
		"[a](https://example.com/b.md)":       "[a](https://example.com/b.md)",
	} {
		if got := absoluteLinks("docs/guides/page.md", link); got != want {
			t.Errorf("%s became %s, not %s", link, got, want)
		}
	}
}

// Of two nested schemas that say the same the less deep one stays, also where only a link in them differed.
func TestNestedOnce(t *testing.T) {
	nested := func(path, body string) string {
		return `<a id="nestedatt--` + strings.ReplaceAll(path, ".", "--") + "\"></a>\n### Nested Schema for `" + path + "`\n\n" + body + "\n\n"
	}
	see := func(path string) string {
		return "- `ref` (see [below for nested schema](#nestedatt--" + strings.ReplaceAll(path, ".", "--") + "))"
	}
	page := see("a") + "\n" + see("b") + "\n\n" + nested("a", see("a.ref")) + nested("a.ref", "- `name`") + nested("b", see("b.ref")) +
		nested("b.ref", "- `name`") + nested("c.d", "- `other`") + nested("e", "- `other`") + "## Import\n"
	want := see("a") + "\n- `ref` (the arguments of [`a`](#nestedatt--a))\n\n" + nested("a", see("a.ref")) + nested("a.ref", "- `name`") +
		nested("e", "- `other`") + "## Import\n"
	if got := nestedOnce(page); got != want {
		t.Log(got)
		t.Errorf("want %s", want)
	}
}
