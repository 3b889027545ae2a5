// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"testing"

	"github.com/google/uuid"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

func TestTrackingID(t *testing.T) {
	ref := airm.Ref{Kind: airm.KindExternalSecret, Project: "team-a", Name: "db"}
	id := TrackingID("cluster-1", ref)
	if parsed, err := uuid.Parse(id); err != nil || parsed.Version() != 5 {
		t.Errorf("%q is no UUID of version 5: %v", id, err)
	}
	if TrackingID("cluster-1", ref) != id {
		t.Error("a second call gives another id")
	}
	for name, other := range map[string]string{
		"cluster": TrackingID("cluster-2", ref),
		"project": TrackingID("cluster-1", airm.Ref{Kind: airm.KindExternalSecret, Project: "team-b", Name: "db"}),
		"name":    TrackingID("cluster-1", airm.Ref{Kind: airm.KindExternalSecret, Project: "team-a", Name: "db2"}),
	} {
		if other == id {
			t.Errorf("another %s has the same id", name)
		}
	}
	if TrackingID("", ref) != "" {
		t.Error("an ID although its place is unknown")
	}
}

func TestTrack(t *testing.T) {
	const plain, templated = `{spec: {}}`, `{spec: {target: {template: {type: Opaque}}}}`
	marked := func(id, discovered string) string {
		return `metadata: {labels: {airm.silogen.ai/project-secret-id: ` + id + `}, ` +
			`annotations: {airm.silogen.ai/auto-discovered: "` + discovered + `"}}`
	}
	live := func(id, discovered, policy string) string {
		return `{` + marked(id, discovered) + `, spec: {target: {` + policy + `template: {type: Opaque, ` + marked(id, "false") + `}}}}`
	}
	for name, test := range map[string]struct {
		object, live, id string
		register         bool
		want             string
	}{
		"registered":             {plain, `{}`, "ours", true, `{` + marked("ours", "true") + `, spec: {}}`},
		"not registered":         {plain, `{}`, "ours", false, `{` + marked("ours", "false") + `, spec: {}}`},
		"turned off on create":   {plain, `{` + marked("ours", "false") + `}`, "ours", true, `{` + marked("ours", "true") + `, spec: {}}`},
		"id of AIRM's webhook":   {plain, `{` + marked("theirs", "true") + `}`, "ours", false, `{` + marked("theirs", "true") + `, spec: {}}`},
		"id of AIRM's API":       {plain, `{` + marked("theirs", "false") + `}`, "ours", true, `{` + marked("theirs", "false") + `, spec: {}}`},
		"id without annotation":  {plain, `{metadata: {labels: {airm.silogen.ai/project-secret-id: theirs}}}`, "ours", true, `{metadata: {labels: {airm.silogen.ai/project-secret-id: theirs}}, spec: {}}`},
		"template":               {templated, `{}`, "ours", true, live("ours", "true", "")},
		"template, id of AIRM's": {templated, `{` + marked("theirs", "true") + `}`, "ours", true, live("theirs", "true", "")},
		"template, Secret of another owner": {`{spec: {target: {creationPolicy: Merge, template: {type: Opaque}}}}`, `{}`, "ours", true,
			`{` + marked("ours", "true") + `, spec: {target: {creationPolicy: Merge, template: {type: Opaque}}}}`},
		"unknown place":             {templated, `{}`, "", true, templated},
		"unknown place, it has one": {plain, `{` + marked("theirs", "true") + `}`, "", true, `{` + marked("theirs", "true") + `, spec: {}}`},
	} {
		t.Run(name, func(t *testing.T) {
			object := fromYAML(t, test.object)
			Track(object, fromYAML(t, test.live), Tracking{test.id, test.register})
			same(t, object, fromYAML(t, test.want))
			same(t, WithoutReserved(jsonvalue.MapAt(object, "spec")), jsonvalue.MapAt(fromYAML(t, test.object), "spec"))
			if drift := Drift(object, fromYAML(t, test.object)); len(drift) > 0 {
				t.Errorf("what AIRM reads is taken for declared: %v", drift)
			}
		})
	}
}

