// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/logging"
)

// requestLog is the subsystem of single requests. Its level is that of TF_LOG_PROVIDER_AIRM_REQUESTS.
const requestLog = "requests"

// InstallLog sends what all layers and client-go log to Terraform, as far as the environment enables it. It is for the
// provider's own process: the lines of the standard library's log go there too.
func InstallLog(getenv func(string) string) {
	lines, requests := logging.Levels(getenv)
	handler := logHandler{level: lines}
	logging.Install(handler, logHandler{level: requests, subsystem: requestLog})
	cluster.LogClient(handler)
}

// background has the loggers for what runs beside the calls of Terraform, such as a watch that several resources share.
var background atomic.Pointer[context.Context]

// keepLoggers keeps the loggers of the call that configures the provider for that.
func keepLoggers(ctx context.Context) {
	ctx = tflog.SetField(context.WithoutCancel(ctx), "tf_rpc", "background")
	ctx = tflog.SetField(ctx, "tf_req_id", "")
	background.Store(&ctx)
}

// logHandler hands lines to tflog, masked.
type logHandler struct {
	level     slog.Level
	subsystem string // none: the provider's own lines
	fields    []slog.Attr
	group     string // with a dot at its end
}

// Enabled reports whether lines of that level are logged.
func (h logHandler) Enabled(_ context.Context, level slog.Level) bool { return level >= h.level }

// WithAttrs returns a handler that adds fields to each line.
func (h logHandler) WithAttrs(fields []slog.Attr) slog.Handler {
	group := slog.Attr{Key: strings.TrimSuffix(h.group, "."), Value: slog.GroupValue(fields...)}
	h.fields = append(h.fields[:len(h.fields):len(h.fields)], group)
	return h
}

// WithGroup returns a handler that puts a name before the keys of further fields.
func (h logHandler) WithGroup(name string) slog.Handler {
	h.group += name + "."
	return h
}

// Handle writes a line by the loggers of the call that it belongs to.
func (h logHandler) Handle(ctx context.Context, record slog.Record) error {
	fields := map[string]any{}
	for _, field := range h.fields {
		addField(fields, "", field)
	}
	record.Attrs(func(field slog.Attr) bool {
		addField(fields, h.group, field)
		return true
	})
	ctx = h.loggers(ctx)
	message := logging.Text(record.Message)
	if h.subsystem != "" {
		tflog.SubsystemDebug(ctx, h.subsystem, message, fields)
		return nil
	}
	switch {
	case record.Level >= slog.LevelError:
		tflog.Error(ctx, message, fields)
	case record.Level >= slog.LevelWarn:
		tflog.Warn(ctx, message, fields)
	case record.Level >= slog.LevelInfo:
		tflog.Info(ctx, message, fields)
	case record.Level >= slog.LevelDebug:
		tflog.Debug(ctx, message, fields)
	default:
		tflog.Trace(ctx, message, fields)
	}
	return nil
}

// loggers returns a context with the loggers to use: those of the call, or the kept ones where there are none, or where
// the call has ended.
func (h logHandler) loggers(ctx context.Context) context.Context {
	if kept := background.Load(); kept != nil && !tflog.IsError(ctx) {
		ctx = *kept
	}
	if h.subsystem != "" {
		ctx = tflog.NewSubsystem(ctx, h.subsystem, tflog.WithLevelFromEnv("TF_LOG_PROVIDER_AIRM", h.subsystem), tflog.WithRootFields())
	}
	return ctx
}

// addField adds a field as text, number or boolean. Of any other value only the type is shown.
func addField(fields map[string]any, group string, field slog.Attr) {
	value := field.Value.Resolve()
	key := group + field.Key
	switch {
	case value.Kind() == slog.KindGroup:
		if field.Key != "" {
			group = key + "."
		}
		for _, inner := range value.Group() {
			addField(fields, group, inner)
		}
	case logging.IsMasked(key):
		fields[key] = "***"
	default:
		fields[key] = plainValue(value)
	}
}

func plainValue(value slog.Value) any {
	switch value.Kind() {
	case slog.KindBool, slog.KindInt64, slog.KindUint64, slog.KindFloat64:
		return value.Any()
	case slog.KindDuration, slog.KindString:
		return logging.Text(value.String())
	case slog.KindTime:
		return value.Time().UTC().Format(time.RFC3339)
	}
	switch typed := value.Any().(type) {
	case error:
		return logging.Text(typed.Error())
	case []string:
		return logging.Text(strings.Join(typed, ", "))
	case nil:
		return ""
	default:
		return fmt.Sprintf("(%T)", typed)
	}
}
