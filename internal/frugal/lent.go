package frugal

import (
	"context"
	"sync/atomic"
	"time"
)

// lent is the context of a call, until the end of that call. The framework's server keeps the context
// of every call, so that it can cancel them, and never lets go of one; each holds the loggers, the
// request and the answer of its call. With many thousands of resources that is most of the memory.
type lent struct {
	owner atomic.Pointer[context.Context]
}

// lend runs a call with a context that it can keep at no cost.
func lend[Request, Response any](ctx context.Context, request Request, call func(context.Context, Request) (Response, error)) (Response, error) {
	l := &lent{}
	l.owner.Store(&ctx)
	defer l.owner.Store(&over)
	return call(l, request)
}

// over is what is left after the call: a context that has ended.
var over = func() context.Context {
	ctx, end := context.WithCancel(context.Background()) //nolint:forbidigo // it has ended
	end()
	return ctx
}()

func (l *lent) context() context.Context { return *l.owner.Load() }

func (l *lent) Deadline() (time.Time, bool) { return l.context().Deadline() }
func (l *lent) Done() <-chan struct{}       { return l.context().Done() }
func (l *lent) Err() error                  { return l.context().Err() }
func (l *lent) Value(key any) any           { return l.context().Value(key) }
