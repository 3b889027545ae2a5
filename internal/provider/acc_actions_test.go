// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

// Actions need Terraform 1.14, so they are tested by the protocol that it speaks.

func kubeconfigPath() string { return os.Getenv("KUBECONFIG") }

// live is a provider of the cluster under test.
func (p *testProject) rpc(t *testing.T) *rpc {
	t.Helper()
	return newConfiguredRPC(t, mustJSON(map[string]any{"config_path": kubeconfigPath(), "platform_namespace": p.name}))
}

// invoke validates, plans and runs an action. It returns the progress messages, sorted, and the diagnostics.
func (r *rpc) invoke(actionType, config string) (progress []string, diagnostics []*tfprotov6.Diagnostic) {
	r.t.Helper()
	server := r.server.(tfprotov6.ActionServer)
	ctx := context.Background()
	request := &tfprotov6.ValidateActionConfigRequest{ActionType: actionType, Config: fromJSON(config)}
	validated, err := server.ValidateActionConfig(ctx, request)
	r.ok(nil, err)
	if len(validated.Diagnostics) > 0 {
		return nil, validated.Diagnostics
	}
	planned, err := server.PlanAction(ctx, &tfprotov6.PlanActionRequest{ActionType: actionType, Config: fromJSON(config)})
	r.ok(planned.Diagnostics, err)
	stream, err := server.InvokeAction(ctx, &tfprotov6.InvokeActionRequest{ActionType: actionType, Config: fromJSON(config)})
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

// configAction returns a configuration of an action from JSON, in which "?" stands for what is not known yet.
func (r *rpc) configAction(actionType, text string) *tfprotov6.DynamicValue {
	r.t.Helper()
	object := r.schemas.ActionSchemas[actionType].Schema.ValueType().(tftypes.Object)
	var given map[string]string
	r.ok(nil, json.Unmarshal([]byte(text), &given))
	values := map[string]tftypes.Value{}
	for name, attribute := range object.AttributeTypes {
		values[name] = tftypes.NewValue(attribute, nil)
		if value, ok := given[name]; ok && value == "?" {
			values[name] = tftypes.NewValue(attribute, tftypes.UnknownValue)
		} else if ok {
			values[name] = tftypes.NewValue(attribute, value)
		}
	}
	config, err := tfprotov6.NewDynamicValue(object, tftypes.NewValue(object, values))
	r.ok(nil, err)
	return &config
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
	want := p.hcl(`ExternalSecret $project/db in cluster "default": Synced`)
	if len(progress) != 1 || progress[0] != want || len(diagnostics) > 0 {
		t.Errorf("%q\n%s", progress, diagnosticTexts(diagnostics))
	}
	if got := p.secretData("db")["password"]; got != "changed" {
		t.Errorf("the value is %q", got)
	}
	p.setValues(map[string]string{"other": "x"})
	_, diagnostics = r.invoke("airm_sync_secret", p.hcl(`{"project_secret_id":"$project/db"}`))
	contains(t, diagnosticTexts(diagnostics), "1 of 1 not synced", "SyncedError", "password")
	// ESO does not touch a condition that stays.
	progress, diagnostics = r.invoke("airm_sync_secret", p.hcl(`{"project_secret_id":"$project/db"}`))
	contains(t, diagnosticTexts(diagnostics), "1 of 1 not synced", "SyncedError", "password")
	contains(t, strings.Join(progress, "\n"), "waiting for 10s. Pending: ESO has not processed the last change yet; before it, ESO reported: could not get secret data", "waiting for 20s")
	if text := strings.Join(progress, "\n"); strings.Contains(text, "SyncedError:") || strings.Count(text, "could not get secret data") != 1 {
		t.Errorf("it is reported more than once: %s", text)
	}
	for config, text := range map[string]string{
		`{"project_secret_id":"$project/nothing"}`:                    "Project secret \"" + p.name + "/nothing\" does not exist",
		`{"assignment_id":"nothing/$project"}`:                        "Organization secret \"nothing\" is not assigned to project",
		`{"assignment_id":"db/$project"}`:                             "It is a project secret",
		`{"organization_secret":"nothing"}`:                           "Organization secret \"nothing\" does not exist",
		`{}`:                                                          "Missing Attribute Configuration",
		`{"project_secret_id":"a/bb","assignment_id":"bb/a"}`:         "Invalid Attribute Combination",
		`{"project_secret_id":"$project/db","timeout":"1 fortnight"}`: "not a positive duration",
	} {
		_, diagnostics := r.invoke("airm_sync_secret", p.hcl(config))
		contains(t, diagnosticTexts(diagnostics), text)
	}
}

// All assignments of an organization secret are synchronized; each is reported, and what fails is one error.
func TestAccSyncSecretActionOfOrganization(t *testing.T) {
	t.Parallel()
	o := newOrg(t, 3)
	reports := func(progress []string, projects ...*testProject) {
		t.Helper()
		var want []string
		for _, p := range projects {
			want = append(want, "ExternalSecret "+p.name+`/shared in cluster "default": Synced`)
		}
		slices.Sort(want)
		// How long ESO takes to fail again is up to it.
		got := slices.DeleteFunc(slices.Clone(progress), func(line string) bool { return strings.HasPrefix(line, "Waiting for ") })
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Errorf("%q, not %q", got, want)
		}
	}
	o.run(testStep{
		Config: o.declared(0, 1, 2).String(),
		Check: o.platform.check(func() {
			for _, p := range o.projects[:2] {
				p.setStore("values", map[string]string{"password": "changed " + p.name})
			}
			r := o.platform.rpc(t)
			progress, diagnostics := r.invoke("airm_sync_secret", `{"organization_secret":"shared"}`)
			reports(progress, o.projects...)
			if len(diagnostics) > 0 {
				t.Error(diagnosticTexts(diagnostics))
			}
			for _, p := range o.projects[:2] {
				if got := p.secretData("shared")["password"]; got != "changed "+p.name {
					t.Errorf("in %s the value is %q", p.name, got)
				}
			}
			progress, diagnostics = r.invoke("airm_sync_secret", o.named(`{"assignment_id":"shared/$2"}`))
			reports(progress, o.projects[2])
			if len(diagnostics) > 0 {
				t.Error(diagnosticTexts(diagnostics))
			}
			o.projects[1].setStore("values", map[string]string{"other": "x"})
			progress, diagnostics = r.invoke("airm_sync_secret", `{"organization_secret":"shared"}`)
			reports(progress, o.projects[0], o.projects[2]) // the failure is in the error
			contains(t, diagnosticTexts(diagnostics), "1 of 3 not synced", o.projects[1].name)
			o.projects[1].setStore("values", storeValues)
		}),
	})
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
			t.Errorf("%q\n%s", progress, diagnosticTexts(diagnostics))
		}
	}
	_, diagnostics := r.invoke("airm_validate_store", p.hcl(`{"store_id":"$project/broken"}`))
	contains(t, diagnosticTexts(diagnostics), "1 of 1 not synced", "SyncedError")
	_, diagnostics = r.invoke("airm_validate_store", `{"store_id":"a/b/c"}`)
	contains(t, diagnosticTexts(diagnostics), "Invalid store_id")
	_, diagnostics = r.invoke("airm_validate_store", p.hcl(`{"store_id":"$project/nothing"}`))
	contains(t, diagnosticTexts(diagnostics), "Provider store", "does not exist")

	// ESO does not look at the store any more, and its condition stays as it was.
	p.patch("SecretStore", p.name, `{"spec":{"controller":"none"}}`)
	ofStore := metav1.ListOptions{FieldSelector: "involvedObject.name=" + p.name}
	p.ok(p.objects("Event").DeleteCollection(t.Context(), metav1.DeleteOptions{}, ofStore))
	_, diagnostics = r.invoke("airm_validate_store", p.hcl(`{"store_id":"$project/$project"}`))
	contains(t, diagnosticTexts(diagnostics), "1 of 1 synced with a remark",
		"no event shows that ESO looks at the object", "Check that ESO runs")
}

