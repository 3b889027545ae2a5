// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package airm

import (
	"maps"
	"testing"

	"github.com/google/uuid"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func externalSecret(labels, annotations map[string]string, conditions ...any) *unstructured.Unstructured {
	object := &unstructured.Unstructured{Object: map[string]any{"kind": "ExternalSecret"}}
	object.SetName("db")
	object.SetLabels(labels)
	object.SetAnnotations(annotations)
	if conditions != nil {
		_ = unstructured.SetNestedSlice(object.Object, conditions, "status", "conditions")
	}
	return object
}

func TestTracked(t *testing.T) {
	const id = "6a3c0b9c-7a2e-4b7e-9a55-2f0d7f1f9a11"
	withID := map[string]string{labelSecretID: id}
	registered, unregistered := map[string]string{annotationDiscovered: "true"}, map[string]string{annotationDiscovered: "false"}
	for name, c := range map[string]struct {
		operation     string
		labels, notes map[string]string
		old           map[string]string // labels
		wantID        string            // empty: a new one
		wantNotes     map[string]string
	}{
		"created":            {"CREATE", nil, nil, nil, "", map[string]string{annotationDiscovered: "true", annotationSubmitter: "alice"}},
		"created with an id": {"CREATE", withID, registered, nil, id, unregistered},
		"created as true":    {"CREATE", nil, registered, nil, "", registered},
		"created by another": {
			"CREATE", nil, map[string]string{annotationSubmitter: "bob"}, nil, "",
			map[string]string{annotationDiscovered: "true", annotationSubmitter: "bob"},
		},
		"updated":              {"UPDATE", withID, registered, withID, id, registered},
		"updated without":      {"UPDATE", nil, nil, withID, id, map[string]string{}},
		"updated for the once": {"UPDATE", nil, nil, nil, "", map[string]string{annotationDiscovered: "true", annotationSubmitter: "alice"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := request{Operation: c.operation, Object: externalSecret(maps.Clone(c.labels), maps.Clone(c.notes))}
			r.UserInfo.Username = "alice"
			if c.operation == "UPDATE" {
				r.OldObject = externalSecret(maps.Clone(c.old), nil)
			}
			labels, notes := trackingMetadata(r, testProjectID)
			if c.wantID == "" && uuid.Validate(labels[labelSecretID]) != nil || c.wantID != "" && labels[labelSecretID] != c.wantID {
				t.Errorf("the id is %q", labels[labelSecretID])
			}
			if labels[labelProjectID] != testProjectID || labels[labelScope] != Project || !maps.Equal(notes, c.wantNotes) {
				t.Errorf("labels %v, annotations %v", labels, notes)
			}
		})
	}
	r := request{Operation: "UPDATE", Object: externalSecret(map[string]string{labelScope: "organization", labelProjectID: "another"}, nil)}
	if labels, _ := trackingMetadata(r, testProjectID); labels[labelScope] != "organization" || labels[labelProjectID] != testProjectID {
		t.Errorf("labels %v", labels)
	}
}

func TestMessages(t *testing.T) {
	id := uuid.NewString()
	labels := map[string]string{labelSecretID: id, labelProjectID: testProjectID, labelScope: "project", labelUseCase: "huggingface"}
	notes := map[string]string{annotationDiscovered: "true", annotationSubmitter: "alice"}
	object := externalSecret(labels, notes, map[string]any{"type": "Ready", "status": "False"})
	if got, ok := discoveryOf(object); !ok || got != (discovery{id, testProjectID, "db", ExternalSecret, "HuggingFace", "alice"}) {
		t.Errorf("discovery %+v, %t", got, ok)
	}
	if got, ok := reportOf(object); !ok || got != (report{id, Project, "SyncedError"}) {
		t.Errorf("report %+v, %t", got, ok)
	}
	if _, ok := discoveryOf(externalSecret(labels, map[string]string{annotationDiscovered: "false"})); ok {
		t.Error("what is not to be discovered is")
	}
	if _, ok := reportOf(externalSecret(labels, notes)); ok {
		t.Error("an ExternalSecret without conditions has a status")
	}
	if got, _ := reportOf(externalSecret(labels, notes, map[string]any{"type": "Other", "status": "True"})); got.status != "Unknown" {
		t.Errorf("without the condition Ready: %+v", got)
	}
	byHand := maps.Clone(labels)
	byHand[labelProjectID] = "id-of-team-a"
	if _, ok := discoveryOf(externalSecret(byHand, notes)); ok {
		t.Error("a project-id that is no UUID was read")
	}
}
