// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"fmt"
	"slices"
	"strings"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// The texts of messages.

// capitalized returns a text with its first letter in upper case.
func capitalized(text string) string {
	if text == "" {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// countNoun returns a number and the noun that it counts: "1 project", "3 projects".
func countNoun(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// shownPaths is how many paths a message names.
const shownPaths = 5

// pathsText names a few paths for people. Values are not shown: they may be secret.
func pathsText(paths []jsonvalue.Path) string {
	var names []string
	for _, p := range paths {
		if name := jsonvalue.Sanitize(p.String()); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if more := len(names) - shownPaths; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:shownPaths], ", "), more)
	}
	return strings.Join(names, ", ")
}
