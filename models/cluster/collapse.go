package cluster

import (
	"context"
	"math"

	"github.com/quintile-dev/quintile/models"
)

const (
	// collapseProbe is how many rows are compared to estimate how many repeat.
	collapseProbe = 4096
	// collapseShare is the share of distinct rows below which equal rows are
	// merged into a single row of their joint weight. Above this share, the search
	// for equal rows costs more than the merging saves.
	collapseShare = 0.5
)

// collapse replaces t.learned by its distinct rows where enough repeat.
func (t *trainer) collapse(ctx context.Context) error {
	if t.learned.n < 2 || !t.repeats(ctx) {
		return nil
	}
	hashes := make([]uint64, t.learned.n)
	tasks := (t.learned.n + statRows - 1) / statRows
	err := models.Parallel(ctx, t.config.Workers, tasks, func(task int) error {
		for i := task * statRows; i < min((task+1)*statRows, t.learned.n); i++ {
			hashes[i] = hashRow(t.x, t.learned.row(i))
		}
		return nil
	})
	if err != nil {
		return err
	}
	first, group, err := distinct(ctx, t.x, t.learned, hashes)
	if err != nil {
		return err
	}
	weights := make([]float64, len(first))
	for i, g := range group {
		weights[g] += t.learned.weight(i)
	}
	t.learned = t.learned.pick(first)
	t.learned.weights = weights
	return nil
}

// repeats estimates, from rows spread evenly, whether collapsing pays: few
// distinct rows among them, or as many equal pairs as rows repeated three times
// each would give.
func (t *trainer) repeats(ctx context.Context) bool {
	s := t.learned
	m := min(s.n, collapseProbe)
	places := make([]int32, m)
	for i := range places {
		places[i] = int32(int64(i) * int64(s.n) / int64(m))
	}
	probe := s.pick(places)
	hashes := make([]uint64, m)
	const rows = 512 // a task; nearly every value is a wait for memory
	err := models.Parallel(ctx, t.config.Workers, (m+rows-1)/rows, func(task int) error {
		for i := task * rows; i < min((task+1)*rows, m); i++ {
			hashes[i] = hashRow(t.x, probe.row(i))
		}
		return nil
	})
	if err != nil {
		return false // the next pass meets the same error
	}
	first, group, err := distinct(ctx, t.x, probe, hashes)
	if err != nil {
		return false // the next pass meets the same error
	}
	if float64(len(first)) <= collapseShare*float64(m) {
		return true
	}
	if m == s.n {
		return false
	}
	times := make([]int, len(first))
	pairs, most := 0, 0
	for _, g := range group {
		pairs += times[g]
		times[g]++
		most = max(most, times[g])
	}
	pairs -= most * (most - 1) / 2 // one frequent row says nothing about the others
	multiplicity := float64(pairs) * 2 / float64(m) / float64(m-1) * float64(s.n)
	return multiplicity >= 3
}

// distinct returns the place of the first of every set of equal rows, in order,
// and for each row the number of its set.
func distinct(ctx context.Context, x models.Matrix, s rowset, hashes []uint64) (first, group []int32, err error) {
	size := 16
	for size < 2*s.n {
		size *= 2
	}
	table := make([]int32, size) // number of a set, plus 1
	group = make([]int32, s.n)
	for i, h := range hashes {
		if i%statRows == 0 && ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		at := int(h & uint64(size-1))
		for {
			g := table[at]
			if g == 0 {
				first = append(first, int32(i))
				table[at] = int32(len(first))
				group[i] = int32(len(first) - 1)
				break
			}
			if f := int(first[g-1]); hashes[f] == h && equalRows(x, s.row(f), s.row(i)) {
				group[i] = g - 1
				break
			}
			at = (at + 1) & (size - 1)
		}
	}
	return first, group, nil
}

func equalRows(x models.Matrix, a, b int) bool {
	for _, col := range x.Cols {
		if col[a] != col[b] {
			return false
		}
	}
	return true
}

// hashRow mixes the values of a row; 0 and −0 are equal.
func hashRow(x models.Matrix, i int) uint64 {
	h := uint64(0x9e3779b97f4a7c15)
	for _, col := range x.Cols {
		h ^= uint64(math.Float32bits(col[i] + 0))
		h *= 0xff51afd7ed558ccd
		h ^= h >> 32
	}
	return h ^ h>>29
}
