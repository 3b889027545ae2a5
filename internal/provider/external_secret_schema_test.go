// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import "testing"

func TestContentAgainstESO(t *testing.T) {
	attributes := contentAttributes()
	delete(attributes, "manifest")
	checkAgainstESO(t, contentMapping, "ExternalSecret", attributes, map[string]string{
		"data.*.key":                      "optional here: the domain says that it is missing, for `manifest` alike",
		"store.name":                      "ESO's webhook and controller need it, its CRD does not",
		"data.*.store.name":               "likewise",
		"data_from.*.store.name":          "likewise",
		"ExternalSecret.data[].secretKey": "the key of the map",
	})
}
