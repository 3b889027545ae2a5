// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package oracle

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
)

// change is one difference from a base: a value for a field, or its removal where remove is set. The path is below spec;
// of a list it is the first item.
type change struct {
	path   []string
	value  any
	remove bool
	odd    bool // the value is none that a field has to take
}

func (c change) String() string {
	if c.remove {
		return strings.Join(c.path, ".") + " removed"
	}
	return fmt.Sprintf("%s = %v", strings.Join(c.path, "."), c.value)
}

// changesOf are the changes of every field that the table has for a spec, of the backend that the spec has.
func changesOf(f *eso.Field, spec any, path ...string) []change {
	object := firstItem(spec)
	var all []change
	for _, name := range slices.Sorted(maps.Keys(f.Fields)) {
		if strings.Join(path, ".") == "provider" && object[name] == nil {
			continue
		}
		child, at := f.Fields[name], slices.Concat(path, []string{name})
		if object[name] != nil {
			all = append(all, change{path: at, remove: true})
			all = append(all, changesOf(child, object[name], at...)...)
		} else if minimal := minimalValue(child, name); minimal != nil {
			all = append(all, change{path: at, value: minimal})
			all = append(all, changesOf(child, minimal, at...)...)
		}
		for _, other := range oddValues(child) {
			all = append(all, change{path: at, value: other, odd: true})
		}
	}
	return all
}

// oddValues are those that a field may take besides, or must not take.
func oddValues(f *eso.Field) []any {
	odd := []any{"text"}
	switch f.Type {
	case "string":
		odd = []any{"", true}
	case "[]string":
		odd = []any{"text", []any{"("}} // no regular expression
	case "integer":
		odd = []any{"text", int64(-1), int64(1000000)}
	case "any", "integer|string":
		odd = nil
	}
	for _, v := range f.Values { // newer ones too
		odd = append(odd, v.Text)
	}
	if len(f.Values) > 0 {
		odd = append(odd, "Nonsense")
	}
	if f.Pattern != "" {
		odd = append(odd, "/not a name/")
	}
	return odd
}

// samples are values of fields that take no other text.
var samples = map[string]any{
	"refreshInterval": "1h0m0s", "retryInterval": "10s", "caBundle": bundle, "region": "eu-central-1", "location": "europe-west1",
	"role": "arn:aws:iam::123456789012:role/r", "url": "https://example.com", "vaultUrl": "https://v", "activeDirectoryEndpoint": "https://a",
	"keyVaultEndpoint": "https://k", "resourceManagerEndpoint": "https://r", "expirationSeconds": int64(600), "recoveryWindowInDays": int64(7),
	"template": "{{ .value }}", "namespace": "platform",
}

// minimalValue is the least that a field takes.
func minimalValue(f *eso.Field, name string) any {
	switch sample, exists := samples[name]; {
	case exists && (f.Type == "integer") == isInteger(sample) && (f.Type == "string" || f.Type == "integer"):
		return sample
	case len(f.Values) > 0:
		return f.Values[0].Text
	}
	switch f.Type {
	case "string":
		return "x"
	case "boolean":
		return true
	case "integer":
		return int64(1)
	case "map[string]string":
		return map[string]any{"a": "b"}
	case "map[string]integer":
		return map[string]any{"a": int64(1)}
	case "[]string":
		return []any{"a"}
	case "object", "any":
		return leastOf(f)
	case "[]object":
		return []any{leastOf(f)}
	}
	return nil // integer|string
}

func isInteger(v any) bool {
	_, ok := v.(int64)
	return ok
}

func leastOf(f *eso.Field) map[string]any {
	object := map[string]any{}
	for name, child := range f.Fields {
		if child.Required != nil && child.Default == nil && child.Since == "" {
			object[name] = minimalValue(child, name)
		}
	}
	return object
}

func firstItem(v any) map[string]any {
	if list, isList := v.([]any); isList && len(list) > 0 {
		v = list[0]
	}
	object, _ := v.(map[string]any)
	return object
}

// apply returns a changed copy of a spec. What is not there on the way gets the least that it takes.
func (c change) apply(f *eso.Field, spec map[string]any) map[string]any {
	whole := clone(spec).(map[string]any)
	at := whole
	for _, step := range c.path[:len(c.path)-1] {
		f = f.Below(step)
		if firstItem(at[step]) == nil {
			at[step] = minimalValue(f, step)
		}
		at = firstItem(at[step])
	}
	last := c.path[len(c.path)-1]
	if c.remove {
		delete(at, last)
	} else {
		at[last] = clone(c.value)
	}
	return whole
}

func clone(v any) any {
	switch v := v.(type) {
	case map[string]any:
		copied := map[string]any{}
		for key, value := range v {
			copied[key] = clone(value)
		}
		return copied
	case []any:
		copied := slices.Clone(v)
		for i, item := range v {
			copied[i] = clone(item)
		}
		return copied
	}
	return v
}

// generated are specs of one kind, by what they differ in from a base.
type generated struct {
	name string
	kind string
	spec map[string]any
}

// generate changes every field of every base, and then two at random. Beside its backend, a store is changed once; odd
// values are for the bases that are written down, and for one of the two kinds of stores.
func generate(t *testing.T, random *rand.Rand) []generated {
	t.Helper()
	var all []generated
	for _, kind := range []string{airm.KindExternalSecret, airm.KindSecretStore, airm.KindClusterSecretStore} {
		spec := eso.Spec(kind)
		for i, base := range readBases(t, kind) {
			name := fmt.Sprintf("%s %d", kind, i)
			all = append(all, generated{name, kind, base})
			changes := slices.DeleteFunc(changesOf(spec, base), func(c change) bool {
				beside := i > 0 && kind != airm.KindExternalSecret && c.path[0] != "provider"
				few := kind == airm.KindClusterSecretStore || i >= len(baseSpecs[kind])
				return beside || c.odd && few
			})
			for _, c := range changes {
				all = append(all, generated{name + ": " + c.String(), kind, c.apply(spec, base)})
			}
			for range 10 {
				first, second := changes[random.IntN(len(changes))], changes[random.IntN(len(changes))]
				all = append(all, generated{name + ": " + first.String() + ", " + second.String(), kind, second.apply(spec, first.apply(spec, base))})
			}
		}
	}
	return all
}

// Our rules and ESO agree on every base, and on what differs from one in a field or in two, but for the known differences.
func TestRulesAgreeWithESO(t *testing.T) {
	needOracle(t)
	all := generate(t, rand.New(rand.NewPCG(20, 4)))
	objects := make([]map[string]any, len(all))
	for i, g := range all {
		objects[i] = renderObject(g.kind, g.spec)
	}
	c := newComparison(t)
	for i, theirs := range ask(t, objects) {
		ours := problems(all[i].kind, all[i].spec)
		if clean := len(theirs.refusals()) == 0 && !slices.ContainsFunc(ours, isError); !clean && !strings.Contains(all[i].name, ":") {
			t.Errorf("%s is no base: ESO says %v, and we %v", all[i].name, theirs.refusals(), ours)
		}
		c.compare(all[i].name, ours, theirs)
	}
	c.unmet()
	t.Logf("%d objects", len(all))
}
