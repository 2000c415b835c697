package ingest

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
