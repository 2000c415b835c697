package reference

import (
	"context"
	"slices"
	"sort"

	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/models/drift"
)

// Customers says whose numbers count.
type Customers struct {
	Table   *features.Table
	Buyers  []uint32 // positions of the customers with a purchase, rising; nil: all have
	Seed    uint64   // of the sample that is drawn where there are very many
	Workers int      // it never changes a result
}

// sampled is the number of customers from which the spread of a feature is learned. Of more
// customers, a sample is drawn by a hash of the ids: the PSI of a sample errs by less than a
// thousandth.
const sampled = 1 << 17

// columnsAtOnce bounds the memory: the number of columns of the counted customers that are held
// at once.
const columnsAtOnce = 8

// Learn returns the spread of the named columns of the table.
//
// Errors: I/O errors of the table, ctx.Err().
//
// Cost: reading the columns, and a sort of at most 131,072 numbers for each.
func Learn(ctx context.Context, c Customers, names []string) (map[string]drift.Reference, error) {
	names = c.has(names)
	learned := make([]drift.Reference, len(names))
	err := c.eachColumn(ctx, names, func(i int, values []float64) (err error) {
		learned[i], err = drift.Learn(values, drift.DefaultBins)
		return err
	})
	if err != nil {
		return nil, err
	}
	out := make(map[string]drift.Reference, len(names))
	for i, name := range names {
		out[name] = learned[i]
	}
	return out, nil
}

// Shift is how far a feature has moved since the reference was learned.
type Shift struct {
	Feature string
	PSI     float64
}

// Shifts returns the population stability index of each feature that both the reference and the
// table have, in the order of their names. Without a customer who has bought, Shifts returns
// none.
//
// Errors: the errors of [Learn].
func (r *Reference) Shifts(ctx context.Context, c Customers) ([]Shift, error) {
	var names []string
	for name := range r.Features {
		names = append(names, name)
	}
	names = c.has(names)
	shifts := make([]Shift, len(names))
	err := c.eachColumn(ctx, names, func(i int, values []float64) error {
		known := r.Features[names[i]]
		psi, err := known.PSI(values)
		shifts[i] = Shift{names[i], psi}
		return err
	})
	return shifts, err
}

// has returns the names that the table has, in order, each once; none where nobody counts.
func (c *Customers) has(names []string) []string {
	if c.Table.Len() == 0 || c.Buyers != nil && len(c.Buyers) == 0 {
		return nil
	}
	var out []string
	for _, name := range c.Table.Names() {
		if slices.Contains(names, name) {
			out = append(out, name)
		}
	}
	sort.Strings(out)
	return slices.Compact(out)
}

// eachColumn calls do with each column, for the customers who count.
func (c *Customers) eachColumn(ctx context.Context, names []string, do func(i int, values []float64) error) error {
	if len(names) == 0 {
		return ctx.Err()
	}
	chosen, err := c.chosen(ctx)
	if err != nil {
		return err
	}
	for first := 0; first < len(names); first += columnsAtOnce {
		some := names[first:min(first+columnsAtOnce, len(names))]
		columns, err := c.Table.Columns(ctx, some, chosen)
		if err != nil {
			return err
		}
		err = models.Parallel(ctx, c.Workers, len(some), func(i int) error { return do(first+i, columns[i]) })
		if err != nil {
			return err
		}
	}
	return nil
}

// chosen returns the positions of the customers who count, nil for all.
func (c *Customers) chosen(ctx context.Context) ([]uint32, error) {
	if c.Buyers != nil && len(c.Buyers) <= sampled {
		return c.Buyers, nil
	}
	sample, err := c.Table.Sample(ctx, sampled, c.Seed)
	if err != nil || c.Buyers == nil {
		return sample, err
	}
	both := sample[:0]
	for _, at := range sample {
		if _, bought := slices.BinarySearch(c.Buyers, at); bought {
			both = append(both, at)
		}
	}
	return both, nil
}
