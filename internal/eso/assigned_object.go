// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"time"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// AssignmentSync returns the status of an assignment in the cluster of an identity, from its record and, where there is one,
// its object.
func AssignmentSync(a airm.Assignment, cluster string, object map[string]any, now time.Time) Sync {
	late := now.After(a.Until)
	here := a.Copies[cluster]
	failure := orElse(here.Error, a.LastError)
	var sync Sync
	if object != nil {
		sync = ExternalSecretSync(object, time.Time{}, now)
	}
	switch {
	case a.Phase == airm.Unassigning && (late || a.LastError != ""):
		return Sync{Status: airm.DeleteFailed, Reason: orElse(a.LastError, "The run that removed the assignment did not finish. Destroy it again."), LastSynced: sync.LastSynced}
	case a.Phase == airm.Unassigning:
		return Sync{
			Status: airm.Deleting, Reason: orElse(sync.Reason, "The secret is being removed from the project."),
			LastSynced: sync.LastSynced, Recheck: a.Until.Sub(now),
		}
	case failure != "":
		return Sync{Status: airm.Failed, Reason: failure, LastSynced: sync.LastSynced}
	case object != nil:
		return sync
	case a.Phase == airm.Assigning && late:
		return Sync{Status: airm.Failed, Reason: "The run that assigned the secret did not finish. Apply the assignment again."}
	case a.Phase == airm.Assigning:
		return Sync{Status: airm.Pending, Reason: "The ExternalSecret is being created.", Recheck: a.Until.Sub(now)}
	case here.UID == "":
		return Sync{Status: airm.Pending, Reason: "This cluster has the project, but not yet the ExternalSecret. Apply the assignment to create it."}
	default:
		return Sync{Status: airm.SyncedError, Reason: "The ExternalSecret was deleted, although the secret is assigned to the project. Apply the assignment to create it again."}
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
func AssignedObject(s airm.OrganizationSecret, a airm.Assignment, organization string) map[string]any {
	definition := s.Definition
	definition.Labels = airm.Union(definition.Labels, a.Labels)
	definition.Annotations = airm.Union(definition.Annotations, a.Annotations)
	object := ExternalSecret(a.Ref(), definition, Stamp{OwnerID: a.OwnerID, Owner: a.Owner})
	jsonvalue.MakeMap(jsonvalue.MakeMap(object, "metadata"), "labels")[airm.LabelOrganizationSecret] = airm.NameHash(s.Name)
	annotations := jsonvalue.MakeMap(jsonvalue.MakeMap(object, "metadata"), "annotations")
	annotations[airm.AnnotationOrganizationSecret] = s.Name
	annotations[airm.AnnotationOrganization] = organization
	Track(object, nil, Tracking{ID: TrackingID(organization, a.Ref())})
	return object
}
