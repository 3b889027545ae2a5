package secrets

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

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
	// Copies are the objects, by the identity of their cluster: those that were made, and those that may have been.
	Copies map[string]Copy
	// Only narrows it to these clusters: their identity by name, empty as long as it is not known. None: all that hold
	// the project.
	Only map[string]string
	// Waiting are clusters that could not be asked whether they hold the project: why not, by name.
	Waiting map[string]string
	// ProjectID is AIRM's id of the project that it was made for; empty where the namespace has none, or an earlier version
	// wrote the record.
	ProjectID string
	// LastError is why it could not be assigned or taken away; empty after a success.
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
	// Cluster is what whoever made it calls the cluster, for people.
	Cluster string `json:"cluster"`
	// UID is that of the object; empty as long as it is not known to be made.
	UID string `json:"uid,omitempty"`
	// Error is why it could not be created or updated there; empty after a success.
	Error string `json:"error,omitempty"`
}

// Placed tells whether the project has, or had, the secret in some cluster.
func (a Assignment) Placed() bool {
	for _, c := range a.Copies {
		if c.UID != "" {
			return true
		}
	}
	return false
}

// Wants tells whether the assignment belongs into a cluster that holds the project.
func (a Assignment) Wants(identity, name string) bool {
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

// Status gives the status of the assignment in the cluster of an identity from its record and, where there is one, its
// object.
func (a Assignment) Status(cluster string, object map[string]any, now time.Time) Sync {
	late := now.After(a.Until)
	here := a.Copies[cluster]
	failure := orElse(here.Error, a.LastError)
	var sync Sync
	if object != nil {
		sync = ExternalSecretSync(object, time.Time{}, now)
	}
	switch {
	case a.Phase == Unassigning && (late || a.LastError != ""):
		return Sync{Status: DeleteFailed, Reason: orElse(a.LastError, "Whoever removed it did not finish: destroy the assignment again."), LastSynced: sync.LastSynced}
	case a.Phase == Unassigning:
		return Sync{Status: Deleting, Reason: orElse(sync.Reason, "It is being removed from the project."), LastSynced: sync.LastSynced, Recheck: a.Until.Sub(now)}
	case failure != "":
		return Sync{Status: Failed, Reason: failure, LastSynced: sync.LastSynced}
	case object != nil:
		return sync
	case a.Phase == Assigning && late:
		return Sync{Status: Failed, Reason: "Whoever assigned it did not finish: apply the assignment again."}
	case a.Phase == Assigning:
		return Sync{Status: Pending, Reason: "It is being created.", Recheck: a.Until.Sub(now)}
	case here.UID == "":
		return Sync{Status: Pending, Reason: "The project is in this cluster, but the secret is not placed there yet. Applying the assignment does that."}
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
	Track(object, nil, TrackingID(organization, a.Ref()), false)
	return object
}

// IsCopy reports whether a live object is the copy of this assignment in the cluster of an identity. It is the object
// whose UID the record has, whatever was done to its labels; or, where the record does not know the UID yet, one that
// has the label, which admission policies protect, and the annotations that say where it is and whose records these are.
func (a Assignment) IsCopy(object map[string]any, cluster, organization string) bool {
	if textAt(object, "metadata", "namespace") != a.Project || textAt(object, "metadata", "name") != a.Secret {
		return false
	}
	uid := a.Copies[cluster].UID
	return uid != "" && uid == textAt(object, "metadata", "uid") || a.isMarked(object, organization)
}

// isMarked reports whether an object has the label and all annotations of a copy. Either alone proves nothing: tools copy
// labels, and whoever may write in a project may write annotations.
func (a Assignment) isMarked(object map[string]any, organization string) bool {
	annotations := mapAt(object, "metadata", "annotations")
	return textAt(object, "metadata", "labels", LabelOrganizationSecret) == nameHash(a.Secret) &&
		annotations[AnnotationOrganizationSecret] == a.Secret &&
		annotations[AnnotationOrganization] == organization &&
		annotations[AnnotationHome] == a.Ref().home()
}

// HasLabel reports whether an object has the label of a copy of some organization secret, which admission policies protect.
func HasLabel(object map[string]any) bool {
	return textAt(object, "metadata", "labels", LabelOrganizationSecret) != ""
}

// HasMark reports whether an object has anything on it that this provider puts on copies of organization secrets. It
// proves nothing, but such an object is not to be taken for somebody else's either.
func HasMark(object map[string]any) bool {
	for _, kind := range []string{"labels", "annotations"} {
		for key := range mapAt(object, "metadata", kind) {
			if strings.HasPrefix(key, FieldManager+"/organization") {
				return true
			}
		}
	}
	return false
}

// ConfigMap writes the record; its namespace is the platform namespace.
func (a Assignment) ConfigMap(namespace string) map[string]any {
	return configMap(namespace, AssignmentRecordName(a.Secret, a.Project),
		map[string]string{LabelRecord: recordAssignment, LabelOrganizationSecret: nameHash(a.Secret), LabelProject: nameHash(a.Project)},
		map[string]string{
			"secret": a.Secret, "project": a.Project, "phase": string(a.Phase), "until": stamp(a.Until),
			"copies": marshal(a.Copies), "only": marshal(a.Only), "waiting": marshal(a.Waiting),
			"labels": marshal(a.Labels), "annotations": marshal(a.Annotations), "lastError": a.LastError, "ownerID": a.OwnerID, "owner": a.Owner, "unconfirmed": truth(a.Unconfirmed),
			"projectID": a.ProjectID,
		})
}

// ParseAssignment reads the record; the error says which ConfigMap is damaged.
func ParseAssignment(record map[string]any) (Assignment, error) {
	data := mapAt(record, "data")
	a := Assignment{
		Secret: textAt(data, "secret"), Project: textAt(data, "project"), Phase: Phase(textAt(data, "phase")),
		LastError: textAt(data, "lastError"), OwnerID: textAt(data, "ownerID"), Owner: textAt(data, "owner"), Unconfirmed: textAt(data, "unconfirmed") != "",
		ProjectID: textAt(data, "projectID"),
	}
	if a.Phase != Assigning && a.Phase != Assigned && a.Phase != Unassigning {
		return a, damaged(record, fmt.Errorf("its phase is %s", quote(string(a.Phase))))
	}
	var err error
	if a.Until, err = parseStamp(data, "until"); err != nil {
		return a, damaged(record, err)
	}
	for field, target := range map[string]any{"copies": &a.Copies, "only": &a.Only, "waiting": &a.Waiting, "labels": &a.Labels, "annotations": &a.Annotations} {
		if text := textAt(data, field); text != "" {
			if err := json.Unmarshal([]byte(text), target); err != nil {
				return a, damaged(record, err)
			}
		}
	}
	delete(a.Copies, "") // written by an earlier version where a cluster could not tell its identity
	if found := textAt(record, "metadata", "name"); a.Secret == "" || a.Project == "" || found != AssignmentRecordName(a.Secret, a.Project) {
		return a, damaged(record, fmt.Errorf("it names the assignment %s", quote(a.ID())))
	}
	return a, nil
}
