// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// `terraform query` needs Terraform 1.14, so lists are tested by the protocol that it speaks.

// listedResult is one result.
type listedResult struct {
	id       string
	identity string
	state    map[string]any // nil where it was not asked for
}

// list runs a list resource; errors and warnings come as results, too.
func (r *rpc) list(kind, filter string, limit int64, include bool) (found []listedResult, diagnostics []*tfprotov6.Diagnostic) {
	r.t.Helper()
	server := r.server.(tfprotov6.ListResourceServer)
	ctx := context.Background()
	config := fromJSON(filter)
	validated, err := server.ValidateListResourceConfig(ctx, &tfprotov6.ValidateListResourceConfigRequest{TypeName: kind, Config: config})
	r.ok(nil, err)
	if len(validated.Diagnostics) > 0 {
		return nil, validated.Diagnostics
	}
	stream, err := server.ListResource(ctx, &tfprotov6.ListResourceRequest{
		TypeName: kind, Config: config, Limit: limit, IncludeResource: include,
	})
	r.ok(nil, err)
	for result := range stream.Results {
		diagnostics = append(diagnostics, result.Diagnostics...)
		if result.Identity == nil {
			continue
		}
		identity := r.values(result.Identity.IdentityData, r.identity.IdentitySchemas[kind].ValueType())
		one := listedResult{id: result.DisplayName, identity: mustJSON(identity)}
		if result.Resource != nil {
			one.state = r.state(kind, result.Resource)
		}
		found = append(found, one)
	}
	return found, diagnostics
}

func listedIDs(found []listedResult) string {
	var all []string
	for _, one := range found {
		all = append(all, one.id)
	}
	return strings.Join(all, " ")
}

func TestAccListProjectSecrets(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.externalSecret("fine", "")
	p.externalSecret("broken", `spec: {secretStoreRef: {name: $store, kind: SecretStore}, data: [{secretKey: a, remoteRef: {key: not-there}}]}`)
	p.externalSecret("elsewhere", `spec: {secretStoreRef: {name: another, kind: ClusterSecretStore}, data: [{secretKey: a, remoteRef: {key: a}}]}`)
	p.externalSecret("ours", `
metadata: {labels: {app.kubernetes.io/managed-by: terraform-provider-airm}}
spec: {secretStoreRef: {name: $store, kind: SecretStore}, data: [{secretKey: password, remoteRef: {key: password}}]}`)
	p.eventually("all are tried", func() bool {
		return p.ready("ExternalSecret", "fine")+p.ready("ExternalSecret", "ours") == "TrueTrue" &&
			p.ready("ExternalSecret", "broken")+p.ready("ExternalSecret", "elsewhere") == "FalseFalse"
	})
	r := p.rpc(t)
	for filter, want := range map[string]string{
		``:                        "broken elsewhere fine ours",
		`,"status":"Synced"`:      "fine ours",
		`,"status":"SyncedError"`: "broken elsewhere",
		`,"store":"another"`:      "elsewhere",
		`,"store":"$store"`:       "broken fine ours",
		`,"unmanaged":true`:       "broken elsewhere fine",
		`,"clusters":["default"]`: "broken elsewhere fine ours",
		`,"unmanaged":true,"status":"Synced","store":"$store"`: "fine",
	} {
		found, diagnostics := r.list(secretKind, p.hcl(`{"project":"$project"`+filter+`}`), 100, false)
		if got := strings.ReplaceAll(listedIDs(found), p.name+"/", ""); got != want || len(diagnostics) > 0 {
			t.Errorf("%s: %q\n%s", filter, got, diagnosticTexts(diagnostics))
		}
	}
	found, diagnostics := r.list(secretKind, p.hcl(`{"project":"$project"}`), 2, true)
	if got := strings.ReplaceAll(listedIDs(found), p.name+"/", ""); got != "broken elsewhere" || len(diagnostics) != 1 {
		t.Fatalf("the limit is 2: %q\n%s", got, diagnosticTexts(diagnostics))
	}
	contains(t, diagnosticTexts(diagnostics), "There are 4 results, and the limit is 2", "limit = 4")
	next, diagnostics := r.list(secretKind, p.hcl(`{"project":"$project","after":"`+found[1].id+`"}`), 2, false)
	if got := strings.ReplaceAll(listedIDs(next), p.name+"/", ""); got != "fine ours" || len(diagnostics) > 0 {
		t.Errorf("the next batch: %q\n%s", got, diagnosticTexts(diagnostics))
	}
	first := found[0]
	if first.identity != p.hcl(`{"name":"broken","project":"$project"}`) ||
		first.state["status"] != "SyncedError" || first.state["id"] != p.name+"/broken" {
		t.Errorf("%+v", first)
	}
	everywhere, _ := r.list(secretKind, `{}`, 0, false)
	if !strings.Contains(listedIDs(everywhere), p.name+"/fine") {
		t.Errorf("without a project: %q", listedIDs(everywhere))
	}
	for config, text := range map[string]string{
		`{"project":"no-such-project"}`: "does not exist",
		`{"clusters":["nowhere"]}`:      "is not configured",
		`{"status":"Happy"}`:            "Invalid Attribute Value Match",
		`{"made_by":"stranger"}`:        "Invalid Attribute Value Match",
	} {
		found, diagnostics := r.list(secretKind, config, 0, false)
		if len(found) > 0 {
			t.Errorf("%s: %q", config, listedIDs(found))
		}
		contains(t, diagnosticTexts(diagnostics), text)
	}
}

