// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import "github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"

func checkOpenBaoStore(ps *storeCheck, store map[string]any, at jsonvalue.Path) {
	ps.need(store, at, "ESO needs the address of OpenBao.", "server")
	ps.address(store, at, "server", "https://openbao.example.com:8200")
	ps.authority(store, at)
	auth := jsonvalue.MapAt(store, "auth")
	at = at.With("auth")
	ps.onlyOneOf(auth, at, "authenticate", "tokenSecretRef", "appRole", "userPass")
	if role := jsonvalue.MapAt(auth, "appRole"); role != nil {
		vaultAuthRules["appRole"](ps, role, at.With("appRole"))
	}
	if user := jsonvalue.MapAt(auth, "userPass"); user != nil {
		checkVaultUser(ps, user, at.With("userPass"))
	}
}
