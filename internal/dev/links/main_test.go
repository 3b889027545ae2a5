package main

import "testing"

func TestAbsolute(t *testing.T) {
	for link, want := range map[string]string{
		"[a](concepts.md)":                    "[a](" + published + "/guides/concepts)",
		"[a](concepts.md#statuses)":           "[a](" + published + "/guides/concepts#statuses)",
		"[a](../resources/provider_store.md)": "[a](" + published + "/resources/provider_store)",
		"[a](../index.md#versions)":           "[a](" + published + "#versions)",
		"[a](#here)":                          "[a](#here)",
		"[a](https://example.com/b.md)":       "[a](https://example.com/b.md)",
	} {
		if got := absolute("docs/guides/page.md", link); got != want {
			t.Errorf("%s became %s, not %s", link, got, want)
		}
	}
}
