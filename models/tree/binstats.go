package tree

// binStats holds the mass of one column of a node by bin, ready to be swept.
type binStats struct {
	width   int
	present bitset // bins that have rows
	rows    [256]uint32
	mass    []float64 // 256 × width
}

func newBinStats(width int) *binStats {
	return &binStats{width: width, mass: make([]float64, 256*width)}
}

func (b *binStats) massOf(bin int) []float64 {
	return b.mass[bin*b.width:][:b.width]
}

// reset empties the bins in use.
func (b *binStats) reset() {
	for bin := range b.present.all() {
		b.rows[bin] = 0
		clear(b.massOf(bin))
	}
	b.present = bitset{}
}

// takeHistogram fills b, which is empty, from binned column p of h.
func (b *binStats) takeHistogram(s *sample, l *layout, h *histogram, p int) {
	count, bins := h.countOf(l, p), s.columns[l.binned[p]].bins
	if s.unit() {
		for k := range s.classes {
			class := count[256*k:][:256]
			for bin := range bins {
				b.takeCount(bin, k, class[bin])
			}
			b.takeCount(missingCode, k, class[missingCode])
		}
		return
	}
	mass := h.massOf(l, p)
	for bin, n := range count {
		if n > 0 {
			b.present.add(bin)
			b.rows[bin] = n
			copy(b.massOf(bin), mass[bin*b.width:])
		}
	}
}

func (b *binStats) takeCount(bin, class int, n uint32) {
	if n > 0 {
		b.present.add(bin)
		b.rows[bin] += n
		b.mass[bin*b.width+class] = float64(n)
	}
}

// takeRows fills b, which is empty, from the rows of a node.
func (b *binStats) takeRows(s *sample, j int, rows []uint32) {
	codes := s.columns[j].codes
	for _, r := range rows {
		bin, w := int(codes[r]), s.weightOf(r)
		b.present.add(bin)
		b.rows[bin]++
		m := b.massOf(bin)
		if s.classes > 0 {
			m[s.class[r]] += w
		} else {
			m[0] += w
			m[1] += float64(w * s.value[r])
		}
	}
}
