// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

func TestExternalSecretSync(t *testing.T) {
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	object := func(spec, status string, written time.Duration) map[string]any {
		return fromYAML(t, fmt.Sprintf(`
metadata:
  name: db
  namespace: team-a
  generation: 2
  creationTimestamp: "2026-01-01T00:00:00Z"
  managedFields:
  - {manager: terraform-provider-airm, time: %q}
  - {manager: external-secrets, subresource: status, time: "2026-01-01T12:00:00Z"}
spec: {%s}
status: {%s}
`, now.Add(-written).Format(time.RFC3339), spec, status))
	}
	ready := func(status, reason, message string, since time.Duration) string {
		return fmt.Sprintf(`conditions: [{type: Deleted, status: "False"}, {type: Ready, status: %q, reason: %s, message: %q, lastTransitionTime: %q}]`,
			status, reason, message, now.Add(-since).Format(time.RFC3339))
	}
	synced := func(reason, version string, age time.Duration) string {
		refreshed := fmt.Sprintf(", syncedResourceVersion: %s, refreshTime: %q", version, now.Add(-age).Format(time.RFC3339))
		return ready("True", reason, "secret synced", 5*time.Hour) + refreshed
	}
	failed := func(message string, since time.Duration) string {
		return ready("False", "SecretSyncedError", message, since)
	}
	never := time.Time{}
	for _, test := range []struct {
		name         string
		spec, status string
		written      time.Duration
		requested    time.Time
		want         airm.Status
		reason       string
		event        bool
		recheck      time.Duration
	}{
		{"new", "", "", time.Second, never, airm.Pending, "ESO has not processed the object yet.", false, 0},
		{"new for long", "", "", time.Minute, never, airm.Pending, "check that ESO runs", false, 0},
		{"synced", "", synced("SecretSynced", "2-abc", time.Minute), time.Minute, never, airm.Synced, "", false, 0},
		{"synced resource", "", synced("ResourceSynced", "2-abc", time.Minute), time.Minute, never, airm.Synced, "", false, 0},
		{"stale", "", synced("SecretSynced", "1-abc", time.Minute), time.Second, never, airm.Pending, "generation 2", false, 0},
		{"deleted", "", synced("SecretDeleted", "2-abc", time.Minute), time.Minute, never, airm.SyncedError, "SecretDeleted", false, 0},
		{"deleted before the change", "", synced("SecretDeleted", "1-abc", time.Minute),
			time.Minute, never, airm.Pending, "generation 2", false, 0},
		{"deleted object", "", synced("ResourceDeleted", "2-abc", time.Minute),
			time.Minute, never, airm.SyncedError, "ESO deleted the target object,", false, 0},
		{"missing object", "", synced("ResourceMissing", "2-abc", time.Minute),
			time.Minute, never, airm.SyncedError, "The target object to merge into does not exist", false, 0},
		{"missing", "", synced("SecretMissing", "2-abc", time.Minute), time.Minute, never, airm.SyncedError, "SecretMissing", false, 0},
		{"found nothing", "", ready("True", "SecretSynced", retained, time.Second) + ", syncedResourceVersion: 2-abc",
			time.Minute, never, airm.SyncedError, "so ESO wrote nothing: a Secret of an earlier sync keeps its old values", false, 0},
		{"late", "", synced("SecretSynced", "2-abc", 3*time.Hour), 4 * time.Hour, never, airm.Synced, "check that ESO runs", false, 0},
		{"late, but on change only", "refreshPolicy: OnChange", synced("SecretSynced", "2-abc", 3*time.Hour),
			4 * time.Hour, never, airm.Synced, "", false, 0},
		{"late, but in windows only", "syncWindows: {kind: allow, windows: [{schedule: '0 3 * * *', duration: 1h}]}", synced("SecretSynced", "2-abc", 3*time.Hour), 4 * time.Hour, never, airm.Synced, "", false, 0},
		{"created once, stale", "refreshPolicy: CreatedOnce", synced("SecretSynced", "1-abc", 3*time.Hour),
			time.Second, never, airm.Synced, "generation 1", false, 0},
		{"interval 0, stale", "refreshInterval: 0s", synced("SecretSynced", "1-abc", 3*time.Hour),
			time.Second, never, airm.Synced, "generation 1", false, 0},
		{"interval 0, deleted", "refreshInterval: 0s", synced("SecretDeleted", "1-abc", 3*time.Hour),
			time.Second, never, airm.Pending, "", false, 0},
		{"interval 0, on change", "refreshInterval: 0s, refreshPolicy: OnChange", synced("SecretSynced", "1-abc", 3*time.Hour),
			time.Second, never, airm.Pending, "", false, 0},
		{"requested", "", synced("SecretSynced", "2-abc", time.Minute), time.Second, now.Add(-time.Second), airm.Pending, "requested", false, 0},
		{"requested in this second", "", synced("SecretSynced", "2-abc", time.Second),
			time.Second, now.Add(-100 * time.Millisecond), airm.Synced, "", false, 0},
		{"requested once", "refreshPolicy: CreatedOnce", synced("SecretSynced", "2-abc", time.Minute),
			time.Second, now, airm.Synced, "no effect", false, 0},
		{"failed to fetch", "", failed(fetchFailed, time.Second), time.Minute, never, airm.SyncedError, "(SecretSyncedError)", true, 0},
		{"failed otherwise", "", failed("could not delete secret", time.Second),
			time.Minute, never, airm.SyncedError, "kubectl --namespace team-a describe externalsecret db", false, 0},
		{"write refused", "", failed(updateFailed, 10*time.Second), time.Minute, never, airm.Pending, "will try again", false, 20 * time.Second},
		{"write refused, our clock is behind", "", failed(updateFailed, -20*time.Second),
			time.Minute, never, airm.Pending, "will try again", false, 30 * time.Second},
		{"write refused, our clock is far behind", "", failed(updateFailed, -time.Hour),
			time.Minute, never, airm.SyncedError, "describe", false, 0},
		{"write refused for long", "", failed(updateFailed, 30*time.Second),
			time.Minute, never, airm.SyncedError, "kubectl --namespace team-a describe externalsecret db", false, 0},
		{"write refused, template of ours", "target: {template: {metadata: {annotations: {terraform-provider-airm/template: metadata}}, engineVersion: v2}}",
			failed(updateFailed, time.Second), time.Minute, never, airm.Pending, "will try again", false, 29 * time.Second},
		{"template fails", "target: {template: {data: {a: '{{ .b }}'}}}", failed(updateFailed, time.Second),
			time.Minute, never, airm.SyncedError, "describe", false, 0},
		{"immutable", "", failed("could not update secret, target is immutable", time.Second),
			time.Minute, never, airm.SyncedError, "target is immutable (SecretSyncedError): delete the Secret, and ESO creates it again, or set another target.name. The events", false, 0},
		{"failed in the second of the write", "", failed(fetchFailed, time.Second), time.Second, never, airm.SyncedError, "", true, 0},
		{"failed before the write", "", failed(fetchFailed, time.Minute),
			10 * time.Second, never, airm.Pending, "has not processed the last change", false, 20 * time.Second},
		{"failed before the write, grace over", "", failed(fetchFailed, 2*time.Minute), 30 * time.Second, never, airm.SyncedError, "", true, 0},
		{"our clock is behind", "", failed(fetchFailed, 0), -time.Second, never, airm.Pending, "", false, 30 * time.Second},
		{"forged write in the future", "", failed(fetchFailed, time.Minute), -time.Hour, never, airm.SyncedError, "", true, 0},
		{"new for long, forged write in the future", "", "", -time.Hour, never, airm.Pending, "check that ESO runs", false, 0},
		{"unknown", "", ready("Unknown", "X", "", time.Second), time.Minute, never, airm.SyncedError, "ESO reports Ready=Unknown (X)", false, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := ExternalSecretSync(object(test.spec, test.status, test.written), test.requested, now)
			if got.Status != test.want || got.NeedsEvent != test.event || got.Recheck != test.recheck ||
				got.NoEffect != (test.name == "requested once") {
				t.Errorf("%+v", got)
			}
			explained := got.Status != airm.Synced || test.reason != ""
			if !strings.Contains(got.Reason, test.reason) || (got.Reason != "") != explained {
				t.Errorf("%+v", got)
			}
		})
	}
	got := ExternalSecretSync(fromYAML(t, `{metadata: {deletionTimestamp: "2026-01-01T00:00:00Z", finalizers: [airm.silogen.ai/secret-finalizer, x/y]}, status: {refreshTime: "2026-01-01T00:00:00Z"}}`), time.Time{}, now)
	if got.Status != airm.Deleting || !strings.Contains(got.Reason, "AIRM's agent") ||
		!strings.Contains(got.Reason, "unknown") || got.LastSynced.IsZero() {
		t.Errorf("%+v", got)
	}
}

