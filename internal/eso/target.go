// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"strings"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// TargetSecretName returns the name of the Kubernetes Secret that ESO writes for the ExternalSecret ref: target.name, or
// the name of the ExternalSecret itself.
func TargetSecretName(ref airm.Ref, spec map[string]any) string {
	if name := jsonvalue.StringAt(spec, "target", "name"); name != "" {
		return name
	}
	return ref.Name
}

// DeclaredKeys returns the keys of the Kubernetes Secret that a spec names; find and extract may bring more.
func DeclaredKeys(spec map[string]any) []string {
	keys, _ := secretKeys(spec)
	return keys
}

// WipesExistingSecret reports whether ESO, when it finds a Secret of the target's name without an owner, replaces its
// content: it does with the creation policies Owner (the default) and Orphan. Merge only adds to it, and None leaves it.
func WipesExistingSecret(spec map[string]any) bool {
	policy := creationPolicy(spec)
	return (policy == "Owner" || policy == "Orphan") && !WritesNoSecret(spec)
}

// addsToExistingSecret reports whether ESO, when it finds a Secret of the target's name, adds to it and leaves it to its owner.
func addsToExistingSecret(spec map[string]any) bool {
	policy := creationPolicy(spec)
	return policy == "Merge" || policy == "CreateOrMerge"
}

// WritesNoSecret reports whether ESO writes an object of another kind. A manifest may name the Secret of Kubernetes itself.
func WritesNoSecret(spec map[string]any) bool {
	written := jsonvalue.MapAt(spec, "target", "manifest")
	isSecret := jsonvalue.StringAt(written, "apiVersion") == "v1" && jsonvalue.StringAt(written, "kind") == KindSecret
	return written != nil && !isSecret
}

// TargetText names the object that ESO writes for the ExternalSecret ref, with its kind.
func TargetText(ref airm.Ref, spec map[string]any) string {
	return jsonvalue.Sanitize(TargetKind(spec)) + " " + jsonvalue.Quote(TargetSecretName(ref, spec))
}

func hasManifest(spec map[string]any) bool { return jsonvalue.MapAt(spec, "target", "manifest") != nil }

// TargetKind returns the kind of the object that ESO writes: a Secret, unless a manifest names another.
func TargetKind(spec map[string]any) string {
	if !hasManifest(spec) {
		return KindSecret
	}
	return jsonvalue.StringAt(spec, "target", "manifest", "kind")
}

// targetKind is the same with the group of its API: in another version of that, an object is the same one.
func targetKind(spec map[string]any) string {
	group, _, found := strings.Cut(jsonvalue.StringAt(spec, "target", "manifest", "apiVersion"), "/")
	if !found { // v1
		group = ""
	}
	return group + "/" + TargetKind(spec)
}

// WritesSecretOf reports whether ESO writes for a live ExternalSecret, and replaces, the very Secret that it would write
// for spec.
func WritesSecretOf(ref airm.Ref, live, spec map[string]any) bool {
	before := jsonvalue.MapAt(live, "spec")
	return WipesExistingSecret(before) && TargetSecretName(ref, before) == TargetSecretName(ref, spec)
}

// IsOwnedBy reports whether an object has an owner reference to the object with that UID.
func IsOwnedBy(object map[string]any, uid string) bool {
	for _, owner := range jsonvalue.ListAt(object, "metadata", "ownerReferences") {
		if uid != "" && jsonvalue.StringAt(owner, "uid") == uid {
			return true
		}
	}
	return false
}

// OwnsSecret reports whether the Secret of a live ExternalSecret goes with it: ESO owns it, and has written it.
func OwnsSecret(live map[string]any) bool {
	spec := jsonvalue.MapAt(live, "spec")
	return creationPolicy(spec) == "Owner" && !WritesNoSecret(spec) &&
		jsonvalue.StringAt(live, "status", "syncedResourceVersion") != ""
}
