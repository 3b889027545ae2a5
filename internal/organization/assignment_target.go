// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
)

// assignmentTarget is an assignment in one of its clusters.
type assignmentTarget struct {
	target
	row *Row
}

// findCopy reads the copy of an assignment, nil if there is none. An object that has only some marks of a copy is an error: a copy must
// not be forgotten because its marks were removed.
func (t assignmentTarget) findCopy(ctx context.Context, organization string) (*unstructured.Unstructured, error) {
	live, err := t.Get(ctx, t.row.Ref())
	switch {
	case cluster.IsNotFound(err):
		return nil, nil
	case err != nil:
		return nil, err
	case t.row.IsCopy(live.Object, t.id, organization):
		return live, nil
	case !airm.HasLabel(live.Object) && (t.row.Copies[t.id].UID != "" || !airm.HasMark(live.Object)):
		return nil, nil // the copy, whose UID is recorded, is gone; or this never was a copy
	}
	if others := t.refuseOthers(live, organization); others != nil {
		return nil, others
	}
	return nil, refuse(fmt.Sprintf("%s is not recognized", t.row.Ref()),
		"Cluster %q has an ExternalSecret of that name with some, but not all, of the labels and annotations of a copy of an organization secret. Neither the object nor the record of the assignment was changed. If the object is the copy, delete it by hand; otherwise remove its labels and annotations terraform-provider-airm/organization*. Then run again.", t.Name())
}

// refuseOthers returns the refusal of a copy that belongs to the records of another platform namespace, nil if it is none. If that
// namespace is gone, the user may bring the copy to these records: as it is, it may as well be another organization's.
func (t assignmentTarget) refuseOthers(live *unstructured.Unstructured, organization string) *Error {
	others := t.row.MarkedFor(live.Object)
	if others == "" || others == organization {
		return nil
	}
	namespace := t.row.record.GetNamespace()
	return refuse(fmt.Sprintf("%s belongs to other records", t.row.Ref()),
		"In cluster %q, it is a copy of an organization secret of that name from the records of another platform namespace, with the UID %s; namespace %s has the UID %s. It was not changed. If that platform namespace still exists, another organization manages the copy: check home_cluster and platform_namespace, or give the organization secret another name. If it was deleted, restore its records, the ConfigMaps, from a backup into namespace %s, and apply again. Do not delete it: the project would lose its Kubernetes Secret. Without a backup, hand the copy over to the records that exist now, in this cluster, and apply again: kubectl --namespace %s annotate externalsecret %s %s=%s --overwrite",
		t.Name(), others, namespace, organization, namespace, t.row.Project, t.row.Secret, airm.AnnotationOrganization, organization)
}

// isRecorded reports whether an object is the one that the row names by its UID.
func (t assignmentTarget) isRecorded(live *unstructured.Unstructured) bool {
	uid := t.row.Copies[t.id].UID
	return live != nil && uid != "" && uid == string(live.GetUID())
}
