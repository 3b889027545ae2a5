// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package airm

import (
	"fmt"
	"strings"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// Ref says which object is meant. Project is its namespace, empty for a ClusterSecretStore.
type Ref struct {
	Kind    string
	Project string
	Name    string
}

// String names the object for people: "ExternalSecret team-a/db" or "ClusterSecretStore vault".
func (r Ref) String() string {
	return r.Kind + " " + r.ID()
}

// ID is "project/name", or "name" without a project: the id that Terraform imports by. It never holds an API version.
func (r Ref) ID() string {
	if r.Project == "" {
		return r.Name
	}
	return r.Project + "/" + r.Name
}

// ParseProjectSecretID reads the id of a project secret, "project/name". The error shows the expected form.
func ParseProjectSecretID(id string) (Ref, error) {
	project, name, found := strings.Cut(id, "/")
	if !found {
		return Ref{}, fmt.Errorf("%s is not the ID of a project secret: it has the form \"project/name\", for example \"team-a/db\"", jsonvalue.Quote(id))
	}
	ref := Ref{Kind: KindExternalSecret, Project: project, Name: name}
	if err := ref.check(); err != nil {
		return Ref{}, fmt.Errorf("%s is not the ID of a project secret, which has the form \"project/name\": %w", jsonvalue.Quote(id), err)
	}
	return ref, nil
}

// ParseProviderStoreID reads the id of a provider store: "name" is a ClusterSecretStore, "project/name" a SecretStore.
// The error shows the expected forms.
func ParseProviderStoreID(id string) (Ref, error) {
	ref := Ref{Kind: KindClusterSecretStore, Name: id}
	if project, name, found := strings.Cut(id, "/"); found {
		ref = Ref{Kind: KindSecretStore, Project: project, Name: name}
	}
	if err := ref.check(); err != nil {
		return Ref{}, fmt.Errorf("%s is not the ID of a provider store, which has the form \"name\" (for the whole organization) or \"project/name\": %w", jsonvalue.Quote(id), err)
	}
	return ref, nil
}

func (r Ref) check() error {
	if r.Kind != KindClusterSecretStore {
		if err := CheckProject(r.Project); err != nil {
			return err
		}
	}
	return CheckName(r.Name)
}

// Home is the value of AnnotationHome.
func (r Ref) Home() string {
	return r.Project + "/" + r.Name
}
