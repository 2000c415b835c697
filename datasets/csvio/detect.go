package csvio

import (
	"bytes"
	"fmt"

	"github.com/quintile-dev/quintile/datasets"
)

// delimiters are the detectable delimiters; where two fit equally well, the
// first wins. The comma comes late because a comma is also a decimal sign.
var delimiters = [...]byte{'\t', ';', ',', '|'}

// The share of the records in the sample with as many fields as the first
// record: the share needed to accept a delimiter, and the share needed to
// reject another.
const (
	takenShare = 0.5
	sureShare  = 0.9
)

// fit says how well a delimiter fits the sample.
type fit struct {
	columns int     // fields of the first sound record; 0 if there is none
	records int     // in the sample
	share   float64 // of the records with that many fields, in [0,1]
	fields  int     // of all records
	exact   int     // records with the number of columns that the caller names
}

// fit cuts the sample with a delimiter.
func (r *Reader) fit(delim byte) fit {
	syn := r.syn
	syn.delim, syn.quotes = delim, r.syn.quotes && delim != Whitespace
	data := r.tail
	if len(data) > sampleSize {
		data = data[:sampleSize]
	}
	if !r.eof || len(data) < len(r.tail) {
		data = data[:syn.cut(data, new(marks)).end]
	}
	var f fit
	var alike int
	var spans []span
	for at := 0; at < len(data); {
		var ok bool
		spans, at, ok = syn.record(spans[:0], data, at)
		if !ok {
			f.records++
			continue
		}
		n := len(spans)
		if n == 0 {
			continue
		}
		if f.columns == 0 {
			f.columns = n
		}
		if n == f.columns {
			alike++
		}
		if n == len(r.opts.Names) {
			f.exact++
		}
		f.records++
		f.fields += n
	}
	if f.records > 0 {
		f.share = float64(alike) / float64(f.records)
	}
	return f
}

// detect finds the delimiter, or checks that the given one is not wrong.
func (r *Reader) detect() error {
	given := r.opts.Delimiter != 0
	if !given {
		r.syn.delim = r.likeliest()
	}
	f := r.fit(r.syn.delim)
	if len(r.opts.Names) > 1 && f.records > 0 && f.exact == 0 && f.columns > 1 {
		return r.unnamed(f)
	}
	if f.columns != 1 || len(r.opts.Names) == 1 {
		return nil
	}
	for _, other := range append(delimiters[:len(delimiters):len(delimiters)], Whitespace) {
		g := r.fit(other)
		if other == r.syn.delim || g.columns < 2 || g.share < sureShare {
			continue
		}
		if other == Whitespace && (g.share < 1 || g.records < 2) {
			continue
		}
		return &datasets.FileError{Path: r.path, Got: "1 column with the delimiter " + delimName(r.syn.delim),
			Want: fmt.Sprintf("the %d that %s gives", g.columns, delimName(other)),
			Hint: fmt.Sprintf("set delimiter: %s for this file", delimName(other))}
	}
	if len(r.opts.Names) > 1 && f.exact == 0 {
		return r.unnamed(f)
	}
	return nil
}

func (r *Reader) unnamed(f fit) error {
	return &datasets.FileError{Path: r.path, Got: plural(f.columns, "column") + " with the delimiter " + delimName(r.syn.delim),
		Want: fmt.Sprintf("the %d that are named", len(r.opts.Names)), Hint: "name every column of the file, or set its delimiter"}
}

// likeliest returns the delimiter that gives most records the same number of
// fields, or failing that the most frequent delimiter.
func (r *Reader) likeliest() byte {
	best, share := byte(0), 0.0
	most, fields := byte(','), 0
	sample := r.tail[:min(len(r.tail), sampleSize)]
	for _, delim := range delimiters {
		if bytes.IndexByte(sample, delim) < 0 {
			continue
		}
		f := r.fit(delim)
		if f.columns > 1 && f.share >= takenShare && f.share > share {
			best, share = delim, f.share
		}
		if f.fields > fields {
			most, fields = delim, f.fields
		}
	}
	if best != 0 {
		return best
	}
	return most
}

func delimName(delim byte) string {
	switch delim {
	case Whitespace:
		return "whitespace"
	case '\t':
		return "tab"
	}
	return fmt.Sprintf("%q", delim)
}
