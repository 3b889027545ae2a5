// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"encoding/base64"
	"encoding/pem"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// CheckStore reports what ESO would reject in the spec of a store, or accept and fail with later (ValidateStore of
// pkg/provider/*, which ESO runs in its webhook only, and that is often not installed; and what its clients do then).
// Warnings are surprises. Project is that of a SecretStore, empty for a ClusterSecretStore. The rules are written anew
// because ESO's packages pull in the SDKs of all clouds.
func CheckStore(kind, project string, spec map[string]any) []jsonvalue.Problem {
	var ps jsonvalue.Problems
	at := jsonvalue.Path{"spec", "provider"}
	checkRetry(&ps, jsonvalue.MapAt(spec, "retrySettings"), jsonvalue.Path{"spec", "retrySettings"})
	backend, ok := backendOf(&ps, spec, at)
	if !ok {
		return ps
	}
	for name, store := range backend {
		if check := backendRules[name]; check != nil {
			check(&storeCheck{Problems: &ps, kind: kind}, store.(map[string]any), at.With(name))
		}
	}
	checkStoreFields(&ps, kind, spec)
	checkReferences(&ps, kind, project, spec)
	return ps
}

// Backends returns the names of all backends of the supported versions of ESO, in order.
func Backends() []string {
	provider, _ := specOf(airm.KindSecretStore).child("provider")
	return slices.Sorted(maps.Keys(provider.fields))
}

// backendRules are the rules of each backend that has arguments, by ESO's name.
var backendRules = map[string]func(ps *storeCheck, store map[string]any, at jsonvalue.Path){
	"vault":      checkVaultStore,
	"openBao":    checkOpenBaoStore,
	"aws":        checkAWSStore,
	"gcpsm":      checkGCPStore,
	"azurekv":    checkAzureStore,
	"kubernetes": checkKubernetesStore,
	"fake":       checkFakeStore,
}

// storeCheck collects what is wrong with a store of that kind.
type storeCheck struct {
	*jsonvalue.Problems
	kind string
}

// backendOf returns spec.provider where it can be looked into.
func backendOf(ps *jsonvalue.Problems, spec map[string]any, at jsonvalue.Path) (map[string]any, bool) {
	if spec["provider"] == nil {
		return nil, false
	}
	backend, ok := spec["provider"].(map[string]any)
	switch {
	case !ok:
		ps.Fail(at, "A store has exactly one backend", "The value is %s. Write an object with one field, the backend by ESO's name: {\"webhook\": {...}}.", jsonvalue.TypeName(spec["provider"]))
		return nil, false
	case len(backend) != 1:
		ps.Fail(at, "A store has exactly one backend", "The value has %d backends (%s). Keep one, and create a separate store for each of the others.", len(backend), strings.Join(jsonvalue.SortedKeys(backend), ", "))
		return nil, false
	}
	for name, value := range backend {
		if _, isObject := value.(map[string]any); !isObject {
			ps.Fail(at.With(name), "A backend must be an object", "The value is %s. Write the fields of the backend: {%s: {...}}.",
				jsonvalue.TypeName(value), jsonvalue.Quote(name))
			return nil, false
		}
	}
	return backend, true
}

func checkRetry(ps *jsonvalue.Problems, retry map[string]any, at jsonvalue.Path) {
	if text := jsonvalue.StringAt(retry, "retryInterval"); text != "" {
		if _, err := parseDuration(text); err != nil {
			ps.Fail(at.With("retryInterval"), "Invalid duration", "%s.", err)
		}
	}
	if retries, ok := jsonvalue.Integer(retry["maxRetries"]); ok && retries < 0 {
		ps.Fail(at.With("maxRetries"), "Invalid number of retries", "The value is negative. Write 0 or more.")
	}
}

// atMostOneOf wants at most one of the fields of an object. ESO takes the first and silently ignores the others, so that
// several are a warning.
func (ps *storeCheck) atMostOneOf(object map[string]any, at jsonvalue.Path, what string, fields ...string) {
	if set := setFields(object, fields); len(set) > 1 {
		ps.several(at, what, set, "ESO would use one of them and silently ignore the others").Warning = true
	}
}

