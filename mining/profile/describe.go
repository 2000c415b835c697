package profile

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/models"
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
	// Index is 100 · group mean / overall mean. Index is NaN for a feature that can
	// be below 0, or is below 0 for some customer, and for an overall mean of 0:
	// between −2 and −1, no ratio makes sense. Use Difference instead.
	Index      float64
	Difference float64 // group mean − overall mean, in the unit of the feature
	Z          float64 // the same in standard deviations of all customers
}

// maxMarks is the number of marks kept for a group.
const maxMarks = 5

// Describe compares each group with all customers, feature by feature. labels
// holds the group of each of the chosen customers (nil: all), in the order of ids, −1
// for none; sums names the features to be added up: money, orders. A feature that the table
// does not have has the sum NaN.
//
// Missing: a missing value is left out of the means and sums it would enter.
//
// Determinism: sums run over customers in the order of ids, in blocks; workers
// share the features.
//
// Errors: those of reading the table, ctx.Err().
//
// Cost: one reading of the features, and memory for 65,536 customers.
func Describe(ctx context.Context, table *features.Table, chosen []uint32, labels []int32, groups int, names, sums []string, workers int) ([]Group, error) {
	out, err := DescribeAll(ctx, table, chosen, []Labelled{{labels, groups}}, names, sums, workers)
	if err != nil {
		return nil, err
	}
	return out[0], nil
}

// Labelled is a grouping: the group of each customer, −1 for none, and the number of groups.
type Labelled struct {
	Labels []int32
	Groups int
}

// DescribeAll does as Describe for several groupings, in one reading of the features.
func DescribeAll(ctx context.Context, table *features.Table, chosen []uint32, groupings []Labelled, names, sums []string, workers int) ([][]Group, error) {
	columns := slices.Clone(names)
	for _, name := range sums {
		if !slices.Contains(columns, name) && slices.Contains(table.Names(), name) {
			columns = append(columns, name)
		}
	}
	all := make([][]column, len(groupings)) // by grouping and column
	for g, of := range groupings {
		all[g] = make([]column, len(columns))
		for j := range columns {
			all[g][j].each = make([]moments, of.Groups)
		}
	}
	for s, err := range table.Stretches(ctx, columns, chosen, groupRows) {
		if err != nil {
			return nil, err
		}
		err := models.Parallel(ctx, workers, len(columns), func(j int) error {
			for g, of := range groupings {
				all[g][j].add(s.Columns[j], of.Labels[s.First:])
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	out := make([][]Group, len(groupings))
	for g, of := range groupings {
		out[g] = of.describe(all[g], columns, names, sums)
	}
	return out, nil
}

// describe puts together what was added up.
func (of Labelled) describe(all []column, columns, names, sums []string) []Group {
	out := make([]Group, of.Groups)
	for _, l := range of.Labels {
		if l >= 0 {
			out[l].Customers++
		}
	}
	for g := range out {
		out[g].Share = float64(out[g].Customers) / float64(len(of.Labels))
	}
	for _, name := range sums {
		if at := slices.Index(columns, name); at >= 0 {
			addUp(out, &all[at])
			continue
		}
		for g := range out {
			out[g].Sums, out[g].SumShares = append(out[g].Sums, math.NaN()), append(out[g].SumShares, math.NaN())
		}
	}
	for j, name := range names {
		compare(out, &all[j], name)
	}
	for g := range out {
		slices.SortStableFunc(out[g].Marks, func(a, b Mark) int { return cmp.Compare(math.Abs(b.Z), math.Abs(a.Z)) })
		out[g].Marks = out[g].Marks[:min(maxMarks, len(out[g].Marks))]
	}
	return out
}

// addUp notes the sums of a feature.
func addUp(out []Group, c *column) {
	total := 0.0
	for g := range out {
		total += c.each[g].sum()
	}
	for g := range out {
		share := math.NaN()
		if total != 0 {
			share = c.each[g].sum() / total
		}
		out[g].Sums = append(out[g].Sums, c.each[g].sum())
		out[g].SumShares = append(out[g].SumShares, share)
	}
}

// compare notes the means of a feature, and their distances from the mean of
// all.
func compare(out []Group, c *column, name string) {
	mean, sd := c.all.mean(), c.deviation()
	known, _ := features.Lookup(name)
	signed := known.Signed || c.least < 0
	for g := range out {
		m := c.each[g].mean()
		out[g].Means = append(out[g].Means, m)
		if sd > 0 && !math.IsNaN(m) {
			mark := Mark{Feature: name, Mean: m, All: mean, Index: math.NaN(), Difference: m - mean, Z: (m - mean) / sd}
			if !signed && mean != 0 {
				mark.Index = 100 * m / mean
			}
			out[g].Marks = append(out[g].Marks, mark)
		}
	}
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

// column adds up a feature, of all customers and of each group.
type column struct {
	all     moments
	each    []moments // by group
	mean    float64   // of the values that are not missing
	squares float64   // Σ squared distance from the mean
	least   float64   // of the values, or 0 if that is less
}

// add adds the values of some customers, whose groups the labels say.
//
// The squares of one call are merged with the earlier squares as in T. Chan, G.
// Golub and R. LeVeque, Algorithms for Computing the Sample Variance, The American
// Statistician 37, 1983. Within a call distances are taken from the first value, so
// that a column of one value has no distances, whatever the rounding of its mean.
func (c *column) add(values []float64, labels []int32) {
	before := float64(c.all.n)
	for i, v := range values {
		c.all.add(v)
		if l := labels[i]; l >= 0 {
			c.each[l].add(v)
		}
		if v < c.least { // never true of a missing value
			c.least = v
		}
	}
	at := slices.IndexFunc(values, func(v float64) bool { return !math.IsNaN(v) })
	if at < 0 {
		return
	}
	from := values[at]
	var distances, squares moments
	for _, v := range values {
		distances.add(v - from)
	}
	mean := from + distances.mean()
	for _, v := range values {
		d := v - mean
		squares.add(float64(d * d))
	}
	if before == 0 {
		c.mean = mean
	}
	n, apart := float64(c.all.n), mean-c.mean
	added := float64(squares.n)
	c.mean += float64(apart * (added / n))
	c.squares += squares.sum() + float64(apart*apart*(before*added/n))
}

// deviation returns the population standard deviation of the values that are not
// missing, NaN where all are.
func (c *column) deviation() float64 { return math.Sqrt(c.squares / float64(c.all.n)) }
