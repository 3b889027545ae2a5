// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package acctest

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// Poll looks more and more rarely, ends with its context, and says why.
func TestPoll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		looks := 0
		err := Poll(ctx, func() (bool, string) { looks++; return false, "it is red" })
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "it is red") {
			t.Errorf("%v", err)
		}
		if looks < 40 || looks > 50 {
			t.Errorf("it looked %d times", looks)
		}
		if err := Poll(t.Context(), func() (bool, string) { looks--; return looks == 0, "" }); err != nil {
			t.Error(err)
		}
	})
}