// exactlyOneOf wants one of the fields of an object, and warns of several as atMostOneOf does.
func (ps *storeCheck) exactlyOneOf(object map[string]any, at jsonvalue.Path, what string, fields ...string) {
	ps.atMostOneOf(object, at, what, fields...)
	if len(setFields(object, fields)) == 0 && !holdsNewer(ps.kind, object, at) {
		ps.Fail(at, "No way to "+what, "Set one of %s.", strings.Join(fields, ", "))
	}
}

// onlyOneOf wants exactly one of the fields of an object, where ESO refuses several.
func (ps *storeCheck) onlyOneOf(object map[string]any, at jsonvalue.Path, what string, fields ...string) {
	if set := setFields(object, fields); len(set) > 1 {
		ps.several(at, what, set, "ESO takes only one of them, and fails otherwise")
		return
	}
	ps.exactlyOneOf(object, at, what, fields...)
}

func setFields(object map[string]any, fields []string) []string {
	var set []string
	for _, field := range fields {
		if object[field] != nil && object[field] != "" {
			set = append(set, field)
		}
	}
	return set
}

// several reports that more than one of some fields is set.
func (ps *storeCheck) several(at jsonvalue.Path, what string, set []string, effect string) *jsonvalue.Problem {
	p := ps.Fail(at.With(set[0]), "Several ways to "+what, "%s are set; %s. Keep one.", strings.Join(set, " and "), effect)
	for _, field := range set[1:] {
		p.Also = append(p.Also, at.With(field))
	}
	return p
}

// need wants fields of an object. In one of a newer ESO another field may take their place.
func (ps *storeCheck) need(object map[string]any, at jsonvalue.Path, why string, fields ...string) {
	for _, field := range fields {
		if (object[field] == nil || object[field] == "") && !holdsNewer(ps.kind, object, at) {
			ps.Fail(at.With(field), "Missing "+field, "%s Set it.", why)
		}
	}
}

// address wants the URL of a server.
func (ps *storeCheck) address(object map[string]any, at jsonvalue.Path, field, example string) {
	text := jsonvalue.StringAt(object, field)
	if text == "" {
		return
	}
	parsed, err := url.Parse(text)
	switch {
	case err != nil, parsed.Host == "", parsed.Scheme != "http" && parsed.Scheme != "https":
		ps.Fail(at.With(field), "Invalid address", "%s is not a valid address: it needs https:// (or http://) and a host. Write for example %s.", jsonvalue.Quote(text), example)
	case parsed.User != nil:
		ps.Fail(at.With(field), "Credentials in an address", "The address contains a user name, which everyone who can read the store would see. Remove it, and set the credentials in auth.")
	}
}

// authority checks how the certificates of a server are given.
func (ps *storeCheck) authority(object map[string]any, at jsonvalue.Path) {
	ps.atMostOneOf(object, at, "set the server's certificate authority", "caBundle", "caProvider")
	if bundle, isText := object["caBundle"].(string); isText && !holdsCertificate(bundle) {
		ps.Fail(at.With("caBundle"), "Not a bundle of certificates", "The value must be PEM certificates, encoded in base64. Write for example base64encode(file(\"ca.pem\")).")
	}
	provider := jsonvalue.MapAt(object, "caProvider")
	if provider == nil {
		return
	}
	at = at.With("caProvider")
	ps.need(provider, at, "ESO reads the certificates from this key and has no default for it.", "key")
	if ps.kind == airm.KindClusterSecretStore && jsonvalue.StringAt(provider, "namespace") == "" {
		ps.Fail(at.With("namespace"), "The namespace of ca_provider is missing", "A store of the organization has no namespace of its own. Set the namespace of the %s.", jsonvalue.StringAt(provider, "type"))
	}
}

// holdsCertificate reports whether text is PEM in base64, once or (which ESO takes too) twice.
func holdsCertificate(text string) bool {
	for range 2 {
		decoded, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
		if err != nil {
			return false
		}
		if block, _ := pem.Decode(decoded); block != nil {
			return block.Type == "CERTIFICATE"
		}
		text = string(decoded)
	}
	return false
}

// ownIdentity warns of a project's store that lends every user of the project the identity of ESO itself.
func (ps *storeCheck) ownIdentity(at jsonvalue.Path, instead string) {
	if ps.kind == airm.KindSecretStore {
		ps.Warn(at, "The store works with ESO's own identity",
			"The store has no credentials, so ESO uses the identity of its own pod: every user who may create secrets in this project can read everything that ESO itself can read, and every user who may create stores in a project can create such a store too. Set %s to give the project its own identity.", instead)
	}
}
