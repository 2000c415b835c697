package steps

import (
	"context"

	"golang.org/x/sync/semaphore"
)

// room is memory shared by tasks, in units of a MiB.
type room struct {
	all  int64
	left *semaphore.Weighted
}

func newRoom(bytes int64) *room {
	all := max(1, bytes>>20)
	return &room{all, semaphore.NewWeighted(all)}
}

// take waits until so many bytes are free, and returns the function to give the bytes
// back. A task that wants more than the whole budget gets the whole budget.
func (r *room) take(ctx context.Context, bytes int64) (free func(), err error) {
	n := min(r.all, max(0, bytes>>20))
	if err := r.left.Acquire(ctx, n); err != nil {
		return nil, err
	}
	return func() { r.left.Release(n) }, nil
}