// A sync that ESO does not do, and an organization secret that no project has, are reported.
func TestAccSyncSecretActionWithoutEffect(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.externalSecret("once", `spec: {refreshPolicy: CreatedOnce, secretStoreRef: {name: $store, kind: SecretStore}, data: [{secretKey: password, remoteRef: {key: password}}]}`)
	p.eventually("it is synced", func() bool { return p.secretData("once")["password"] == "open sesame" })
	r := p.rpc(t)
	progress, diagnostics := r.invoke("airm_sync_secret", p.hcl(`{"project_secret_id":"$project/once"}`))
	contains(t, diagnosticTexts(diagnostics), "The sync has no effect", "ESO writes this Secret only once")
	contains(t, strings.Join(progress, "\n"), "no effect")
	p.run(testStep{
		Config: p.hcl(`provider "airm" { platform_namespace = "$project" }
`) + shared(""),
		Check: p.check(func() {
			_, diagnostics := r.invoke("airm_sync_secret", `{"organization_secret":"shared"}`)
			contains(t, diagnosticTexts(diagnostics), `Organization secret "shared" is assigned to no project`)
		}),
	})
}

// Copies in a cluster that does not answer are not synchronized, which is an error; the others are.
func TestAccSyncSecretActionClusterUnavailable(t *testing.T) {
	t.Parallel()
	o := newOrg(t, 1)
	o.projects[0].inEast(true).setStore("values", storeValues)
	declared := o.declared(0)
	declared.Provider = homeAnd("east", connectionConfig{ConfigContext: "east"})
	declared.Provider.PlatformNamespace = o.platform.name
	o.run(testStep{Config: declared.String(), Check: o.platform.check(func() {
		r := newConfiguredRPC(t, mustJSON(map[string]any{
			"home_cluster": "home", "platform_namespace": o.platform.name, "clusters": map[string]any{
				"home": map[string]any{"config_path": kubeconfigPath()},
				"east": map[string]any{"host": "https://127.0.0.1:1", "token": "none", "insecure": true},
			},
		}))
		progress, diagnostics := r.invoke("airm_sync_secret", `{"organization_secret":"shared"}`)
		if len(progress) != 1 || !strings.Contains(progress[0], `in cluster "home": Synced`) {
			t.Errorf("%q", progress)
		}
		contains(t, diagnosticTexts(diagnostics), "1 of 2 not synced", `cluster "east"`, "127.0.0.1:1")
	})})
}

