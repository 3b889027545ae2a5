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
		"manifest": optionalString("The secret as the YAML (or JSON) of one `ExternalSecret`, instead of the arguments "+
			"`store`, `refresh_interval`, `refresh_policy`, `data`, `data_from` and `target`. `apiVersion` may be `external-secrets.io/v1` or "+
			"`v1beta1` and is sent as the version that the cluster serves; `metadata.name` may be left out, or equals the name of this "+
			"resource. The output of `kubectl get -o yaml` can be used as it is: metadata set by a server is ignored, and labels and annotations of AIRM and of this "+
			"provider, finalizers, owner references and `status` are left out with a warning, but a use case among the labels is taken where the argument "+
			"`use_case` is absent. Layout and comments are not compared.",
			equalManifest()),
		"store": optionalObject("The store that values are read from. `data` and `data_from` can name another one for each of "+
			"their entries; only an entry with a `generator` needs none.",
			storeRefAttributes()),
		"refresh_interval": optionalString("How long after the last successful synchronization the values are read again: a Go "+
			"duration such as `30m` or `1h30m`; there is no unit for days. `0s` reads them once and then only if the Kubernetes Secret is "+
			"gone or was altered, even if this resource changes. Another spelling of the same duration is no change.",
			equalDuration()),
		"refresh_policy": optionalString("When values are read again: `Periodic` after every `refresh_interval` and after every change " +
			"of this resource, `OnChange` only after a change of it, `CreatedOnce` once and then only if the Kubernetes " +
			"Secret is gone or was altered. Defaults to ESO's `Periodic`."),
		"sync_windows": optionalObject("Time windows in which values may be read again. A change of this resource and a forced sync happen at any time.",
			syncWindowsAttributes()),
		"data": optionalObjectMap("Single values. The key of the map is the key in the Kubernetes Secret. If `data_from` has the same key, `data` wins.",
			dataAttributes()),
		"data_from": optionalObjectList("Sources of many values, each of which becomes a key in the Kubernetes Secret. Every entry has "+
			"exactly one of `extract`, `find` and `generator`. If several have the same key, the last one wins.",
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
			"schedule": requiredString("When a window opens, as a cron expression with five fields or `@daily` and the like, in UTC."),
			"duration": requiredString("How long it stays open: a Go duration such as `2h`."),
		}),
	}
}

func storeRefAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"name": requiredString("Name of the store."),
		"kind": optionalString("`ClusterSecretStore` for a store of the organization or `SecretStore` for one in the project's own " +
			"namespace. Defaults to `ClusterSecretStore`, which is always sent, since ESO's own default is `SecretStore`."),
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
		"conversion_strategy": optionalString("How characters that a key of a Kubernetes Secret cannot have are replaced: `Default` by `_`, " +
			"`Unicode` by the code point, such as `_U0020_`. It is of use in `data_from` only: `data` names its keys " +
			"itself."),
		"decoding_strategy": optionalString("How the value in the backend is encoded and ESO decodes it: `None`, `Base64`, `Base64URL`, or " +
			"`Auto`, which tries the two and else takes the value as it is."),
		"null_byte_policy": optionalString("How a value with null bytes is handled: `Ignore` uses it as it is, `Fail` is an error. Defaults to ESO's `Ignore`."),
	}
}

// remoteRefAttributes name one secret in the backend. The schema does not
// require the key: whether it is needed is for the caller to say.
func remoteRefAttributes(key schema.Attribute, property string) map[string]schema.Attribute {
	return with(strategyAttributes(), map[string]schema.Attribute{
		"key":      key,
		"property": optionalString(property),
		"version": optionalString("Version of the secret in the backend, where the backend has versions. Defaults to the latest. What names " +
			"a version (number, id, stage) depends on the backend."),
		"metadata_policy": optionalString("`Fetch` reads the tags or labels of the secret in place of its value, where the backend can; " +
			"`None` reads the value."),
	})
}

func dataAttributes() map[string]schema.Attribute {
	remoteRef := remoteRefAttributes(
		optionalString("Name or path of the secret in the backend. Needed."),
		"Field of the secret, if its value has fields (as JSON). Defaults to the whole value.")
	return with(remoteRef, map[string]schema.Attribute{
		"store": optionalObject("Store of this value, if not that of the whole secret.", storeRefAttributes()),
		"generator": optionalObject("Generator of this value, in place of a store. ESO knows the field but, up to now, does nothing "+
			"with it, and synchronization fails: use `generator` of `data_from`.", generatorAttributes()),
	})
}

func dataFromAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"extract": optionalObject("Takes all fields of one secret in the backend.", remoteRefAttributes(
			requiredString("Name or path of the secret in the backend."),
			"Field of the secret that holds the fields to take. Defaults to the secret itself.")),
		"find":      optionalObject("Takes all secrets of the backend that fit. A backend may not support all of it.", findAttributes()),
		"generator": optionalObject("Takes what a generator of ESO makes: a password, a short-lived token.", generatorAttributes()),
		"rewrite": optionalObjectList("Changes the keys of this entry, step by step in this order. Every step has exactly one of "+
			"`merge`, `regexp` and `transform`. Without it, the keys are not changed.",
			rewriteAttributes()),
		"store": optionalObject("Store of this entry, if not that of the whole secret.", storeRefAttributes()),
	}
}

