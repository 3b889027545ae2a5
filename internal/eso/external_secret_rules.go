// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"fmt"
	"slices"
	"strings"
	"text/template/parse"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// CheckExternalSecret finds what is wrong with spec of an ExternalSecret, whether it comes from typed arguments or from a
// manifest: what the CRD and ESO's admission webhook would refuse (externalsecret_validator.go; a cluster often runs
// without the webhook), and what ESO would take and then fail on. Fields and values that only later versions of ESO know
// are warnings: the cluster decides. Paths start with "spec".
func CheckExternalSecret(spec map[string]any) []jsonvalue.Problem {
	var ps jsonvalue.Problems
	root := jsonvalue.Path{"spec"}
	checkField(&ps, specOf(airm.KindExternalSecret), spec, root)
	checkSources(&ps, spec, root)
	checkStores(&ps, spec, root)
	checkPolicies(&ps, spec, root)
	checkSecretKeys(&ps, spec, root)
	checkManifest(&ps, spec, root)
	checkTemplate(&ps, spec, root)
	return ps
}

// checkField checks v and all below it against the description of the field.
func checkField(ps *jsonvalue.Problems, f schemaField, v any, p jsonvalue.Path) {
	fits := true
	switch f.shape {
	case objectType:
		var m map[string]any
		if m, fits = v.(map[string]any); fits {
			checkObject(ps, f, m, p)
		}
	case listType:
		var items []any
		items, fits = v.([]any)
		for i, item := range items {
			checkField(ps, *f.item, item, p.With(i))
		}
	case stringMapType:
		var m map[string]any
		m, fits = v.(map[string]any)
		for _, key := range jsonvalue.SortedKeys(m) {
			checkField(ps, schemaField{shape: stringType, rule: rule{validate: f.validate}}, m[key], p.With(key))
		}
	case booleanType:
		_, fits = v.(bool)
	case numberType:
		_, fits = jsonvalue.Integer(v)
	case stringType:
		var s string
		if s, fits = v.(string); fits {
			checkText(ps, f, s, p)
		}
	}
	if !fits {
		wrongType(ps, p, typeNames[f.shape], v)
	}
}

// typeNames are the types of fields as messages name them.
var typeNames = map[fieldType]string{
	objectType:    "a mapping",
	listType:      "a list",
	stringMapType: "a mapping of strings",
	booleanType:   "true or false",
	numberType:    "a whole number",
	stringType:    "a string",
}

func checkObject(ps *jsonvalue.Problems, f schemaField, m map[string]any, p jsonvalue.Path) {
	set := 0
	for _, key := range jsonvalue.SortedKeys(m) {
		at := p.With(key)
		child, known := f.child(key)
		switch {
		case !known:
			unknownField(ps, at)
		case m[key] == nil:
			// null is how YAML and JSON leave a field out.
		default:
			set++
			checkField(ps, child, m[key], at)
		}
	}
	for _, key := range jsonvalue.SortedKeys(f.fields) {
		if !f.fields[key].isRequired() {
			continue
		}
		value := m[key]
		if s, isText := value.(string); value == nil || isText && s == "" && !f.fields[key].mayBeEmpty {
			ps.Fail(p.With(key), "Missing field", "this field is required and must not be empty; set it.")
		}
	}
	if f.exactlyOne && set != 1 && set == len(m) {
		names := strings.Join(jsonvalue.SortedKeys(f.fields), ", ")
		ps.Fail(p, "Exactly one field expected", "%d of the fields %s are set, but ESO accepts exactly one of them. Keep one, and add a separate list item for each of the others.", set, names)
	}
}

func unknownField(ps *jsonvalue.Problems, at jsonvalue.Path) {
	ps.Warn(at, "Unknown field", "%s is not a field that this version of the provider knows. It is sent unchanged, and the cluster may reject it: check the spelling, and the version of ESO.", jsonvalue.Quote(fmt.Sprint(at[len(at)-1])))
}

func checkText(ps *jsonvalue.Problems, f schemaField, s string, p jsonvalue.Path) {
	switch {
	case s == "" && f.Required != nil && !f.mayBeEmpty:
		// Reported with the object.
	case len(f.Values) > 0 && !f.takes(s) && !f.crossChecked:
		checkValue(ps, f, s, p)
	case f.validate != nil:
		if problem := f.validate(s); problem != "" {
			ps.Fail(p, "Invalid value", "%s.", problem)
		}
	}
}

