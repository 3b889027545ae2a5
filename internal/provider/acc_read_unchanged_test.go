// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"slices"
	"testing"
)

// What changed since the last apply stands in the plan, whether or not the framework is asked for every answer.
func TestAccRefreshSeesEveryChange(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	w := p.newWorkspace()
	framework := *w
	framework.env = append(slices.Clip(w.env), "TF_AIRM_PLAIN_PROTOCOL=1")
	w.configure(p.secret(plain + "refresh_interval = \"2h0m0s\"\nlabels = { tier = \"db\" }"))
	for _, c := range []struct {
		what   string
		change func()
		texts  []string
	}{
		{"nothing", func() {}, []string{"No changes."}},
		{"a field", func() { p.patch("ExternalSecret", "db", `{"spec":{"refreshInterval":"5h0m0s"}}`) }, []string{`"2h0m0s" -> "5h0m0s"`}},
		{"a label", func() { p.patch("ExternalSecret", "db", `{"metadata":{"labels":{"tier":"web"}}}`) }, []string{`"db" -> "web"`}},
		{"another's label", func() { p.patch("ExternalSecret", "db", `{"metadata":{"labels":{"example.com/a":"b"}}}`) }, []string{"No changes."}},
		{"the status", func() { p.failSync() }, []string{`"Synced" -> "SyncedError"`}},
		{"the object", func() { p.removeNow("ExternalSecret", "db") }, []string{"has been deleted"}},
		{"its UID", func() {
			p.removeNow("ExternalSecret", "db")
			p.externalSecret("db", "")
		}, []string{"has been deleted", "no longer the object that this state made"}},
	} {
		w.apply()
		w.plansNothing()
		c.change()
		short, long := w.run("plan", "-refresh-only", "-no-color"), framework.run("plan", "-refresh-only", "-no-color")
		contains(t, short, c.texts...)
		if short != long {
			t.Errorf("%s: the framework shows\n%s\nand without it\n%s", c.what, long, short)
		}
		if short, long := w.run("plan", "-no-color"), framework.run("plan", "-no-color"); short != long {
			t.Errorf("%s: the framework plans\n%s\nand without it\n%s", c.what, long, short)
		}
		p.setValues(storeValues)
	}
	p.removeNow("ExternalSecret", "db")
	w.destroy()
}

// failSync removes the value and waits until ESO has found out.
func (p *testProject) failSync() {
	p.t.Helper()
	p.setValues(map[string]string{"user": "{}"})
	p.patch("ExternalSecret", "db", `{"metadata":{"annotations":{"force-sync":"now"}}}`)
	p.eventually("the sync fails", func() bool { return p.ready("ExternalSecret", "db") == "False" })
}
