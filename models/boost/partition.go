package boost

import (
	"context"

	"github.com/quintile-dev/quintile/models"
)

// divider says which side of a split a row goes to.
type divider struct {
	bins   []uint8
	offset uint8 // 1 moves missing values to the front: they go left
	last   uint8 // the last bin, after adding offset, to go left

	left *[256]uint8 // 1 for the bins of categories to go left, in the place of offset and last; else nil
}

func (g *grower) divider(s split) divider {
	d := divider{bins: g.data.bins[s.slot], last: uint8(s.bin)}
	if s.set != nil {
		d.left = new([256]uint8)
		for _, k := range s.set.members() {
			d.left[k] = 1
		}
		d.left[missingBin] = 0
		if s.missingLeft {
			d.left[missingBin] = 1
		}
		return d
	}
	if s.missingLeft {
		d.offset, d.last = 1, d.last+1
	}
	return d
}

// divide moves the rows that go left to the front of rows, in order, and the
// remaining rows to right, and returns the number of rows that go left.
func (d divider) divide(rows, right []uint32) int {
	right = right[:len(rows)]
	if d.left != nil {
		return d.divideSets(rows, right)
	}
	left, others := 0, 0
	bins, offset, last := d.bins, d.offset, d.last
	for _, r := range rows {
		rows[left] = r
		right[others] = r
		goes := 0
		if bins[r]+offset <= last {
			goes = 1
		}
		left += goes
		others += 1 - goes
	}
	return left
}

// divideSets is divide for categories.
func (d divider) divideSets(rows, right []uint32) int {
	left, others := 0, 0
	for _, r := range rows {
		rows[left] = r
		right[others] = r
		goes := int(d.left[d.bins[r]])
		left += goes
		others += 1 - goes
	}
	return left
}

// partition puts the rows that go left before the rows that go right, each in
// order, and returns the number of rows that go left.
func (g *grower) partition(ctx context.Context, d divider, rows []uint32) (int, error) {
	parts := max(1, min(len(g.summers), len(rows)/fewestRows))
	left := make([]int, parts)
	from := func(t int) int { return t * len(rows) / parts }
	err := models.Parallel(ctx, parts, parts, func(t int) error {
		left[t] = d.divide(rows[from(t):from(t+1)], g.spare[from(t):from(t+1)])
		return nil
	})
	if err != nil {
		return 0, err
	}
	n := left[0]
	for t := 1; t < parts; t++ {
		n += copy(rows[n:], rows[from(t):from(t)+left[t]])
	}
	to := make([]int, parts+1) // of the right rows of each part
	to[0] = n
	for t := range parts {
		to[t+1] = to[t] + from(t+1) - from(t) - left[t]
	}
	return n, models.Parallel(ctx, parts, parts, func(t int) error {
		copy(rows[to[t]:to[t+1]], g.spare[from(t):])
		return nil
	})
}
