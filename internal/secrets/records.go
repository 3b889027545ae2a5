package secrets

import (
	"encoding/json"
	"fmt"
	"maps"
	"time"
)

// OrganizationSecret is the record of an organization secret: its definition, and whether it is being deleted.
type OrganizationSecret struct {
	Name       string
	Definition Definition
	// Manifest tells that it was declared as a manifest, for an import later.
	Manifest bool
	// WritesKind tells that the kind of a store was written out although it is the default.
	WritesKind bool
	Revision   int64
	OwnerID    string
	Owner      string
	// DeletingUntil is set while it is being deleted: until then the deletion is taken to be under way.
	DeletingUntil time.Time
}

// BeingDeleted tells whether somebody has begun to delete the organization secret; no assignment is accepted then.
func (s OrganizationSecret) BeingDeleted() bool { return !s.DeletingUntil.IsZero() }

// Phase says what is being done with an assignment.
type Phase string

// The phases of an assignment.
const (
	Assigning   Phase = "assigning"
	Assigned    Phase = "assigned"
	Unassigning Phase = "unassigning"
)

// Assignment is the record of one organization secret in one project: the intent, which outlives whoever had it.
type Assignment struct {
	Secret  string
	Project string
	Phase   Phase
	// Until is when assigning or unassigning is given up for dead: whoever did it was killed.
	Until time.Time
	// UIDs are those of the objects that were created, by cluster.
	UIDs map[string]string
	// LastError is why the object could not be created, updated or deleted; empty after a success.
	LastError string
	OwnerID   string
	Owner     string
	// Labels and Annotations are those of this project's object alone, besides the definition's.
	Labels      map[string]string
	Annotations map[string]string
}

// ID is "secret/project".
func (a Assignment) ID() string { return a.Secret + "/" + a.Project }

// Ref is the object of the assignment: it has the organization secret's name.
func (a Assignment) Ref() Ref {
	return Ref{Kind: KindExternalSecret, Project: a.Project, Name: a.Secret}
}

