package export

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"slices"

	"github.com/cespare/xxhash/v2"

	"github.com/quintile-dev/quintile/datasets/csvio"
	"github.com/quintile-dev/quintile/datasets/table"
)

// blockRows is the number of customers written by one worker at a time.
const blockRows = 1 << 12

// hashLength is the number of digits of a hash.
const hashLength = 16

// block holds the rows of some customers as text.
type block struct {
	plan    *plan
	encoder *encoder
	ids     []byte // of the customers who are written
	idEnds  []int
	cells   []byte // what the fields of each hold
	ends    []int  // of each cell in cells
	lines   []byte // the rows as they are written, without their line ends
	lineEnd []int
	hashes  []byte // of the rows, where they are written
	scratch []byte
	left    Counts // who is not written
}

// Counts says who is written and who is not.
type Counts struct {
	Customers      int64 `json:"customers"`       // that there are
	Written        int64 `json:"written"`         // to the full file, or they would be
	Inserted       int64 `json:"inserted"`        // of these, new
	Updated        int64 `json:"updated"`         // of these, changed
	Unchanged      int64 `json:"unchanged"`       // of these, as before
	Removed        int64 `json:"removed"`         // who were written before, and are not now
	Suppressed     int64 `json:"suppressed"`      // not written: they are on the list of those who must not be
	WithoutConsent int64 `json:"without_consent"` // not written: consent is missing
	NotSelected    int64 `json:"not_selected"`    // not written: not in the groups that the job picks
	WithoutKey     int64 `json:"without_key"`     // not written: the key is missing or has not the form it must have
	SameKey        int64 `json:"same_key"`        // not written: a customer before them has their key
	Unusable       int64 `json:"unusable"`        // cells left empty, since they have not the form they must have
	NotCleared     int64 `json:"not_cleared"`     // fields that lost their value, which the system cannot be told
}

func (c *Counts) add(o *Counts) {
	c.Customers += o.Customers
	c.Suppressed += o.Suppressed
	c.WithoutConsent += o.WithoutConsent
	c.NotSelected += o.NotSelected
	c.WithoutKey += o.WithoutKey
	c.Unusable += o.Unusable
}

func (b *block) reset() {
	b.ids, b.idEnds, b.cells, b.ends = b.ids[:0], b.idEnds[:0], b.cells[:0], b.ends[:0]
	b.lines, b.lineEnd, b.hashes = b.lines[:0], b.lineEnd[:0], b.hashes[:0]
	b.left = Counts{}
}

// fill writes the customers from number from to to (excluded).
func (b *block) fill(values []table.Values, from, to int) error {
	b.reset()
	for i := from; i < to; i++ {
		b.left.Customers++
		b.scratch = appendText(b.scratch[:0], &values[b.plan.customer], i)
		if !b.passes(values, i, b.scratch) || !b.fillCells(values, i, b.scratch) {
			continue
		}
		b.ids = append(b.ids, b.scratch...)
		b.idEnds = append(b.idEnds, len(b.ids))
		n := len(b.idEnds) - 1
		line, err := b.encoder.row(func(k int) []byte { return b.cell(n, k) })
		if err != nil {
			return err
		}
		if b.plan.Profile.Ops {
			var sum [8]byte
			binary.BigEndian.PutUint64(sum[:], xxhash.Sum64(line))
			b.hashes = hex.AppendEncode(b.hashes, sum[:])
		}
		b.lines = append(b.lines, line[:len(line)-1]...)
		b.lineEnd = append(b.lineEnd, len(b.lines))
	}
	return nil
}

// passes reports whether a customer may be written.
func (b *block) passes(values []table.Values, i int, id []byte) bool {
	if b.plan.Suppressed != nil && b.plan.Suppressed(id) {
		b.left.Suppressed++
		return false
	}
	if b.plan.consent != nil && !b.open(b.plan.consent, values, i) {
		b.left.WithoutConsent++
		return false
	}
	for k := range b.plan.gates {
		if !b.open(&b.plan.gates[k], values, i) {
			b.left.NotSelected++
			return false
		}
	}
	return true
}

