// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package cluster

import (
	"context"
	"sync"
)

// lazy holds a value that is made at its first use, once, and shared. A failure is not kept, so
// that the next caller tries again. No caller waits under a lock: one whose context ends returns,
// the others go on waiting.
type lazy[T any] struct {
	mu      sync.Mutex
	attempt *attempt[T]
}

type attempt[T any] struct {
	done  chan struct{}
	value T
	err   error
}

// get returns the value, made by fn where it does not exist yet. fn runs with the context of the
// first caller, without its end.
func (l *lazy[T]) get(ctx context.Context, fn func(context.Context) (T, error)) (T, error) {
	l.mu.Lock()
	current := l.attempt
	if current == nil {
		current = &attempt[T]{done: make(chan struct{})}
		l.attempt = current
		go l.run(context.WithoutCancel(ctx), current, fn)
	}
	l.mu.Unlock()

	select {
	case <-current.done:
		return current.value, current.err
	case <-ctx.Done():
		var none T
		return none, markNoTimeLeft(ctx, context.Cause(ctx))
	}
}

// known returns the value if it was made already.
func (l *lazy[T]) known() (value T, known bool) {
	l.mu.Lock()
	current := l.attempt
	l.mu.Unlock()
	if current == nil {
		return value, false
	}
	select {
	case <-current.done:
		return current.value, current.err == nil
	default:
		return value, false
	}
}

func (l *lazy[T]) run(ctx context.Context, a *attempt[T], fn func(context.Context) (T, error)) {
	a.value, a.err = fn(ctx)
	if a.err != nil {
		l.mu.Lock()
		l.attempt = nil
		l.mu.Unlock()
	}
	close(a.done)
}

// lazyMap is a lazy value for each key, made by a function of the key.
type lazyMap[T any] struct {
	mu     sync.Mutex
	values map[string]*lazy[T]
}

func (m *lazyMap[T]) get(ctx context.Context, key string, fn func(context.Context, string) (T, error)) (T, error) {
	m.mu.Lock()
	if m.values == nil {
		m.values = map[string]*lazy[T]{}
	}
	value := m.values[key]
	if value == nil {
		value = &lazy[T]{}
		m.values[key] = value
	}
	m.mu.Unlock()
	return value.get(ctx, func(ctx context.Context) (T, error) { return fn(ctx, key) })
}

// known returns a value that was made already.
func (m *lazyMap[T]) known(key string) (value T, known bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.values[key] == nil {
		return value, false
	}
	return m.values[key].known()
}