func findAttributes() map[string]schema.Attribute {
	return with(strategyAttributes(), map[string]schema.Attribute{
		"path": optionalString("Path in the backend where the search starts. Defaults to its root, or to the path of the store."),
		"name": optionalObject("Takes the secrets whose name fits.", map[string]schema.Attribute{
			"regexp": optionalString("Go regular expression. It fits a name that contains a match: use `^` and `$` for the whole name. " +
				"Without it, every name matches."),
		}),
		"tags": optionalStringMap("Takes the secrets that have all of these tags (or labels, or custom metadata)."),
	})
}

func rewriteAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"merge": optionalObject("Merges the values, each of which is a JSON object.", map[string]schema.Attribute{
			"strategy": optionalString("`Extract` makes every field of the merged object a key and drops the keys before; `JSON` keeps those " +
				"and adds the object under the key `into`."),
			"into": optionalString("Key for the merged object. Needed with the strategy `JSON`, without effect otherwise."),
			"priority": optionalStringList("Keys whose values are merged last and so win, the last one over all. The other keys are merged " +
				"before them in alphabetical order. Defaults to all keys in alphabetical order."),
			"priority_policy": optionalString("What happens if a key in `priority` does not exist: `Strict` fails, `IgnoreNotFound` ignores it."),
			"conflict_policy": optionalString("What happens when two values have the same field: `Error` fails, `Ignore` lets the one that is " +
				"merged later win."),
		}),
		"regexp": optionalObject("Replaces every match in each key.", map[string]schema.Attribute{
			"source": requiredString("Go regular expression."),
			"target": requiredString("Replacement; `$1` is the first group of `source`. In HCL a `${` is written `$${`."),
		}),
		"transform": optionalObject("Renders each key from a template.", map[string]schema.Attribute{
			"template": requiredString("Go template (with the sprig functions) of the new key; `{{ .value }}` is the key before."),
		}),
	}
}

func targetAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"name": optionalString("Name of the Kubernetes Secret. Defaults to that of the `ExternalSecret`. With another name ESO writes a new " +
			"Secret and, if `creation_policy` is `Owner`, deletes the old one; nothing is replaced in Terraform."),
		"creation_policy": optionalString("Who owns the Secret. `Owner`: ESO creates it, and it is deleted with the `ExternalSecret`. " +
			"`Orphan`: ESO creates it, and it is not deleted. `Merge`: it exists already, and ESO only sets its keys. `None`: ESO writes no Secret."),
		"deletion_policy": optionalString("What happens when the values are gone from the backend. `Retain`: the Secret stays as it is, and " +
			"the status is an error. `Delete`: the Secret is deleted; needs the creation policy `Owner`. `Merge`: the keys are removed. " +
			"For a removal of the `ExternalSecret`, see `creation_policy`."),
		"manifest": optionalObject("The kind of object that ESO writes in place of a Secret, such as a ConfigMap, which everyone with read access to that kind can read. ESO does it only "+
			"where its operator runs with `--unsafe-allow-generic-targets`. An existing object of that name is taken over: this provider looks for Secrets only.", map[string]schema.Attribute{
			"api_version": requiredString("API version of the kind, such as `v1`."),
			"kind":        requiredString("The kind, such as `ConfigMap`."),
		}),
		"immutable": optionalBool("Whether the Secret is immutable. Kubernetes then refuses all later changes of its values: it takes a new " +
			"`name` to change them. Defaults to `false`."),
		"template": optionalObject("Template of the Secret. Without it, the Secret has all values under their keys, and the labels and annotations of the "+
			"`ExternalSecret` are copied onto the Secret; with a template they are not.",
			templateAttributes()),
	}
}

func templateAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"type": optionalString("Type of the Secret, such as `kubernetes.io/dockerconfigjson`. Kubernetes does not let it change while the " +
			"Secret exists. Defaults to `Opaque`."),
		"engine_version": optionalString("Version of ESO's template language."),
		"merge_policy": optionalString("Whether the values that no template mentions are in the Secret too: `Merge` keeps them, `Replace` writes " +
			"only what the templates make. Defaults to ESO's `Replace`, which keeps them where there is no template for data."),
		"data": optionalStringMap("Keys of the Secret and the Go template (with the sprig functions) of each, in which a value is named by its " +
			"key: `{{ .password }}`. The text is part of the Terraform state and of the object in the cluster: refer to values, do not write them."),
		"labels":      optionalStringMap("Labels of the Secret; the values may be templates."),
		"annotations": optionalStringMap("Annotations of the Secret; the values may be templates."),
		"finalizers": optionalStringList("Finalizers that ESO sets on the Secret. A deletion of the Secret waits until their " +
			"controllers have removed them."),
		"from": optionalObjectList("More templates, from the project's namespace or as text. Every entry has one of `config_map`, `secret` and "+
			"`literal`. `data` wins over them.",
			templateFromAttributes()),
	}
}

func templateFromAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"config_map": optionalObject("Templates from a ConfigMap in the namespace of the Secret.", templateSourceAttributes("ConfigMap")),
		"secret":     optionalObject("Templates from a Secret in the namespace of the Secret that ESO writes.", templateSourceAttributes("Secret")),
		"literal": optionalString("A template that renders a YAML map of keys and values. It is part of the Terraform state and of the object " +
			"in the cluster: refer to values, do not write them."),
		"values_decoding_strategy": optionalString("How the values that the template renders are encoded and ESO decodes them: `None`, `Base64`, `Base64URL` or `Auto`. " +
			"Without it, values are used as they are."),
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
