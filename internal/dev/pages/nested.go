// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"regexp"
	"strings"
)

var (
	nestedStart = regexp.MustCompile("(?m)^<a id=\"(nestedatt--[\\w-]+)\"></a>\n### Nested Schema for `([^`]+)`\n")
	nestedLink  = regexp.MustCompile(`\((?:see \[below for nested schema\]|the arguments of \[[^]]+\])\(#(nestedatt--[\w-]+)\)\)`)
	nextHeading = regexp.MustCompile(`(?m)^## `)
)

// section is the part of a page about one nested attribute.
type section struct {
	start, end         int
	anchor, path, body string
}

// nestedOnce returns the text of a page in which a nested schema that repeats another one is left out: links to it lead to
// the other one.
func nestedOnce(text string) string {
	for {
		kept, repeated := repetition(sections(text))
		if repeated == nil {
			return text
		}
		text = nestedLink.ReplaceAllStringFunc(text[:repeated.start]+text[repeated.end:], func(link string) string {
			if nestedLink.FindStringSubmatch(link)[1] != repeated.anchor {
				return link
			}
			return fmt.Sprintf("(the arguments of [`%s`](#%s))", kept.path, kept.anchor)
		})
	}
}

// repetition returns two sections that say the same, if there are any. The one to keep is less deep, or comes first.
func repetition(all []section) (kept, repeated *section) {
	byAnchor := map[string]string{}
	for _, s := range all {
		byAnchor[s.anchor] = s.body
	}
	byBody := map[string]*section{}
	for _, s := range all {
		body := withNested(s.body, byAnchor)
		same := byBody[body]
		switch {
		case same == nil:
			byBody[body] = &s
		case depth(s) < depth(*same):
			return &s, same
		default:
			return same, &s
		}
	}
	return nil, nil
}

func depth(s section) int { return strings.Count(s.path, ".") }

// withNested returns a section's text with the text of other sections in place of links to them.
func withNested(body string, byAnchor map[string]string) string {
	return nestedLink.ReplaceAllStringFunc(body, func(link string) string {
		return "{" + withNested(byAnchor[nestedLink.FindStringSubmatch(link)[1]], byAnchor) + "}"
	})
}

// sections returns the nested schemas of a page.
func sections(text string) []section {
	var all []section
	starts := nestedStart.FindAllStringSubmatchIndex(text, -1)
	for i, at := range starts {
		end := len(text)
		if i+1 < len(starts) {
			end = starts[i+1][0]
		}
		if heading := nextHeading.FindStringIndex(text[at[1]:end]); heading != nil {
			end = at[1] + heading[0]
		}
		all = append(all, section{at[0], end, text[at[2]:at[3]], text[at[4]:at[5]], strings.TrimSpace(text[at[1]:end])})
	}
	return all
}
