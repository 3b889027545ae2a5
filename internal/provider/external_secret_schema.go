// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/attribute"
)

// contentMapping says where the content arguments stand in the spec of an
// ExternalSecret. `manifest` has no place there: it is the whole object.
var contentMapping = attribute.Mapping{
	Types: attribute.Types(contentAttributes(), "manifest"),
	Paths: map[string]string{
		"store":                       "secretStoreRef",
		"data.*.key":                  "remoteRef.key",
		"data.*.property":             "remoteRef.property",
		"data.*.version":              "remoteRef.version",
		"data.*.metadata_policy":      "remoteRef.metadataPolicy",
		"data.*.conversion_strategy":  "remoteRef.conversionStrategy",
		"data.*.decoding_strategy":    "remoteRef.decodingStrategy",
		"data.*.null_byte_policy":     "remoteRef.nullBytePolicy",
		"data.*.store":                "sourceRef.storeRef",
		"data.*.generator":            "sourceRef.generatorRef",
		"data_from.*.store":           "sourceRef.storeRef",
		"data_from.*.generator":       "sourceRef.generatorRef",
		"target.template.labels":      "metadata.labels",
		"target.template.annotations": "metadata.annotations",
		"target.template.finalizers":  "metadata.finalizers",
		"target.template.from":        "templateFrom",
	},
	Keyed: map[string]string{"data": "secretKey"},
	// ESO takes a missing kind as SecretStore; ours is the cluster-wide one.
	Defaults: map[string]any{
		"store.kind":             airm.KindClusterSecretStore,
		"data.*.store.kind":      airm.KindClusterSecretStore,
		"data_from.*.store.kind": airm.KindClusterSecretStore,
	},
}

// contentAttributes are the arguments that say what is in a secret. The rules
// between them and the values they take are not in the schema: internal/eso
// checks them for the arguments and for `manifest` alike.
func contentAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"manifest": optionalString("The secret as the YAML (or JSON) of one `ExternalSecret`, instead of the arguments `store`, "+
			"`refresh_interval`, `refresh_policy`, `sync_windows`, `data`, `data_from` and `target`. `apiVersion` may be "+
			"`external-secrets.io/v1` or `v1beta1`; the provider sends the version that the cluster serves. Leave `metadata.name` out, or set it to the name of "+
			"this resource. You can use the output of `kubectl get -o yaml` unchanged: the provider ignores metadata that a server "+
			"sets. It leaves out, with a warning, labels and annotations of AIRM and of this provider, finalizers, owner references "+
			"and `status`. If the argument `use_case` is not set, the label with the use case is used. Layout and comments are not "+
			"compared.",
			equalManifest()),
		"store": optionalObject("The store that values are read from. Each entry of `data` and `data_from` can name another one. Only "+
			"an entry with a `generator` needs no store.",
			storeRefAttributes()),
		"refresh_interval": optionalString("Time after the last successful sync at which ESO reads the values again: a Go duration "+
			"such as `30m` or `1h30m`; there is no unit for days. With `0s`, ESO reads them once, and again only if the Kubernetes "+
			"Secret was deleted or altered, even if this resource changes. Another spelling of the same duration is not a change.",
			equalDuration()),
		"refresh_policy": optionalString("When ESO reads values again. `Periodic`: after every `refresh_interval`, and after every " +
			"change of this resource. `OnChange`: only after a change of this resource. `CreatedOnce`: only if the Kubernetes Secret " +
			"was deleted or altered. Defaults to ESO's `Periodic`."),
		"sync_windows": optionalObject("Time windows that restrict when ESO reads values again. They do not delay a change of this "+
			"resource or a forced sync.",
			syncWindowsAttributes()),
		"data": optionalObjectMap("Single values. The key of the map is the key in the Kubernetes Secret. If `data_from` has the same key, `data` wins.",
			dataAttributes()),
		"data_from": optionalObjectList("Sources of many values, each of which becomes a key in the Kubernetes Secret. Every entry has "+
			"exactly one of `extract`, `find` and `generator`. If several entries have the same key, the last one wins.",
			dataFromAttributes()),
		"target": optionalObject("The Kubernetes Secret that ESO writes. Defaults to a Secret of type `Opaque` with the name of the "+
			"`ExternalSecret` and all values under their keys.",
			targetAttributes()),
	}
}

func syncWindowsAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"kind": requiredString("Whether values are read only within the windows (`allow`), or only outside of them (`deny`)."),
		"windows": requiredObjectList("The windows.", map[string]schema.Attribute{
			"schedule": requiredString("When a window opens, in UTC: a cron expression with five fields, or a descriptor such as " +
				"`@daily`."),
			"duration": requiredString("How long the window stays open: a Go duration such as `2h`."),
		}),
	}
}

func storeRefAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"name": requiredString("Name of the store."),
		"kind": optionalString("`ClusterSecretStore` for a store of the organization, or `SecretStore` for one in the project's own " +
			"namespace. Defaults to `ClusterSecretStore`. The provider always sends the kind, since ESO's own default is `SecretStore`."),
	}
}

func generatorAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"api_version": optionalString("API version of the generator."),
		"kind":        requiredString("Kind of the generator, such as `Password`, `ECRAuthorizationToken` or `ClusterGenerator`."),
		"name": requiredString("Name of the generator, in the project's namespace or, for a `ClusterGenerator`, in the " +
			"cluster."),
	}
}

// strategyAttributes are common to all ways of reading values.
func strategyAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"conversion_strategy": optionalString("How ESO replaces characters that a key of a Kubernetes Secret cannot have: `Default` by " +
			"`_`, `Unicode` by the code point, such as `_U0020_`. It is useful in `data_from` only, because `data` names its keys itself."),
		"decoding_strategy": optionalString("How ESO decodes the value from the backend: `None`, `Base64`, `Base64URL`, or `Auto`, " +
			"which tries both encodings and otherwise uses the value as it is."),
		"null_byte_policy": optionalString("What happens if a value has null bytes: `Ignore` uses the value as it is, `Fail` is an " +
			"error. Defaults to ESO's `Ignore`."),
	}
}

// remoteRefAttributes name one secret in the backend. The schema does not
// require the key: whether it is needed is for the caller to say.
func remoteRefAttributes(key schema.Attribute, property string) map[string]schema.Attribute {
	return mergeAttributes(strategyAttributes(), map[string]schema.Attribute{
		"key":      key,
		"property": optionalString(property),
		"version": optionalString("Version of the secret, if the backend has versions. Defaults to the latest. Whether a version is a " +
			"number, an ID or a stage depends on the backend."),
		"metadata_policy": optionalString("`Fetch` reads the tags or labels of the secret instead of its value, if the backend " +
			"supports this; `None` reads the value."),
	})
}

func dataAttributes() map[string]schema.Attribute {
	remoteRef := remoteRefAttributes(
		optionalString("Name or path of the secret in the backend. Required."),
		"Field of the secret, if its value has fields (as JSON). Defaults to the whole value.")
	return mergeAttributes(remoteRef, map[string]schema.Attribute{
		"store": optionalObject("Store of this value. Defaults to the store of the whole secret.", storeRefAttributes()),
		"generator": optionalObject("Generator of this value, instead of a store. ESO has this field but does not implement it so far, "+
			"so the sync fails. Use `generator` of `data_from` instead.", generatorAttributes()),
	})
}

func dataFromAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"extract": optionalObject("Takes all fields of one secret in the backend.", remoteRefAttributes(
			requiredString("Name or path of the secret in the backend."),
			"Field of the secret that holds the fields to take. Defaults to the secret itself.")),
		"find": optionalObject("Takes all secrets of the backend that match. Some backends do not support all of these "+
			"arguments.", findAttributes()),
		"generator": optionalObject("Takes the values that a generator of ESO creates, such as a password or a short-lived "+
			"token.", generatorAttributes()),
		"rewrite": optionalObjectList("Steps that change the keys of this entry, in this order. Every step has exactly one of `merge`, "+
			"`regexp` and `transform`. Without it, the keys are not changed.",
			rewriteAttributes()),
		"store": optionalObject("Store of this entry. Defaults to the store of the whole secret.", storeRefAttributes()),
	}
}

func findAttributes() map[string]schema.Attribute {
	return mergeAttributes(strategyAttributes(), map[string]schema.Attribute{
		"path": optionalString("Path in the backend where the search starts. Defaults to its root, or to the path of the store."),
		"name": optionalObject("Takes the secrets whose name matches.", map[string]schema.Attribute{
			"regexp": optionalString("Go regular expression. It matches any part of the name: use `^` and `$` to match the whole name. " +
				"Without it, every name matches."),
		}),
		"tags": optionalStringMap("Takes the secrets that have all of these tags (or labels, or custom metadata)."),
	})
}

func rewriteAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"merge": optionalObject("Merges the values, each of which is a JSON object.", map[string]schema.Attribute{
			"strategy": optionalString("`Extract` makes every field of the merged object a key, and drops the previous keys. `JSON` " +
				"keeps the previous keys, and adds the object under the key `into`."),
			"into": optionalString("Key for the merged object. Required with the strategy `JSON`; otherwise it has no effect."),
			"priority": optionalStringList("Keys whose values are merged last, in this order, so that they win over the others, and " +
				"the last one over all. The other keys are merged first, in alphabetical order. Defaults to all keys in alphabetical " +
				"order."),
			"priority_policy": optionalString("What happens if a key in `priority` does not exist: `Strict` fails, `IgnoreNotFound` ignores it."),
			"conflict_policy": optionalString("What happens when two values have the same field: `Error` fails; with `Ignore`, the " +
				"value that is merged later wins."),
		}),
		"regexp": optionalObject("Replaces every match in each key.", map[string]schema.Attribute{
			"source": requiredString("Go regular expression."),
			"target": requiredString("Replacement; `$1` is the first group of `source`. In HCL, write `$${` for `${`."),
		}),
		"transform": optionalObject("Renders each key from a template.", map[string]schema.Attribute{
			"template": requiredString("Go template (with the sprig functions) of the new key; `{{ .value }}` is the previous key."),
		}),
	}
}

func targetAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"name": optionalString("Name of the Kubernetes Secret. Defaults to that of the `ExternalSecret`. If the name changes, ESO " +
			"writes a new Secret and, if `creation_policy` is `Owner`, deletes the old one; Terraform does not replace the resource."),
		"creation_policy": optionalString("Who owns the Secret. `Owner`: ESO creates it, and it is deleted with the `ExternalSecret`. " +
			"`Orphan`: ESO creates it, and it is not deleted. `Merge`: the Secret already exists, and ESO only sets its keys. `None`: " +
			"ESO writes no Secret."),
		"deletion_policy": optionalString("What happens when the values no longer exist in the backend. `Retain`: the Secret stays as " +
			"it is, and the status is an error. `Delete`: the Secret is deleted; this needs the creation policy `Owner`. `Merge`: the " +
			"keys are removed. For the deletion of the `ExternalSecret`, see `creation_policy`."),
		"manifest": optionalObject("The kind of object that ESO writes instead of a Secret, such as a ConfigMap. Everyone with read "+
			"access to that kind can read the values. ESO does this only if it runs with `--unsafe-allow-generic-targets`. ESO takes "+
			"over an existing object of that name: this provider checks for existing Secrets only.", map[string]schema.Attribute{
			"api_version": requiredString("API version of the kind, such as `v1`."),
			"kind":        requiredString("The kind, such as `ConfigMap`."),
		}),
		"immutable": optionalBool("Whether the Secret is immutable. Kubernetes then refuses all later changes of its values; to change " +
			"them, set a new `name`. Defaults to `false`."),
		"template": optionalObject("Template of the Secret. Without a template, the Secret has all values under their keys, and ESO "+
			"copies the labels and annotations of the `ExternalSecret` to the Secret. With a template, ESO does not copy them.",
			templateAttributes()),
	}
}

func templateAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"type": optionalString("Type of the Secret, such as `kubernetes.io/dockerconfigjson`. It cannot be changed while the Secret " +
			"exists. Defaults to `Opaque`."),
		"engine_version": optionalString("Version of ESO's template language."),
		"merge_policy": optionalString("Whether the Secret also has the values that no template uses: `Merge` keeps them, `Replace` " +
			"writes only the output of the templates. Defaults to ESO's `Replace`, which still keeps them if no template is for data."),
		"data": optionalStringMap("Keys of the Secret, each with the Go template (with the sprig functions) of its value. A template " +
			"refers to a value by its key: `{{ .password }}`. The text is stored in the Terraform state and in the object in the " +
			"cluster, so refer to secret values instead of writing them here."),
		"labels":      optionalStringMap("Labels of the Secret; the values may be templates."),
		"annotations": optionalStringMap("Annotations of the Secret; the values may be templates."),
		"finalizers": optionalStringList("Finalizers that ESO sets on the Secret. A deletion of the Secret waits until their " +
			"controllers have removed them."),
		"from": optionalObjectList("More templates, from the project's namespace or as text. Every entry has one of `config_map`, "+
			"`secret` and `literal`. `data` takes precedence over them.",
			templateFromAttributes()),
	}
}

func templateFromAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"config_map": optionalObject("Templates from a ConfigMap in the namespace of the Secret.", templateSourceAttributes("ConfigMap")),
		"secret":     optionalObject("Templates from a Secret in the namespace of the Secret that ESO writes.", templateSourceAttributes("Secret")),
		"literal": optionalString("A template that renders a YAML map of keys and values. The text is stored in the Terraform state " +
			"and in the object in the cluster, so refer to secret values instead of writing them here."),
		"values_decoding_strategy": optionalString("How ESO decodes the values that the template renders: `None`, `Base64`, " +
			"`Base64URL` or `Auto`. Without it, values are used as they are."),
		"target": optionalString("Where the result goes: `Data`, `Labels` or `Annotations` of the Secret."),
	}
}

func templateSourceAttributes(kind string) map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"name": requiredString("Name of the " + kind + "."),
		"items": requiredObjectList("The keys to take from the "+kind+".", map[string]schema.Attribute{
			"key": requiredString("Key in the " + kind + "."),
			"template_as": optionalString("`Values`: the text is the template of one value, under the same key. `KeysAndValues`: the text is a " +
				"template that renders a YAML map of keys and values."),
		}),
	}
}
