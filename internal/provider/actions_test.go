// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
)

// Arguments are checked at validate and at plan, without a request; what is not known yet is no objection.
func TestActionArguments(t *testing.T) {
	r := newConfiguredRPC(t, `{"clusters":{"home":{"host":"https://127.0.0.1:1"}},"home_cluster":"home"}`)
	server := r.server.(tfprotov6.ActionServer)
	for _, test := range []struct{ action, config, validated, planned string }{
		{"airm_sync_secret", `{"project_secret_id":"team-a/db","timeout":"90s"}`, "", ""},
		{"airm_sync_secret", `{"project_secret_id":"?","timeout":"?"}`, "", ""},
		{"airm_sync_secret", `{"project_secret_id":"team-a/db@home"}`, "", ""},
		{"airm_sync_secret", `{"project_secret_id":"team-a/db@east"}`, "", `Cluster "east" is not configured`},
		{"airm_sync_secret", `{"project_secret_id":"team-a/db@"}`, "has an invalid list of clusters", "has an invalid list of clusters"},
		{"airm_sync_secret", `{"project_secret_id":"db"}`, "project/name", "project/name"},
		{"airm_sync_secret", `{"assignment_id":"db"}`, "secret/project", "secret/project"},
		{"airm_sync_secret", `{"organization_secret":"a/b"}`, "Invalid organization_secret", "Invalid organization_secret"},
		{"airm_sync_secret", `{"project_secret_id":"?","timeout":"1 fortnight"}`, "Invalid timeout", "Invalid timeout"},
		{"airm_validate_store", `{"store_id":"vault"}`, "", ""},
		{"airm_validate_store", `{"store_id":"vault@east"}`, "", `Cluster "east" is not configured`},
		{"airm_validate_store", `{"store_id":"a/b/c"}`, "Invalid store_id", "Invalid store_id"},
		{"airm_validate_store", `{"store_id":"?","timeout":"0s"}`, "Invalid timeout", "Invalid timeout"},
	} {
		config := r.configAction(test.action, test.config)
		request := &tfprotov6.ValidateActionConfigRequest{ActionType: test.action, Config: config}
		validated, err := server.ValidateActionConfig(t.Context(), request)
		r.ok(nil, err)
		planned, err := server.PlanAction(t.Context(), &tfprotov6.PlanActionRequest{ActionType: test.action, Config: config})
		r.ok(nil, err)
		for _, got := range []struct {
			diagnostics []*tfprotov6.Diagnostic
			want        string
		}{{validated.Diagnostics, test.validated}, {planned.Diagnostics, test.planned}} {
			if text := diagnosticTexts(got.diagnostics); !strings.Contains(text, got.want) || got.want == "" && text != "" {
				t.Errorf("%s %s: %q, not %q", test.action, test.config, text, got.want)
			}
		}
	}
}

// Of many that are waited for, one is named, and its reason only where it is a new one.
func TestSyncProgress(t *testing.T) {
	var messages []string
	c := cluster.New("home", cluster.Config{}, cluster.Options{})
	at := func(project string) syncTarget {
		return syncTarget{c, airm.Ref{Kind: "ExternalSecret", Project: project, Name: "db"}}
	}
	progress := func(event action.InvokeProgressEvent) { messages = append(messages, event.Message) }
	r := syncRun{total: 3, failed: []string{"x"}, progress: progress,
		waiting: map[syncTarget]eso.Sync{at("b"): {Status: airm.Pending, Reason: "No."}, at("a"): {Status: airm.Pending, Reason: "Not yet."}}}
	r.reportProgress(10 * time.Second)
	r.reportProgress(20 * time.Second)
	r.waiting[at("a")] = eso.Sync{Status: airm.SyncedError, Reason: "No key."}
	r.reportProgress(30 * time.Second)
	clear(r.waiting)
	r.reportProgress(40 * time.Second)
	of := func(waited string) string {
		return "Waiting for " + waited + `: 0 of 3 synced, 1 failed, 2 under way, among them ExternalSecret a/db in cluster "home"`
	}
	if want := []string{of("10s") + ". Pending: Not yet.", of("20s"), of("30s")}; !slices.Equal(messages, want) {
		t.Errorf("%q", messages)
	}
}
