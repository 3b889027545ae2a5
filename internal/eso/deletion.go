// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"fmt"
	"strings"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// Finalizer keeps an object that is being deleted until it is removed.
type Finalizer struct {
	// Name is the finalizer, Owner says who removes it.
	Name, Owner string
	// Hint says what to look at when it stays.
	Hint string
}

var knownFinalizers = map[string]Finalizer{
	"externalsecrets.external-secrets.io/externalsecret-cleanup": {
		Owner: "ESO",
		Hint:  "ESO removes this finalizer after it has cleaned up the Secret: check that ESO runs in this cluster.",
	},
	"secretstore.externalsecrets.io/finalizer": {
		Owner: "ESO",
		Hint:  "ESO removes this finalizer when no PushSecret with deletionPolicy Delete refers to the store: delete these PushSecrets first.",
	},
	"airm.silogen.ai/secret-finalizer": {
		Owner: "AIRM's agent",
		Hint: "The agent removes this finalizer after it has reported the deletion to AIRM, by an update that the agent's own webhook must admit: check that the agent and its webhook run in this cluster (" +
			airm.AgentPlace + ").",
	},
	"foregroundDeletion": {
		Owner: "Kubernetes",
		Hint:  "The garbage collector removes this finalizer after it has deleted the object's dependents, such as the Secret: check these for finalizers.",
	},
	"orphan": {
		Owner: "Kubernetes",
		Hint:  "The garbage collector removes this finalizer after it has removed the owner references of the object's dependents: check that the controller manager runs.",
	},
}

// DeletionBlockers lists the finalizers of an object: its deletion ends when their owners have removed them.
func DeletionBlockers(obj map[string]any) []Finalizer {
	var blockers []Finalizer
	for _, name := range jsonvalue.ListAt(obj, "metadata", "finalizers") {
		name, ok := name.(string)
		if !ok {
			continue
		}
		f, known := knownFinalizers[name]
		if !known {
			f = Finalizer{Owner: "an unknown controller", Hint: "The controller that set this finalizer removes it: find that controller, and check that it runs."}
		}
		f.Name = jsonvalue.Sanitize(name)
		blockers = append(blockers, f)
	}
	return blockers
}

// ExplainDeletion says, in sentences, what an object that is being deleted waits for: each finalizer, who removes it, and what
// to look at. It is empty where there is no finalizer.
func ExplainDeletion(obj map[string]any) string {
	var sentences []string
	for _, f := range DeletionBlockers(obj) {
		sentences = append(sentences, fmt.Sprintf("The deletion waits for the finalizer %s of %s. %s", f.Name, f.Owner, f.Hint))
	}
	return strings.Join(sentences, " ")
}

// DependentSecret returns the Kubernetes Secret that will be deleted with an object of a project: the one that ESO writes
// for an ExternalSecret, and the one that keeps the credentials of a store.
func DependentSecret(obj map[string]any) (airm.Ref, bool) {
	ref := airm.Ref{
		Kind:    jsonvalue.StringAt(obj, "kind"),
		Project: jsonvalue.StringAt(obj, "metadata", "namespace"),
		Name:    jsonvalue.StringAt(obj, "metadata", "name"),
	}
	switch ref.Kind {
	case airm.KindExternalSecret:
		return airm.Ref{Kind: KindSecret, Project: ref.Project, Name: TargetSecretName(ref, jsonvalue.MapAt(obj, "spec"))}, true
	case airm.KindSecretStore:
		return CredentialsRef(ref, ""), true
	}
	return airm.Ref{}, false
}

// ExplainDependent says which finalizers remain on a Secret that is deleted with its object.
func ExplainDependent(secret airm.Ref, obj map[string]any) string {
	var sentences []string
	for _, f := range DeletionBlockers(obj) {
		sentences = append(sentences, fmt.Sprintf("%s still has the finalizer %s of %s. %s", secret, f.Name, f.Owner, f.Hint))
	}
	return strings.Join(sentences, " ")
}
