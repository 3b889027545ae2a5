// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"regexp"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

func checkAWSStore(ps *storeCheck, store map[string]any, at jsonvalue.Path) {
	ps.need(store, at, "ESO reads from one service in one region.", "service", "region")
	ps.region(store, at)
	ps.roleARN(store["role"], at.With("role"))
	for i, role := range jsonvalue.ListAt(store, "additionalRoles") {
		ps.roleARN(role, at.With("additionalRoles", i))
	}
	checkAWSSession(ps, store, at)
	checkRecovery(ps, store, at)
	checkAWSAuth(ps, jsonvalue.MapAt(store, "auth"), at.With("auth"))
}

var (
	awsRegion  = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+){1,3}-[0-9]{1,2}$`)
	hostPart   = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)
	awsRoleARN = regexp.MustCompile(`^arn:aws[a-z-]*:iam::[0-9]{12}:role/[\w+=,.@/-]+$`)
)

func (ps *storeCheck) region(object map[string]any, at jsonvalue.Path) {
	if text := jsonvalue.StringAt(object, "region"); text != "" && !awsRegion.MatchString(text) {
		p := ps.Warn(at.With("region"), "Invalid region", "%s is not the name of a region of AWS, such as eu-central-1 (not an availability zone, nor a display name). It can be right only if ESO is configured for a service that is compatible with AWS.", jsonvalue.Quote(text))
		p.Warning = hostPart.MatchString(text) // ESO refuses what makes no host name
	}
}

func (ps *storeCheck) roleARN(role any, at jsonvalue.Path) {
	if text, ok := role.(string); ok && text != "" && !awsRoleARN.MatchString(text) {
		ps.Warn(at, "Invalid role", "%s is not the ARN of a role of AWS, such as arn:aws:iam::123456789012:role/secrets-reader. Only a service that is compatible with AWS may accept it.", jsonvalue.Quote(text))
	}
}

// checkAWSSession warns of what ESO only heeds when it assumes a role.
func checkAWSSession(ps *storeCheck, store map[string]any, at jsonvalue.Path) {
	for _, field := range []string{"externalID", "sessionTags", "transitiveTagKeys"} {
		if !jsonvalue.IsEmpty(store[field]) && jsonvalue.StringAt(store, "role") == "" {
			ps.Warn(at.With(field), "Without effect", "ESO uses this field only when it assumes role, which is not set.").
				Also = []jsonvalue.Path{at.With("role")}
		}
	}
}

func checkRecovery(ps *storeCheck, store map[string]any, at jsonvalue.Path) {
	settings := jsonvalue.MapAt(store, "secretsManager")
	if settings == nil {
		return
	}
	at = at.With("secretsManager")
	if service := jsonvalue.StringAt(store, "service"); service != "" && service != "SecretsManager" {
		ps.Warn(at, "Without effect", "The service is %s, but these settings apply to Secrets Manager only.", service)
	}
	days, _ := jsonvalue.Integer(settings["recoveryWindowInDays"])
	if days != 0 && (days < 7 || days > 30) {
		ps.Fail(at.With("recoveryWindowInDays"), "Invalid recovery window", "The value is %d days, but AWS accepts 7 to 30.", days)
	}
	if days != 0 && settings["forceDeleteWithoutRecovery"] == true {
		ps.Fail(at.With("recoveryWindowInDays"), "Recovery window without recovery", "forceDeleteWithoutRecovery deletes at once, without a recovery window, and ESO rejects both together. Keep one.").
			Also = []jsonvalue.Path{at.With("forceDeleteWithoutRecovery")}
	}
}

// checkAWSAuth is for AWS itself and for Vault's AWS method.
func checkAWSAuth(ps *storeCheck, auth map[string]any, at jsonvalue.Path) {
	ps.atMostOneOf(auth, at, "authenticate", "jwt", "secretRef")
	if jwt := jsonvalue.MapAt(auth, "jwt"); jwt != nil {
		ps.need(jwt, at.With("jwt"), "ESO crashes on a jwt without it, and never sets the status of the store.", "serviceAccountRef")
	}
	if ref := jsonvalue.MapAt(auth, "secretRef"); ref != nil {
		ps.need(ref, at.With("secretRef"), "An access key has an ID and a secret.", "accessKeyIDSecretRef", "secretAccessKeySecretRef")
	}
	if auth["jwt"] == nil && auth["secretRef"] == nil {
		ps.ownIdentity(at, "jwt or secret_ref")
	}
}
