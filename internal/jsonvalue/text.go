// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package jsonvalue

import (
	"strconv"
	"strings"
	"unicode"
)

const maxText = 1024

// Sanitize makes text that comes from a cluster fit to be shown: one line, without control characters, of at most 1024
// characters; an ellipsis stands where it was cut.
func Sanitize(text string) string {
	return Shorten(text, maxText)
}

// Quote returns a text of a user in quotes, cut off if it is long.
func Quote(text string) string {
	return strconv.Quote(Shorten(text, 100))
}

// Shorten returns text on one line, without control characters, at most so many characters long.
func Shorten(text string, most int) string {
	var b strings.Builder
	count, space := 0, false
	for _, r := range text {
		switch {
		case unicode.IsSpace(r):
			space = count > 0
			continue
		// Cf holds what reorders or hides text on a terminal.
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), r == unicode.ReplacementChar:
			continue
		}
		needed := 1
		if space {
			needed = 2
		}
		if count+needed > most {
			// The last character makes room for the ellipsis if there is none left.
			kept := []rune(b.String())
			return string(kept[:min(len(kept), most-1)]) + "…"
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		b.WriteRune(r)
		count += needed
	}
	return b.String()
}