func (b *block) open(g *gate, values []table.Values, i int) bool {
	from := len(b.cells)
	b.cells = appendCell(b.cells, &b.plan.columns[g.at], &values[g.at], i, b.plan.Profile.Time)
	got := b.cells[from:]
	b.cells = b.cells[:from]
	return len(got) > 0 && slices.ContainsFunc(g.in, func(want string) bool { return string(got) == want })
}

// fillCells writes the cells of a customer; false where the key is missing.
func (b *block) fillCells(values []table.Values, i int, id []byte) bool {
	p := b.plan
	first, firstEnd := len(b.cells), len(b.ends)
	found := false
	for k := range p.fields {
		f := &p.fields[k]
		from := len(b.cells)
		if f.at == p.customer && p.Pseudonym != nil {
			b.cells = p.Pseudonym(b.cells, id)
		} else {
			b.cells = appendCell(b.cells, &p.columns[f.at], &values[f.at], i, p.Profile.Time)
		}
		if f.rule.Form > AsIs && len(b.cells) > from {
			end := len(b.cells)
			b.cells = f.rule.apply(b.cells, b.cells[from:end], p.PhonePrefix)
			b.cells = append(b.cells[:from], b.cells[end:]...)
			if len(b.cells) == from {
				b.left.Unusable++
			}
		}
		if len(b.cells) == from && f.text {
			b.cells = append(b.cells, p.Missing...)
		}
		if len(b.cells) > from && (f.id || k == 0 && !p.Profile.Audience) {
			found = true
		}
		b.ends = append(b.ends, len(b.cells))
	}
	if !found {
		b.left.WithoutKey++
		b.cells, b.ends = b.cells[:first], b.ends[:firstEnd]
	}
	return found
}

// rows returns the number of customers who are written.
func (b *block) rows() int { return len(b.idEnds) }

func (b *block) id(i int) []byte { return span(b.ids, b.idEnds, i) }

func (b *block) line(i int) []byte { return span(b.lines, b.lineEnd, i) }

func (b *block) cell(i, k int) []byte { return span(b.cells, b.ends, i*len(b.plan.fields)+k) }

func (b *block) hash(i int) []byte {
	if !b.plan.Profile.Ops {
		return nil
	}
	return b.hashes[i*hashLength : (i+1)*hashLength]
}

func span(text []byte, ends []int, i int) []byte {
	from := 0
	if i > 0 {
		from = ends[i-1]
	}
	return text[from:ends[i]]
}

// encoder turns the cells of a customer into a row of a file.
type encoder struct {
	plan *plan
	text bytes.Buffer
	out  *csvio.Writer
}

func newEncoder(p *plan) *encoder {
	e := &encoder{plan: p}
	o := csvio.DefaultWriterOptions()
	o.Delimiter, o.Null = p.Profile.Delimiter, p.Profile.Null
	e.out = csvio.NewWriter(&e.text, o)
	return e
}

// row returns a row with an LF at its end, good until the next call. An empty cell is a missing value.
func (e *encoder) row(cell func(k int) []byte) ([]byte, error) {
	return e.encode(func(k int, f *field) {
		switch text := cell(k); {
		case len(text) == 0:
			e.out.Null()
		case f.guarded:
			e.out.Text(text)
		default:
			e.out.Plain(text)
		}
	})
}

// sparse returns a row like row, in which empty cells stay empty whatever the system takes
// for a missing value.
func (e *encoder) sparse(cell func(k int) []byte) ([]byte, error) {
	return e.encode(func(k int, f *field) {
		if text := cell(k); f.guarded {
			e.out.Text(text)
		} else {
			e.out.Plain(text)
		}
	})
}

func (e *encoder) encode(write func(k int, f *field)) ([]byte, error) {
	e.text.Reset()
	for k := range e.plan.fields {
		write(k, &e.plan.fields[k])
	}
	err := errors.Join(e.out.EndRow(), e.out.Flush())
	return e.text.Bytes(), err
}

// key returns a row with a key alone, without its line end.
func (e *encoder) key(key []byte) ([]byte, error) {
	var text bytes.Buffer
	o := csvio.DefaultWriterOptions()
	o.Delimiter = e.plan.Profile.Delimiter
	out := csvio.NewWriter(&text, o)
	out.Plain(key)
	err := errors.Join(out.EndRow(), out.Flush())
	return bytes.TrimSuffix(text.Bytes(), []byte("\n")), err
}
