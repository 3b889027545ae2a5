// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"encoding/json"
	"reflect"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
)

// Most of a refresh is the framework's work around Read: it walks through state and schema many times, even if nothing has
// changed. ReadUnchanged runs the same Read without the framework, for the resource that there are most of. It answers only if
// the model is what it was and there is no diagnostic.

// projectSecrets is what that needs to know of airm_project_secret.
var projectSecrets = sync.OnceValue(func() directRead {
	ctx := context.Background() //nolint:forbidigo // it is for schemas only
	r := &projectSecretResource{newObjectResource("project_secret", projectSecretKind{})}
	var described resource.SchemaResponse
	var identified resource.IdentitySchemaResponse
	r.Schema(ctx, resource.SchemaRequest{}, &described)
	r.IdentitySchema(ctx, resource.IdentitySchemaRequest{}, &identified)
	return directRead{
		shape:    newShape(described.Schema.Attributes),
		fields:   newModelFields(reflect.TypeFor[projectSecretModel](), described.Schema.Attributes),
		state:    described.Schema.Type().TerraformType(ctx),
		identity: identified.IdentitySchema,
		id:       identified.IdentitySchema.Type().TerraformType(ctx),
	}
})

type directRead struct {
	shape    shapeOf
	fields   modelFields
	state    tftypes.Type
	identity identityschema.Schema
	id       tftypes.Type
}

// ReadUnchanged returns what the framework would answer to a Read that changes nothing and has no diagnostics. Otherwise it
// returns nil, and a context with which the framework's Read decides by the same live objects.
func (p *airmProvider) ReadUnchanged(
	ctx context.Context, request *tfprotov6.ReadResourceRequest,
) (*tfprotov6.ReadResourceResponse, context.Context) {
	if p.settings == nil || request.TypeName != "airm_project_secret" {
		return nil, ctx
	}
	direct := projectSecrets()
	m, private := direct.decode(ctx, request)
	if m == nil || m.ID.IsNull() { // just imported
		return nil, ctx
	}
	r := newObjectResource("project_secret", projectSecretKind{})
	r.settings = p.settings
	ctx = context.WithValue(ctx, readsKey{}, &sync.Map{})
	before, state := *m, &writtenState{}
	var diags diag.Diagnostics
	r.refresh(ctx, m, objectResponse{state: state, private: private}, &diags)
	identity := &tfsdk.ResourceIdentity{Schema: direct.identity, Raw: tftypes.NewValue(direct.id, nil)}
	diags.Append(r.identify(ctx, identity, m)...)
	if len(diags) > 0 || !state.written || !reflect.DeepEqual(before, *m) {
		return nil, ctx
	}
	return direct.answer(request.CurrentState, identity.Raw, private), ctx
}

// decode returns the model and the private state of a request; no model where the framework may have something to say about
// them.
func (d directRead) decode(ctx context.Context, request *tfprotov6.ReadResourceRequest) (*projectSecretModel, privateMap) {
	private, ok := parsePrivate(request.Private)
	if !ok {
		return nil, nil
	}
	if id := request.CurrentIdentity; id != nil && id.IdentityData != nil {
		if _, err := id.IdentityData.Unmarshal(d.id); err != nil {
			return nil, nil
		}
	}
	value, err := request.CurrentState.Unmarshal(d.state)
	m := &projectSecretModel{}
	if err != nil || !d.fields.get(ctx, value, m) {
		return nil, nil
	}
	return m, private
}

func (d directRead) answer(state *tfprotov6.DynamicValue, identity tftypes.Value, private privateMap) *tfprotov6.ReadResourceResponse {
	id, err := tfprotov6.NewDynamicValue(d.id, identity)
	if err != nil {
		return nil
	}
	text, err := json.Marshal(private)
	if err != nil {
		return nil
	}
	return &tfprotov6.ReadResourceResponse{NewState: state, NewIdentity: &tfprotov6.ResourceIdentityData{IdentityData: &id}, Private: text}
}

// writtenState notes that a Read has written the state, and has not removed the resource.
type writtenState struct{ written bool }

func (s *writtenState) Set(context.Context, any) diag.Diagnostics {
	s.written = true
	return nil
}

func (s *writtenState) RemoveResource(context.Context) { s.written = false }

// privateMap is private state, encoded as the framework does it.
type privateMap map[string][]byte

// parsePrivate returns false for what the framework refuses, or keeps for itself.
func parsePrivate(text []byte) (privateMap, bool) {
	private := privateMap{}
	if len(text) > 0 && json.Unmarshal(text, &private) != nil || private == nil {
		return nil, false
	}
	for key, value := range private {
		if strings.HasPrefix(key, ".") || !utf8.Valid(value) || !json.Valid(value) {
			return nil, false
		}
	}
	return private, true
}

func (p privateMap) GetKey(_ context.Context, key string) ([]byte, diag.Diagnostics) {
	return p[key], nil
}

func (p privateMap) SetKey(_ context.Context, key string, value []byte) diag.Diagnostics {
	p[key] = value
	return nil
}

// readsKey is the key, in a context, of what one call of Terraform has read: a map of oneRead by the cluster.
type readsKey struct{}

type oneRead struct {
	live *unstructured.Unstructured
	err  error
}

// readOnce returns Read of a cluster, for the object of one call: where the call has read it before, it is the same again.
func readOnce(ctx context.Context, c *cluster.Cluster) readFunc {
	reads, _ := ctx.Value(readsKey{}).(*sync.Map)
	if reads == nil {
		return c.Read
	}
	return func(ctx context.Context, ref airm.Ref) (*unstructured.Unstructured, error) {
		if before, found := reads.Load(c); found {
			earlier, _ := before.(oneRead)
			return earlier.live, earlier.err
		}
		live, err := c.Read(ctx, ref)
		reads.Store(c, oneRead{live, err})
		return live, err
	}
}
