// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"maps"
	"strings"
	"testing"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

// What kubectl prints of an ExternalSecret that AIRM's API made and this provider took over.
const printedOnAPlatform = `apiVersion: external-secrets.io/v1beta1
kind: ExternalSecret
metadata:
  annotations:
    airm.silogen.ai/auto-discovered: "false"
    airm.silogen.ai/submitter: oidc:jane@example.com
    force-sync: "2026-11-26T10:00:00Z"
    kubectl.kubernetes.io/last-applied-configuration: '{}'
    note: mine
    terraform-provider-airm/home: team-a/hf
  creationTimestamp: "2026-11-26T09:00:00Z"
  finalizers:
  - airm.silogen.ai/secret-finalizer
  generation: 3
  labels:
    airm.silogen.ai/project-id: 6ef0bdcc-5a5c-4b7e-8f7a-2f6f27a1c2e1
    airm.silogen.ai/project-secret-id: 0e9dbd4f-45c9-4f63-b1a1-c3c1d2f0e111
    airm.silogen.ai/secret-scope: organization
    airm.silogen.com/use-case: huggingface
    app.kubernetes.io/managed-by: terraform-provider-airm
    team: a
  managedFields: [{manager: agent}]
  name: hf
  namespace: team-a
  ownerReferences: [{apiVersion: v1, kind: ConfigMap, name: x, uid: y}]
  resourceVersion: "4711"
  uid: 8e9d2e1c-7c2e-4a2f-bd0c-000000000000
spec:
  refreshInterval: 1h0m0s
  secretStoreRef: {name: openbao-secret-store, kind: ClusterSecretStore}
  data:
  - secretKey: token
    remoteRef: {key: hf}
  target:
    template:
      metadata:
        annotations: {airm.silogen.ai/auto-discovered: "false"}
        labels: {airm.silogen.ai/project-secret-id: 0e9dbd4f-45c9-4f63-b1a1-c3c1d2f0e111, airm.silogen.ai/use-case: HuggingFace, tier: b}
status:
  refreshTime: "2026-11-26T10:00:00Z"
`

// One warning names all that is left out; the use case is taken.
func TestParseManifestOfAPlatform(t *testing.T) {
	m, ps := ParseManifest(printedOnAPlatform, "team-a", "hf")
	if m == nil || len(ps) != 1 || !ps[0].Warning {
		t.Fatal(ps)
	}
	for _, part := range []string{
		`metadata.labels["airm.silogen.ai/project-id"]`, `metadata.labels["airm.silogen.ai/project-secret-id"]`,
		`metadata.labels["airm.silogen.ai/secret-scope"]`,
		`metadata.annotations["airm.silogen.ai/auto-discovered"]`, `metadata.annotations["airm.silogen.ai/submitter"]`,
		`metadata.annotations["terraform-provider-airm/home"]`,
		"metadata.annotations.force-sync", "metadata.finalizers", "metadata.managedFields", "metadata.ownerReferences", "status",
		`spec.target.template.metadata.labels["airm.silogen.ai/project-secret-id"]`, `spec.target.template.metadata.annotations["airm.silogen.ai/auto-discovered"]`,
	} {
		if !strings.Contains(ps[0].Detail, part+",") && !strings.Contains(ps[0].Detail, part+".") {
			t.Errorf("%s is not named in: %s", part, ps[0].Detail)
		}
	}
	if strings.Contains(ps[0].Detail, "use-case") || strings.Contains(ps[0].Detail, "uid") {
		t.Error(ps[0].Detail)
	}
	labels, annotations := map[string]string{"team": "a"}, map[string]string{"note": "mine"}
	if m.UseCase != airm.HuggingFace || !maps.Equal(m.Labels, labels) || !maps.Equal(m.Annotations, annotations) {
		t.Errorf("%+v", m)
	}
	same(t, m.Spec["target"], fromYAML(t, `{template: {metadata: {labels: {tier: b}}}}`))
	if !EqualManifests(printedOnAPlatform, FormatManifest("hf", *m)) {
		t.Error("it is not equal to what is left of it")
	}
	if found := CheckExternalSecret(m.Spec); len(found) > 0 {
		t.Error(found)
	}
}

func TestParseManifestTakesUseCase(t *testing.T) {
	for name, test := range map[string]struct {
		metadata, template string
		want               airm.UseCase
	}{
		"ours":              {"labels: {airm.silogen.ai/use-case: Database}", "", airm.Database},
		"in another case":   {"labels: {airm.silogen.ai/use-case: imagepullsecret}", "", airm.ImagePullSecret},
		"of AIRM's API":     {"labels: {airm.silogen.com/use-case: huggingface}", "", airm.HuggingFace},
		"both, ours counts": {"labels: {airm.silogen.com/use-case: huggingface, airm.silogen.ai/use-case: Generic}", "", airm.Generic},
		"of the template":   {"annotations: {a: b}", "airm.silogen.ai/use-case: generic", airm.Generic},
		"none":              {"annotations: {a: b}", "a: b", ""},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(manifest, "  name: db", "  name: db\n  "+test.metadata, 1) +
				"  target: {template: {metadata: {labels: {" + test.template + "}}}}\n"
			m, ps := ParseManifest(text, "team-a", "db")
			if m == nil || len(ps) > 0 || m.UseCase != test.want || m.Labels != nil {
				t.Errorf("%+v %v", m, ps)
			}
		})
	}
}

// Empty lists and an empty status say nothing, so they are worth no warning.
func TestParseManifestWithNothingToLeaveOut(t *testing.T) {
	text := strings.Replace(manifest, "  name: db", "  name: db\n  finalizers: []\n  ownerReferences: []\n  uid: x", 1) + "status: {}\n"
	if m, ps := ParseManifest(text, "", ""); m == nil || len(ps) > 0 {
		t.Error(ps)
	}
}

func TestWithoutReserved(t *testing.T) {
	for text, want := range map[string]string{
		`{target: {template: {metadata: {labels: {airm.silogen.com/use-case: s3, airm.silogen.ai/project-secret-id: x}}}}}`:                                      `{target: {template: {}}}`,
		`{target: {template: {metadata: {labels: {airm.silogen.ai/use-case: S3, a: b}, annotations: {}}}}}`:                                                      `{target: {template: {metadata: {labels: {a: b}, annotations: {}}}}}`,
		`{target: {template: {metadata: {labels: {app.kubernetes.io/managed-by: terraform-provider-airm}}}}}`:                                                    `{target: {template: {metadata: {labels: {app.kubernetes.io/managed-by: terraform-provider-airm}}}}}`,
		`{target: {template: {engineVersion: v2, mergePolicy: Replace, metadata: {labels: {a: b}, annotations: {terraform-provider-airm/template: metadata}}}}}`: `{}`,
		// another user has put content into a template of ours
		`{target: {template: {data: {a: b}, metadata: {annotations: {terraform-provider-airm/template: metadata}}}}}`: `{target: {template: {data: {a: b}}}}`,
		`{target: {template: {metadata: {}}}}`: `{target: {template: {metadata: {}}}}`,
		`{}`:                                   `{}`,
	} {
		spec := fromYAML(t, text)
		same(t, WithoutReserved(spec), fromYAML(t, want))
		same(t, spec, fromYAML(t, text))
	}
}
