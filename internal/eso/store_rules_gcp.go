// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"regexp"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

func checkGCPStore(ps *storeCheck, store map[string]any, at jsonvalue.Path) {
	if text := jsonvalue.StringAt(store, "location"); text != "" && !gcpLocation.MatchString(text) {
		ps.Warn(at.With("location"), "Invalid location", "%s is not the name of a location of Google Cloud, such as europe-west3. ESO accepts any text, but then cannot reach a server.", jsonvalue.Quote(text))
	}
	auth := jsonvalue.MapAt(store, "auth")
	checkGCPProject(ps, store, auth, at)
	at = at.With("auth")
	methods := []string{"secretRef", "workloadIdentity", "workloadIdentityFederation"}
	ps.atMostOneOf(auth, at, "authenticate", methods...)
	if ref := jsonvalue.MapAt(auth, "secretRef"); ref != nil {
		ps.need(ref, at.With("secretRef"), "ESO authenticates with the key of a service account.", "secretAccessKeySecretRef")
	}
	if identity := jsonvalue.MapAt(auth, "workloadIdentity"); identity != nil {
		ps.need(identity, at.With("workloadIdentity"), "ESO acts as this ServiceAccount.", "serviceAccountRef")
	}
	if federation := jsonvalue.MapAt(auth, "workloadIdentityFederation"); federation != nil {
		checkGCPFederation(ps, federation, at.With("workloadIdentityFederation"))
	}
	if auth[methods[0]] == nil && auth[methods[1]] == nil && auth[methods[2]] == nil {
		ps.ownIdentity(at, "workload_identity or another method")
	}
}

var gcpLocation = regexp.MustCompile(`^[a-z]+((-[a-z]+)+[0-9]+)?$`)

// checkGCPProject checks that the project is set: ESO before 2.2 validates a store without a project and then finds nothing;
// later ones ask the metadata server, but not for a service account key.
func checkGCPProject(ps *storeCheck, store, auth map[string]any, at jsonvalue.Path) {
	if jsonvalue.StringAt(store, "projectID") != "" {
		return
	}
	if auth["secretRef"] != nil {
		ps.need(store, at, "With a service account key ESO cannot find out in which project the values are.", "projectID")
		return
	}
	ps.Warn(at.With("projectID"), "No project", "ESO before 2.2 accepts such a store and then fails to sync every secret; later versions query the metadata server of the machine. Set the project.")
}

func checkGCPFederation(ps *storeCheck, federation map[string]any, at jsonvalue.Path) {
	ps.onlyOneOf(federation, at, "get a token for federation", "credConfig", "serviceAccountRef", "awsSecurityCredentials")
	if federation["serviceAccountRef"] != nil || federation["awsSecurityCredentials"] != nil {
		ps.need(federation, at, "Without credConfig, only this field names the provider of the pool.", "audience")
	}
	if aws := jsonvalue.MapAt(federation, "awsSecurityCredentials"); aws != nil {
		ps.need(aws, at.With("awsSecurityCredentials"), "ESO signs a request to AWS.", "region", "awsCredentialsSecretRef")
		ps.region(aws, at.With("awsSecurityCredentials"))
	}
}
