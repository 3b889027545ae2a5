// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package logging

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"unicode"
)

const (
	masked = "***"

	// shortestHidden is how long a value has to be to be masked: a shorter one is part of too many words.
	shortestHidden = 4

	// longLine is how long a line of a value has to be to be masked by itself, such as one of a PEM.
	longLine = 16

	// longestText bounds a field.
	longestText = 1000
)

// maskedKeys are parts of the keys of fields whose values are never shown. Nothing logs them; a line of a library might.
var maskedKeys = regexp.MustCompile(`(?i)authori[sz]ation|body|content|credential|kubeconfig|passw|private|secret$|token|value$|_key$|_data$|header`)

// maskedParts are what may stand in a text: the user of a URL, a token behind its scheme, and what an API server quotes.
var maskedParts = []struct {
	pattern     *regexp.Regexp
	replacement string
}{
	// All of a text, or of a quote, is a URL with any character in its password; elsewhere a space ends the URL.
	{regexp.MustCompile(`((?:^|")[A-Za-z][A-Za-z0-9+.-]*://)[^"]+@`), "${1}" + masked + "@"},
	{regexp.MustCompile(`(://)[^\s"]+@`), "${1}" + masked + "@"},
	{regexp.MustCompile(`(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]+`), "${1} " + masked},
	{regexp.MustCompile("((?:Invalid|Unsupported|Duplicate) value: )(?:\"(?:\\\\.|[^\"\\\\])*\"|`[^`]*`|(?s:[^\"`].*))"), "${1}" + masked},
	{regexp.MustCompile(`(https?://[^\s"?]+)\?[^\s"]*`), "${1}?" + masked},
}

// hidden are the values that no line may show, longest first.
var hidden struct {
	mu       sync.Mutex
	values   []string
	replacer atomic.Pointer[strings.Replacer]
}

// Hide has these values masked from now on, also in base64, quoted, or in a URL. It is the second line: the first is
// that no value is logged at all. If logging is disabled, it keeps none.
func Hide(ctx context.Context, values ...string) {
	if !slog.Default().Enabled(ctx, slog.LevelError) && !Requests().Enabled(ctx, slog.LevelDebug) {
		return
	}
	hidden.mu.Lock()
	defer hidden.mu.Unlock()
	before := len(hidden.values)
	for _, value := range values {
		for _, form := range forms(value) {
			if len(form) >= shortestHidden && !slices.Contains(hidden.values, form) {
				hidden.values = append(hidden.values, form)
			}
		}
	}
	if len(hidden.values) == before {
		return
	}
	slices.SortStableFunc(hidden.values, func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	for _, value := range hidden.values {
		pairs = append(pairs, value, masked)
	}
	hidden.replacer.Store(strings.NewReplacer(pairs...))
}

func forms(value string) []string {
	quoted := strconv.Quote(value)
	all := []string{value, strings.TrimSpace(value), quoted[1 : len(quoted)-1], url.QueryEscape(value), url.PathEscape(value)}
	if inJSON, err := json.Marshal(value); err == nil { // unlike quoted it escapes what HTML would read
		all = append(all, string(inJSON[1:len(inJSON)-1]))
	}
	for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
		all = append(all, encoding.EncodeToString([]byte(value)))
	}
	for line := range strings.Lines(value) {
		if line = strings.TrimSpace(line); len(line) >= longLine {
			all = append(all, line)
		}
	}
	return all
}

// Text returns a text as a line may show it.
func Text(text string) string {
	if replacer := hidden.replacer.Load(); replacer != nil {
		text = replacer.Replace(text)
	}
	for _, part := range maskedParts {
		text = part.pattern.ReplaceAllString(text, part.replacement)
	}
	text = strings.Map(plain, text)
	if len(text) > longestText {
		text = strings.ToValidUTF8(text[:longestText], "") + "…"
	}
	return text
}

// plain makes a space of what could end a line, or command a terminal: a text from a cluster must not pass for a line of its own.
func plain(r rune) rune {
	if unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp, unicode.Bidi_Control) {
		return ' '
	}
	return r
}

// IsMasked reports whether a field of that key is never shown.
func IsMasked(key string) bool { return maskedKeys.MatchString(key) }
