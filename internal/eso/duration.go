// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"fmt"
	"regexp"
	"time"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

var longUnits = regexp.MustCompile(`^[0-9.]+ ?(d|w|day|days|week|weeks|min|mins|sec|secs|hour|hours)$`)

// CanonicalDuration returns s, a Go duration, in Go's own spelling: "1h" becomes "1h0m0s", "0" becomes "0s". ESO stores it
// this way, and a duration that is sent so is not rewritten by it. A negative duration, and what is none, is an error.
func CanonicalDuration(s string) (string, error) {
	d, err := parseDuration(s)
	if err != nil {
		return "", err
	}
	return d.String(), nil
}

// EqualDurations reports whether a and b are the same duration, in whatever spelling. What is no duration equals only the
// same text.
func EqualDurations(a, b string) bool {
	if a == b {
		return true
	}
	da, errA := time.ParseDuration(a)
	db, errB := time.ParseDuration(b)
	return errA == nil && errB == nil && da == db
}

// DurationSeconds returns the whole seconds of s: the refreshInterval of a store is an integer of seconds. A duration with
// a fraction of a second is an error, as is what CanonicalDuration refuses.
func DurationSeconds(s string) (int64, error) {
	d, err := parseDuration(s)
	if err != nil {
		return 0, err
	}
	if d%time.Second != 0 {
		return 0, fmt.Errorf("%s is not a whole number of seconds: ESO counts this interval in seconds. Write for example %s", jsonvalue.Quote(s), jsonvalue.Quote(d.Round(time.Second).String()))
	}
	return int64(d / time.Second), nil
}

func parseDuration(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	switch {
	case err == nil && d < 0:
		return 0, fmt.Errorf("%s is negative: write a duration of zero or more, such as \"1h\" or \"30m\"", jsonvalue.Quote(s))
	case err == nil:
		return d, nil
	case longUnits.MatchString(s):
		return 0, fmt.Errorf("%s is not a Go duration: its units are h, m, s, ms, us and ns, so a day is \"24h\" and ten minutes are \"10m\". A cluster may accept the text, but ESO then fails for all objects of this kind", jsonvalue.Quote(s))
	case s == "":
		return 0, fmt.Errorf("the duration is empty: write a Go duration such as \"1h\", \"30m\" or \"90s\", or leave the field out")
	}
	return 0, fmt.Errorf("%s is not a Go duration: write numbers with the units h, m, s, ms, us or ns, such as \"1h\", \"1h30m\" or \"90s\"", jsonvalue.Quote(s))
}
