// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// contentModel is what a secret consists of: either a manifest or the typed arguments.
type contentModel struct {
	UseCase         types.String `tfsdk:"use_case"`
	Manifest        types.String `tfsdk:"manifest"`
	Store           types.Object `tfsdk:"store"`
	RefreshInterval types.String `tfsdk:"refresh_interval"`
	RefreshPolicy   types.String `tfsdk:"refresh_policy"`
	SyncWindows     types.Object `tfsdk:"sync_windows"`
	Data            types.Map    `tfsdk:"data"`
	DataFrom        types.List   `tfsdk:"data_from"`
	Target          types.Object `tfsdk:"target"`
}

// declaredAsManifest stands in the annotation that says how an object was declared.
const declaredAsManifest = "manifest"

// declaredUseCase stands there too, where a label of the manifest says the use case, and no argument.
const declaredUseCase = "manifest.use-case"

// declaredKind stands there too, where the kind of a store is written out although it is the default.
const declaredKind = "store.kind"

func (m *contentModel) typed() map[string]attr.Value {
	return map[string]attr.Value{
		"store": m.Store, "refresh_interval": m.RefreshInterval, "refresh_policy": m.RefreshPolicy,
		"sync_windows": m.SyncWindows, "data": m.Data, "data_from": m.DataFrom, "target": m.Target,
	}
}

func (m *contentModel) setTyped(values map[string]attr.Value) {
	m.Store, _ = values["store"].(types.Object)
	m.RefreshInterval, _ = values["refresh_interval"].(types.String)
	m.RefreshPolicy, _ = values["refresh_policy"].(types.String)
	m.SyncWindows, _ = values["sync_windows"].(types.Object)
	m.Data, _ = values["data"].(types.Map)
	m.DataFrom, _ = values["data_from"].(types.List)
	m.Target, _ = values["target"].(types.Object)
}

// definition is the secret that the arguments define. The problems are those of reading a manifest.
func (m *contentModel) definition(object *objectModel, project string) (airm.Definition, []jsonvalue.Problem) {
	definition := airm.Definition{
		UseCase:     airm.UseCase(m.UseCase.ValueString()),
		Labels:      stringsOf(object.Labels),
		Annotations: stringsOf(object.Annotations),
	}
	if m.Manifest.IsNull() || m.Manifest.IsUnknown() {
		definition.Spec = canonical(contentMapping.Expand(m.typed()))
		return definition, nil
	}
	manifest, problems := eso.ParseManifest(m.Manifest.ValueString(), project, object.Name.ValueString())
	if manifest == nil {
		return definition, problems
	}
	if definition.UseCase == "" {
		definition.UseCase = manifest.UseCase
	} else if manifest.UseCase != "" && manifest.UseCase != definition.UseCase {
		problems = append(problems, contradictingUseCases(definition.UseCase, manifest.UseCase))
	}
	definition.Spec = manifest.Spec
	definition.Labels = airm.Union(manifest.Labels, definition.Labels)
	definition.Annotations = airm.Union(manifest.Annotations, definition.Annotations)
	return definition, problems
}

// canonical sends durations as ESO stores them, so that it has nothing to rewrite.
func canonical(spec map[string]any) map[string]any {
	text, ok := spec["refreshInterval"].(string)
	if duration, err := eso.CanonicalDuration(text); ok && err == nil {
		spec["refreshInterval"] = duration
	}
	return spec
}

// contentProblems are what is wrong with the content, and what the provider does not know of it.
func (m *contentModel) contentProblems(object *objectModel, project string) []problem {
	var problems []problem
	if !m.Manifest.IsNull() {
		problems = conflicting("manifest", m.typed(), "The manifest defines the whole secret. Move the arguments into it, or remove it and use the arguments.")
	}
	definition, found := m.definition(object, project)
	if definition.Spec != nil {
		found = append(found, eso.CheckExternalSecret(definition.Spec)...)
	}
	for _, p := range found {
		problems = append(problems, m.locate(p, definition.Spec))
	}
	return problems
}

