// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"strings"
	"testing"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

func TestVersionsOf(t *testing.T) {
	if got := VersionsOf(airm.KindSecretStore, "spec.provider.gcpsm.auth.workloadIdentityFederation.gcpServiceAccountEmail"); got != "it needs ESO 2.5 or later" {
		t.Errorf("the version of an object around the field: %q", got)
	}
	for path, want := range map[string]string{
		".spec.syncWindows":                      "it needs ESO 2.7 or later",
		"spec.syncWindows.kind":                  "it needs ESO 2.7 or later",
		"spec.data[12].remoteRef.nullBytePolicy": "it needs ESO 2.3 or later",
		"spec.target.creationPolicy":             "CreateOrMerge needs ESO 2.8 or later",
		"spec.target.name":                       "",
		"spec.typo":                              "",
		"metadata.labels":                        "",
		"":                                       "",
	} {
		if got := VersionsOf(airm.KindExternalSecret, path); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}

func TestCheckVersions(t *testing.T) {
	for name, test := range map[string]struct{ kind, spec, at, needs string }{
		"none":  {airm.KindExternalSecret, minimal, "", ""},
		"field": {airm.KindExternalSecret, `{syncWindows: {kind: allow}}`, "spec.syncWindows", "needs ESO 2.7 or later"},
		"value": {airm.KindExternalSecret, `{target: {creationPolicy: CreateOrMerge}}`,
			"spec.target.creationPolicy", "CreateOrMerge needs ESO 2.8 or later"},
		"former value": {airm.KindExternalSecret, `{target: {template: {engineVersion: v1}}}`,
			"spec.target.template.engineVersion", "v1 was removed after ESO 0.15"},
		"in a list": {airm.KindExternalSecret, `{dataFrom: [{find: {}}, {extract: {nullBytePolicy: Fail}}]}`,
			"spec.dataFrom[1].extract.nullBytePolicy", "needs ESO 2.3 or later"},
		"two": {airm.KindExternalSecret, `{refreshPolicy: Periodic, target: {manifest: {}}}`,
			"spec.refreshPolicy spec.target.manifest", "; spec.target.manifest: the field needs ESO 1.0 or later"},
		"backend":        {airm.KindClusterSecretStore, `{provider: {openBao: {server: x}}}`, "spec.provider.openBao", "needs ESO 2.7 or later"},
		"former backend": {airm.KindSecretStore, `{provider: {device42: {}}}`, "spec.provider.device42", "was removed after ESO 1.3"},
		"unknown":        {airm.KindSecretStore, `{provider: {another: {}}}`, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			var at []string
			var text string
			for _, p := range CheckVersions(test.kind, fromYAML(t, test.spec)) {
				text += p.Detail
				for _, path := range append([]jsonvalue.Path{p.Path}, p.Also...) {
					at = append(at, path.String())
				}
			}
			if got := strings.Join(at, " "); got != test.at || !strings.Contains(text, test.needs) {
				t.Errorf("%s: %s", got, text)
			}
		})
	}
}
