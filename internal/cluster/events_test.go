// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package cluster

import (
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

// The newest event that is a cause counts, unless it is from the future; no password of a URL in it is shown.
func TestNewestCause(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	const fetch = "error processing spec.data[0] (key: nope), err: Secret does not exist"
	type event struct {
		message string
		ago     time.Duration
	}
	for name, test := range map[string]struct {
		events []event
		want   string
	}{
		"none":            {nil, ""},
		"one":             {[]event{{fetch, time.Minute}}, fetch},
		"ESO's clock":     {[]event{{fetch, -5 * time.Second}}, fetch},
		"no cause":        {[]event{{fetch, time.Minute}, {"could not apply template: hunter2", 0}}, fetch},
		"from the future": {[]event{{fetch, time.Minute}, {fetch + " (forged)", -300 * 24 * time.Hour}}, fetch},
		"the newest":      {[]event{{fetch + " now", time.Second}, {fetch, time.Minute}}, fetch + " now"},
		"a password": {[]event{{`error processing spec.data[0] (key: k), err: invalid proxy address "http://a:hunter2@p"`, 0}},
			`error processing spec.data[0] (key: k), err: invalid proxy address "http://p"`},
	} {
		object := &unstructured.Unstructured{Object: map[string]any{"kind": airm.KindExternalSecret}}
		var all []unstructured.Unstructured
		for _, e := range test.events {
			all = append(all, unstructured.Unstructured{Object: map[string]any{
				"reason": "UpdateFailed", "reportingComponent": "external-secrets", "message": e.message,
				"lastTimestamp": now.Add(-e.ago).Format(time.RFC3339),
			}})
		}
		if got := newestCause(object, all, now); got != test.want {
			t.Errorf("%s: %q, not %q", name, got, test.want)
		}
	}
}
