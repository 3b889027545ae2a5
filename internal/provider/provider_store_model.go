// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"maps"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-jsontypes/jsontypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

type providerStoreModel struct {
	objectModel
	narrowedModel
	Project                types.String         `tfsdk:"project"`
	Vault                  types.Object         `tfsdk:"vault"`
	OpenBao                types.Object         `tfsdk:"open_bao"`
	AWS                    types.Object         `tfsdk:"aws"`
	GCP                    types.Object         `tfsdk:"gcp"`
	Azure                  types.Object         `tfsdk:"azure"`
	Kubernetes             types.Object         `tfsdk:"kubernetes"`
	Fake                   types.Object         `tfsdk:"fake"`
	Other                  jsontypes.Normalized `tfsdk:"other"`
	AllowedProjects        types.Set            `tfsdk:"allowed_projects"`
	AllowedProjectSelector types.Map            `tfsdk:"allowed_project_selector"`
	Conditions             jsontypes.Normalized `tfsdk:"conditions"`
	Controller             types.String         `tfsdk:"controller"`
	RefreshInterval        types.String         `tfsdk:"refresh_interval"`
	Retry                  types.Object         `tfsdk:"retry"`
	CredentialsWO          types.Map            `tfsdk:"credentials_wo"`
	CredentialsWOVersion   types.Int64          `tfsdk:"credentials_wo_version"`
	Kind                   types.String         `tfsdk:"kind"`
	Capabilities           types.String         `tfsdk:"capabilities"`

	credentials types.Map // see readWriteOnly
}

// typed are the arguments that storeMapping translates.
func (m *providerStoreModel) typed() map[string]attr.Value {
	values := m.backends()
	values["controller"], values["refresh_interval"], values["retry"] = m.Controller, m.RefreshInterval, m.Retry
	return values
}

// backends are the arguments of which exactly one is given.
func (m *providerStoreModel) backends() map[string]attr.Value {
	return map[string]attr.Value{
		"vault": m.Vault, "open_bao": m.OpenBao, "aws": m.AWS, "gcp": m.GCP, "azure": m.Azure,
		"kubernetes": m.Kubernetes, "fake": m.Fake, "other": m.Other,
	}
}

func (m *providerStoreModel) setTyped(values map[string]attr.Value) {
	m.Vault, _ = values["vault"].(types.Object)
	m.OpenBao, _ = values["open_bao"].(types.Object)
	m.AWS, _ = values["aws"].(types.Object)
	m.GCP, _ = values["gcp"].(types.Object)
	m.Azure, _ = values["azure"].(types.Object)
	m.Kubernetes, _ = values["kubernetes"].(types.Object)
	m.Fake, _ = values["fake"].(types.Object)
	m.Other, _ = values["other"].(jsontypes.Normalized)
	m.Controller, _ = values["controller"].(types.String)
	m.RefreshInterval, _ = values["refresh_interval"].(types.String)
	m.Retry, _ = values["retry"].(types.Object)
}

func (m *providerStoreModel) ref() airm.Ref { return storeRef(m.Project, m.Name) }

// storeRef is a SecretStore of a project, or a ClusterSecretStore where there is none.
func storeRef(project, name types.String) airm.Ref {
	ref := airm.Ref{Kind: airm.KindSecretStore, Project: project.ValueString(), Name: name.ValueString()}
	if ref.Project == "" {
		ref.Kind = airm.KindClusterSecretStore
	}
	return ref
}

func (m *providerStoreModel) problems() []problem {
	problems := append(m.objectProblems(), checkString(m.Project, "project", airm.CheckProject)...)
	problems = append(problems, m.clustersProblems()...)
	problems = append(problems, m.backendProblems()...)
	problems = append(problems, checkString(m.RefreshInterval, "refresh_interval", func(text string) error {
		_, err := eso.DurationSeconds(text)
		return err
	})...)
	problems = append(problems, m.allowedProblems()...)
	for _, found := range m.ruleProblems() {
		if !m.leavesOut(found.Path) {
			problems = append(problems, m.locate(found))
		}
	}
	return problems
}

// ruleProblems are what ESO's rules for stores find. While the project is not known, only what is wrong with and without one.
func (m *providerStoreModel) ruleProblems() []jsonvalue.Problem {
	if m.Project.IsUnknown() {
		return foundInBoth(eso.CheckStore(airm.KindSecretStore, "", m.spec(nil)), eso.CheckStore(airm.KindClusterSecretStore, "", m.spec(nil)))
	}
	return eso.CheckStore(m.ref().Kind, m.Project.ValueString(), m.spec(nil))
}

func (m *providerStoreModel) backendProblems() []problem {
	var given []path.Path
	for _, name := range backendNames() {
		if value := m.backends()[name]; !value.IsNull() {
			given = append(given, path.Root(name))
		}
	}
	names := strings.Join(backendNames(), ", ")
	switch len(given) {
	case 0:
		return []problem{{paths: []path.Path{path.Empty()}, summary: "A store needs a backend", detail: "Set one of " + names + "."}}
	case 1:
		return nil
	}
	return []problem{{paths: given, summary: "A store has exactly one backend", detail: "Several of " + names + " are set. Keep one, and declare a separate store for each of the others."}}
}

func (m *providerStoreModel) locate(found jsonvalue.Problem) problem {
	return problemAt(found, func(at jsonvalue.Path) path.Path {
		if len(at) > 0 && at[0] == "spec" {
			at = at[1:]
		}
		return storeMapping.Path(at, m.spec(nil))
	})
}

