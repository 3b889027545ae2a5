package secrets

import (
	"fmt"
	"regexp"
)

// What only ESO's code says of the fields of an ExternalSecret (apis/externalsecrets/v1/externalsecret_types.go and
// pkg/controllers/externalsecret).
var externalSecretRules = map[string]rule{
	"secretStoreRef":                                   {always: true},
	"secretStoreRef.name":                              {flaw: objectNameFlaw},
	"refreshInterval":                                  {flaw: durationFlaw, preset: "1h"},
	"data.secretKey":                                   {flaw: dataKeyFlaw},
	"data.remoteRef.nullBytePolicy":                    {preset: "Ignore"},
	"data.sourceRef":                                   {one: true},
	"data.sourceRef.storeRef":                          {always: true},
	"data.sourceRef.storeRef.name":                     {flaw: objectNameFlaw},
	"data.sourceRef.generatorRef.name":                 {flaw: objectNameFlaw},
	"dataFrom.extract.nullBytePolicy":                  {preset: "Ignore"},
	"dataFrom.find.nullBytePolicy":                     {preset: "Ignore"},
	"dataFrom.find.name.regexp":                        {flaw: regexpFlaw},
	"dataFrom.rewrite":                                 {one: true},
	"dataFrom.rewrite.regexp.source":                   {flaw: regexpFlaw},
	"dataFrom.rewrite.regexp.target":                   {mayBeEmpty: true}, // what is matched is taken out
	"dataFrom.rewrite.transform.template":              {flaw: templateFlaw},
	"dataFrom.sourceRef":                               {one: true},
	"dataFrom.sourceRef.storeRef.name":                 {flaw: objectNameFlaw},
	"dataFrom.sourceRef.generatorRef.name":             {flaw: objectNameFlaw},
	"target":                                           {always: true},
	"target.name":                                      {flaw: objectNameFlaw},
	"target.template.data":                             {flaw: templateFlaw},
	"target.template.metadata":                         {always: true},
	"target.template.metadata.labels":                  {flaw: templateFlaw},
	"target.template.metadata.annotations":             {flaw: templateFlaw},
	"target.template.templateFrom.literal":             {flaw: templateFlaw},
	"target.template.templateFrom.configMap.name":      {flaw: objectNameFlaw},
	"target.template.templateFrom.configMap.items.key": {flaw: dataKeyFlaw},
	"target.template.templateFrom.secret.name":         {flaw: objectNameFlaw},
	"target.template.templateFrom.secret.items.key":    {flaw: dataKeyFlaw},
}

// What only ESO's code says of the fields of a store.
var storeFieldRules = map[string]rule{
	"provider.vault.tls":                          {always: true},
	"provider.aws.auth":                           {always: true},
	"provider.gcpsm.auth":                         {always: true},
	"provider.kubernetes.server":                  {always: true},
	"provider.gcpsm.secretVersionSelectionPolicy": {values: []string{"LatestOrFail", "LatestOrFetch"}},
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
