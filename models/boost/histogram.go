package boost

import (
	"context"
	"sync/atomic"

	"github.com/quintile-dev/quintile/models"
)

// fewestRows is the least number of rows that is worth a second goroutine.
const fewestRows = 1 << 13

// summer adds rows up into a histogram, for one goroutine.
type summer struct {
	packed packedSums
	pairs  pairSums
	values [blockRows]uint64               // of the rows of a block, in their order
	words  [groupsAtOnce][blockRows]uint64 // the same, by group
	hist   []entry                         // of its own, where another goroutine has the result's
	total  entry                           // exact, in the units of pairs
}

// histogram sets hist to the sums of the rows by column and bin, and returns the
// exact sum of all rows. Integer sums do not depend on who adds what up.
func (g *grower) histogram(ctx context.Context, hist []entry, rows []uint32) (entry, error) {
	clear(hist)
	parts := max(1, min(len(g.summers), len(rows)/fewestRows))
	// Blocks are shortened where there would not be one for each goroutine.
	size := min(blockRows, max(1, (len(rows)+parts-1)/parts))
	n := (len(rows) + size - 1) / size
	var next atomic.Int64
	err := models.Parallel(ctx, parts, parts, func(t int) error {
		s := g.summers[t]
		s.total = entry{}
		dst := hist
		if t > 0 {
			if s.hist == nil {
				s.hist = make([]entry, g.data.entries)
			}
			clear(s.hist)
			dst = s.hist
		}
		for ctx.Err() == nil {
			k := int(next.Add(1)) - 1
			if k >= n {
				return nil
			}
			g.sumBlock(s, dst, rows[k*size:min(len(rows), (k+1)*size)])
		}
		return ctx.Err()
	})
	if err != nil {
		return entry{}, err
	}
	total := g.summers[0].total
	for _, s := range g.summers[1:parts] {
		total.add(s.total)
		for i, e := range s.hist {
			hist[i].add(e)
		}
	}
	return total, nil
}

// sumBlock adds at most blockRows rows to dst and to s.total.
func (g *grower) sumBlock(s *summer, dst []entry, rows []uint32) {
	first := 0 // the group in s.words[0]
	last := g.load(s, rows)
	for {
		for group := first; group < last; group++ {
			if g.activeGroup[group] {
				g.sumGroup(s, dst, group, s.words[group-first][:len(rows)])
			}
		}
		if last == g.data.groups {
			return
		}
		first, last = last, min(last+groupsAtOnce, g.data.groups)
		g.gather(s, rows, first, last)
	}
}

// sumGroup adds the block in s to the histograms of the columns of a group.
func (g *grower) sumGroup(s *summer, dst []entry, group int, words []uint64) {
	width, values := g.data.width(group), s.values[:len(words)]
	switch {
	case !g.fixed.packed:
		s.pairs.add(words, values, width)
	case width > 4:
		s.packed.add8(words, values)
	default:
		s.packed.add4(words, values)
	}
	for j := width; j < groupSize; j++ {
		s.packed[j][0] = 0 // where the columns that a group lacks were added
	}
	for j := range width {
		part := g.data.histogramOf(dst, group*groupSize+j)
		if g.fixed.packed {
			s.packed.drain(j, part)
		} else {
			s.pairs.drain(j, part)
		}
	}
}

// sum returns the exact sum of rows, for a leaf that needs no histogram.
func (g *grower) sum(ctx context.Context, rows []uint32) (entry, error) {
	n := blocks(len(rows))
	parts := make([]entry, n)
	err := models.Parallel(ctx, len(g.summers), n, func(t int) error {
		var total entry
		for _, r := range block(rows, t) {
			gr, h := unpackPair(g.data.rows[int(r)*g.data.stride])
			total.g += gr
			total.h += h
		}
		parts[t] = total
		return nil
	})
	var total entry
	for _, p := range parts {
		total.add(p)
	}
	return total, err
}
