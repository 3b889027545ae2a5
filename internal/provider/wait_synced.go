// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/objects"
)

// waitResult is what became of a write, and where.
type waitResult struct {
	objects.WaitResult
	what  string // the object
	where string // the cluster's name
	ok    bool   // nothing is left to wait for
}

// waitSynced waits until the written object is synced, has failed for good, or time is up. Without wait_for_sync it only
// reads the status.
func waitSynced(ctx context.Context, wait objects.Wait, m *commonModel, what string, written *unstructured.Unstructured) waitResult {
	result := waitResult{what: what, where: wait.Cluster.Name(), WaitResult: objects.WaitResult{Object: written}}
	if !m.waits() {
		result.Sync, result.ok = wait.Status(written), true
		return result
	}
	result.WaitResult = wait.ForSync(ctx, written)
	result.ok = result.Err == nil && result.Sync.Status == airm.Synced
	return result
}

// live is the newest object known; the one that was written where nothing newer was seen.
func (s waitResult) live(written *unstructured.Unstructured) *unstructured.Unstructured {
	if s.Object == nil {
		return written
	}
	return s.Object
}

// report adds the diagnostic, with a severity, of a wait that failed; recorded says what is in the state.
func (s waitResult) report(diags *diag.Diagnostics, m *commonModel, severity diag.Severity, recorded string) {
	if s.ok {
		if s.Sync.Reason != "" && m.waits() {
			diags.AddWarning(fmt.Sprintf("%s: %s", s.what, s.Sync.Status), fmt.Sprintf("Cluster %q: %s", s.where, s.Sync.Reason))
		}
		return
	}
	summary := fmt.Sprintf("%s is not synced", s.what)
	detail := fmt.Sprintf("Cluster %q, status %s: %s", s.where, s.Sync.Status, s.Sync.Reason)
	switch {
	case s.Err != nil && !errors.Is(s.Err, context.DeadlineExceeded):
		diags.AddWarning(summary+" yet", detail+" The run was interrupted while it waited. The object is in the state; the next apply waits again.")
	case severity == diag.SeverityWarning:
		diags.AddWarning(summary, detail+s.timeUp()+" The object is in the state; the next apply waits again.")
	default:
		diags.AddError(summary, detail+s.timeUp()+"\n\n"+recorded+
			" External Secrets Operator keeps trying. Set on_sync_failure = \"warn\" to make this a warning, or wait_for_sync = false not to wait.")
	}
}

func (s waitResult) timeUp() string {
	if s.Err == nil {
		return ""
	}
	return fmt.Sprintf(" Timed out after %s; raise timeouts.", s.Waited.Round(time.Second))
}
