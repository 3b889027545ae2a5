// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// Sync is what an object of ESO says about its synchronization.
type Sync struct {
	Status airm.Status
	// Reason explains the status to people. It is empty where there is nothing to explain.
	Reason string
	// LastSynced is the time of the last success, zero if there was none.
	LastSynced time.Time
	// NeedsEvent: the cause stands in an event of the object only, and may be shown.
	NeedsEvent bool
	// Local: what failed is of this namespace alone (its Secret cannot be written), so that it says nothing of the definition.
	Local bool
	// InDoubt: what failed is the definition, or of this namespace alone (the API server may reject its Secret): ESO reports both alike.
	InDoubt bool
	// NoEffect: a sync was requested, and ESO does not do it.
	NoEffect bool
	// Recheck, if above zero, is the time after which to evaluate again even if the object does not change.
	Recheck time.Duration
	// UnansweredSince is set where ESO may not have looked at the object since its last write: a condition that stays as it was
	// does not show that. An event of ESO's since then does.
	UnansweredSince time.Time
}

const (
	// answerGrace is how long a Ready=False that is older than our write is not taken for an answer to it, and a refused write of
	// the Secret not for final: ESO tries again after 1 s, but does not touch the condition when that fails in the same way.
	answerGrace = 30 * time.Second
	// storeGrace is the same for stores, which ESO validates again at once.
	storeGrace = 5 * time.Second
	// defaultRefresh is the refresh interval that the CRD of ExternalSecret sets.
	defaultRefresh = time.Hour
	// defaultValidation is how often ESO validates a store that names no interval (its flag --store-requeue-interval).
	defaultValidation = 5 * time.Minute
	// rarestEvent is how long client-go's recorder may drop the events of a store: after a burst of 25 it lets one pass in this
	// time.
	rarestEvent = 5 * time.Minute
)

// ExternalSecretSync reads the synchronization of an ExternalSecret. ESO keeps no observedGeneration: an answer counts
// only if status.syncedResourceVersion is of the present generation and, where a sync was requested (requestedAt is not
// zero), if status.refreshTime is not before that, in whole seconds. now should be the time as the cluster has it.
func ExternalSecretSync(obj map[string]any, requestedAt time.Time, now time.Time) Sync {
	s := Sync{LastSynced: jsonvalue.TimeAt(obj, "status", "refreshTime")}
	if jsonvalue.At(obj, "metadata", "deletionTimestamp") != nil {
		return s.deleting(obj)
	}
	ready, found := readyCondition(obj)
	switch {
	case !found:
		s.Status = airm.Pending
		s.Reason = "ESO has not processed the object yet" + waitingHint(lastWrite(obj, now), now) + "."
	case ready.status == "True":
		s.readSuccess(obj, ready, requestedAt, now)
	default:
		s.readFailure(obj, ready, answerGrace, now)
		s.awaitRetry(ready, jsonvalue.MapAt(obj, "spec"), now)
		s.NeedsEvent = s.Status == airm.SyncedError && strings.HasPrefix(ready.message, fetchFailed)
		s.Local = s.Status == airm.SyncedError && ready.isLocal(jsonvalue.MapAt(obj, "spec"))
		s.InDoubt = s.Status == airm.SyncedError && !s.Local && ready.message == updateFailed
		if s.Status == airm.SyncedError && !s.NeedsEvent {
			// Events of other failures can quote a value: a template that fails does.
			s.Reason += fmt.Sprintf(" The events have the cause: kubectl --namespace %s describe externalsecret %s", jsonvalue.StringAt(obj, "metadata", "namespace"), jsonvalue.StringAt(obj, "metadata", "name"))
		}
	}
	return s
}

// fetchFailed is the message of the Ready condition when a store or a backend failed (msgErrorGetSecretData in
// externalsecret_controller.go); the event that belongs to it names the entry and the cause.
const fetchFailed = "could not get secret data from provider"

