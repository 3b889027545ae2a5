// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
)

//go:embed fields.tsv
var table string

// Field is what ESO's definitions say of one field of a spec.
type Field struct {
	// Type is an OpenAPI type: string, boolean, integer, object, any, integer|string; or a list "[]…" or a map
	// "map[string]…" of one.
	Type string
	// Fields are those of an object, of the items of a list or of the values of a map, by name.
	Fields map[string]*Field

	// Span is in which versions of ESO the field is there.
	Span
	// Required is in which versions it has to be set; nil where it never has.
	Required *Span
	// Values are what it takes; empty where anything. Open reports whether the newest version takes others too.
	Values []Value
	Open   bool
	// Default is what the API server puts there where it is absent, in JSON-like Go values; nil where it puts nothing.
	Default any
	// Pattern is the regular expression that a text has to match; empty where none. That of a list is for its items.
	Pattern string
	// Deprecated reports whether ESO's description says so.
	Deprecated bool
}

// Value is one of the values that a field takes, and in which versions.
type Value struct {
	Text string
	Span
}

// Span is a range of versions of ESO, as MAJOR.MINOR: Since the first and Until the last. Empty is no limit among the
// supported ones.
type Span struct{ Since, Until string }

// Spec returns the description of the spec of a kind, ExternalSecret, SecretStore or ClusterSecretStore.
func Spec(kind string) *Field {
	if kind == "ClusterSecretStore" {
		kind = "SecretStore"
	}
	return specs()[kind]
}

// Below returns the field that a path leads to from f; nil where there is none. Lists and maps have no step of their own.
func (f *Field) Below(path ...string) *Field {
	for _, step := range path {
		if f == nil {
			return nil
		}
		f = f.Fields[step]
	}
	return f
}

// specs reads the table, at its first use.
var specs = sync.OnceValue(readTable)

func readTable() map[string]*Field {
	kinds := map[string]*Field{}
	for line := range strings.SplitSeq(table, "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		columns := strings.Split(line, "\t")
		path := strings.Split(unlisted.Replace(columns[0]), ".")
		if kinds[path[0]] == nil {
			kinds[path[0]] = &Field{Type: "object"}
		}
		if strings.HasSuffix(columns[0], "[]") { // the items of a list of texts
			list, items := kinds[path[0]].Below(path[1:]...), parseField(columns[1:])
			list.Values, list.Open, list.Pattern = items.Values, items.Open, items.Pattern
			continue
		}
		parent := kinds[path[0]].Below(path[1 : len(path)-1]...)
		if parent.Fields == nil {
			parent.Fields = map[string]*Field{}
		}
		parent.Fields[path[len(path)-1]] = parseField(columns[1:])
	}
	return kinds
}

var unlisted = strings.NewReplacer("[]", "", "{}", "")

// parseField reads the columns behind the path.
func parseField(columns []string) *Field {
	f := &Field{Type: columns[0]}
	for _, column := range columns[1:] {
		name, value, _ := strings.Cut(column, "=")
		switch name {
		case "values":
			for text := range strings.SplitSeq(value, ",") {
				text, span := cutSpan(text)
				f.Values = append(f.Values, Value{text, span})
			}
		case "pattern":
			mustJSON(value, &f.Pattern)
		case "default":
			value, _ = cutSpan(value)
			mustJSON(value, &f.Default)
		default:
			f.remark(cutSpan(column))
		}
	}
	return f
}

func (f *Field) remark(word string, span Span) {
	switch word {
	case "":
		f.Span = span
	case "required":
		f.Required = &span
	case "deprecated":
		f.Deprecated = true
	case "open":
		f.Open = true
	}
}

// cutSpan takes ">=2.8" and "<=2.9" off the end of a text.
func cutSpan(text string) (string, Span) {
	text, until, _ := strings.Cut(text, "<=")
	text, since, _ := strings.Cut(text, ">=")
	return text, Span{Since: since, Until: until}
}

// mustJSON reads what the program that makes the table has written.
func mustJSON(text string, into any) {
	if err := json.Unmarshal([]byte(text), into); err != nil {
		panic(fmt.Sprintf("fields.tsv: %s: %v", text, err))
	}
}
