// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"reflect"
	"regexp"
	"testing"
)

func TestSpec(t *testing.T) {
	secret, store := Spec("ExternalSecret"), Spec("SecretStore")
	if Spec("ClusterSecretStore") != store {
		t.Error("a ClusterSecretStore has other fields than a SecretStore")
	}
	for name, test := range map[string]struct {
		found *Field
		want  Field
	}{
		"newer field": {secret.Below("syncWindows", "kind"), Field{
			Type: "string", Span: Span{Since: "2.7"}, Required: &Span{},
			Values: []Value{{Text: "allow"}, {Text: "deny"}},
		}},
		"newer value": {store.Below("provider", "aws", "service"), Field{
			Type: "string", Required: &Span{},
			Values: []Value{{Text: "SecretsManager"}, {Text: "ParameterStore"}, {"CertificateManager", Span{Since: "2.8"}}},
		}},
		"former value": {secret.Below("target", "template", "engineVersion"), Field{
			Type: "string", Default: "v2",
			Values: []Value{{Text: "v2"}, {"v1", Span{Until: "0.15"}}},
		}},
		"later default": {secret.Below("dataFrom", "find", "decodingStrategy"), Field{
			Type: "string", Default: "None",
			Values: []Value{{Text: "Auto"}, {Text: "Base64"}, {Text: "Base64URL"}, {Text: "None"}},
		}},
		"default of two versions": {secret.Below("target", "template", "templateFrom", "valuesDecodingStrategy"), Field{
			Type: "string", Span: Span{Since: "2.7"}, Default: "None",
			Values: []Value{{Text: "Auto"}, {Text: "Base64"}, {Text: "Base64URL"}, {Text: "None"}},
		}},
		"later than its backend": {store.Below("provider", "dvls", "vault"), Field{Type: "string", Span: Span{Since: "2.4"}}},
		"former backend": {store.Below("provider", "alibaba", "regionID"), Field{
			Type: "string", Span: Span{Until: "1.3"}, Required: &Span{},
		}},
		"once required": {store.Below("provider", "gcpsm", "auth", "workloadIdentity", "clusterName"), Field{
			Type: "string", Required: &Span{Until: "0.15"},
		}},
		"pattern": {secret.Below("data", "secretKey"), Field{Type: "string", Required: &Span{}, Pattern: `^[-._a-zA-Z0-9]+$`}},
		"list":    {store.Below("conditions", "namespaces"), Field{Type: "[]string", Pattern: "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"}},
		"map":     {secret.Below("target", "template", "data"), Field{Type: "map[string]string"}},
		"boolean": {store.Below("provider", "senhasegura", "ignoreSslCertificate"), Field{Type: "boolean", Default: false}},
	} {
		if test.found == nil || !reflect.DeepEqual(*test.found, test.want) {
			t.Errorf("%s: %+v, want %+v", name, test.found, test.want)
		}
	}
	if secret.Below("data", "nothing", "below") != nil {
		t.Error("a field that is not there")
	}
}

// Every line of the table was understood.
func TestTableIsWhole(t *testing.T) {
	fields := 0
	var walk func(f *Field)
	walk = func(f *Field) {
		for name, child := range f.Fields {
			fields++
			if _, err := regexp.Compile(child.Pattern); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			walk(child)
		}
	}
	walk(Spec("ExternalSecret"))
	walk(Spec("SecretStore"))
	lines := len(regexp.MustCompile(`(?m)^[^#\n][^\t]*[^\]\t]\t`).FindAllString(table, -1))
	if fields != lines || fields < 1000 {
		t.Errorf("%d fields of %d lines", fields, lines)
	}
}

// What the first use of the table costs a run.
func BenchmarkReadTable(b *testing.B) {
	for b.Loop() {
		readTable()
	}
}
