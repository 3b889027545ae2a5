package secrets

import "strings"

// SpecDifferences returns the paths below spec at which a live spec differs from a desired one in either direction:
// declared fields that are missing or have another value, and fields that are there and neither declared nor a default
// of ESO. It is empty where applying desired would complete nothing that somebody else prepared.
func SpecDifferences(kind string, desired, live map[string]any) []Path {
	return differences(kind, desired, live, func(Path) bool { return false })
}

// differences leaves out fields that ESO's table does not know and isDefaulted says the API server filled in.
func differences(kind string, desired, live map[string]any, isDefaulted func(Path) bool) []Path {
	found := Drift(map[string]any{"spec": desired}, map[string]any{"spec": live})
	e := excess{isDefaulted: isDefaulted}
	e.walk(specOf(kind), desired, live, Path{"spec"})
	return append(found, e.found...)
}

// excess collects what a live spec has beyond the desired one.
type excess struct {
	found       []Path
	isDefaulted func(Path) bool
}

func (e *excess) walk(f field, desired, live any, p Path) {
	declared, isObject := desired.(map[string]any)
	object, both := live.(map[string]any)
	if !isObject || !both {
		return // Drift compares scalars, and lists with their items
	}
	for _, key := range keysOf(object) {
		child, known := f.child(key)
		known = known || f.shape == textsByKey
		at := p.with(key)
		if value, set := declared[key]; set {
			e.walk(child, value, object[key], at)
			continue
		}
		if !isAbsent(child, object[key]) && (known || !e.isDefaulted(at)) {
			e.found = append(e.found, at)
		}
	}
}

// isAbsent reports whether a value says no more than an absent field: it is a default, a zero value, an empty list, or an
// object of ESO's that is always written and in which everything is so.
func isAbsent(f field, value any) bool {
	object, isObject := value.(map[string]any)
	if !isObject {
		return f.isPreset(value) || hollow(value) || zero(value)
	}
	for key, below := range object {
		child, known := f.child(key)
		if !known || !isAbsent(child, below) {
			return false
		}
	}
	return f.always
}

// undeclared collects what the item of a live list has beyond the desired one, as far as ESO's table knows the field:
// of others nobody can say whether a newer CRD filled them in.
func undeclared(found *[]Path, desired, live any, p Path) {
	for _, spec := range []field{specOf(KindExternalSecret), specOf(KindSecretStore)} {
		if f, known := spec.at(belowSpec(p)); known {
			e := excess{isDefaulted: func(Path) bool { return true }}
			e.walk(f, desired, live, p)
			*found = append(*found, e.found...)
			return
		}
	}
}

// CopyDrift returns the paths at which a copy of an organization secret differs from the desired object. A copy is owned
// as a whole: besides what Drift finds, fields of spec that are not declared, labels and annotations by which the
// organization's objects are protected and recognized, or AIRM would register them, and owner references are drift.
func CopyDrift(desired, live map[string]any) []Path {
	ours, all, whole := ownedSpec(live)
	found := differences(textAt(desired, "kind"), mapAt(desired, "spec"), mapAt(live, "spec"), func(p Path) bool {
		at := fieldKeys(p)
		return lookup(ours, at...) != nil || whole && lookup(all, at...) == nil
	})
	metadata := func(m map[string]any) map[string]any { return map[string]any{"metadata": m["metadata"]} }
	found = append(found, Drift(metadata(desired), metadata(live))...)
	for _, at := range []Path{
		{"metadata", "labels", LabelOrganizationSecret},
		{"metadata", "annotations", AnnotationOrganizationSecret},
		{"metadata", "annotations", AnnotationOrganization},
		{"metadata", "annotations", AnnotationHome},
	} {
		if textAt(desired, at.keys()...) != textAt(live, at.keys()...) {
			found = append(found, at)
		}
	}
	if len(listAt(live, "metadata", "ownerReferences")) > 0 {
		found = append(found, Path{"metadata", "ownerReferences"})
	}
	return append(found, trackingDrift(desired, live)...)
}

// ownedSpec returns the fields that our field manager owns, and those that any does, as FieldsV1. A field that nobody owns is
// a default that a newer CRD has filled in; that can be said only where nobody has emptied metadata.managedFields.
func ownedSpec(live map[string]any) (ours, all map[string]any, whole bool) {
	ours, all = map[string]any{}, map[string]any{}
	entries := listAt(live, "metadata", "managedFields")
	whole = len(entries) > 0
	for _, entry := range entries {
		if textAt(entry, "subresource") != "" {
			continue
		}
		mergeFields(all, mapAt(entry, "fieldsV1"))
		switch textAt(entry, "manager") {
		case FieldManager:
			mergeFields(ours, mapAt(entry, "fieldsV1"))
		case "before-first-apply":
			whole = false
		}
	}
	return ours, all, whole
}

func mergeFields(into, fields map[string]any) {
	for key, below := range fields {
		inner, isObject := below.(map[string]any)
		if !isObject {
			continue
		}
		mine, exists := into[key].(map[string]any)
		if !exists {
			mine = map[string]any{}
			into[key] = mine
		}
		mergeFields(mine, inner)
	}
}

func fieldKeys(p Path) []string {
	var keys []string
	for _, key := range p.keys() {
		keys = append(keys, "f:"+key)
	}
	return keys
}

// keys returns the steps of a path that leads through objects only.
func (p Path) keys() []string {
	var keys []string
	for _, step := range p {
		if key, ok := step.(string); ok {
			keys = append(keys, key)
		}
	}
	return keys
}

// retained is the message of the Ready condition where nothing was found to synchronize and no Secret was written
// (externalsecret_controller.go): ESO reports that as a success.
const retained = "secret retained due to DeletionPolicy=Retain"

func (c condition) wroteNothing() bool { return strings.HasPrefix(c.message, retained) }
