// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"path"
	"regexp"
	"strings"
)

// published is where Terraform's registry serves the pages of docs/ of the newest release.
const published = "https://registry.terraform.io/providers/amd-enterprise-ai/airm/latest/docs"

// relativeLink is a link to the file of another page, and to a place in it.
var relativeLink = regexp.MustCompile(`\]\(([\w./-]+)\.md(#[\w-]+)?\)`)

// absoluteLinks returns the text of a page with links to the published pages. The registries serve a page under another
// path than its file has, so a relative link leads nowhere there.
func absoluteLinks(file, text string) string {
	return relativeLink.ReplaceAllStringFunc(text, func(link string) string {
		parts := relativeLink.FindStringSubmatch(link)
		page := strings.TrimPrefix(path.Join(path.Dir(file), parts[1]), "docs")
		return "](" + published + strings.TrimSuffix(page, "/index") + parts[2] + ")"
	})
}
