package csvio

import (
	"bytes"

	"github.com/quintile-dev/quintile/datasets/csvio/internal/index"
)

// quoted decodes a block with quotes. The result is false if a quote is a
// fault, or if one batch cannot hold the faults.
func (d *decoder) quoted() bool {
	m := d.p.marks
	sound := m != nil && !d.recoded
	if m == nil {
		m = d.p.r.memory.takeMarks()
	}
	if !sound {
		blocks := (len(d.data) + index.Block - 1) / index.Block
		sound = m.find(d.syn, d.data[:blocks*index.Block])
	}
	sound = sound && !m.open && d.marked(m)
	d.p.marks = nil
	d.p.r.memory.giveMarks(m, d.p.r.opts.BlockSize)
	return sound
}

// marked decodes a block with marked fields. The result is false if a record is
// too long, or if the faults are too many.
func (d *decoder) marked(m *marks) bool {
	start, carried := 0, 0
	var late index.Seen // in the record that is not complete
	for i, seen := range m.seen {
		from := i * stretch
		to := min(from+stretch, len(d.data))
		if to-start > maxRecord {
			return false
		}
		d.pos = resize(d.pos, carried+stretch+pad)
		n := indexMarked(d.pos[carried:], m.ends[from/index.Block:(to+index.Block-1)/index.Block], from)
		all := seen.Or(late)
		d.see(all)
		next, rest := d.assemble(carried+n, seen.Records, start)
		if late = all; next > start {
			late = seen
		}
		start, carried = next, rest
		if len(d.faults) > d.most {
			return false
		}
	}
	return true
}

// see notes what the next records may hold.
func (d *decoder) see(seen index.Seen) {
	d.wide, d.blanks = seen.Wide != 0, seen.Padded != 0
	d.quotes, d.doubled, d.embedded = seen.Marks != 0, seen.Doubled != 0, seen.Embedded != 0
}

// unquote takes the quotes off the texts.
func (d *decoder) unquote(starts, ends []uint32) {
	data := d.data
	ends = ends[:len(starts)]
	if d.doubled {
		for r, start := range starts {
			if data[start] == '"' {
				starts[r], ends[r] = d.undouble(start+1, ends[r]-1)
			}
		}
		return
	}
	for r, start := range starts {
		var quote uint32 // without a branch: which texts are in quotes is hard to foresee
		if data[start] == '"' {
			quote = 1
		}
		starts[r] = start + quote
		ends[r] -= quote
	}
}

// undouble returns where the text data[start:end] stands with its doubled
// quotes made single.
func (d *decoder) undouble(start, end uint32) (uint32, uint32) {
	if bytes.IndexByte(d.data[start:end], '"') < 0 && !d.syn.hasEscape(d.data[start:end]) {
		return start, end
	}
	if d.side == nil {
		d.side = d.data[:len(d.data)+pad]
	}
	from := len(d.side)
	d.side = d.syn.single(d.side, d.data[start:end])
	return uint32(from), uint32(len(d.side))
}

// appendUndoubled appends text to dst, each doubled quote as one.
func appendUndoubled(dst, text []byte) []byte {
	for {
		i := bytes.IndexByte(text, '"')
		if i < 0 {
			return append(dst, text...)
		}
		dst = append(dst, text[:i+1]...)
		text = text[i+2:]
	}
}
