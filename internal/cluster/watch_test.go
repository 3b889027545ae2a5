// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package cluster

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

// The list of a watch ends like every other request.
func TestListOfWatchTimesOut(t *testing.T) {
	t.Parallel()
	left := make(chan time.Duration, 10)
	c := New("far", Config{Host: "http://far"}, testOptions())
	c.options.Wrap = func(http.RoundTripper) http.RoundTripper {
		return roundTrip(func(r *http.Request) (*http.Response, error) {
			switch {
			case strings.HasSuffix(r.URL.Path, "/"+airm.Group):
				return newResponse(http.StatusOK, `{"kind":"APIGroup","versions":[{"version":"v1"}]}`, "Content-Type", "application/json"), nil
			case r.URL.Query().Get("watch") != "":
				return fails(r) // no streaming: it lists
			}
			if deadline, limited := r.Context().Deadline(); limited {
				left <- time.Until(deadline)
			} else {
				left <- 0
			}
			return fails(r)
		})
	}
	watch, err := c.Watch(soon(t), airm.Ref{Kind: airm.KindExternalSecret, Project: "a", Name: "db"})
	if err != nil {
		t.Fatal(err)
	}
	defer watch.Stop()
	select {
	case limit := <-left:
		if limit <= 0 || limit > requestTimeout {
			t.Errorf("the list may take %s", limit)
		}
	case <-soon(t).Done():
		t.Error("nothing is listed")
	}
}
