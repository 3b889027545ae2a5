// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"fmt"
	"testing"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/acctest"
)

// While AIRM's webhook restarts, every write in its projects fails, and none of an apply does. ESO's own writes of the Secrets
// fail too, and it tries again: that is not waited for here.
func TestAccAIRMWebhookRestarts(t *testing.T) {
	t.Parallel()
	const count, refusals = 30, 20 // twice as many as the CLI writes at a time
	p := newProject(t)
	a := p.startAIRM()
	w := p.newWorkspace()
	w.configure(p.many(count, plain+"\nwait_for_sync = false"))
	restarted := make(chan error, 1)
	go func() {
		p.eventually("the first object is there", func() bool { return p.get("ExternalSecret", "db-0") != nil })
		a.StopWebhook()
		refusing := acctest.HangUp(p.t, a.webhookAddress())
		refusing.Await(refusals)
		refusing.Close()
		restarted <- a.StartWebhook(t.Context())
	}()
	output, err := w.try("apply", "-auto-approve", "-no-color")
	p.ok(<-restarted)
	if err != nil {
		t.Fatalf("apply: %s\n%s", err, output)
	}
	contains(t, output, fmt.Sprintf("%d added", count))
	w.plansNothing()
	a.listsOnce(p, count)
	w.destroy()
	a.hasNoRow(p)
}
