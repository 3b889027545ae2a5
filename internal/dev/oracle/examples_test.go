// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package oracle

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/provider"
)

const root = "../../../"

var codeBlock = regexp.MustCompile("(?ms)^```(?:hcl|terraform)\n(.*?)^```$")

// notEvaluated are resources whose arguments only a CLI can know, with the reason.
var notEvaluated = map[string]string{
	"examples/functions/parse_manifest/: airm_project_secret.database":  "all of it comes from a function of the provider",
	"templates/guides/many-clusters.md.tmpl: airm_provider_store.vault": "it is shortened, and has no backend",
	"templates/guides/migrating.md.tmpl: airm_project_secret.database":  "all of it comes from an export of the reader's own secret",
}

// configurations are the examples by folder, and the blocks of documents that have resources of ours by document.
func configurations(t *testing.T) map[string][]byte {
	t.Helper()
	found := map[string][]byte{}
	err := filepath.WalkDir(root+"examples", func(path string, _ fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".tf") {
			var text []byte
			text, err = os.ReadFile(path)
			name := filepath.Dir(path) + "/"
			found[name] = append(append(found[name], text...), '\n')
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	documents, _ := filepath.Glob(root + "templates/*/*.tmpl") // fails for a malformed pattern only
	for _, document := range append(documents, root+"templates/index.md.tmpl", root+"README.md", root+"examples/teams/README.md") {
		text, err := os.ReadFile(document)
		if err != nil {
			t.Fatal(err)
		}
		for _, code := range codeBlock.FindAllSubmatch(text, -1) {
			if bytes.Contains(code[1], []byte(`resource "airm_`)) {
				found[document] = append(found[document], code[1]...)
			}
		}
	}
	return found
}

// What the examples and the guides show is taken by ESO as it is, and by our rules without an error.
func TestExamplesAgreeWithESO(t *testing.T) {
	needOracle(t)
	var names []string
	var objects []map[string]any
	for name, text := range configurations(t) {
		for _, resource := range resourcesIn(t, name, text) {
			if notEvaluated[resource.name] != "" {
				continue
			}
			object, diags, err := provider.Render(t.Context(), resource.resourceType, resource.arguments)
			if err != nil {
				t.Errorf("%s: %v", resource.name, err)
			}
			for _, d := range diags.Errors() {
				t.Errorf("%s: %s: %s", resource.name, d.Summary(), d.Detail())
			}
			if object != nil {
				object["apiVersion"] = airm.Group + "/v1"
				names, objects = append(names, resource.name), append(objects, object)
			}
		}
	}
	if len(objects) < 30 {
		t.Errorf("only %d objects were found, so the search is broken", len(objects))
	}
	for i, theirs := range ask(t, objects) {
		for _, refusal := range theirs.refusals() {
			t.Errorf("%s: ESO refuses it: %s", names[i], refusal)
		}
	}
	t.Logf("%d objects", len(objects))
}
