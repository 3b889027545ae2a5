// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package airm

import (
	"reflect"
	"testing"
	"time"
)

// Whatever a record holds is read again: what is lost would be written anew by every update.
func TestOrganizationSecretRecord(t *testing.T) {
	t.Parallel()
	written := OrganizationSecret{
		Name: "s", OwnerID: "id", Owner: "acme/one", Revision: 3,
		Manifest: true, UseCaseInManifest: true, WritesKind: true, Unconfirmed: true,
		DeletingUntil: time.Unix(1800000000, 0).UTC(),
		Definition: Definition{
			UseCase: "Generic", Labels: map[string]string{"a": "b"}, Annotations: map[string]string{"c": "d"},
			Spec: map[string]any{"data": []any{map[string]any{"secretKey": "k"}}, "number": int64(1)},
		},
	}
	fields := reflect.ValueOf(written)
	for i := range fields.NumField() {
		if fields.Field(i).IsZero() {
			t.Errorf("%s is not set, so this shows nothing of it", fields.Type().Field(i).Name)
		}
	}
	read, err := ParseOrganizationSecret(written.ConfigMap("platform"))
	if err != nil || !reflect.DeepEqual(read, written) {
		t.Errorf("written %+v\nread    %+v\n%v", written, read, err)
	}
}
