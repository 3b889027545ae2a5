package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/secrets"
)

const defaultTimeout = 5 * time.Minute

// objectResource is create, read, update and delete of a resource that is one object in the
// cluster, for every kind of object. The resource of a kind embeds it and adds its schema.
type objectResource struct {
	resourceBase
	kind objectKind
}

func newObjectResource(name string, kind objectKind) objectResource {
	return objectResource{
		resourceBase: resourceBase{name: name, newModel: func() planModel { return kind.newModel() }},
		kind:         kind,
	}
}

// Create posts the object, records it, and then waits. An error after the record taints the
// resource, so it is one only where nothing is synced and the user did not ask for a warning.
func (r *objectResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	m, config := r.kind.newModel(), r.kind.newModel()
	diags := &resp.Diagnostics
	diags.Append(req.Plan.Get(ctx, m)...)
	diags.Append(req.Config.Get(ctx, config)...)
	c := r.cluster(diags)
	if diags.HasError() {
		return
	}
	companions := m.companions(c, r.settings)
	ctx, cancel := r.timeout(ctx, m.common().Timeouts.Create, diags)
	defer cancel()

	if r.refuses(m, diags) {
		return
	}
	owner := ownership{OwnerID: newOwnerID()}
	desired := m.render(r.stamp(m, owner), r.settings)
	if diags.Append(m.preflight(ctx, c, nil)...); diags.HasError() {
		return
	}
	if diags.Append(companions.prepare(ctx, config, nil)...); diags.HasError() {
		return
	}
	watch, err := c.Watch(ctx, m.ref())
	if err != nil {
		addError(diags, err)
		return
	}
	defer watch.Stop()
	live, err := c.Create(ctx, m.ref(), desired)
	if cluster.IsAlreadyExists(err) {
		diags.Append(r.explainExists(ctx, c, m.ref()))
		return
	}
	if err != nil {
		addError(diags, err)
		return
	}

	owner.UID = string(live.GetUID())
	diags.Append(owner.save(ctx, resp.Private)...)
	record := func(status secrets.Status, upToDate bool) {
		r.record(ctx, m, live, status, upToDate, &resp.State, resp.Identity, diags)
	}
	record(secrets.Pending, false)
	again, written := companions.write(ctx, config, live)
	if diags.Append(written...); diags.HasError() {
		return
	}
	var requestedAt time.Time
	if again {
		if requestedAt, err = c.RequestSync(ctx, m.ref()); err != nil {
			addError(diags, err)
			return
		}
	}
	result := settle(ctx, c, watch, m.common(), m.ref().String(), live, look(m, requestedAt))
	live = result.live(live)
	record(result.Sync.Status, result.ok)
	result.report(diags, m.common(), "It was created and is recorded in the state, tainted: the next apply replaces it.")
}

// Read compares what is declared with what is there. Only "not found", said by the API server
// itself, removes the resource from the state.
func (r *objectResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	m := r.kind.newModel()
	diags := &resp.Diagnostics
	diags.Append(req.State.Get(ctx, m)...)
	if diags.HasError() {
		return
	}
	diags.Append(setIdentity(ctx, resp.Identity, m.ref())...)
	imported := m.common().ID.IsNull()
	if r.keepsUnknown(imported, diags) {
		return
	}
	c := r.cluster(diags)
	if diags.HasError() {
		return
	}
	ctx, cancel := r.timeout(ctx, m.common().Timeouts.Read, diags)
	defer cancel()

	live, err := c.Get(ctx, m.ref())
	owner, loaded := loadOwnership(ctx, req.Private)
	diags.Append(loaded...)
	switch {
	case cluster.IsNotFound(err) && imported:
		addError(diags, err)
		return
	case cluster.IsNotFound(err):
		resp.State.RemoveResource(ctx)
		return
	case err != nil && (imported || !cluster.IsAway(err)):
		addError(diags, err)
		return
	case err != nil:
		r.keep(ctx, m, err, resp)
		return
	case !owner.has(live):
		diags.AddWarning(fmt.Sprintf("%s is no longer the object that this state made", m.ref()),
			"It was deleted and somebody else made another one of the same name, which is left alone. "+
				"The plan creates it again, and that will be refused while the other one exists: import it, or remove it. "+madeBy(live))
		resp.State.RemoveResource(ctx)
		return
	}
	if imported {
		diags.Append(r.adopt(ctx, c, m, live)...)
	} else {
		diags.Append(owner.warnIfTaken(m.ref(), live)...)
	}
	owner.UID = string(live.GetUID())
	diags.Append(owner.save(ctx, resp.Private)...)
	intact, looked := m.companions(c, r.settings).intact(ctx, live)
	diags.Append(looked...)
	status, upToDate := r.compare(ctx, m, live.Object, imported, diags)
	upToDate = upToDate && intact
	r.record(ctx, m, live, status, upToDate, &resp.State, resp.Identity, diags)
}

