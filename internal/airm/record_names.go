// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package airm

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// DefaultPlatformNamespace is the namespace of the home cluster that keeps the organization's records.
const DefaultPlatformNamespace = "airm-secrets"

// Labels of the records, and of the objects that carry an organization secret. They hold hashes, because a label's value
// is at most 63 characters; the data of a record, and the annotation of an object, hold the names.
const (
	// LabelRecord is the kind of a record: recordDefinition or recordAssignment.
	LabelRecord = AnnotationPrefix + "/record"
	// LabelOrganizationSecret holds the hash of an organization secret's name.
	LabelOrganizationSecret = AnnotationPrefix + "/organization-secret"
	// LabelProject holds the hash of a project's name.
	LabelProject = AnnotationPrefix + "/project"
	// AnnotationOrganizationSecret holds the organization secret's name, on the objects that carry it.
	AnnotationOrganizationSecret = AnnotationPrefix + "/organization-secret"
	// AnnotationOrganization holds the UID of the platform namespace: it distinguishes objects of this organization's records from
	// those that a backup, a copy or another organization brought here.
	AnnotationOrganization = AnnotationPrefix + "/organization"
)

const (
	recordDefinition = "organization-secret"
	recordAssignment = "assignment"
)

// DefinitionRecordName is the name of the ConfigMap that keeps an organization secret.
func DefinitionRecordName(secret string) string { return ShortName(recordDefinition + "." + secret) }

// AssignmentRecordName is the name of the ConfigMap that keeps an assignment. A project's name has no dot, so no two
// assignments share one.
func AssignmentRecordName(secret, project string) string {
	return ShortName(recordAssignment + "." + secret + "." + project)
}

// DefinitionSelector selects the records of all organization secrets.
func DefinitionSelector() string { return LabelRecord + "=" + recordDefinition }

// AssignmentSelector selects the assignments of one organization secret, or all of them where secret is empty.
func AssignmentSelector(secret string) string {
	selector := LabelRecord + "=" + recordAssignment
	if secret != "" {
		selector += "," + LabelOrganizationSecret + "=" + NameHash(secret)
	}
	return selector
}

// ShortName shortens a name that is too long for Kubernetes, and keeps it unique by a hash.
func ShortName(name string) string {
	if len(name) <= MaxSubdomain {
		return name
	}
	hash := NameHash(name)
	return strings.TrimRight(name[:MaxSubdomain-len(hash)-2], "-.") + "-x" + hash
}

// NameHash returns the hash by which labels stand for a name that may be too long for them.
func NameHash(name string) string {
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:10])
}

// CarriedSelector selects the objects that carry an organization secret, or any where secret is empty.
func CarriedSelector(secret string) string {
	if secret == "" {
		return LabelOrganizationSecret
	}
	return LabelOrganizationSecret + "=" + NameHash(secret)
}
