package index

// Quotes is the state of the quoting between one block and the next, and the
// findings since Seen was last cleared. AtRecord is the state where a record
// starts. The assembler knows the order of the fields.
type Quotes struct {
	Inside uint64 // all ones inside a quoted field, else 0
	Opener uint64 // 1 if the byte before is a delimiter, a newline or a quote
	Closer uint64 // 1 if the byte before closes a quoted field
	CR     uint64 // 1 if the byte before is a CR after a closing quote
	Tip    uint64 // 1 if the byte before ends a field or is a quote
	Blank  uint64 // 1 if the byte before is white space that ends no field
	Seen
}

// Seen holds the findings; a field that is no number is zero if the finding is
// absent.
type Seen struct {
	Wrong    uint64 // quotes stand where the syntax allows none
	Marks    uint64 // quotes
	Doubled  uint64 // doubled quotes inside quotes
	Embedded uint64 // newlines inside quotes
	Padded   uint64 // white space, or a control character, next to the end of a field or a quote
	Wide     uint64 // bytes beyond ASCII
	Lines    int    // newlines
	Records  int    // newlines outside quotes
}

// AtRecord returns the state where a record starts.
func AtRecord() Quotes { return Quotes{Opener: 1, Tip: 1} }

// Or returns the findings of either; the numbers are the numbers of s.
func (s Seen) Or(other Seen) Seen {
	s.Wrong |= other.Wrong
	s.Marks |= other.Marks
	s.Doubled |= other.Doubled
	s.Embedded |= other.Embedded
	s.Padded |= other.Padded
	s.Wide |= other.Wide
	return s
}

// Ends sets bit i%64 of ends[i/64] if data[i] ends a field: a delimiter or a
// newline outside quotes. Data are whole blocks, at least one. A quote opens at
// the beginning of a field. A quote elsewhere is wrong unless it is doubled
// inside quotes, or stands before the end of a field or before the CR of a CR
// LF. The bits after a wrong quote are invalid. On machines without the
// necessary instructions, Ends does nothing and returns false.
func (q *Quotes) Ends(ends []uint64, data []byte, delim, newline byte) bool {
	if !Fast() {
		return false
	}
	blocks := len(data) / Block
	_ = ends[blocks-1]
	quotedEnds(q, ends, data, blocks, delim, newline)
	return true
}

// Positions writes to pos the positions of the bits of ends, where the first
// bit is position base, and returns the number of positions. Pos must have
// capacity for Slack more. On machines without the necessary instructions,
// Positions does nothing and returns false.
func Positions(pos []uint32, ends []uint64, base int) (n int, ok bool) {
	if !Fast() || len(ends) == 0 {
		return 0, Fast()
	}
	_ = pos[len(ends)*Block+Slack-1]
	return positions(pos, ends, base), true
}
