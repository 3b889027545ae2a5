// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-jsontypes/jsontypes"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/attribute"
)

// storeBackend is one way to say where a store reads values. A new one is a row
// in storeBackends and a function in a file of its own.
type storeBackend struct {
	name      string // of the argument
	place     string // in the spec of the store
	attribute func() schema.Attribute
}

// storeBackends has `other` last: it takes what the rest leaves.
var storeBackends = []storeBackend{
	{"vault", "provider.vault", vaultBackend},
	{"open_bao", "provider.openBao", openBaoBackend},
	{"aws", "provider.aws", awsBackend},
	{"gcp", "provider.gcpsm", gcpBackend},
	{"azure", "provider.azurekv", azureBackend},
	{"kubernetes", "provider.kubernetes", kubernetesBackend},
	{"fake", "provider.fake", fakeBackend},
	{"other", "provider", otherBackend},
}

// backendNames returns the arguments of which a store has exactly one.
func backendNames() []string {
	names := make([]string, len(storeBackends))
	for i, b := range storeBackends {
		names[i] = b.name
	}
	return names
}

// storeMapping says where the arguments of a store stand in the spec of a
// SecretStore or ClusterSecretStore. Two fields of it need a conversion that is
// done before Flatten and after Expand: `refreshInterval` is a number of seconds
// there, and the allowed projects (which are none of the mapping's arguments) are
// `conditions`.
//
// Flatten fills `other` only with a backend that has no argument of its own.
var storeMapping = attribute.Mapping{
	Types: attribute.Types(storeAttributes(), "allowed_projects", "allowed_project_selector", "conditions"),
	Paths: storePaths(),
}

// untypedStoreMapping is storeMapping with every backend in `other`: the way to
// read a store whose user chose that, or which storeMapping would lose something
// of. If Flatten gets the types of storeMapping, the other backends are null.
var untypedStoreMapping = attribute.Mapping{
	Types: attribute.Types(storeAttributes(), append(typedBackends(), "allowed_projects", "allowed_project_selector", "conditions")...),
	Paths: storePaths(),
}

// typedBackends are all but `other`.
func typedBackends() []string {
	return slices.DeleteFunc(backendNames(), func(name string) bool { return name == "other" })
}

func storePaths() map[string]string {
	paths := map[string]string{
		"retry":          "retrySettings",
		"retry.interval": "retryInterval",
	}
	for _, b := range storeBackends {
		paths[b.name] = b.place
	}
	return paths
}

// storeAttributes are the arguments that say what a store is. As with the
// content of secrets, internal/eso checks the rules between them.
func storeAttributes() map[string]schema.Attribute {
	attributes := map[string]schema.Attribute{
		"allowed_projects": optionalStringSet("Names of the projects whose secrets may use this store, in addition to those that " +
			"`allowed_project_selector` selects. Only for a store of the organization: a store with a `project` serves only that " +
			"project. If neither argument is set, every project may use the store, but no other namespace. Everyone who may create " +
			"ExternalSecrets in a namespace that may use the store can read everything that the store can read."),
		"allowed_project_selector": optionalStringMap("Labels that select projects, in addition to `allowed_projects`: secrets may use " +
			"this store if the namespace of their project has all of these labels. `{}` selects every namespace of the cluster, " +
			"including those that are not projects: everyone who may create ExternalSecrets in one of them can read everything that " +
			"the store can read. Only for a store of the organization."),
		"conditions": schema.StringAttribute{
			Optional:      true,
			CustomType:    jsontypes.NormalizedType{},
			PlanModifiers: []planmodifier.String{equalJSON()},
			MarkdownDescription: "Conditions for the use of the store, as the JSON of ESO's `spec.conditions`. Use it instead of " +
				"`allowed_projects` and `allowed_project_selector` for conditions that these cannot express, such as " +
				"`namespaceRegexes`. `[]` means no conditions: every namespace may use a store of the organization. An import sets it " +
				"if the other arguments cannot express the conditions.",
		},
		"controller": optionalString("Class of the ESO controller that serves this store, if several controllers run in a cluster. If " +
			"no controller has this class, neither the store nor its secrets get a status. Without a class, every controller serves " +
			"the store."),
		"refresh_interval": optionalString("How often ESO checks that the store works: a Go duration in whole seconds, such as `10m`. "+
			"Each secret has its own interval for reading values. If it is not set, or is `0s`, the setting of ESO's controller "+
			"applies (`5m` by default). Another spelling of the same duration is not a change.",
			equalDuration()),
		"retry": optionalObject("How often ESO retries a request to the backend within one sync. Only the backends for Vault and AWS use it. "+
			"Defaults to the behavior of the backend's client.", map[string]schema.Attribute{
			"max_retries": optionalInt64("Number of retries. Defaults to `0` for Vault if `retry` is set, and to 3 attempts in total " +
				"for AWS."),
			"interval": optionalString("Time between two attempts, as a Go duration such as `10s`. Defaults to that of the "+
				"backend's client.", equalDuration()),
		}),
	}
	for _, b := range storeBackends {
		attributes[b.name] = b.attribute()
	}
	return attributes
}

