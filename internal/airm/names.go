// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package airm

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// Kinds and API group of the objects that the provider writes.
const (
	Group                  = "external-secrets.io"
	KindExternalSecret     = "ExternalSecret"
	KindSecretStore        = "SecretStore"
	KindClusterSecretStore = "ClusterSecretStore"
)

// The provider's names in a cluster, one for each use. Objects in clusters have them, so none of them may change.
const (
	// FieldManager owns what the provider applies (server-side apply).
	FieldManager = "terraform-provider-airm"
	// ManagedByValue is the value of LabelManagedBy.
	ManagedByValue = "terraform-provider-airm"
	// AnnotationPrefix is the prefix of the keys of the provider's annotations and labels.
	AnnotationPrefix = "terraform-provider-airm"
	// ProductName names the provider itself, as in the user agent.
	ProductName = "terraform-provider-airm"
)

// Labels and annotations that the provider stamps on its objects. They are hints and proofs for us, never a declared
// content: that one of them is missing is no drift.
const (
	// LabelManagedBy is stamped with ManagedByValue unless the user has set it.
	LabelManagedBy = "app.kubernetes.io/managed-by"
	// AnnotationOwnerID holds the random id of the one resource, in one state, that owns the object.
	AnnotationOwnerID = AnnotationPrefix + "/owner-id"
	// AnnotationOwner shows people which workspace that state belongs to.
	AnnotationOwner = AnnotationPrefix + "/owner"
	// AnnotationHome holds "namespace/name" ("/name" without a namespace) of the object as it was made: tools that copy
	// objects copy annotations too, and this distinguishes a copy from the original.
	AnnotationHome = AnnotationPrefix + "/home"
	// AnnotationUnconfirmed is on an object until the create that made it has come to its end, where a state knows of it:
	// one that has it was left behind by a create that was killed.
	AnnotationUnconfirmed = AnnotationPrefix + "/unconfirmed"
	// AnnotationDeclared holds the result of DeclaredDefaults.
	AnnotationDeclared = AnnotationPrefix + "/declared"
)

// Labels of AMD Resource Manager (AIRM), and the annotation by which people ask ESO to synchronize now.
const (
	// LabelUseCase is AIRM's label for what a secret is for.
	LabelUseCase = "airm.silogen.ai/use-case"
	// LabelProjectSecretID is the id by which AIRM's agent reports an object; see Track.
	LabelProjectSecretID = "airm.silogen.ai/project-secret-id"
	// LabelScope is set by AIRM's agent on every ExternalSecret in a project, in any case.
	LabelScope = "airm.silogen.ai/secret-scope"
	// AnnotationAutoDiscovered with the value "true" has AIRM's agent register the object in AIRM, once for each id. AIRM's webhook
	// sets it to "false" on what is created with an id.
	AnnotationAutoDiscovered = "airm.silogen.ai/auto-discovered"
	// LabelProjectID is on every namespace that is a project.
	LabelProjectID = "airm.silogen.ai/project-id"
	// DefaultProjectSelector selects the projects among the namespaces.
	DefaultProjectSelector = LabelProjectID
	// AnnotationForceSync makes ESO synchronize whenever its value changes; by convention the value is a time.
	AnnotationForceSync = "force-sync"
)

const (
	// MaxSubdomain is the longest name of an object (RFC 1123 subdomain), in characters.
	MaxSubdomain = 253
	maxLabel     = 63
)

// CheckName returns an error unless name can be the name of a secret or a store: a DNS-1123 subdomain of 2 to 253
// characters, which is what both Kubernetes and AIRM accept.
func CheckName(name string) error {
	wrong := SubdomainProblem(name)
	if wrong == "" && len(name) < 2 {
		wrong = "it has only one character"
	}
	if wrong == "" {
		return nil
	}
	return fmt.Errorf("%s is not a valid name: %s. A name has 2 to 253 lower-case letters, digits, \"-\" or \".\"; it, and every part between dots, begins and ends with a letter or a digit (a DNS-1123 subdomain)", jsonvalue.Quote(name), wrong)
}

// CheckProject returns an error unless name can be the name of a project, thus of a namespace: a DNS-1123 label.
func CheckProject(name string) error {
	wrong := LabelProblem(name)
	if wrong == "" {
		return nil
	}
	return fmt.Errorf("%s is not a valid project name: %s. A project is a namespace: 1 to 63 lower-case letters, digits or \"-\", beginning and ending with a letter or a digit (a DNS-1123 label)", jsonvalue.Quote(name), wrong)
}

// CheckCluster returns an error unless name can be what a user calls a cluster. It stands in import ids, behind "@" and
// between commas.
func CheckCluster(name string) error {
	if len(name) <= maxLabel && clusterName.MatchString(name) {
		return nil
	}
	return fmt.Errorf("%s is not a valid cluster name: use 1 to 63 letters, digits, \"-\", \"_\" or \".\", beginning with a letter or a digit", jsonvalue.Quote(name))
}

var clusterName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

// Reserved reports whether key, of a label or an annotation, belongs to AIRM or to the provider, so that users may not set
// it: AIRM's agent trusts its own keys, and one that it does not understand stops its message queue for all clusters.
func Reserved(key string) bool {
	prefix, _, found := strings.Cut(key, "/")
	return found && (prefix == "airm.silogen.ai" || prefix == "airm.silogen.com" || prefix == AnnotationPrefix)
}

// SubdomainProblem says what keeps name from being a DNS-1123 subdomain; empty if nothing does.
func SubdomainProblem(name string) string {
	if problem := characterProblem(name, MaxSubdomain, "."); problem != "" {
		return problem
	}
	for part := range strings.SplitSeq(name, ".") {
		switch {
		case part == "" && len(name) > 0 && (name[0] == '.' || name[len(name)-1] == '.'):
			return "it begins or ends with \".\""
		case part == "":
			return "it has two dots in a row"
		}
		if problem := endsProblem(part); problem != "" {
			if part != name {
				return fmt.Sprintf("its part %s %s", jsonvalue.Quote(part), problem)
			}
			return "it " + problem
		}
	}
	return ""
}

// LabelProblem says what keeps name from being a DNS-1123 label; empty if nothing does.
func LabelProblem(name string) string {
	if problem := characterProblem(name, maxLabel, ""); problem != "" {
		return problem
	}
	if problem := endsProblem(name); problem != "" {
		return "it " + problem
	}
	return ""
}

func characterProblem(name string, longest int, more string) string {
	switch {
	case name == "":
		return "it is empty"
	case len(name) > longest:
		return fmt.Sprintf("it has %d characters", len(name))
	}
	for i, r := range []rune(name) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '-', strings.ContainsRune(more, r):
		case r >= 'A' && r <= 'Z':
			return fmt.Sprintf("character %d, %q, is upper case", i+1, r)
		default:
			return fmt.Sprintf("character %d, %q, is not allowed", i+1, r)
		}
	}
	return ""
}

func endsProblem(part string) string {
	switch {
	case part[0] == '-':
		return "begins with \"-\""
	case part[len(part)-1] == '-':
		return "ends with \"-\""
	}
	return ""
}
