// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package jsonvalue

import (
	"regexp"
	"strings"
)

// DisplayText makes text of an error, or from a cluster, fit to be shown: without passwords and tokens in URLs, and not endless.
// In this order: a URL that was cut has no "@" by which its password is known.
func DisplayText(text string) string { return Sanitize(withoutRequests(WithoutUserinfo(text))) }

// failedRequests are how net/url names the URL of a request that failed: in quotes, before a colon. The second is quoted once
// more, the third has no scheme, the fourth is none: what is before its colon is a user or a scheme. The text may end within the URL.
var failedRequests = []*regexp.Regexp{
	regexp.MustCompile(`((?:^|[^\\])"[A-Za-z][A-Za-z0-9+.-]*://(?:[^"\\/?#]|\\.)*)[/?#](?:[^"\\]|\\.)*(":|\\?$)`),
	regexp.MustCompile(`(\\"[A-Za-z][A-Za-z0-9+.-]*://[^"\\/?#]*)[/?#](?:[^"\\]|\\[^"])*(\\":)`),
	regexp.MustCompile(`((?:Get|Head|Post|Put|Patch|Delete|parse) "[^"\\:/?#]*(?::[0-9]+)?)[/?#](?:[^"\\]|\\.)*(":|\\?$)`),
	regexp.MustCompile(`((?:Get|Head|Post|Put|Patch|Delete) ")[^"\\:/?#]+:(?:[^/0-9"\\]|/[^/"\\])(?:[^"\\]|\\.)*(":|\\?$)`),
}

var urlQuery = regexp.MustCompile(`([A-Za-z][A-Za-z0-9+.-]*://[^\s"?]*)\?[^\s"\\]*`)

// withoutRequests leaves of the URL of a request that failed only scheme, host and port, and takes the query out of all others.
// ESO renders the URL of a webhook from Secrets, path included; and where no answer came, host and port are what matters. Of an
// answer the path says what it is about, as Vault's does: it stays. So does a fragment, which is in names of users.
func withoutRequests(text string) string {
	for _, pattern := range failedRequests {
		text = pattern.ReplaceAllString(text, "$1$2")
	}
	return urlQuery.ReplaceAllString(text, "$1")
}

var (
	quotedURL = regexp.MustCompile(`"([A-Za-z][A-Za-z0-9+.-]*://)((?:[^"\\]|\\.)*)"`)
	plainURL  = regexp.MustCompile(`([A-Za-z][A-Za-z0-9+.-]*://)([^\s"]+)`)

	// noURL are texts that quote what should have been a URL and could not be parsed, perhaps without a scheme.
	noURL = regexp.MustCompile(`(?i)((?:proxy[-_ a-z]*'?|parse):? ?")(?:[^"\\]|\\.)*@`)

	// unparsed is how client-go says that of a proxy, without quotes.
	unparsed = regexp.MustCompile(`(could not parse: ).*@`)

	// urlPart is how net/url quotes the part at fault: of a password that is not escaped, if it takes that for a port.
	urlPart = regexp.MustCompile(`(invalid (?:port|URL escape|character)) "(?:[^"\\]|\\.)*"`)
)

// WithoutUserinfo takes user and password out of all URLs in a text. A URL that is not well-formed loses
// everything before its last "@", because a password may hold any character.
func WithoutUserinfo(text string) string {
	text = replaceURLs(quotedURL, text, `"`)
	text = replaceURLs(plainURL, text, "")
	text = noURL.ReplaceAllString(text, "$1")
	text = unparsed.ReplaceAllString(text, "$1")
	return urlPart.ReplaceAllString(text, "$1")
}

func replaceURLs(pattern *regexp.Regexp, text, quote string) string {
	return pattern.ReplaceAllStringFunc(text, func(match string) string {
		parts := pattern.FindStringSubmatch(match)
		return quote + parts[1] + afterUserinfo(parts[2]) + quote
	})
}

// afterUserinfo returns what follows the scheme of a URL, without user and password.
func afterUserinfo(rest string) string {
	authority := rest
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		authority = rest[:end]
	}
	if strings.Contains(authority, "@") || !hasPlainPort(authority) {
		return rest[strings.LastIndex(rest, "@")+1:]
	}
	return rest
}

// hasPlainPort reports whether what follows the colon of an authority, if it has one, is a port and no
// password that goes on after the slash.
func hasPlainPort(authority string) bool {
	_, port, found := strings.Cut(authority, ":")
	return !found || strings.HasPrefix(authority, "[") || strings.Trim(port, "0123456789") == ""
}