// readSuccess judges Ready=True.
func (s *Sync) readSuccess(obj map[string]any, ready condition, requestedAt, now time.Time) {
	generation, _ := jsonvalue.Integer(jsonvalue.At(obj, "metadata", "generation"))
	syncedGeneration, _, _ := strings.Cut(jsonvalue.StringAt(obj, "status", "syncedResourceVersion"), "-")
	written := slices.Contains([]string{"SecretSynced", "ResourceSynced"}, ready.reason) && !ready.wroteNothing()
	fresh := syncedGeneration != "" && syncedGeneration == strconv.FormatInt(generation, 10)
	requested := requestedAt.IsZero() || !s.LastSynced.Before(requestedAt.Truncate(time.Second))
	spec := jsonvalue.MapAt(obj, "spec")

	switch {
	case ready.wroteNothing() && fresh && requested:
		s.Status = airm.SyncedError
		s.Reason = "Nothing in the backend matches, so ESO wrote nothing: a Secret of an earlier sync keeps its old values. ESO reports \"" + retained + "\" as a success. Check find and extract in data_from, and the permissions of the store."
	case written && syncedGeneration != "" && writesOnce(spec):
		s.Status = airm.Synced
		s.NoEffect = !requested
		if !fresh {
			s.Reason = fmt.Sprintf("The Secret has the values of generation %s of the ExternalSecret, which is now at generation %d, because ESO writes this Secret only once.", syncedGeneration, generation)
		} else if !requested {
			s.Reason = "The requested sync has no effect: ESO writes this Secret only once."
		}
	case !fresh:
		s.Status = airm.Pending
		s.Reason = fmt.Sprintf("ESO has not synced generation %d of the ExternalSecret yet%s.", generation, waitingHint(lastWrite(obj, now), now))
	case !requested:
		s.Status = airm.Pending
		s.Reason = fmt.Sprintf("ESO has not done the sync requested at %s yet%s.",
			requestedAt.UTC().Format(time.RFC3339), waitingHint(requestedAt, now))
	case written:
		s.Status = airm.Synced
		s.Reason = s.lateness(spec, now)
	default:
		s.Status = airm.SyncedError
		s.Reason = ready.explain()
		s.Local = ready.reason == "SecretMissing" || ready.reason == "ResourceMissing"
	}
}

// secretFailures are the messages of the Ready condition where the Secret itself could not be written
// (externalsecret_controller.go); updateFailed is that of a template that fails, too.
var secretFailures = []string{
	updateOfImmutable, "failed to take ownership of target secret", "target is owned by another ExternalSecret",
	"could not delete secret", "could not delete orphaned secrets",
}

const (
	updateFailed      = "could not update secret"
	updateOfImmutable = "could not update secret, target is immutable"
)

// isLocal reports whether a failure is of this namespace alone.
func (c condition) isLocal(spec map[string]any) bool {
	return slices.ContainsFunc(secretFailures, func(message string) bool { return strings.HasPrefix(c.message, message) }) ||
		c.isRefusedWrite(spec)
}

// isRefusedWrite reports whether the API server did not take the Secret: where the user declares a template, the message may as
// well be of that.
func (c condition) isRefusedWrite(spec map[string]any) bool {
	template := jsonvalue.MapAt(spec, "target", "template")
	return c.message == updateFailed && (template == nil || isMade(template))
}

// awaitRetry does not believe a refused write before ESO has tried again a few times: while an admission webhook of Secrets
// restarts, the first try fails, and the next one, seconds later, does not.
func (s *Sync) awaitRetry(ready condition, spec map[string]any, now time.Time) {
	if s.Status != airm.SyncedError || !ready.isRefusedWrite(spec) {
		return
	}
	// A clock of ESO's that is ahead by more than that would prolong the grace for ever.
	if rest := ready.since.Add(answerGrace).Sub(now); rest > 0 && rest <= 2*answerGrace {
		rest = min(answerGrace, rest)
		s.Status, s.Recheck = airm.Pending, rest
		s.Reason = "The API server rejected the Secret, and ESO will try again: " + ready.explain()
	}
}

// readFailure judges Ready=False and Ready=Unknown: an answer to our write, or one from before it.
func (s *Sync) readFailure(obj map[string]any, ready condition, grace time.Duration, now time.Time) {
	if rest := unanswered(obj, ready, grace, now); rest > 0 {
		s.Status = airm.Pending
		s.Recheck = rest
		s.Reason = "ESO has not processed the last change yet; before it, ESO reported: " + ready.explain()
		return
	}
	s.Status = airm.SyncedError
	s.Reason = ready.explain()
	if !s.LastSynced.IsZero() {
		s.Reason += fmt.Sprintf(" Last synced at %s.", s.LastSynced.UTC().Format(time.RFC3339))
	}
}

