// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"fmt"
	"regexp"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// What only ESO's code says of the fields of an ExternalSecret (apis/externalsecrets/v1/externalsecret_types.go and
// pkg/controllers/externalsecret).
var externalSecretRules = map[string]rule{
	"secretStoreRef":                       {emptyIsAbsent: true},
	"refreshInterval":                      {validate: durationProblem, defaultValue: "1h"},
	"data.sourceRef":                       {exactlyOne: true},
	"data.sourceRef.storeRef":              {emptyIsAbsent: true},
	"dataFrom.find.name.regexp":            {validate: regexpProblem},
	"dataFrom.rewrite":                     {exactlyOne: true},
	"dataFrom.rewrite.regexp.source":       {validate: regexpProblem},
	"dataFrom.rewrite.regexp.target":       {mayBeEmpty: true}, // what is matched is taken out
	"dataFrom.rewrite.transform.template":  {validate: templateProblem},
	"dataFrom.sourceRef":                   {exactlyOne: true},
	"target":                               {emptyIsAbsent: true},
	"target.template.data":                 {validate: templateProblem},
	"target.template.metadata":             {emptyIsAbsent: true},
	"target.template.metadata.labels":      {validate: templateProblem},
	"target.template.metadata.annotations": {validate: templateProblem},
	"target.template.templateFrom.literal": {validate: templateProblem},
	"target.template.templateFrom.target":  {crossChecked: true},
}

// What only ESO's code says of the fields of a store.
var storeFieldRules = map[string]rule{
	"":                           {mayBeEmpty: true}, // what has to say something is in the rules of the backends
	"provider.vault.tls":         {emptyIsAbsent: true},
	"provider.aws.auth":          {emptyIsAbsent: true},
	"provider.gcpsm.auth":        {emptyIsAbsent: true},
	"provider.kubernetes.server": {emptyIsAbsent: true},
	"provider.gcpsm.secretVersionSelectionPolicy": {values: []string{"LatestOrFail", "LatestOrFetch"}},
	// The CRD takes any text; with an invalid one ESO cannot read any store.
	"provider.webhook.timeout":    {validate: durationProblem},
	"conditions.namespaceRegexes": {validate: regexpProblem},
}

// patternChecks are what is wrong with a text that ESO's definitions hold to a pattern, by the pattern. All names of objects,
// keys of their data and namespaces are; other patterns are for the cluster to check.
var patternChecks = map[string]func(string) string{
	`^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`: objectNameProblem,
	`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`:                                   namespaceProblem,
	`^[-._a-zA-Z0-9]+$`:                                                 dataKeyProblem,
}

func namespaceProblem(name string) string {
	if problem := airm.LabelProblem(name); problem != "" {
		return fmt.Sprintf("%s cannot be the name of a namespace: %s. Use 1 to 63 lower-case letters, digits or \"-\"", jsonvalue.Quote(name), problem)
	}
	return ""
}

func objectNameProblem(name string) string {
	if problem := airm.SubdomainProblem(name); problem != "" {
		return fmt.Sprintf("%s cannot be the name of an object: %s. Use 1 to 253 lower-case letters, digits, \"-\" or \".\"", jsonvalue.Quote(name), problem)
	}
	return ""
}

var secretDataKey = regexp.MustCompile(`^[-._a-zA-Z0-9]+$`)

func dataKeyProblem(key string) string {
	if len(key) > airm.MaxSubdomain || !secretDataKey.MatchString(key) {
		return fmt.Sprintf("%s cannot be a key of a Kubernetes Secret or ConfigMap: use 1 to 253 letters, digits, \"-\", \"_\" or \".\"", jsonvalue.Quote(key))
	}
	return ""
}

func durationProblem(s string) string {
	if _, err := CanonicalDuration(s); err != nil {
		return err.Error()
	}
	return ""
}

func regexpProblem(expression string) string {
	if _, err := regexp.Compile(expression); err != nil {
		return fmt.Sprintf("%s does not compile: %s. ESO uses Go regular expressions (RE2), without look-ahead and back-references", jsonvalue.Quote(expression), jsonvalue.Shorten(err.Error(), 200))
	}
	return ""
}
