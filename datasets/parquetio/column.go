package parquetio

import (
	"errors"
	"fmt"
	"io"
	"math/bits"
	"slices"
	"strconv"

	"github.com/parquet-go/parquet-go/format"

	"github.com/quintile-dev/quintile/datasets"
)

// column reads the column chunk of one row group from the first row to the last,
// batch by batch, into a column of a frame. The memory is kept from chunk to
// chunk.
type column struct {
	*leaf
	*scratch
	pages
	page page
	dict dictionary
	rest int64 // rows of the chunk after the page

	// The batch. The values for the frame are here, or in the page.
	rows    int // so far
	coded   bool
	ints    []int64
	floats  []float64
	codes   []uint32
	texts   datasets.Strings
	foreign []byte          // what texts point into, if that is not their own data
	padded  bool            // some of texts may begin or end with white space
	valid   datasets.Bitmap // of all rows so far, if there are nulls
	nulls   bool
}

// scratch is memory that the columns of a worker share.
type scratch struct {
	expander
	columns []*column

	packed  []byte          // a compressed page
	present datasets.Bitmap // the rows of a stretch that have a value
	indexes []uint32        // into a dictionary of numbers
	lengths []int64
	raw     datasets.Strings
	split   []byte
}

// column returns the scratch's column i.
func (s *scratch) column(i int) *column {
	for len(s.columns) <= i {
		s.columns = append(s.columns, &column{scratch: s})
	}
	return s.columns[i]
}

// letGo forgets the file that was read.
func (s *scratch) letGo() {
	for _, c := range s.columns {
		c.pages.r, c.leaf = nil, nil
	}
}

// begin sets c to the first row of a chunk of rows rows.
func (c *column) begin(r *Reader, l *leaf, group *format.RowGroup) error {
	c.leaf, c.rest = l, group.NumRows
	c.page.left = 0
	c.dict.has = false
	return c.open(r.file, r.size, &group.Columns[l.index])
}

// pass skips n rows. Pages within these rows are not read.
func (c *column) pass(n int64) error {
	for n > 0 {
		if c.page.left == 0 {
			passed, err := c.advance(n)
			if err != nil {
				return err
			}
			n -= passed
			continue
		}
		k := min(n, int64(c.page.left), stretchRows)
		c.clear()
		if err := c.add(int(k), false); err != nil {
			return err
		}
		n -= k
	}
	return nil
}

// fill sets out to the next n rows.
func (c *column) fill(out *datasets.Column, n int) error {
	c.clear()
	for c.rows < n {
		if c.page.left == 0 {
			if _, err := c.advance(0); err != nil {
				return err
			}
			continue
		}
		k := min(n-c.rows, c.page.left)
		if err := c.add(k, k == n); err != nil {
			return err
		}
	}
	c.deliver(out)
	return nil
}

// advance goes to the next page. A data page becomes the page at hand; but if
// all its rows are among the next most rows, only the header is read, and passed
// holds the number of its rows.
func (c *column) advance(most int64) (passed int64, err error) {
	if err := c.next(); err != nil {
		if errors.Is(err, io.EOF) {
			return 0, fmt.Errorf("%d rows are missing at the end", c.rest)
		}
		return 0, err
	}
	n := c.pages.rows()
	if n > c.rest {
		return 0, fmt.Errorf("a page of %d rows, want at most the %d that are left", n, c.rest)
	}
	c.rest -= n
	switch c.header.Type {
	case format.DictionaryPage:
		return 0, c.within(c.readDictionary())
	case format.DataPage, format.DataPageV2:
		if n > most {
			return 0, c.within(c.readPage(int(n)))
		}
	}
	c.skip() // it holds no values, or none that are wanted
	return n, nil
}

// within says in which page err happened.
func (c *column) within(err error) error {
	if err != nil {
		return fmt.Errorf("page before byte %d: %w", c.at, err)
	}
	return nil
}

// clear begins a stretch.
func (c *column) clear() {
	c.rows, c.coded, c.nulls, c.foreign, c.padded = 0, false, false, nil, false
	c.ints, c.floats, c.codes = c.ints[:0], c.floats[:0], c.codes[:0]
	c.texts.Reset()
	c.valid = c.valid[:0]
}

