package secrets

func checkOpenBaoStore(ps *storeCheck, store map[string]any, at Path) {
	ps.need(store, at, "ESO does not know where OpenBao is.", "server")
	ps.address(store, at, "server", "https://openbao.example.com:8200")
	ps.authority(store, at)
	auth := mapAt(store, "auth")
	at = at.with("auth")
	ps.only(auth, at, "authenticate", "tokenSecretRef", "appRole", "userPass")
	if role := mapAt(auth, "appRole"); role != nil {
		vaultAuthRules["appRole"](ps, role, at.with("appRole"))
	}
	if user := mapAt(auth, "userPass"); user != nil {
		checkVaultUser(ps, user, at.with("userPass"))
	}
}
