package features

import (
	"context"
	"sync"
	"sync/atomic"
)

// parallel calls do(task) for every task in [0,tasks) on at most workers
// goroutines and returns the error of the lowest task that failed, or
// ctx.Err(). A task writes only to data of its own number, so that the number
// of workers cannot change a result.
func parallel(ctx context.Context, workers, tasks int, do func(task int) error) error {
	workers = min(workers, tasks)
	if workers <= 1 {
		for task := range tasks {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := do(task); err != nil {
				return err
			}
		}
		return ctx.Err()
	}
	var (
		wg   sync.WaitGroup
		next atomic.Int64
		stop atomic.Bool
	)
	errs := make([]error, tasks)
	for range workers {
		wg.Go(func() {
			for !stop.Load() && ctx.Err() == nil {
				task := int(next.Add(1)) - 1
				if task >= tasks {
					return
				}
				if err := do(task); err != nil {
					errs[task] = err
					stop.Store(true)
				}
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}
