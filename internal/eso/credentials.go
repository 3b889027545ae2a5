// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"encoding/base64"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// KindSecret is a Kubernetes Secret.
const KindSecret = "Secret"

// AnnotationCredentialsVersion holds credentials_wo_version on the Secret that keeps those credentials.
const AnnotationCredentialsVersion = airm.AnnotationPrefix + "/credentials-version"

// AnnotationCredentialsKeys holds, on the same Secret, the keys that the store refers to, separated by commas. A Secret of an earlier
// version is without.
const AnnotationCredentialsKeys = airm.AnnotationPrefix + "/credentials-keys"

// CredentialsRef says where the credentials of a store are kept: beside a project's store, and for a cluster-wide one in
// the platform namespace.
func CredentialsRef(store airm.Ref, platformNamespace string) airm.Ref {
	namespace := store.Project
	if namespace == "" {
		namespace = platformNamespace
	}
	return airm.Ref{Kind: KindSecret, Project: namespace, Name: airm.ShortName(store.Name + "-credentials")}
}

// PointToCredentials returns the spec of a store whose references without name and namespace lead to the Secret that keeps
// its credentials. A project's store names no namespace, as its own is the only one that it may read.
func PointToCredentials(spec map[string]any, kind string, secret airm.Ref) map[string]any {
	spec = jsonvalue.CopyMap(spec)
	for _, r := range referencesOf(spec) {
		if !r.nameless() {
			continue
		}
		var namespace *string
		if kind == airm.KindClusterSecretStore {
			namespace = &secret.Project
		}
		r.pointTo(secret.Name, namespace)
	}
	return spec
}

// WithoutCredentialsRef is the inverse of PointToCredentials.
func WithoutCredentialsRef(spec map[string]any, secret airm.Ref) map[string]any {
	spec = jsonvalue.CopyMap(spec)
	for _, r := range referencesOf(spec) {
		if r.to == aSecretKey && r.secretKey.Name == secret.Name {
			delete(r.fields, "name")
			delete(r.fields, "namespace")
		}
	}
	return spec
}

// NamesSecret reports whether a live store refers to a Secret by its name, anywhere in its backend.
func NamesSecret(store map[string]any, secret airm.Ref) bool {
	return refersTo(jsonvalue.At(store, "spec", "provider"), secret.Name)
}

func refersTo(v any, name string) bool {
	switch v := v.(type) {
	case map[string]any:
		for key, below := range v {
			if key == "name" && below == name || refersTo(below, name) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, func(item any) bool { return refersTo(item, name) })
	}
	return false
}

// CheckCredentials reports the references without name that find no value in the given credentials.
func CheckCredentials(spec map[string]any, keys map[string]bool) []jsonvalue.Problem {
	var ps jsonvalue.Problems
	for _, r := range referencesOf(spec) {
		if key := r.key(); r.nameless() && key != "" && !keys[key] {
			ps.Fail(r.path.With("key"), "No such key in credentials_wo", "The reference has no Secret name, so it refers to credentials_wo, which has no key %s. Add the key there, or set the name of a Secret.", jsonvalue.Quote(key))
		}
	}
	return ps
}

// CredentialKeys returns the keys of the credentials that the references without name lead to, in order.
func CredentialKeys(spec map[string]any) []string {
	var keys []string
	for _, r := range referencesOf(spec) {
		if key := r.key(); r.nameless() && key != "" {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

var secretKey = regexp.MustCompile(`^[-._a-zA-Z0-9]{1,253}$`)

// CheckSecretKey returns an error's text unless key can be a key of a Secret; empty if it can.
func CheckSecretKey(key string) string {
	if !secretKey.MatchString(key) || key == "." || key == ".." {
		return jsonvalue.Quote(key) + " is not a valid key of a Secret: use letters, digits, \"-\", \"_\" and \".\", at most 253"
	}
	return ""
}

// Owner is the live store that credentials belong to.
type Owner struct {
	Store      airm.Ref
	APIVersion string
	UID        string
}

// Credentials are what a store has kept for it: their version, and its spec, whose references say which keys are needed.
type Credentials struct {
	Version int64
	Spec    map[string]any
}

// keys are the keys that the spec refers to, as in the annotation.
func (c Credentials) keys() string { return strings.Join(slices.Compact(CredentialKeys(c.Spec)), ",") }

// Secret renders the Secret that keeps them. The store owns it, so Kubernetes deletes it with the store; without a UID it has
// no owner, which is good for a dry run only.
func (c Credentials) Secret(secret airm.Ref, owner Owner, values map[string]string) map[string]any {
	data := make(map[string]any, len(values))
	for key, value := range values {
		data[key] = base64.StdEncoding.EncodeToString([]byte(value))
	}
	metadata := map[string]any{
		"name":      secret.Name,
		"namespace": secret.Project,
		"labels":    map[string]any{airm.LabelManagedBy: airm.ManagedByValue},
		"annotations": map[string]any{
			airm.AnnotationHome:          secret.Home(),
			AnnotationCredentialsVersion: strconv.FormatInt(c.Version, 10),
			AnnotationCredentialsKeys:    c.keys(),
		},
	}
	if owner.UID != "" {
		metadata["ownerReferences"] = []any{map[string]any{
			"apiVersion": owner.APIVersion, "kind": owner.Store.Kind, "name": owner.Store.Name, "uid": owner.UID,
			"blockOwnerDeletion": true, // a deletion of the store in the foreground ends when the Secret is gone
		}}
	}
	return map[string]any{"apiVersion": "v1", "kind": KindSecret, "type": "Opaque", "metadata": metadata, "data": data}
}

// OwnsCredentials reports whether a Secret, seen by its metadata, belongs to the store with that UID.
func OwnsCredentials(secret map[string]any, uid string) bool {
	for _, owner := range jsonvalue.ListAt(secret, "metadata", "ownerReferences") {
		if jsonvalue.StringAt(owner, "uid") == uid && uid != "" {
			return true
		}
	}
	return false
}

// MadeForCredentials reports whether a Secret, seen by its metadata, was made where it is to keep the credentials of a
// store: also of one that is gone by now.
func MadeForCredentials(secret map[string]any, ref airm.Ref) bool {
	annotations := jsonvalue.MapAt(secret, "metadata", "annotations")
	return annotations[airm.AnnotationHome] == ref.Home() && jsonvalue.StringAt(annotations, AnnotationCredentialsVersion) != ""
}

// AreIn reports whether a Secret, seen by its metadata, is that of the store, and was written for this version and these keys.
func (c Credentials) AreIn(secret map[string]any, uid string) bool {
	annotations := jsonvalue.MapAt(secret, "metadata", "annotations")
	held, recorded := annotations[AnnotationCredentialsKeys]
	return OwnsCredentials(secret, uid) && annotations[AnnotationCredentialsVersion] == strconv.FormatInt(c.Version, 10) &&
		(!recorded || held == c.keys()) && jsonvalue.At(secret, "metadata", "deletionTimestamp") == nil
}