func (m *providerStoreModel) planWarnings(before planModel) []problem {
	old := modelBefore[*providerStoreModel](before)
	if old == nil {
		old = &providerStoreModel{}
	}
	var problems []problem
	warn := func(attribute, summary, detail string) {
		problems = append(problems, problem{paths: []path.Path{path.Root(attribute)}, warning: true, summary: summary, detail: detail})
	}
	if before == nil || len(eso.Drift(m.spec(nil), old.spec(nil))) > 0 || len(eso.Drift(old.spec(nil), m.spec(nil))) > 0 {
		for _, found := range append(m.ruleProblems(), eso.CheckVersions(m.ref().Kind, m.spec(nil))...) {
			if found.Warning {
				problems = append(problems, m.locate(found))
			}
		}
	}
	if m.keepsCredentialsInProject() && !old.keepsCredentialsInProject() {
		warn("credentials_wo", "Members of the project can read the credentials of this store",
			"They are stored in a Secret in the project, where members may list Secrets with their values, and so can read everything that the store can read. Use a ClusterSecretStore (leave out project, and set allowed_projects), or a login without static credentials, such as a service account.")
	}
	if !m.Fake.IsNull() && !m.Fake.Equal(old.Fake) {
		warn("fake", "The values of a fake store are in the Terraform state",
			"The values of a fake store are part of the configuration, the plan and the state. Use it for tests and demonstrations only.")
	}
	if !m.Other.IsNull() && !m.Other.Equal(old.Other) {
		warn("other", "What is written into other is in the Terraform state",
			"The JSON is stored and shown unchanged. For credentials, refer to Kubernetes Secrets instead of writing them here.")
	}
	if argument := m.unrestrictedBy(); argument != "" && old.unrestrictedBy() == "" {
		warn(argument, "Every namespace of the cluster may use this store",
			"Every user who may create an ExternalSecret in any namespace can read everything that the store can read. Leave the argument out to allow projects only.")
	}
	return problems
}

// declaredAsOther stands in the annotation that says how an object was declared.
const declaredAsOther = "other"

func (m *providerStoreModel) declaredForm() string {
	forms := []string{}
	if !m.Other.IsNull() {
		forms = append(forms, declaredAsOther)
	}
	if !m.Conditions.IsNull() {
		forms = append(forms, declaredConditions)
	}
	if defaults := eso.DeclaredDefaults(m.ref().Kind, m.spec(nil)); defaults != "" {
		forms = append(forms, defaults)
	}
	return strings.Join(forms, ",")
}

// spec is the store in ESO's shape; settings are needed only for who may use it, and for where its credentials are.
func (m *providerStoreModel) spec(settings *providerSettings) map[string]any {
	spec := m.backendSpec()
	if m.hasCredentials() {
		spec = eso.PointToCredentials(spec, m.ref().Kind, m.credentialsRef(settings))
	}
	if conditions := m.conditions(settings); len(conditions) > 0 {
		spec["conditions"] = conditions
	} else if !m.Conditions.IsNull() && !m.Conditions.IsUnknown() {
		spec["conditions"] = []any{} // declared, so that those of other users are drift
	}
	return spec
}

// backendSpec is the spec as the arguments give it.
func (m *providerStoreModel) backendSpec() map[string]any {
	spec := storeMapping.Expand(m.typed())
	if text, ok := spec["refreshInterval"].(string); ok {
		if seconds, err := eso.DurationSeconds(text); err == nil {
			spec["refreshInterval"] = seconds
		}
	}
	return spec
}

func (m *providerStoreModel) render(stamp eso.Stamp, settings *providerSettings) map[string]any {
	return eso.Store(m.ref(), stringsOf(m.Labels), stringsOf(m.Annotations), m.spec(settings), stamp)
}

// fill sets the arguments from a store. What no typed backend can express goes into `other`.
func (m *providerStoreModel) fill(ctx context.Context, object map[string]any) diag.Diagnostics {
	m.fillMetadata(object)
	spec := maps.Clone(jsonvalue.MapAt(object, "spec"))
	conditions := spec["conditions"]
	delete(spec, "conditions")
	if seconds, ok := eso.Seconds(spec["refreshInterval"]); ok {
		spec["refreshInterval"] = (time.Duration(seconds) * time.Second).String()
	}
	if m.hasCredentials() {
		spec = eso.WithoutCredentialsRef(spec, m.credentialsRef(nil))
	}
	mapping := storeMapping
	if !m.Other.IsNull() || m.ID.IsNull() && declaredAs(object, declaredAsOther) || !storeMapping.IsLossless(ctx, spec, storeMapping.Types) {
		mapping = untypedStoreMapping
	}
	values, diags := mapping.Flatten(ctx, spec, storeMapping.Types)
	if diags.HasError() {
		return diags
	}
	m.setTyped(values)
	m.fillAllowed(object, conditions)
	return diags
}

func (m *providerStoreModel) compute(live map[string]any) {
	m.Kind = types.StringValue(m.ref().Kind)
	m.Capabilities = optional(eso.Capabilities(live))
}

func (m *providerStoreModel) sync(live map[string]any, requestedAt, now time.Time) eso.Sync {
	return eso.RequestedStoreSync(live, requestedAt, now)
}
