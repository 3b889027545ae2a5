// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package logging

import (
	"log/slog"
	"strings"
	"testing"
)

func TestLevels(t *testing.T) {
	for name, c := range map[string]struct {
		env             map[string]string
		lines, requests slog.Level
	}{
		"nothing":                   {nil, Off, Off},
		"all":                       {map[string]string{"TF_LOG": "trace"}, LevelTrace, LevelTrace},
		"JSON is everything":        {map[string]string{"TF_LOG": "JSON"}, LevelTrace, LevelTrace},
		"the provider":              {map[string]string{"TF_LOG_PROVIDER": "DEBUG"}, slog.LevelDebug, slog.LevelDebug},
		"the provider alone is off": {map[string]string{"TF_LOG": "TRACE", "TF_LOG_PROVIDER": "off"}, Off, Off},
		"core is not the provider":  {map[string]string{"TF_LOG_CORE": "TRACE"}, Off, Off},
		"requests are off":          {map[string]string{"TF_LOG": "DEBUG", "TF_LOG_PROVIDER_AIRM_REQUESTS": "OFF"}, slog.LevelDebug, Off},
		"requests only": {
			map[string]string{"TF_LOG": "TRACE", "TF_LOG_PROVIDER_AIRM": "WARN", "TF_LOG_PROVIDER_AIRM_REQUESTS": "DEBUG"},
			slog.LevelWarn, slog.LevelDebug,
		},
		"no more than Terraform has": {map[string]string{"TF_LOG": "INFO", "TF_LOG_PROVIDER_AIRM": "TRACE"}, slog.LevelInfo, slog.LevelInfo},
	} {
		lines, requests := Levels(func(variable string) string { return c.env[variable] })
		if lines != c.lines || requests != c.requests {
			t.Errorf("%s: %v and %v", name, lines, requests)
		}
	}
}

func TestText(t *testing.T) {
	Hide(t.Context(), "open sesame", "abc", "a<b>&\x01c???", `quo"ted`+"\nand-a-line-of-a-PEM-of-some-length")
	for text, want := range map[string]string{
		"cannot dial 10.0.0.1":                                   "cannot dial 10.0.0.1",
		"it is open sesame!":                                     "it is ***!",
		"in base64 b3BlbiBzZXNhbWU=":                             "in base64 ***",
		"in a URL open+sesame or open%20sesame":                  "in a URL *** or ***",
		"abc is too short":                                       "abc is too short",
		"-and-a-line-of-a-PEM-of-some-length-":                   "-***-",
		`quoted "quo\"ted\nand-a-line-of-a-PEM-of-some-length"`:  `quoted "***"`,
		"proxy http://ali:baba@proxy:8080 is unavailable":        "proxy http://***@proxy:8080 is unavailable",
		"Authorization: Bearer eyJhbGciOi.J9 denied":             "Authorization: Bearer *** denied",
		`spec: Invalid value: "se\"cret": too long`:              `spec: Invalid value: ***: too long`,
		"spec: Invalid value: `a b`: too long":                   `spec: Invalid value: ***: too long`,
		`spec: Invalid value: map[string]any{"a": "b"}: no`:      `spec: Invalid value: ***`,
		`spec: Unsupported value: "x": no`:                       `spec: Unsupported value: ***: no`,
		"proxy http://ali:b@b@proxy:8080, http://a:b/c@d":        "proxy http://***@proxy:8080, http://***@d",
		"https://ali:ba ba@b@proxy:8080":                         "https://***@proxy:8080",
		`parse "https://ali:ba ba@proxy": no, a "b@c"`:           `parse "https://***@proxy": no, a "b@c"`,
		`in JSON "a\u003cb\u003e\u0026\u0001c???"`:               `in JSON "***"`,
		"in base64 YTxiPiYBYz8_Pw== or YTxiPiYBYz8/Pw or so":     "in base64 *** or *** or so",
		"one line\n2026-01-01 [ERROR] and another\x1b[31m\u2028": "one line 2026-01-01 [ERROR] and another [31m ",
		`Get "https://a/api?fieldSelector=x%3Dy": EOF`:           `Get "https://a/api?***": EOF`,
	} {
		if got := Text(text); got != want {
			t.Errorf("%s\nbecomes\n%s\nnot\n%s", text, got, want)
		}
	}
	if got := Text(strings.Repeat("x", 3*longestText)); len(got) > longestText+4 {
		t.Errorf("a text of %d is shown", len(got))
	}
}

func TestIsMasked(t *testing.T) {
	for _, key := range []string{
		"Authorization", "token", "client_key", "password", "request.body", "stringData.value", "kubeconfig", "client_secret", "headers",
	} {
		if !IsMasked(key) {
			t.Errorf("%s is shown", key)
		}
	}
	for _, key := range []string{
		KeyCluster, KeyKind, KeyObject, KeyVerb, KeyHTTPStatus, KeyDuration, KeyAttempt, KeyStatus, KeyBefore, KeyGeneration,
		KeyVersion, KeyCount, KeyPaths, KeySecret, KeyProject, KeyOwner, KeyUntil, KeyError,
	} {
		if IsMasked(key) {
			t.Errorf("%s is masked", key)
		}
	}
}
