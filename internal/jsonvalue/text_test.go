// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package jsonvalue

import (
	"strings"
	"testing"
)

func TestSanitize(t *testing.T) {
	for text, want := range map[string]string{
		"a\n\tb":            "a b",
		"\x1b[31mred\u202e": "[31mred",
		"  x  ":             "x",
		"":                  "",
		"a\xffb":            "ab",
	} {
		if got := Sanitize(text); got != want {
			t.Errorf("Sanitize(%q) = %q, want %q", text, got, want)
		}
	}
	for _, long := range []string{strings.Repeat("é", 5000), strings.Repeat("a ", 5000), strings.Repeat("ab ", 5000)} {
		got := []rune(Sanitize(long))
		if len(got) > 1024 || len(got) < 1022 || got[len(got)-1] != '…' {
			t.Errorf("%d characters, end %q", len(got), got[len(got)-1])
		}
	}
	if exact := strings.Repeat("a", 1024); Sanitize(exact) != exact {
		t.Error("a text that fits is cut")
	}
}
