// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// credentialsAttributes are the arguments for a store's credentials.
func credentialsAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"credentials_wo": schema.MapAttribute{
			Optional:    true,
			Sensitive:   true,
			WriteOnly:   true,
			ElementType: types.StringType,
			MarkdownDescription: "Credentials for the backend, by keys of your choice. The argument is write-only, so the credentials " +
				"are in no state and no plan (Terraform 1.11, OpenTofu 1.11). The provider keeps them in a Kubernetes Secret, which is " +
				"deleted together with the store. The Secret is in the project of the store, or in the platform namespace for a store " +
				"of the organization. Its name is the name of the store followed by `-credentials`. A reference of the backend without " +
				"the name of a Secret, such as `secret_ref = { key = \"password\" }`, refers to this Secret; its `key` is a key of " +
				"this map.",
		},
		"credentials_wo_version": schema.Int64Attribute{
			Optional: true,
			MarkdownDescription: "Any whole number. When it changes, apply writes `credentials_wo` again. Terraform cannot detect a change of a write-only value. Required with " +
				"`credentials_wo`. A reference that gets another `key` has the same effect.",
		},
	}
}

// hasCredentials reports whether the store keeps credentials. Plan and state only know by the version.
func (m *providerStoreModel) hasCredentials() bool {
	return !m.CredentialsWOVersion.IsNull() || !m.CredentialsWO.IsNull()
}

// keepsCredentialsInProject reports whether the credentials are where members of the project can read them.
func (m *providerStoreModel) keepsCredentialsInProject() bool {
	return m.hasCredentials() && !m.Project.IsNull()
}

// credentialsRef says where they are kept; without settings it is good for finding the arguments only.
func (m *providerStoreModel) credentialsRef(settings *providerSettings) airm.Ref {
	namespace := airm.DefaultPlatformNamespace
	if settings != nil {
		namespace = settings.namespace
	}
	store := m.ref()
	if m.Name.IsUnknown() { // then only rules look at the reference, which any name satisfies
		store.Name = "unknown"
	}
	return eso.CredentialsRef(store, namespace)
}

// readWriteOnly reads credentials_wo, which only the configuration has.
func (m *providerStoreModel) readWriteOnly(ctx context.Context, config tfsdk.Config) diag.Diagnostics {
	return config.GetAttribute(ctx, path.Root("credentials_wo"), &m.credentials)
}

// credentialsProblems are what is wrong with the credentials of a configuration.
func (m *providerStoreModel) credentialsProblems(credentials types.Map) []problem {
	values, version := path.Root("credentials_wo"), path.Root("credentials_wo_version")
	switch given, versioned := !credentials.IsNull(), !m.CredentialsWOVersion.IsNull(); {
	case given && !versioned:
		return []problem{{paths: []path.Path{version, values}, summary: "credentials_wo needs credentials_wo_version",
			detail: "Terraform cannot detect changes of a write-only value. Set credentials_wo_version to 1, and raise it whenever the credentials change."}}
	case !given && versioned:
		return []problem{{paths: []path.Path{values, version}, summary: "credentials_wo_version needs credentials_wo",
			detail: "There are no credentials to write. Set credentials_wo; or remove the version, which deletes the Secret that holds the credentials."}}
	case !given || credentials.IsUnknown():
		return nil
	}
	var problems []problem
	keys := map[string]bool{}
	for key, element := range credentials.Elements() {
		keys[key] = true
		if wrong := eso.CheckSecretKey(key); wrong != "" {
			problems = append(problems, problem{paths: []path.Path{values}, summary: "Invalid key in credentials_wo", detail: wrong + "."})
		}
		if element.IsNull() {
			problems = append(problems, problem{paths: []path.Path{values}, later: true,
				summary: "Missing value in credentials_wo", detail: fmt.Sprintf("The value of %q is null. Set it, or leave the key out.", key)})
		}
	}
	for _, found := range eso.CheckCredentials(m.backendSpec(), keys) {
		missing := m.locate(found)
		missing.paths = append(missing.paths, values)
		problems = append(problems, missing)
	}
	return problems
}

// storeDependents are the Secret with the credentials of a store, and the secrets that use the store.
type storeDependents struct {
	*providerStoreModel
	cluster  *cluster.Cluster
	settings *providerSettings
}

func (m *providerStoreModel) dependents(c *cluster.Cluster, settings *providerSettings) dependents {
	return storeDependents{providerStoreModel: m, cluster: c, settings: settings}
}

// prepare has the API server check the Secret before the store points to it, and refuses one that is not ours.
func (s storeDependents) prepare(ctx context.Context, live *unstructured.Unstructured) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, p := range s.credentialsProblems(s.credentials) {
		diags.Append(p.diagnostic())
	}
	if !s.hasCredentials() || diags.HasError() {
		return diags
	}
	if s.Project.IsNull() {
		if _, err := s.cluster.Records(s.settings.namespace).EnsureNamespace(ctx); err != nil {
			addError(&diags, err)
			return diags
		}
	}
	ref := s.credentialsRef(s.settings)
	secret := s.kept(s.backendSpec()).Secret(ref, eso.Owner{}, stringsOf(s.credentials))
	err := s.cluster.DryRunSecret(ctx, ref, secret)
	if cluster.IsAlreadyExists(err) {
		err = s.tryReplace(ctx, ref, live)
	}
	if err != nil {
		addError(&diags, err)
	}
	return diags
}

