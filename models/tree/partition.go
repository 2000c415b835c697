package tree

import "github.com/quintile-dev/quintile/models"

// partition moves the rows of d that go left before the rows that go right,
// each in their former order, and returns the start of the right rows.
func (g *grower) partition(d *draft) (middle int, err error) {
	rows, spare := g.rows[d.lo:d.hi], g.spare[d.lo:d.hi]
	blocks := (len(rows) + blockRows - 1) / blockRows
	lefts := make([]int, blocks)
	side := d.split.sides(&g.sample.columns[d.split.column])
	block := func(i int) (from, to int) { return i * blockRows, min((i+1)*blockRows, len(rows)) }
	workers := g.workersFor(d)
	err = models.Parallel(g.ctx, workers, blocks, func(i int) error {
		from, to := block(i)
		lefts[i] = side.divide(rows[from:to], spare[from:to])
		return nil
	})
	if err != nil || blocks == 1 {
		return d.lo + lefts[0], err
	}
	total := 0
	for _, n := range lefts {
		total += n
	}
	// Each block is in order; now gather the left parts, then the right parts.
	leftAt, rightAt := make([]int, blocks), make([]int, blocks)
	left, right := 0, total
	for i, n := range lefts {
		from, to := block(i)
		leftAt[i], rightAt[i] = left, right
		left += n
		right += to - from - n
	}
	err = models.Parallel(g.ctx, workers, blocks, func(i int) error {
		from, to := block(i)
		copy(spare[leftAt[i]:], rows[from:from+lefts[i]])
		copy(spare[rightAt[i]:], rows[from+lefts[i]:to])
		return nil
	})
	copy(rows, spare)
	return d.lo + total, err
}

// sides answers the question of a split for rows.
type sides struct {
	codes       []uint8
	left        [256]uint8 // 1 for the bins that go left
	values      []float32  // if there are no codes, or they do not tell
	threshold   float64
	missingLeft bool
}

func (s *split) sides(c *column) *sides {
	w := &sides{codes: c.codes, values: c.values, threshold: s.threshold, missingLeft: s.missingLeft}
	if s.inside {
		w.codes = nil
	}
	for bin := range w.left {
		goes := bin <= int(s.bin)
		switch {
		case c.kind == Categorical:
			goes = s.set.has(bin)
		case bin == missingCode:
			goes = s.missingLeft
		}
		if goes {
			w.left[bin] = 1
		}
	}
	return w
}

// divide reorders rows in place and returns how many go left. Every row is
// written to both sides and only one side advances, which avoids an
// unpredictable branch.
func (w *sides) divide(rows, spare []uint32) int {
	left, right := 0, 0
	switch {
	case w.codes != nil:
		for _, r := range rows {
			rows[left], spare[right] = r, r
			goes := int(w.left[w.codes[r]])
			left += goes
			right += 1 - goes
		}
	case w.missingLeft:
		for _, r := range rows {
			rows[left], spare[right] = r, r
			goes := 0
			if !(float64(w.values[r]) > w.threshold) { // true for NaN
				goes = 1
			}
			left += goes
			right += 1 - goes
		}
	default:
		for _, r := range rows {
			rows[left], spare[right] = r, r
			goes := 0
			if float64(w.values[r]) <= w.threshold { // false for NaN
				goes = 1
			}
			left += goes
			right += 1 - goes
		}
	}
	copy(rows[left:], spare[:right])
	return left
}
