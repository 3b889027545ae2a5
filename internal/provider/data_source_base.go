package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/secrets"
)

// dataSourceBase gives a data source its name and the settings of the provider block.
type dataSourceBase struct {
	name     string
	settings *settings
}

func (b *dataSourceBase) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + b.name
}

func (b *dataSourceBase) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	b.settings, _ = req.ProviderData.(*settings)
}

// statusModel is how the synchronization of one object stands, and the wish to wait for it.
type statusModel struct {
	Status       types.String `tfsdk:"status"`
	StatusReason types.String `tfsdk:"status_reason"`
	WaitFor      types.String `tfsdk:"wait_for"`
	Timeout      types.String `tfsdk:"timeout"`
}

// statusAttributes are the attributes of statusModel.
func statusAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"status": computedText("How the synchronization stands: `Pending`, `Synced`, `SyncedError`, `Deleting`."),
		"status_reason": computedText("Why it is not synced, with the cause that External Secrets Operator reports; " +
			"or what to know although it is. Otherwise null."),
		"wait_for": schema.StringAttribute{
			Optional:   true,
			Validators: []validator.String{stringvalidator.OneOf(secrets.Statuses()...)},
			MarkdownDescription: "A status to wait for. Reading waits while the status is `Pending` or `Deleting`, and fails at once on any other " +
				"that differs. Refer to the resource (`name = airm_project_secret.x.name`), so that it is read after the apply of a change.",
		},
		"timeout": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "How long to wait at most, such as `90s`. Default: `5m`.",
		},
	}
}

func computedText(description string) schema.Attribute {
	return schema.StringAttribute{Computed: true, MarkdownDescription: description}
}

// read reads an object and sets its status, after waiting for the one that is wished.
func (m *statusModel) read(ctx context.Context, c *cluster.Cluster, ref secrets.Ref, look func(map[string]any, time.Time) secrets.Sync, diags *diag.Diagnostics) *unstructured.Unstructured {
	limit, ok := waitLimit(m.Timeout, diags)
	if !ok {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	object, err := c.Get(ctx, ref)
	if err != nil {
		addError(diags, err)
		return nil
	}
	sync := look(object.Object, time.Now())
	if wanted := secrets.Status(m.WaitFor.ValueString()); wanted != "" && unsettled(sync.Status) && sync.Status != wanted {
		object, sync, err = m.wait(ctx, c, ref, object, look)
	}
	if object == nil {
		diags.AddError(fmt.Sprintf("%s is gone", ref), fmt.Sprintf("It was deleted from cluster %q while its status was waited for.", c.Name()))
		return nil
	}
	sync.Reason = c.Reason(context.WithoutCancel(ctx), object, sync)
	m.Status, m.StatusReason = types.StringValue(string(sync.Status)), optional(sync.Reason)
	m.judge(ref, c.Name(), sync, err, limit, diags)
	return object
}

func unsettled(status secrets.Status) bool {
	return status == secrets.Pending || status == secrets.Deleting
}

func (m *statusModel) wait(ctx context.Context, c *cluster.Cluster, ref secrets.Ref, object *unstructured.Unstructured, look func(map[string]any, time.Time) secrets.Sync) (*unstructured.Unstructured, secrets.Sync, error) {
	sync := look(object.Object, time.Now())
	watch, err := c.Watch(ctx, ref)
	if err != nil {
		return object, sync, err
	}
	defer watch.Stop()
	object, err = watch.Until(ctx, object, func(object *unstructured.Unstructured) (bool, time.Duration) {
		if object == nil {
			return true, 0
		}
		sync = look(object.Object, time.Now())
		return !unsettled(sync.Status) || string(sync.Status) == m.WaitFor.ValueString(), sync.Recheck
	})
	return object, sync, err
}

// judge fails where the wish did not come true.
func (m *statusModel) judge(ref secrets.Ref, where string, sync secrets.Sync, err error, limit time.Duration, diags *diag.Diagnostics) {
	wanted := m.WaitFor.ValueString()
	if wanted == "" || string(sync.Status) == wanted {
		return
	}
	detail := fmt.Sprintf("Cluster %q, status %s", where, sync.Status)
	if sync.Reason != "" {
		detail += ": " + sync.Reason
	} else {
		detail += "."
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		detail += fmt.Sprintf(" That was all within %s; allow more with timeout.", limit)
	case err != nil:
		addError(diags, err)
		return
	}
	diags.AddAttributeError(path.Root("wait_for"), fmt.Sprintf("%s is not %s", ref, wanted), detail)
}

// waitLimit reads the argument timeout of a data source.
func waitLimit(timeout types.String, diags *diag.Diagnostics) (time.Duration, bool) {
	if timeout.IsNull() {
		return defaultTimeout, true
	}
	limit, err := time.ParseDuration(timeout.ValueString())
	if err != nil || limit <= 0 {
		diags.AddAttributeError(path.Root("timeout"), "Invalid timeout", fmt.Sprintf("%q is no positive duration such as 90s or 10m.", timeout.ValueString()))
		return 0, false
	}
	return limit, true
}

// moment gives a time as RFC 3339, null where there is none.
func moment(at time.Time) types.String {
	if at.IsZero() {
		return types.StringNull()
	}
	return types.StringValue(at.UTC().Format(time.RFC3339))
}
