// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package protocol

import (
	"context"
	"sync/atomic"
	"time"
)

// callContext is the context of a call until that call returns. The framework's server keeps the context of every call,
// so that it can cancel them, and never releases one; each holds the loggers, the request and the response of its call.
// With many thousands of resources that is most of the memory.
type callContext struct {
	owner atomic.Pointer[context.Context]
}

// withCallContext runs a call with a context that may be kept at no cost.
func withCallContext[Request, Response any](
	ctx context.Context, request Request, call func(context.Context, Request) (Response, error),
) (Response, error) {
	l := &callContext{}
	l.owner.Store(&ctx)
	defer l.owner.Store(&endedContext)
	return call(l, request)
}

// endedContext is the context that remains after the call: it is canceled.
var endedContext = func() context.Context {
	ctx, end := context.WithCancel(context.Background()) //nolint:forbidigo // it has ended
	end()
	return ctx
}()

func (l *callContext) context() context.Context { return *l.owner.Load() }

func (l *callContext) Deadline() (time.Time, bool) { return l.context().Deadline() }
func (l *callContext) Done() <-chan struct{}       { return l.context().Done() }
func (l *callContext) Err() error                  { return l.context().Err() }
func (l *callContext) Value(key any) any           { return l.context().Value(key) }
