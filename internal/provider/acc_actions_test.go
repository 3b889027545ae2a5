package provider

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// Actions need Terraform 1.14, so they are tested by the protocol that it speaks.

func kubeconfig() string { return os.Getenv("KUBECONFIG") }

// live is a provider of the cluster under test.
func (p *project) rpc(t *testing.T) *rpc {
	t.Helper()
	return configured(t, mustJSON(map[string]any{"config_path": kubeconfig(), "platform_namespace": p.name}))
}

// invoke checks, plans and runs an action: it gives the progress in order of its text, and the diagnostics.
func (r *rpc) invoke(action, config string) (progress []string, diagnostics []*tfprotov6.Diagnostic) {
	r.t.Helper()
	server := r.server.(tfprotov6.ActionServer)
	ctx := context.Background()
	validated, err := server.ValidateActionConfig(ctx, &tfprotov6.ValidateActionConfigRequest{ActionType: action, Config: fromJSON(config)})
	r.ok(nil, err)
	if len(validated.Diagnostics) > 0 {
		return nil, validated.Diagnostics
	}
	planned, err := server.PlanAction(ctx, &tfprotov6.PlanActionRequest{ActionType: action, Config: fromJSON(config)})
	r.ok(planned.Diagnostics, err)
	stream, err := server.InvokeAction(ctx, &tfprotov6.InvokeActionRequest{ActionType: action, Config: fromJSON(config)})
	r.ok(nil, err)
	for event := range stream.Events {
		switch event := event.Type.(type) {
		case tfprotov6.ProgressInvokeActionEventType:
			progress = append(progress, event.Message)
		case tfprotov6.CompletedInvokeActionEventType:
			diagnostics = append(diagnostics, event.Diagnostics...)
		}
	}
	slices.Sort(progress)
	return progress, diagnostics
}

func texts(diagnostics []*tfprotov6.Diagnostic) string {
	var all []string
	for _, d := range diagnostics {
		all = append(all, d.Summary+": "+d.Detail)
	}
	return strings.Join(all, "\n")
}

// A value that changes in the backend is in the Kubernetes Secret when the action is done.
func TestAccSyncSecretAction(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.externalSecret("db", "")
	p.eventually("it is synced", func() bool { return p.secretData("db")["password"] == "open sesame" })
	p.setValues(map[string]string{"password": "changed"})
	r := p.rpc(t)
	progress, diagnostics := r.invoke("airm_sync_secret", p.hcl(`{"project_secret_id":"$project/db"}`))
	if want := p.hcl(`ExternalSecret $project/db in cluster "default": Synced`); len(progress) != 1 || progress[0] != want || len(diagnostics) > 0 {
		t.Errorf("%q\n%s", progress, texts(diagnostics))
	}
	if got := p.secretData("db")["password"]; got != "changed" {
		t.Errorf("the value is %q", got)
	}
	p.setValues(map[string]string{"other": "x"})
	_, diagnostics = r.invoke("airm_sync_secret", p.hcl(`{"project_secret_id":"$project/db"}`))
	contains(t, texts(diagnostics), "1 of 1 not synced", "SyncedError", "password")
	for config, text := range map[string]string{
		`{"project_secret_id":"$project/nothing"}`: "not found",
		`{"assignment_id":"db/$project"}`:          "It is a project secret",
		`{"organization_secret":"nothing"}`:        "not found",
		`{}`:                                       "Missing Attribute Configuration",
		`{"project_secret_id":"a/bb","assignment_id":"bb/a"}`:         "Invalid Attribute Combination",
		`{"project_secret_id":"$project/db","timeout":"1 fortnight"}`: "no positive duration",
	} {
		_, diagnostics := r.invoke("airm_sync_secret", p.hcl(config))
		contains(t, texts(diagnostics), text)
	}
}

// All assignments of an organization secret are synchronized; each is told of, and what fails is one error.
func TestAccSyncSecretActionOfOrganization(t *testing.T) {
	t.Parallel()
	o := newOrg(t, 3)
	o.run(step{
		Config: o.hcl(shared("") + assignment(0, "") + assignment(1, "") + assignment(2, "")),
		Check: o.platform.check(func() {
			for _, p := range o.projects[:2] {
				p.setStore("values", map[string]string{"password": "changed " + p.name})
			}
			r := o.platform.rpc(t)
			progress, diagnostics := r.invoke("airm_sync_secret", `{"organization_secret":"shared"}`)
			if len(progress) != 3 || len(diagnostics) > 0 {
				t.Errorf("%q\n%s", progress, texts(diagnostics))
			}
			for _, p := range o.projects[:2] {
				if got := p.secretData("shared")["password"]; got != "changed "+p.name {
					t.Errorf("in %s the value is %q", p.name, got)
				}
			}
			progress, diagnostics = r.invoke("airm_sync_secret", o.hcl2(`{"assignment_id":"shared/$2"}`))
			if len(progress) != 1 || len(diagnostics) > 0 {
				t.Errorf("%q\n%s", progress, texts(diagnostics))
			}
			o.projects[1].setStore("values", map[string]string{"other": "x"})
			progress, diagnostics = r.invoke("airm_sync_secret", `{"organization_secret":"shared"}`)
			if len(progress) != 3 {
				t.Errorf("%q", progress)
			}
			contains(t, texts(diagnostics), "1 of 3 not synced", o.projects[1].name)
			o.projects[1].setStore("values", values)
		}),
	})
}

// hcl2 puts the names of the projects into a text, without a provider block.
func (o *org) hcl2(text string) string {
	for i, p := range o.projects {
		text = strings.ReplaceAll(text, "$"+string(rune('0'+i)), p.name)
	}
	return text
}

func TestAccValidateStoreAction(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.create("SecretStore", "broken", `spec: {provider: {kubernetes: {server: {url: "https://127.0.0.1:1"}, remoteNamespace: x, auth: {token: {bearerToken: {name: none, key: none}}}}}}`)
	p.create("ClusterSecretStore", p.name, `spec: {provider: {fake: {data: [{key: a, value: b}]}}}`)
	r := p.rpc(t)
	for id, want := range map[string]string{"$project/$project": "SecretStore $project/$project", "$project": "ClusterSecretStore $project"} {
		progress, diagnostics := r.invoke("airm_validate_store", p.hcl(`{"store_id":"`+id+`"}`))
		if len(progress) != 1 || progress[0] != p.hcl(want+` in cluster "default": Synced`) || len(diagnostics) > 0 {
			t.Errorf("%q\n%s", progress, texts(diagnostics))
		}
	}
	_, diagnostics := r.invoke("airm_validate_store", p.hcl(`{"store_id":"$project/broken"}`))
	contains(t, texts(diagnostics), "1 of 1 not synced", "SyncedError")
	_, diagnostics = r.invoke("airm_validate_store", `{"store_id":"a/b/c"}`)
	contains(t, texts(diagnostics), "Invalid store_id")
	_, diagnostics = r.invoke("airm_validate_store", p.hcl(`{"store_id":"$project/nothing"}`))
	contains(t, texts(diagnostics), "not found")
}
