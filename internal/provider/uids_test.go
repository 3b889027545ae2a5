// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"maps"
	"reflect"
	"testing"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

// What is written into the attribute uids is read from it again.
func TestObjectUIDs(t *testing.T) {
	for _, c := range []struct {
		ref  airm.Ref
		want map[string]string
	}{
		{airm.Ref{Kind: airm.KindExternalSecret, Project: "team-a", Name: "db"},
			map[string]string{"home/kube-system": "c1", "home/team-a/db": "u1", "east/team-a/db": "u2"}},
		{airm.Ref{Kind: airm.KindClusterSecretStore, Name: "vault"},
			map[string]string{"home/kube-system": "c1", "home/vault": "u1", "east/vault": "u2"}},
		{airm.Ref{Kind: airm.KindClusterSecretStore, Name: "kube-system"},
			map[string]string{"home/kube-system": "c1", "home/ClusterSecretStore/kube-system": "u1", "east/ClusterSecretStore/kube-system": "u2"}},
	} {
		all := map[string]knownCopy{"home": {Cluster: "c1", UID: "u1"}, "east": {UID: "u2"}}
		uids := objectUIDs(all, c.ref)
		if !maps.Equal(uids, c.want) {
			t.Errorf("%s: %v", c.ref, uids)
		}
		if got := copiesIn(uids, c.ref); !reflect.DeepEqual(got, all) {
			t.Errorf("%s: %v", c.ref, got)
		}
	}
}
