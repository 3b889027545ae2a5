// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package cluster

import (
	"context"
	"errors"
	"fmt"
	"testing"
)

// Every error has a text for users: its own, without what wraps it, or that of what ended the operation.
func TestErrorText(t *testing.T) {
	t.Parallel()
	refused := &Error{Summary: "Cannot read it", Detail: "It is away."}
	for want, err := range map[string]error{
		"Cannot read it. It is away.": fmt.Errorf("team-a: %w", refused),
		"SyncedError: no such key":    errors.New("SyncedError:\nno such key"),
		"Operation timed out. The operation did not finish within its timeout. Raise it with the argument timeouts.": fmt.Errorf("wait: %w", context.DeadlineExceeded),
		"The run was interrupted. Run again to continue.":                                                            context.Canceled,
	} {
		if got := ErrorText(err); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
	refused.cause = context.Canceled
	if got := MessageOf(refused); got != (Message{"Cannot read it", "It is away."}) {
		t.Errorf("%q", got)
	}
	if got := MessageOf(errors.New("no such key")); got.Summary != "" {
		t.Errorf("what has no message got the summary %q", got.Summary)
	}
}
