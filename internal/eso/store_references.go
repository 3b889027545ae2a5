// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"cmp"
	"encoding/json"
	"strings"

	esmeta "github.com/external-secrets/external-secrets/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// reference is a field of a backend by which it refers to one key of a Secret, to a ServiceAccount or to another object
// in a namespace.
type reference struct {
	at         string // below the backend
	to         referred
	namespace  absence
	defaultKey string // of a Secret, where ESO has one
}

type referred string

const (
	aSecretKey      referred = "Secret"
	aServiceAccount referred = "ServiceAccount"
	anObject        referred = "object" // by name alone, or with a key that the CRD requires
)

// absence says what ESO makes of a reference without namespace in a cluster-wide store.
type absence int

const (
	// referent: ESO looks in the namespace of each secret, and validates the store only then.
	referent absence = iota
	// follows: likewise, if another reference makes the store referent; otherwise ESO looks in no namespace and fails.
	follows
	// refused: ESO refuses the store, or fails to validate it.
	refused
)

// storeReferences are the references of the backends that have arguments, as ESO 0.20.4 reads them (isReferentSpec of
// pkg/provider/*, and resolvers.SecretKeyRef).
var storeReferences = map[string][]reference{
	"vault": append(vaultReferences, awsReferences("auth.iam.")...),
	"openBao": {
		{at: "auth.tokenSecretRef", to: aSecretKey},
		{at: "auth.appRole.roleRef", to: aSecretKey, namespace: follows},
		{at: "auth.appRole.secretRef", to: aSecretKey},
		{at: "auth.userPass.secretRef", to: aSecretKey},
	},
	"aws": awsReferences("auth."),
	"gcpsm": {
		{at: "auth.secretRef.secretAccessKeySecretRef", to: aSecretKey},
		{at: "auth.workloadIdentity.serviceAccountRef", to: aServiceAccount},
		{at: "auth.workloadIdentityFederation.credConfig", to: anObject, namespace: refused},
		{at: "auth.workloadIdentityFederation.serviceAccountRef", to: aServiceAccount, namespace: refused},
		{at: "auth.workloadIdentityFederation.awsSecurityCredentials.awsCredentialsSecretRef", to: anObject, namespace: refused},
	},
	"azurekv": {
		{at: "authSecretRef.clientId", to: aSecretKey},
		{at: "authSecretRef.clientSecret", to: aSecretKey},
		{at: "authSecretRef.tenantId", to: aSecretKey, namespace: follows},
		{at: "authSecretRef.clientCertificate", to: aSecretKey, namespace: follows},
		{at: "serviceAccountRef", to: aServiceAccount},
	},
	"kubernetes": {
		{at: "authRef", to: aSecretKey, namespace: refused},
		{at: "auth.cert.clientCert", to: aSecretKey, namespace: refused},
		{at: "auth.cert.clientKey", to: aSecretKey, namespace: refused},
		{at: "auth.token.bearerToken", to: aSecretKey, namespace: refused},
		{at: "auth.serviceAccount", to: aServiceAccount},
	},
}

var vaultReferences = []reference{
	{at: "auth.tokenSecretRef", to: aSecretKey},
	{at: "auth.appRole.roleRef", to: aSecretKey, namespace: follows},
	{at: "auth.appRole.secretRef", to: aSecretKey},
	{at: "auth.kubernetes.serviceAccountRef", to: aServiceAccount},
	{at: "auth.kubernetes.secretRef", to: aSecretKey, defaultKey: "token"},
	{at: "auth.ldap.secretRef", to: aSecretKey},
	{at: "auth.userPass.secretRef", to: aSecretKey},
	{at: "auth.jwt.secretRef", to: aSecretKey},
	{at: "auth.jwt.kubernetesServiceAccountToken.serviceAccountRef", to: aServiceAccount},
	{at: "auth.cert.clientCert", to: aSecretKey, namespace: follows},
	{at: "auth.cert.secretRef", to: aSecretKey},
	{at: "auth.gcp.secretRef.secretAccessKeySecretRef", to: aSecretKey},
	{at: "auth.gcp.workloadIdentity.serviceAccountRef", to: aServiceAccount},
	{at: "auth.gcp.serviceAccountRef", to: aServiceAccount},
	{at: "tls.certSecretRef", to: aSecretKey, namespace: refused, defaultKey: "tls.crt"},
	{at: "tls.keySecretRef", to: aSecretKey, namespace: refused, defaultKey: "tls.key"},
}

func awsReferences(auth string) []reference {
	return []reference{
		{at: auth + "jwt.serviceAccountRef", to: aServiceAccount},
		{at: auth + "secretRef.accessKeyIDSecretRef", to: aSecretKey},
		{at: auth + "secretRef.secretAccessKeySecretRef", to: aSecretKey},
		{at: auth + "secretRef.sessionTokenSecretRef", to: aSecretKey},
	}
}

// foundReference is a reference that a spec has, read by ESO's own types.
type foundReference struct {
	reference
	path   jsonvalue.Path
	fields map[string]any // as they are written, with what a newer ESO may have beside those of the selector

	secretKey      esmeta.SecretKeySelector      // unless it refers to a ServiceAccount
	serviceAccount esmeta.ServiceAccountSelector // if it does
}

