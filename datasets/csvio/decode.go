package csvio

import (
	"bytes"
	"math"
	"slices"
	"unicode/utf8"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/csvio/internal/index"
)

// stretch is how much of a block is indexed at a time, so that the positions
// stay in the first-level cache.
const stretch = 32 << 10

// part is a block of whole records. It implements datasets.Part.
type part struct {
	r      *Reader
	data   []byte // ends with a newline; nil once decoded
	quoted bool   // holds quotes that have a meaning
	marks  *marks // of data; may be nil
	line   int64  // of data[0]
	lines  int    // in data
}

// decoder decodes parts into one frame, and keeps the memory of the frame.
type decoder struct {
	p    *part
	syn  syntax
	n    int   // fields a record
	cols []int // selected

	data    []byte
	alt     []byte // memory for data decoded from a single-byte encoding
	recoded bool   // data are in alt, not in the block of p
	side    []byte // data, padding, and texts with their doubled quotes made single; nil if none
	pos     []uint32
	spans   []span
	dropped int // positions of an overlong record that are not in pos
	wide    bool
	blanks  bool // white space may stand at the ends of fields, or a CR before a line end

	quotes   bool // fields may stand in quotes
	doubled  bool // some may hold doubled quotes
	embedded bool // some may hold newlines

	starts, ends [][]uint32 // by selected column
	padded       []bool     // likewise: a text may begin or end with white space
	columns      []datasets.Column
	rows         int
	first, line  uint32 // lines of row 0 and of the next record, less that of the part
	lineOf       []uint32
	uneven       bool // row i is not on line first + i
	faults       []datasets.Fault
	most         int  // faults of a stretch
	at           int  // data up to here have been decoded
	valid        bool // all of the data are UTF-8
}

// Decode fills dst. The texts of dst point into a block that is used again for
// a later part when the next part of the same reader is decoded into dst.
func (p *part) Decode(dst *datasets.Frame) error {
	if p.data == nil {
		panic("csvio: BUG: a part decoded twice")
	}
	d := p.r.memory.decoder(dst)
	d.begin(p)
	d.decode()
	d.finish(dst)
	return nil
}

// stretchFaults bounds the faults that a stretch of a part holds: a block of short
// lines would have half a million.
const stretchFaults = 4096

// Each decodes the part as one batch, since blocks are made to fit the cache, or
// as several batches where faults are many.
func (p *part) Each(dst *datasets.Frame, do func() error) error {
	if p.data == nil {
		panic("csvio: BUG: a part decoded twice")
	}
	d := p.r.memory.decoder(dst)
	d.begin(p)
	d.most = stretchFaults
	for d.decode(); ; d.careful() {
		d.finish(dst)
		if err := do(); err != nil || d.at == len(d.data) {
			return err
		}
		d.resume()
	}
}

// decode decodes the block, or its beginning where there are more faults than a
// stretch may have.
func (d *decoder) decode() {
	switch {
	case d.syn.delim == Whitespace, !d.syn.plain():
		d.careful()
	case !d.p.quoted && d.plain(), d.p.quoted && d.quoted():
		d.at = len(d.data)
	default:
		d.restart()
		d.careful()
	}
}

// resume makes room for the next stretch of the block.
func (d *decoder) resume() {
	d.lineOf, d.faults = d.lineOf[:0], d.faults[:0]
	d.rows, d.first, d.uneven = 0, 0, false
	clear(d.padded)
}

// begin takes over the block of p and gives back the one before.
func (d *decoder) begin(p *part) {
	r := p.r
	if d.p != nil {
		r.memory.give(d.p.data, r.opts.BlockSize)
	}
	own := *p
	p.data, p.marks = nil, nil
	d.p, d.syn, d.n, d.cols = &own, r.syn, len(r.fields), r.selected
	d.data, d.most = own.data, math.MaxInt
	d.recoded = r.table != nil && !ascii(d.data)
	if d.recoded {
		d.alt = r.table.appendTo(d.alt[:0], d.data)
		d.data = d.alt
	}
	n := len(d.data)
	d.data = slices.Grow(d.data, pad)
	clear(d.data[n : n+pad])
	if d.recoded {
		d.alt = d.data
	}
	d.restart()
}

