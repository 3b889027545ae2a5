// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package airm

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// Phase says what is being done with an assignment.
type Phase string

// The phases of an assignment.
const (
	Assigning   Phase = "assigning"
	Assigned    Phase = "assigned"
	Unassigning Phase = "unassigning"
)

// Assignment is the record of one organization secret in one project: the intent, which outlives the run that wrote it.
type Assignment struct {
	Secret  string
	Project string
	Phase   Phase
	// Until is when assigning or unassigning counts as abandoned: the run that did it was killed.
	Until time.Time
	// Copies are the objects, by the identity of their cluster: those that were made, and those that may have been.
	Copies map[string]Copy
	// Only narrows it to these clusters: their identity by name, empty as long as it is not known. None: all that hold
	// the project.
	Only map[string]string
	// Waiting are clusters that could not be asked whether they hold the project: why not, by name.
	Waiting map[string]string
	// ProjectID is AIRM's ID of the project that it was made for; empty where the namespace has none, or an earlier version
	// wrote the record.
	ProjectID string
	// LastError is why it could not be assigned or unassigned; empty after a success.
	LastError string
	OwnerID   string
	Owner     string
	// Unconfirmed: the run that created it has not come to its end, where a state knows of it.
	Unconfirmed bool
	// Labels and Annotations are those of this project's object alone, besides the definition's.
	Labels      map[string]string
	Annotations map[string]string
}

// Copy is the object of an assignment in one cluster.
type Copy struct {
	// Cluster is the name of the cluster in the workspace that made it, for people.
	Cluster string `json:"cluster"`
	// UID is that of the object; empty as long as it is not known to be made.
	UID string `json:"uid,omitempty"`
	// Error is why it could not be created or updated there; empty after a success.
	Error string `json:"error,omitempty"`
	// Refused: the cluster itself refused to create it, and nothing of that name there may be it.
	Refused bool `json:"refused,omitempty"`
}

// MayExist reports whether the object was made, or may have been.
func (c Copy) MayExist() bool { return c.UID != "" || !c.Refused }

// HasCopy reports whether the project has, or had, the secret in some cluster.
func (a Assignment) HasCopy() bool {
	for _, c := range a.Copies {
		if c.UID != "" {
			return true
		}
	}
	return false
}

// Includes reports whether the assignment belongs into a cluster that holds the project.
func (a Assignment) Includes(identity, name string) bool {
	if len(a.Only) == 0 {
		return true
	}
	for itsName, itsIdentity := range a.Only {
		if itsIdentity == identity || itsIdentity == "" && itsName == name {
			return true
		}
	}
	return false
}

// ID is "secret/project".
func (a Assignment) ID() string { return a.Secret + "/" + a.Project }

// Ref is the object of the assignment: it has the organization secret's name.
func (a Assignment) Ref() Ref {
	return Ref{Kind: KindExternalSecret, Project: a.Project, Name: a.Secret}
}

// IsCopy reports whether a live object is the copy of this assignment in the cluster of an identity. It is the object
// whose UID the record has, whatever was done to its labels; or, where the record does not know the UID yet, one that
// has the label, which admission policies protect, and the annotations that say where it is and whose records these are.
func (a Assignment) IsCopy(object map[string]any, cluster, organization string) bool {
	if jsonvalue.StringAt(object, "metadata", "namespace") != a.Project || jsonvalue.StringAt(object, "metadata", "name") != a.Secret {
		return false
	}
	uid := a.Copies[cluster].UID
	return uid != "" && uid == jsonvalue.StringAt(object, "metadata", "uid") || a.isMarked(object, organization)
}

// isMarked reports whether an object has the label and all annotations of a copy of these records.
func (a Assignment) isMarked(object map[string]any, organization string) bool {
	owner := a.MarkedFor(object)
	return owner != "" && owner == organization
}

