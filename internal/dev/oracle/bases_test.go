// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package oracle

import (
	"encoding/base64"
	"maps"
	"slices"
	"strings"
	"testing"

	utiljson "k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/yaml"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
)

var bundle = base64.StdEncoding.EncodeToString([]byte("-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n"))

// baseSpecs are specs that ESO and we take: what the generated ones differ from in one or a few fields. References without a
// name are completed as those to credentials_wo are.
var baseSpecs = map[string][]string{
	"ExternalSecret": {
		`{secretStoreRef: {name: s}, data: [{secretKey: a, remoteRef: {key: k}}]}`,
		`{secretStoreRef: {name: s, kind: ClusterSecretStore}, dataFrom: [{extract: {key: k}, rewrite: [{regexp: {source: a, target: b}}]}]}`,
		`{dataFrom: [{find: {name: {regexp: a}}, sourceRef: {storeRef: {name: s, kind: SecretStore}}, rewrite: [{transform: {template: "{{ .value }}"}}]}]}`,
		`{dataFrom: [{sourceRef: {generatorRef: {kind: Password, name: p}}, rewrite: [{merge: {into: a, strategy: JSON}}]}]}`,
		`{secretStoreRef: {name: s}, data: [{secretKey: a, remoteRef: {key: k}}], target: {creationPolicy: Merge, template: {data: {a: b},
		  templateFrom: [{configMap: {name: c, items: [{key: k}]}}, {secret: {name: c, items: [{key: k, templateAs: KeysAndValues}]}}, ` +
			`{literal: "a: b"}]}}}`,
	},
	"SecretStore": {
		`provider: {vault: {server: "https://v", path: p, auth: {tokenSecretRef: {key: k}}}}`,
		`provider: {vault: {server: "https://v", version: v1, path: p, auth: {appRole: {path: a, roleId: r, secretRef: {key: k}}}}}`,
		`provider: {vault: {server: "https://v", auth: {kubernetes: {mountPath: m, role: r, serviceAccountRef: {name: a}}}}}`,
		`provider: {vault: {server: "https://v", auth: {ldap: {path: p, username: u, secretRef: {key: k}}}}}`,
		`provider: {vault: {server: "https://v", auth: {userPass: {path: p, username: u, secretRef: {key: k}}}}}`,
		`provider: {vault: {server: "https://v", auth: {jwt: {path: p, role: r, secretRef: {key: k}}}}}`,
		`provider: {vault: {server: "https://v", auth: {jwt: {path: p, kubernetesServiceAccountToken: {serviceAccountRef: {name: a}}}}}}`,
		`provider: {vault: {server: "https://v", auth: {cert: {clientCert: {key: k}, secretRef: {key: k}}}}}`,
		`provider: {vault: {server: "https://v", auth: {iam: {vaultRole: r, secretRef: {accessKeyIDSecretRef: {key: k}, secretAccessKeySecretRef: {key: k}}}}}}`,
		`provider: {vault: {server: "https://v", auth: {iam: {vaultRole: r, jwt: {serviceAccountRef: {name: a}}}}}}`,
		`provider: {aws: {service: SecretsManager, region: eu-central-1, role: "arn:aws:iam::123456789012:role/r", auth: {jwt: {serviceAccountRef: {name: a}}}}}`,
		`provider: {aws: {service: ParameterStore, region: eu-central-1, auth: {secretRef: {accessKeyIDSecretRef: {key: k}, secretAccessKeySecretRef: {key: k}}}}}`,
		`provider: {gcpsm: {projectID: p, auth: {secretRef: {secretAccessKeySecretRef: {key: k}}}}}`,
		`provider: {gcpsm: {projectID: p, auth: {workloadIdentity: {serviceAccountRef: {name: a}}}}}`,
		`provider: {gcpsm: {projectID: p, auth: {workloadIdentityFederation: {audience: a, serviceAccountRef: {name: a}}}}}`,
		`provider: {azurekv: {vaultUrl: "https://v", tenantId: t, authSecretRef: {clientId: {key: k}, clientSecret: {key: k}}}}`,
		`provider: {azurekv: {vaultUrl: "https://v", authType: WorkloadIdentity, serviceAccountRef: {name: a}}}`,
		`provider: {azurekv: {vaultUrl: "https://v", authType: ManagedIdentity, identityId: i, useAzureSDK: true}}`,
		`provider: {kubernetes: {server: {caBundle: BUNDLE}, auth: {token: {bearerToken: {key: k}}}}}`,
		`provider: {kubernetes: {server: {caProvider: {type: Secret, name: c, key: k, NAMESPACE}}, auth: {cert: {clientCert: {key: k}, clientKey: {key: k}}}}}`,
		`provider: {kubernetes: {server: {caBundle: BUNDLE}, auth: {serviceAccount: {name: a}}}}`,
		`provider: {kubernetes: {authRef: {key: k}}}`,
		`provider: {fake: {data: [{key: k, value: v}]}}`,
		`provider: {ibm: {auth: {secretRef: {secretApiKeySecretRef: {name: c, key: k}}}}}`, // one of several, says the schema
		`provider: {webhook: {url: "https://w", result: {}, timeout: 5s}}`,
	},
}

// readBases returns the bases of a kind. In a cluster-wide store every reference names a namespace.
func readBases(t *testing.T, kind string) []map[string]any {
	t.Helper()
	key, namespace := kind, ""
	if kind == airm.KindClusterSecretStore {
		key, namespace = airm.KindSecretStore, "namespace: platform"
	}
	var specs []map[string]any
	for _, text := range baseSpecs[key] {
		spec := readYAML(t, strings.NewReplacer("BUNDLE", bundle, "NAMESPACE", namespace).Replace(text))
		spec = eso.PointToCredentials(spec, kind, airm.Ref{Kind: eso.KindSecret, Project: "platform", Name: "credentials"})
		if namespace != "" {
			giveNamespace(spec)
		}
		specs = append(specs, spec)
	}
	if kind == airm.KindSecretStore {
		specs = append(specs, otherBackends(specs)...)
	}
	return specs
}

// otherBackends are the least stores of the backends that are in no base.
func otherBackends(bases []map[string]any) []map[string]any {
	var specs []map[string]any
	backends := eso.Spec(airm.KindSecretStore).Below("provider")
	for _, name := range slices.Sorted(maps.Keys(backends.Fields)) {
		hasBackend := func(spec map[string]any) bool { return spec["provider"].(map[string]any)[name] != nil }
		if backend := backends.Fields[name]; backend.Since == "" && !slices.ContainsFunc(bases, hasBackend) {
			specs = append(specs, map[string]any{"provider": map[string]any{name: minimalValue(backend, name)}})
		}
	}
	return specs
}

// giveNamespace completes the references to ServiceAccounts.
func giveNamespace(object map[string]any) {
	for name, value := range object {
		below, _ := value.(map[string]any)
		if strings.HasPrefix(name, "serviceAccount") {
			below["namespace"] = "platform"
		}
		giveNamespace(below)
	}
}

// readYAML reads numbers as the Kubernetes client does.
func readYAML(t *testing.T, text string) map[string]any {
	t.Helper()
	asJSON, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	var v map[string]any
	if err := utiljson.Unmarshal(asJSON, &v); err != nil {
		t.Fatal(err)
	}
	return v
}
