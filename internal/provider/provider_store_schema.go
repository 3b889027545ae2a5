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

// backends returns the arguments of which a store has exactly one.
func backends() []string {
	names := make([]string, len(storeBackends))
	for i, b := range storeBackends {
		names[i] = b.name
	}
	return names
}

// storeMapping says where the arguments of a store stand in the spec of a
// SecretStore or ClusterSecretStore. Two fields of it need a conversion that is
// done before flatten and after expand: `refreshInterval` is a number of seconds
// there, and the allowed projects (which are none of the shape's arguments) are
// `conditions`.
//
// flatten fills `other` only with a backend that has no argument of its own.
var storeMapping = attribute.Mapping{
	Types: attribute.Types(storeAttributes(), "allowed_projects", "allowed_project_selector", "conditions"),
	Paths: storePaths(),
}

// untypedStoreMapping is storeShape with every backend in `other`: the way to read
// a store whose user chose that, or which storeShape would lose something of.
// Give flatten the types of storeShape, and the other backends are null.
var untypedStoreMapping = attribute.Mapping{
	Types: attribute.Types(storeAttributes(), append(typedBackends(), "allowed_projects", "allowed_project_selector", "conditions")...),
	Paths: storePaths(),
}

// typedBackends are all but `other`.
func typedBackends() []string {
	return slices.DeleteFunc(backends(), func(name string) bool { return name == "other" })
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
			"`allowed_project_selector` selects. Only for a store of the organization: one that belongs to a `project` serves that project alone. " +
			"If neither argument is set, every project may use the store, and no other namespace. Everyone who may create " +
			"ExternalSecrets in a namespace that may use the store can read everything that the store can read."),
		"allowed_project_selector": optionalStringMap("Labels that the namespace of a project has, all of them, if its secrets may use this " +
			"store, in addition to `allowed_projects`. `{}` selects every namespace of the cluster, project or not: everyone who may create " +
			"ExternalSecrets in one of them can read everything that the store can read. Only for a store of the organization."),
		"conditions": schema.StringAttribute{
			Optional:      true,
			CustomType:    jsontypes.NormalizedType{},
			PlanModifiers: []planmodifier.String{equalJSON()},
			MarkdownDescription: "Who may use the store, as the JSON of ESO's `spec.conditions`, in place of `allowed_projects` and " +
				"`allowed_project_selector` and for what these cannot say, such as `namespaceRegexes`. `[]` is none, which lets every namespace use a " +
				"store of the organization. An import sets it if the other arguments cannot express the conditions.",
		},
		"controller": optionalString("Class of the ESO controller that serves this store, where several run in a cluster. If none of them has this class, neither the store nor its secrets get a status. Without it, every controller serves it."),
		"refresh_interval": optionalString("How often ESO checks that the store works: a Go duration in whole seconds, such as `10m`. Each secret has its own interval for reading values. Without it, and with `0s`, the setting of ESO's controller applies (`5m` by "+
			"default). Another spelling of the same duration is no change.",
			equalDuration()),
		"retry": optionalObject("How often ESO retries a request to the backend within one sync. Only the backends for Vault and AWS use it. "+
			"Defaults to the behavior of the backend's client.", map[string]schema.Attribute{
			"max_retries": optionalInt64("How many times. Defaults to `0` for Vault once there is a `retry`, and to 3 attempts in total for AWS."),
			"interval":    optionalString("Time between two tries, as a Go duration such as `10s`. Defaults to that of the backend's client.", equalDuration()),
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
		MarkdownDescription: "Any other backend that ESO has, as the JSON of the `spec.provider` of the store: " +
			"`jsonencode({ webhook = { url = ... } })`. Names are ESO's own, not in snake case. All of it is part of the Terraform " +
			"state and plan: refer to Secrets for credentials, do not write them. Layout and the order of fields are not compared.",
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
		"namespace": optionalString("Namespace of the Secret. For a store of a project it is the project's own, and may be left out; for a store " +
			"of the organization, absent means the namespace of each secret that uses the store. Left out together with `name`."),
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
		"namespace": optionalString("Namespace of the ServiceAccount. For a store of a project it is the project's own, and may be left out; for " +
			"a store of the organization, absent means the namespace of each secret that uses the store."),
		"audiences": optionalStringList("Audiences of the token. Defaults to that of the backend or, if it has none, of the cluster's API server."),
	}
}

// caAttributes are the two ways to give the certificates that a server is
// checked against.
func caAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"ca_bundle": optionalString("Certificates (PEM, in base64) that the server's certificate is checked against."),
		"ca_provider": optionalObject("Where the certificates are, in place of `ca_bundle`.", map[string]schema.Attribute{
			"type": requiredString("`Secret` or `ConfigMap`."),
			"name": requiredString("Name of the Secret or ConfigMap."),
			"key":  optionalString("Key that holds the certificates (PEM)."),
			"namespace": optionalString("Namespace of the Secret or ConfigMap. Needed for a store of the organization; for a store of a project it is the " +
				"project's own and is left out."),
		}),
	}
}