// lateness asks whether ESO runs, if it has not refreshed the secret for two intervals.
func (s *Sync) lateness(spec map[string]any, now time.Time) string {
	if policy := jsonvalue.StringAt(spec, "refreshPolicy"); policy != "" && policy != "Periodic" || spec["syncWindows"] != nil {
		return "" // nothing is late that may wait for a window
	}
	interval := defaultRefresh
	if d, err := time.ParseDuration(jsonvalue.StringAt(spec, "refreshInterval")); err == nil {
		interval = d
	}
	// Half of the age is compared, because twice the interval may overflow.
	if interval <= 0 || s.LastSynced.IsZero() || now.Sub(s.LastSynced)/2 <= interval {
		return ""
	}
	return fmt.Sprintf("Last synced at %s, more than two refresh intervals (%s) ago: check that ESO runs.", s.LastSynced.UTC().Format(time.RFC3339), interval)
}

// StoreSync reads the validation of a SecretStore or ClusterSecretStore. Synced with a reason means that ESO reports the
// store as ready without having been able to validate it.
func StoreSync(obj map[string]any, now time.Time) Sync {
	var s Sync
	if jsonvalue.At(obj, "metadata", "deletionTimestamp") != nil {
		return s.deleting(obj)
	}
	if s.Reason = undecodable(obj); s.Reason != "" {
		s.Status = airm.SyncedError
		return s
	}
	ready, found := readyCondition(obj)
	if !found {
		s.Status = airm.Pending
		s.Reason = "ESO has not validated the store yet" + waitingHint(lastWrite(obj, now), now) + "."
		if class := jsonvalue.StringAt(obj, "spec", "controller"); class != "" {
			s.Reason += fmt.Sprintf(" Only an ESO that runs with --controller-class=%s serves this store.", jsonvalue.Sanitize(class))
		}
		return s
	}
	if ready.status != "True" {
		s.readFailure(obj, ready, storeGrace, now)
		s.NeedsEvent = s.Status == airm.SyncedError && !ready.namesCause()
		return s
	}
	if rest := unanswered(obj, ready, storeGrace, now); rest > 0 {
		s.Status = airm.Pending
		s.Recheck = rest
		s.Reason = "ESO has not validated the last change yet."
		return s
	}
	s.Status = airm.Synced
	if write := lastWrite(obj, now); ready.since.Before(write) && now.Sub(write) < rarestEvent {
		s.UnansweredSince = eventsSince(obj, write)
	}
	if ready.reason != "Valid" {
		s.Reason = "ESO reports the store as ready, but " + ready.explain()
		if ready.reason == "ValidationUnknown" {
			s.Reason = "ESO reports the store as ready, but could not validate it (ValidationUnknown): an error appears only when a secret is synced."
			s.NeedsEvent = true
		}
	}
	return s
}

// undecodable says why ESO cannot decode a store, so that its status stays as it was: ESO 2.8 and later take a text as the interval.
func undecodable(store map[string]any) string {
	interval := jsonvalue.StringAt(store, "spec", "refreshInterval")
	if _, err := time.ParseDuration(interval); interval == "" || err == nil {
		return ""
	}
	return fmt.Sprintf("spec.refreshInterval is %s, which is not a Go duration, so ESO does not validate the store. Set a duration such as \"24h\" or \"90s\".", jsonvalue.Quote(interval))
}

// RequestedStoreSync is StoreSync after ESO was asked to validate the store anew: an object that does not show the request
// yet (requestedAt is not zero, and as RequestSync gave it) is from before it.
func RequestedStoreSync(obj map[string]any, requestedAt, now time.Time) Sync {
	s := StoreSync(obj, now)
	if s.Status != airm.Deleting && !requestedAt.IsZero() && lastWrite(obj, now).Before(requestedAt) {
		s.Status, s.NeedsEvent = airm.Pending, false
		s.Reason = "ESO has not done the requested validation yet."
	}
	return s
}

// eventsSince returns from when on an event shows that ESO has validated a store after a write. Of a store that is validated as often
// as the recorder lets events pass, the event of the write may be dropped: an earlier one has to do.
func eventsSince(obj map[string]any, write time.Time) time.Time {
	interval, _ := time.ParseDuration(jsonvalue.StringAt(obj, "spec", "refreshInterval"))
	if seconds, isNumber := jsonvalue.Integer(jsonvalue.At(obj, "spec", "refreshInterval")); isNumber {
		interval = time.Duration(seconds) * time.Second
	}
	if interval <= 0 {
		interval = defaultValidation
	}
	if interval > rarestEvent {
		return write
	}
	return write.Add(-rarestEvent - interval)
}

