// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"slices"
	"strings"
	"time"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// ChangeWarnings warns, at plan, of what a change of spec does to the Kubernetes Secret that one might not expect: a Secret
// that stays or goes, a change that never reaches it, a value that stands in the Terraform state. Only what differs
// between before (nil on create) and after is reported.
func ChangeWarnings(before, after map[string]any) []jsonvalue.Problem {
	var ps jsonvalue.Problems
	root := jsonvalue.Path{"spec"}
	policyWarnings(&ps, before, after, root)
	if before != nil {
		targetWarnings(&ps, before, after, root)
		unreachedChange(&ps, before, after, root)
	}
	if !isTrue(before, "target", "immutable") && isTrue(after, "target", "immutable") {
		ps.Warn(root.With("target", "immutable"), "Secret is never updated", "Kubernetes does not allow changes to the data of an immutable Secret: later changes here or in the backend do not reach it. The status stays Synced; with ESO before 0.19 it becomes SyncedError. To change it, delete the Secret; ESO then creates it again.")
	}
	frequentRefresh(&ps, before, after, root)
	if !WritesNoSecret(before) && WritesNoSecret(after) {
		ps.Warn(root.With("target", "manifest"), "Values in an object that is not a Secret", "ESO writes an object of the kind %s: everyone who may read that kind can read the values, and ESO takes over an existing object of that name. ESO supports this only if it runs with --unsafe-allow-generic-targets.", jsonvalue.Quote(jsonvalue.StringAt(after, "target", "manifest", "kind")))
	}
	if !deletesOthers(before) && deletesOthers(after) {
		ps.Warn(root.With("target", "deletionPolicy"), "Object of others may be deleted", "with target.manifest, ESO does not check who owns the object: when the values no longer exist in the backend, it deletes the %s, even if it existed before and ESO never wrote it. Use a name that nothing else uses, or another deletionPolicy.", targetText(after)).
			Also = []jsonvalue.Path{root.With("target", "manifest")}
	}
	literalTexts(&ps, before, after, root)
	return ps
}

// shortestInterval is the refresh interval below which a plan warns.
const shortestInterval = time.Minute

// frequentRefresh warns of a refresh interval of seconds. Where ESO does not look at it, it does no harm.
func frequentRefresh(ps *jsonvalue.Problems, before, after map[string]any, p jsonvalue.Path) {
	text, old := jsonvalue.StringAt(after, "refreshInterval"), jsonvalue.StringAt(before, "refreshInterval")
	interval, err := time.ParseDuration(text)
	periodic := slices.Contains([]string{"", "Periodic"}, jsonvalue.StringAt(after, "refreshPolicy"))
	if before != nil && EqualDurations(text, old) || err != nil || interval <= 0 || interval >= shortestInterval || !periodic {
		return
	}
	ps.Warn(p.With("refreshInterval"), "Refresh interval of seconds", "ESO fetches from the backend every %s, in each project and cluster, and each refresh sends two messages to AIRM, which has one queue for all clusters. Use a minute or more; to fetch at once, change sync_triggers.", interval)
}

func policyWarnings(ps *jsonvalue.Problems, before, after map[string]any, p jsonvalue.Path) {
	at := p.With("target", "creationPolicy")
	policy := creationPolicy(after)
	if before != nil && creationPolicy(before) == policy {
		return
	}
	switch policy {
	case "Orphan":
		ps.Warn(at, "Secret is not deleted", "with Orphan, the Secret has no owner: it stays, with its values, after this secret is destroyed or unassigned. ESO overwrites the content of an existing Secret of that name.")
	case "Merge":
		ps.Warn(at, "Secret must already exist and keeps its keys", "with Merge, ESO only adds keys to a Secret that another tool creates. If that Secret does not exist, the status is SyncedError. The added keys stay after this secret is destroyed or unassigned.")
	case "CreateOrMerge":
		ps.Warn(at, "Secret is not deleted", "with CreateOrMerge, the Secret, or the keys added to an existing one, stay after this secret is destroyed or unassigned.")
	case "None":
		ps.Warn(at, "No Secret", "with None, ESO fetches the values but writes no Secret, so workloads have nothing to read.")
	case "Owner":
		if before != nil {
			ps.Warn(at, "Secret will be deleted", "the policy changes from %s to Owner: ESO takes over the Secret and replaces its content. The Secret will be deleted when this secret is destroyed or unassigned.", creationPolicy(before))
		}
	}
}

