package features

import (
	"context"
	"iter"
	"slices"
)

// groupRows is the number of customers gathered at once, if there are few
// buckets; with many it grows, so that each bucket has a range worth reading.
const groupRows = 1 << 16

// plan maps the customers of a range of the global order: by bucket, the rows
// and the places in the result.
type plan struct {
	lo, hi int      // the stretch
	first  int      // customers wanted before it
	passed []uint32 // rows of each bucket before the stretch
	starts []int    // of each bucket in rows and places; one more than buckets
	rows   []uint32 // rising within a bucket
	places []uint32
}

func (t *Table) newPlan() *plan {
	return &plan{passed: make([]uint32, len(t.buckets)), starts: make([]int, len(t.buckets)+1)}
}

// plans yields a plan for each stretch of so many customers in which any of the
// chosen are, rising; nil stands for all. A plan is valid until the next.
func (t *Table) plans(size int, chosen []uint32) iter.Seq[*plan] {
	return func(yield func(*plan) bool) {
		p := t.newPlan()
		all, rest := chosen == nil, chosen
		for lo := 0; lo < t.Len() && (all || len(rest) > 0); lo += size {
			hi := min(lo+size, t.Len())
			part := rest
			if !all {
				n, _ := slices.BinarySearch(rest, uint32(hi))
				part, rest = rest[:n], rest[n:]
			}
			p.advance(t.from, lo, hi, part)
			if len(p.rows) > 0 && !yield(p) {
				return
			}
		}
	}
}

// advance plans the range [lo,hi), which must follow the range before. chosen
// holds the customers wanted, rising; nil means all. The first customer goes to
// place 0.
func (p *plan) advance(from []uint16, lo, hi int, chosen []uint32) {
	p.lo, p.hi, p.first = lo, hi, p.first+len(p.rows)
	all := chosen == nil
	clear(p.starts)
	if all {
		for _, b := range from[lo:hi] {
			p.starts[b+1]++
		}
	}
	for _, i := range chosen {
		p.starts[from[i]+1]++
	}
	for b := 1; b < len(p.starts); b++ {
		p.starts[b] += p.starts[b-1]
	}
	n := p.starts[len(p.starts)-1]
	p.rows = slices.Grow(p.rows[:0], n)[:n]
	p.places = slices.Grow(p.places[:0], n)[:n]
	next := 0
	for i := lo; i < hi; i++ {
		b := from[i]
		row := p.passed[b]
		p.passed[b]++
		if !all && (next == len(chosen) || int(chosen[next]) != i) {
			continue
		}
		at := p.starts[b]
		p.rows[at], p.places[at] = row, uint32(next)
		p.starts[b]++
		next++
	}
	copy(p.starts[1:], p.starts)
	p.starts[0] = 0
}

// reader is what reading columns takes.
type reader struct {
	scratches []scratch // of each column
	ahead     []stripes // of each bucket that is read at once
}

func newReader(columns int) *reader { return &reader{scratches: make([]scratch, columns)} }

// gatherAll sets each of dst at the places of the plan to the column of the same
// place.
func gatherAll[T float32 | float64](ctx context.Context, t *Table, p *plan, columns []int, dst [][]T, r *reader) error {
	many := len(columns) >= manyColumns && t.spilled.Load() > 0
	step := len(t.buckets)
	if many {
		step = min(step, bucketsAhead)
		if r.ahead == nil {
			r.ahead = make([]stripes, step)
		}
	}
	for lo := 0; lo < len(t.buckets); lo += step {
		hi := min(lo+step, len(t.buckets))
		if many {
			err := parallel(ctx, t.config.Workers, hi-lo, func(i int) error {
				return r.ahead[i].load(t, lo+i, p.rows[p.starts[lo+i]:p.starts[lo+i+1]])
			})
			if err != nil {
				return err
			}
		}
		err := parallel(ctx, t.config.Workers, len(columns), func(c int) error {
			for b := lo; b < hi; b++ {
				var ahead *stripes
				if many {
					ahead = &r.ahead[b-lo]
				}
				if err := gather(t, p, b, columns[c], dst[c], ahead, &r.scratches[c]); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// gather sets dst at the places of the plan that belong to a bucket to column j.
func gather[T float32 | float64](t *Table, p *plan, bucket, j int, dst []T, ahead *stripes, s *scratch) error {
	rows, places := p.rows[p.starts[bucket]:p.starts[bucket+1]], p.places[p.starts[bucket]:p.starts[bucket+1]]
	for len(rows) > 0 {
		at := int(rows[0]) / chunkRows
		n := len(rows)
		if int(rows[n-1])/chunkRows > at {
			n, _ = slices.BinarySearch(rows, uint32((at+1)*chunkRows))
		}
		base := int(rows[0])
		values, err := t.segment(t.buckets[bucket][at], j, base-at*chunkRows, int(rows[n-1])+1-at*chunkRows, ahead, s)
		if err != nil {
			return err
		}
		for i, row := range rows[:n] {
			dst[places[i]] = T(values[int(row)-base])
		}
		rows, places = rows[n:], places[n:]
	}
	return nil
}

// collect returns the columns for the chosen customers, or for all.
func collect[T float32 | float64](ctx context.Context, t *Table, names []string, chosen []uint32) ([][]T, error) {
	columns, err := t.columns(names)
	if err != nil {
		return nil, err
	}
	n := t.Len()
	if chosen != nil {
		n = len(chosen)
	}
	out := make([][]T, len(columns))
	for c := range out {
		out[c] = make([]T, n)
	}
	r, slots := newReader(len(columns)), make([][]T, len(columns))
	for p := range t.plans(max(groupRows, 256*len(t.buckets)), chosen) {
		for c := range slots {
			slots[c] = out[c][p.first:]
		}
		if err := gatherAll(ctx, t, p, columns, slots, r); err != nil {
			return nil, err
		}
	}
	return out, ctx.Err()
}

// Column returns one column of all customers, in the order of ids.
//
// Errors: where the table has no such column, an I/O error of the temporary
// file, ctx.Err().
func (t *Table) Column(ctx context.Context, name string) ([]float64, error) {
	out, err := collect[float64](ctx, t, []string{name}, nil)
	if err != nil {
		return nil, err
	}
	return out[0], nil
}

// Columns returns columns of the chosen customers, in the order of ids. chosen
// holds positions in that order, rising, as from Sample; nil stands for all
// customers.
func (t *Table) Columns(ctx context.Context, names []string, chosen []uint32) ([][]float64, error) {
	return collect[float64](ctx, t, names, chosen)
}

// Matrix returns columns as Columns does, rounded to float32: the columns of a
// matrix for models.
func (t *Table) Matrix(ctx context.Context, names []string, chosen []uint32) ([][]float32, error) {
	return collect[float32](ctx, t, names, chosen)
}
