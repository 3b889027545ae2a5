// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"strings"
	"testing"
)

func TestDurations(t *testing.T) {
	for s, want := range map[string]string{"1h": "1h0m0s", "0": "0s", "0s": "0s", "90s": "1m30s", "1h0m0s": "1h0m0s"} {
		if got, err := CanonicalDuration(s); got != want || err != nil {
			t.Errorf("CanonicalDuration(%q) = %q, %v", s, got, err)
		}
	}
	for s, want := range map[string]string{
		"1d": `"24h"`, "10min": `"10m"`, "-1h": "negative", "": "empty", "soon": "not a Go duration", "60": "not a Go duration",
	} {
		if got, err := CanonicalDuration(s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("CanonicalDuration(%q) = %q, %v", s, got, err)
		}
	}
	for _, pair := range [][2]string{{"1h", "60m"}, {"x", "x"}, {"0", "0s"}} {
		if !EqualDurations(pair[0], pair[1]) {
			t.Errorf("%v differ", pair)
		}
	}
	if EqualDurations("x", "y") || EqualDurations("1h", "x") || EqualDurations("1h", "2h") {
		t.Error("different durations are equal")
	}
	if s, err := DurationSeconds("1h"); s != 3600 || err != nil {
		t.Error(s, err)
	}
	if _, err := DurationSeconds("1500ms"); err == nil {
		t.Error("a fraction of a second is taken")
	}
}
