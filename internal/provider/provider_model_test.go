// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"slices"
	"strings"
	"testing"
)

// The provider block says what is wrong with its clusters before anything is connected.
func TestClustersAreChecked(t *testing.T) {
	t.Parallel()
	for block, want := range map[string]string{
		`{"clusters":{}}`:                                                           "clusters names no cluster",
		`{"clusters":{"a b":{}}}`:                                                   "is not a valid cluster name",
		`{"clusters":{"a":{},"b":null}}`:                                            "does not leave the cluster out",
		`{"clusters":{"a":{}},"host":"https://example.com"}`:                        "host and clusters exclude each other",
		`{"clusters":{"a":{},"b":{}},"home_cluster":"c"}`:                           "home_cluster names none of the clusters",
		`{"home_cluster":"c"}`:                                                      "home_cluster names one of clusters",
		`{"clusters":{"a":{"token":"t","token_file":"f"}}}`:                         "token_file and token exclude each other",
		`{"clusters":{"a":{"cluster_ca_certificate":"c","insecure":true}}}`:         "insecure and cluster_ca_certificate exclude each other",
		`{"clusters":{"a":{"config_path":"p","config_paths":["p"]},"b":{}}}`:        "config_paths and config_path exclude each other",
		`{"kubeconfig":"k","config_path":"p"}`:                                      "config_path and kubeconfig exclude each other",
		`{"kubeconfig":"k","config_paths":["p"]}`:                                   "config_paths and kubeconfig exclude each other",
		`{"kubeconfig":" \n"}`:                                                      "kubeconfig is empty",
		`{"kubeconfig":"k","clusters":{"a":{}}}`:                                    "kubeconfig and clusters exclude each other",
		`{"clusters":{"a":{"kubeconfig":"k","config_path":"p"},"b":{}}}`:            "config_path and kubeconfig exclude each other",
		`{"clusters":{"a":{"kubeconfig":"k","config_context":"c"},"b":{}}}`:         "",
		`{"clusters":{"a":{"insecure":false,"cluster_ca_certificate":"c"},"b":{}}}`: "",
	} {
		var got []string
		for _, d := range newRPC(t).validateProvider(block) {
			got = append(got, d.Summary+" "+d.Detail)
		}
		if want == "" && len(got) > 0 || want != "" && !slices.ContainsFunc(got, func(text string) bool { return strings.Contains(text, want) }) {
			t.Errorf("%s: %q, not %q", block, got, want)
		}
	}
}
