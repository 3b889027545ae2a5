package secrets

import (
	"fmt"
	"regexp"
)

// externalSecretSpec describes spec of an ExternalSecret: apis/externalsecrets/v1/externalsecret_types.go of ESO 0.20.4,
// with the defaults and the limits of its CRD, and what later versions (up to 2.9) have added.
var externalSecretSpec = field{shape: object, fields: map[string]field{
	"secretStoreRef":  {shape: object, always: true, fields: storeRefFields},
	"refreshPolicy":   {shape: text, values: []string{"CreatedOnce", "Periodic", "OnChange"}},
	"refreshInterval": {shape: text, preset: "1h", flaw: durationFlaw},
	"target":          {shape: object, always: true, fields: targetFields},
	"data": {shape: list, item: &field{shape: object, fields: map[string]field{
		"secretKey": {shape: text, required: true, flaw: dataKeyFlaw},
		"remoteRef": {shape: object, required: true, fields: remoteRefFields},
		"sourceRef": {shape: object, one: true, fields: map[string]field{
			"storeRef":     {shape: object, always: true, fields: storeRefFields},
			"generatorRef": {shape: object, fields: generatorRefFields},
		}},
	}}},
	"dataFrom": {shape: list, item: &field{shape: object, fields: map[string]field{
		"extract": {shape: object, fields: remoteRefFields},
		"find": {shape: object, fields: map[string]field{
			"path":               {shape: text},
			"name":               {shape: object, fields: map[string]field{"regexp": {shape: text, flaw: regexpFlaw}}},
			"tags":               {shape: textsByKey},
			"conversionStrategy": conversionStrategy,
			"decodingStrategy":   decodingStrategy,
			"nullBytePolicy":     nullBytePolicy,
		}},
		"rewrite": {shape: list, item: &field{shape: object, one: true, fields: rewriteFields}},
		"sourceRef": {shape: object, one: true, fields: map[string]field{
			"storeRef":     {shape: object, fields: storeRefFields},
			"generatorRef": {shape: object, fields: generatorRefFields},
		}},
	}}},
}}

var storeRefFields = map[string]field{
	"name": {shape: text, flaw: objectNameFlaw},
	"kind": {shape: text, values: []string{KindSecretStore, KindClusterSecretStore}},
}

var generatorRefFields = map[string]field{
	"apiVersion": {shape: text, preset: "generators.external-secrets.io/v1alpha1"},
	"name":       {shape: text, required: true, flaw: objectNameFlaw},
	"kind": {shape: text, required: true, open: true, values: []string{
		"ACRAccessToken", "ClusterGenerator", "CloudsmithAccessToken", "ECRAuthorizationToken", "Fake", "GCRAccessToken",
		"GithubAccessToken", "Grafana", "MFA", "Password", "QuayAccessToken", "SSHKey", "STSSessionToken", "UUID",
		"VaultDynamicSecret", "Webhook",
	}},
}

var (
	conversionStrategy = field{shape: text, preset: "Default", values: []string{"Default", "Unicode"}}
	decodingStrategy   = field{shape: text, preset: "None", values: []string{"Auto", "Base64", "Base64URL", "None"}}
	nullBytePolicy     = field{shape: text, preset: "Ignore", later: true}
)

var remoteRefFields = map[string]field{
	"key":                {shape: text, required: true},
	"property":           {shape: text},
	"version":            {shape: text},
	"metadataPolicy":     {shape: text, preset: "None", values: []string{"None", "Fetch"}},
	"conversionStrategy": conversionStrategy,
	"decodingStrategy":   decodingStrategy,
	"nullBytePolicy":     nullBytePolicy,
}

var rewriteFields = map[string]field{
	"merge": {shape: object, fields: map[string]field{
		"into":           {shape: text, preset: ""},
		"priority":       {shape: list, item: &field{shape: text}},
		"priorityPolicy": {shape: text, preset: "Strict", values: []string{"IgnoreNotFound", "Strict"}},
		"conflictPolicy": {shape: text, preset: "Error", values: []string{"Ignore", "Error"}},
		"strategy":       {shape: text, preset: "Extract", values: []string{"Extract", "JSON"}},
	}},
	"regexp": {shape: object, fields: map[string]field{
		"source": {shape: text, required: true, flaw: regexpFlaw},
		"target": {shape: text, required: true, mayBeEmpty: true}, // what is matched is taken out
	}},
	"transform": {shape: object, fields: map[string]field{
		"template": {shape: text, required: true, flaw: templateFlaw},
	}},
}

var targetFields = map[string]field{
	"name":           {shape: text, flaw: objectNameFlaw},
	"creationPolicy": {shape: text, preset: "Owner", values: []string{"Owner", "Orphan", "Merge", "None"}, newer: []string{"CreateOrMerge"}},
	"deletionPolicy": {shape: text, preset: "Retain", values: []string{"Delete", "Merge", "Retain"}},
	"immutable":      {shape: flag},
	"template": {shape: object, fields: map[string]field{
		"type":          {shape: text},
		"engineVersion": {shape: text, preset: "v2", values: []string{"v2"}},
		"mergePolicy":   {shape: text, preset: "Replace", values: []string{"Replace", "Merge"}},
		"data":          {shape: textsByKey, flaw: templateFlaw},
		"metadata": {shape: object, always: true, fields: map[string]field{
			"labels":      {shape: textsByKey, flaw: templateFlaw},
			"annotations": {shape: textsByKey, flaw: templateFlaw},
			"finalizers":  {shape: list, item: &field{shape: text}},
		}},
		"templateFrom": {shape: list, item: &field{shape: object, fields: map[string]field{
			"configMap": {shape: object, fields: templateRefFields},
			"secret":    {shape: object, fields: templateRefFields},
			"literal":   {shape: text, flaw: templateFlaw},
			"target":    {shape: text, preset: "Data", open: true, values: []string{"Data", "Annotations", "Labels"}},
		}}},
	}},
}

var templateRefFields = map[string]field{
	"name": {shape: text, required: true, flaw: objectNameFlaw},
	"items": {shape: list, required: true, item: &field{shape: object, fields: map[string]field{
		"key":        {shape: text, required: true, flaw: dataKeyFlaw},
		"templateAs": {shape: text, preset: "Values", values: []string{"Values", "KeysAndValues"}},
	}}},
}

func objectNameFlaw(name string) string {
	if flaw := subdomainFlaw(name); flaw != "" {
		return fmt.Sprintf("%s cannot be the name of an object: %s. Use 1 to 253 lower-case letters, digits, \"-\" or \".\"", quote(name), flaw)
	}
	return ""
}

var secretDataKey = regexp.MustCompile(`^[-._a-zA-Z0-9]+$`)

func dataKeyFlaw(key string) string {
	if len(key) > maxSubdomain || !secretDataKey.MatchString(key) {
		return fmt.Sprintf("%s cannot be a key of a Kubernetes Secret or ConfigMap: use 1 to 253 letters, digits, \"-\", \"_\" or \".\"", quote(key))
	}
	return ""
}

func durationFlaw(s string) string {
	if _, err := CanonicalDuration(s); err != nil {
		return err.Error()
	}
	return ""
}

func regexpFlaw(expression string) string {
	if _, err := regexp.Compile(expression); err != nil {
		return fmt.Sprintf("%s does not compile: %s. ESO takes regular expressions of Go (RE2), which have no look-ahead and no back-references", quote(expression), shorten(err.Error(), 200))
	}
	return ""
}
