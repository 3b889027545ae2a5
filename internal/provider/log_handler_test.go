// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"testing"

	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/logging"
)

// loggedLines returns the lines that were written.
func loggedLines(t *testing.T, output io.Reader) []map[string]any {
	t.Helper()
	lines, err := tflogtest.MultilineJSONDecode(output)
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// A line has plain fields only, and what is masked is masked by key and by value.
func TestLogHandler(t *testing.T) {
	logging.Hide(t.Context(), "the-token-of-a-test")
	var output bytes.Buffer
	ctx := tflogtest.RootLogger(t.Context(), &output)
	logger := slog.New(logHandler{level: slog.LevelDebug}).With("cluster", "east").WithGroup("g")
	logger.DebugContext(ctx, "said the-token-of-a-test", "count", 3, "done", true, "error", errors.New("with the-token-of-a-test"),
		"password", "x", "object", map[string]any{"data": "x"}, "names", []string{"a", "b"})
	logger.Log(ctx, logging.LevelTrace, "too much")
	lines := loggedLines(t, &output)
	if len(lines) != 1 {
		t.Fatalf("%d lines", len(lines))
	}
	for key, want := range map[string]any{
		"@message": "said ***", "@level": "debug", "cluster": "east", "g.count": 3.0, "g.done": true, "g.error": "with ***",
		"g.password": "***", "g.object": "(map[string]interface {})", "g.names": "a, b",
	} {
		if lines[0][key] != want {
			t.Errorf("%s is %v, not %v", key, lines[0][key], want)
		}
	}
}

// Requests have a subsystem of their own, which Terraform filters by.
func TestLogRequestsSubsystem(t *testing.T) {
	var output bytes.Buffer
	ctx := tflogtest.RootLogger(t.Context(), &output)
	slog.New(logHandler{level: slog.LevelDebug, subsystem: requestLog}).DebugContext(ctx, "Request")
	if lines := loggedLines(t, &output); len(lines) != 1 || lines[0]["@module"] != "provider.requests" {
		t.Errorf("%v", lines)
	}
}

// What runs beside the calls of Terraform is logged too, by the loggers of the call that configured the provider.
func TestLogInBackground(t *testing.T) {
	var output bytes.Buffer
	before := background.Load()
	t.Cleanup(func() { background.Store(before) })
	keepLoggers(tflogtest.RootLogger(t.Context(), &output))
	for _, subsystem := range []string{"", requestLog} {
		slog.New(logHandler{level: slog.LevelDebug, subsystem: subsystem}).DebugContext(context.Background(), "Watch event")
	}
	lines := loggedLines(t, &output)
	if len(lines) != 2 || lines[0]["tf_rpc"] != "background" || lines[1]["tf_rpc"] != "background" {
		t.Errorf("%v", lines)
	}
}