// Copies with one content are one result, narrowed where the clusters differ, or the filter leaves some out.
func TestAccListInClusters(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	east := p.inEast(true)
	p.setStore(p.name+"-more", map[string]string{"a": "b"})
	east.setStore(p.name+"-more", map[string]string{"other": "b"})
	for _, in := range []*testProject{p, east} {
		in.externalSecret("same", everyHour)
		in.externalSecret("fails-in-east", `spec: {secretStoreRef: {name: $project-more, kind: SecretStore}, data: [{secretKey: a, remoteRef: {key: a}}]}`)
	}
	p.externalSecret("differs", everyHour)
	east.externalSecret("differs", everyOtherHour)
	east.externalSecret("east-only", everyHour)
	p.externalSecret("ours-here", "metadata: {labels: {app.kubernetes.io/managed-by: terraform-provider-airm}}\n"+everyHour)
	east.externalSecret("ours-here", everyHour)
	p.eventually("all are tried", func() bool {
		for _, name := range []string{"same", "differs", "ours-here"} {
			if p.ready("ExternalSecret", name)+east.ready("ExternalSecret", name) != "TrueTrue" {
				return false
			}
		}
		failing := p.ready("ExternalSecret", "fails-in-east") + east.ready("ExternalSecret", "fails-in-east")
		return failing == "TrueFalse" && east.ready("ExternalSecret", "east-only") == "True"
	})
	r := newRPCInBoth(t)
	for filter, want := range map[string]string{
		``:                        "differs@east differs@home east-only@east fails-in-east ours-here same",
		`,"clusters":["east"]`:    "differs@east east-only@east fails-in-east@east ours-here@east same@east",
		`,"unmanaged":true`:       "differs@east differs@home east-only@east fails-in-east ours-here@east same",
		`,"status":"Synced"`:      "differs@east differs@home east-only@east ours-here same",
		`,"status":"SyncedError"`: "fails-in-east",
		`,"status":"SyncedError","clusters":["home"]`: "",
	} {
		found, diagnostics := r.list(secretKind, p.hcl(`{"project":"$project"`+filter+`}`), 100, true)
		if got := strings.ReplaceAll(listedIDs(found), p.name+"/", ""); got != want || len(diagnostics) > 0 {
			t.Errorf("%s: %q\n%s", filter, got, diagnosticTexts(diagnostics))
		}
		for _, one := range found {
			_, clusters, _ := strings.Cut(one.id, "@")
			narrowed, _ := one.state["clusters"].([]string)
			if strings.Join(narrowed, ",") != clusters || one.state["up_to_date"] != true {
				t.Errorf("%s: %v in %s", one.id, one.state, one.identity)
			}
			if status, filtered := strings.CutPrefix(filter, `,"status":`); filtered && one.state["status"] != strings.Trim(status, `"`) {
				t.Errorf("%s: it is %s", filter, one.state["status"])
			}
		}
	}
}

// What a list returns has an empty plan: an import block and the configuration made of it are one step.
func TestAccListIsImport(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.externalSecret("db", "")
	p.eventually("it is synced", func() bool { return p.ready("ExternalSecret", "db") == "True" })
	r := p.rpc(t)
	found, diagnostics := r.list(secretKind, p.hcl(`{"project":"$project"}`), 0, true)
	if len(found) != 1 || len(diagnostics) > 0 || found[0].state["up_to_date"] != true {
		t.Fatalf("%+v\n%s", found, diagnosticTexts(diagnostics))
	}
}

func TestAccListProviderStores(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.create("ClusterSecretStore", p.name, `spec: {provider: {fake: {data: [{key: a, value: b}]}}}`)
	p.create("SecretStore", "hook", `spec: {controller: none, provider: {webhook: {url: "http://127.0.0.1:1", result: {jsonPath: "$.x"}}}}`)
	p.eventually("it is valid", func() bool { return p.ready("ClusterSecretStore", p.name) == "True" })
	r := p.rpc(t)
	for filter, want := range map[string]string{
		`"project":"$project"`:                    "$project/$project $project/hook",
		`"project":"$project","backend":"fake"`:   "$project/$project",
		`"project":"$project","status":"Pending"`: "$project/hook",
	} {
		found, diagnostics := r.list(storeKind, p.hcl(`{`+filter+`}`), 0, false)
		if got := listedIDs(found); got != p.hcl(want) || len(diagnostics) > 0 {
			t.Errorf("%s: %q\n%s", filter, got, diagnosticTexts(diagnostics))
		}
	}
	found, _ := r.list(storeKind, `{}`, 0, false)
	if all := " " + listedIDs(found) + " "; !strings.Contains(all, p.hcl(" $project ")) || !strings.Contains(all, p.hcl(" $project/hook ")) {
		t.Errorf("all: %q", all)
	}
	for i := range found {
		if found[i].id == p.name && found[i].identity != p.hcl(`{"name":"$project"}`) {
			t.Errorf("the identity is %s", found[i].identity)
		}
	}
}

