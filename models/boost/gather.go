package boost

// The rows of a leaf lie scattered over the data. What a histogram needs of a
// block of them is first copied together: a loop that does no more than that
// keeps many cache misses in flight, and adding up right there was measured to be
// up to ten times as slow.

// groupsAtOnce is the number of groups whose words are gathered together.
const groupsAtOnce = 4

// load sets s.values to the gradients of rows, ready for adding up, and s.words
// to the words of the first groups, of which it returns the number. It adds the
// exact sum of the rows to s.total.
func (g *grower) load(s *summer, rows []uint32) (groups int) {
	values := s.values[:len(rows)]
	groups = min(g.data.groups, 3)
	if groups == 3 {
		s.total.add(load3(values, &s.words, g.data.rows, rows, g.data.stride))
	} else {
		s.total.add(load0(values, g.data.rows, rows, g.data.stride))
		g.gather(s, rows, 0, groups)
	}
	if g.fixed.packed {
		for i, v := range values {
			values[i] = packPair(v)
		}
	}
	return groups
}

// load0 sets values to the pairs of rows and returns their sum.
func load0(values, data []uint64, rows []uint32, stride int) (total entry) {
	values = values[:len(rows)]
	for i, r := range rows {
		v := data[int(r)*stride]
		values[i] = v
		g, h := unpackPair(v)
		total.g += g
		total.h += h
	}
	return total
}

// load3 is load0 with the words of the first three groups.
func load3(values []uint64, words *[groupsAtOnce][blockRows]uint64, data []uint64, rows []uint32, stride int) (total entry) {
	values = values[:len(rows)]
	a, b, c := words[0][:len(rows)], words[1][:len(rows)], words[2][:len(rows)]
	for i, r := range rows {
		w := (*[4]uint64)(data[int(r)*stride:])
		v := w[0]
		values[i], a[i], b[i], c[i] = v, w[1], w[2], w[3]
		g, h := unpackPair(v)
		total.g += g
		total.h += h
	}
	return total
}

// gather copies the words of rows, of groups first to last (excluded), to
// s.words.
func (g *grower) gather(s *summer, rows []uint32, first, last int) {
	data, stride := g.data.rows[1+first:], g.data.stride
	if last-first == groupsAtOnce {
		gather4(&s.words, data, rows, stride)
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

func gather4(dst *[groupsAtOnce][blockRows]uint64, data []uint64, rows []uint32, stride int) {
	a, b, c, d := dst[0][:len(rows)], dst[1][:len(rows)], dst[2][:len(rows)], dst[3][:len(rows)]
	for i, r := range rows {
		w := (*[4]uint64)(data[int(r)*stride:])
		a[i], b[i], c[i], d[i] = w[0], w[1], w[2], w[3]
	}
}
