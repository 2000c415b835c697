package csvio

import (
	"bytes"
	"math/bits"

	"github.com/quintile-dev/quintile/datasets/csvio/internal/index"
)

// marks holds the ends of the fields of a block with quotes. A block is scanned
// once: Next needs the quoting to find the last record, and leaves the marks
// for Decode.
type marks struct {
	ends []uint64     // bit i%64 of word i/64: byte i of the block ends a field
	seen []index.Seen // by stretch
	open bool         // the block ends inside quotes
}

// find marks data, whole blocks of 64 bytes that start with a record. If a quote
// is at a forbidden place, the result is false and the marks are invalid.
func (m *marks) find(s syntax, data []byte) bool {
	m.ends = resize(m.ends, len(data)/index.Block)
	m.seen = m.seen[:0]
	q := index.AtRecord()
	for from := 0; from < len(data); from += stretch {
		to := min(from+stretch, len(data))
		ends := m.ends[from/index.Block : to/index.Block]
		q.Seen = index.Seen{}
		if !q.Ends(ends, data[from:to], s.delim, s.newline) {
			endsByWords(&q, ends, data[from:to], s.delim, s.newline)
		}
		if q.Wrong != 0 {
			return false
		}
		m.seen = append(m.seen, q.Seen)
	}
	m.open = q.Inside != 0
	return true
}

// cut removes the marks after the last record of data, and returns the end of
// that record and the number of lines up to the end; 0 if no record ends.
func (m *marks) cut(data []byte, newline byte) (end, lines int) {
	w := len(m.ends) - 1
	for ; w >= 0 && end == 0; w-- {
		for ends := m.ends[w]; ends != 0 && end == 0; {
			last := 63 - bits.LeadingZeros64(ends)
			if i := w*index.Block + last; data[i] == newline {
				end = i + 1
				m.ends[w] = ends
			}
			ends &^= 1 << last
		}
	}
	for _, seen := range m.seen {
		lines += seen.Lines
	}
	lines -= bytes.Count(data[end:len(m.ends)*index.Block], []byte{newline})
	m.ends = m.ends[:w+1+min(end, 1)]
	m.seen = m.seen[:(end+stretch-1)/stretch]
	m.open = false
	return end, lines
}

// endsByWords is index.Quotes.Ends for any machine, except that white space is
// allowed everywhere.
func endsByWords(q *index.Quotes, ends []uint64, data []byte, delim, newline byte) {
	d, l := ones*uint64(delim), ones*uint64(newline)
	for i := range ends {
		ends[i] = step(q, (*[64]byte)(data[i*index.Block:]), d, l)
	}
	q.Padded = 1
	if !ascii(data) {
		q.Wide = 1
	}
}

// step returns the ends of fields among the next 64 bytes.
func step(q *index.Quotes, p *[64]byte, delim, newline uint64) uint64 {
	const quote, cr = ones * '"', ones * '\r'
	lines := matches(p, newline)
	ends := matches(p, delim) | lines
	marks := matches(p, quote)
	q.Lines += bits.OnesCount64(lines)
	if marks|q.Inside|q.Closer|q.CR == 0 {
		q.Records += bits.OnesCount64(lines)
		q.Opener = ends >> 63
		return ends
	}
	inside := marks // then: bit i is the parity of the quotes up to i
	inside ^= inside << 1
	inside ^= inside << 2
	inside ^= inside << 4
	inside ^= inside << 8
	inside ^= inside << 16
	inside ^= inside << 32
	inside ^= q.Inside
	opens, closes := marks&inside, marks&^inside

	before := (ends|marks)<<1 | q.Opener
	after := closes<<1 | q.Closer
	q.Wrong |= opens &^ before // a quote inside an unquoted field
	var crs uint64
	if text := after &^ (ends | marks); text|q.CR != 0 {
		crs = text & matches(p, cr)
		q.Wrong |= text &^ crs              // text after a closing quote
		q.Wrong |= (crs<<1 | q.CR) &^ lines // a CR there that ends no line
	}
	q.Marks |= marks
	q.Doubled |= opens & after
	q.Embedded |= lines & inside
	q.Records += bits.OnesCount64(lines &^ inside)
	q.Inside = uint64(int64(inside) >> 63)
	q.Opener = (ends | marks) >> 63
	q.Closer = closes >> 63
	q.CR = crs >> 63
	return ends &^ inside
}

// indexMarked writes to pos the positions of the bits of ends, where the first
// bit is position base, and returns the number of positions. Pos must have
// capacity for 64 more.
func indexMarked(pos []uint32, ends []uint64, base int) int {
	if n, ok := index.Positions(pos, ends, base); ok {
		return n
	}
	n := 0
	for i, m := range ends {
		n = positions(pos, n, base+i*index.Block, m)
	}
	return n
}
