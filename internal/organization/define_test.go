// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"strings"
	"testing"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
)

func TestAccDefine(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 0)
	r := f.registry()
	wrong := newDefinition("s", "c0")
	wrong.Definition.Spec["target"] = map[string]any{"creationPolicy": "Sometimes"}
	_, err := r.Define(t.Context(), wrong)
	says(t, err, "Cannot create (dry run) ExternalSecret "+f.platform+"/s", `Cluster "home" rejected the object (422 Invalid): spec.target.creationPolicy`)
	unknown := newDefinition("s", "c0")
	unknown.Definition.Spec["nonsense"] = true
	_, err = r.Define(t.Context(), unknown)
	says(t, err, "spec.nonsense")
	if found := f.list(f.platform, "configmaps", airm.LabelRecord); len(found) > 0 {
		t.Errorf("%d records of what was refused", len(found))
	}

	// An ExternalSecret of the name in the platform namespace is not the organization secret.
	f.apply(f.platform, esoResource, "spec: {secretStoreRef: {name: idle}, data: []}", "s")
	made, err := r.Define(t.Context(), newDefinition("s", "c0"))
	f.ok(err)
	if made.Revision != 1 || made.UID() == "" {
		t.Errorf("revision %d, UID %q", made.Revision, made.UID())
	}
	elsewhere := newDefinition("s", "c1")
	elsewhere.Owner = "acme/elsewhere"
	if _, err := r.Define(t.Context(), elsewhere); !cluster.IsAlreadyExists(err) {
		t.Errorf("defined twice: %v", err)
	}
	f.status(r, airm.Unassigned, true)

	updated, err := r.Update(t.Context(), newDefinition("s", "c0"), Known{}, FanOut{})
	f.ok(err)
	if updated.Revision != 1 {
		t.Errorf("revision %d after an update that changes nothing", updated.Revision)
	}
	if _, err := r.Update(t.Context(), wrong, Known{}, FanOut{}); err == nil {
		t.Error("an update was accepted that the API server refuses")
	}
	updated, err = r.Update(t.Context(), newDefinition("s", "c1"), Known{}, FanOut{})
	f.ok(err)
	if updated.Revision != 2 {
		t.Errorf("revision %d after a change", updated.Revision)
	}
	f.ok(r.Delete(t.Context(), "s", Known{}))
	f.ok(r.Delete(t.Context(), "s", Known{}))
	_, err = r.Update(t.Context(), newDefinition("s", "c2"), Known{}, FanOut{})
	says(t, err, `Organization secret "s" does not exist`)
}

func TestAccDefinitionRemovedByHand(t *testing.T) {
	f, r := newOrganization(t, 2, 2)
	f.remove(f.platform, "configmaps", airm.DefinitionRecordName("s"))
	assigned, err := r.AssignmentStatus(t.Context(), "s", f.projects[0])
	f.ok(err)
	if assigned.Status != airm.Failed || assigned.UpToDate || !strings.Contains(assigned.Copies[0].Sync.Reason, "a ConfigMap, was deleted") {
		t.Errorf("%s: %s", assigned.Status, assigned.Copies[0].Sync.Reason)
	}
	_, _, err = r.reassign(t.Context(), newAssignment("s", f.projects[0], "w0"))
	says(t, err, `Organization secret "s" does not exist`)
	f.ok(r.Unassign(t.Context(), "s", f.projects[1], Known{}))
	f.nothing(r, f.projects[1])

	_, err = r.Define(t.Context(), newDefinition("s", "c1"))
	f.ok(err)
	f.status(r, airm.Pending, false)
	_, err = r.Update(t.Context(), newDefinition("s", "c1"), Known{}, FanOut{})
	f.ok(err)
	f.status(r, airm.Pending, true)
}

func TestAccDamagedRecords(t *testing.T) {
	f, r := newOrganization(t, 1, 1)
	name := airm.AssignmentRecordName("s", f.projects[0])
	whole := f.get(f.platform, "configmaps", name).Object["data"].(map[string]any)
	for field, value := range map[string]string{"phase": "resting", "until": "tomorrow", "labels": "{", "project": "another"} {
		f.patch(f.platform, "configmaps", name, `{"data":{"`+field+`":"`+value+`"}}`)
		damaged := "ConfigMap " + f.platform + "/" + name + " cannot be read"
		_, _, err := r.assign(t.Context(), newAssignment("s", f.projects[0], "w1"))
		says(t, err, damaged, "Restore it")
		says(t, r.Unassign(t.Context(), "s", f.projects[0], Known{}), damaged)
		says(t, r.ForceDelete(t.Context(), "s", Known{}), damaged)
		_, err = r.Status(t.Context(), "s")
		says(t, err, damaged)
		text := "null"
		if before, ok := whole[field].(string); ok {
			text = `"` + strings.ReplaceAll(before, `"`, `\"`) + `"`
		}
		f.patch(f.platform, "configmaps", name, `{"data":{"`+field+`":`+text+`}}`)
	}
	if f.get(f.projects[0], esoResource, "s") == nil {
		t.Error("an object went although its record could not be read")
	}
	definitionName := airm.DefinitionRecordName("s")
	for field, value := range map[string]string{"definition": "{", "deletingUntil": "soon", "name": "t"} {
		before := f.get(f.platform, "configmaps", definitionName)
		f.patch(f.platform, "configmaps", definitionName, `{"data":{"`+field+`":"`+value+`"}}`)
		_, err := r.Status(t.Context(), "s")
		says(t, err, "ConfigMap "+f.platform+"/"+definitionName+" cannot be read")
		before.SetResourceVersion("")
		before.SetManagedFields(nil)
		f.remove(f.platform, "configmaps", definitionName)
		_, err = r.store.Create(t.Context(), before.Object)
		f.ok(err)
	}
	f.ok(r.ForceDelete(t.Context(), "s", Known{}))
}
