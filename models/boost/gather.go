package boost

import "github.com/quintile-dev/quintile/models/boost/internal/kernel"

// The rows of a leaf are scattered over the data. The words needed for the
// histogram of a block of rows are therefore first copied together: a loop of
// copies alone keeps many cache misses in flight, while adding up in the same
// loop was measured to be up to ten times slower.

// groupsAtOnce is the number of groups whose words are gathered together.
const groupsAtOnce = 4

// load sets s.values to the gradients of rows, ready for adding up, and s.words
// to the words of the first groups, and returns the number of these groups. The
// exact sum of the rows is added to s.total.
func (g *grower) load(s *summer, rows []uint32) (groups int) {
	values := s.values[:len(rows)]
	groups = min(g.data.groups, 3)
	if w := &s.words; groups == 3 {
		kernel.Gather4(values, w[0][:], w[1][:], w[2][:], g.data.rows, rows, g.data.stride)
	} else {
		gather1(values, g.data.rows, rows, g.data.stride)
		g.gather(s, rows, 0, groups)
	}
	g.total(s, values)
	return groups
}

// total adds pairs to s.total and makes them ready for adding up by bins.
func (g *grower) total(s *summer, pairs []uint64) {
	if g.fixed.packed {
		gr, h := kernel.Pack(pairs)
		s.total.add(entry{gr, h})
		return
	}
	for _, v := range pairs {
		gr, h := unpackPair(v)
		s.total.g += gr
		s.total.h += h
	}
}

// gather copies the words of rows, of groups first to last (excluded), to
// s.words.
func (g *grower) gather(s *summer, rows []uint32, first, last int) {
	data, stride := g.data.rows[1+first:], g.data.stride
	if last-first == groupsAtOnce {
		w := &s.words
		kernel.Gather4(w[0][:], w[1][:], w[2][:], w[3][:], data, rows, stride)
		return
	}
	for k := range last - first {
		gather1(s.words[k][:len(rows)], data[k:], rows, stride)
	}
}

func gather1(dst, data []uint64, rows []uint32, stride int) {
	dst = dst[:len(rows)]
	for i, r := range rows {
		dst[i] = data[int(r)*stride]
	}
}