func otherBackend() schema.Attribute {
	return schema.StringAttribute{
		Optional:      true,
		CustomType:    jsontypes.NormalizedType{},
		PlanModifiers: []planmodifier.String{equalJSON()},
		MarkdownDescription: "Any other backend that ESO has, as the JSON of the `spec.provider` of the store: `jsonencode({ webhook = " +
			"{ url = ... } })`. Use ESO's own names of fields, not snake case. The whole text is stored in the Terraform state and " +
			"plan, so refer to Secrets for credentials instead of writing them here. Layout and the order of fields are not compared.",
	}
}

// secretSelector is ESO's reference to one key of a Secret.
func secretSelector(description string) schema.Attribute {
	return optionalObject(description, secretSelectorAttributes())
}

func requiredSecretSelector(description string) schema.Attribute {
	return requiredObject(description, secretSelectorAttributes())
}

func secretSelectorAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"name": optionalString("Name of the Secret. Defaults to the Secret that this resource creates from `credentials_wo`."),
		"key":  optionalString("Key in the Secret, or in `credentials_wo`."),
		"namespace": optionalString("Namespace of the Secret. In a store of a project, it can only be the project's namespace, which " +
			"is the default. In a store of the organization, it defaults to the namespace of each secret that uses the store. Leave it " +
			"out if `name` is not set."),
	}
}

// serviceAccountSelector is ESO's reference to a ServiceAccount, which it makes
// a token for.
func serviceAccountSelector(description string) schema.Attribute {
	return optionalObject(description, serviceAccountSelectorAttributes())
}

func requiredServiceAccountSelector(description string) schema.Attribute {
	return requiredObject(description, serviceAccountSelectorAttributes())
}

func serviceAccountSelectorAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"name": requiredString("Name of the ServiceAccount."),
		"namespace": optionalString("Namespace of the ServiceAccount. In a store of a project, it can only be the project's namespace, " +
			"which is the default. In a store of the organization, it defaults to the namespace of each secret that uses the store."),
		"audiences": optionalStringList("Audiences of the token. Defaults to the audience of the backend or, if it has none, of the " +
			"cluster's API server."),
	}
}

// caAttributes are the two ways to give the certificates that a server is
// checked against.
func caAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"ca_bundle": optionalString("Certificates (PEM, in base64) that the server's certificate is checked against."),
		"ca_provider": optionalObject("Secret or ConfigMap that has the certificates, instead of `ca_bundle`.", map[string]schema.Attribute{
			"type": requiredString("`Secret` or `ConfigMap`."),
			"name": requiredString("Name of the Secret or ConfigMap."),
			"key":  optionalString("Key that holds the certificates (PEM)."),
			"namespace": optionalString("Namespace of the Secret or ConfigMap. Required in a store of the organization. In a store of " +
				"a project, leave it out: it is the project's namespace."),
		}),
	}
}
