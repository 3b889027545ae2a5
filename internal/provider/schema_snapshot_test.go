// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// testdata/schema.txt is the interface that users depend on, a line for each thing that has a name:
//
//	resource airm_project_secret data.*.key: string, optional
//
// Lines that are new are no harm; `make generate` adds them. A line that is gone or says less than before
// breaks a user's configuration or state. A resource may do that with a step in upgradeSteps.
const snapshotFile = "testdata/schema.txt"

// snapshot holds what a name stands for: a type, then what else counts.
type snapshot map[string]string

func TestSchemaSnapshot(t *testing.T) {
	r := newRPC(t)
	now := snapshotOf(r.schemas, r.identity)
	text, err := os.ReadFile(snapshotFile)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	before := parseSnapshot(string(text))
	if broken := breaks(before, now); len(broken) > 0 {
		t.Fatalf("These changes break configurations or states:\n\n%s\n\nA resource can have them with a step in upgradeSteps (state_upgrade.go); "+
			"anything else needs a new name beside the old one.\nIf no release has what changed, remove its lines from %s and run `make generate`.",
			strings.Join(broken, "\n"), snapshotFile)
	}
	if maps.Equal(before, now) {
		return
	}
	if os.Getenv("AIRM_UPDATE_SCHEMA") == "" {
		differences := strings.Join(snapshotDifferences(before, now), "\n")
		t.Fatalf("%s is not up to date: run `make generate` to update it.\n%s", snapshotFile, differences)
	}
	if err := os.WriteFile(snapshotFile, []byte(now.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Every version of a schema has its step.
func TestUpgradeSteps(t *testing.T) {
	r := newRPC(t)
	for name := range upgradeSteps {
		if r.schemas.ResourceSchemas["airm_"+name] == nil {
			t.Errorf("there are steps for %s, which is no resource", name)
		}
	}
	for name, schema := range r.schemas.ResourceSchemas {
		steps := upgradeSteps[strings.TrimPrefix(name, "airm_")]
		isMissing := func(step upgradeStep) bool { return step == nil }
		if schema.Version != int64(len(steps)) || slices.ContainsFunc(steps, isMissing) {
			t.Errorf("%s has the version %d and %d steps", name, schema.Version, len(steps))
		}
	}
}

// A state of any version goes through all the steps that came after it.
func TestUpgradeState(t *testing.T) {
	defer maps.Copy(upgradeSteps, maps.Clone(upgradeSteps))
	defer delete(upgradeSteps, "project_secret")
	upgradeSteps["project_secret"] = []upgradeStep{
		func(state map[string]any) { state["namespace"] = state["ns"]; delete(state, "ns") },
		func(state map[string]any) { state["project"] = state["namespace"]; delete(state, "namespace") },
	}
	r := newRPC(t)
	for version, state := range []string{
		`{"name":"db","ns":"team-a"}`, `{"name":"db","namespace":"team-a"}`, `{"name":"db","project":"team-a","of_a_later_version":true}`,
	} {
		answer, err := r.server.UpgradeResourceState(context.Background(), &tfprotov6.UpgradeResourceStateRequest{
			TypeName: secretKind, Version: int64(version), RawState: &tfprotov6.RawState{JSON: []byte(state)},
		})
		r.ok(answer.Diagnostics, err)
		if got := mustJSON(r.state(secretKind, answer.UpgradedState)); got != `{"name":"db","project":"team-a"}` {
			t.Errorf("version %d becomes %s", version, got)
		}
	}
}

func snapshotOf(schemas *tfprotov6.GetProviderSchemaResponse, identities *tfprotov6.GetResourceIdentitySchemasResponse) snapshot {
	s := snapshot{}
	s.block("provider airm", schemas.Provider)
	for kind, all := range map[string]map[string]*tfprotov6.Schema{
		"resource": schemas.ResourceSchemas, "data": schemas.DataSourceSchemas,
		"ephemeral": schemas.EphemeralResourceSchemas, "list": schemas.ListResourceSchemas,
	} {
		for name, schema := range all {
			s.block(kind+" "+name, schema)
		}
	}
	for name, action := range schemas.ActionSchemas {
		s.block("action "+name, action.Schema)
	}
	for name, identity := range identities.IdentitySchemas {
		s["identity "+name] = fmt.Sprintf("version %d", identity.Version)
		for _, attribute := range identity.IdentityAttributes {
			settable := flags("required", attribute.RequiredForImport, "optional", attribute.OptionalForImport)
			s["identity "+name+" "+attribute.Name] = typeName(attribute.Type) + settable
		}
	}
	for name, function := range schemas.Functions {
		s["function "+name] = "version 0"
		for i, parameter := range function.Parameters {
			s.types(fmt.Sprintf("function %s parameter %d", name, i+1), parameter.Type, flags("required", !parameter.AllowNullValue))
		}
		s.types("function "+name+" result", function.Return.Type, "")
	}
	return s
}

func (s snapshot) block(name string, schema *tfprotov6.Schema) {
	s[name] = fmt.Sprintf("version %d", schema.Version)
	s.attributes(name+" ", schema.Block.Attributes)
}

func (s snapshot) attributes(prefix string, attributes []*tfprotov6.SchemaAttribute) {
	for _, a := range attributes {
		more := flags("required", a.Required, "optional", a.Optional, "computed", a.Computed, "sensitive", a.Sensitive, "write-only", a.WriteOnly)
		at := prefix + a.Name
		if a.NestedType == nil {
			s.types(at, a.Type, more)
			continue
		}
		nesting := strings.ToLower(a.NestedType.Nesting.String())
		s[at] = strings.TrimPrefix(nesting+" of object", "single of ") + more
		if nesting != "single" {
			at += ".*"
		}
		s.attributes(at+".", a.NestedType.Attributes)
	}
}

// types writes an object as its attributes.
func (s snapshot) types(at string, of tftypes.Type, more string) {
	s[at] = typeName(of) + more
	switch of := of.(type) {
	case tftypes.Object:
		for name, attribute := range of.AttributeTypes {
			s.types(at+"."+name, attribute, "")
		}
	case tftypes.List:
		s.elements(at, of.ElementType)
	case tftypes.Set:
		s.elements(at, of.ElementType)
	case tftypes.Map:
		s.elements(at, of.ElementType)
	}
}

func (s snapshot) elements(at string, of tftypes.Type) {
	if object, ok := of.(tftypes.Object); ok {
		for name, attribute := range object.AttributeTypes {
			s.types(at+".*."+name, attribute, "")
		}
	}
}

func typeName(of tftypes.Type) string {
	switch of := of.(type) {
	case tftypes.Object:
		return "object"
	case tftypes.List:
		return "list of " + typeName(of.ElementType)
	case tftypes.Set:
		return "set of " + typeName(of.ElementType)
	case tftypes.Map:
		return "map of " + typeName(of.ElementType)
	}
	return strings.ToLower(strings.TrimPrefix(of.String(), "tftypes."))
}

// flags returns the names of those that are true.
func flags(pairs ...any) string {
	text := ""
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1].(bool) {
			text += ", " + pairs[i].(string)
		}
	}
	return text
}

func (s snapshot) String() string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(s)) {
		fmt.Fprintf(&b, "%s: %s\n", name, s[name])
	}
	return b.String()
}

