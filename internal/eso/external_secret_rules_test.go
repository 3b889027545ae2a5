// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

const minimal = `{secretStoreRef: {name: vault, kind: ClusterSecretStore}, data: [{secretKey: a, remoteRef: {key: x}}]}`

// full sets every field that the typed arguments have.
const full = `
secretStoreRef: {name: vault, kind: SecretStore}
refreshPolicy: Periodic
refreshInterval: 30m0s
target:
  name: other
  creationPolicy: Owner
  deletionPolicy: Retain
  immutable: false
  template:
    type: Opaque
    engineVersion: v2
    mergePolicy: Merge
    data: {url: "https://{{ .a | toString }}"}
    metadata: {labels: {a: b}, annotations: {c: d}, finalizers: [x/y]}
    templateFrom:
    - {configMap: {name: cm, items: [{key: k, templateAs: Values}]}, target: Data}
    - {secret: {name: cm, items: [{key: k}]}, target: Labels}
    - {literal: "a: {{ .a }}"}
data:
- secretKey: a
  remoteRef: {key: x, property: p, version: v, metadataPolicy: Fetch, conversionStrategy: Unicode, decodingStrategy: Base64}
  sourceRef: {storeRef: {name: other, kind: SecretStore}}
dataFrom:
- extract: {key: x}
  rewrite:
  - merge: {into: all, priority: [a], priorityPolicy: IgnoreNotFound, conflictPolicy: Ignore, strategy: JSON}
  - regexp: {source: "a(.*)", target: "$1"}
  - transform: {template: "{{ .value }}"}
- find: {path: p, name: {regexp: "^a"}, tags: {t: u}, conversionStrategy: Default, decodingStrategy: None}
- sourceRef: {generatorRef: {apiVersion: generators.external-secrets.io/v1alpha1, kind: Password, name: p}}
`

func TestCheckExternalSecretAccepts(t *testing.T) {
	for _, text := range []string{minimal, full,
		`{data: [{secretKey: a, remoteRef: {key: x}, sourceRef: {storeRef: {name: s}}}]}`,
		`{dataFrom: [{sourceRef: {generatorRef: {kind: UUID, name: u}}}]}`,
		`{secretStoreRef: {name: s}, dataFrom: [{extract: {key: x}, rewrite: [{regexp: {source: "^prod-", target: ""}}]}]}`,
		`{secretStoreRef: {name: s}, dataFrom: [{find: {}}], target: {deletionPolicy: Delete}}`,
		`{secretStoreRef: {name: s}, target: {deletionPolicy: Merge}, data: [{secretKey: a, remoteRef: {key: x}}, {secretKey: a, remoteRef: {key: z}}]}`,
		strings.TrimSuffix(minimal, "}") + `, target: {manifest: {apiVersion: v1, kind: Secret}, template: {data: {a: "{{ .a }}"}}}}`,
		strings.TrimSuffix(minimal, "}") + `, target: {manifest: {apiVersion: v1, kind: Secret}, template: {templateFrom: [{literal: "a: {{ .a }}"}]}}}`,
		strings.TrimSuffix(minimal, "}") + `, target: {manifest: {apiVersion: v1, kind: Secret}, creationPolicy: None}}`,
		strings.TrimSuffix(minimal, "}") + `, target: {manifest: {apiVersion: a/v1, kind: X}, template: {templateFrom: [{literal: "a: {{ .a }}", target: spec.data}]}}}`,
		strings.TrimSuffix(minimal, "}") + `, target: {manifest: {apiVersion: a/v1, kind: X}, template: {templateFrom: [{literal: "a: {{ .a }}", target: Labels}]}}}`,
	} {
		spec := fromYAML(t, text)
		if ps := CheckExternalSecret(spec); len(ps) > 0 {
			t.Errorf("%s\n%v", text, ps)
		}
	}
}