// checkValue reports a value that ESO does not accept. Where ESO has added some from version to version,
// a newer one may have more.
func checkValue(ps *jsonvalue.Problems, f schemaField, s string, p jsonvalue.Path) {
	var allowed []string
	grows := f.Open
	for _, value := range f.Values {
		allowed = append(allowed, value.Text)
		grows = grows || value.Since != ""
		if strings.EqualFold(value.Text, s) {
			ps.Fail(p, "Invalid value", "%s is not a value that ESO accepts here: write %s.", jsonvalue.Quote(s), value.Text)
			return
		}
	}
	if grows {
		ps.Warn(p, "Value of a newer ESO", "%s is not among the values that this version of the provider knows (%s). It is sent unchanged, and rejected by a cluster whose ESO does not know it.", jsonvalue.Quote(s), strings.Join(allowed, ", "))
		return
	}
	ps.Fail(p, "Invalid value", "%s is not one of the values that ESO accepts here. Use one of %s.", jsonvalue.Quote(s), strings.Join(allowed, ", "))
}

// takes reports whether a text is one of the values that some version of ESO takes.
func (f schemaField) takes(s string) bool {
	return slices.ContainsFunc(f.Values, func(v Value) bool { return v.Text == s })
}

func wrongType(ps *jsonvalue.Problems, p jsonvalue.Path, want string, v any) {
	hint := ""
	switch v.(type) {
	case bool:
		hint = " Put it in quotes: YAML reads y, n, yes, no, on and off as booleans."
	case int64, float64:
		hint = " Put it in quotes."
	}
	if want != "a string" {
		hint = ""
	}
	ps.Fail(p, "Wrong type", "this must be %s, but it is %s.%s", want, jsonvalue.TypeName(v), hint)
}

// checkSources checks that there is something to fetch, and that every entry has exactly one source.
func checkSources(ps *jsonvalue.Problems, spec map[string]any, p jsonvalue.Path) {
	if jsonvalue.IsEmpty(spec["data"]) && jsonvalue.IsEmpty(spec["dataFrom"]) && !holdsNewer(airm.KindExternalSecret, spec, p) {
		ps.Fail(p.With("data"), "Nothing to fetch", "neither data nor dataFrom has an entry, so there is no value to put into the Secret. Add at least one entry to either.").
			Also = []jsonvalue.Path{p.With("dataFrom")}
	}
	for i, entry := range jsonvalue.ListAt(spec, "dataFrom") {
		at := p.With("dataFrom", i)
		generator := jsonvalue.At(entry, "sourceRef", "generatorRef") != nil
		ways := 0
		for _, way := range []bool{jsonvalue.At(entry, "extract") != nil, jsonvalue.At(entry, "find") != nil, generator} {
			if way {
				ways++
			}
		}
		if ways > 1 || ways == 0 && !readsNewer(entry, at) {
			ps.Fail(at, "Exactly one source expected", "%d of extract, find and sourceRef.generatorRef are set, but ESO accepts exactly one of them in an entry of dataFrom. Keep one, and add a separate entry for each of the others.", ways).
				Also = []jsonvalue.Path{at.With("extract"), at.With("find"), at.With("sourceRef", "generatorRef")}
		}
		for j, rewrite := range jsonvalue.ListAt(entry, "rewrite") {
			if jsonvalue.StringAt(rewrite, "merge", "strategy") == "JSON" && jsonvalue.StringAt(rewrite, "merge", "into") == "" {
				ps.Fail(at.With("rewrite", j, "merge", "into"), "Missing field", "the strategy JSON puts all values under one key, but the field into, which names this key, is empty, so the sync would fail. Set into.")
			}
		}
	}
	for i, entry := range jsonvalue.ListAt(spec, "data") {
		if jsonvalue.At(entry, "sourceRef", "generatorRef") != nil {
			ps.Warn(p.With("data", i, "sourceRef", "generatorRef"), "Generator in data", "ESO accepts a generator in an entry of data, but does not run it, so the sync would fail. Use an entry of dataFrom with this generator instead.")
		}
	}
}

// readsNewer reports whether an entry may have a source that the table does not know.
func readsNewer(entry any, at jsonvalue.Path) bool {
	return holdsNewer(airm.KindExternalSecret, jsonvalue.MapAt(entry), at) ||
		holdsNewer(airm.KindExternalSecret, jsonvalue.MapAt(entry, "sourceRef"), at.With("sourceRef"))
}

