// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"strings"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

func checkVaultStore(ps *storeCheck, store map[string]any, at jsonvalue.Path) {
	ps.need(store, at, "ESO needs the address of Vault.", "server")
	ps.address(store, at, "server", "https://vault.example.com:8200")
	ps.authority(store, at)
	if jsonvalue.StringAt(store, "version") == "v1" {
		if jsonvalue.At(store, "checkAndSet", "required") == true {
			ps.Fail(at.With("checkAndSet", "required"), "No check-and-set in KV version v1", "Only version v2 of the KV engine supports check-and-set, so ESO rejects the store. Remove this field.").
				Also = []jsonvalue.Path{at.With("version")}
		}
		if jsonvalue.StringAt(store, "path") == "" {
			ps.Warn(at.With("path"), "ESO crashes on find", "With version v1 and without path, ESO panics on every secret that uses find, and gives no status. Set path.").
				Also = []jsonvalue.Path{at.With("version")}
		}
	}
	if tls := jsonvalue.MapAt(store, "tls"); len(tls) == 1 {
		ps.need(tls, at.With("tls"), "A client certificate needs its key, and a key its certificate.", "certSecretRef", "keySecretRef")
	}
	checkVaultAuth(ps, store, at)
}

func checkVaultAuth(ps *storeCheck, store map[string]any, at jsonvalue.Path) {
	auth := jsonvalue.MapAt(store, "auth")
	if store["auth"] == nil {
		ps.Warn(at.With("auth"), "ESO does not log in to Vault", "Without auth, ESO sends no token. This works only if server is a Vault proxy that logs in itself.")
		return
	}
	at = at.With("auth")
	ps.exactlyOneOf(auth, at, "authenticate",
		"tokenSecretRef", "appRole", "kubernetes", "ldap", "userPass", "jwt", "cert", "iam", "gcp")
	for _, method := range jsonvalue.SortedKeys(auth) {
		if fields, check := jsonvalue.MapAt(auth, method), vaultAuthRules[method]; fields != nil && check != nil {
			check(ps, fields, at.With(method))
		}
	}
	if auth["cert"] != nil && strings.HasPrefix(jsonvalue.StringAt(store, "server"), "http://") {
		ps.Fail(at.With("cert"), "A client certificate needs TLS", "server begins with http://, so the connection has no TLS, and ESO presents no certificate. Use https://.")
	}
}

var vaultAuthRules = map[string]func(ps *storeCheck, auth map[string]any, at jsonvalue.Path){
	"appRole": func(ps *storeCheck, auth map[string]any, at jsonvalue.Path) {
		ps.exactlyOneOf(auth, at, "set the role ID", "roleId", "roleRef")
		ps.need(auth, at, "An AppRole needs its secret ID.", "secretRef")
	},
	"kubernetes": func(ps *storeCheck, auth map[string]any, at jsonvalue.Path) {
		ps.need(auth, at, "Vault binds a ServiceAccount to policies by a role.", "role")
		ps.atMostOneOf(auth, at, "select the ServiceAccount that logs in", "serviceAccountRef", "secretRef")
		if auth["serviceAccountRef"] == nil && auth["secretRef"] == nil {
			ps.ownIdentity(at, "service_account_ref")
		}
	},
	"ldap":     checkVaultUser,
	"userPass": checkVaultUser,
	"jwt": func(ps *storeCheck, auth map[string]any, at jsonvalue.Path) {
		ps.exactlyOneOf(auth, at, "set the token", "secretRef", "kubernetesServiceAccountToken")
		seconds, ok := jsonvalue.Integer(jsonvalue.At(auth, "kubernetesServiceAccountToken", "expirationSeconds"))
		if ok && seconds < 600 {
			ps.Fail(at.With("kubernetesServiceAccountToken", "expirationSeconds"), "Token expires too early",
				"Kubernetes issues no token for less than 600 seconds. Set 600 or more.")
		}
	},
	"cert": func(ps *storeCheck, auth map[string]any, at jsonvalue.Path) {
		ps.need(auth, at, "A login by certificate needs the certificate and its key.", "clientCert", "secretRef")
	},
	"gcp": func(ps *storeCheck, auth map[string]any, at jsonvalue.Path) {
		ps.need(auth, at, "Vault binds an identity of Google Cloud to policies by a role of its own.", "role")
		ps.atMostOneOf(auth, at, "authenticate", "secretRef", "workloadIdentity", "serviceAccountRef")
		if ref := jsonvalue.MapAt(auth, "secretRef"); ref != nil {
			ps.need(ref, at.With("secretRef"), "ESO authenticates with the key of a service account.", "secretAccessKeySecretRef")
		}
		if auth["secretRef"] == nil && auth["workloadIdentity"] == nil && auth["serviceAccountRef"] == nil {
			ps.ownIdentity(at, "secret_ref, workload_identity or service_account_ref")
		}
	},
	"iam": func(ps *storeCheck, auth map[string]any, at jsonvalue.Path) {
		ps.need(auth, at, "Vault binds an identity of AWS to policies by a role of its own.", "vaultRole")
		ps.region(auth, at)
		ps.roleARN(auth["role"], at.With("role"))
		checkAWSAuth(ps, auth, at)
	},
}

func checkVaultUser(ps *storeCheck, auth map[string]any, at jsonvalue.Path) {
	ps.need(auth, at, "ESO logs in with user name and password.", "username", "secretRef")
}
