// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

// Package logging is what every layer needs to log: the keys of fields, the levels, and what no line may show.
//
// The layers log with log/slog. The provider installs one handler that passes their lines to Terraform; if logging is
// disabled, there is none, and a line costs a comparison. A line never has a value of type any as its field: errors,
// numbers and short texts only, so that no object gets into a log.
package logging

import (
	"context"
	"log/slog"
	"sync/atomic"
)

// LevelTrace is the level of what is too much for DEBUG: paths of drift, events of watches.
const LevelTrace = slog.Level(-8)

// The keys of fields. One thing has one key, whichever layer logs it.
const (
	KeyCluster    = "cluster"
	KeyKind       = "kind"
	KeyObject     = "object" // namespace/name, or name
	KeyVerb       = "verb"
	KeyHTTPStatus = "http_status"
	KeyDuration   = "duration_ms"
	KeyAttempt    = "attempt"
	KeyStatus     = "status"
	KeyBefore     = "status_before"
	KeyGeneration = "generation"
	KeyVersion    = "version"
	KeyCount      = "count"
	KeyPaths      = "paths"
	KeySecret     = "secret_name" // of an organization secret
	KeyProject    = "project"
	KeyOwner      = "owner"
	KeyUntil      = "until"
	KeyError      = "error"
)

// requestLogger is the logger of requests, nil where nothing is logged.
var requestLogger atomic.Pointer[slog.Logger]

var nowhere = slog.New(slog.DiscardHandler)

// Install sends the lines of all layers to one handler, and those of single requests to another one. The lines of the
// standard library's log come there too.
func Install(lines, ofRequests slog.Handler) {
	slog.SetDefault(slog.New(lines))
	requestLogger.Store(slog.New(ofRequests))
}

// Requests returns the logger of single requests.
func Requests() *slog.Logger {
	if logger := requestLogger.Load(); logger != nil {
		return logger
	}
	return nowhere
}

// Trace logs at LevelTrace.
func Trace(ctx context.Context, message string, fields ...any) {
	slog.Log(ctx, LevelTrace, message, fields...)
}

// TraceDrift logs where an object differs from what is declared. The paths are computed only if they are logged.
func TraceDrift[Path interface{ String() string }](ctx context.Context, cluster, kind, object string, drift func() []Path) {
	if !Traces(ctx) {
		return
	}
	var paths []string
	for _, path := range drift() {
		paths = append(paths, path.String())
	}
	if len(paths) > 0 {
		Trace(ctx, "Drift", KeyCluster, cluster, KeyKind, kind, KeyObject, object, KeyPaths, paths)
	}
}

// Traces reports whether the lines of Trace are logged.
func Traces(ctx context.Context) bool { return slog.Default().Enabled(ctx, LevelTrace) }
