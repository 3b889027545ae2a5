// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

func TestDefaults(t *testing.T) {
	for _, test := range []struct{ name, kind, live, declared, want string }{
		{"minimal", airm.KindExternalSecret, defaulted, "", minimal},
		{"what was written stays", airm.KindExternalSecret, defaulted, "refreshInterval,target.creationPolicy,data[0].remoteRef.metadataPolicy",
			`{refreshInterval: 1h0m0s, secretStoreRef: {name: vault, kind: ClusterSecretStore}, target: {creationPolicy: Owner}, data: [{secretKey: a, remoteRef: {key: x, metadataPolicy: None}}]}`},
		{"other values stay", airm.KindExternalSecret, `{refreshInterval: 2h, target: {creationPolicy: Orphan, deletionPolicy: Retain}, secretStoreRef: {}}`, "",
			`{refreshInterval: 2h, target: {creationPolicy: Orphan}}`},
		{"a template stays", airm.KindExternalSecret, `{target: {creationPolicy: Owner, template: {engineVersion: v2, mergePolicy: Replace, metadata: {}}}}`, "", `{target: {template: {}}}`},
		{"ESO 2.7 and 2.8", airm.KindExternalSecret, `{data: [{remoteRef: {nullBytePolicy: Ignore}}], target: {template: {templateFrom: [{literal: a, valuesDecodingStrategy: None}]}}}`, "",
			`{data: [{remoteRef: {}}], target: {template: {templateFrom: [{literal: a}]}}}`},
		{"what chooses stays", airm.KindExternalSecret, `{dataFrom: [{find: {conversionStrategy: Default}, rewrite: [{merge: {into: "", strategy: Extract}}]}, {sourceRef: {generatorRef: {apiVersion: generators.external-secrets.io/v1alpha1, kind: UUID, name: u}}}]}`, "",
			`{dataFrom: [{find: {}, rewrite: [{merge: {}}]}, {sourceRef: {generatorRef: {kind: UUID, name: u}}}]}`},
		{"unknown stays", airm.KindExternalSecret, `{target: {manifest: {kind: a}, creationPolicy: Owner}}`,
			"", `{target: {manifest: {kind: a}}}`},
		{"garbage is harmless", airm.KindExternalSecret, `{target: x, data: {a: b}}`, ",,x[", `{target: x, data: {a: b}}`},
		{"vault", airm.KindSecretStore, `{provider: {vault: {server: s, version: v2, tls: {}, auth: {kubernetes: {mountPath: kubernetes, role: r}}}}}`, "",
			`{provider: {vault: {server: s, auth: {kubernetes: {role: r}}}}}`},
		{"kubernetes", airm.KindClusterSecretStore, `{provider: {kubernetes: {server: {url: kubernetes.default}, remoteNamespace: default, auth: {serviceAccount: {name: a}}}}}`, "",
			`{provider: {kubernetes: {auth: {serviceAccount: {name: a}}}}}`},
		{"kubernetes elsewhere", airm.KindClusterSecretStore, `{provider: {kubernetes: {server: {url: kubernetes.default, caBundle: x}, remoteNamespace: default}}}`, "provider.kubernetes.remoteNamespace",
			`{provider: {kubernetes: {server: {caBundle: x}, remoteNamespace: default}}}`},
		{"azure", airm.KindSecretStore, `{provider: {azurekv: {authType: ServicePrincipal, environmentType: PublicCloud, useAzureSDK: false, vaultUrl: u}}}`, "", `{provider: {azurekv: {vaultUrl: u}}}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			live := fromYAML(t, test.live)
			same(t, WithoutDefaults(test.kind, live, test.declared), fromYAML(t, test.want))
			same(t, live, fromYAML(t, test.live))
		})
	}
	if got, want := DeclaredDefaults(airm.KindExternalSecret, fromYAML(t, full)), "data"; got == "" || got < want {
		t.Error(got)
	}
	// What is written comes back from what a cluster makes of it.
	for _, written := range []string{minimal, full, `{target: {}}`, `{target: {creationPolicy: Owner, template: {metadata: {}}}, refreshInterval: 1h}`} {
		spec := fromYAML(t, written)
		same(t, WithoutDefaults(airm.KindExternalSecret, spec, DeclaredDefaults(airm.KindExternalSecret, spec)), spec)
	}
	if got := DeclaredDefaults(airm.KindExternalSecret, fromYAML(t, `{refreshInterval: 1h, target: {creationPolicy: Owner, name: a}, data: [{remoteRef: {metadataPolicy: None}}]}`)); got != "data[0].remoteRef.metadataPolicy,refreshInterval,target.creationPolicy" {
		t.Error(got)
	}
	if got := DeclaredDefaults(airm.KindExternalSecret, fromYAML(t, minimal)); got != "" {
		t.Error(got)
	}
}

func TestForApply(t *testing.T) {
	declared := map[string]any{"target": map[string]any{"template": map[string]any{}, "name": "n"}, "refreshInterval": "1h0m0s"}
	live := map[string]any{"refreshInterval": "2h0m0s", "target": map[string]any{"name": "n", "creationPolicy": "Owner",
		"template": map[string]any{"engineVersion": "v2", "mergePolicy": "Replace", "data": map[string]any{"a": "b"}}}}
	want := map[string]any{"refreshInterval": "1h0m0s", "target": map[string]any{"name": "n",
		"template": map[string]any{"engineVersion": "v2", "mergePolicy": "Replace"}}}
	if got := ForApply(airm.KindExternalSecret, declared, live); !reflect.DeepEqual(got, want) {
		t.Errorf("%v", got)
	}
	if len(declared["target"].(map[string]any)["template"].(map[string]any)) != 0 {
		t.Error("what is declared was changed")
	}
	for _, spelling := range []string{"1h", "60m", "1h0m0s"} {
		live := map[string]any{"refreshInterval": spelling}
		if got := ForApply(airm.KindExternalSecret, declared, live)["refreshInterval"]; got != spelling {
			t.Errorf("%s is sent as %v", spelling, got)
		}
	}
}

// What is applied keeps the defaults that a live list has written out, and the spelling of an interval.
func TestForApplyKeepsLiveDefaults(t *testing.T) {
	for _, test := range []struct{ kind, declared, live, want string }{
		{airm.KindExternalSecret, `{data: [{secretKey: a, remoteRef: {key: k}}]}`,
			`{data: [{secretKey: a, remoteRef: {key: k, conversionStrategy: Default, metadataPolicy: None, version: "2"}}]}`,
			`{data: [{secretKey: a, remoteRef: {key: k, conversionStrategy: Default, metadataPolicy: None}}]}`},
		{airm.KindExternalSecret, `{data: [{secretKey: a, remoteRef: {key: k, conversionStrategy: Unicode}}]}`,
			`{data: [{secretKey: a, remoteRef: {key: k, conversionStrategy: Default}}]}`,
			`{data: [{secretKey: a, remoteRef: {key: k, conversionStrategy: Unicode}}]}`},
		{airm.KindExternalSecret, `{refreshInterval: 1h0m0s, target: {}}`,
			`{refreshInterval: 1h, target: {creationPolicy: Owner}}`, `{refreshInterval: 1h, target: {creationPolicy: Owner}}`},
		{airm.KindExternalSecret, `{data: [{secretKey: a, remoteRef: {key: k}}, {secretKey: b, remoteRef: {key: l}}]}`,
			`{data: [{secretKey: b, remoteRef: {key: x, metadataPolicy: None}}, {secretKey: a, remoteRef: {key: k}}]}`,
			`{data: [{secretKey: b, remoteRef: {key: l, metadataPolicy: None}}, {secretKey: a, remoteRef: {key: k}}]}`},
		{airm.KindExternalSecret, `{secretStoreRef: {name: a, kind: SecretStore}, data: [{secretKey: a}]}`, // ESO leaves out the default kind
			`{secretStoreRef: {name: a}, data: [{secretKey: b}], dataFrom: []}`, `{secretStoreRef: {name: a, kind: SecretStore}, data: [{secretKey: a}]}`},
		{airm.KindExternalSecret, `{secretStoreRef: {name: a}, dataFrom: [{find: {}}]}`, // another store
			`{secretStoreRef: {name: b}}`, `{secretStoreRef: {name: a}, data: [], dataFrom: [{find: {}}]}`},
		{airm.KindExternalSecret, `{secretStoreRef: {name: a}, data: [{secretKey: a}]}`, // entries that are not declared
			`{secretStoreRef: {name: a}, dataFrom: [{find: {}}]}`, `{secretStoreRef: {name: a}, data: [{secretKey: a}], dataFrom: []}`},
		{airm.KindExternalSecret, `{data: [{secretKey: a}]}`, `{secretStoreRef: {name: a}}`, `{data: [{secretKey: a}]}`},
		{airm.KindSecretStore, `{refreshInterval: 3600}`, `{refreshInterval: 1h}`, `{refreshInterval: 1h}`},
		{airm.KindSecretStore, `{refreshInterval: 60}`, `{refreshInterval: 1h}`, `{refreshInterval: 60}`},
	} {
		got := ForApply(test.kind, fromYAML(t, test.declared), fromYAML(t, test.live))
		if want := fromYAML(t, test.want); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s over %s: %v, want %v", test.declared, test.live, got, want)
		}
	}
}
