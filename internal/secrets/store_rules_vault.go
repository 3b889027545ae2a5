package secrets

import "strings"

func checkVaultStore(ps *storeCheck, store map[string]any, at Path) {
	ps.need(store, at, "ESO does not know where Vault is.", "server")
	ps.address(store, at, "server", "https://vault.example.com:8200")
	ps.authority(store, at)
	if textAt(store, "version") == "v1" {
		if lookup(store, "checkAndSet", "required") == true {
			ps.fail(at.with("checkAndSet", "required"), "No check-and-set in KV version v1", "Only version v2 of the KV engine has it, and ESO refuses the store. Remove it.").
				Also = []Path{at.with("version")}
		}
		if textAt(store, "path") == "" {
			ps.warn(at.with("path"), "ESO crashes on find", "With version v1 and without path, ESO panics on every secret that uses find, and gives no status. Set path.").
				Also = []Path{at.with("version")}
		}
	}
	if tls := mapAt(store, "tls"); len(tls) == 1 {
		ps.need(tls, at.with("tls"), "A client certificate needs its key, and a key its certificate.", "certSecretRef", "keySecretRef")
	}
	checkVaultAuth(ps, store, at)
}

func checkVaultAuth(ps *storeCheck, store map[string]any, at Path) {
	auth := mapAt(store, "auth")
	if store["auth"] == nil {
		ps.warn(at.with("auth"), "ESO does not log in to Vault", "Without auth it sends no token. That works only where server is a Vault proxy that logs in by itself.")
		return
	}
	at = at.with("auth")
	ps.one(auth, at, false, "authenticate", "tokenSecretRef", "appRole", "kubernetes", "ldap", "userPass", "jwt", "cert", "iam", "gcp")
	for _, method := range keysOf(auth) {
		if fields, check := mapAt(auth, method), vaultAuthRules[method]; fields != nil && check != nil {
			check(ps, fields, at.with(method))
		}
	}
	if auth["cert"] != nil && strings.HasPrefix(textAt(store, "server"), "http://") {
		ps.fail(at.with("cert"), "A client certificate needs TLS", "server begins with http://, so there is no TLS and no certificate is shown. Use https://.")
	}
}

var vaultAuthRules = map[string]func(ps *storeCheck, auth map[string]any, at Path){
	"appRole": func(ps *storeCheck, auth map[string]any, at Path) {
		ps.one(auth, at, false, "give the role id", "roleId", "roleRef")
		ps.need(auth, at, "An AppRole needs its secret id.", "secretRef")
	},
	"kubernetes": func(ps *storeCheck, auth map[string]any, at Path) {
		ps.need(auth, at, "Vault binds a ServiceAccount to policies by a role.", "role")
		ps.one(auth, at, true, "say which ServiceAccount logs in", "serviceAccountRef", "secretRef")
		if auth["serviceAccountRef"] == nil && auth["secretRef"] == nil {
			ps.ownIdentity(at, "service_account_ref")
		}
	},
	"ldap":     checkVaultUser,
	"userPass": checkVaultUser,
	"jwt": func(ps *storeCheck, auth map[string]any, at Path) {
		ps.one(auth, at, false, "give the token", "secretRef", "kubernetesServiceAccountToken")
		seconds, ok := integer(lookup(auth, "kubernetesServiceAccountToken", "expirationSeconds"))
		if ok && seconds < 600 {
			ps.fail(at.with("kubernetesServiceAccountToken", "expirationSeconds"), "Token that lasts too short", "Kubernetes gives no token for less than 600 seconds.")
		}
	},
	"cert": func(ps *storeCheck, auth map[string]any, at Path) {
		ps.need(auth, at, "A login by certificate needs the certificate and its key.", "clientCert", "secretRef")
	},
	"gcp": func(ps *storeCheck, auth map[string]any, at Path) {
		ps.need(auth, at, "Vault binds an identity of Google Cloud to policies by a role of its own.", "role")
		ps.one(auth, at, true, "authenticate", "secretRef", "workloadIdentity", "serviceAccountRef")
		if ref := mapAt(auth, "secretRef"); ref != nil {
			ps.need(ref, at.with("secretRef"), "ESO authenticates with the key of a service account.", "secretAccessKeySecretRef")
		}
		if auth["secretRef"] == nil && auth["workloadIdentity"] == nil && auth["serviceAccountRef"] == nil {
			ps.ownIdentity(at, "secret_ref, workload_identity or service_account_ref")
		}
	},
	"iam": func(ps *storeCheck, auth map[string]any, at Path) {
		ps.need(auth, at, "Vault binds an identity of AWS to policies by a role of its own.", "vaultRole")
		ps.region(auth, at)
		ps.roleARN(auth["role"], at.with("role"))
		checkAWSAuth(ps, auth, at)
	},
}

func checkVaultUser(ps *storeCheck, auth map[string]any, at Path) {
	ps.need(auth, at, "ESO logs in with user name and password.", "username", "secretRef")
}