// add appends the next k rows of the page to the batch. If sole is set, these
// rows are the whole batch, and texts may stay in the memory of the page.
func (c *column) add(k int, sole bool) error {
	present := k
	if c.optional {
		c.present = resized(c.present, (k+63)/64)
		var err error
		if present, err = c.page.levels.take(c.present, k); err != nil {
			return fmt.Errorf("definition levels: %w", err)
		}
	}
	if present > 0 {
		if err := c.take(present, sole); err != nil {
			return fmt.Errorf("encoding %s: %w", c.page.encoding, err)
		}
	}
	if present < k {
		c.spread(k, present)
	}
	c.mark(present < k, k)
	c.rows += k
	c.page.left -= k
	// Some writers leave bytes after the values of an optional column. In a required
	// column, such bytes mean that levels were taken for values.
	if p := &c.page; p.left == 0 && p.how == plain && !c.optional && p.at != len(p.data) {
		return fmt.Errorf("%d bytes behind the last value of a page, want none", len(p.data)-p.at)
	}
	return nil
}

// deliver sets out to the stretch.
func (c *column) deliver(out *datasets.Column) {
	*out = datasets.Column{Field: c.Field}
	if c.nulls {
		out.Valid = c.valid
	}
	switch {
	case c.Kind == datasets.Float:
		out.Floats = c.floats
	case c.Kind == datasets.Int && c.unsigned && slices.ContainsFunc(c.ints, func(v int64) bool { return v < 0 }):
		c.spell(out)
	case c.Kind != datasets.Text:
		out.Ints = c.ints
	case c.coded:
		out.Codes, out.Dict, out.DictID = c.codes, c.dict.shown(), c.dict.id
	default:
		out.Texts = c.texts
		if c.foreign != nil {
			out.Texts.Data = c.foreign
		}
		if out.Texts.Trimmed = true; c.padded {
			out.Texts.MarkTrimmed()
		}
	}
}

// spell delivers unsigned numbers, some beyond 63 bits, as texts: such numbers are ids.
func (c *column) spell(out *datasets.Column) {
	out.Kind = datasets.Text
	var digits [20]byte
	for _, v := range c.ints {
		out.Texts.Append(strconv.AppendUint(digits[:0], uint64(v), 10))
	}
	out.Texts.MarkTrimmed()
}

// spread moves the last present values apart, to the places of the present
// among the last k rows.
func (c *column) spread(k, present int) {
	switch {
	case c.Kind == datasets.Float:
		c.floats = extended(c.floats, c.rows+present, k-present)
		spread(c.floats[c.rows:], c.present, present)
	case c.Kind != datasets.Text:
		c.ints = extended(c.ints, c.rows+present, k-present)
		spread(c.ints[c.rows:], c.present, present)
	case c.coded:
		c.codes = extended(c.codes, c.rows+present, k-present)
		spread(c.codes[c.rows:], c.present, present)
	default:
		t := &c.texts
		t.Start, t.End = extended(t.Start, c.rows+present, k-present), extended(t.End, c.rows+present, k-present)
		spread(t.Start[c.rows:], c.present, present)
		spread(t.End[c.rows:], c.present, present)
	}
}

// spread moves the first present values of dst to the rows with a present value,
// run by run from the last.
func spread[T any](dst []T, valid datasets.Bitmap, present int) {
	for i := len(dst); i > present; { // else those left are in place
		left := (i-1)&63 + 1 // bits of the word
		word := valid[(i-1)>>6] << (64 - left)
		if ones := min(bits.LeadingZeros64(^word), left); ones > 0 {
			copy(dst[i-ones:i], dst[present-ones:present])
			i, present = i-ones, present-ones
			continue
		}
		zeros := min(bits.LeadingZeros64(word), left)
		clear(dst[i-zeros : i])
		i -= zeros
	}
}

// mark notes which of the last k rows are null.
func (c *column) mark(nulls bool, k int) {
	if !nulls && !c.nulls {
		return
	}
	if !c.nulls {
		c.nulls = true
		c.widen(c.rows)
		setRange(c.valid, 0, c.rows)
	}
	c.widen(c.rows + k)
	if nulls {
		copyBits(c.valid, c.rows, c.present, 0, k)
	} else {
		setRange(c.valid, c.rows, c.rows+k)
	}
}

// widen appends zeros to the bitmap until it has rows bits.
func (c *column) widen(rows int) {
	for len(c.valid) < (rows+63)/64 {
		c.valid = append(c.valid, 0)
	}
}

// resized returns a slice of n entries, with unspecified values, in the memory
// of s if large enough.
func resized[S ~[]T, T any](s S, n int) S {
	if cap(s) < n {
		return make(S, n)
	}
	return s[:n]
}

// extended returns s cut to length and extended by n entries, whose values are
// unspecified.
func extended[T any](s []T, length, n int) []T {
	return slices.Grow(s[:length], n)[:length+n]
}
