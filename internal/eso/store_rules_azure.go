// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"strings"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

const (
	azureServicePrincipal = "ServicePrincipal"
	azureManagedIdentity  = "ManagedIdentity"
	azureWorkloadIdentity = "WorkloadIdentity"
	azureStack            = "AzureStackCloud"
)

func checkAzureStore(ps *storeCheck, store map[string]any, at jsonvalue.Path) {
	ps.need(store, at, "ESO reads from one vault.", "vaultUrl")
	ps.address(store, at, "vaultUrl", "https://example.vault.azure.net")
	if store["useAzureSDK"] == true && strings.HasPrefix(jsonvalue.StringAt(store, "vaultUrl"), "http://") {
		ps.Fail(at.With("vaultUrl"), "The newer client needs TLS", "With useAzureSDK ESO sends no credentials to an address that begins with http://. Use https://.").
			Also = []jsonvalue.Path{at.With("useAzureSDK")}
	}
	checkAzureStack(ps, store, at)
	checkAzureAuth(ps, store, at)
}

// checkAzureAuth checks the authentication. Every problem that it finds depends on authType.
func checkAzureAuth(ps *storeCheck, store map[string]any, at jsonvalue.Path) {
	before := len(*ps.Problems)
	defer func() {
		for i := before; i < len(*ps.Problems); i++ {
			p := &(*ps.Problems)[i]
			p.Also = append(p.Also, at.With("authType"), at.With("serviceAccountRef"))
		}
	}()
	auth := jsonvalue.MapAt(store, "authSecretRef")
	switch jsonvalue.StringAt(store, "authType") {
	case "", azureServicePrincipal:
		ps.need(store, at, "A service principal belongs to a tenant.", "tenantId")
		ps.need(store, at, "A service principal has a client ID, and a client secret or certificate.", "authSecretRef")
		if auth != nil {
			ps.need(auth, at.With("authSecretRef"), "A service principal has a client ID.", "clientId")
			ps.onlyOneOf(auth, at.With("authSecretRef"), "authenticate the service principal", "clientSecret", "clientCertificate")
		}
		ps.unused(store, at, "serviceAccountRef", "identityId")
	case azureWorkloadIdentity:
		if auth != nil && store["serviceAccountRef"] != nil {
			ps.need(auth, at.With("authSecretRef"), "With authSecretRef ESO takes the client ID from there and not from the ServiceAccount.", "clientId")
		}
		if store["serviceAccountRef"] == nil {
			ps.ownIdentity(at.With("authType"), "service_account_ref")
			ps.unused(store, at, "authSecretRef", "tenantId")
		}
		ps.unused(store, at, "identityId")
	case azureManagedIdentity:
		ps.ownIdentity(at.With("authType"), "auth_type to WorkloadIdentity with a service_account_ref, or to ServicePrincipal,")
		ps.unused(store, at, "serviceAccountRef", "authSecretRef", "tenantId")
	}
}

// unused warns of what ESO does not look at with the authentication that was chosen.
func (ps *storeCheck) unused(store map[string]any, at jsonvalue.Path, fields ...string) {
	for _, field := range fields {
		if store[field] != nil {
			ps.Warn(at.With(field), "Without effect", "ESO ignores this field with this authentication method.")
		}
	}
}

func checkAzureStack(ps *storeCheck, store map[string]any, at jsonvalue.Path) {
	endpoints := jsonvalue.MapAt(store, "customCloudConfig")
	isStack := jsonvalue.StringAt(store, "environmentType") == azureStack
	if isStack {
		ps.need(store, at, "An Azure Stack has its own endpoints.", "customCloudConfig")
	}
	if (isStack || endpoints != nil) && store["useAzureSDK"] != true {
		ps.Fail(at.With("useAzureSDK"), "Endpoints of a cloud need the newer client", "ESO's older client does not support other endpoints, so ESO rejects the store. Set this field to true.")
	}
	if !isStack && endpoints != nil {
		ps.Warn(at.With("customCloudConfig"), "Not in every version of ESO", "ESO before 1.2 accepts endpoints only if environmentType is %s, and otherwise rejects the store.", azureStack).
			Also = []jsonvalue.Path{at.With("environmentType")}
	}
	if endpoints == nil {
		return
	}
	at = at.With("customCloudConfig")
	ps.need(endpoints, at, "ESO requests tokens from this endpoint.", "activeDirectoryEndpoint")
	for _, field := range []string{"activeDirectoryEndpoint", "keyVaultEndpoint", "resourceManagerEndpoint"} {
		ps.address(endpoints, at, field, "https://adfs.stack.example.com")
	}
}
