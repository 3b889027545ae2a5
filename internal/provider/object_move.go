// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// movable are the resource types of other providers that keep one object of any kind, by what their
// state has: a `manifest` (hashicorp/kubernetes), or a `yaml_body` (kubectl and its forks, k8sconnect).
// The address of the provider does not count: there are forks, mirrors and another registry.
var movable = map[string]func(movedState) (map[string]any, error){
	"kubernetes_manifest": movedState.manifest,
	"kubectl_manifest":    movedState.yaml,
	"k8sconnect_object":   movedState.yaml,
}

// movedState is what counts in the state of such a resource.
type movedState struct {
	Manifest  movedManifest `json:"manifest"`
	YAMLBody  string        `json:"yaml_body"`
	Namespace string        `json:"namespace"`          // kubectl_manifest
	Override  string        `json:"override_namespace"` // kubectl_manifest
	UID       string        `json:"uid"`                // kubectl_manifest
}

// movedManifest is a value of any type, as a state keeps it: with its type beside.
type movedManifest struct {
	Value json.RawMessage `json:"value"`
}

func (s movedState) manifest() (map[string]any, error) {
	return eso.ParseObject(string(s.Manifest.Value))
}

func (s movedState) yaml() (map[string]any, error) {
	object, err := eso.ParseObject(s.YAMLBody)
	for _, namespace := range []string{s.Namespace, s.Override} {
		if namespace != "" && err == nil {
			jsonvalue.MapAt(object, "metadata")["namespace"] = namespace
		}
	}
	return object, err
}

// MoveState takes an object over from a resource of another provider, without a look into the cluster:
// the arguments become what the other resource declared, and the next Read compares.
func (r *objectResource) MoveState(context.Context) []resource.StateMover {
	return []resource.StateMover{{StateMover: r.move}}
}

func (r *objectResource) move(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
	declared, known := movable[req.SourceTypeName]
	if !known {
		return
	}
	var source movedState
	object := map[string]any{}
	err := json.Unmarshal(req.SourceRawState.JSON, &source)
	if err == nil {
		object, err = declared(source)
	}
	if err != nil {
		resp.Diagnostics.AddError("The state of the "+req.SourceTypeName+" cannot be read",
			"It is not in a form that this provider can read: "+strings.TrimSuffix(jsonvalue.Sanitize(err.Error()), ".")+". Remove the resource from the state with a removed block, and import the object.")
		return
	}
	ref, diags := r.movedRef(object)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(r.fillMoved(ctx, ref, source.UID, object, resp)...)
	resp.Diagnostics.Append(setIdentity(ctx, resp.TargetIdentity, ref, nil)...)
}

// movedRef returns the object that was moved, and refuses one of another kind.
func (r *objectResource) movedRef(object map[string]any) (airm.Ref, diag.Diagnostics) {
	metadata := jsonvalue.MapAt(object, "metadata")
	kind, _ := object["kind"].(string)
	name, _ := metadata["name"].(string)
	namespace, _ := metadata["namespace"].(string)
	found := airm.Ref{Kind: kind, Project: namespace, Name: name}
	switch kind {
	case airm.KindClusterSecretStore:
		found.Project = ""
	case airm.KindExternalSecret, airm.KindSecretStore:
		if found.Project == "" {
			found.Project = "default"
		}
	}
	ref, err := r.kind.parseID(found.ID())
	if err != nil || ref != found {
		return ref, diag.Diagnostics{diag.NewErrorDiagnostic(fmt.Sprintf("%s cannot become an airm_%s", found, r.name), movedTo(kind))}
	}
	return ref, nil
}

func movedTo(kind string) string {
	switch kind {
	case airm.KindExternalSecret:
		return "Move an ExternalSecret to an airm_project_secret."
	case airm.KindSecretStore, airm.KindClusterSecretStore:
		return "Move a store to an airm_provider_store."
	}
	return "Only an ExternalSecret, a SecretStore or a ClusterSecretStore can be moved to this provider."
}

// fillMoved sets the target's state as if this provider had applied what was declared.
func (r *objectResource) fillMoved(
	ctx context.Context, ref airm.Ref, uid string, object map[string]any, resp *resource.MoveStateResponse,
) diag.Diagnostics {
	state := &resp.TargetState
	diags := state.SetAttribute(ctx, path.Root("project"), optional(ref.Project))
	diags.Append(state.SetAttribute(ctx, path.Root("name"), ref.Name)...)
	m := r.kind.newModel()
	if diags.Append(state.Get(ctx, m)...); diags.HasError() {
		return diags
	}
	diags.Append(m.fill(ctx, object)...)
	m.compute(object)
	m.common().setComputed(ref.ID(), airm.Pending, true)
	diags.Append(ownership{Moved: true, MovedUID: uid}.save(ctx, resp.TargetPrivate, m)...)
	diags.Append(state.Set(ctx, m)...)
	return diags
}
