// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// check compares what there is with what the configurations call for, and with what there was before the round.
type check struct {
	wanted   *wanted
	now      *snapshot
	before   *snapshot // nil at first
	problems []string
}

// compare returns what is wrong.
func compare(w *wanted, now, before *snapshot) []string {
	c := &check{wanted: w, now: now, before: before}
	c.checkRecords()
	for where, its := range w.secrets {
		c.checkSecret(where, its)
	}
	for where, owner := range w.stores {
		c.checkStore(where, owner)
	}
	c.checkNothingElse()
	slices.Sort(c.problems)
	return c.problems
}

func (c *check) say(where any, format string, args ...any) {
	c.problems = append(c.problems, fmt.Sprintf("%v: ", where)+fmt.Sprintf(format, args...))
}

// expect compares one value.
func (c *check) expect(where any, what, got, want string) {
	if got != want {
		c.say(where, "%s is %q, not %q", what, got, want)
	}
}

func (c *check) checkSecret(where place, want wantedSecret) {
	external, secret := c.now.externals[where], c.now.secrets[where]
	if external == nil {
		c.say(where, "LOST: there is no ExternalSecret")
	} else {
		c.checkExternal(where, external, want)
		c.checkKept(where, "ExternalSecret", c.now.externals, c.beforeIn(func(s *snapshot) byPlace { return s.externals }))
	}
	if secret == nil {
		c.say(where, "LOST: there is no Secret")
		return
	}
	c.checkKept(where, "Secret", c.now.secrets, c.beforeIn(func(s *snapshot) byPlace { return s.secrets }))
	if data := dataOf(secret); !maps.Equal(data, want.data) {
		c.say(where, "the Secret holds %v, not %v", data, want.data)
	}
	if want.template > 0 {
		c.expect(where, "label template of the Secret", secret.GetLabels()["template"], versionLabel(want.template))
	}
	if external == nil {
		return
	}
	for _, owner := range secret.GetOwnerReferences() {
		if owner.Kind == "ExternalSecret" && owner.UID == external.GetUID() {
			return
		}
	}
	c.say(where, "ORPHANED: the Secret is not owned by the ExternalSecret")
}

func (c *check) beforeIn(of func(*snapshot) byPlace) byPlace {
	if c.before == nil {
		return nil
	}
	return of(c.before)
}

// checkKept expects that what was there before the round is the same object still: all changes are in place.
func (c *check) checkKept(where place, kind string, now, before byPlace) {
	if was := before[where]; was != nil && was.GetUID() != now[where].GetUID() {
		c.say(where, "LOST for a while: the %s is another one than before the round", kind)
	}
}

func (c *check) checkExternal(where place, live *unstructured.Unstructured, want wantedSecret) {
	c.checkOwned(where, live, want.owner)
	for _, key := range []string{"content", "placement"} {
		c.expect(where, "label "+key, live.GetLabels()[key], want.labels[key])
	}
	hash, annotations := "", live.GetAnnotations()
	if want.organization != "" {
		hash = nameHash(want.organization)
		c.expect(where, "annotation organization", annotations[prefix+"organization"], c.now.organization)
	}
	c.expect(where, "label organization-secret", live.GetLabels()[prefix+"organization-secret"], hash)
	c.expect(where, "annotation organization-secret", annotations[prefix+"organization-secret"], want.organization)
	if status, reason := ready(live); status != "True" || reason != "SecretSynced" {
		c.say(where, "Ready is %q, for the reason %q", status, reason)
	}
	c.checkSpec(where, live, want)
}

func (c *check) checkSpec(where place, live *unstructured.Unstructured, want wantedSecret) {
	c.expect(where, "store", stringAt(live, "spec", "secretStoreRef", "name"), want.store)
	interval, _ := time.ParseDuration(stringAt(live, "spec", "refreshInterval"))
	c.expect(where, "refreshInterval", interval.String(), (time.Duration(want.hours) * time.Hour).String())
	data, _, _ := unstructured.NestedSlice(live.Object, "spec", "data")
	if len(data) != 1 {
		c.say(where, "spec.data has %d items", len(data))
		return
	}
	item, _ := data[0].(object)
	reference, _ := item["remoteRef"].(object)
	c.expect(where, "spec.data", fmt.Sprint(item["secretKey"], " ", reference["key"]), "password "+want.key)
	template := ""
	if want.template > 0 {
		template = templateText(want.template, "{{ .password }}")
	}
	c.expect(where, "template", stringAt(live, "spec", "target", "template", "data", "text"), template)
}

