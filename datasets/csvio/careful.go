package csvio

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"github.com/quintile-dev/quintile/datasets"
)

// careful decodes any block record by record, from d.at on, to the end of the block
// or until the batch has its full number of faults.
func (d *decoder) careful() {
	if d.at == 0 {
		d.valid = utf8.Valid(d.data)
	}
	newline := []byte{d.syn.newline}
	for d.at < len(d.data) && len(d.faults) < d.most {
		at := d.at
		spans, next, ok := d.syn.record(d.spans[:0], d.data, at)
		d.spans = spans
		switch {
		case !ok:
			d.badQuote(at, next)
		case len(spans) == 0: // an empty line
		case len(spans) != d.n:
			d.wrongCount(at, next-1, len(spans))
		case !d.valid && !utf8.Valid(d.data[at:next]):
			d.badText(at, next)
		default:
			d.add(spans)
		}
		d.line += uint32(bytes.Count(d.data[at:next], newline))
		d.at = next
	}
}

// add adds one row.
func (d *decoder) add(spans []span) {
	d.place(d.rows, 1)
	for i, c := range d.cols {
		s := spans[c]
		if s.doubled {
			s.start, s.end = d.undouble(s.start, s.end)
		}
		d.starts[i][d.rows], d.ends[i][d.rows] = s.start, s.end
		d.padded[i] = d.padded[i] || padded(d.texts(), d.starts[i][d.rows:d.rows+1], d.ends[i][d.rows:d.rows+1])
	}
	d.rows++
}

// wrongCount reports the record data[start:end] as having that many fields.
func (d *decoder) wrongCount(start, end, fields int) {
	d.fault(datasets.WrongFieldCount, "", start, end, fmt.Sprintf("%s, not %d", plural(d.n, "field"), fields))
}

// badQuote reports the line data[start:end] for a quote in a field. The column
// is the first field that is wrong by this line alone: later bytes may belong
// to another part.
func (d *decoder) badQuote(start, end int) {
	spans, _, _ := d.syn.record(d.spans[:0], d.data[:end], start)
	d.spans = spans
	d.fault(datasets.BadQuote, d.nameOf(len(spans)), start, end, "quotes doubled inside quotes, and none elsewhere")
}

// badText reports the record data[start:end] for bytes that are no text.
func (d *decoder) badText(start, end int) {
	column := ""
	spans, _, _ := d.syn.record(d.spans[:0], d.data, start)
	d.spans = spans
	for i, s := range spans {
		if !utf8.Valid(d.data[s.start:s.end]) {
			column = d.nameOf(i)
			break
		}
	}
	d.fault(datasets.BadEncoding, column, start, end, "text in "+d.p.r.opts.Encoding)
}

func (d *decoder) nameOf(field int) string {
	if field < len(d.p.r.fields) {
		return d.p.r.fields[field].Name
	}
	return ""
}

// The bounds on the text of a fault.
const (
	clipBytes = 320
	clipRunes = 80
)

func (d *decoder) fault(reason datasets.Reason, column string, start, end int, want string) {
	got := bytes.TrimRight(d.data[start:min(end, start+clipBytes)], "\r\n")
	d.faults = append(d.faults, datasets.Fault{
		Pos:    datasets.Position{Path: d.p.r.path, Line: d.p.line + int64(d.line), Column: column},
		Reason: reason,
		Got:    datasets.Clip(string(bytes.ToValidUTF8(got, []byte("\uFFFD"))), clipRunes),
		Want:   want,
	})
}

// finish hands the columns to dst.
func (d *decoder) finish(dst *datasets.Frame) {
	data := d.texts()
	if d.side != nil {
		if d.recoded { // keep the memory that the side may have moved to
			d.alt = d.side
		} else {
			d.p.data = d.side
		}
	}
	d.columns = resize(d.columns, len(d.cols))
	for i, c := range d.cols {
		d.columns[i] = datasets.Column{
			Field: d.p.r.fields[c],
			Texts: datasets.Strings{Data: data, Start: d.starts[i][:d.rows], End: d.ends[i][:d.rows], Trimmed: !d.padded[i]},
		}
	}
	*dst = datasets.Frame{
		Path:      d.p.r.path,
		FirstLine: d.p.line + int64(d.first),
		Rows:      d.rows,
		Columns:   d.columns,
		Faults:    d.faults,
	}
	if d.uneven {
		dst.LineOf = d.lineOf
	}
}
