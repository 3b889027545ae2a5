// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"bytes"
	"testing"
)

// In a project of AIRM's, the labels and annotations of its webhook and the finalizers of its agent are no diff, and destroy
// waits for the agent.
func TestAccAgent(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	a := p.startAIRM()
	w := p.newWorkspace()
	config := func(body string) {
		w.configure(p.secret(plain + body + "\nuse_case = \"Generic\"\ntimeouts = { delete = \"10s\" }"))
	}

	config(`labels = { team = "a" }`)
	w.apply()
	object := p.get("ExternalSecret", "db")
	id, _ := marks(object)
	if id == "" || object.GetLabels()["airm.silogen.ai/secret-scope"] != "Project" || object.GetLabels()[airmUseCase] != "Generic" {
		t.Fatalf("the webhook was not called: %v", object.GetLabels())
	}
	w.plansNothing()
	for _, kind := range []string{"ExternalSecret", "Secret"} {
		p.eventually("the agent has seen the "+kind, func() bool { return len(p.get(kind, "db").GetFinalizers()) > 0 })
	}
	w.plansNothing()

	config(`labels = { team = "b" }`)
	w.apply()
	w.plansNothing()
	after := p.get("ExternalSecret", "db")
	if afterID, _ := marks(after); after.GetUID() != object.GetUID() || afterID != id || len(after.GetFinalizers()) == 0 {
		t.Errorf("the agent's marks did not stay: %v", after.Object["metadata"])
	}
	a.rows(p)

	a.StopAgent()
	contains(t, w.fails("destroy", "-auto-approve", "-no-color"), "is not deleted yet", agentFinalizer, "AIRM's agent", "timeouts.delete")
	if got := w.attributes(secretAddress)["status"]; got != "DeleteFailed" {
		t.Errorf("status is %v", got)
	}
	w.run("refresh", "-no-color")
	if got := w.attributes(secretAddress)["status"]; got != "DeleteFailed" {
		t.Errorf("after a refresh the status is %v", got)
	}

	a.returnsDuring(w)
	if p.get("ExternalSecret", "db") != nil || p.get("Secret", "db") != nil {
		t.Error("destroy left something behind")
	}
	if rows := a.Rows(p.name); len(rows) > 0 {
		t.Errorf("AIRM still lists %+v", rows)
	}
}

// returnsDuring starts the agent in the middle of a destroy, which succeeds then.
func (a *airmPlatform) returnsDuring(w *workspace) {
	a.t.Helper()
	destroy := w.cmd("destroy", "-auto-approve", "-no-color")
	log := &watchedOutput{seen: make(chan struct{}), text: "Destroying..."}
	destroy.Stdout, destroy.Stderr = log, log
	a.ok(destroy.Start())
	ended := make(chan error, 1)
	go func() { ended <- destroy.Wait() }()
	select {
	case <-log.seen:
	case err := <-ended:
		a.t.Fatalf("destroy ended without the agent: %v\n%s", err, oneLine(log.output.String()))
	}
	a.ok(a.StartAgent(a.t.Context()))
	if err := <-ended; err != nil {
		a.t.Errorf("destroy: %s\n%s", err, oneLine(log.output.String()))
	}
}

// watchedOutput is the output of a command, which says when a text is in it.
type watchedOutput struct {
	output bytes.Buffer
	text   string
	seen   chan struct{}
	said   bool
}

// Write implements io.Writer.
func (o *watchedOutput) Write(text []byte) (int, error) {
	n, err := o.output.Write(text)
	if !o.said && bytes.Contains(o.output.Bytes(), []byte(o.text)) {
		o.said = true
		close(o.seen)
	}
	return n, err
}

// Destroy ends only when the Kubernetes Secret is gone too.
func TestAccDestroyWaitsForSecret(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	w := p.newWorkspace()
	w.configure(p.secret(plain + `timeouts = { delete = "10s" }`))
	w.apply()
	p.hold("Secret", "db", "example.com/hold")
	contains(t, w.fails("destroy", "-auto-approve", "-no-color"),
		"is not deleted yet", "foregroundDeletion", "the object's dependents, such as the Secret")
	p.release("Secret", "db")
	w.destroy()
	if p.get("Secret", "db") != nil {
		t.Error("the Secret is still there")
	}
}
