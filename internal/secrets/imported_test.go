package secrets

import (
	"reflect"
	"testing"

	"sigs.k8s.io/yaml"
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

func TestImported(t *testing.T) {
	got := Imported(parsed(t, liveSecret))
	want := parsed(t, `
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

func TestYieldManagedBy(t *testing.T) {
	for name, test := range map[string]struct{ desired, live, want string }{
		"ours":           {FieldManager, FieldManager, FieldManager},
		"nobody's":       {FieldManager, "", FieldManager},
		"set first":      {FieldManager, "Helm", ""},
		"the user wants": {"us", "Helm", "us"},
	} {
		t.Run(name, func(t *testing.T) {
			labelled := func(value string) map[string]any {
				return map[string]any{"metadata": map[string]any{"labels": map[string]any{LabelManagedBy: value}}}
			}
			desired := labelled(test.desired)
			YieldManagedBy(desired, labelled(test.live))
			if got := textAt(desired, "metadata", "labels", LabelManagedBy); got != test.want {
				t.Errorf("it is %q", got)
			}
		})
	}
}

func TestScope(t *testing.T) {
	const assigned = `{metadata: {namespace: team-a, name: hf, annotations: {terraform-provider-airm/organization-secret: hf, terraform-provider-airm/home: team-a/hf}}}`
	for text, want := range map[string]string{
		`{metadata: {name: db}}`: ScopeProject,
		`{metadata: {name: db, labels: {airm.silogen.ai/secret-scope: Organization}}}`: ScopeOrganization,
		assigned: ScopeOrganization,
		// a copy of it in another project is not the organization's
		`{metadata: {namespace: team-b, name: hf, annotations: {terraform-provider-airm/organization-secret: hf, terraform-provider-airm/home: team-a/hf}}}`: ScopeProject,
	} {
		if got := Scope(parsed(t, text)); got != want {
			t.Errorf("%s is of scope %s", text, got)
		}
	}
}

func parsed(t *testing.T, text string) map[string]any {
	t.Helper()
	var object map[string]any
	if err := yaml.Unmarshal([]byte(text), &object); err != nil {
		t.Fatal(err)
	}
	return object
}

// AIRM's API and its webhook spell scope and use case in their own ways.
func TestReadsWhatAIRMWrites(t *testing.T) {
	labelled := func(labels string) map[string]any {
		return parsed(t, `{kind: ExternalSecret, metadata: {namespace: team-a, name: hf, labels: {`+labels+`}}, spec: {target: {template: {metadata: {labels: {airm.silogen.com/use-case: huggingface}}}}}}`)
	}
	if got := Scope(labelled("airm.silogen.ai/secret-scope: organization")); got != ScopeOrganization {
		t.Errorf("scope organization is read as %s", got)
	}
	for labels, want := range map[string]UseCase{
		"airm.silogen.com/use-case: huggingface":                                    HuggingFace,
		"airm.silogen.ai/use-case: HUGGINGFACE":                                     HuggingFace,
		"airm.silogen.ai/use-case: HuggingFace, airm.silogen.com/use-case: generic": HuggingFace,
		"airm.silogen.ai/use-case: Mail":                                            "Mail",
		"team: a":                                                                   "",
	} {
		live := labelled(labels)
		if got := UseCaseOf(mapAt(live, "metadata", "labels")); got != want {
			t.Errorf("%s: %q", labels, got)
		}
		if got := textAt(Imported(live), "metadata", "labels", LabelUseCase); got != string(want) {
			t.Errorf("%s is imported as %q", labels, got)
		}
	}
	// After an import nothing differs, until this provider has written the object.
	ref := Ref{KindExternalSecret, "team-a", "hf"}
	live := labelled("airm.silogen.com/use-case: huggingface")
	desired := ExternalSecret(ref, Definition{UseCase: HuggingFace, Spec: WithoutReserved(mapAt(live, "spec"))}, Stamp{})
	if drift := Drift(desired, live); len(drift) > 0 {
		t.Error(drift)
	}
	if got := textAt(Declared(desired, live), "metadata", "labels", LabelUseCase); got != string(HuggingFace) {
		t.Errorf("declared as %q", got)
	}
	other := ExternalSecret(ref, Definition{UseCase: Generic, Spec: mapAt(live, "spec")}, Stamp{})
	if drift := Drift(other, live); len(drift) == 0 {
		t.Error("another use case is no drift")
	}
	inner(mapAt(live, "metadata"), "annotations")[AnnotationOwnerID] = "x"
	if drift := Drift(desired, live); len(drift) == 0 {
		t.Error("an edited label of ours is no drift")
	}
}

func TestMadeBy(t *testing.T) {
	for text, want := range map[string]string{
		`{labels: {airm.silogen.ai/project-secret-id: x}, annotations: {airm.silogen.ai/auto-discovered: "false"}}`:                                                                               MadeByAIRM,
		`{labels: {airm.silogen.ai/project-secret-id: x}, annotations: {airm.silogen.ai/auto-discovered: "true"}}`:                                                                                MadeByOther,
		`{annotations: {airm.silogen.ai/auto-discovered: "false"}}`:                                                                                                                               MadeByOther,
		`{labels: {airm.silogen.ai/project-secret-id: x}, annotations: {airm.silogen.ai/auto-discovered: "false", terraform-provider-airm/home: team-a/db, terraform-provider-airm/owner-id: o}}`: MadeByProvider,
		// a copy of an object of ours, restored in another project by a tool that copies annotations
		`{annotations: {terraform-provider-airm/home: team-b/db, terraform-provider-airm/owner-id: o}}`:                                                                                           MadeByOther,
		`{labels: {airm.silogen.ai/project-secret-id: x}, annotations: {airm.silogen.ai/auto-discovered: "false", terraform-provider-airm/home: team-b/db, terraform-provider-airm/owner-id: o}}`: MadeByOther,
	} {
		object := map[string]any{"metadata": fromYAML(t, text)}
		mapAt(object, "metadata")["namespace"], mapAt(object, "metadata")["name"] = "team-a", "db"
		if got := MadeBy(object); got != want {
			t.Errorf("%s: %s", text, got)
		}
	}
}