// Status gives the status of the assignment in one cluster from its record and, where there is one, its object.
func (a Assignment) Status(object map[string]any, now time.Time) Sync {
	late := now.After(a.Until)
	var sync Sync
	if object != nil {
		sync = ExternalSecretSync(object, time.Time{}, now)
	}
	switch {
	case a.Phase == Unassigning && (late || a.LastError != ""):
		return Sync{Status: DeleteFailed, Reason: orElse(a.LastError, "Whoever removed it did not finish: destroy the assignment again."), LastSynced: sync.LastSynced}
	case a.Phase == Unassigning:
		return Sync{Status: Deleting, Reason: orElse(sync.Reason, "It is being removed from the project."), LastSynced: sync.LastSynced, Recheck: a.Until.Sub(now)}
	case a.LastError != "":
		return Sync{Status: Failed, Reason: a.LastError, LastSynced: sync.LastSynced}
	case object != nil:
		return sync
	case a.Phase == Assigning && late:
		return Sync{Status: Failed, Reason: "Whoever assigned it did not finish: apply the assignment again."}
	case a.Phase == Assigning:
		return Sync{Status: Pending, Reason: "It is being created.", Recheck: a.Until.Sub(now)}
	default:
		return Sync{Status: SyncedError, Reason: "The ExternalSecret is gone although the project has the secret assigned: somebody deleted it. Applying the assignment creates it again."}
	}
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// AssignedObject renders the ExternalSecret of an assignment: definition and record together, so that one field manager
// always sends one whole set. Organization is the UID of the platform namespace.
func AssignedObject(s OrganizationSecret, a Assignment, organization string) map[string]any {
	definition := s.Definition
	definition.Labels = union(definition.Labels, a.Labels)
	definition.Annotations = union(definition.Annotations, a.Annotations)
	object := ExternalSecret(a.Ref(), definition, Stamp{OwnerID: a.OwnerID, Owner: a.Owner})
	inner(inner(object, "metadata"), "labels")[LabelOrganizationSecret] = nameHash(s.Name)
	annotations := inner(inner(object, "metadata"), "annotations")
	annotations[AnnotationOrganizationSecret] = s.Name
	annotations[AnnotationOrganization] = organization
	return object
}

// CarriesOrganizationSecret tells whether a live object is the one of this assignment. The label alone proves nothing:
// tools copy labels, so the annotations have to fit to where the object is and to whose records these are.
func CarriesOrganizationSecret(object map[string]any, a Assignment, organization string) bool {
	annotations := mapAt(object, "metadata", "annotations")
	return annotations[AnnotationOrganizationSecret] == a.Secret &&
		annotations[AnnotationOrganization] == organization &&
		annotations[AnnotationHome] == a.Ref().home() &&
		textAt(object, "metadata", "namespace") == a.Project && textAt(object, "metadata", "name") == a.Secret
}

// storedDefinition is how a definition is kept in a record.
type storedDefinition struct {
	UseCase     UseCase           `json:"useCase,omitempty"`
	Labels      map[string]string `json:"labels,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
	Spec        map[string]any    `json:"spec"`
	Manifest    bool              `json:"manifest,omitempty"`
	WritesKind  bool              `json:"writesKind,omitempty"`
	Revision    int64             `json:"revision"`
}

// ConfigMap writes the record; its namespace is the platform namespace.
func (s OrganizationSecret) ConfigMap(namespace string) map[string]any {
	return configMap(namespace, DefinitionRecordName(s.Name),
		map[string]string{LabelRecord: recordDefinition, LabelOrganizationSecret: nameHash(s.Name)},
		map[string]string{
			"name": s.Name,
			"definition": marshal(storedDefinition{
				UseCase: s.Definition.UseCase, Labels: s.Definition.Labels, Annotations: s.Definition.Annotations,
				Spec: s.Definition.Spec, Manifest: s.Manifest, WritesKind: s.WritesKind, Revision: s.Revision,
			}),
			"ownerID": s.OwnerID, "owner": s.Owner, "deletingUntil": stamp(s.DeletingUntil),
		})
}

// ParseOrganizationSecret reads the record; the error says which ConfigMap is damaged.
func ParseOrganizationSecret(record map[string]any) (OrganizationSecret, error) {
	data := mapAt(record, "data")
	s := OrganizationSecret{Name: textAt(data, "name"), OwnerID: textAt(data, "ownerID"), Owner: textAt(data, "owner")}
	var stored storedDefinition
	if err := json.Unmarshal([]byte(textAt(data, "definition")), &stored); err != nil {
		return s, damaged(record, err)
	}
	if found := textAt(record, "metadata", "name"); s.Name == "" || found != DefinitionRecordName(s.Name) {
		return s, damaged(record, fmt.Errorf("it names the secret %s", quote(s.Name)))
	}
	s.Definition = Definition{UseCase: stored.UseCase, Labels: stored.Labels, Annotations: stored.Annotations, Spec: wholeNumbers(stored.Spec).(map[string]any)}
	s.Manifest, s.Revision = stored.Manifest, stored.Revision
	var err error
	if s.DeletingUntil, err = parseStamp(data, "deletingUntil"); err != nil {
		return s, damaged(record, err)
	}
	return s, nil
}

// ConfigMap writes the record; its namespace is the platform namespace.
func (a Assignment) ConfigMap(namespace string) map[string]any {
	return configMap(namespace, AssignmentRecordName(a.Secret, a.Project),
		map[string]string{LabelRecord: recordAssignment, LabelOrganizationSecret: nameHash(a.Secret), LabelProject: nameHash(a.Project)},
		map[string]string{
			"secret": a.Secret, "project": a.Project, "phase": string(a.Phase), "until": stamp(a.Until),
			"uids": marshal(a.UIDs), "labels": marshal(a.Labels), "annotations": marshal(a.Annotations), "lastError": a.LastError, "ownerID": a.OwnerID, "owner": a.Owner,
		})
}

// ParseAssignment reads the record; the error says which ConfigMap is damaged.
func ParseAssignment(record map[string]any) (Assignment, error) {
	data := mapAt(record, "data")
	a := Assignment{
		Secret: textAt(data, "secret"), Project: textAt(data, "project"), Phase: Phase(textAt(data, "phase")),
		LastError: textAt(data, "lastError"), OwnerID: textAt(data, "ownerID"), Owner: textAt(data, "owner"),
	}
	if a.Phase != Assigning && a.Phase != Assigned && a.Phase != Unassigning {
		return a, damaged(record, fmt.Errorf("its phase is %s", quote(string(a.Phase))))
	}
	var err error
	if a.Until, err = parseStamp(data, "until"); err != nil {
		return a, damaged(record, err)
	}
	for field, target := range map[string]*map[string]string{"uids": &a.UIDs, "labels": &a.Labels, "annotations": &a.Annotations} {
		if text := textAt(data, field); text != "" {
			if err := json.Unmarshal([]byte(text), target); err != nil {
				return a, damaged(record, err)
			}
		}
	}
	if found := textAt(record, "metadata", "name"); a.Secret == "" || a.Project == "" || found != AssignmentRecordName(a.Secret, a.Project) {
		return a, damaged(record, fmt.Errorf("it names the assignment %s", quote(a.ID())))
	}
	return a, nil
}

// union gives both maps in one; the second wins.
func union(first, second map[string]string) map[string]string {
	both := maps.Clone(first)
	if both == nil {
		both = map[string]string{}
	}
	maps.Copy(both, second)
	return both
}

func configMap(namespace, name string, labels, data map[string]string) map[string]any {
	labels[LabelManagedBy] = FieldManager
	filled := map[string]any{}
	for key, value := range data {
		if value != "" {
			filled[key] = value
		}
	}
	return map[string]any{
		"apiVersion": "v1",
		"kind":       "ConfigMap",
		"metadata":   map[string]any{"namespace": namespace, "name": name, "labels": textMap(labels)},
		"data":       filled,
	}
}

func damaged(record map[string]any, err error) error {
	return fmt.Errorf("the record in ConfigMap %s/%s cannot be read (%w): it was changed by hand; restore it from a backup, or remove it and import or create anew what it stood for",
		textAt(record, "metadata", "namespace"), textAt(record, "metadata", "name"), err)
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
	text := textAt(data, field)
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return at, fmt.Errorf("%s is %s, which is no time", field, quote(text))
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
	if i, ok := integer(v); ok {
		return i
	}
	return v
}
