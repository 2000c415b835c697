package models

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

// Parallel calls do(task) for every task in [0,tasks), on at most workers
// goroutines, and returns when all have returned.
//
// Tasks are handed out in order, but to any goroutine, so a task must write
// only to data of its own number; the caller then combines the results in task
// order. This rule makes every result the same for any number of workers.
//
// Errors: of several errors, the error of the lowest task number is returned.
// After the first error, or once ctx is done, no further task starts; ctx.Err()
// is returned where no task failed. A panic in a task becomes a panic in the
// caller.
func Parallel(ctx context.Context, workers, tasks int, do func(task int) error) error {
	if workers > tasks {
		workers = tasks
	}
	if workers <= 1 {
		for t := range tasks {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := do(t); err != nil {
				return err
			}
		}
		return ctx.Err()
	}
	p := pool{tasks: int64(tasks), do: do, failedTask: tasks}
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() { p.work(ctx) })
	}
	wg.Wait()
	if p.panicked != nil {
		panic(p.panicked)
	}
	if p.err != nil {
		return p.err
	}
	return ctx.Err()
}

type pool struct {
	tasks int64
	do    func(task int) error
	next  atomic.Int64
	stop  atomic.Bool

	mu         sync.Mutex
	err        error
	failedTask int
	panicked   any
}

func (p *pool) work(ctx context.Context) {
	defer func() {
		if r := recover(); r != nil {
			p.stop.Store(true)
			p.mu.Lock()
			defer p.mu.Unlock()
			p.panicked = fmt.Sprintf("%v\n\nin a parallel task:\n%s", r, debug.Stack())
		}
	}()
	for !p.stop.Load() && ctx.Err() == nil {
		t := p.next.Add(1) - 1
		if t >= p.tasks {
			return
		}
		if err := p.do(int(t)); err != nil {
			p.fail(int(t), err)
		}
	}
}

func (p *pool) fail(task int, err error) {
	p.stop.Store(true)
	p.mu.Lock()
	defer p.mu.Unlock()
	if task < p.failedTask {
		p.failedTask, p.err = task, err
	}
}
