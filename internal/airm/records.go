// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package airm

import (
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// OrganizationSecret is the record of an organization secret: its definition, and whether it is being deleted.
type OrganizationSecret struct {
	Name       string
	Definition Definition
	// Manifest reports whether it was declared as a manifest, for an import later.
	Manifest bool
	// UseCaseInManifest reports whether a label of the manifest says the use case.
	UseCaseInManifest bool
	// WritesKind reports whether the kind of a store was written out although it is the default.
	WritesKind bool
	Revision   int64
	OwnerID    string
	Owner      string
	// Unconfirmed: the run that created it has not come to its end, where a state knows of it.
	Unconfirmed bool
	// DeletingUntil is set while it is being deleted: until then the deletion is taken to be under way.
	DeletingUntil time.Time
}

// BeingDeleted reports whether a deletion of the organization secret has begun; no assignment is accepted then.
func (s OrganizationSecret) BeingDeleted() bool { return !s.DeletingUntil.IsZero() }

// storedDefinition is how a definition is kept in a record.
type storedDefinition struct {
	UseCase     UseCase           `json:"useCase,omitempty"`
	Labels      map[string]string `json:"labels,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
	Spec        map[string]any    `json:"spec"`
	Manifest    bool              `json:"manifest,omitempty"`
	InManifest  bool              `json:"useCaseInManifest,omitempty"`
	WritesKind  bool              `json:"writesKind,omitempty"`
	Revision    int64             `json:"revision"`
}

// ConfigMap writes the record; its namespace is the platform namespace.
func (s OrganizationSecret) ConfigMap(namespace string) map[string]any {
	return configMap(namespace, DefinitionRecordName(s.Name),
		map[string]string{LabelRecord: recordDefinition, LabelOrganizationSecret: NameHash(s.Name)},
		map[string]string{
			"name": s.Name,
			"definition": marshal(storedDefinition{
				UseCase: s.Definition.UseCase, Labels: s.Definition.Labels, Annotations: s.Definition.Annotations,
				Spec: s.Definition.Spec, Manifest: s.Manifest, InManifest: s.UseCaseInManifest, WritesKind: s.WritesKind, Revision: s.Revision,
			}),
			"ownerID": s.OwnerID, "owner": s.Owner, "unconfirmed": truth(s.Unconfirmed), "deletingUntil": stamp(s.DeletingUntil),
		})
}

// ParseOrganizationSecret reads the record; the error says which ConfigMap is damaged.
func ParseOrganizationSecret(record map[string]any) (OrganizationSecret, error) {
	data := jsonvalue.MapAt(record, "data")
	s := OrganizationSecret{
		Name:        jsonvalue.StringAt(data, "name"),
		OwnerID:     jsonvalue.StringAt(data, "ownerID"),
		Owner:       jsonvalue.StringAt(data, "owner"),
		Unconfirmed: jsonvalue.StringAt(data, "unconfirmed") != "",
	}
	var stored storedDefinition
	if err := json.Unmarshal([]byte(jsonvalue.StringAt(data, "definition")), &stored); err != nil {
		return s, damaged(record, err)
	}
	if found := jsonvalue.StringAt(record, "metadata", "name"); s.Name == "" || found != DefinitionRecordName(s.Name) {
		return s, damaged(record, fmt.Errorf("it names the secret %s", jsonvalue.Quote(s.Name)))
	}
	s.Definition = Definition{
		UseCase: stored.UseCase, Labels: stored.Labels, Annotations: stored.Annotations,
		Spec: wholeNumbers(stored.Spec).(map[string]any),
	}
	s.Manifest, s.UseCaseInManifest, s.WritesKind, s.Revision = stored.Manifest, stored.InManifest, stored.WritesKind, stored.Revision
	var err error
	if s.DeletingUntil, err = parseStamp(data, "deletingUntil"); err != nil {
		return s, damaged(record, err)
	}
	return s, nil
}

// Union returns both maps in one; the second wins.
func Union(first, second map[string]string) map[string]string {
	both := maps.Clone(first)
	if both == nil {
		both = map[string]string{}
	}
	maps.Copy(both, second)
	return both
}

func configMap(namespace, name string, labels, data map[string]string) map[string]any {
	labels[LabelManagedBy] = ManagedByValue
	filled := map[string]any{}
	for key, value := range data {
		if value != "" {
			filled[key] = value
		}
	}
	return map[string]any{
		"apiVersion": "v1",
		"kind":       "ConfigMap",
		"metadata":   map[string]any{"namespace": namespace, "name": name, "labels": jsonvalue.FromStrings(labels)},
		"data":       filled,
	}
}

func damaged(record map[string]any, err error) error {
	return fmt.Errorf("the record in ConfigMap %s/%s cannot be read (%w): it was edited by hand. Restore it from a backup; or delete it, and import or recreate the organization secret or assignment that it recorded",
		jsonvalue.StringAt(record, "metadata", "namespace"), jsonvalue.StringAt(record, "metadata", "name"), err)
}

// truth writes a boolean; false needs no entry.
func truth(value bool) string {
	if !value {
		return ""
	}
	return "true"
}

func marshal(value any) string {
	text, err := json.Marshal(value)
	if err != nil || string(text) == "null" || string(text) == "{}" {
		return "" // only values that came from JSON are stored, and nothing needs no entry
	}
	return string(text)
}

func stamp(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(time.RFC3339Nano) // exact, so that two runs never write the same mark
}

func parseStamp(data map[string]any, field string) (time.Time, error) {
	text := jsonvalue.StringAt(data, field)
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return at, fmt.Errorf("%s is %s, which is not an RFC 3339 time", field, jsonvalue.Quote(text))
	}
	return at, nil
}

// wholeNumbers turns the float64 that encoding/json makes of every number back into an int64 where it is one.
func wholeNumbers(v any) any {
	switch v := v.(type) {
	case map[string]any:
		whole := make(map[string]any, len(v))
		for key, value := range v {
			whole[key] = wholeNumbers(value)
		}
		return whole
	case []any:
		whole := make([]any, len(v))
		for i, item := range v {
			whole[i] = wholeNumbers(item)
		}
		return whole
	}
	if i, ok := jsonvalue.Integer(v); ok {
		return i
	}
	return v
}
