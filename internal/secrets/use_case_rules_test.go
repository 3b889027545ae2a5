package secrets

import (
	"strings"
	"testing"
)

func TestUseCaseWarnings(t *testing.T) {
	const registry = `target: {template: {type: kubernetes.io/dockerconfigjson, `
	for name, test := range map[string]struct {
		useCase UseCase
		spec    string
		want    []string
	}{
		"token":                         {HuggingFace, `{data: [{secretKey: token}]}`, nil},
		"another key":                   {HuggingFace, `{data: [{secretKey: hf-token}]}`, []string{`"token", and the Secret has only "hf-token"`}},
		"another key of others' Secret": {HuggingFace, `{data: [{secretKey: hf-token}], target: {creationPolicy: Merge}}`, nil},
		"no Secret":                     {HuggingFace, `{data: [{secretKey: hf-token}], target: {creationPolicy: None}}`, nil},
		"orphan":                        {HuggingFace, `{data: [{secretKey: hf-token}], target: {creationPolicy: Orphan}}`, []string{"token"}},
		"extracted":                     {HuggingFace, `{dataFrom: [{extract: {key: hf}}]}`, nil},
		"extracted beside":              {HuggingFace, `{data: [{secretKey: a}], dataFrom: [{find: {}}]}`, nil},
		"templated":                     {HuggingFace, `{data: [{secretKey: a}], target: {template: {data: {token: "{{ .a }}"}}}}`, nil},
		"templated away":                {HuggingFace, `{data: [{secretKey: token}], target: {template: {data: {a: "{{ .token }}"}}}}`, []string{`only "a"`}},
		"templated away, extracted":     {HuggingFace, `{dataFrom: [{extract: {key: hf}}], target: {template: {data: {a: "{{ .token }}"}}}}`, []string{`only "a"`}},
		"merged with the template":      {HuggingFace, `{data: [{secretKey: token}], target: {template: {mergePolicy: Merge, data: {a: x}}}}`, nil},
		"template of elsewhere":         {HuggingFace, `{data: [{secretKey: a}], target: {template: {templateFrom: [{configMap: {name: x}}]}}}`, nil},
		"template without data":         {HuggingFace, `{data: [{secretKey: token}], target: {template: {metadata: {labels: {a: b}}}}}`, nil},
		"registry":                      {ImagePullSecret, `{data: [{secretKey: .dockerconfigjson}], ` + registry + `}}}`, nil},
		"registry by template":          {ImagePullSecret, `{data: [{secretKey: a}], ` + registry + `data: {.dockerconfigjson: "{{ .a }}"}}}}`, nil},
		"registry without type":         {ImagePullSecret, `{data: [{secretKey: .dockerconfigjson}]}`, []string{"is of the type Opaque"}},
		"registry of the old type":      {ImagePullSecret, `{dataFrom: [{extract: {key: a}}], target: {template: {type: kubernetes.io/dockercfg}}}`, []string{"is of the type kubernetes.io/dockercfg"}},
		"registry without key":          {ImagePullSecret, `{data: [{secretKey: auth}], ` + registry + `}}}`, []string{`only "auth"`}},
		"registry without both":         {ImagePullSecret, `{data: [{secretKey: auth}]}`, []string{"Opaque", `only "auth"`}},
		"storage":                       {S3, `{data: [{secretKey: a}, {secretKey: b}]}`, nil},
		"storage with one key":          {S3, `{data: [{secretKey: a}]}`, []string{"two keys"}},
		"storage extracted":             {S3, `{dataFrom: [{extract: {key: a}}]}`, nil},
		"anything":                      {Generic, `{data: [{secretKey: a}]}`, nil},
		"none":                          {"", `{data: [{secretKey: a}]}`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			found := UseCaseWarnings(Definition{UseCase: test.useCase, Spec: fromYAML(t, test.spec)})
			if len(found) > 1 || (len(found) == 0) != (len(test.want) == 0) { // the CLI folds warnings with one summary
				t.Fatalf("%+v", found)
			}
			for _, want := range test.want {
				if p := found[0]; !p.Warning || !strings.Contains(p.Detail, want) {
					t.Errorf("%+v lacks %s", p, want)
				}
			}
		})
	}
}
