// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package airm

// configuration returns AIRM's MutatingWebhookConfiguration for the two webhooks on secrets. Its rules are AIRM's own, but for
// one expression of the namespaceSelector.
func configuration(name, url string, authority []byte) map[string]any {
	webhook := func(hook, path, group, version, resource string) any {
		return map[string]any{
			"name":                    hook,
			"admissionReviewVersions": []any{"v1"},
			"clientConfig":            map[string]any{"url": url + path, "caBundle": authority},
			"rules": []any{map[string]any{
				"apiGroups": []any{group}, "apiVersions": []any{version}, "resources": []any{resource}, "operations": []any{"CREATE", "UPDATE"},
			}},
			"matchPolicy":    "Equivalent",
			"failurePolicy":  "Fail",
			"sideEffects":    "None",
			"timeoutSeconds": 10,
			"namespaceSelector": map[string]any{"matchExpressions": []any{
				map[string]any{"key": labelProjectID, "operator": "Exists"},
				map[string]any{"key": labelStandIn, "operator": "In", "values": []any{name}},
			}},
		}
	}
	return map[string]any{
		"apiVersion": "admissionregistration.k8s.io/v1", "kind": "MutatingWebhookConfiguration",
		"metadata": map[string]any{"name": name},
		"webhooks": []any{
			webhook("secret.airm.silogen.ai", "/mutate-secret", "", "v1", "secrets"),
			webhook("externalsecret.airm.silogen.ai", "/mutate-externalsecret", "external-secrets.io", "v1beta1", "externalsecrets"),
		},
	}
}
