package tree

import "context"

// histogram holds the mass of a node by column and bin, for all columns with
// bins. For rows that are only counted, without floating point, count holds
// classes × 256 numbers a column, one run of 256 bins a class. Otherwise count
// holds the rows of each bin, and mass their mass.
type histogram struct {
	count []uint32
	mass  []float64
}

// layout says where a column is in a histogram.
type layout struct {
	binned     []int // the columns with bins
	place      []int // of each column among them
	countWidth int
	massWidth  int
	width      int // of a bin's mass
}

func newLayout(s *sample) layout {
	l := layout{width: s.width(), countWidth: 256, massWidth: 256 * s.width()}
	if s.unit() {
		l.countWidth, l.massWidth = 256*s.classes, 0
	}
	for j := range s.columns {
		l.place = append(l.place, len(l.binned))
		if s.columns[j].codes != nil {
			l.binned = append(l.binned, j)
		}
	}
	return l
}

func (l *layout) newHistogram() *histogram {
	n := len(l.binned)
	return &histogram{count: make([]uint32, n*l.countWidth), mass: make([]float64, n*l.massWidth)}
}

// bytesOrOne is the size of a histogram, or 1 if it has none: to divide by.
func (l *layout) bytesOrOne() int {
	return max(1, len(l.binned)*(4*l.countWidth+8*l.massWidth))
}

func (h *histogram) countOf(l *layout, p int) []uint32 {
	return h.count[p*l.countWidth:][:l.countWidth]
}

func (h *histogram) massOf(l *layout, p int) []float64 {
	return h.mass[p*l.massWidth:][:l.massWidth]
}

// subtract takes o, the histogram of a child, off h: the remainder is the
// histogram of the second child.
func (h *histogram) subtract(o *histogram) {
	for i, c := range o.count {
		h.count[i] -= c
	}
	for i, m := range o.mass {
		h.mass[i] -= m
	}
}

// lanes hold the targets of the rows of each node in the order of rows, so that
// a target is looked up once per node, not once per column.
type lanes struct {
	class  []uint32  // counted rows: class << 8
	weight []float64 // weighted classes and regression with weights
	value  []float64 // regression: weight × target
}

func newLanes(s *sample) lanes {
	n := len(s.rows)
	var l lanes
	if s.classes > 0 {
		l.class = make([]uint32, n)
	} else {
		l.value = make([]float64, n)
	}
	if s.weight != nil {
		l.weight = make([]float64, n)
	}
	return l
}

// load fills the lanes from place lo on with the targets of rows.
func (l *lanes) load(s *sample, rows []uint32, lo int) {
	if s.classes > 0 {
		class := l.class[lo:][:len(rows)]
		for i, r := range rows {
			class[i] = uint32(s.class[r]) << 8
		}
	} else {
		value := l.value[lo:][:len(rows)]
		for i, r := range rows {
			value[i] = float64(s.weightOf(r) * s.value[r])
		}
	}
	if s.weight != nil {
		weight := l.weight[lo:][:len(rows)]
		for i, r := range rows {
			weight[i] = s.weight[r]
		}
	}
}

// fillPair adds rows to the histograms of the binned columns p and p+1 (if
// there is one). The lanes hold the rows' targets from place lo on.
func (h *histogram) fillPair(ctx context.Context, s *sample, l *layout, p int, rows []uint32, ln *lanes, lo int) error {
	last := min(p+2, len(l.binned))
	for q := p; q < last; q++ {
		clear(h.countOf(l, q))
		clear(h.massOf(l, q))
	}
	for from := 0; from < len(rows); from += breathe {
		if err := ctx.Err(); err != nil {
			return err
		}
		to := min(from+breathe, len(rows))
		block, at := rows[from:to], lo+from
		if s.unit() && last == p+2 {
			countPair(h.countOf(l, p), h.countOf(l, p+1), s.columns[l.binned[p]].codes, s.columns[l.binned[p+1]].codes, block, ln.class[at:])
			continue
		}
		for q := p; q < last; q++ {
			h.fill(s, l, q, block, ln, at)
		}
	}
	return nil
}

// fill adds rows to the histogram of binned column p.
func (h *histogram) fill(s *sample, l *layout, p int, rows []uint32, ln *lanes, at int) {
	codes, count, mass := s.columns[l.binned[p]].codes, h.countOf(l, p), h.massOf(l, p)
	switch {
	case s.unit():
		countOne(count, codes, rows, ln.class[at:])
	case s.classes > 0:
		weighClasses(count, mass, s.classes, codes, rows, ln.class[at:], ln.weight[at:])
	case s.weight != nil:
		weighValues(count, mass, codes, rows, ln.weight[at:], ln.value[at:])
	default:
		sumValues(count, mass, codes, rows, ln.value[at:])
	}
}

// countPair counts the rows of two columns at once, so that rows and classes
// are read only once.
func countPair(h0, h1 []uint32, codes0, codes1 []uint8, rows, class []uint32) {
	class = class[:len(rows)]
	for i, r := range rows {
		k := class[i]
		h0[k|uint32(codes0[r])]++
		h1[k|uint32(codes1[r])]++
	}
}

func countOne(h []uint32, codes []uint8, rows, class []uint32) {
	class = class[:len(rows)]
	for i, r := range rows {
		h[class[i]|uint32(codes[r])]++
	}
}

func weighClasses(count []uint32, mass []float64, classes int, codes []uint8, rows, class []uint32, weight []float64) {
	class, weight = class[:len(rows)], weight[:len(rows)]
	for i, r := range rows {
		b := int(codes[r])
		count[b]++
		mass[b*classes+int(class[i]>>8)] += weight[i]
	}
}

func weighValues(count []uint32, mass []float64, codes []uint8, rows []uint32, weight, value []float64) {
	weight, value = weight[:len(rows)], value[:len(rows)]
	for i, r := range rows {
		b := int(codes[r])
		count[b]++
		mass[2*b] += weight[i]
		mass[2*b+1] += value[i]
	}
}

// sumValues is weighValues where every weight is 1.
func sumValues(count []uint32, mass []float64, codes []uint8, rows []uint32, value []float64) {
	value = value[:len(rows)]
	for i, r := range rows {
		b := int(codes[r])
		count[b]++
		mass[2*b]++
		mass[2*b+1] += value[i]
	}
}