// checkOwned checks what every object of ours says of itself.
func (c *check) checkOwned(where place, live *unstructured.Unstructured, owner string) {
	annotations := live.GetAnnotations()
	c.expect(where, "label managed-by", live.GetLabels()[labelManagedBy], managedBy)
	c.expect(where, "annotation home", annotations[prefix+"home"], where.project+"/"+where.name)
	c.expect(where, "annotation owner", annotations[prefix+"owner"], owner)
	if annotations[prefix+"owner-id"] == "" {
		c.say(where, "there is no annotation owner-id")
	}
	if live.GetDeletionTimestamp() != nil {
		c.say(where, "it is being deleted")
	}
}

func (c *check) checkStore(where place, owner string) {
	live := c.now.stores[where]
	if live == nil {
		c.say(where, "LOST: there is no SecretStore")
		return
	}
	c.checkOwned(where, live, owner)
	c.checkKept(where, "SecretStore", c.now.stores, c.beforeIn(func(s *snapshot) byPlace { return s.stores }))
}

// checkRecords expects one record for each organization secret and each assignment, in the home cluster.
func (c *check) checkRecords() {
	byID := map[string]*unstructured.Unstructured{}
	for name, record := range c.now.records {
		id := recordID(record)
		_, isRow := c.wanted.rows[id]
		_, isDefinition := c.wanted.definitions[id]
		if byID[id] != nil || !isRow && !isDefinition || name != home+": "+record.GetName() {
			c.say("record "+name, "LEFT: it has no reason in the configurations (phase %q, owner %q)", stringAt(record, "data", "phase"), stringAt(record, "data", "owner"))
		}
		byID[id] = record
	}
	for id, owner := range c.wanted.definitions {
		if record := byID[id]; record == nil {
			c.say("record of "+id, "LOST")
		} else {
			c.expect("record of "+id, "owner", stringAt(record, "data", "owner"), owner)
			c.expect("record of "+id, "deletingUntil", stringAt(record, "data", "deletingUntil"), "")
		}
	}
	for id, want := range c.wanted.rows {
		if record := byID[id]; record == nil {
			c.say("row "+id, "LOST")
		} else {
			c.checkRow("row "+id, record, want)
		}
	}
}

// recordedCopy is an object as a row has it.
type recordedCopy struct{ Cluster, UID, Error string }

func (c *check) checkRow(where string, row *unstructured.Unstructured, want wantedRow) {
	c.expect(where, "phase", stringAt(row, "data", "phase"), "assigned")
	c.expect(where, "owner", stringAt(row, "data", "owner"), want.owner)
	for _, field := range []string{"lastError", "waiting"} {
		c.expect(where, field, stringAt(row, "data", field), "")
	}
	copies := map[string]recordedCopy{}
	if content := stringAt(row, "data", "copies"); content != "" {
		if err := json.Unmarshal([]byte(content), &copies); err != nil {
			c.say(where, "copies cannot be read: %s", err)
		}
	}
	for _, cluster := range want.clusters {
		identity := c.now.identities[cluster]
		recorded, known := copies[identity]
		if !known {
			c.say(where, "the copy in %s is not recorded", cluster)
			continue
		}
		delete(copies, identity)
		c.expect(where, "error of the copy in "+cluster, recorded.Error, "")
		c.expect(where, "cluster of the copy in "+cluster, recorded.Cluster, cluster)
		live := c.now.externals[place{cluster, stringAt(row, "data", "project"), stringAt(row, "data", "secret")}]
		if live == nil {
			continue // reported as lost
		}
		c.expect(where, "UID of the copy in "+cluster, recorded.UID, string(live.GetUID()))
		c.expect(where, "owner id, against that of the copy in "+cluster, stringAt(row, "data", "ownerID"),
			live.GetAnnotations()[prefix+"owner-id"])
	}
	for identity, left := range copies {
		c.say(where, "LEFT: it records a copy in %q (%s) that does not belong there", left.Cluster, identity)
	}
}

// checkNothingElse expects nothing that the configurations do not call for.
func (c *check) checkNothingElse() {
	for where := range c.now.externals {
		if _, isWanted := c.wanted.secrets[where]; !isWanted {
			c.say(where, "LEFT: this ExternalSecret has no reason in the configurations")
		}
	}
	for where, secret := range c.now.secrets {
		if _, isWanted := c.wanted.secrets[where]; !isWanted {
			c.say(where, "LEFT: this Secret has no reason in the configurations (owners %d, being deleted %t)", len(secret.GetOwnerReferences()), secret.GetDeletionTimestamp() != nil)
		}
	}
	for where := range c.now.stores {
		if _, isWanted := c.wanted.stores[where]; !isWanted && where.name != c.wanted.store {
			c.say(where, "LEFT: this SecretStore has no reason in the configurations")
		}
	}
}
