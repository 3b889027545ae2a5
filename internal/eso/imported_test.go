// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"reflect"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

const liveSecret = `
kind: ExternalSecret
metadata:
  name: db
  namespace: team-a
  labels:
    app.kubernetes.io/managed-by: terraform-provider-airm
    airm.silogen.ai/use-case: Database
    airm.silogen.ai/project-secret-id: set-by-the-agent
    own: "1"
    foreign: "2"
  annotations:
    terraform-provider-airm/declared: refreshInterval
    own: "1"
    kubectl.kubernetes.io/last-applied-configuration: "{}"
  managedFields:
  - manager: terraform-provider-airm
    fieldsV1: {f:metadata: {f:labels: {.: {}, f:own: {}, f:app.kubernetes.io/managed-by: {}}, f:annotations: {f:own: {}}}}
  - manager: kubectl
    fieldsV1: {f:metadata: {f:labels: {f:foreign: {}}}}
spec:
  refreshInterval: 1h0m0s
  secretStoreRef: {name: vault, kind: ClusterSecretStore}
  target: {creationPolicy: Owner, deletionPolicy: Retain}
  data:
  - {secretKey: a, remoteRef: {key: x, conversionStrategy: Default, decodingStrategy: None, metadataPolicy: None}}
`

// A write that gave a secret another store leaves an empty list of entries, which says nothing.
func TestImportedLeavesOutEmptyEntries(t *testing.T) {
	live := parseObject(t, liveSecret)
	live["spec"].(map[string]any)["dataFrom"] = []any{}
	if got := Imported(live); !reflect.DeepEqual(got, Imported(parseObject(t, liveSecret))) {
		t.Errorf("%v", got["spec"])
	}
}

func TestImported(t *testing.T) {
	got := Imported(parseObject(t, liveSecret))
	want := parseObject(t, `
kind: ExternalSecret
metadata:
  name: db
  namespace: team-a
  labels:
    app.kubernetes.io/managed-by: terraform-provider-airm
    airm.silogen.ai/use-case: Database
    own: "1"
  annotations:
    terraform-provider-airm/declared: refreshInterval
    own: "1"
spec:
  refreshInterval: 1h0m0s
  secretStoreRef: {name: vault, kind: ClusterSecretStore}
  data:
  - {secretKey: a, remoteRef: {key: x}}
`)
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestKeepForeignManagedBy(t *testing.T) {
	for name, test := range map[string]struct{ desired, live, want string }{
		"ours":           {airm.ManagedByValue, airm.ManagedByValue, airm.ManagedByValue},
		"no owner":       {airm.ManagedByValue, "", airm.ManagedByValue},
		"set first":      {airm.ManagedByValue, "Helm", ""},
		"the user wants": {"us", "Helm", "us"},
	} {
		t.Run(name, func(t *testing.T) {
			labelled := func(value string) map[string]any {
				return map[string]any{"metadata": map[string]any{"labels": map[string]any{airm.LabelManagedBy: value}}}
			}
			desired := labelled(test.desired)
			KeepForeignManagedBy(desired, labelled(test.live))
			if got := jsonvalue.StringAt(desired, "metadata", "labels", airm.LabelManagedBy); got != test.want {
				t.Errorf("it is %q", got)
			}
		})
	}
}

func parseObject(t *testing.T, text string) map[string]any {
	t.Helper()
	var object map[string]any
	if err := yaml.Unmarshal([]byte(text), &object); err != nil {
		t.Fatal(err)
	}
	return object
}

// The use case is imported under our label, in whatever way AIRM's API or its webhook spelled it.
func TestImportedUseCase(t *testing.T) {
	labelled := func(labels string) map[string]any {
		return parseObject(t, `{kind: ExternalSecret, metadata: {namespace: team-a, name: hf, labels: {`+labels+`}}, spec: {target: {template: {metadata: {labels: {airm.silogen.com/use-case: huggingface}}}}}}`)
	}
	for labels, want := range map[string]airm.UseCase{
		"airm.silogen.com/use-case: huggingface":                                    airm.HuggingFace,
		"airm.silogen.ai/use-case: HUGGINGFACE":                                     airm.HuggingFace,
		"airm.silogen.ai/use-case: HuggingFace, airm.silogen.com/use-case: generic": airm.HuggingFace,
		"airm.silogen.ai/use-case: Mail":                                            "Mail",
		"team: a":                                                                   "",
	} {
		live := labelled(labels)
		if got := jsonvalue.StringAt(Imported(live), "metadata", "labels", airm.LabelUseCase); got != string(want) {
			t.Errorf("%s is imported as %q", labels, got)
		}
	}
	// After an import nothing differs, until this provider has written the object.
	ref := airm.Ref{Kind: airm.KindExternalSecret, Project: "team-a", Name: "hf"}
	live := labelled("airm.silogen.com/use-case: huggingface")
	desired := ExternalSecret(ref, airm.Definition{UseCase: airm.HuggingFace, Spec: WithoutReserved(jsonvalue.MapAt(live, "spec"))}, Stamp{})
	if drift := Drift(desired, live); len(drift) > 0 {
		t.Error(drift)
	}
	if got := jsonvalue.StringAt(DeclaredPart(desired, live), "metadata", "labels", airm.LabelUseCase); got != string(airm.HuggingFace) {
		t.Errorf("declared as %q", got)
	}
	other := ExternalSecret(ref, airm.Definition{UseCase: airm.Generic, Spec: jsonvalue.MapAt(live, "spec")}, Stamp{})
	if drift := Drift(other, live); len(drift) == 0 {
		t.Error("another use case is no drift")
	}
	jsonvalue.MakeMap(jsonvalue.MapAt(live, "metadata"), "annotations")[airm.AnnotationOwnerID] = "x"
	if drift := Drift(desired, live); len(drift) == 0 {
		t.Error("an edited label of ours is no drift")
	}
}
