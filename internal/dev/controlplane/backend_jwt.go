// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// claims are what the backends look at in a token.
type claims struct {
	Issuer   string   `json:"iss"`
	Audience audience `json:"aud"`
	Expires  int64    `json:"exp"`
}

// audience is one string or several.
type audience []string

// UnmarshalJSON implements json.Unmarshaler.
func (a *audience) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		*a = audience{one}
		return nil
	}
	return json.Unmarshal(text, (*[]string)(a))
}

// isServiceAccountToken reports whether the token is one of a service account of our clusters, not expired and for this
// audience. The signature is not looked at: the backends start before the clusters, and know none of their keys.
func isServiceAccountToken(token string, audiences ...string) bool {
	c, ok := readClaims(token)
	if !ok || c.Issuer != serviceAccountIssuer {
		return false
	}
	for _, wanted := range audiences {
		if !slices.Contains(c.Audience, wanted) {
			return false
		}
	}
	return true
}

// readClaims returns the content of a JSON Web Token that is not expired.
func readClaims(token string) (c claims, ok bool) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return c, false
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || json.Unmarshal(text, &c) != nil {
		return c, false
	}
	return c, time.Now().Unix() < c.Expires
}
