package steps

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/quintile-dev/quintile/mining"
)

// Runner does the steps of a plan.
type Runner struct {
	// Stage is called for each step: Stage calls do, and measures the time.
	Stage func(step string, do func() error) error
	// Input returns the input of a task, given the results of earlier steps.
	Input func(p *Planned, results map[string]*mining.Result) *mining.Input
	// Memory is the bytes for all tasks together.
	Memory int64
	// Customers is the number of customers, from which tasks derive their
	// needs.
	Customers int
}

// Run does the steps side by side: each as soon as the needed steps are done, and while the
// memory of all running tasks fits. A task that needs more than the whole budget runs
// alone. The results are in the order of the plan.
//
// Errors: the first error of a task, with the name of its step; a *Unmet where a result
// does not meet its settings; ctx.Err().
func (r *Runner) Run(ctx context.Context, plan []Planned) ([]*mining.Result, error) {
	results := make([]*mining.Result, len(plan))
	done := map[string]chan struct{}{}
	for _, p := range plan {
		done[p.Step.Name] = make(chan struct{})
	}
	var mu sync.Mutex
	byName := map[string]*mining.Result{}
	room := newRoom(r.Memory)
	g, ctx := errgroup.WithContext(ctx)
	for i := range plan {
		p := &plan[i]
		g.Go(func() error {
			for _, need := range p.Needs {
				select {
				case <-done[need.Name]:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
			free, err := room.take(ctx, p.Task.Memory(r.Customers))
			if err != nil {
				return err
			}
			defer free()
			mu.Lock()
			before := make(map[string]*mining.Result, len(p.Needs))
			for _, need := range p.Needs {
				before[need.Name] = byName[need.Name]
			}
			mu.Unlock()
			result, err := r.one(ctx, p, before)
			if err != nil {
				return err
			}
			mu.Lock()
			results[i], byName[p.Step.Name] = result, result
			mu.Unlock()
			close(done[p.Step.Name]) // only now: whoever waits reads the result
			return nil
		})
	}
	return results, g.Wait()
}

// one does a single step.
func (r *Runner) one(ctx context.Context, p *Planned, before map[string]*mining.Result) (result *mining.Result, err error) {
	err = r.Stage(p.Step.Name, func() (err error) {
		result, err = guarded(ctx, p, r.Input(p, before))
		return err
	})
	if err == nil && result.Unmet != "" {
		return nil, &Unmet{p.Step.Name, result.Unmet}
	}
	return result, err
}

// guarded runs a task and turns its panic, a bug of ours, into an error with the name of
// the step.
func guarded(ctx context.Context, p *Planned, in *mining.Input) (result *mining.Result, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("step %s: BUG: %v\n%s", p.Step.Name, v, debug.Stack())
		}
	}()
	result, err = p.Task.Fit(ctx, in)
	if err != nil && ctx.Err() == nil {
		err = fmt.Errorf("step %s: %w", p.Step.Name, err)
	}
	return result, err
}

// Unmet is the error of a result that does not meet the settings of its step.
type Unmet struct{ Step, Message string }

func (e *Unmet) Error() string { return "step " + e.Step + ": " + e.Message }
