package secrets

// storeSpec describes what the CRDs of SecretStore and ClusterSecretStore, and ESO's Go types, add to spec by themselves
// (config/crds of ESO 0.20.4). The rest of it is known to the typed arguments and to the cluster.
var storeSpec = field{fields: map[string]field{
	"conditions": {item: &field{fields: map[string]field{"namespaces": {}, "namespaceSelector": {}, "namespaceRegexes": {}}}},
	"provider": {fields: map[string]field{
		"vault": {fields: map[string]field{
			"version": {preset: "v2"},
			"tls":     {always: true},
			"auth": {fields: map[string]field{
				"appRole":    {fields: map[string]field{"path": {preset: "approle"}}},
				"kubernetes": {fields: map[string]field{"mountPath": {preset: "kubernetes"}}},
				"ldap":       {fields: map[string]field{"path": {preset: "ldap"}}},
				"userPass":   {fields: map[string]field{"path": {preset: "userpass"}}},
				"jwt":        {fields: map[string]field{"path": {preset: "jwt"}}},
				"cert":       {fields: map[string]field{"path": {preset: "cert"}}},
				"gcp":        {fields: map[string]field{"path": {preset: "gcp"}}},
			}},
		}},
		"aws": {fields: map[string]field{
			"auth":              {always: true},
			"sessionTagsPolicy": {preset: "None"},
		}},
		"gcpsm": {fields: map[string]field{
			"auth":                         {always: true},
			"secretVersionSelectionPolicy": {preset: "LatestOrFail"},
		}},
		"azurekv": {fields: map[string]field{
			"authType":        {preset: "ServicePrincipal"},
			"environmentType": {preset: "PublicCloud"},
			"useAzureSDK":     {preset: false},
		}},
		"kubernetes": {fields: map[string]field{
			"server":          {always: true, fields: map[string]field{"url": {preset: "kubernetes.default"}}},
			"remoteNamespace": {preset: "default"},
		}},
		"github": {fields: map[string]field{"url": {preset: "https://github.com/"}}},
		"infisical": {fields: map[string]field{
			"hostAPI": {preset: "https://app.infisical.com/api"},
			"secretsScope": {fields: map[string]field{
				"expandSecretReferences": {preset: true},
				"recursive":              {preset: false},
				"secretsPath":            {preset: "/"},
			}},
		}},
		"ngrok": {fields: map[string]field{"apiUrl": {preset: "https://api.ngrok.com"}}},
		"onboardbase": {fields: map[string]field{
			"apiHost":     {preset: "https://public.onboardbase.com/api/v1/"},
			"environment": {preset: "development"},
			"project":     {preset: "development"},
		}},
		"onepasswordSDK": {fields: map[string]field{
			"integrationInfo": {fields: map[string]field{
				"name":    {preset: "1Password SDK"},
				"version": {preset: "v1.0.0"},
			}},
		}},
		"pulumi":      {fields: map[string]field{"apiUrl": {preset: "https://api.pulumi.com/api/esc"}}},
		"senhasegura": {fields: map[string]field{"ignoreSslCertificate": {preset: false}}},
	}},
}}

// specOf gives the description of spec for a kind.
func specOf(kind string) field {
	if kind == KindExternalSecret {
		return externalSecretSpec
	}
	return storeSpec
}
