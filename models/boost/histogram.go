package boost

import (
	"context"
	"sync/atomic"

	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/models/boost/internal/kernel"
)

// fewestRows is the least number of rows that is worth a second goroutine.
const fewestRows = 1 << 13

// chunkRows is the number of rows of a block that are gathered and added up at a
// time.
const chunkRows = kernel.Chunk

// summer adds rows up into a histogram, for one goroutine.
type summer struct {
	packed []packedSums                    // by group, of a block
	pairs  []pairSums                      // the same, where the rounded values do not do
	values [chunkRows]uint64               // of the rows of a chunk, in their order
	words  [groupsAtOnce][chunkRows]uint64 // the same, by group
	hist   []entry                         // of its own, where another goroutine has the result's
	total  entry                           // exact, in the units of pairs
}

// prepare makes what s needs to add up groups of columns.
func (s *summer) prepare(groups int, packed bool) {
	if packed && s.packed == nil {
		s.packed = make([]packedSums, groups)
	}
	if !packed && s.pairs == nil {
		s.pairs = make([]pairSums, groups)
	}
}

// histogram sets hist to the sums of the rows by column and bin, and returns the
// exact sum of all rows. Integer sums do not depend on who adds what up.
func (g *grower) histogram(ctx context.Context, hist []entry, rows []uint32) (entry, error) {
	parts := max(1, min(len(g.summers), len(rows)/fewestRows))
	// Blocks are shortened where there would not be one for each goroutine.
	size := min(blockRows, max(1, (len(rows)+parts-1)/parts))
	n := (len(rows) + size - 1) / size
	return g.sumBlocks(ctx, hist, parts, n, func(s *summer, dst []entry, k int) {
		g.sumBlock(s, dst, rows[k*size:min(len(rows), (k+1)*size)])
	})
}

// sumBlocks sets hist to the sum of n blocks, shared by as many goroutines as
// there are parts: add adds a block to dst and to s.total. The result is the sum
// of the totals.
func (g *grower) sumBlocks(ctx context.Context, hist []entry, parts, n int, add func(s *summer, dst []entry, block int)) (entry, error) {
	clear(hist)
	var next atomic.Int64
	err := models.Parallel(ctx, parts, parts, func(t int) error {
		s := g.summers[t]
		s.prepare(g.data.groups, g.fixed.packed)
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
			add(s, dst, k)
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
	for len(rows) > 0 {
		n := min(len(rows), chunkRows)
		g.sumChunk(s, rows[:n], rows[n:min(len(rows), n+chunkRows)])
		rows = rows[n:]
	}
	g.drain(s, dst)
}

// sumChunk adds at most chunkRows rows to the sums in s; next are the rows
// after them.
func (g *grower) sumChunk(s *summer, rows, next []uint32) {
	first := 0 // the group in s.words[0]
	last := g.load(s, rows)
	for {
		soon := kernel.Ahead{Data: g.data.rows, Rows: next, Stride: g.data.stride}
		if last < g.data.groups {
			soon.Data, soon.Rows = g.data.rows[1+last:], rows
		}
		for group := first; group < last; group++ {
			g.add(s, group, s.words[group-first][:len(rows)], 1, soon.Part(group-first, last-first))
		}
		if last == g.data.groups {
			return
		}
		first, last = last, min(last+groupsAtOnce, g.data.groups)
		g.gather(s, rows, first, last)
	}
}

// add adds the values in s to the bins of a group, where every stride-th word
// belongs to a row, and fetches words to be read soon.
func (g *grower) add(s *summer, group int, words []uint64, stride int, soon kernel.Ahead) {
	if !g.activeGroup[group] {
		return
	}
	width, values := g.data.width(group), s.values[:(len(words)+stride-1)/stride]
	switch {
	case !g.fixed.packed:
		s.pairs[group].add(words, stride, values, width)
	case width > 4:
		kernel.Add8((*kernel.Sums)(&s.packed[group]), words, stride, values, soon)
	default:
		kernel.Add4((*kernel.Sums)(&s.packed[group]), words, stride, values, soon)
	}
}

// drain adds the sums in s to dst and clears them.
func (g *grower) drain(s *summer, dst []entry) {
	for group, active := range g.activeGroup {
		if !active {
			continue
		}
		width := g.data.width(group)
		for j := range width {
			part := g.data.histogramOf(dst, group*groupSize+j)
			if g.fixed.packed {
				s.packed[group].drain(j, part)
			} else {
				s.pairs[group].drain(j, part)
			}
		}
		if g.fixed.packed {
			for j := width; j < groupSize; j++ {
				s.packed[group][j][0] = 0 // where the columns that a group lacks were added
			}
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
