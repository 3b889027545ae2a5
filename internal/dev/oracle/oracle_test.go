// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package oracle

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

const project = "team-a"

// verdict is what ESO says of an object; see internal/dev/controlplane/validate.go.
type verdict struct {
	Schema, Types []string
	Webhook       string
	Warnings      []string
}

// refusals are all reasons for which an object is not taken. Backends that the control plane does not have are known to the
// schema and the types alone.
func (v verdict) refusals() []string {
	all := slices.Concat(v.Schema, v.Types)
	if v.Webhook != "" && !strings.Contains(v.Webhook, "failed to find registered store backend") {
		all = append(all, v.Webhook)
	}
	return all
}

// needOracle skips a test if there is no oracle.
func needOracle(t *testing.T) {
	t.Helper()
	if os.Getenv("AIRM_CONTROL_PLANE") == "" {
		t.Skip("AIRM_CONTROL_PLANE does not name the control plane's binary, which has ESO's code: run `make oracle`")
	}
}

// ask returns ESO's verdict of each object.
func ask(t *testing.T, objects []map[string]any) []verdict {
	t.Helper()
	var input bytes.Buffer
	for _, object := range objects {
		if err := json.NewEncoder(&input).Encode(object); err != nil {
			t.Fatal(err)
		}
	}
	command := exec.Command(os.Getenv("AIRM_CONTROL_PLANE"), "validate")
	command.Stdin, command.Stderr = &input, os.Stderr
	output, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	var verdicts []verdict
	for decoder := json.NewDecoder(bytes.NewReader(output)); decoder.More(); {
		var v verdict
		if err := decoder.Decode(&v); err != nil {
			t.Fatal(err)
		}
		verdicts = append(verdicts, v)
	}
	if len(verdicts) != len(objects) {
		t.Fatalf("%d verdicts of %d objects", len(verdicts), len(objects))
	}
	return verdicts
}

// renderObject is a whole object as this provider renders it.
func renderObject(kind string, spec map[string]any) map[string]any {
	ref := airm.Ref{Kind: kind, Project: project, Name: "example"}
	if kind == airm.KindClusterSecretStore {
		ref.Project = ""
	}
	rendered := eso.Store(ref, nil, nil, spec, eso.Stamp{}) // whatever its kind
	rendered["apiVersion"] = airm.Group + "/v1"
	return rendered
}

// problems are what our rules say of a spec.
func problems(kind string, spec map[string]any) []jsonvalue.Problem {
	found := eso.CheckVersions(kind, spec)
	switch kind {
	case airm.KindExternalSecret:
		return append(found, eso.CheckExternalSecret(spec)...)
	case airm.KindSecretStore:
		return append(found, eso.CheckStore(kind, project, spec)...)
	}
	return append(found, eso.CheckStore(kind, "", spec)...)
}

func isError(p jsonvalue.Problem) bool { return !p.Warning }

// comparison collects where we and ESO differ, and which of the known differences were met.
type comparison struct {
	t        *testing.T
	patterns map[string]*regexp.Regexp
	seen     map[string]bool
}

func newComparison(t *testing.T) *comparison {
	return &comparison{t, map[string]*regexp.Regexp{}, map[string]bool{}}
}

// compare fails for a difference that is not among the known ones.
func (c *comparison) compare(name string, ours []jsonvalue.Problem, theirs verdict) {
	c.t.Helper()
	refused := theirs.refusals()
	if len(refused) > 0 && len(ours) == 0 && !c.known(silent, strings.Join(refused, "; ")) {
		c.t.Errorf("%s: ESO refuses it and we say nothing: %s", name, strings.Join(refused, "; "))
	}
	if len(refused) > 0 {
		return
	}
	for _, p := range ours {
		if isError(p) && !c.known(stricter, p.Summary+": "+p.Path.String()) {
			c.t.Errorf("%s: ESO takes it and we refuse it: %s: %s", name, p.Summary, p.Detail)
		}
	}
}

// known reports whether a text matches one of the patterns.
func (c *comparison) known(differences map[string]string, text string) bool {
	for pattern := range differences {
		if c.patterns[pattern] == nil {
			c.patterns[pattern] = regexp.MustCompile(pattern)
		}
		if c.patterns[pattern].MatchString(text) {
			c.seen[pattern] = true
			return true
		}
	}
	return false
}

// unmet fails for the known differences that are none any more.
func (c *comparison) unmet() {
	c.t.Helper()
	for _, differences := range []map[string]string{silent, stricter} {
		for pattern := range differences {
			if !c.seen[pattern] {
				c.t.Errorf("the difference %q was not met: remove it", pattern)
			}
		}
	}
}
