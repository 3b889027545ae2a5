package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/secrets"
)

// resourceBase gives a resource the settings of the provider block.
type resourceBase struct {
	settings *settings
}

// Configure takes over the provider's settings; there are none while only validating.
func (b *resourceBase) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	b.settings, _ = req.ProviderData.(*settings)
}

func (b *resourceBase) cluster(diags *diag.Diagnostics) *cluster.Cluster {
	return b.settings.clusterFor(diags)
}

// timeout bounds the context by a timeout of the resource.
func (b *resourceBase) timeout(ctx context.Context, get func(context.Context, time.Duration) (time.Duration, diag.Diagnostics), diags *diag.Diagnostics) (context.Context, context.CancelFunc) {
	limit, got := get(ctx, defaultTimeout)
	diags.Append(got...)
	return context.WithTimeout(ctx, limit)
}

// stamp is what marks an object as ours.
func (b *resourceBase) stamp(m kindModel, owner ownership) secrets.Stamp {
	return secrets.Stamp{OwnerID: owner.OwnerID, Owner: b.settings.owner, Declared: m.declares()}
}

// keepsUnknown ends a Read while the provider's configuration is not known: the state stays. Only
// an import cannot do without.
func (b *resourceBase) keepsUnknown(imported bool, diags *diag.Diagnostics) bool {
	if imported || len(b.settings.unknown) == 0 {
		return false
	}
	diags.AddWarning("The provider's configuration is not known yet",
		fmt.Sprintf("%s will be known only after apply, so resources are planned from the state, without a look into the cluster.", strings.Join(b.settings.unknown, ", ")))
	return true
}

// record writes model, identity and computed attributes into the state.
func (b *resourceBase) record(ctx context.Context, m kindModel, live *unstructured.Unstructured, status secrets.Status, upToDate bool,
	state *tfsdk.State, identity *tfsdk.ResourceIdentity, diags *diag.Diagnostics) {
	m.common().setComputed(m.ref(), status, upToDate)
	m.compute(live.Object)
	diags.Append(state.Set(ctx, m)...)
	diags.Append(setIdentity(ctx, identity, m.ref())...)
}

// explainExists says what to do about an object that is in the way of a create.
func (r *objectResource) explainExists(ctx context.Context, c *cluster.Cluster, ref secrets.Ref) diag.Diagnostic {
	who := ""
	if live, err := c.Get(ctx, ref); err == nil {
		who = madeBy(live) + " "
	}
	address := "airm_" + r.kind.typeName() + ".NAME"
	return diag.NewErrorDiagnostic(fmt.Sprintf("%s already exists", ref), fmt.Sprintf(
		"Cluster %q has one that is not in this state, so it was left as it is. %sTo manage it here, import it:\n\n"+
			"  terraform import %s %s\n\nor with a block:\n\n  import {\n    to = %s\n    id = %q\n  }\n\nOtherwise remove it, or choose another name.",
		c.Name(), who, address, ref.ID(), address, ref.ID()))
}

// explainBlockers says what an object that is being deleted waits for.
func explainBlockers(c *cluster.Cluster, live *unstructured.Unstructured) string {
	text := fmt.Sprintf("Cluster %q:", c.Name())
	for _, finalizer := range secrets.DeletionBlockers(live.Object) {
		text += fmt.Sprintf(" it waits for the finalizer %s of %s. %s", finalizer.Name, finalizer.Owner, finalizer.Hint)
	}
	return strings.TrimSpace(text)
}

// addError makes the diagnostic of an error of the cluster.
func addError(diags *diag.Diagnostics, err error) {
	var explained *cluster.Error
	switch {
	case errors.As(err, &explained):
		diags.AddError(explained.Summary, explained.Detail)
	case errors.Is(err, context.DeadlineExceeded):
		diags.AddError("Time is up", "The operation did not end within its timeout; allow more with the argument timeouts.")
	case errors.Is(err, context.Canceled):
		diags.AddError("Interrupted", "The run was interrupted.")
	default:
		diags.AddError("Unexpected error", secrets.Cap(err.Error()))
	}
}
