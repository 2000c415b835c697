package linear

import (
	"cmp"
	"context"
	"slices"

	"github.com/quintile-dev/quintile/models"
)

// run is the number of points sorted, or merged, between two looks at the
// context.
const run = 1 << 13

// sortByScore returns the points in ascending order of score, equal scores in
// row order. The slice points may be reused. Runs are sorted and then merged in
// pairs; workers share both tasks.
func sortByScore(ctx context.Context, points []point, workers int) ([]point, error) {
	n := len(points)
	err := models.Parallel(ctx, workers, (n+run-1)/run, func(t int) error {
		slices.SortStableFunc(points[t*run:min(n, (t+1)*run)], func(a, b point) int { return cmp.Compare(a.score, b.score) })
		return nil
	})
	if err != nil || n <= run {
		return points, err
	}
	spare := make([]point, n)
	for width := run; width < n; width *= 2 {
		pairs := (n + 2*width - 1) / (2 * width)
		err := models.Parallel(ctx, workers, pairs, func(t int) error {
			from := t * 2 * width
			middle, to := min(n, from+width), min(n, from+2*width)
			return merge(ctx, spare[from:to], points[from:middle], points[middle:to])
		})
		if err != nil {
			return nil, err
		}
		points, spare = spare, points
	}
	return points, nil
}

// merge fills dst with the points of a and b in order, a before b where equal.
func merge(ctx context.Context, dst, a, b []point) error {
	for k := range dst {
		if k%run == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		if len(b) == 0 || len(a) > 0 && a[0].score <= b[0].score {
			dst[k], a = a[0], a[1:]
		} else {
			dst[k], b = b[0], b[1:]
		}
	}
	return nil
}
