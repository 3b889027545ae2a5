// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package logging

import (
	"log/slog"
	"strings"
)

// Off is above every level.
const Off = slog.Level(100)

// Levels returns the level of all lines and that of requests, as the environment asks for them. Terraform shows no more
// than TF_LOG_PROVIDER (or TF_LOG) says; the others ask for less of it.
func Levels(getenv func(string) string) (lines, requests slog.Level) {
	shown := level(getenv("TF_LOG_PROVIDER"), level(getenv("TF_LOG"), Off))
	lines = max(shown, level(getenv("TF_LOG_PROVIDER_AIRM"), shown))
	return lines, max(shown, level(getenv("TF_LOG_PROVIDER_AIRM_REQUESTS"), lines))
}

// level is what Terraform takes a text for: JSON, and what it does not know, is everything.
func level(text string, unset slog.Level) slog.Level {
	switch strings.ToUpper(text) {
	case "":
		return unset
	case "OFF":
		return Off
	case "ERROR":
		return slog.LevelError
	case "WARN":
		return slog.LevelWarn
	case "INFO":
		return slog.LevelInfo
	case "DEBUG":
		return slog.LevelDebug
	}
	return LevelTrace
}
