package profile

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/quintile-dev/quintile/features"
)

// Group describes one group of customers.
type Group struct {
	Customers int
	Share     float64   // of all customers described, in [0,1]
	Sums      []float64 // of each feature asked for in sums
	SumShares []float64 // of the sum over all groups; NaN where that is 0
	Means     []float64 // of each feature; NaN where nobody has a value
	Marks     []Mark    // what marks the group, strongest first
}

// Mark is one feature in which a group differs from all customers.
type Mark struct {
	Feature string
	Mean    float64 // in the group
	All     float64 // among all customers described
	Index   float64 // 100 · group mean / overall mean; NaN where the overall mean is 0
	Z       float64 // distance of the means, in standard deviations of all customers
}

// maxMarks is the number of marks kept for a group.
const maxMarks = 5

// Describe compares each group with all customers, feature by feature. sums
// names the features to be added up: money, orders.
//
// Missing: a missing value is left out of the means and sums it would enter.
//
// Determinism: sums run over customers in the order of ids, in blocks.
//
// Errors: those of reading the table, ctx.Err().
func Describe(ctx context.Context, table *features.Table, chosen []uint32, labels []int32, groups int, names, sums []string) ([]Group, error) {
	out := make([]Group, groups)
	for _, l := range labels {
		out[l].Customers++
	}
	for g := range out {
		out[g].Share = float64(out[g].Customers) / float64(len(labels))
	}
	for _, name := range sums {
		column, err := table.Columns(ctx, []string{name}, chosen)
		if err != nil {
			return nil, err
		}
		addUp(out, labels, column[0])
	}
	for _, name := range names {
		column, err := table.Columns(ctx, []string{name}, chosen)
		if err != nil {
			return nil, err
		}
		compare(out, labels, column[0], name)
	}
	for g := range out {
		slices.SortStableFunc(out[g].Marks, func(a, b Mark) int { return cmp.Compare(math.Abs(b.Z), math.Abs(a.Z)) })
		out[g].Marks = out[g].Marks[:min(maxMarks, len(out[g].Marks))]
	}
	return out, nil
}

func addUp(out []Group, labels []int32, column []float64) {
	sums := make([]moments, len(out))
	for i, l := range labels {
		sums[l].add(column[i])
	}
	total := 0.0
	for g := range out {
		total += sums[g].sum()
	}
	for g := range out {
		share := math.NaN()
		if total != 0 {
			share = sums[g].sum() / total
		}
		out[g].Sums = append(out[g].Sums, sums[g].sum())
		out[g].SumShares = append(out[g].SumShares, share)
	}
}

func compare(out []Group, labels []int32, column []float64, name string) {
	var all moments
	each := make([]moments, len(out))
	for i, l := range labels {
		all.add(column[i])
		each[l].add(column[i])
	}
	mean, sd := all.mean(), deviation(column)
	for g := range out {
		m := each[g].mean()
		out[g].Means = append(out[g].Means, m)
		if sd > 0 && !math.IsNaN(m) {
			out[g].Marks = append(out[g].Marks, Mark{Feature: name, Mean: m, All: mean, Index: index(m, mean), Z: (m - mean) / sd})
		}
	}
}

func index(mean, all float64) float64 {
	if all == 0 {
		return math.NaN()
	}
	return 100 * mean / all
}

// moments adds up values in blocks, so that long columns lose no digits.
type moments struct {
	n           int
	block, done float64
}

const momentBlock = 4096

func (m *moments) add(v float64) {
	if math.IsNaN(v) {
		return
	}
	m.block += v
	if m.n++; m.n%momentBlock == 0 {
		m.done += m.block
		m.block = 0
	}
}

func (m *moments) sum() float64 { return m.done + m.block }

func (m *moments) mean() float64 {
	if m.n == 0 {
		return math.NaN()
	}
	return m.sum() / float64(m.n)
}

// deviation returns the population standard deviation of the values that are
// not missing. Distances are taken from the first of them, so that a column of
// one value has none, whatever rounding does to its mean.
func deviation(column []float64) float64 {
	at := slices.IndexFunc(column, func(v float64) bool { return !math.IsNaN(v) })
	if at < 0 {
		return math.NaN()
	}
	from := column[at]
	var distances, squares moments
	for _, v := range column {
		distances.add(v - from)
	}
	mean := from + distances.mean()
	for _, v := range column {
		d := v - mean
		squares.add(float64(d * d))
	}
	return math.Sqrt(squares.mean())
}
