package features

import (
	"context"
	"iter"

	"github.com/quintile-dev/quintile/datasets"
)

// Stretch is some consecutive customers of those asked for, in the order of ids.
type Stretch struct {
	First   int         // number of customers asked for that come before
	Columns [][]float64 // those asked for
}

// Stretches yields the named columns of the chosen customers, as Columns returns
// them, piece by piece: each has the customers among the next size of the table. A
// stretch is valid until the next is asked for. After an error nothing more is
// yielded.
//
// Cost: memory for one stretch, and where the table is spilled, for the stripes of
// some buckets.
func (t *Table) Stretches(ctx context.Context, names []string, chosen []uint32, size int) iter.Seq2[*Stretch, error] {
	return func(yield func(*Stretch, error) bool) {
		columns, err := t.columns(names)
		if err != nil {
			yield(nil, err)
			return
		}
		s, r := &Stretch{Columns: make([][]float64, len(columns))}, newReader(len(columns))
		for p := range t.plans(size, chosen) {
			if err := s.gather(ctx, t, p, columns, size, r); err != nil {
				yield(nil, err)
				return
			}
			if !yield(s, nil) {
				return
			}
		}
	}
}

// gather fills the range by the plan, in its memory for size customers.
func (s *Stretch) gather(ctx context.Context, t *Table, p *plan, columns []int, size int, r *reader) error {
	s.First = p.first
	n := len(p.rows)
	for c := range s.Columns {
		if cap(s.Columns[c]) < n {
			s.Columns[c] = make([]float64, min(size, t.Len()))
		}
		s.Columns[c] = s.Columns[c][:n]
	}
	return gatherAll(ctx, t, p, columns, s.Columns, r)
}

// Group is a stretch of all customers, with their ids.
type Group struct {
	Stretch
	IDs datasets.Strings // in bytewise order
}

// Groups yields all customers in groups of size, in the order of ids, with the
// named columns; there may be none. A group is valid until the next is asked
// for. After an error nothing more is yielded.
//
// Cost: as for Stretches, and memory for the ids of one chunk per bucket.
func (t *Table) Groups(ctx context.Context, names []string, size int) iter.Seq2[*Group, error] {
	return func(yield func(*Group, error) bool) {
		columns, err := t.columns(names)
		if err != nil {
			yield(nil, err)
			return
		}
		g, r := &Group{Stretch: Stretch{Columns: make([][]float64, len(columns))}}, newReader(len(columns))
		cursors := t.cursors()
		for p := range t.plans(size, nil) {
			g.IDs.Reset()
			for _, b := range t.from[p.lo:p.hi] {
				id, _, err := cursors[b].next()
				if err != nil {
					yield(nil, err)
					return
				}
				g.IDs.Append(id)
			}
			if err := g.gather(ctx, t, p, columns, size, r); err != nil {
				yield(nil, err)
				return
			}
			if !yield(g, nil) {
				return
			}
		}
	}
}