// Capabilities returns what the backend of a store can do: ReadOnly, WriteOnly or ReadWrite; empty until ESO has validated
// the store.
func Capabilities(obj map[string]any) string {
	return jsonvalue.StringAt(obj, "status", "capabilities")
}

func (s Sync) deleting(obj map[string]any) Sync {
	s.Status = airm.Deleting
	s.Reason = "The object is being deleted."
	var waits []string
	for _, f := range DeletionBlockers(obj) {
		waits = append(waits, fmt.Sprintf("%s of %s", f.Name, f.Owner))
	}
	if len(waits) > 0 {
		s.Reason = jsonvalue.Sanitize("The object is being deleted, and waits for the finalizers: " + strings.Join(waits, ", ") + ".")
	}
	return s
}

// condition is the Ready condition of an object.
type condition struct {
	status, reason, message string
	since                   time.Time
}

func readyCondition(obj map[string]any) (condition, bool) {
	for _, c := range jsonvalue.ListAt(obj, "status", "conditions") {
		if jsonvalue.StringAt(c, "type") == "Ready" {
			return condition{
				status:  jsonvalue.StringAt(c, "status"),
				reason:  jsonvalue.StringAt(c, "reason"),
				message: jsonvalue.StringAt(c, "message"),
				since:   jsonvalue.TimeAt(c, "lastTransitionTime"),
			}, true
		}
	}
	return condition{}, false
}

// namesCause reports whether the condition of a store has the cause itself, as ESO does until 0.19; so there is no need of
// an event, which may be of another failure.
func (c condition) namesCause() bool {
	return strings.HasPrefix(c.message, "unable to validate store: ")
}

// explain returns the condition as one sentence. ESO's messages are generic and quote no values; one of a store may have a URL.
func (c condition) explain() string {
	switch c.reason {
	case "SecretDeleted", "ResourceDeleted":
		return fmt.Sprintf("ESO deleted the %s, because the backend no longer has its values and deletionPolicy is Delete (%s).", c.object(), c.reason)
	case "SecretMissing", "ResourceMissing":
		return fmt.Sprintf("The %s to merge into does not exist (%s): create it, or use another creationPolicy.", c.object(), c.reason)
	}
	message := strings.TrimRight(jsonvalue.DisplayText(c.message), ". ")
	if message == "" {
		message = "ESO reports Ready=" + jsonvalue.Sanitize(c.status)
	}
	if c.reason == "" {
		return message + "."
	}
	advice := ""
	if c.message == updateOfImmutable {
		advice = ": delete the Secret, and ESO creates it again, or set another target.name"
	}
	return fmt.Sprintf("%s (%s)%s.", message, jsonvalue.Sanitize(c.reason), advice)
}

// object is what the reason is about: Resource… stands for an object that target.manifest names.
func (c condition) object() string {
	if strings.HasPrefix(c.reason, "Resource") {
		return "target object"
	}
	return "Secret"
}

// unanswered returns how long a condition is still not to be believed, because it is older than the last write: zero once
// it is newer or the grace has passed.
func unanswered(obj map[string]any, c condition, grace time.Duration, now time.Time) time.Duration {
	write := lastWrite(obj, now)
	if !c.since.Before(write) {
		return 0
	}
	// A clock that is behind must not prolong the grace by more than lastWrite believes.
	return max(0, min(grace, write.Add(grace).Sub(now)))
}

// lastWrite is airm.UpdatedAt without what lies in the future by more than a clock may be wrong: users who may write an object
// may also write a time into its managed fields, for which nothing would ever be an answer.
func lastWrite(obj map[string]any, now time.Time) time.Time {
	last := jsonvalue.TimeAt(obj, "metadata", "creationTimestamp")
	for _, entry := range jsonvalue.ListAt(obj, "metadata", "managedFields") {
		at := jsonvalue.TimeAt(entry, "time")
		if jsonvalue.StringAt(entry, "subresource") != "status" && at.After(last) && !at.After(now.Add(answerGrace)) {
			last = at
		}
	}
	return last
}

// waitingHint asks whether ESO runs, if it has kept silent for longer than it ever needs.
func waitingHint(since, now time.Time) string {
	if since.IsZero() || now.Sub(since) <= answerGrace {
		return ""
	}
	return fmt.Sprintf(", for %s now: check that ESO runs, and that it serves this namespace and store", now.Sub(since).Round(time.Second))
}
