// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// storeGuide is what the guide of a store assumes of its backend.
type storeGuide struct {
	backend, key, value string
	names               []string // pairs: what the guide calls something, and how this backend calls it
}

var storeGuides = map[string]storeGuide{
	"kubernetes": {names: []string{"shared", "$project-shared"}},
	"vault":      {"vault", "ai/hugging-face", `{"token":"hf_example"}`, []string{"https://vault.example.com:8200", "$endpoint"}},
	"aws": {"aws", "ai/hugging-face", `{"token":"hf_example"}`,
		[]string{"arn:aws:iam::123456789012:role/airm-secrets-reader", "$role"}},
	"google-cloud": {"gcp", "hugging-face", "hf_example", []string{
		"airm-secrets-reader@example-secrets.iam.gserviceaccount.com", "$service_account", "example-secrets", "$project_id",
		"example-clusters", "$project_id"}},
	"azure": {"azure", "hugging-face", "hf_example", []string{"https://example.vault.azure.net", "$endpoint"}},
}

// storeBlock is a block of a guide that a reader runs or applies.
var storeBlock = regexp.MustCompile("(?ms)^<!-- test: store -->\n```(terraform|sh)\n(.*?)^```$")

// The guide of each store, from the ServiceAccount on, ends in Synced.
func TestAccGuidesOfStores(t *testing.T) {
	t.Parallel()
	needBackends(t)
	for name, guide := range storeGuides {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProject(t)
			p.follow(guide, "../../templates/guides/store-"+name+".md.tmpl")
		})
	}
}

// follow runs the commands of a guide and applies its configuration, as a reader would.
func (p *testProject) follow(guide storeGuide, file string) {
	text, err := os.ReadFile(file)
	p.ok(err)
	b, w := &testBackend{}, p.newWorkspace()
	if guide.backend != "" {
		b = p.newBackend(guide.backend)
		b.set(guide.key, guide.value)
	}
	p.t.Cleanup(func() { p.remove("Namespace", p.name+"-shared") })
	rename := strings.NewReplacer(append(guide.names, "team-a", p.name, "external-secrets", p.name)...)
	for _, found := range storeBlock.FindAllStringSubmatch(string(text), -1) {
		content := p.hcl(b.fill(rename.Replace(found[2])))
		if found[1] == "sh" {
			w.shell("set -e\n" + content)
			continue
		}
		w.write("main.tf", storeName.ReplaceAllString(content, `${1}= "`+p.name+`-$2"`))
	}
	contains(p.t, w.apply(), `status = "Synced"`)
	w.plansNothing()
	w.destroy()
}