// restart makes room for all rows and forgets those of an earlier attempt.
func (d *decoder) restart() {
	// A record has at least one byte for each of its fields.
	room := min(d.p.lines, len(d.data)/max(d.n, 1)+1)
	d.starts = resize(d.starts, len(d.cols))
	d.ends = resize(d.ends, len(d.cols))
	d.padded = resize(d.padded, len(d.cols))
	for i := range d.cols {
		d.starts[i] = resize(d.starts[i], room)
		d.ends[i] = resize(d.ends[i], room)
		d.padded[i] = false
	}
	d.side, d.lineOf, d.faults = nil, d.lineOf[:0], d.faults[:0]
	d.rows, d.first, d.line, d.dropped, d.at = 0, 0, 0, 0, 0
	d.uneven = false
	d.see(index.Seen{})
}

func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return append(s[:cap(s)], make([]T, n-cap(s))...)
	}
	return s[:n]
}

// plain decodes a block without quotes. The result is false if one batch cannot
// hold the faults.
func (d *decoder) plain() bool {
	data := d.data[:len(d.data)+pad]
	start, carried := 0, 0
	for from := 0; from < len(d.data); from += stretch {
		to := min(from+stretch, len(d.data))
		d.pos = resize(d.pos, carried+stretch+pad)
		f := indexPlain(d.pos[carried:], data, from, to, d.syn.delim, d.syn.newline)
		d.wide = d.wide || f.Wide
		d.blanks = d.blanks || f.Padded
		start, carried = d.assemble(carried+f.Fields, f.Lines, start)
		if len(d.faults) > d.most {
			return false
		}
	}
	return true
}

// assemble makes rows of the first n positions, with lines newlines among them;
// the first record starts at start. The positions of an incomplete last record
// are moved to the front; the result is the start of that record and its number
// of positions so far.
func (d *decoder) assemble(n, lines, start int) (next, carried int) {
	pos := d.pos[:n]
	if whole := n - n%d.n; whole > 0 && d.allRegular(pos, lines) {
		d.run(pos[:whole], start)
		start = int(pos[whole-1]) + 1
		pos = pos[whole:]
	}
	for len(pos) > 0 {
		run := d.regular(pos, start)
		if run > 0 {
			d.run(pos[:run], start)
			start = int(pos[run-1]) + 1
			pos = pos[run:]
			continue
		}
		end := slices.IndexFunc(pos, func(p uint32) bool { return d.data[p] == d.syn.newline })
		if end < 0 {
			break
		}
		d.irregular(start, int(pos[end]), d.dropped+end+1)
		d.dropped = 0
		start = int(pos[end]) + 1
		pos = pos[end+1:]
	}
	carried = copy(d.pos, pos)
	if carried > d.n { // too many fields already: their number is enough
		d.dropped += carried - d.n
		carried = d.n
	}
	return start, carried
}

// allRegular reports whether the positions, with lines newlines among them,
// obviously form whole records of the right number of fields, plus the beginning
// of another: newlines occur at exactly the expected places.
func (d *decoder) allRegular(pos []uint32, lines int) bool {
	n := d.n
	if n == 1 || d.dropped > 0 || lines != len(pos)/n {
		return false
	}
	for i := n - 1; i < len(pos); i += n {
		if d.data[pos[i]] != d.syn.newline {
			return false
		}
	}
	return true
}

// regular returns how many positions from the first make whole records with the
// right number of fields, in turn.
func (d *decoder) regular(pos []uint32, start int) int {
	data, newline, n := d.data, d.syn.newline, d.n
	if d.dropped > 0 {
		return 0
	}
	i := 0
	for ; i+n <= len(pos); i += n {
		row := pos[i : i+n]
		last := row[n-1]
		if data[last] != newline {
			return i
		}
		for _, p := range row[:n-1] {
			if data[p] == newline {
				return i
			}
		}
		if n == 1 {
			if d.syn.trim(data, start, int(last)) == start {
				return i
			}
			start = int(last) + 1
		}
	}
	return i
}