// Beside AIRM an object without a template gets one, so that its Secret does not say that it is to be registered.
func TestTrackBesideAIRM(t *testing.T) {
	const live = `{metadata: {labels: {airm.silogen.ai/project-secret-id: ours, airm.silogen.ai/project-id: p}, annotations: {airm.silogen.ai/auto-discovered: "false"}}}`
	const declared = `{metadata: {labels: {team: a}, annotations: {note: b, terraform-provider-airm/home: x}}, spec: {data: []}}`
	for name, test := range map[string]struct {
		object   string
		register bool
		template bool
	}{
		"registered":                  {declared, true, true},
		"not registered":              {declared, false, false},
		"Secret that is none of ours": {`{spec: {target: {creationPolicy: None}}}`, true, false},
		"of another kind":             {`{spec: {target: {manifest: {apiVersion: v1, kind: ConfigMap}}}}`, true, false},
		"Secret as a manifest":        {`{spec: {target: {manifest: {apiVersion: v1, kind: Secret}}}}`, true, false},
		"with a template of the user": {`{spec: {target: {template: {data: {a: b}}}}}`, true, false},
	} {
		object := fromYAML(t, test.object)
		Track(object, fromYAML(t, live), Tracking{"ours", test.register})
		template := jsonvalue.MapAt(object, "spec", "target", "template")
		if got := isMade(template); got != test.template {
			t.Errorf("%s: a template was made: %t", name, got)
		}
		same(t, WithoutReserved(jsonvalue.MapAt(object, "spec")), jsonvalue.MapAt(fromYAML(t, test.object), "spec"))
		if test.template {
			same(t, template, fromYAML(t, `{metadata: {labels: {team: a, airm.silogen.ai/project-secret-id: ours}, annotations: {note: b, airm.silogen.ai/auto-discovered: "false", terraform-provider-airm/template: metadata}}}`))
			same(t, Registration(object), map[string]any{
				"metadata": map[string]any{"annotations": map[string]any{airm.AnnotationAutoDiscovered: "true"}},
				"spec":     map[string]any{"target": map[string]any{"template": template}},
			})
		}
	}
}

// A Secret of another owner keeps its own id, and who manages it, and gets no other mark of ours either.
func TestTrackSecretOfOthers(t *testing.T) {
	const marked = `{metadata: {labels: {airm.silogen.ai/project-secret-id: theirs}, annotations: {airm.silogen.ai/auto-discovered: "true"}}}`
	for labels, want := range map[string]string{
		`team: a, airm.silogen.ai/use-case: Generic, app.kubernetes.io/managed-by: terraform-provider-airm`: `team: a, airm.silogen.ai/use-case: Generic`,
		`app.kubernetes.io/managed-by: Helm`: `app.kubernetes.io/managed-by: Helm`, // as it is declared
		// There always is a label: the API server rejects an apply that removes the last one.
		`app.kubernetes.io/managed-by: terraform-provider-airm`: `terraform-provider-airm/template: metadata`,
	} {
		for _, policy := range []string{"Merge", "CreateOrMerge"} {
			for _, live := range []string{`{}`, marked} {
				object := fromYAML(t, `{metadata: {labels: {`+labels+`, terraform-provider-airm/organization-secret: x},
					annotations: {note: b, terraform-provider-airm/home: x}}, spec: {target: {creationPolicy: `+policy+`}}}`)
				Track(object, fromYAML(t, live), Tracking{"ours", true})
				same(t, jsonvalue.MapAt(object, "spec", "target", "template"), fromYAML(t, `{metadata: {labels: {`+want+`}, annotations: {note: b, terraform-provider-airm/template: metadata}}}`))
				same(t, WithoutReserved(jsonvalue.MapAt(object, "spec")), fromYAML(t, `{target: {creationPolicy: `+policy+`}}`))
			}
		}
	}
}

// ESO executes the annotations of a template. Those of an object it copies.
func TestTrackKeepsAnnotationsLiteral(t *testing.T) {
	object := fromYAML(t, `{metadata: {annotations: {a: "x {{ .password }} {{{", b: plain}}, spec: {}}`)
	withTemplate(object)
	got := jsonvalue.MapAt(object, "spec", "target", "template", "metadata", "annotations")
	if got["a"] != `x {{ "{{" }} .password }} {{ "{{" }}{` || got["b"] != "plain" {
		t.Errorf("%v", got)
	}
}

func TestIsUntracked(t *testing.T) {
	live := func(id, discovered, owner, spec string) map[string]any {
		return fromYAML(t, `{metadata: {labels: {airm.silogen.ai/project-secret-id: `+id+`}, `+
			`annotations: {airm.silogen.ai/auto-discovered: "`+discovered+`", terraform-provider-airm/owner-id: `+owner+`}}, spec: `+spec+`}`)
	}
	const template = `{target: {template: {metadata: {labels: {airm.silogen.ai/project-secret-id: x}}}}}`
	for name, test := range map[string]struct {
		live map[string]any
		want bool
	}{
		"as it shall be":            {live("ours", "true", "a", `{}`), false},
		"never registered":          {live("ours", "false", "a", `{}`), true},
		"never written by us":       {live("ours", "false", `""`, `{}`), false},
		"no webhook was here":       {live(`""`, ``, "a", `{}`), false},
		"template without the id":   {live("theirs", "true", "a", `{target: {template: {type: Opaque}}}`), true},
		"template with another id":  {live("theirs", "true", "a", template), true},
		"id of AIRM's, no template": {live("theirs", "true", "a", `{}`), false},
	} {
		t.Run(name, func(t *testing.T) {
			desired := map[string]any{"spec": jsonvalue.CopyMap(WithoutReserved(jsonvalue.MapAt(test.live, "spec")))}
			Track(desired, test.live, Tracking{"ours", true})
			if got := IsUntracked(desired, test.live); got != test.want {
				t.Errorf("%v, want %v: %v", got, test.want, trackingDrift(desired, test.live))
			}
		})
	}
}
