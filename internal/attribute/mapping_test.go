// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package attribute

import "testing"

func TestCamel(t *testing.T) {
	for snake, want := range map[string]string{
		"name": "name", "mount_path": "mountPath", "vault_url": "vaultUrl",
		"project_id": "projectID", "access_key_id_secret_ref": "accessKeyIDSecretRef", "use_azure_sdk": "useAzureSDK",
	} {
		if got := Camel(snake); got != want {
			t.Errorf("%s: got %s, want %s", snake, got, want)
		}
	}
}
