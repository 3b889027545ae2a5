package secrets

import "strings"

const (
	azureServicePrincipal = "ServicePrincipal"
	azureManagedIdentity  = "ManagedIdentity"
	azureWorkloadIdentity = "WorkloadIdentity"
	azureStack            = "AzureStackCloud"
)

func checkAzureStore(ps *storeCheck, store map[string]any, at Path) {
	ps.need(store, at, "ESO reads one vault.", "vaultUrl")
	ps.address(store, at, "vaultUrl", "https://example.vault.azure.net")
	if store["useAzureSDK"] == true && strings.HasPrefix(textAt(store, "vaultUrl"), "http://") {
		ps.fail(at.with("vaultUrl"), "The newer client needs TLS", "With useAzureSDK ESO sends no credentials to an address that begins with http://. Use https://.").
			Also = []Path{at.with("useAzureSDK")}
	}
	checkAzureStack(ps, store, at)
	checkAzureAuth(ps, store, at)
}

// checkAzureAuth: every finding depends on authType.
func checkAzureAuth(ps *storeCheck, store map[string]any, at Path) {
	before := len(*ps.problems)
	defer func() {
		for i := before; i < len(*ps.problems); i++ {
			p := &(*ps.problems)[i]
			p.Also = append(p.Also, at.with("authType"), at.with("serviceAccountRef"))
		}
	}()
	auth := mapAt(store, "authSecretRef")
	switch textAt(store, "authType") {
	case "", azureServicePrincipal:
		ps.need(store, at, "A service principal belongs to a tenant.", "tenantId")
		ps.need(store, at, "A service principal has a client id, and a client secret or certificate.", "authSecretRef")
		if auth != nil {
			ps.need(auth, at.with("authSecretRef"), "A service principal has a client id.", "clientId")
			ps.only(auth, at.with("authSecretRef"), "prove the service principal", "clientSecret", "clientCertificate")
		}
		ps.unused(store, at, "serviceAccountRef", "identityId")
	case azureWorkloadIdentity:
		if auth != nil && store["serviceAccountRef"] != nil {
			ps.need(auth, at.with("authSecretRef"), "With authSecretRef ESO takes the client id from there and not from the ServiceAccount.", "clientId")
		}
		if store["serviceAccountRef"] == nil {
			ps.ownIdentity(at.with("authType"), "service_account_ref")
			ps.unused(store, at, "authSecretRef", "tenantId")
		}
		ps.unused(store, at, "identityId")
	case azureManagedIdentity:
		ps.ownIdentity(at.with("authType"), "auth_type to WorkloadIdentity with a service_account_ref, or to ServicePrincipal,")
		ps.unused(store, at, "serviceAccountRef", "authSecretRef", "tenantId")
	}
}

// unused warns of what ESO does not look at with the authentication that was chosen.
func (ps *storeCheck) unused(store map[string]any, at Path, fields ...string) {
	for _, field := range fields {
		if store[field] != nil {
			ps.warn(at.with(field), "Without effect", "ESO does not look at it with this way to authenticate.")
		}
	}
}

func checkAzureStack(ps *storeCheck, store map[string]any, at Path) {
	endpoints := mapAt(store, "customCloudConfig")
	isStack := textAt(store, "environmentType") == azureStack
	if isStack {
		ps.need(store, at, "An Azure Stack has endpoints of its own.", "customCloudConfig")
	}
	if (isStack || endpoints != nil) && store["useAzureSDK"] != true {
		ps.fail(at.with("useAzureSDK"), "Endpoints of a cloud need the newer client", "ESO's older client knows no other endpoints, and ESO refuses the store. Set it to true.")
	}
	if !isStack && endpoints != nil {
		ps.warn(at.with("customCloudConfig"), "Not in every version of ESO", "ESO before 1.2 takes endpoints only where environmentType is %s, and refuses the store otherwise.", azureStack).
			Also = []Path{at.with("environmentType")}
	}
	if endpoints == nil {
		return
	}
	at = at.with("customCloudConfig")
	ps.need(endpoints, at, "ESO asks there for tokens.", "activeDirectoryEndpoint")
	for _, field := range []string{"activeDirectoryEndpoint", "keyVaultEndpoint", "resourceManagerEndpoint"} {
		ps.address(endpoints, at, field, "https://adfs.stack.example.com")
	}
}