func TestCheckExternalSecretRefuses(t *testing.T) {
	with := func(more string) string {
		return strings.TrimSuffix(minimal, "}") + ", " + more + "}"
	}
	entry := func(e string) string { return `{secretStoreRef: {name: s}, data: [` + e + `]}` }
	from := func(e string) string { return `{secretStoreRef: {name: s}, dataFrom: [` + e + `]}` }
	for _, test := range []struct{ name, spec, want string }{
		{"no sources", `{secretStoreRef: {name: s}}`, "spec.data"},
		{"empty sources", `{secretStoreRef: {name: s}, data: [], dataFrom: []}`, "spec.data"},
		{"no store", `{data: [{secretKey: a, remoteRef: {key: x}}]}`, "spec.secretStoreRef.name"},
		{"extract with generator has no store of its own", from(`{extract: {key: x}, sourceRef: {generatorRef: {kind: UUID, name: u}}}`), "spec.dataFrom[0]"},
		{"nameless store", entry(`{secretKey: a, remoteRef: {key: x}, sourceRef: {storeRef: {kind: SecretStore}}}`), "spec.data[0].sourceRef.storeRef.name"},
		{"no way", from(`{}`), "spec.dataFrom[0]"},
		{"store only", from(`{sourceRef: {storeRef: {name: s}}}`), "spec.dataFrom[0]"},
		{"two ways", from(`{extract: {key: x}, find: {}}`), "spec.dataFrom[0]"},
		{"empty sourceRef", from(`{extract: {key: x}, sourceRef: {}}`), "spec.dataFrom[0].sourceRef"},
		{"two sourceRefs", from(`{sourceRef: {storeRef: {name: s}, generatorRef: {kind: UUID, name: u}}}`), "spec.dataFrom[0].sourceRef"},
		{"generator without kind", from(`{sourceRef: {generatorRef: {name: u}}}`), "spec.dataFrom[0].sourceRef.generatorRef.kind"},
		{"no remote key", entry(`{secretKey: a, remoteRef: {property: x}}`), "spec.data[0].remoteRef.key"},
		{"empty remote key", entry(`{secretKey: a, remoteRef: {key: ""}}`), "spec.data[0].remoteRef.key"},
		{"no remoteRef", entry(`{secretKey: a}`), "spec.data[0].remoteRef"},
		{"bad secretKey", entry(`{secretKey: a/b, remoteRef: {key: x}}`), "spec.data[0].secretKey"},
		{"entry is a text", entry(`hello`), "spec.data[0]"},
		{"null entry", entry(`null`), "spec.data[0]"},
		{"number for text", entry(`{secretKey: 1, remoteRef: {key: x}}`), "spec.data[0].secretKey"},
		{"duplicate", entry(`{secretKey: a, remoteRef: {key: x}}, {secretKey: a, remoteRef: {key: z}}`), "spec.data[1].secretKey"},
		{"interval", with(`refreshInterval: 1d`), "spec.refreshInterval"},
		{"negative interval", with(`refreshInterval: -1h`), "spec.refreshInterval"},
		{"number interval", with(`refreshInterval: 60`), "spec.refreshInterval"},
		{"policy", with(`refreshPolicy: Always`), "spec.refreshPolicy"},
		{"creationPolicy", with(`target: {creationPolicy: owner}`), "spec.target.creationPolicy"},
		{"deletionPolicy", with(`target: {deletionPolicy: Keep}`), "spec.target.deletionPolicy"},
		{"unowned Delete", with(`target: {deletionPolicy: Delete, creationPolicy: Merge}`), "spec.target.deletionPolicy"},
		{"Merge into none", with(`target: {deletionPolicy: Merge, creationPolicy: None}`), "spec.target.deletionPolicy"},
		{"target name", with(`target: {name: My_Secret}`), "spec.target.name"},
		{"immutable", with(`target: {immutable: "yes"}`), "spec.target.immutable"},
		{"target is a list", with(`target: []`), "spec.target"},
		{"engine", with(`target: {template: {engineVersion: v3}}`), "spec.target.template.engineVersion"},
		{"template data", with(`target: {template: {data: {a: 1}}}`), "spec.target.template.data.a"},
		{"template syntax", with(`target: {template: {data: {a: "x {{ .b"}}}`), "spec.target.template.data.a"},
		{"templateFrom without items", with(`target: {template: {templateFrom: [{configMap: {name: a}}]}}`), "spec.target.template.templateFrom[0].configMap.items"},
		{"templateAs", with(`target: {template: {templateFrom: [{secret: {name: a, items: [{key: k, templateAs: X}]}}]}}`), "spec.target.template.templateFrom[0].secret.items[0].templateAs"},
		{"Secret as manifest", with(`target: {manifest: {apiVersion: v1, kind: Secret}}`), "spec.target.manifest"},
		{"Secret as manifest, template without data", with(`target: {manifest: {apiVersion: v1, kind: Secret}, template: {type: Opaque}}`), "spec.target.manifest"},
		{"no target of a template", with(`target: {template: {templateFrom: [{literal: "a: {{ .a }}", target: ""}]}}`), "spec.target.template.templateFrom[0].target"},
		{"wrong case with a manifest", with(`target: {manifest: {apiVersion: v1, kind: ConfigMap}, template: {templateFrom: [{literal: "a: {{ .a }}", target: data}]}}`), "spec.target.template.templateFrom[0].target"},
		{"find regexp", from(`{find: {name: {regexp: "("}}}`), "spec.dataFrom[0].find.name.regexp"},
		{"look-ahead", from(`{extract: {key: x}, rewrite: [{regexp: {source: "(?=a)", target: b}}]}`), "spec.dataFrom[0].rewrite[0].regexp.source"},
		{"rewrite without target", from(`{extract: {key: x}, rewrite: [{regexp: {source: a}}]}`), "spec.dataFrom[0].rewrite[0].regexp.target"},
		{"rewrite two", from(`{extract: {key: x}, rewrite: [{regexp: {source: a, target: b}, transform: {template: c}}]}`), "spec.dataFrom[0].rewrite[0]"},
		{"rewrite none", from(`{extract: {key: x}, rewrite: [{}]}`), "spec.dataFrom[0].rewrite[0]"},
		{"JSON into nothing", from(`{extract: {key: x}, rewrite: [{merge: {strategy: JSON}}]}`), "spec.dataFrom[0].rewrite[0].merge.into"},
		{"store kind", `{secretStoreRef: {name: s, kind: Vault}, dataFrom: [{find: {}}]}`, "spec.secretStoreRef.kind"},
	} {
		t.Run(test.name, func(t *testing.T) {
			ps := CheckExternalSecret(fromYAML(t, test.spec))
			if len(ps) != 1 || ps[0].Warning || ps[0].Path.String() != test.want {
				t.Errorf("got %v, want one error at %s", ps, test.want)
			}
			for _, p := range ps {
				if p.Summary == "" || !strings.HasPrefix(p.Detail, p.Path.String()+": ") ||
					strings.Contains(p.Detail, "%!") || strings.Contains(p.Detail, "..") {
					t.Errorf("text: %+v", p)
				}
			}
		})
	}
}

