// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package cluster

import (
	"context"
	"slices"
	"sync"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// Warning is what the API server of a cluster, or a policy or webhook of it, said in answer to a write.
type Warning struct {
	Cluster string
	Object  airm.Ref
	Text    string // fit to be shown
}

// Warnings collects what the clusters warn of. Safe for concurrent use.
type Warnings struct {
	mu  sync.Mutex
	all []Warning
}

// All returns what was collected so far, in the order in which it came.
func (w *Warnings) All() []Warning {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.all)
}

func (w *Warnings) add(warning Warning) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.all = append(w.all, warning)
}

// collectorKey and writeKey are the keys of a context: the collector of warnings, and the object that a request writes.
type (
	collectorKey struct{}
	writeKey     struct{}
)

// CollectWarnings returns a context, and the collector of the warnings that answer writes with this context.
func CollectWarnings(ctx context.Context) (context.Context, *Warnings) {
	collected := &Warnings{}
	return context.WithValue(ctx, collectorKey{}, collected), collected
}

// writing marks the requests of a context as writes of an object. What is answered to others (reads, dry runs) is not collected.
func writing(ctx context.Context, ref airm.Ref) context.Context {
	return context.WithValue(ctx, writeKey{}, ref)
}

// warningHandler passes the warnings of one cluster to the collector in the context, each text once: the API server repeats it with
// every write, of every object.
type warningHandler struct {
	cluster string
	warned  sync.Map // texts
}

// HandleWarningHeaderWithContext is called by client-go with each warning of an answer.
func (h *warningHandler) HandleWarningHeaderWithContext(ctx context.Context, code int, _ string, text string) {
	collected, _ := ctx.Value(collectorKey{}).(*Warnings)
	ref, isWrite := ctx.Value(writeKey{}).(airm.Ref)
	if collected == nil || !isWrite || code != miscellaneousWarning {
		return
	}
	text = jsonvalue.DisplayText(text)
	if ref.Kind == eso.KindSecret {
		text = "the API server returned a warning for this Secret (its text is left out, because it may quote a value; kubectl shows it)"
	}
	if _, before := h.warned.LoadOrStore(text, true); text != "" && !before {
		collected.add(Warning{Cluster: h.cluster, Object: ref, Text: sentence(text)})
	}
}

// miscellaneousWarning is the code that the API server gives to all its warnings (RFC 7234, 5.5.7).
const miscellaneousWarning = 299
