// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"fmt"
	"slices"
	"strings"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// What workloads expect of a Secret by its use case. AIRM's workbench offers a Secret by its label alone, so one that does
// not fit fails where it is used.

const (
	keyHuggingFace   = "token"
	keyDockerConfig  = ".dockerconfigjson"
	typeDockerConfig = "kubernetes.io/dockerconfigjson"
	keysOfAccessToS3 = 2
)

// UseCaseWarnings warns where the Secret of a definition lacks what its use case needs, as far as spec says what the Secret
// holds. The path is empty: the use case is at fault as well as the content.
func UseCaseWarnings(d airm.Definition) []jsonvalue.Problem {
	if d.Spec == nil || !slices.Contains([]string{"Owner", "Orphan"}, creationPolicy(d.Spec)) {
		return nil // others put keys into that Secret, or there is none
	}
	var ps jsonvalue.Problems
	if problems := useCaseProblems(d); len(problems) > 0 {
		ps.Warn(nil, "Secret does not fit its use case", "%s", strings.Join(problems, " "))
	}
	return ps
}

func useCaseProblems(d airm.Definition) []string {
	keys, complete := secretKeys(d.Spec)
	lacks := func(key string) bool { return complete && !slices.Contains(keys, key) }
	var problems []string
	add := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	switch d.UseCase {
	case airm.HuggingFace:
		if lacks(keyHuggingFace) {
			add("AIRM's workloads read the token of a secret with the use case HuggingFace from the key %q, but the Secret has %s. Rename the key.", keyHuggingFace, listOfKeys(keys))
		}
	case airm.ImagePullSecret:
		if got := jsonvalue.StringAt(d.Spec, "target", "template", "type"); got != typeDockerConfig {
			add("Kubernetes pulls images with Secrets of the type %s only, but this Secret has the type %s. Set the type of target.template.", typeDockerConfig, orElse(got, "Opaque"))
		}
		if lacks(keyDockerConfig) {
			add("Kubernetes reads the credentials of a registry from the key %q, but the Secret has %s. Rename the key.", keyDockerConfig, listOfKeys(keys))
		}
	case airm.S3:
		if complete && len(keys) < keysOfAccessToS3 {
			add("Access to S3 needs two keys, one for the access key and one for the secret key, but the Secret has %s. Add the missing key.", listOfKeys(keys))
		}
	}
	return problems
}

func listOfKeys(keys []string) string {
	if len(keys) == 0 {
		return "none"
	}
	var quoted []string
	for _, key := range keys {
		quoted = append(quoted, jsonvalue.Quote(key))
	}
	return "only " + strings.Join(quoted, ", ")
}

// secretKeys returns the keys of the Secret that ESO writes for spec (ApplyTemplate in
// externalsecret_controller_template.go), in order, and false where spec does not name all of them.
func secretKeys(spec map[string]any) (keys []string, complete bool) {
	template := jsonvalue.MapAt(spec, "target", "template")
	templated := jsonvalue.MapAt(template, "data")
	from := !jsonvalue.IsEmpty(jsonvalue.At(template, "templateFrom"))
	complete = !from
	if len(templated) == 0 && !from || jsonvalue.StringAt(template, "mergePolicy") == "Merge" {
		for _, entry := range jsonvalue.ListAt(spec, "data") {
			keys = append(keys, jsonvalue.StringAt(entry, "secretKey"))
		}
		complete = complete && jsonvalue.IsEmpty(spec["dataFrom"])
	}
	keys = append(keys, jsonvalue.SortedKeys(templated)...)
	slices.Sort(keys)
	return slices.Compact(keys), complete
}
