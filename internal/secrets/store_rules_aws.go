package secrets

import "regexp"

func checkAWSStore(ps *storeCheck, store map[string]any, at Path) {
	ps.need(store, at, "ESO asks one service in one region.", "service", "region")
	ps.region(store, at)
	ps.roleARN(store["role"], at.with("role"))
	for i, role := range listAt(store, "additionalRoles") {
		ps.roleARN(role, at.with("additionalRoles", i))
	}
	checkAWSSession(ps, store, at)
	checkRecovery(ps, store, at)
	checkAWSAuth(ps, mapAt(store, "auth"), at.with("auth"))
}

var (
	awsRegion  = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+){1,3}-[0-9]{1,2}$`)
	hostPart   = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)
	awsRoleARN = regexp.MustCompile(`^arn:aws[a-z-]*:iam::[0-9]{12}:role/[\w+=,.@/-]+$`)
)

func (ps *storeCheck) region(object map[string]any, at Path) {
	if text := textAt(object, "region"); text != "" && !awsRegion.MatchString(text) {
		p := ps.warn(at.with("region"), "Invalid region", "%s is not the name of a region of AWS, such as eu-central-1 (availability zones and the names that people use are none). "+
			"Only where ESO is set up for a service that looks like AWS it may be right.", quote(text))
		p.Warning = hostPart.MatchString(text) // ESO refuses what makes no host name
	}
}

func (ps *storeCheck) roleARN(role any, at Path) {
	if text, ok := role.(string); ok && text != "" && !awsRoleARN.MatchString(text) {
		ps.warn(at, "Invalid role", "%s is not the ARN of a role of AWS, such as arn:aws:iam::123456789012:role/secrets-reader. Only a service that looks like AWS may take it.", quote(text))
	}
}

// checkAWSSession warns of what ESO only heeds when it assumes a role.
func checkAWSSession(ps *storeCheck, store map[string]any, at Path) {
	for _, field := range []string{"externalID", "sessionTags", "transitiveTagKeys"} {
		if !hollow(store[field]) && textAt(store, "role") == "" {
			ps.warn(at.with(field), "Without effect", "It is used when ESO assumes role, and that is not set.").Also = []Path{at.with("role")}
		}
	}
}

func checkRecovery(ps *storeCheck, store map[string]any, at Path) {
	settings := mapAt(store, "secretsManager")
	if settings == nil {
		return
	}
	at = at.with("secretsManager")
	if service := textAt(store, "service"); service != "" && service != "SecretsManager" {
		ps.warn(at, "Without effect", "The service is %s; these are settings of Secrets Manager.", service)
	}
	days, _ := integer(settings["recoveryWindowInDays"])
	if days != 0 && (days < 7 || days > 30) {
		ps.fail(at.with("recoveryWindowInDays"), "Invalid recovery window", "It is %d days; AWS takes 7 to 30.", days)
	}
	if days != 0 && settings["forceDeleteWithoutRecovery"] == true {
		ps.fail(at.with("recoveryWindowInDays"), "Recovery window without recovery", "forceDeleteWithoutRecovery leaves nothing to recover, and ESO refuses both together. Keep one.").
			Also = []Path{at.with("forceDeleteWithoutRecovery")}
	}
}

// checkAWSAuth is for AWS itself and for Vault's AWS method.
func checkAWSAuth(ps *storeCheck, auth map[string]any, at Path) {
	ps.one(auth, at, true, "authenticate", "jwt", "secretRef")
	if jwt := mapAt(auth, "jwt"); jwt != nil {
		ps.need(jwt, at.with("jwt"), "ESO crashes on a jwt without it, and never gives the store a status.", "serviceAccountRef")
	}
	if ref := mapAt(auth, "secretRef"); ref != nil {
		ps.need(ref, at.with("secretRef"), "An access key has an id and a secret.", "accessKeyIDSecretRef", "secretAccessKeySecretRef")
	}
	if auth["jwt"] == nil && auth["secretRef"] == nil {
		ps.ownIdentity(at, "jwt or secret_ref")
	}
}