// checkStores checks that every entry that reads from a store names one.
func checkStores(ps *jsonvalue.Problems, spec map[string]any, p jsonvalue.Path) {
	if jsonvalue.StringAt(spec, "secretStoreRef", "name") == "" {
		var without []jsonvalue.Path
		for _, field := range []string{"data", "dataFrom"} {
			for i, entry := range jsonvalue.ListAt(spec, field) {
				source := jsonvalue.MapAt(entry, "sourceRef")
				if jsonvalue.IsEmpty(source["storeRef"]) && source["generatorRef"] == nil && !readsNewer(entry, p.With(field, i)) {
					without = append(without, p.With(field, i))
				}
			}
		}
		if len(without) > 0 {
			ps.Fail(p.With("secretStoreRef", "name"), "No store", "no store is set, and %s has none of its own, so ESO cannot fetch it. Set a SecretStore or ClusterSecretStore here, or in sourceRef.storeRef of every entry.", without[0]).
				Also = without
		}
	}
	for _, field := range []string{"data", "dataFrom"} {
		for i, entry := range jsonvalue.ListAt(spec, field) {
			if ref := jsonvalue.MapAt(entry, "sourceRef", "storeRef"); len(ref) > 0 && jsonvalue.StringAt(ref, "name") == "" {
				ps.Fail(p.With(field, i, "sourceRef", "storeRef", "name"), "No store", "the store of this entry has no name. Set the name of a SecretStore or ClusterSecretStore, or remove the reference to use secretStoreRef.")
			}
		}
	}
}

// checkPolicies checks that the deletionPolicy fits the creationPolicy, which says who owns the Secret.
func checkPolicies(ps *jsonvalue.Problems, spec map[string]any, p jsonvalue.Path) {
	creation, deletion := creationPolicy(spec), deletionPolicy(spec)
	at := p.With("target", "deletionPolicy")
	also := []jsonvalue.Path{p.With("target", "creationPolicy")}
	switch {
	case deletion == "Delete" && creation == "Orphan": // ESO's webhook lets it pass
		ps.Warn(at, "Contradictory policies", "Delete needs the creationPolicy Owner, but it is Orphan: ESO deletes only a Secret that it owns. If the values are deleted from the backend, the Secret stays, and the status is an error. Use Owner, or another deletionPolicy.").Also = also
	case deletion == "Delete" && creation != "Owner" && accepted("creationPolicy", creation):
		ps.Fail(at, "Contradictory policies", "Delete needs the creationPolicy Owner, but it is %s: ESO deletes only a Secret that it owns. Use Owner, or another deletionPolicy.", creation).Also = also
	case deletion == "Merge" && creation == "None":
		ps.Fail(at, "Contradictory policies", "Merge removes keys from a Secret, but with the creationPolicy None there is no Secret. Use another creationPolicy, or leave deletionPolicy out.").Also = also
	}
}

// accepted keeps a value that is refused already from being reported twice.
func accepted(targetField, value string) bool {
	return specOf(airm.KindExternalSecret).fields["target"].fields[targetField].takes(value)
}

func checkSecretKeys(ps *jsonvalue.Problems, spec map[string]any, p jsonvalue.Path) {
	// With another policy ESO lets the last entry win.
	if deletionPolicy(spec) != "Retain" {
		return
	}
	for _, d := range duplicateKeys(spec) {
		ps.Fail(p.With("data", d.index, "secretKey"), "Duplicate key", "%s is already the key of %s, and a Secret has each key only once. Rename or remove one of the two.", jsonvalue.Quote(d.key), p.With("data", d.first)).
			Also = []jsonvalue.Path{p.With("data", d.first, "secretKey")}
	}
}

// duplicateKey is an entry of data whose key an earlier entry has already.
type duplicateKey struct {
	key          string
	first, index int
}

func duplicateKeys(spec map[string]any) []duplicateKey {
	var found []duplicateKey
	first := map[string]int{}
	for i, entry := range jsonvalue.ListAt(spec, "data") {
		key := jsonvalue.StringAt(entry, "secretKey")
		if j, taken := first[key]; taken && key != "" {
			found = append(found, duplicateKey{key, j, i})
		} else {
			first[key] = i
		}
	}
	return found
}

func checkTemplate(ps *jsonvalue.Problems, spec map[string]any, p jsonvalue.Path) {
	at := p.With("target", "template")
	switch secretType := jsonvalue.StringAt(spec, "target", "template", "type"); secretType {
	case "bootstrap.kubernetes.io/token":
		ps.Warn(at.With("type"), "Secret grants access to the cluster", "a Secret of the type %s is a token with which a machine joins the cluster. ESO 2.4.1 and later refuse to create it. Use another type.", secretType)
	case "kubernetes.io/service-account-token":
		ps.Warn(at.With("type"), "Secret grants access to the cluster", "Kubernetes fills a Secret of the type %s with a token of the service account that its annotation names. ESO 2.4.1 and later refuse to create it. Use another type.", secretType)
	}
	for i, from := range jsonvalue.ListAt(spec, "target", "template", "templateFrom") {
		if jsonvalue.At(from, "configMap") == nil && jsonvalue.At(from, "secret") == nil && jsonvalue.At(from, "literal") == nil {
			ps.Warn(at.With("templateFrom", i), "Empty templateFrom entry", "none of configMap, secret and literal is set, so this entry adds nothing. Set one of them, or remove the entry.")
		}
		checkTemplateTarget(ps, spec, from, at.With("templateFrom", i, "target"), p)
	}
	for _, kind := range []string{"labels", "annotations"} {
		for _, key := range jsonvalue.SortedKeys(jsonvalue.MapAt(spec, "target", "template", "metadata", kind)) {
			if airm.Reserved(key) {
				ps.Fail(at.With("metadata", kind, key), "Reserved key", "%s is reserved: AIRM or this provider sets it. Remove it; to set %s, use use_case.", jsonvalue.Quote(key), airm.LabelUseCase)
			}
		}
	}
}