// The id of a resource that is narrowed to a cluster does for it; an id that names clusters means these.
func TestAccActionsInClusters(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	east := p.inEast(true)
	east.externalSecret("db", "")
	east.eventually("it is synced", func() bool { return east.ready("ExternalSecret", "db") == "True" })
	r := newConfiguredRPC(t, mustJSON(map[string]any{"home_cluster": "home", "platform_namespace": p.name, "clusters": map[string]any{
		"home": map[string]any{"config_path": kubeconfigPath()},
		"east": map[string]any{"config_path": kubeconfigPath(), "config_context": "east"}}}))
	for _, id := range []string{"$project/db", "$project/db@east"} {
		progress, diagnostics := r.invoke("airm_sync_secret", p.hcl(`{"project_secret_id":"`+id+`"}`))
		want := p.hcl(`ExternalSecret $project/db in cluster "east": Synced`)
		if len(progress) != 1 || progress[0] != want || len(diagnostics) > 0 {
			t.Errorf("%q\n%s", progress, diagnosticTexts(diagnostics))
		}
	}
	_, diagnostics := r.invoke("airm_sync_secret", p.hcl(`{"project_secret_id":"$project/db@east,home"}`))
	contains(t, diagnosticTexts(diagnostics), p.hcl(`There is no ExternalSecret $project/db in cluster "home"`))
	_, diagnostics = r.invoke("airm_sync_secret", p.hcl(`{"project_secret_id":"$project/none"}`))
	contains(t, diagnosticTexts(diagnostics), p.hcl(`There is no ExternalSecret $project/none in cluster "east", "home"`))
}

// An action that is interrupted says so, and for what it waited.
func TestAccSyncSecretActionInterrupted(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.externalSecret("db", "spec: {secretStoreRef: {name: $store, kind: SecretStore}, data: [{secretKey: a, remoteRef: {key: not-there}}]}")
	p.eventually("it failed", func() bool { return p.ready("ExternalSecret", "db") == "False" })
	r := p.rpc(t)
	requested := make(chan struct{})
	go func() {
		defer close(requested)
		p.eventually("a sync is requested", func() bool { return p.get("ExternalSecret", "db").GetAnnotations()[airm.AnnotationForceSync] != "" })
		_, err := r.server.StopProvider(context.Background(), &tfprotov6.StopProviderRequest{})
		r.ok(nil, err)
	}()
	_, diagnostics := r.invoke("airm_sync_secret", p.hcl(`{"project_secret_id":"$project/db"}`))
	<-requested
	if text := diagnosticTexts(diagnostics); !strings.HasPrefix(text, p.hcl("Interrupted: The run was interrupted while it waited for ExternalSecret $project/db in cluster")) {
		t.Error(text)
	}
}
