// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v2"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// Manifest is the content of one ExternalSecret as a user writes it in YAML. Spec is JSON-like, without nulls. UseCase is
// that of a label, empty where there is none.
type Manifest struct {
	Name                string
	UseCase             airm.UseCase
	Labels, Annotations map[string]string
	Spec                map[string]any
}

// Metadata that the API server keeps: what kubectl prints may be pasted as it is.
var serverMetadata = []string{
	"creationTimestamp", "deletionGracePeriodSeconds", "deletionTimestamp", "generation", "resourceVersion", "selfLink", "uid",
}

const lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

// ParseManifest reads YAML of exactly one ExternalSecret (apiVersion external-secrets.io/v1 or v1beta1) and says what is
// wrong with it. Where project or name are not empty, metadata must not contradict them. What a cluster, AIRM and this
// provider set is left out, except for a use case. The manifest is nil if and only if one of the problems is an error.
// What ESO thinks of the spec is for CheckExternalSecret to say, except that durations are made canonical here.
func ParseManifest(text, project, name string) (*Manifest, []jsonvalue.Problem) {
	var ps jsonvalue.Problems
	m := Manifest{Name: name}
	checkUseCase := airm.CheckUseCase
	if project != "" {
		checkUseCase = airm.CheckProjectUseCase
	}
	if root := readDocument(&ps, text); root != nil {
		m.readUseCase(&ps, root, checkUseCase)
		leaveOut(&ps, root)
		m.readRoot(&ps, root, project)
	}
	if slices.ContainsFunc(ps, func(p jsonvalue.Problem) bool { return !p.Warning }) {
		return nil, ps
	}
	return &m, ps
}

func (m *Manifest) readRoot(ps *jsonvalue.Problems, root map[string]any, project string) {
	if !checkKind(ps, root) {
		return // the fields are those of another kind
	}
	for _, key := range jsonvalue.SortedKeys(root) {
		switch key {
		case "apiVersion", "kind", "spec", "status":
		case "metadata":
			metadata, ok := root[key].(map[string]any)
			if !ok {
				wrongType(ps, jsonvalue.Path{key}, "a mapping", root[key])
				continue
			}
			m.readMetadata(ps, metadata, project)
		default:
			ps.Fail(jsonvalue.Path{key}, "Unknown field", "an ExternalSecret has no top-level field %s, only apiVersion, kind, metadata and spec. Remove the field, or move it into metadata or spec.", jsonvalue.Quote(key))
		}
	}
	m.readSpec(ps, root["spec"])
}

// checkKind reports whether the object is an ExternalSecret.
func checkKind(ps *jsonvalue.Problems, root map[string]any) bool {
	kind, version := jsonvalue.StringAt(root, "kind"), jsonvalue.StringAt(root, "apiVersion")
	if kind != airm.KindExternalSecret {
		ps.Fail(jsonvalue.Path{"kind"}, "Wrong kind", "%s, but the kind must be %s.%s", kindText(kind), airm.KindExternalSecret, kindAdvice(kind))
		return false
	}
	switch version {
	case airm.Group + "/v1", airm.Group + "/v1beta1":
	case "":
		ps.Fail(jsonvalue.Path{"apiVersion"}, "Missing field", "the manifest has no apiVersion. Set %s/v1.", airm.Group)
	default:
		ps.Fail(jsonvalue.Path{"apiVersion"}, "Wrong apiVersion", "the manifest has the apiVersion %s, but it must be %s/v1 (or v1beta1, which means the same).", jsonvalue.Quote(version), airm.Group)
	}
	return true
}

func kindText(kind string) string {
	if kind == "" {
		return "the manifest has no kind"
	}
	return "the manifest has the kind " + jsonvalue.Quote(kind)
}

// kindAdvice says what to do with what people take for an ExternalSecret.
func kindAdvice(kind string) string {
	switch {
	case kind == airm.KindSecretStore || kind == airm.KindClusterSecretStore:
		return " For a store, use airm_provider_store."
	case strings.HasSuffix(kind, "List"):
		return " Use one entry of items."
	case kind == "ClusterExternalSecret":
		return " Use its spec.externalSecretSpec as the spec of an ExternalSecret."
	}
	return ""
}

func (m *Manifest) readMetadata(ps *jsonvalue.Problems, metadata map[string]any, project string) {
	for _, key := range jsonvalue.SortedKeys(metadata) {
		at := jsonvalue.Path{"metadata", key}
		value := metadata[key]
		switch {
		case slices.Contains(serverMetadata, key):
		case key == "name":
			m.readName(ps, value, at)
		case key == "namespace":
			checkNamespace(ps, value, project, at)
		case key == "labels":
			m.Labels = readTexts(ps, value, at, airm.CheckLabel)
		case key == "annotations":
			m.Annotations = readTexts(ps, value, at, airm.CheckAnnotation)
		case key == "generateName":
			ps.Fail(at, "Generated name", "a generated name would differ on every apply. Remove generateName, and set name.")
		default:
			ps.Fail(at, "Unknown field", "metadata has no field %s. Remove it, or check its spelling.", jsonvalue.Quote(key))
		}
	}
}