func TestStoreSync(t *testing.T) {
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	store := func(status, reason string, written, since time.Duration) map[string]any {
		return fromYAML(t, fmt.Sprintf(`{metadata: {creationTimestamp: %q}, status: {capabilities: ReadWrite, conditions: [{type: Ready, status: %q, reason: %s, message: m, lastTransitionTime: %q}]}}`,
			now.Add(-written).Format(time.RFC3339), status, reason, now.Add(-since).Format(time.RFC3339)))
	}
	withInterval := func(interval any) map[string]any {
		obj := store("True", "Valid", time.Minute, time.Second)
		obj["spec"] = map[string]any{"refreshInterval": interval}
		return obj
	}
	forged := func(written string) map[string]any {
		obj := store("True", "Valid", time.Hour, time.Minute)
		entry := map[string]any{"manager": "terraform-provider-airm-sync", "operation": "Apply", "time": written}
		obj["metadata"].(map[string]any)["managedFields"] = []any{entry}
		return obj
	}
	for _, test := range []struct {
		name    string
		obj     map[string]any
		want    airm.Status
		reason  string
		event   bool
		recheck time.Duration
	}{
		{"valid", store("True", "Valid", time.Minute, time.Second), airm.Synced, "", false, 0},
		{"unknown", store("True", "ValidationUnknown", time.Minute, time.Second), airm.Synced, "could not validate", true, 0},
		{"invalid", store("False", "InvalidProviderConfig", time.Minute, time.Second), airm.SyncedError, "m (InvalidProviderConfig).", true, 0},
		{"invalid, ESO until 0.19", fromYAML(t, `{status: {conditions: [{type: Ready, status: "False", reason: ValidationFailed, message: "unable to validate store: Get \"http://ali:sesame@vault/sesame?sesame\": EOF"}]}}`),
			airm.SyncedError, `unable to validate store: Get "http://vault": EOF (ValidationFailed).`, false, 0},
		{"old answer", store("True", "Valid", 2*time.Second, time.Minute), airm.Pending, "", false, 3 * time.Second},
		{"old failure", store("False", "InvalidProviderConfig", 2*time.Second, time.Minute), airm.Pending, "", false, 3 * time.Second},
		{"old, grace over", store("True", "Valid", 5*time.Second, time.Minute), airm.Synced, "", false, 0},
		{"forged write in the future", forged("2099-01-01T00:00:00Z"), airm.Synced, "", false, 0},
		{"a write within the error of a clock", forged("2026-01-01T12:00:01Z"), airm.Pending, "", false, 5 * time.Second},
		{"new", map[string]any{}, airm.Pending, "not validated", false, 0},
		{"other class", fromYAML(t, `{spec: {controller: x}}`), airm.Pending, "--controller-class=x", false, 0},
		{"deleted", fromYAML(t, `{metadata: {deletionTimestamp: x}}`), airm.Deleting, "", false, 0},
		{"interval that is none", fromYAML(t, `{spec: {refreshInterval: 1d}}`), airm.SyncedError, `spec.refreshInterval is "1d"`, false, 0},
		{"interval that is none, stale answer", withInterval("1 hour"), airm.SyncedError, `spec.refreshInterval is "1 hour"`, false, 0},
		{"interval", withInterval("1h30m"), airm.Synced, "", false, 0},
		{"interval in seconds", withInterval(int64(60)), airm.Synced, "", false, 0},
		{"interval that is none, deleted", fromYAML(t, `{metadata: {deletionTimestamp: x}, spec: {refreshInterval: 1d}}`), airm.Deleting, "", false, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := StoreSync(test.obj, now)
			if got.Status != test.want || got.NeedsEvent != test.event || got.Recheck != test.recheck || !strings.Contains(got.Reason, test.reason) {
				t.Errorf("%+v", got)
			}
		})
	}
	every := func(interval any, written time.Duration) map[string]any {
		obj := store("True", "Valid", written, time.Hour)
		obj["spec"] = map[string]any{"refreshInterval": interval}
		return obj
	}
	for name, test := range map[string]struct {
		obj  map[string]any
		want time.Duration // before now, 0: answered
	}{
		"answered":              {store("True", "Valid", time.Minute, time.Minute), 0},
		"failed":                {store("False", "InvalidProviderConfig", time.Minute, time.Hour), 0},
		"events may be dropped": {store("True", "Valid", time.Minute, time.Hour), 11 * time.Minute},
		"of ESO's interval":     {every(int64(0), time.Minute), 11 * time.Minute},
		"often":                 {every(int64(60), time.Minute), 7 * time.Minute},
		"rarely":                {every("1h", time.Minute), time.Minute},
		"written long ago":      {every("1h", 10*time.Minute), 0},
	} {
		want := time.Time{}
		if test.want > 0 {
			want = now.Add(-test.want)
		}
		if got := StoreSync(test.obj, now).UnansweredSince; !got.Equal(want) {
			t.Errorf("%s: unanswered since %s, not %s", name, got, want)
		}
	}
	if Capabilities(store("True", "Valid", 0, 0)) != "ReadWrite" || Capabilities(nil) != "" {
		t.Error("capabilities")
	}
}

