package ingest

import "sort"

// together returns how many of the rows, from the first, are best read in one
// pass with the rows between: all rows, if few rows are between.
func together(rows []uint32) int {
	if last := len(rows) - 1; int(rows[last]-rows[0]) <= 2*last {
		return len(rows)
	}
	return int(consecutive(rows))
}

// before returns how many of the rows come before row at. Rows ascend.
func before(rows []uint32, at uint32) int {
	n := len(rows)
	if n == 0 || at > rows[n-1] {
		return n
	}
	if at <= rows[0] {
		return 0
	}
	most := min(int(at-rows[0]), n-1) // as many, if none are left out
	if rows[most] == at {
		return most
	}
	return sort.Search(most, func(k int) bool { return rows[k] >= at })
}

// consecutive returns how many of the rows, from the first, follow one another
// without a gap. Rows ascend; there is at least one.
func consecutive(rows []uint32) uint32 {
	if last := len(rows) - 1; int(rows[last]-rows[0]) == last {
		return uint32(len(rows))
	}
	near := 1
	for int(rows[near]-rows[0]) == near {
		near *= 2
		if near >= len(rows) {
			near = len(rows) - 1
		}
	}
	return uint32(sort.Search(near, func(k int) bool { return int(rows[k]-rows[0]) != k }))
}

// erase drops the rows of erased customers, before any other part of the rows is looked at, and
// counts them.
func (w *mapper) erase() {
	erased := w.m.source.Erased
	if erased == nil {
		return
	}
	c, kept := w.column(Customer), w.rows[:0]
	for _, i := range w.rows {
		if !erased(w.textOf(c, i)) {
			kept = append(kept, i)
		}
	}
	w.counts.setAside[len(w.m.rules)+erasedCount] += int64(len(w.rows) - len(kept))
	w.rows = kept
}

// addFaults takes over the faults of the frame: rows that could not be cut into cells. Where
// customers are erased, the contents of such a row are hidden, as the customer of the row is
// unknown.
func (w *mapper) addFaults() {
	from := len(w.counts.faults)
	w.counts.faults = append(w.counts.faults, w.frame.Faults...)
	if w.m.source.Erased == nil {
		return
	}
	for i := range w.counts.faults[from:] {
		w.counts.faults[from+i].Got = ""
	}
}

// erased reports whether an id of a row of a table is of a customer of whom nothing may be kept.
func (s *Source) erased(id []byte) bool { return s.Erased != nil && s.Erased(id) }