// readReference reads a field of another type than ESO's as absent: the API server refuses it.
func readReference(r reference, path jsonvalue.Path, fields map[string]any) foundReference {
	found := foundReference{reference: r, path: path, fields: fields}
	var selector any = &found.secretKey
	if r.to == aServiceAccount {
		selector = &found.serviceAccount
	}
	if text, err := json.Marshal(fields); err == nil {
		_ = json.Unmarshal(text, selector) // it goes on after a field of another type
	}
	return found
}

// referencesOf finds the references in the spec of a store.
func referencesOf(spec map[string]any) []foundReference {
	var found []foundReference
	for _, backend := range jsonvalue.SortedKeys(jsonvalue.MapAt(spec, "provider")) {
		for _, r := range storeReferences[backend] {
			steps := strings.Split(r.at, ".")
			fields, ok := jsonvalue.At(jsonvalue.MapAt(spec, "provider", backend), steps...).(map[string]any)
			if !ok {
				continue
			}
			path := jsonvalue.Path{"spec", "provider", backend}
			for _, step := range steps {
				path = append(path, step)
			}
			found = append(found, readReference(r, path, fields))
		}
	}
	return found
}

// key is the key of the Secret that ESO reads.
func (r foundReference) key() string {
	return cmp.Or(r.secretKey.Key, r.defaultKey)
}

// namespaceOf is where ESO looks; empty where the reference leaves it open.
func (r foundReference) namespaceOf() string {
	if r.to == aServiceAccount {
		return ptr.Deref(r.serviceAccount.Namespace, "")
	}
	return ptr.Deref(r.secretKey.Namespace, "")
}

// nameless reports whether a reference leaves it to us in which Secret the key is.
func (r foundReference) nameless() bool {
	return r.to == aSecretKey && r.secretKey.Name == "" && r.namespaceOf() == ""
}

// pointTo writes a selector of that Secret, with the key that the reference has.
func (r foundReference) pointTo(name string, namespace *string) {
	text, err := json.Marshal(esmeta.SecretKeySelector{Name: name, Namespace: namespace})
	if err == nil {
		err = json.Unmarshal(text, &r.fields) // adds to the fields that are there
	}
	if err != nil {
		panic(err) // three texts always have a form in JSON
	}
}

// checkReferences holds a store to references that ESO can resolve.
func checkReferences(ps *jsonvalue.Problems, kind, project string, spec map[string]any) {
	found := referencesOf(spec)
	for _, r := range found {
		if r.to == aSecretKey {
			checkSecretKey(ps, r)
		}
	}
	if kind == airm.KindClusterSecretStore {
		checkReferent(ps, found)
		return
	}
	checkNamespaces(ps, project, spec["provider"], jsonvalue.Path{"spec", "provider"})
}

func checkSecretKey(ps *jsonvalue.Problems, r foundReference) {
	if r.secretKey.Name == "" {
		ps.Fail(r.path.With("name"), "The name of a Secret is missing",
			"Set the name of the Secret that holds the credential; or remove both name and namespace, and set the value in credentials_wo.")
	}
	if r.key() == "" {
		ps.Fail(r.path.With("key"), "The key of a Secret is missing", "Set the key of the Secret that holds the credential. ESO has no default here.")
	}
}

// checkReferent looks for references of a cluster-wide store that leave the namespace open.
func checkReferent(ps *jsonvalue.Problems, found []foundReference) {
	var open []jsonvalue.Path
	for _, r := range found {
		if r.namespace == referent && !r.nameless() && r.namespaceOf() == "" {
			open = append(open, r.path.With("namespace"))
		}
	}
	for _, r := range found {
		if r.namespaceOf() != "" || r.nameless() {
			continue
		}
		if r.namespace == refused || r.namespace == follows && len(open) == 0 {
			ps.Fail(r.path.With("namespace"), "The namespace of a reference is missing",
				"A store of the organization has no namespace of its own, and ESO needs this %s to validate the store. Set its namespace.", r.to)
		}
	}
	if len(open) > 0 {
		ps.Warn(open[0], "Each project brings its own credentials",
			"Without a namespace, ESO looks for this credential in the namespace of each secret that uses the store, so every project needs its own. ESO does not validate such a store: it is ready at once, and an error appears only when a secret is synced.").Also = open[1:]
	}
}

// checkNamespaces holds the references of a project's store inside its namespace, wherever in the backend they are.
func checkNamespaces(ps *jsonvalue.Problems, project string, v any, at jsonvalue.Path) {
	f, _ := specOf(airm.KindSecretStore).at(belowSpec(at))
	if f.shape == stringMapType {
		return // such as headers: their keys mean nothing here
	}
	switch v := v.(type) {
	case map[string]any:
		namespace, isText := v["namespace"].(string)
		_, named := v["name"].(string)
		field, known := f.child("namespace")
		isName := !known || field.Pattern != "" // or an expression, as in the whitelist of crd
		if isText && named && isName && namespace != project && project != "" {
			ps.Fail(at.With("namespace"), "A store of a project refers to another namespace",
				"A store of a project can only refer to its own namespace %q, not to %q. Remove the namespace, or use a store of the organization.", project, namespace)
		}
		for _, key := range jsonvalue.SortedKeys(v) {
			checkNamespaces(ps, project, v[key], at.With(key))
		}
	case []any:
		for i, item := range v {
			checkNamespaces(ps, project, item, at.With(i))
		}
	}
}