func TestCheckExternalSecretWarns(t *testing.T) {
	for text, want := range map[string]string{
		`target: {creationPolicy: Newest}`:                                                  "spec.target.creationPolicy",
		`target: {template: {templateFrom: [{literal: "a: {{ .a }}", target: spec.data}]}}`: "spec.target.template.templateFrom[0].target",
		`target: {template: {templateFrom: [{target: Data}]}}`:                              "spec.target.template.templateFrom[0]",
		`later: {field: x}`: "spec.later",
		`target: {creationPolicy: Orphan, deletionPolicy: Delete}`:         "spec.target.deletionPolicy",
		`target: {template: {type: kubernetes.io/service-account-token}}`:  "spec.target.template.type",
		`dataFrom: [{sourceRef: {generatorRef: {kind: Newest, name: m}}}]`: "spec.dataFrom[0].sourceRef.generatorRef.kind",
		`dataFrom: [{later: {key: x}}]`:                                    "spec.dataFrom[0].later",
		`dataFrom: [{sourceRef: {laterRef: {name: m}}}]`:                   "spec.dataFrom[0].sourceRef.laterRef",
	} {
		ps := CheckExternalSecret(fromYAML(t, strings.TrimSuffix(minimal, "}")+", "+text+"}"))
		if len(ps) != 1 || !ps[0].Warning || ps[0].Path.String() != want {
			t.Errorf("%s: got %v, want one warning at %s", text, ps, want)
		}
	}
}