func (m *Manifest) readName(ps *jsonvalue.Problems, value any, at jsonvalue.Path) {
	name, ok := value.(string)
	switch {
	case !ok:
		wrongType(ps, at, "a string", value)
	case name == "" || name == m.Name:
	case m.Name != "":
		ps.Fail(at, "Contradicting name", "the manifest has the name %s, but the resource has the name %s. Use the same name, or remove it from the manifest.", jsonvalue.Quote(name), jsonvalue.Quote(m.Name))
	default:
		if err := airm.CheckName(name); err != nil {
			ps.Fail(at, "Invalid name", "%s.", err)
			return
		}
		m.Name = name
	}
}

func checkNamespace(ps *jsonvalue.Problems, value any, project string, at jsonvalue.Path) {
	namespace, ok := value.(string)
	switch {
	case !ok:
		wrongType(ps, at, "a string", value)
	case namespace == "" || namespace == project:
	case project == "":
		ps.Warn(at, "Ignored namespace", "%s is ignored: an organization secret is created in the projects that it is assigned to. Remove the namespace.", jsonvalue.Quote(namespace))
	default:
		ps.Fail(at, "Contradicting namespace", "the manifest has the namespace %s, but the project is %s. Use the same name, or remove the namespace from the manifest.", jsonvalue.Quote(namespace), jsonvalue.Quote(project))
	}
}

// readTexts reads labels or annotations; nil if there are none.
func readTexts(ps *jsonvalue.Problems, value any, at jsonvalue.Path, check func(key, value string) error) map[string]string {
	m, ok := value.(map[string]any)
	if !ok {
		wrongType(ps, at, "a mapping of strings", value)
		return nil
	}
	texts := make(map[string]string, len(m))
	for _, key := range jsonvalue.SortedKeys(m) {
		value, isText := m[key].(string)
		switch {
		case key == lastApplied:
		case !isText:
			wrongType(ps, at.With(key), "a string", m[key])
		default:
			if err := check(key, value); err != nil {
				ps.Fail(at.With(key), "Invalid label or annotation", "%s.", err)
			}
			texts[key] = value
		}
	}
	if len(texts) == 0 {
		return nil
	}
	return texts
}

func (m *Manifest) readSpec(ps *jsonvalue.Problems, value any) {
	at := jsonvalue.Path{"spec"}
	spec, ok := value.(map[string]any)
	switch {
	case value == nil:
		ps.Fail(at, "Missing field", "the manifest has no spec, which defines what to fetch. Add it.")
		return
	case !ok:
		wrongType(ps, at, "a mapping", value)
		return
	}
	if interval, isText := spec["refreshInterval"].(string); isText {
		canonical, err := CanonicalDuration(interval)
		if err != nil {
			ps.Fail(at.With("refreshInterval"), "Invalid duration", "%s.", err)
			return
		}
		spec["refreshInterval"] = canonical
	}
	m.Spec = spec
}

// EqualManifests reports whether a and b mean the same content: order (that of data too), quoting, the spelling of durations and of a use
// case, and ignored metadata do not matter, and a name that is left out equals any. It is false when one of them is no valid manifest.
func EqualManifests(a, b string) bool {
	ma, _ := ParseManifest(a, "", "")
	mb, _ := ParseManifest(b, "", "")
	return ma != nil && mb != nil &&
		(ma.Name == mb.Name || ma.Name == "" || mb.Name == "") &&
		ma.UseCase == mb.UseCase &&
		maps.Equal(ma.Labels, mb.Labels) &&
		maps.Equal(ma.Annotations, mb.Annotations) &&
		equalValues(ma.Spec, mb.Spec)
}

// equalValues compares all of two JSON-like values. The order of spec.data does not count.
func equalValues(a, b any) bool {
	switch a := a.(type) {
	case map[string]any:
		b, ok := b.(map[string]any)
		return ok && maps.EqualFunc(a, b, equalValues)
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, inOrderOf(a, b), equalValues)
	}
	return jsonvalue.EqualScalars(a, b)
}

// FormatManifest writes m as YAML of an ExternalSecret external-secrets.io/v1 named name, without a namespace.
// ParseManifest reads the same back from it.
func FormatManifest(name string, m Manifest) string {
	metadata := map[string]any{}
	if name != "" {
		metadata["name"] = name
	}
	labels := jsonvalue.FromStrings(m.Labels)
	if m.UseCase != "" {
		labels[airm.LabelUseCase] = string(m.UseCase)
	}
	if len(labels) > 0 {
		metadata["labels"] = labels
	}
	if len(m.Annotations) > 0 {
		metadata["annotations"] = jsonvalue.FromStrings(m.Annotations)
	}
	spec := m.Spec
	if spec == nil {
		spec = map[string]any{}
	}
	var b strings.Builder
	// A JSON-like value in memory always has a form in YAML, so there is no error to expect.
	_ = yaml.NewEncoder(&b).Encode(map[string]any{
		"apiVersion": airm.Group + "/v1",
		"kind":       airm.KindExternalSecret,
		"metadata":   metadata,
		"spec":       spec,
	})
	return b.String()
}
