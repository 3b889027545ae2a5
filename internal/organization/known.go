// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"context"
	"errors"
	"fmt"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
)

var (
	// ErrAnotherRecord means that a record is not the one that a state knows: that one is gone, and another run has created
	// one of the same name; or these are the records of another organization.
	ErrAnotherRecord = errors.New("it is not the record in the state")

	// ErrAnotherHome means that there is no such record, but that these are not the records that the state knows either.
	ErrAnotherHome = errors.New("these are not the records in the state")
)

// Known is what a state knows of a record. The zero value matches any record.
type Known struct {
	UID     string // of the ConfigMap
	OwnerID string // that the state has written into it, which a backup brings back
	Home
}

// Home identifies the records as a whole.
type Home struct {
	ClusterUID    string // of the home cluster, empty where that may not be read
	NamespaceUID  string // of the platform namespace, empty where there is none
	NamespaceName string
}

// Is reports whether a record is the one that the state knows.
func (k Known) Is(uid, ownerID string) bool {
	return k.UID == "" && k.OwnerID == "" || k.UID != "" && k.UID == uid || k.OwnerID != "" && k.OwnerID == ownerID
}

func (k Known) checkRow(row *Row) error {
	if k.Is(row.UID(), row.OwnerID) {
		return nil
	}
	return fmt.Errorf("assignment %s: %w%s", row.ID(), ErrAnotherRecord, ofOwner(row.Owner))
}

func (k Known) checkDefinition(d *Definition) error {
	if k.Is(d.UID(), d.OwnerID) {
		return nil
	}
	return fmt.Errorf("organization secret %q: %w%s", d.Name, ErrAnotherRecord, ofOwner(d.Owner))
}

// Home returns what identifies these records.
func (r *recordReader) Home(ctx context.Context) (Home, error) {
	home := Home{NamespaceName: r.namespace}
	var err error
	if home.ClusterUID, err = r.home.ID(ctx); err != nil {
		return home, err
	}
	home.NamespaceUID, err = r.organization(ctx)
	if cluster.IsNotFound(err) {
		err = nil
	}
	return home, err
}

// HomeName is what the provider block calls the home cluster.
func (r *recordReader) HomeName() string { return r.home.Name() }

// Namespace is the name of the platform namespace.
func (r *recordReader) Namespace() string { return r.namespace }

// CheckHome is for a record that was not found. It returns ErrAnotherHome if these are not the records that the state knows, so that
// the record does not count as gone.
func (r *recordReader) CheckHome(ctx context.Context, known Known) error {
	if known.ClusterUID == "" && known.NamespaceUID == "" {
		return nil // a state of an earlier version, or none
	}
	now, err := r.Home(ctx)
	if err != nil {
		return err
	}
	if !known.isSame(now) {
		return ErrAnotherHome
	}
	return nil
}

// isSame reports whether these are the records that were known. A platform namespace that was deleted, or created again in the same
// cluster, is still the same: the records that it had are gone.
func (h Home) isSame(now Home) bool {
	sameCluster := h.ClusterUID != "" && h.ClusterUID == now.ClusterUID
	sameName := h.NamespaceName == "" || h.NamespaceName == now.NamespaceName
	return h.NamespaceUID != "" && h.NamespaceUID == now.NamespaceUID || sameCluster && sameName
}
