// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package cluster

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"regexp"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/rest"
	"k8s.io/klog/v2"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/logging"
)

// LogClient sends the log of client-go, and of all that uses klog, to the provider's handler.
func LogClient(handler slog.Handler) { klog.SetSlogLogger(slog.New(clientLog{handler})) }

// clientLog logs what client-go logs up to its level 4, as TRACE unless it is of level 0. Above that client-go prints headers and
// bodies, so no setting enables those levels.
type clientLog struct{ slog.Handler }

func (h clientLog) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelDebug && h.Handler.Enabled(ctx, clientLevel(level))
}

func clientLevel(level slog.Level) slog.Level {
	if level < slog.LevelInfo {
		return logging.LevelTrace
	}
	return level
}

func (h clientLog) Handle(ctx context.Context, record slog.Record) error {
	reduced := slog.NewRecord(record.Time, clientLevel(record.Level), "client-go: "+clientText(record.Message), record.PC)
	record.Attrs(func(field slog.Attr) bool {
		reduced.AddAttrs(reduceField(field))
		return true
	})
	return h.Handler.Handle(ctx, reduced)
}

func (h clientLog) WithAttrs(fields []slog.Attr) slog.Handler {
	reduced := make([]slog.Attr, 0, len(fields))
	for _, field := range fields {
		reduced = append(reduced, reduceField(field))
	}
	return clientLog{h.Handler.WithAttrs(reduced)}
}

func (h clientLog) WithGroup(name string) slog.Handler { return clientLog{h.Handler.WithGroup(name)} }

func reduceField(field slog.Attr) slog.Attr {
	if err, isError := field.Value.Any().(error); isError {
		field.Value = slog.StringValue(logText(err))
	}
	return field
}

// secretVariable matches the names of a credential plugin's variables whose values are masked.
var secretVariable = regexp.MustCompile(`(?i)auth|cred|key|pass|private|pwd|secret|token`)

// hideCredentials masks the credentials of a connection in the log.
func hideCredentials(ctx context.Context, config *rest.Config) {
	logging.Hide(ctx, config.BearerToken, config.Password, string(config.KeyData))
	if plugin := config.ExecProvider; plugin != nil {
		for _, variable := range plugin.Env {
			if secretVariable.MatchString(variable.Name) {
				logging.Hide(ctx, variable.Value)
			}
		}
	}
}

// hideValues masks the values of a Secret's data in the log.
func hideValues(ctx context.Context, data map[string]any) {
	for _, encoded := range data {
		text, _ := encoded.(string)
		if value, err := base64.StdEncoding.DecodeString(text); err == nil {
			logging.Hide(ctx, string(value))
		}
	}
}

// logText returns the text of an error for the log. Of an API server's answer that is code and reason: its message may quote what
// was sent.
func logText(err error) string {
	var status apierrors.APIStatus
	if errors.As(err, &status) {
		return fmt.Sprintf("%d %s", status.Status().Code, status.Status().Reason)
	}
	return clientText(err.Error())
}

// clientText returns a text of client-go without the credentials that may be in it.
func clientText(text string) string { return jsonvalue.WithoutUserinfo(withoutPluginOutput(text)) }