func TestRequestedStoreSync(t *testing.T) {
	obj := fromYAML(t, `
metadata: {creationTimestamp: "2026-01-01T10:00:00Z", managedFields: [{time: "2026-01-01T10:00:05Z"}]}
status: {conditions: [{type: Ready, status: "True", reason: Valid, lastTransitionTime: "2026-01-01T10:00:06Z"}]}`)
	at := time.Date(2026, 1, 1, 10, 0, 0, 0, time.UTC)
	now := at.Add(time.Minute)
	for seconds, want := range map[int]airm.Status{0: airm.Synced, 5: airm.Synced, 7: airm.Pending} {
		if got := RequestedStoreSync(obj, at.Add(time.Duration(seconds)*time.Second), now).Status; got != want {
			t.Errorf("requested after %d s: %s", seconds, got)
		}
	}
	if got := RequestedStoreSync(obj, time.Time{}, now).Status; got != airm.Synced {
		t.Errorf("not requested: %s", got)
	}
	obj["metadata"].(map[string]any)["managedFields"] = []any{map[string]any{"time": "2099-01-01T00:00:00Z"}}
	if got := RequestedStoreSync(obj, at.Add(7*time.Second), now).Status; got != airm.Pending {
		t.Errorf("requested after a forged write: %s", got)
	}
}