func parseSnapshot(text string) snapshot {
	s := snapshot{}
	for line := range strings.Lines(text) {
		if name, traits, ok := strings.Cut(strings.TrimSpace(line), ": "); ok {
			s[name] = traits
		}
	}
	return s
}

// breaks lists what of the old interface does not hold any more, but for resources of a higher version.
func breaks(before, now snapshot) []string {
	var broken []string
	for _, name := range slices.Sorted(maps.Keys(before)) {
		if why := breaksOne(before[name], now[name]); why != "" && !raised(name, before, now) {
			broken = append(broken, name+": "+why)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(now)) {
		if _, old := before[name]; !old && before[parentOf(name)] != "" && hasTrait(now[name], "required") && !raised(name, before, now) {
			broken = append(broken, name+": new and required")
		}
	}
	return broken
}

func breaksOne(before, now string) string {
	lost := func(flag string) bool { return hasTrait(before, flag) && !hasTrait(now, flag) }
	gained := func(flag string) bool { return !hasTrait(before, flag) && hasTrait(now, flag) }
	oldType, _, _ := strings.Cut(before, ", ")
	newType, _, _ := strings.Cut(now, ", ")
	switch {
	case now == "":
		return "removed or renamed"
	case oldType != newType && !strings.HasPrefix(oldType, "version"):
		return "was " + oldType + ", is " + newType
	case oldType > newType && strings.HasPrefix(oldType, "version"):
		return "was " + oldType + ", is " + newType
	case gained("required"):
		return "is required now"
	case (lost("optional") || lost("required")) && !hasTrait(now, "optional"):
		return "cannot be set any more"
	case lost("computed"):
		return "is not computed any more"
	case lost("write-only"), gained("write-only"), gained("sensitive"):
		return "was " + before + ", is " + now
	}
	return ""
}

func hasTrait(traits, flag string) bool {
	return slices.Contains(strings.Split(traits, ", ")[1:], flag)
}

// parentOf names what something is a part of: an object, or the whole resource.
func parentOf(name string) string {
	if i := strings.LastIndex(name, "."); i >= 0 {
		return strings.TrimSuffix(name[:i], ".*")
	}
	words := strings.SplitN(name, " ", 3)
	return strings.Join(words[:2], " ")
}

// raised reports whether something belongs to a resource whose version went up.
func raised(name string, before, now snapshot) bool {
	words := strings.SplitN(name, " ", 3)
	whole := strings.Join(words[:2], " ")
	return words[0] == "resource" && before[whole] != "" && before[whole] < now[whole]
}

// snapshotDifferences lists the lines that came, went or changed.
func snapshotDifferences(before, now snapshot) []string {
	var lines []string
	for name, traits := range now {
		if before[name] != traits {
			lines = append(lines, "+ "+name+": "+traits)
		}
	}
	for name, traits := range before {
		if now[name] != traits {
			lines = append(lines, "- "+name+": "+traits)
		}
	}
	slices.Sort(lines)
	return lines
}

func TestBreaks(t *testing.T) {
	before := "resource r: version 0\nresource r a: string, optional\nresource r b: string, required\nresource r c: string, optional, computed\nresource r d: object, optional\n" +
		"resource r d.e: string, optional\ndata r: version 0\ndata r a: string, computed\nfunction f: version 0\nfunction f parameter 1: string, required\n"
	for name, c := range map[string]struct{ old, changed, want string }{
		"nothing":      {"", "", ""},
		"removed":      {"resource r a: string, optional\n", "", "resource r a: removed or renamed"},
		"renamed":      {"resource r a: string", "resource r z: string", "resource r a: removed or renamed"},
		"another type": {"resource r a: string", "resource r a: number", "resource r a: was string, is number"},
		"now required": {"resource r a: string, optional", "resource r a: string, required", "resource r a: is required now"},
		"now optional": {"resource r b: string, required", "resource r b: string, optional", ""},
		"not settable": {"resource r c: string, optional, computed",
			"resource r c: string, computed", "resource r c: cannot be set any more"},
		"not computed": {"resource r c: string, optional, computed",
			"resource r c: string, optional", "resource r c: is not computed any more"},
		"computed too":           {"resource r a: string, optional", "resource r a: string, optional, computed", ""},
		"write-only":             {"resource r a: string, optional", "resource r a: string, optional, write-only", "resource r a: was string, optional, is string, optional, write-only"},
		"new":                    {"data r:", "resource r x: string, optional\ndata r:", ""},
		"new and required":       {"data r:", "resource r x: string, required\ndata r:", "resource r x: new and required"},
		"required inside of new": {"data r:", "resource r x: object, optional\nresource r x.y: string, required\ndata r:", ""},
		"required inside of old": {"data r:", "resource r d.y: string, required\ndata r:", "resource r d.y: new and required"},
		"new resource":           {"data r:", "resource s: version 0\nresource s y: string, required\ndata r:", ""},
		"new parameter":          {"function f parameter 1", "function f parameter 2: string, required\nfunction f parameter 1", "function f parameter 2: new and required"},
		"with a new version": {"resource r: version 0\nresource r a: string, optional",
			"resource r: version 1\nresource r a: number, required", ""},
		"version of another": {"data r: version 0\ndata r a: string, computed\n", "data r: version 1\n", "data r a: removed or renamed"},
	} {
		t.Run(name, func(t *testing.T) {
			now := strings.Replace(before, c.old, c.changed, 1)
			if got := strings.Join(breaks(parseSnapshot(before), parseSnapshot(now)), "\n"); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
