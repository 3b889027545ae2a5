// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// ParsedManifest is an ExternalSecret as a user wrote it, or as a cluster prints it, taken apart into what the arguments of a
// resource hold.
type ParsedManifest struct {
	airm.Ref
	airm.Definition
}

// ParseFullManifest reads YAML of one ExternalSecret as ParseManifest does. The project is taken from the manifest too, and the
// kind of a store that ESO takes where none is written is filled in. The result is nil if and only if
// one of the problems is an error.
func ParseFullManifest(text string) (*ParsedManifest, []jsonvalue.Problem) {
	var ps jsonvalue.Problems
	root := readDocument(&ps, text)
	if root == nil {
		return nil, ps
	}
	a := ParsedManifest{Ref: airm.Ref{Kind: airm.KindExternalSecret, Project: jsonvalue.StringAt(root, "metadata", "namespace")}}
	m := Manifest{}
	m.readUseCase(&ps, root, airm.CheckUseCase)
	leaveOut(&ps, root)
	m.readRoot(&ps, root, a.Project)
	checkExpressible(&ps, m.Spec)
	if slices.ContainsFunc(ps, func(p jsonvalue.Problem) bool { return !p.Warning }) {
		return nil, ps
	}
	a.Name, a.UseCase, a.Labels, a.Annotations = m.Name, m.UseCase, m.Labels, m.Annotations
	a.Spec = WithStoreKinds(m.Spec)
	return &a, ps
}

// checkExpressible finds what no argument can hold: values of a wrong type, which no cluster takes either, and entries of
// data without a key of their own, because the argument is a map.
func checkExpressible(ps *jsonvalue.Problems, spec map[string]any) {
	if spec == nil {
		return // reported already
	}
	var found jsonvalue.Problems
	checkField(&found, specOf(airm.KindExternalSecret), spec, jsonvalue.Path{"spec"})
	*ps = append(*ps, slices.DeleteFunc(found, func(p jsonvalue.Problem) bool { return p.Summary != "Wrong type" })...)
	for i, entry := range jsonvalue.ListAt(spec, "data") {
		if jsonvalue.MapAt(entry) != nil && jsonvalue.At(entry, "secretKey") == nil {
			ps.Fail(jsonvalue.Path{"spec", "data", i, "secretKey"}, "Missing field", "this field is required: it is the key in the Secret. Set it.")
		}
	}
	for _, d := range duplicateKeys(spec) {
		ps.Fail(jsonvalue.Path{"spec", "data", d.index, "secretKey"}, "Duplicate key",
			"%s is already the key of spec.data[%d], but the argument data is a map, which has each key only once. Remove one of the two (External Secrets Operator uses the last one), or set the argument manifest of the resource to the whole manifest.",
			jsonvalue.Quote(d.key), d.first)
	}
}

// WithStoreKinds returns a spec in which every reference to a store has a kind: where there is none, ESO takes SecretStore.
func WithStoreKinds(spec map[string]any) map[string]any {
	spec = jsonvalue.CopyMap(spec)
	refs := []map[string]any{jsonvalue.MapAt(spec, "secretStoreRef")}
	for _, field := range []string{"data", "dataFrom"} {
		for _, item := range jsonvalue.ListAt(spec, field) {
			refs = append(refs, jsonvalue.MapAt(item, "sourceRef", "storeRef"))
		}
	}
	for _, ref := range refs {
		if ref != nil && jsonvalue.StringAt(ref, "kind") == "" {
			ref["kind"] = airm.KindSecretStore
		}
	}
	return spec
}

// ParseObject reads YAML or JSON of one object of any kind. What is null is left out, and so is kubectl's copy of the object.
func ParseObject(text string) (map[string]any, error) {
	var ps jsonvalue.Problems
	object := readDocument(&ps, text)
	if object == nil {
		return nil, errors.New(ps[0].Detail)
	}
	metadata := jsonvalue.MapAt(object, "metadata")
	if metadata == nil {
		return nil, errors.New("it has no metadata, so it is not a Kubernetes object")
	}
	delete(jsonvalue.MapAt(metadata, "annotations"), lastApplied)
	return object, nil
}

// SplitClusters takes the clusters off an id: "team-a/db@east,west" is the id "team-a/db" in the clusters east and west.
func SplitClusters(id string) (string, []string, error) {
	rest, text, found := strings.Cut(id, "@")
	if !found {
		return id, nil, nil
	}
	clusters := strings.Split(text, ",")
	for i, name := range clusters {
		switch {
		case name == "" || name != strings.TrimSpace(name) || strings.Contains(name, "@"):
			return "", nil, fmt.Errorf("%s has an invalid list of clusters: after the \"@\", write their names, separated by commas without spaces, for example \"team-a/db@east,west\"", jsonvalue.Quote(id))
		case slices.Contains(clusters[:i], name):
			return "", nil, fmt.Errorf("%s names the cluster %s twice. Write it once", jsonvalue.Quote(id), jsonvalue.Quote(name))
		}
	}
	return rest, clusters, nil
}