// MarkedFor returns the UID of the platform namespace for whose records an object has the label and all annotations of a copy, empty
// if it lacks some. Either alone proves nothing: tools copy labels, and a user who may write in a project may write annotations.
func (a Assignment) MarkedFor(object map[string]any) string {
	annotations := jsonvalue.MapAt(object, "metadata", "annotations")
	if jsonvalue.StringAt(object, "metadata", "labels", LabelOrganizationSecret) != NameHash(a.Secret) ||
		annotations[AnnotationOrganizationSecret] != a.Secret || annotations[AnnotationHome] != a.Ref().Home() {
		return ""
	}
	return jsonvalue.StringAt(annotations, AnnotationOrganization)
}

// HasLabel reports whether an object has the label of a copy of some organization secret, which admission policies protect.
func HasLabel(object map[string]any) bool {
	return jsonvalue.StringAt(object, "metadata", "labels", LabelOrganizationSecret) != ""
}

// HasMark reports whether an object has anything on it that this provider puts on copies of organization secrets. It
// proves nothing, but such an object does not count as another owner's either.
func HasMark(object map[string]any) bool {
	for _, kind := range []string{"labels", "annotations"} {
		for key := range jsonvalue.MapAt(object, "metadata", kind) {
			if strings.HasPrefix(key, AnnotationPrefix+"/organization") {
				return true
			}
		}
	}
	return false
}

// ConfigMap writes the record; its namespace is the platform namespace.
func (a Assignment) ConfigMap(namespace string) map[string]any {
	return configMap(namespace, AssignmentRecordName(a.Secret, a.Project),
		map[string]string{LabelRecord: recordAssignment, LabelOrganizationSecret: NameHash(a.Secret), LabelProject: NameHash(a.Project)},
		map[string]string{
			"secret": a.Secret, "project": a.Project, "projectID": a.ProjectID,
			"phase": string(a.Phase), "until": stamp(a.Until), "lastError": a.LastError,
			"copies": marshal(a.Copies), "only": marshal(a.Only), "waiting": marshal(a.Waiting),
			"labels": marshal(a.Labels), "annotations": marshal(a.Annotations),
			"ownerID": a.OwnerID, "owner": a.Owner, "unconfirmed": truth(a.Unconfirmed),
		})
}

// ParseAssignment reads the record; the error says which ConfigMap is damaged.
func ParseAssignment(record map[string]any) (Assignment, error) {
	data := jsonvalue.MapAt(record, "data")
	a := Assignment{
		Secret:      jsonvalue.StringAt(data, "secret"),
		Project:     jsonvalue.StringAt(data, "project"),
		ProjectID:   jsonvalue.StringAt(data, "projectID"),
		Phase:       Phase(jsonvalue.StringAt(data, "phase")),
		LastError:   jsonvalue.StringAt(data, "lastError"),
		OwnerID:     jsonvalue.StringAt(data, "ownerID"),
		Owner:       jsonvalue.StringAt(data, "owner"),
		Unconfirmed: jsonvalue.StringAt(data, "unconfirmed") != "",
	}
	if a.Phase != Assigning && a.Phase != Assigned && a.Phase != Unassigning {
		return a, damaged(record, fmt.Errorf("its phase is %s", jsonvalue.Quote(string(a.Phase))))
	}
	var err error
	if a.Until, err = parseStamp(data, "until"); err != nil {
		return a, damaged(record, err)
	}
	for field, target := range map[string]any{
		"copies": &a.Copies, "only": &a.Only, "waiting": &a.Waiting,
		"labels": &a.Labels, "annotations": &a.Annotations,
	} {
		if text := jsonvalue.StringAt(data, field); text != "" {
			if err := json.Unmarshal([]byte(text), target); err != nil {
				return a, damaged(record, err)
			}
		}
	}
	delete(a.Copies, "") // written by an earlier version where the identity of a cluster was unknown
	name := jsonvalue.StringAt(record, "metadata", "name")
	if a.Secret == "" || a.Project == "" || name != AssignmentRecordName(a.Secret, a.Project) {
		return a, damaged(record, fmt.Errorf("it names the assignment %s", jsonvalue.Quote(a.ID())))
	}
	return a, nil
}
