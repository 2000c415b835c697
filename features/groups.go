package features

import (
	"context"
	"iter"

	"github.com/quintile-dev/quintile/datasets"
)

// Group is a stretch of consecutive customers, in the order of ids.
type Group struct {
	First   int              // position of the first customer
	IDs     datasets.Strings // in bytewise order
	Columns [][]float64      // those asked for
}

// Groups yields all customers in groups of size, in the order of ids, with the
// named columns; there may be none. A group is valid until the next is asked
// for. After an error nothing more is yielded.
//
// Cost: memory for one group, for the ids of one chunk per bucket, and where the
// table is spilled, for the stripes of some buckets.
func (t *Table) Groups(ctx context.Context, names []string, size int) iter.Seq2[*Group, error] {
	return func(yield func(*Group, error) bool) {
		columns, err := t.columns(names)
		if err != nil {
			yield(nil, err)
			return
		}
		g := &Group{Columns: make([][]float64, len(columns))}
		cursors := t.cursors()
		r, p := newReader(len(columns)), t.newPlan()
		for lo := 0; lo < t.Len(); lo += size {
			hi := min(lo+size, t.Len())
			g.First = lo
			g.IDs.Reset()
			for _, b := range t.from[lo:hi] {
				id, _, err := cursors[b].next()
				if err != nil {
					yield(nil, err)
					return
				}
				g.IDs.Append(id)
			}
			p.advance(t.from, lo, hi, nil)
			for c := range g.Columns {
				if cap(g.Columns[c]) < hi-lo {
					g.Columns[c] = make([]float64, size)
				}
				g.Columns[c] = g.Columns[c][:hi-lo]
			}
			if err := gatherAll(ctx, t, p, columns, g.Columns, r); err != nil {
				yield(nil, err)
				return
			}
			if !yield(g, nil) {
				return
			}
		}
	}
}