// targetWarnings tells of the object that ESO no longer writes, because the target has another name or another kind.
func targetWarnings(ps *jsonvalue.Problems, before, after map[string]any, p jsonvalue.Path) {
	oldName, newName := jsonvalue.StringAt(before, "target", "name"), jsonvalue.StringAt(after, "target", "name")
	kindChanges := targetKind(before) != targetKind(after)
	if oldName == newName && !kindChanges {
		return
	}
	at := p.With("target", "name")
	if kindChanges {
		at = p.With("target", "manifest")
	}
	switch {
	case kindChanges || hasManifest(before) || hasManifest(after):
		// Only between two plain Secrets does ESO look for the one that it wrote before (deleteOrphanedSecrets).
		if creationPolicy(before) != "None" {
			ps.Warn(at, "Object is not deleted", "the %s keeps the values: ESO no longer writes it, but does not delete it. Delete it by hand when no workload uses it any more.", targetText(before))
		}
	case creationPolicy(before) == "Owner" && creationPolicy(after) == "Owner":
		ps.Warn(at, "Secret is replaced", "the Secret is renamed from %s to %s: ESO deletes the old one at once, so workloads that refer to it fail.", secretName(oldName), secretName(newName))
	default:
		ps.Warn(at, "Secret is not deleted", "the Secret is renamed from %s to %s: the old one keeps its values, because ESO deletes only Secrets that it owns. Delete it when no workload uses it any more.", secretName(oldName), secretName(newName))
	}
}

// deletesOthers reports whether ESO deletes whatever has the name of the target (deleteGenericResource).
func deletesOthers(spec map[string]any) bool {
	return hasManifest(spec) && deletionPolicy(spec) == "Delete"
}

// targetText names the object that ESO writes for a spec.
func targetText(spec map[string]any) string {
	kind, name := jsonvalue.Sanitize(TargetKind(spec)), jsonvalue.StringAt(spec, "target", "name")
	if name == "" {
		return kind + " with the name of the ExternalSecret"
	}
	return kind + " " + jsonvalue.Quote(name)
}

func secretName(name string) string {
	if name == "" {
		return "the name of the ExternalSecret"
	}
	return jsonvalue.Quote(name)
}

// unreachedChange warns of a changed content that ESO does not write.
func unreachedChange(ps *jsonvalue.Problems, before, after map[string]any, p jsonvalue.Path) {
	var changed []jsonvalue.Path
	for _, field := range []string{"data", "dataFrom", "secretStoreRef", "target"} {
		a, b := map[string]any{field: before[field]}, map[string]any{field: after[field]}
		if len(Drift(a, b)) > 0 || len(Drift(b, a)) > 0 {
			changed = append(changed, p.With(field))
		}
	}
	if len(changed) == 0 {
		return
	}
	if isTrue(before, "target", "immutable") && isTrue(after, "target", "immutable") {
		ps.Warn(p.With("target", "immutable"), "Change does not reach the Secret", "the Secret is immutable, so this change does not reach it. The status stays Synced; with ESO before 0.19 it becomes SyncedError. Delete the Secret; ESO then creates it again.").Also = changed
	}
	if writesOnce(after) {
		at, why := p.With("refreshInterval"), "a refreshInterval of 0"
		if jsonvalue.StringAt(after, "refreshPolicy") == "CreatedOnce" {
			at, why = p.With("refreshPolicy"), "CreatedOnce"
		}
		ps.Warn(at, "Change does not reach the Secret", "with %s, ESO writes the Secret only once: this change does not reach an existing Secret, and the status stays Synced. Delete the Secret, or use another policy.", why).Also = changed
	}
}

// literalTexts warns of template text without any placeholder, which may be a value that belongs in the backend. It
// never shows the text.
func literalTexts(ps *jsonvalue.Problems, before, after map[string]any, p jsonvalue.Path) {
	warn := func(at jsonvalue.Path) {
		ps.Warn(at, "Literal text in a template", "this text has no placeholder such as {{ .password }}, so it is written to the Secret unchanged. It is also stored in the Terraform state and plan, where it can be read. Keep secret values in the backend.")
	}
	template := p.With("target", "template")
	old := jsonvalue.MapAt(before, "target", "template", "data")
	data := jsonvalue.MapAt(after, "target", "template", "data")
	for _, key := range jsonvalue.SortedKeys(data) {
		if literal(data[key]) && !jsonvalue.EqualScalars(old[key], data[key]) {
			warn(template.With("data", key))
		}
	}
	oldFrom := jsonvalue.ListAt(before, "target", "template", "templateFrom")
	for i, from := range jsonvalue.ListAt(after, "target", "template", "templateFrom") {
		text := jsonvalue.At(from, "literal")
		if i < len(oldFrom) && jsonvalue.EqualScalars(jsonvalue.At(oldFrom[i], "literal"), text) {
			continue
		}
		if literal(text) {
			warn(template.With("templateFrom", i, "literal"))
		}
	}
}

func literal(v any) bool {
	s, ok := v.(string)
	return ok && s != "" && !strings.Contains(s, "{{")
}

func isTrue(v any, keys ...string) bool {
	b, _ := jsonvalue.At(v, keys...).(bool)
	return b
}
