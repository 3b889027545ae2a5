// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	_ "embed"
	"fmt"
	"strings"
)

// recorded is the output of a real run, without prompts and what repeats.
//
//go:embed session.txt
var recorded string

// session is a terminal with commands, which begin with "$ ", and what they print.
type session struct {
	title, text string
}

var apply = session{title: "An apply that fails with the cause, and one that ends in Synced", text: recorded}

const (
	characterWidth = 8
	margin         = 16
)

func (s session) svg() string {
	lines := strings.Split(strings.TrimSuffix(s.text, "\n"), "\n")
	columns := 0
	for _, line := range lines {
		columns = max(columns, len(line))
	}
	width, height := columns*characterWidth+2*margin, len(lines)*lineHeight+2*margin
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%[1]d" height="%[2]d" role="img" font-family="ui-monospace, Menlo, Consolas, monospace" font-size="13">`+"\n", width, height)
	fmt.Fprintf(&b, "<title>%s</title>\n", escaped.Replace(s.title))
	fmt.Fprintf(&b, `<rect width="%d" height="%d" rx="8" fill="#1f2328"/>`+"\n", width, height)
	for i, line := range lines {
		if line != "" {
			fmt.Fprintf(&b, `<text x="%d" y="%d" xml:space="preserve" fill="%s">%s</text>`+"\n", margin, margin+13+i*lineHeight, lineColour(line), escaped.Replace(line))
		}
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// lineColour returns the colour of a line in a terminal.
func lineColour(line string) string {
	switch {
	case strings.HasPrefix(line, "$ "):
		return "#79c0ff"
	case strings.HasPrefix(line, "Error:"):
		return "#ff7b72"
	case strings.Contains(line, `"Synced"`), strings.HasPrefix(line, "Apply complete!"):
		return "#7ee787"
	}
	return "#e6edf3"
}
