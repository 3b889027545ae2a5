// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
)

func TestStoreAgainstESO(t *testing.T) {
	attributes := storeAttributes()
	delete(attributes, "allowed_projects")
	delete(attributes, "allowed_project_selector")
	delete(attributes, "conditions")
	checkAgainstESO(t, storeMapping, "SecretStore", attributes, map[string]string{
		"refresh_interval":                 "a duration here, seconds in ESO",
		"other":                            "not required: one of several",
		"SecretStore.conditions":           "allowed_projects, allowed_project_selector and conditions",
		"vault.auth.app_role.path":         "ESO has a default",
		"vault.auth.kubernetes.mount_path": "ESO has a default",
		"vault.auth.ldap.path":             "ESO has a default",
		"vault.auth.user_pass.path":        "ESO has a default",
		"vault.auth.jwt.path":              "ESO has a default",
		"open_bao.auth.app_role.path":      "ESO has a default",
		"open_bao.auth.user_pass.path":     "ESO has a default",
		"fake.data.*.value":                "ESO before 0.16 has another field for maps of values, so that its CRD does not require it",
	})
}

func TestBackends(t *testing.T) {
	if got := backendNames(); !slices.Equal(got, []string{"vault", "open_bao", "aws", "gcp", "azure", "kubernetes", "fake", "other"}) {
		t.Error(got)
	}
}

func TestFakeValuesAreSensitive(t *testing.T) {
	fake := storeAttributes()["fake"].(schema.SingleNestedAttribute)
	data := fake.Attributes["data"].(schema.ListNestedAttribute)
	if !data.NestedObject.Attributes["value"].IsSensitive() {
		t.Error("fake.data.value is shown in plans")
	}
}
