package sorting

import "slices"

// sortPlain is Sort without assembler.
func (s *Sorter) sortPlain() {
	for at := 0; at < len(s.rows); at += leaf {
		sortLeaf((*[leaf]Row)(s.rows[at:]))
	}
	if n := len(s.rows); n > leaf {
		s.scratch = slices.Grow(s.scratch[:0], 2*n)[:2*n]
		for column := range len(Row{}) {
			s.mergeLeaves(column)
		}
	}
}

// mergeLeaves sorts a column whose leaves are sorted.
func (s *Sorter) mergeLeaves(column int) {
	rows, n := s.rows, len(s.rows)
	from, to := s.scratch[:n], s.scratch[n:]
	for i := range rows {
		from[i] = rows[i][column]
	}
	for m := leaf; m < n; m *= 2 {
		for at := 0; at < n; at += 2 * m {
			mergeHalves(to[at:at+2*m], from[at:at+2*m])
		}
		from, to = to, from
	}
	for i := range rows {
		rows[i][column] = from[i]
	}
}

// sortLeaf sorts each column by the network of 19 comparisons in six layers, as
// few as can be.
func sortLeaf(rows *[leaf]Row) {
	for column := range len(Row{}) {
		a, b, c, d := rows[0][column], rows[1][column], rows[2][column], rows[3][column]
		e, f, g, h := rows[4][column], rows[5][column], rows[6][column], rows[7][column]

		a, c = min(a, c), max(a, c)
		b, d = min(b, d), max(b, d)
		e, g = min(e, g), max(e, g)
		f, h = min(f, h), max(f, h)

		a, e = min(a, e), max(a, e)
		b, f = min(b, f), max(b, f)
		c, g = min(c, g), max(c, g)
		d, h = min(d, h), max(d, h)

		a, b = min(a, b), max(a, b)
		c, d = min(c, d), max(c, d)
		e, f = min(e, f), max(e, f)
		g, h = min(g, h), max(g, h)

		c, e = min(c, e), max(c, e)
		d, f = min(d, f), max(d, f)

		b, e = min(b, e), max(b, e)
		d, g = min(d, g), max(d, g)

		b, c = min(b, c), max(b, c)
		d, e = min(d, e), max(d, e)
		f, g = min(f, g), max(f, g)

		rows[0][column], rows[1][column], rows[2][column], rows[3][column] = a, b, c, d
		rows[4][column], rows[5][column], rows[6][column], rows[7][column] = e, f, g, h
	}
}

// mergeHalves sets dst to the two sorted halves of src, merged. Half of the steps go
// up from the smallest values, half down from the largest: neither way can pass
// the end of a half of src, so that nothing need be checked.
func mergeHalves(dst, src []int64) {
	m := len(src) / 2
	low, high := src[:m], src[m:][:m]
	up, down := dst[:m], dst[m:][:m]
	fromLow, fromHigh := 0, 0     // values taken on the way up
	backLow, backHigh := m-1, m-1 // values next on the way down
	for i := range up {
		x, y := low[fromLow], high[fromHigh]
		up[i] = min(x, y)
		taken := 0
		if y < x {
			taken = 1
		}
		fromHigh += taken
		fromLow = i + 1 - fromHigh

		x, y = low[backLow], high[backHigh]
		down[m-1-i] = max(x, y)
		taken = 0
		if x > y {
			taken = 1
		}
		backLow -= taken
		backHigh = 2*m - 3 - i - backLow
	}
}