func TestAccListRecords(t *testing.T) {
	t.Parallel()
	o := newOrg(t, 2)
	o.run(testStep{
		Config: o.hcl(shared(`use_case = "Database"`) + assignmentBlock(0, "") + assignmentBlock(1, "")),
		Check: o.platform.check(func() {
			r := o.platform.rpc(t)
			for i, c := range []struct{ kind, config, want string }{
				{"airm_organization_secret", `{}`, "shared"},
				{"airm_organization_secret", `{"use_case":"Database","status":"Synced"}`, "shared"},
				{"airm_organization_secret", `{"use_case":"S3"}`, ""},
				{"airm_organization_secret", `{"status":"Unassigned"}`, ""},
				{"airm_secret_assignment", `{"project":"$0"}`, "shared/$0"},
				{"airm_secret_assignment", `{"secret":"other"}`, ""},
				{"airm_secret_assignment", `{"project":"$1","secret":"shared","status":"Synced"}`, "shared/$1"},
				{"airm_secret_assignments", `{}`, "shared"},
				{"airm_secret_assignments", `{"project":"$1"}`, "shared"},
				{"airm_secret_assignments", `{"project":"other"}`, ""},
				{secretKind, `{"project":"$0"}`, ""},
			} {
				found, diagnostics := r.list(c.kind, o.named(c.config), 0, true)
				if got := listedIDs(found); got != o.named(c.want) || len(diagnostics) > 0 {
					t.Errorf("%d: %s %s: %q\n%s", i, c.kind, c.config, got, diagnosticTexts(diagnostics))
				}
				for _, one := range found {
					if one.state["status"] != "Synced" || one.state["id"] != one.id {
						t.Errorf("%d: %+v", i, one)
					}
				}
			}
			first := "shared/" + min(o.projects[0].name, o.projects[1].name)
			if found, _ := r.list("airm_secret_assignment", `{}`, 1, false); listedIDs(found) != first {
				t.Errorf("the limit is 1: %q, not %q", listedIDs(found), first)
			}
		}),
	})
}

// An unavailable cluster is reported, and the others are listed.
func TestAccListClusterUnavailable(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.externalSecret("db", "")
	r := newConfiguredRPC(t, fmt.Sprintf(`{"clusters":{"here":{"config_path":%q},"down":{"host":"https://127.0.0.1:1","token":"none","insecure":true}}}`, kubeconfigPath()))
	found, diagnostics := r.list(secretKind, p.hcl(`{"project":"$project"}`), 0, false)
	if listedIDs(found) != p.name+"/db@here" {
		t.Errorf("%q", listedIDs(found))
	}
	contains(t, diagnosticTexts(diagnostics), "Not all clusters could be asked", "127.0.0.1:1")
	found, diagnostics = r.list(secretKind, p.hcl(`{"project":"$project"}`), 0, true)
	if len(found) != 1 || found[0].state["id"] != p.name+"/db" || len(diagnostics) != 1 {
		t.Errorf("with the resource: %+v\n%s", found, diagnosticTexts(diagnostics))
	}
}

// What is deleted while the list is made is left out, and so is, with a warning, what cannot be read: a name of one letter.
func TestAccListDeletedMeanwhile(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	for _, name := range []string{"first", "second", "third"} {
		p.externalSecret(name, "")
	}
	r := newConfiguredRPC(t, fmt.Sprintf(`{"config_path":%q}`, kubeconfigPath()))
	p.externalSecret("x", "")
	stream, err := r.server.(tfprotov6.ListResourceServer).ListResource(t.Context(), &tfprotov6.ListResourceRequest{
		TypeName: secretKind, Config: fromJSON(p.hcl(`{"project":"$project"}`)), IncludeResource: true})
	p.ok(err)
	var found []string
	left := ""
	for result := range stream.Results {
		if result.Identity == nil {
			for _, d := range result.Diagnostics {
				if d.Severity != tfprotov6.DiagnosticSeverityWarning { // the CLI drops all results for one error
					t.Errorf("a %s: %s", d.Severity, d.Summary)
				}
			}
			left += diagnosticTexts(result.Diagnostics)
			continue
		}
		if found = append(found, result.DisplayName); len(found) == 1 {
			p.removeNow("ExternalSecret", "second")
		}
	}
	if got := strings.Join(found, " "); got != p.hcl("$project/first $project/third") {
		t.Errorf("%q", got)
	}
	contains(t, left, p.name+"/x is left out of the list")
	if strings.Contains(left, "second") {
		t.Errorf("what is gone is reported: %s", left)
	}
}