// run adds regular records.
func (d *decoder) run(pos []uint32, start int) {
	end := int(pos[len(pos)-1]) + 1
	if !d.wide || utf8.Valid(d.data[start:end]) {
		d.placeAll(pos, start)
		d.fill(pos, start)
		return
	}
	for ; len(pos) > 0; pos = pos[d.n:] {
		end := int(pos[d.n-1]) + 1
		record := d.data[start:end]
		if d.wide && !utf8.Valid(record) {
			d.badText(start, end)
		} else {
			d.place(d.rows, 1)
			d.fill(pos[:d.n], start)
		}
		d.line += d.newlines(record)
		start = end
	}
}

func (d *decoder) newlines(record []byte) uint32 {
	if !d.embedded {
		return 1
	}
	return uint32(bytes.Count(record, []byte{d.syn.newline}))
}

// irregular takes an empty line, or reports a record with the wrong number of
// fields, which ends at data[end].
func (d *decoder) irregular(start, end, fields int) {
	if d.syn.trim(d.data, start, end) > start {
		d.wrongCount(start, end, fields)
	}
	d.line += d.newlines(d.data[start : end+1])
}

// fill adds regular records to the columns.
func (d *decoder) fill(pos []uint32, start int) {
	n, rows := d.n, len(pos)/d.n
	for i, c := range d.cols {
		starts := d.starts[i][d.rows : d.rows+rows]
		ends := d.ends[i][d.rows : d.rows+rows]
		if c == 0 {
			starts[0] = uint32(start)
			ends[0] = pos[0]
			for k, r := n, 1; r < len(starts) && r < len(ends); r++ {
				starts[r] = pos[k-1] + 1
				ends[r] = pos[k]
				k += n
			}
		} else {
			for k, r := c, 0; r < len(starts) && r < len(ends); r++ {
				starts[r] = pos[k-1] + 1
				ends[r] = pos[k]
				k += n
			}
		}
		if c == n-1 && d.syn.newline == '\n' && d.blanks {
			dropReturns(d.data, starts, ends)
		}
		if d.quotes {
			d.unquote(starts, ends)
		}
		d.padded[i] = d.padded[i] || d.blanks && padded(d.texts(), starts, ends)
	}
	d.rows += rows
}

// texts returns the bytes that the positions of texts so far refer to.
func (d *decoder) texts() []byte {
	if d.side != nil {
		return d.side
	}
	return d.data
}

// padded reports whether a text begins or ends with white space.
func padded(data []byte, starts, ends []uint32) bool {
	ends = ends[:len(starts)]
	for r, start := range starts {
		if end := ends[r]; start < end && (data[start] <= ' ' || data[end-1] <= ' ') {
			return true
		}
	}
	return false
}

// dropReturns takes the CR of CR LF off the texts.
func dropReturns(data []byte, starts, ends []uint32) {
	for r, end := range ends {
		if end > starts[r] && data[end-1] == '\r' {
			ends[r]--
		}
	}
}

// placeAll notes the lines of the next rows, with the first at start and the
// ends of fields in pos, and moves on to the line after the rows.
func (d *decoder) placeAll(pos []uint32, start int) {
	rows := len(pos) / d.n
	end := int(pos[len(pos)-1]) + 1
	if !d.embedded || bytes.Count(d.data[start:end], []byte{d.syn.newline}) == rows {
		d.place(d.rows, rows)
		d.line += uint32(rows)
		return
	}
	for r := range rows {
		end := int(pos[r*d.n+d.n-1]) + 1
		d.place(d.rows+r, 1)
		d.line += d.newlines(d.data[start:end])
		start = end
	}
}

// place notes the lines of consecutive rows, beginning with row.
func (d *decoder) place(row, rows int) {
	if row == 0 {
		d.first = d.line
	}
	if !d.uneven && d.line != d.first+uint32(row) {
		d.uneven = true
		for i := range row {
			d.lineOf = append(d.lineOf, uint32(i))
		}
	}
	if d.uneven {
		for i := range rows {
			d.lineOf = append(d.lineOf, d.line-d.first+uint32(i))
		}
	}
}