// locate finds the argument that a problem of the spec is about.
func (m *contentModel) locate(p jsonvalue.Problem, spec map[string]any) problem {
	if !m.Manifest.IsNull() {
		return problemAt(p, func(jsonvalue.Path) path.Path { return path.Root("manifest") })
	}
	return problemAt(p, func(at jsonvalue.Path) path.Path {
		if len(at) > 0 && at[0] == "spec" {
			at = at[1:]
		}
		return contentMapping.Path(at, spec)
	})
}

func (m *contentModel) contentForm(object *objectModel, project string) string {
	definition, _ := m.definition(object, project)
	defaults := eso.DeclaredDefaults(airm.KindExternalSecret, definition.Spec)
	if m.Manifest.IsNull() {
		if m.writesKind() {
			defaults = strings.TrimSuffix(declaredKind+","+defaults, ",")
		}
		return defaults
	}
	form := declaredAsManifest
	if m.manifestHasUseCase() {
		form += "," + declaredUseCase
	}
	return strings.TrimSuffix(form+","+defaults, ",")
}

// fillContent sets the arguments from an object in the form that they have. An import, which has
// none yet, takes the form that the object was declared in; of an object made by others the typed
// one, unless something got lost by that.
func (m *contentModel) fillContent(ctx context.Context, object *objectModel, live map[string]any) diag.Diagnostics {
	written := eso.WithoutReserved(jsonvalue.MapAt(live, "spec"))
	spec := eso.WithStoreKinds(written) // the arguments always have one
	if !m.Manifest.IsNull() || object.ID.IsNull() && importsManifest(ctx, live, spec) {
		m.fillManifest(object, live, written)
		return nil
	}
	m.UseCase = readUseCase(live, m.UseCase)
	object.fillMetadata(live)
	if !m.writesKind() && !declaredAs(live, declaredKind) {
		spec = withoutDefaultKind(spec)
	}
	values, diags := contentMapping.Flatten(ctx, spec, contentMapping.Types)
	if !diags.HasError() {
		m.setTyped(values)
	}
	return diags
}

func importsManifest(ctx context.Context, live, spec map[string]any) bool {
	return declaredAs(live, declaredAsManifest) || !contentMapping.IsLossless(ctx, spec, contentMapping.Types)
}

// declaredAs reports whether an object says of itself that it was declared in a form.
func declaredAs(live map[string]any, form string) bool {
	declared, _ := jsonvalue.MapAt(live, "metadata", "annotations")[airm.AnnotationDeclared].(string)
	return slices.Contains(strings.Split(declared, ","), form)
}

// writesKind reports whether the arguments name the kind of a store that is the default anyway.
func (m *contentModel) writesKind() bool {
	literal := contentMapping
	literal.Defaults = nil
	written := literal.Expand(m.typed())
	return !reflect.DeepEqual(written, withoutDefaultKind(written))
}

// storeReferences are where a spec refers to a store.
var storeReferences = [][]string{{"secretStoreRef"}, {"data", "sourceRef", "storeRef"}, {"dataFrom", "sourceRef", "storeRef"}}

// withoutDefaultKind drops the kind of every reference to a store that is the default.
func withoutDefaultKind(spec map[string]any) map[string]any {
	for _, at := range storeReferences {
		spec, _ = dropDefaultKind(spec, at).(map[string]any)
	}
	return spec
}

// dropDefaultKind changes a copy of what is at a path, in every item of the lists on the way.
func dropDefaultKind(v any, at []string) any {
	switch v := v.(type) {
	case map[string]any:
		rest := maps.Clone(v)
		if len(at) > 0 {
			if child, found := rest[at[0]]; found {
				rest[at[0]] = dropDefaultKind(child, at[1:])
			}
		} else if rest["kind"] == airm.KindClusterSecretStore {
			delete(rest, "kind")
		}
		return rest
	case []any:
		rest := make([]any, len(v))
		for i, item := range v {
			rest[i] = dropDefaultKind(item, at)
		}
		return rest
	}
	return v
}
