// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"strings"
	"testing"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

func TestUseCaseWarnings(t *testing.T) {
	const registry = `target: {template: {type: kubernetes.io/dockerconfigjson, `
	for name, test := range map[string]struct {
		useCase airm.UseCase
		spec    string
		want    []string
	}{
		"token": {airm.HuggingFace, `{data: [{secretKey: token}]}`, nil},
		"another key": {airm.HuggingFace, `{data: [{secretKey: hf-token}]}`,
			[]string{`"token", but the Secret has only "hf-token"`}},
		"another key of others' Secret": {airm.HuggingFace, `{data: [{secretKey: hf-token}], target: {creationPolicy: Merge}}`, nil},
		"no Secret":                     {airm.HuggingFace, `{data: [{secretKey: hf-token}], target: {creationPolicy: None}}`, nil},
		"orphan":                        {airm.HuggingFace, `{data: [{secretKey: hf-token}], target: {creationPolicy: Orphan}}`, []string{"token"}},
		"extracted":                     {airm.HuggingFace, `{dataFrom: [{extract: {key: hf}}]}`, nil},
		"extracted beside":              {airm.HuggingFace, `{data: [{secretKey: a}], dataFrom: [{find: {}}]}`, nil},
		"templated":                     {airm.HuggingFace, `{data: [{secretKey: a}], target: {template: {data: {token: "{{ .a }}"}}}}`, nil},
		"token templated":               {airm.HuggingFace, `{data: [{secretKey: token}], target: {template: {data: {a: "{{ .token }}"}}}}`, []string{`only "a"`}},
		"templated, extracted":          {airm.HuggingFace, `{dataFrom: [{extract: {key: hf}}], target: {template: {data: {a: "{{ .token }}"}}}}`, []string{`only "a"`}},
		"merged with the template":      {airm.HuggingFace, `{data: [{secretKey: token}], target: {template: {mergePolicy: Merge, data: {a: x}}}}`, nil},
		"template of elsewhere":         {airm.HuggingFace, `{data: [{secretKey: a}], target: {template: {templateFrom: [{configMap: {name: x}}]}}}`, nil},
		"template without data":         {airm.HuggingFace, `{data: [{secretKey: token}], target: {template: {metadata: {labels: {a: b}}}}}`, nil},
		"registry":                      {airm.ImagePullSecret, `{data: [{secretKey: .dockerconfigjson}], ` + registry + `}}}`, nil},
		"registry by template": {airm.ImagePullSecret, `{data: [{secretKey: a}], ` + registry + `data: {.dockerconfigjson: "{{ .a }}"}}}}`,
			nil},
		"registry without type":    {airm.ImagePullSecret, `{data: [{secretKey: .dockerconfigjson}]}`, []string{"has the type Opaque"}},
		"registry of the old type": {airm.ImagePullSecret, `{dataFrom: [{extract: {key: a}}], target: {template: {type: kubernetes.io/dockercfg}}}`, []string{"has the type kubernetes.io/dockercfg"}},
		"registry without key":     {airm.ImagePullSecret, `{data: [{secretKey: auth}], ` + registry + `}}}`, []string{`only "auth"`}},
		"registry without both":    {airm.ImagePullSecret, `{data: [{secretKey: auth}]}`, []string{"Opaque", `only "auth"`}},
		"storage":                  {airm.S3, `{data: [{secretKey: a}, {secretKey: b}]}`, nil},
		"storage with one key":     {airm.S3, `{data: [{secretKey: a}]}`, []string{"two keys"}},
		"storage extracted":        {airm.S3, `{dataFrom: [{extract: {key: a}}]}`, nil},
		"anything":                 {airm.Generic, `{data: [{secretKey: a}]}`, nil},
		"none":                     {"", `{data: [{secretKey: a}]}`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			found := UseCaseWarnings(airm.Definition{UseCase: test.useCase, Spec: fromYAML(t, test.spec)})
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
