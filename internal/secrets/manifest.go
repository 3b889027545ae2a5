package secrets

import (
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v2"
)

// Manifest is the content of one ExternalSecret as a user writes it in YAML. Spec is JSON-like, without nulls. UseCase is
// that of a label, empty where there is none.
type Manifest struct {
	Name                string
	UseCase             UseCase
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
// provider set is left out, except for a use case. The manifest is nil if and only if one of the problems is an error. What ESO thinks of the spec is
// for CheckExternalSecret to say, except that durations are made canonical here.
func ParseManifest(text, project, name string) (*Manifest, []Problem) {
	var ps problems
	m := Manifest{Name: name}
	if root := readDocument(&ps, text); root != nil {
		m.readUseCase(&ps, root, project != "")
		leaveOut(&ps, root)
		m.readRoot(&ps, root, project)
	}
	if slices.ContainsFunc(ps, func(p Problem) bool { return !p.Warning }) {
		return nil, ps
	}
	return &m, ps
}

func (m *Manifest) readRoot(ps *problems, root map[string]any, project string) {
	if !checkKind(ps, root) {
		return // the fields are those of another kind
	}
	for _, key := range keysOf(root) {
		switch key {
		case "apiVersion", "kind", "spec", "status":
		case "metadata":
			metadata, ok := root[key].(map[string]any)
			if !ok {
				wrongType(ps, Path{key}, "a mapping", root[key])
				continue
			}
			m.readMetadata(ps, metadata, project)
		default:
			ps.fail(Path{key}, "Unknown field", "an ExternalSecret has no field %s beside apiVersion, kind, metadata and spec. Remove it, or move it to where it belongs.", quote(key))
		}
	}
	m.readSpec(ps, root["spec"])
}

// checkKind reports whether the object is an ExternalSecret.
func checkKind(ps *problems, root map[string]any) bool {
	kind, version := textAt(root, "kind"), textAt(root, "apiVersion")
	if kind != KindExternalSecret {
		ps.fail(Path{"kind"}, "Wrong kind", "%s, and it must be %s.%s", kindText(kind), KindExternalSecret, kindAdvice(kind))
		return false
	}
	switch version {
	case Group + "/v1", Group + "/v1beta1":
	case "":
		ps.fail(Path{"apiVersion"}, "Missing field", "the manifest has no apiVersion. Set %s/v1.", Group)
	default:
		ps.fail(Path{"apiVersion"}, "Wrong apiVersion", "the manifest has the apiVersion %s, and it must be %s/v1 (or v1beta1, which means the same).", quote(version), Group)
	}
	return true
}

func kindText(kind string) string {
	if kind == "" {
		return "the manifest has no kind"
	}
	return "the manifest is of the kind " + quote(kind)
}

// kindAdvice says what to do with what people take for an ExternalSecret.
func kindAdvice(kind string) string {
	switch {
	case kind == KindSecretStore || kind == KindClusterSecretStore:
		return " A store is an airm_provider_store."
	case strings.HasSuffix(kind, "List"):
		return " Take an entry of items: it is one object."
	case kind == "ClusterExternalSecret":
		return " Its spec.externalSecretSpec is the spec of an ExternalSecret."
	}
	return ""
}

func (m *Manifest) readMetadata(ps *problems, metadata map[string]any, project string) {
	for _, key := range keysOf(metadata) {
		at := Path{"metadata", key}
		value := metadata[key]
		switch {
		case slices.Contains(serverMetadata, key):
		case key == "name":
			m.readName(ps, value, at)
		case key == "namespace":
			checkNamespace(ps, value, project, at)
		case key == "labels":
			m.Labels = readTexts(ps, value, at, CheckLabel)
		case key == "annotations":
			m.Annotations = readTexts(ps, value, at, CheckAnnotation)
		case key == "generateName":
			ps.fail(at, "Generated name", "a generated name would be another one on every apply. Remove generateName, and set name.")
		default:
			ps.fail(at, "Unknown field", "metadata has no field %s. Remove it, or check its spelling.", quote(key))
		}
	}
}

func (m *Manifest) readName(ps *problems, value any, at Path) {
	name, ok := value.(string)
	switch {
	case !ok:
		wrongType(ps, at, "a text", value)
	case name == "" || name == m.Name:
	case m.Name != "":
		ps.fail(at, "Contradicting name", "the manifest is named %s, and the resource %s. Use the same name, or leave it out of the manifest.", quote(name), quote(m.Name))
	default:
		if err := CheckName(name); err != nil {
			ps.fail(at, "Invalid name", "%s.", err)
			return
		}
		m.Name = name
	}
}

func checkNamespace(ps *problems, value any, project string, at Path) {
	namespace, ok := value.(string)
	switch {
	case !ok:
		wrongType(ps, at, "a text", value)
	case namespace == "" || namespace == project:
	case project == "":
		ps.warn(at, "Ignored namespace", "%s is ignored: an organization secret goes to the projects that it is assigned to. Remove the namespace.", quote(namespace))
	default:
		ps.fail(at, "Contradicting namespace", "the manifest is for the namespace %s, and the project is %s. Use the same, or leave the namespace out of the manifest.", quote(namespace), quote(project))
	}
}

// readTexts reads labels or annotations; nil if there are none.
func readTexts(ps *problems, value any, at Path, check func(key, value string) error) map[string]string {
	m, ok := value.(map[string]any)
	if !ok {
		wrongType(ps, at, "a mapping of texts", value)
		return nil
	}
	texts := make(map[string]string, len(m))
	for _, key := range keysOf(m) {
		value, isText := m[key].(string)
		switch {
		case key == lastApplied:
		case !isText:
			wrongType(ps, at.with(key), "a text", m[key])
		default:
			if err := check(key, value); err != nil {
				ps.fail(at.with(key), "Invalid label or annotation", "%s.", err)
			}
			texts[key] = value
		}
	}
	if len(texts) == 0 {
		return nil
	}
	return texts
}

func (m *Manifest) readSpec(ps *problems, value any) {
	at := Path{"spec"}
	spec, ok := value.(map[string]any)
	switch {
	case value == nil:
		ps.fail(at, "Missing field", "the manifest has no spec, so it does not say what to fetch. Add it.")
		return
	case !ok:
		wrongType(ps, at, "a mapping", value)
		return
	}
	if interval, isText := spec["refreshInterval"].(string); isText {
		canonical, err := CanonicalDuration(interval)
		if err != nil {
			ps.fail(at.with("refreshInterval"), "Invalid duration", "%s.", err)
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
	return equalScalars(a, b)
}

// FormatManifest writes m as YAML of an ExternalSecret external-secrets.io/v1 named name, without a namespace.
// ParseManifest reads the same back from it.
func FormatManifest(name string, m Manifest) string {
	metadata := map[string]any{}
	if name != "" {
		metadata["name"] = name
	}
	labels := textMap(m.Labels)
	if m.UseCase != "" {
		labels[LabelUseCase] = string(m.UseCase)
	}
	if len(labels) > 0 {
		metadata["labels"] = labels
	}
	if len(m.Annotations) > 0 {
		metadata["annotations"] = textMap(m.Annotations)
	}
	spec := m.Spec
	if spec == nil {
		spec = map[string]any{}
	}
	var b strings.Builder
	// A JSON-like value in memory always has a form in YAML, so there is no error to expect.
	_ = yaml.NewEncoder(&b).Encode(map[string]any{
		"apiVersion": Group + "/v1",
		"kind":       KindExternalSecret,
		"metadata":   metadata,
		"spec":       spec,
	})
	return b.String()
}
