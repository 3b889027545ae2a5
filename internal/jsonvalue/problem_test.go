// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package jsonvalue

import "testing"

func TestPathString(t *testing.T) {
	for want, p := range map[string]Path{
		"spec.data[0].remoteRef.key":                {"spec", "data", 0, "remoteRef", "key"},
		`metadata.labels["app.kubernetes.io/name"]`: {"metadata", "labels", "app.kubernetes.io/name"},
		`spec.target.template.data["tls.crt"]`:      {"spec", "target", "template", "data", "tls.crt"},
		`[""]`:                                      {""},
		"":                                          nil,
	} {
		if got := p.String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
