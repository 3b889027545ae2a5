// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// peer is another provider that can write the same objects.
type peer struct {
	contender
	config func(count int) string
}

// knownPeers are the other providers, by the names of their binaries.
var knownPeers = map[string]peer{
	"terraform-provider-kubernetes": {
		contender{name: "`kubernetes_manifest`", source: "hashicorp/kubernetes"},
		func(count int) string { return manifestConfig("kubernetes_manifest", "manifest = ", count) },
	},
	"terraform-provider-kubectl": {
		contender{name: "`kubectl_manifest`", source: "gavinbunney/kubectl", block: "  load_config_file = false\n"},
		func(count int) string { return manifestConfig("kubectl_manifest", "yaml_body = yamlencode", count) },
	},
}

// manifestConfig configures the objects of secretsConfig as manifests.
func manifestConfig(resource, argument string, count int) string {
	return fmt.Sprintf(`resource %q "bench" {
  count = %d
  %s({
    apiVersion = "external-secrets.io/v1"
    kind       = "ExternalSecret"
    metadata   = { namespace = "bench-${floor(count.index / %d)}", name = "secret-${count.index}" }
    spec = {
      secretStoreRef = { name = "bench", kind = "ClusterSecretStore" }
      data = [
        { secretKey = "password", remoteRef = { key = "app", property = "password" } },
        { secretKey = "username", remoteRef = { key = "app", property = "username" } },
      ]
    }
  })
}
`, resource, count, argument, perProject)
}

// installPeers finds the binaries of other providers.
func (b *bench) installPeers(paths []string) error {
	for _, path := range paths {
		name := filepath.Base(path)
		known, found := knownPeers[cutVersion(name)]
		if _, err := os.Stat(path); err != nil || !found {
			return fmt.Errorf("%s is no provider to compare with: give the paths of terraform-provider-kubernetes and terraform-provider-kubectl (%w)", path, err)
		}
		binary, err := b.link(path, cutVersion(name))
		if err != nil {
			return err
		}
		known.binary = binary
		b.peers = append(b.peers, known)
	}
	return nil
}

// cutVersion is the name of a provider's binary without its version, as releases have it.
func cutVersion(name string) string {
	name, _, _ = strings.Cut(name, "_")
	return name
}

// comparePeers measures the same secrets with ours and with other providers: an apply that does not wait, a plan without a change
// and a destroy.
func (b *bench) comparePeers(ctx context.Context) error {
	count := b.sizes.create
	if err := b.bare.projects(ctx, (count+perProject-1)/perProject); err != nil {
		return err
	}
	printHead(fmt.Sprintf("%d secrets with other providers", count),
		"wall", "ours against it", "CPU", "ours against it", "API requests for each", "memory")
	all := append([]peer{{b.ours, func(count int) string { return secretsConfig(count, false) }}}, b.peers...)
	var ours []measured
	for _, its := range all {
		done, err := b.life(ctx, its, count)
		if err != nil {
			return err
		}
		if ours == nil {
			ours = done
		}
		for i, what := range []string{"create", "plan", "destroy"} {
			m := done[i]
			printRow(what+": "+its.name, seconds(m.wall), ratio(ours[i].wall, m.wall), seconds(m.cpu), ratio(ours[i].cpu, m.cpu),
				each(m.requests, count), megabytes(m.provider.memory))
		}
	}
	return nil
}

// life measures the commands of a workspace from apply to destroy.
func (b *bench) life(ctx context.Context, its peer, count int) ([]measured, error) {
	w, err := b.workspace(its.contender, its.config(count))
	if err != nil {
		return nil, err
	}
	var done []measured
	for _, command := range []string{"apply -auto-approve", "plan -detailed-exitcode", "destroy -auto-approve"} {
		m, err := w.run(ctx, append(strings.Fields(command), "-no-color")...)
		if err != nil {
			return nil, err
		}
		done = append(done, m)
	}
	return done, nil
}