// checkTemplateTarget checks where an entry of templateFrom is written: a path is for objects of other kinds only.
func checkTemplateTarget(ps *jsonvalue.Problems, spec map[string]any, from any, at, p jsonvalue.Path) {
	value := jsonvalue.At(from, "target")
	target, _ := value.(string)
	known := []string{"Data", "Annotations", "Labels"}
	misspelt := slices.ContainsFunc(known, func(value string) bool { return strings.EqualFold(value, target) })
	if value == nil || slices.Contains(known, target) || hasManifest(spec) && target != "" && !misspelt {
		return
	}
	if target != "" && !misspelt {
		ps.Warn(at, "Path in the template of a Secret", "ESO before 1.0 and from 2.9 on refuses %s, so the secret will not be synced. Use one of %s; a path is for an object of another kind, which needs target.manifest.", jsonvalue.Quote(target), strings.Join(known, ", "))
		return
	}
	ps.Fail(at, "Invalid value", "%s is not one of the values that ESO accepts here. Use one of %s.", jsonvalue.Quote(target), strings.Join(known, ", ")).
		Also = []jsonvalue.Path{p.With("target", "manifest")}
}

// checkManifest refuses a Secret as an object of another kind where nothing but templates would put the values where a Secret
// has them (createSimpleManifest in externalsecret_controller_manifest.go).
func checkManifest(ps *jsonvalue.Problems, spec map[string]any, p jsonvalue.Path) {
	template := jsonvalue.MapAt(spec, "target", "template")
	templated := !jsonvalue.IsEmpty(template["data"]) || !jsonvalue.IsEmpty(template["templateFrom"])
	if !hasManifest(spec) || WritesNoSecret(spec) || templated || creationPolicy(spec) == "None" {
		return
	}
	at := p.With("target", "template")
	ps.Fail(p.With("target", "manifest"), "Secret without values", "for a manifest, ESO puts the values under spec, which a Secret does not have: it writes a Secret without values, and the status is Synced. Leave target.manifest out: ESO writes a Secret by default.").
		Also = []jsonvalue.Path{at.With("data"), at.With("templateFrom"), p.With("target", "creationPolicy")}
}

// maxTemplate bounds how long a template may be to be parsed here: the parser recurses.
const maxTemplate = 64 << 10

// templateProblem says where the syntax of a Go template is wrong, and never quotes it: literal text may be a secret.
func templateProblem(source string) string {
	if len(source) > maxTemplate || !strings.Contains(source, "{{") {
		return ""
	}
	tree := parse.New("template")
	// Which functions exist is for ESO to say.
	tree.Mode = parse.SkipFuncCheck
	_, err := tree.Parse(source, "{{", "}}", map[string]*parse.Tree{})
	if err == nil {
		return ""
	}
	line := ""
	if rest, found := strings.CutPrefix(err.Error(), "template: template:"); found {
		if number, _, found := strings.Cut(rest, ":"); found {
			line = fmt.Sprintf(" in line %s", number)
		}
	}
	return fmt.Sprintf("the template has a syntax error%s. Check that every {{ has its }}, that quotes are closed, and that every if, range and with has its end", line)
}

func creationPolicy(spec map[string]any) string {
	if policy := jsonvalue.StringAt(spec, "target", "creationPolicy"); policy != "" {
		return policy
	}
	return "Owner"
}

func deletionPolicy(spec map[string]any) string {
	if policy := jsonvalue.StringAt(spec, "target", "deletionPolicy"); policy != "" {
		return policy
	}
	return "Retain"
}

// writesOnce reports whether ESO leaves the Secret alone after the first success (shouldRefresh in
// externalsecret_controller.go).
func writesOnce(spec map[string]any) bool {
	switch jsonvalue.StringAt(spec, "refreshPolicy") {
	case "CreatedOnce":
		return true
	case "OnChange":
		return false
	}
	return spec["refreshInterval"] != nil && EqualDurations(jsonvalue.StringAt(spec, "refreshInterval"), "0s")
}