// adopt fills the arguments from an object that is imported.
func (r *objectResource) adopt(ctx context.Context, c *cluster.Cluster, m kindModel, live *unstructured.Unstructured) diag.Diagnostics {
	if diags := m.preflight(ctx, c, m); diags.HasError() {
		return diags
	}
	if secrets.Assigns(live.Object) {
		return diag.Diagnostics{diag.NewErrorDiagnostic(fmt.Sprintf("%s is an organization secret's", m.ref()),
			fmt.Sprintf("An assignment made it, so it belongs to the organization's records. Import the assignment instead: airm_secret_assignment with the id \"%s/%s\".", m.ref().Name, m.ref().Project))}
	}
	return m.fill(ctx, secrets.Imported(live.Object))
}

// compare tells the status and whether the object is as declared. Where it is not, the arguments
// take the live values, so that the plan shows what somebody changed.
func (r *objectResource) compare(ctx context.Context, m kindModel, live map[string]any, imported bool, diags *diag.Diagnostics) (secrets.Status, bool) {
	sync := m.sync(live, time.Time{}, time.Now())
	if imported {
		return sync.Status, true
	}
	common := m.common()
	if sync.Status == secrets.Deleting && common.Status.ValueString() == string(secrets.DeleteFailed) {
		sync.Status = secrets.DeleteFailed // until it is gone, a deletion that failed has failed
	}
	declared := m.render(secrets.Stamp{}, r.settings)
	if drift := secrets.Drift(declared, live); len(drift) > 0 {
		diags.Append(m.fill(ctx, secrets.Declared(declared, live))...)
		return sync.Status, false
	}
	pending := !common.UpToDate.ValueBool() && common.waits() && sync.Status != secrets.Synced
	return sync.Status, !pending
}

// keep leaves the state as it is where the cluster cannot be asked.
func (r *objectResource) keep(ctx context.Context, m kindModel, err error, resp *resource.ReadResponse) {
	keepState(err, &resp.Diagnostics)
	m.common().Status = types.StringValue(string(secrets.SyncedError))
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

// Update applies what is declared to the very object of the state, in place. It may fail but never
// taints: what was not seen synced stays pending and the next apply waits again.
func (r *objectResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	m, before, config := r.kind.newModel(), r.kind.newModel(), r.kind.newModel()
	diags := &resp.Diagnostics
	diags.Append(req.Plan.Get(ctx, m)...)
	diags.Append(req.Config.Get(ctx, config)...)
	diags.Append(req.State.Get(ctx, before)...)
	diags.Append(setIdentity(ctx, resp.Identity, m.ref())...)
	c := r.cluster(diags)
	owner, loaded := loadOwnership(ctx, req.Private)
	if diags.Append(loaded...); diags.HasError() || r.refuses(m, diags) {
		return
	}
	companions := m.companions(c, r.settings)
	ctx, cancel := r.timeout(ctx, m.common().Timeouts.Update, diags)
	defer cancel()

	live, err := c.Get(ctx, m.ref())
	switch {
	case err != nil:
		addError(diags, err)
		return
	case !owner.has(live):
		diags.Append(r.explainExists(ctx, c, m.ref()))
		return
	case live.GetDeletionTimestamp() != nil:
		diags.AddError(fmt.Sprintf("Cannot update %s: it is being deleted", m.ref()),
			explainBlockers(c, live)+" Once it is gone, the next apply creates it again.")
		return
	}
	if diags.Append(m.preflight(ctx, c, before)...); diags.HasError() {
		return
	}
	if diags.Append(companions.prepare(ctx, config, live)...); diags.HasError() {
		return
	}
	how := cluster.Applying{Force: m.common().forces(r.settings), Adopt: owner.OwnerID == ""}
	if how.Adopt {
		owner.OwnerID = newOwnerID()
	}
	watch, err := c.Watch(ctx, m.ref())
	if err != nil {
		addError(diags, err)
		return
	}
	defer watch.Stop()
	desired := m.render(r.stamp(m, owner), r.settings)
	secrets.YieldManagedBy(desired, live.Object)
	applied, err := c.Apply(ctx, m.ref(), live, desired, how)
	if err != nil {
		addError(diags, err)
		return
	}
	owner.UID = string(applied.GetUID())
	diags.Append(owner.save(ctx, resp.Private)...)
	record := func(status secrets.Status, upToDate bool) {
		r.record(ctx, m, applied, status, upToDate, &resp.State, resp.Identity, diags)
	}
	record(secrets.Pending, false)

	again, written := companions.write(ctx, config, applied)
	if diags.Append(written...); diags.HasError() {
		return
	}
	requestedAt, err := r.requestSync(ctx, c, m, before, live, applied, again)
	if err != nil {
		addError(diags, err)
		return
	}
	result := settle(ctx, c, watch, m.common(), m.ref().String(), applied, look(m, requestedAt))
	applied = result.live(applied)
	record(result.Sync.Status, result.ok)
	if result.ok {
		diags.Append(companions.inform(ctx)...)
	}
	result.report(diags, m.common(), "What was declared is written; the next apply waits again.")
}

// requestSync asks for a sync where it is due anyhow, where the user's triggers changed, or where an unchanged object is
// not synced: ESO's own retries may be minutes away. It returns the time of the request by the
// cluster's clock, zero where none was made.
func (r *objectResource) requestSync(ctx context.Context, c *cluster.Cluster, m, before kindModel, live, applied *unstructured.Unstructured, due bool) (time.Time, error) {
	triggered := !m.common().SyncTriggers.Equal(before.common().SyncTriggers)
	retry := m.common().waits() && live.GetGeneration() == applied.GetGeneration() &&
		m.sync(applied.Object, time.Time{}, time.Now()).Status != secrets.Synced
	if !due && !triggered && !retry {
		return time.Time{}, nil
	}
	return c.RequestSync(ctx, m.ref())
}

// look gives the function that tells how the object of a model stands.
func look(m kindModel, requestedAt time.Time) func(map[string]any, time.Time) secrets.Sync {
	return func(object map[string]any, now time.Time) secrets.Sync { return m.sync(object, requestedAt, now) }
}

// Delete removes the object and waits until it, and the Kubernetes Secret that it owns, are gone.
func (r *objectResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	m := r.kind.newModel()
	diags := &resp.Diagnostics
	diags.Append(req.State.Get(ctx, m)...)
	c := r.cluster(diags)
	owner, loaded := loadOwnership(ctx, req.Private)
	if diags.Append(loaded...); diags.HasError() {
		return
	}
	ctx, cancel := r.timeout(ctx, m.common().Timeouts.Delete, diags)
	defer cancel()

	live, err := c.Get(ctx, m.ref())
	if cluster.IsNotFound(err) {
		return
	}
	if err != nil {
		addError(diags, err)
		return
	}
	if !owner.has(live) {
		diags.AddWarning(fmt.Sprintf("%s was not deleted", m.ref()),
			"The object of this state is gone, and somebody else made another one of the same name, which is left alone. "+madeBy(live))
		return
	}
	if diags.Append(m.companions(c, r.settings).spare(ctx)...); diags.HasError() {
		return
	}
	watch, err := c.Watch(ctx, m.ref())
	if err != nil {
		addError(diags, err)
		return
	}
	defer watch.Stop()
	err = c.Delete(ctx, m.ref(), live.GetUID())
	if err == nil {
		live, err = watch.Until(ctx, live, func(object *unstructured.Unstructured) (bool, time.Duration) { return object == nil, 0 })
	}
	if err == nil {
		return
	}
	diags.Append(resp.State.SetAttribute(ctx, path.Root("status"), string(secrets.DeleteFailed))...)
	if errors.Is(err, context.DeadlineExceeded) && live != nil {
		diags.AddError(fmt.Sprintf("%s is not deleted yet", m.ref()), explainBlockers(c, live)+
			" It stays in the state; run destroy again once that is settled, or allow more time with timeouts.delete.")
		return
	}
	addError(diags, err)
}

// ImportState takes an id or an identity. Read fills in the rest.
func (r *objectResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	ref, diags := r.importedRef(ctx, req)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("project"), optional(ref.Project))...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("name"), ref.Name)...)
	resp.Diagnostics.Append(setIdentity(ctx, resp.Identity, ref)...)
}

