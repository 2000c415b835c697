package ingest

// erase drops the rows of customers of whom nothing may be kept, before anything else of them is
// looked at, and counts them.
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

// addFaults takes over the faults of the frame, whose rows could not be cut into cells. Where there
// are erased customers, what was found in such a row is not told: whose it is cannot be known.
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