// tryReplace has the API server check that a Secret which exists can be replaced, if it has to be.
func (s storeDependents) tryReplace(ctx context.Context, ref airm.Ref, live *unstructured.Unstructured) error {
	found, err := s.own(ctx, ref, live)
	kept := s.kept(s.backendSpec())
	if err != nil || live != nil && kept.AreIn(found.Object, string(live.GetUID())) {
		return err
	}
	secret := kept.Secret(ref, s.owner(live), stringsOf(s.credentials))
	return s.cluster.DryRunReplaceSecret(ctx, ref, found, secret)
}

// kept says what the Secret is to keep for a spec, whose references to it have no name.
func (s storeDependents) kept(spec map[string]any) eso.Credentials {
	return eso.Credentials{Version: s.CredentialsWOVersion.ValueInt64(), Spec: spec}
}

// keptFor says what the Secret is to keep for the store as it is: a run may have ended between the store and the Secret.
func (s storeDependents) keptFor(live *unstructured.Unstructured) eso.Credentials {
	return s.kept(eso.WithoutCredentialsRef(jsonvalue.MapAt(live.Object, "spec"), s.credentialsRef(s.settings)))
}

// owner is the live store, none before its create.
func (s storeDependents) owner(live *unstructured.Unstructured) eso.Owner {
	if live == nil {
		return eso.Owner{}
	}
	return eso.Owner{Store: s.ref(), APIVersion: live.GetAPIVersion(), UID: string(live.GetUID())}
}

// own finds the Secret if it is the store's, or was that of one that is gone. One of another owner is an error, and so is
// that of another store: a SecretStore in the platform namespace keeps its credentials where a ClusterSecretStore of the
// same name does.
func (s storeDependents) own(ctx context.Context, ref airm.Ref, live *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	found, err := s.cluster.SecretMetadata(ctx, ref)
	if err != nil {
		return nil, err
	}
	isOwned := live != nil && eso.OwnsCredentials(found.Object, string(live.GetUID()))
	if isOwned || eso.MadeForCredentials(found.Object, ref) && s.mayOwn(found) {
		return found, nil
	}
	return nil, &cluster.Error{
		Summary: fmt.Sprintf("%s already exists", ref),
		Detail:  fmt.Sprintf("The credentials of %s would be stored in this Secret, but in cluster %q it has another owner, so it was not changed. Delete it, give the store another name, or refer to that Secret by name instead of setting credentials_wo.", s.ref(), s.cluster.Name()),
	}
}

// mayOwn reports whether a Secret has no owner, or one of this store's kind and name, such as the store before it was made
// again.
func (s storeDependents) mayOwn(secret *unstructured.Unstructured) bool {
	for _, owner := range secret.GetOwnerReferences() {
		if owner.Kind != s.ref().Kind || owner.Name != s.ref().Name {
			return false
		}
	}
	return true
}

// write creates the Secret, or replaces its values where the version in the state is another one, or the Secret is not as it should be.
// The version in the Secret alone does not tell: a killed run, or one whose state is lost, may have written other values under it. It
// comes after the store, whose UID it carries: if the run is killed in between, nothing is left that does not go with the store.
func (s storeDependents) write(ctx context.Context, live *unstructured.Unstructured, before kindModel) (bool, diag.Diagnostics) {
	var diags diag.Diagnostics
	ref := s.credentialsRef(s.settings)
	if !s.hasCredentials() {
		s.discard(ctx, ref, live)
		return false, diags
	}
	if s.isWritten(before) {
		if intact, _ := s.inSync(ctx, live); intact {
			return false, diags
		}
	}
	secret := s.keptFor(live).Secret(ref, s.owner(live), stringsOf(s.credentials))
	err := s.cluster.CreateSecret(ctx, ref, secret)
	if cluster.IsAlreadyExists(err) {
		var found *unstructured.Unstructured
		if found, err = s.own(ctx, ref, live); err == nil {
			err = s.cluster.ReplaceSecret(ctx, ref, found, secret)
		}
	}
	if err != nil {
		addError(&diags, err)
	}
	return err == nil, diags
}

// isWritten reports whether the state has written these credentials before: not if the version was raised, nor if a reference
// leads to another key, which the Secret may lack.
func (s storeDependents) isWritten(state kindModel) bool {
	before := modelBefore[*providerStoreModel](state)
	return before != nil && s.CredentialsWOVersion.Equal(before.CredentialsWOVersion) &&
		slices.Equal(eso.CredentialKeys(s.backendSpec()), eso.CredentialKeys(before.backendSpec()))
}

// discard removes the Secret of credentials that are no longer given, unless the store names it still: a configuration that
// was imported writes its name out. Where that fails it goes with the store.
func (s storeDependents) discard(ctx context.Context, ref airm.Ref, live *unstructured.Unstructured) {
	if eso.NamesSecret(live.Object, ref) {
		return
	}
	found, err := s.cluster.SecretMetadata(ctx, ref)
	if err == nil && eso.OwnsCredentials(found.Object, string(live.GetUID())) {
		_ = s.cluster.DeleteSecret(ctx, ref, found)
	}
}

// inSync reads the Secret's metadata. If that is forbidden, the Secret counts as it was last seen.
func (s storeDependents) inSync(ctx context.Context, live *unstructured.Unstructured) (bool, diag.Diagnostics) {
	if !s.hasCredentials() {
		return true, nil
	}
	found, err := s.cluster.SecretMetadata(ctx, s.credentialsRef(s.settings))
	switch {
	case cluster.IsNotFound(err):
		return false, nil
	case cluster.IsForbidden(err):
		return s.UpToDate.ValueBool(), nil
	case err != nil:
		var diags diag.Diagnostics
		keepState(err, &diags)
		return s.UpToDate.ValueBool(), diags
	}
	return s.keptFor(live).AreIn(found.Object, string(live.GetUID())), nil
}