// A template may hold a secret: its error does not quote it.
func TestTemplateIsNotQuoted(t *testing.T) {
	problem := templateProblem("a\nhunter2 {{ hunter2( }}")
	if problem == "" || strings.Contains(problem, "hunter2") || !strings.Contains(problem, "in line 2") {
		t.Errorf("got %q", problem)
	}
	for _, ok := range []string{
		"{{ .a }}", "plain", "{{ if .a }}{{ .b | b64dec | nindent 2 }}{{ end }}", "{{ (index . \"a\").b }}", "{{ break }}"[:0],
	} {
		if problem := templateProblem(ok); problem != "" {
			t.Errorf("%q: %s", ok, problem)
		}
	}
}

func TestChangeWarnings(t *testing.T) {
	const secret = "hunter2"
	for _, test := range []struct {
		name, before, after string
		want                []string
	}{
		{"nothing on create", "", minimal, nil},
		{"nothing on no change", full, full, nil},
		{"orphan", "", `{target: {creationPolicy: Orphan}}`, []string{"spec.target.creationPolicy"}},
		{"merge", "{}", `{target: {creationPolicy: Merge}}`, []string{"spec.target.creationPolicy"}},
		{"still none", `{target: {creationPolicy: None}}`, `{target: {creationPolicy: None}}`, nil},
		{"owner again", `{target: {creationPolicy: Orphan}}`, `{}`, []string{"spec.target.creationPolicy"}},
		{"owner by default", `{target: {creationPolicy: Owner}}`, `{}`, nil},
		{"renamed", `{target: {name: a}}`, `{target: {name: b}}`, []string{"spec.target.name"}},
		{"once", `{refreshPolicy: CreatedOnce, data: [{secretKey: a}]}`, `{refreshPolicy: CreatedOnce, data: [{secretKey: b}]}`,
			[]string{"spec.refreshPolicy"}},
		{"interval 0", `{refreshInterval: "0", data: [{secretKey: a}]}`, `{refreshInterval: 0s, data: []}`, []string{"spec.refreshInterval"}},
		{"interval 0 with OnChange", `{data: [1]}`, `{refreshPolicy: OnChange, refreshInterval: 0s, data: [2]}`, nil},
		{"refreshed every second", "", `{refreshInterval: 1s}`, []string{"spec.refreshInterval"}},
		{"refreshed more often", `{refreshInterval: 1h}`, `{refreshInterval: 59s}`, []string{"spec.refreshInterval"}},
		{"refreshed as often", `{refreshInterval: 60000ms}`, `{refreshInterval: 1m}`, nil},
		{"refreshed every minute", "", `{refreshInterval: 1m}`, nil},
		{"refreshed every second, unchanged", `{refreshInterval: 1s}`, `{refreshInterval: 1s, target: {immutable: false}}`, nil},
		{"refreshed never", "", `{refreshInterval: "0"}`, nil},
		{"refreshed on changes only", "", `{refreshInterval: 1s, refreshPolicy: OnChange}`, nil},
		{"immutable", `{}`, `{target: {immutable: true}}`, []string{"spec.target.immutable"}},
		{"immutable content", `{target: {immutable: true}, data: [1]}`, `{target: {immutable: true}, data: [2]}`,
			[]string{"spec.target.immutable"}},
		{"literal", "", `{target: {template: {data: {a: ` + secret + `, b: "{{ .b }}", c: ""}}}}`, []string{"spec.target.template.data.a"}},
		{"literal unchanged", `{target: {template: {data: {a: x}}}}`, `{target: {template: {data: {a: x}}}}`, nil},
		{"literal from", "", `{target: {template: {templateFrom: [{literal: ` + secret + `}]}}}`,
			[]string{"spec.target.template.templateFrom[0].literal"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var before map[string]any
			if test.before != "" {
				before = fromYAML(t, test.before)
			}
			var got []string
			for _, p := range ChangeWarnings(before, fromYAML(t, test.after)) {
				got = append(got, p.Path.String())
				if !p.Warning || strings.Contains(fmt.Sprint(p), secret) {
					t.Errorf("%+v", p)
				}
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

// With an older ESO the status of an immutable Secret does not stay Synced.
func TestChangeWarningsOfImmutable(t *testing.T) {
	for before, after := range map[string]string{
		`{}`:                                     `{target: {immutable: true}}`,
		`{target: {immutable: true}, data: [1]}`: `{target: {immutable: true}, data: [2]}`,
	} {
		ps := ChangeWarnings(fromYAML(t, before), fromYAML(t, after))
		if len(ps) != 1 || !strings.Contains(ps[0].Detail, "with ESO before 0.19 it becomes SyncedError") {
			t.Errorf("%s: %+v", after, ps)
		}
	}
}

// Of a target that is no plain Secret, ESO deletes nothing when its name or its kind changes.
func TestChangeWarningsOfObjectsLeftBehind(t *testing.T) {
	const configMap, other = `manifest: {apiVersion: v1, kind: ConfigMap}`, `manifest: {apiVersion: a/v1, kind: X}`
	const kept, changed = "Object is not deleted", "spec.target.manifest"
	for name, test := range map[string]struct{ before, after, path, summary, text string }{
		"manifest removed":         {`name: x, ` + configMap, `name: x`, changed, kept, `ConfigMap "x" keeps`},
		"manifest and name change": {`name: x, ` + configMap, `name: z`, changed, kept, `ConfigMap "x" keeps`},
		"manifest without a name":  {configMap, ``, changed, kept, `ConfigMap with the name of the ExternalSecret keeps`},
		"other kind":               {`name: x, ` + configMap, `name: x, ` + other, changed, kept, `ConfigMap "x" keeps`},
		"manifest added":           {`name: x`, `name: x, ` + configMap, changed, kept, `Secret "x" keeps`},
		"renamed":                  {`name: x, ` + configMap, `name: z, ` + configMap, "spec.target.name", kept, `ConfigMap "x" keeps`},
		"renamed Secret":           {`name: x`, `name: z`, "spec.target.name", "Secret is replaced", `ESO deletes the old one`},
		"other version":            {`name: x, ` + other, `name: x, manifest: {apiVersion: a/v2, kind: X}`, "", "", ""},
		"a Secret either way":      {`name: x`, `name: x, manifest: {apiVersion: v1, kind: Secret}`, "", "", ""},
		"nothing was written":      {`creationPolicy: None, ` + configMap, `creationPolicy: None`, "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			ps := slices.DeleteFunc(ChangeWarnings(fromYAML(t, `{target: {`+test.before+`}}`), fromYAML(t, `{target: {`+test.after+`}}`)),
				func(p jsonvalue.Problem) bool { return p.Summary == "Values in an object that is not a Secret" })
			if test.summary == "" && len(ps) == 0 {
				return
			}
			if len(ps) != 1 || ps[0].Path.String() != test.path || ps[0].Summary != test.summary || !strings.Contains(ps[0].Detail, test.text) {
				t.Errorf("%+v", ps)
			}
		})
	}
}

// With a manifest, ESO deletes what has the name of the target, also an object that it never wrote.
func TestChangeWarningsOfDelete(t *testing.T) {
	const configMap, policy = `manifest: {apiVersion: v1, kind: ConfigMap}`, `deletionPolicy: Delete`
	for name, test := range map[string]struct {
		before, after string
		want          bool
	}{
		"both added":      {``, configMap + `, ` + policy, true},
		"policy added":    {configMap, configMap + `, ` + policy, true},
		"manifest added":  {policy, configMap + `, ` + policy, true},
		"both before":     {configMap + `, ` + policy, configMap + `, ` + policy + `, immutable: false`, false},
		"of a Secret":     {``, policy, false},
		"without Delete":  {``, configMap, false},
		"manifest Secret": {``, `manifest: {apiVersion: v1, kind: Secret}, template: {data: {a: "{{ .a }}"}}, ` + policy, true},
	} {
		ps := ChangeWarnings(fromYAML(t, `{target: {`+test.before+`}}`), fromYAML(t, `{target: {`+test.after+`}}`))
		found := slices.ContainsFunc(ps, func(p jsonvalue.Problem) bool {
			return p.Path.String() == "spec.target.deletionPolicy" && p.Warning && strings.Contains(p.Detail, "even if it existed before")
		})
		if found != test.want {
			t.Errorf("%s: %+v", name, ps)
		}
	}
}