func (r *objectResource) importedRef(ctx context.Context, req resource.ImportStateRequest) (secrets.Ref, diag.Diagnostics) {
	id := req.ID
	if id == "" {
		ref, diags := identityRef(ctx, req.Identity)
		if diags.HasError() {
			return secrets.Ref{}, diags
		}
		id = ref.ID()
	}
	ref, err := r.kind.parseID(id)
	if err != nil {
		return secrets.Ref{}, diag.Diagnostics{diag.NewErrorDiagnostic("Invalid import id", capitalized(err.Error()))}
	}
	return ref, nil
}

// stamp is what marks an object as ours.
func (r *objectResource) stamp(m kindModel, owner ownership) secrets.Stamp {
	return secrets.Stamp{OwnerID: owner.OwnerID, Owner: r.settings.owner, Declared: m.declares()}
}

// record writes model, identity and computed attributes into the state.
func (r *objectResource) record(ctx context.Context, m kindModel, live *unstructured.Unstructured, status secrets.Status, upToDate bool,
	state *tfsdk.State, identity *tfsdk.ResourceIdentity, diags *diag.Diagnostics) {
	m.common().setComputed(m.ref().ID(), status, upToDate)
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
	return diag.NewErrorDiagnostic(fmt.Sprintf("%s already exists", ref), fmt.Sprintf(
		"Cluster %q has one that is not in this state, so it was left as it is. %s%s Otherwise remove it, or choose another name.",
		c.Name(), who, r.importHint(ref.ID())))
}

// explainBlockers says what an object that is being deleted waits for.
func explainBlockers(c *cluster.Cluster, live *unstructured.Unstructured) string {
	text := fmt.Sprintf("Cluster %q:", c.Name())
	for _, finalizer := range secrets.DeletionBlockers(live.Object) {
		text += fmt.Sprintf(" it waits for the finalizer %s of %s. %s", finalizer.Name, finalizer.Owner, finalizer.Hint)
	}
	return strings.TrimSpace(text)
}
