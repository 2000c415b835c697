package parquetio

import (
	"errors"
	"fmt"
	"slices"

	"github.com/parquet-go/parquet-go/format"

	"github.com/quintile-dev/quintile/datasets"
)

// column decodes one column chunk, page by page, into a column of a frame.
type column struct {
	*leaf
	out  *datasets.Column
	rows int // in out

	// The dictionary of the chunk, if a page brought one; that of texts is
	// out.Dict.
	dict    bool
	ints    []int64
	floats  []float64
	entries int

	coded bool            // texts stand in out.Codes, not in out.Texts
	spare datasets.Bitmap // memory for out.Valid

	*scratch
}

// scratch is memory that a worker keeps from column to column.
type scratch struct {
	pages
	expander
	codes   []uint32
	lengths []int64
	raw     datasets.Strings
	split   []byte
	valid   datasets.Bitmap
}

// reset begins a column of at most rows rows in out.
func (c *column) reset(out *datasets.Column, rows int) {
	out.Field = c.Field
	out.Ints, out.Floats, out.Codes = out.Ints[:0], out.Floats[:0], out.Codes[:0]
	out.Texts.Reset()
	out.Dict.Reset()
	c.spare, out.Valid = out.Valid[:0], nil
	c.out = out
	switch c.Kind {
	case datasets.Text:
	case datasets.Float:
		out.Floats = slices.Grow(out.Floats, rows)
	default:
		out.Ints = slices.Grow(out.Ints, rows)
	}
}

// finish completes the column after the last page.
func (c *column) finish() {
	if c.Kind != datasets.Text {
		return
	}
	if !c.coded {
		c.out.Codes = nil
		c.out.Texts.MarkTrimmed()
		return
	}
	c.out.Texts.Reset()
	if c.out.Dict.Len() == 0 { // for the codes of null rows
		c.out.Dict.Append(nil)
	}
	c.out.Dict.MarkTrimmed()
}

// dictionary reads a dictionary page.
func (c *column) dictionary(body []byte) error {
	h := &c.header.DictionaryPageHeader
	n := int(h.V.NumValues)
	switch {
	case !h.Valid:
		return errors.New("a dictionary page without its header")
	case c.dict:
		return errors.New("a second dictionary")
	case n < 0 || int64(n) > int64(c.header.UncompressedPageSize):
		return fmt.Errorf("a dictionary of %d values in %d bytes", n, c.header.UncompressedPageSize)
	case h.V.Encoding != format.Plain && h.V.Encoding != format.PlainDictionary:
		return fmt.Errorf("a dictionary in encoding %s", h.V.Encoding)
	}
	data, err := c.expand(c.codec, body, int(c.header.UncompressedPageSize))
	if err != nil {
		return err
	}
	c.dict, c.entries = true, n
	switch c.Kind {
	case datasets.Text:
		err = c.texts(&c.out.Dict, format.Plain, data, n)
		c.entries = c.out.Dict.Len()
	case datasets.Float:
		c.floats = resized(c.floats, n)
		err = plainFloats(c.floats, data, c.physical)
	default:
		c.ints = resized(c.ints, n)
		err = c.integers(c.ints, format.Plain, data)
	}
	return err
}

// page reads a data page of n rows and keeps take of them, after the first skip.
func (c *column) page(body []byte, n, skip, take int) error {
	levels, data, encoding, err := c.sections(body)
	if err != nil {
		return err
	}
	present := n
	if c.optional {
		c.valid = resized(c.valid, (n+63)/64)
		if present, err = validity(c.valid, levels, n); err != nil {
			return fmt.Errorf("definition levels: %w", err)
		}
	}
	if err := c.values(encoding, data, present); err != nil {
		return fmt.Errorf("encoding %s: %w", encoding, err)
	}
	if present < n {
		c.spread(n, present)
	}
	c.trim(n, skip, take)
	c.mark(present < n, skip, take)
	c.rows += take
	return nil
}

// sections splits a data page into its definition levels and its values.
func (c *column) sections(body []byte) (levels, data []byte, encoding format.Encoding, err error) {
	h := &c.header
	size := int(h.UncompressedPageSize)
	if h.Type == format.DataPage {
		v1 := &h.DataPageHeader
		if !v1.Valid {
			return nil, nil, 0, errors.New("a data page without its header")
		}
		if data, err = c.expand(c.codec, body, size); err != nil || !c.optional {
			return nil, data, v1.V.Encoding, err
		}
		if e := v1.V.DefinitionLevelEncoding; e != format.RLE {
			return nil, nil, 0, fmt.Errorf("definition levels in encoding %s, want RLE", e)
		}
		if len(data) < 4 {
			return nil, nil, 0, errTooFew
		}
		n := uint64(data[0]) | uint64(data[1])<<8 | uint64(data[2])<<16 | uint64(data[3])<<24
		if n > uint64(len(data)-4) {
			return nil, nil, 0, errTooFew
		}
		return data[4 : 4+n], data[4+n:], v1.V.Encoding, nil
	}
	v2 := &h.DataPageHeaderV2
	if !v2.Valid {
		return nil, nil, 0, errors.New("a data page without its header")
	}
	rep, def := int(v2.V.RepetitionLevelsByteLength), int(v2.V.DefinitionLevelsByteLength)
	if rep < 0 || def < 0 || rep > len(body) || def > len(body)-rep || rep+def > size {
		return nil, nil, 0, errTooFew
	}
	levels, data = body[rep:rep+def], body[rep+def:]
	if !v2.V.IsCompressed.Valid || v2.V.IsCompressed.V {
		data, err = c.expand(c.codec, data, size-rep-def)
	}
	return levels, data, v2.V.Encoding, err
}

// values appends n values to the column.
func (c *column) values(encoding format.Encoding, data []byte, n int) error {
	if n == 0 {
		return nil
	}
	if encoding == format.RLEDictionary || encoding == format.PlainDictionary {
		return c.lookUp(data, n)
	}
	switch c.Kind {
	case datasets.Text:
		if !c.coded {
			c.out.Texts.Start, c.out.Texts.End = c.out.Texts.Start[:c.rows], c.out.Texts.End[:c.rows]
			return c.texts(&c.out.Texts, encoding, data, n)
		}
		from := c.out.Dict.Len()
		if err := c.texts(&c.out.Dict, encoding, data, n); err != nil {
			return err
		}
		c.out.Codes = extended(c.out.Codes, c.rows, n)
		for i := range n {
			c.out.Codes[c.rows+i] = uint32(from + i)
		}
		return nil
	case datasets.Float:
		c.out.Floats = extended(c.out.Floats, c.rows, n)
		return c.reals(c.out.Floats[c.rows:], encoding, data)
	}
	c.out.Ints = extended(c.out.Ints, c.rows, n)
	return c.integers(c.out.Ints[c.rows:], encoding, data)
}

// lookUp appends n values that are given as indexes into the dictionary.
func (c *column) lookUp(data []byte, n int) error {
	if !c.dict {
		return errors.New("values of a dictionary, but no dictionary")
	}
	if len(data) == 0 {
		return errTooFew
	}
	codes := &c.codes
	if c.Kind == datasets.Text {
		c.code()
		codes = &c.out.Codes
	} else {
		c.codes = c.codes[:0]
	}
	from := len(*codes)
	*codes = extended(*codes, from, n)
	these := (*codes)[from:]
	if err := hybrid(these, data[1:], int(data[0])); err != nil {
		return err
	}
	switch c.Kind {
	case datasets.Text:
		if greatest := slices.Max(these); int64(greatest) >= int64(c.entries) {
			return fmt.Errorf("index %d into a dictionary of %d values", greatest, c.entries)
		}
	case datasets.Float:
		c.out.Floats = extended(c.out.Floats, c.rows, n)
		return gather(c.out.Floats[c.rows:], c.floats, these)
	default:
		c.out.Ints = extended(c.out.Ints, c.rows, n)
		return gather(c.out.Ints[c.rows:], c.ints, these)
	}
	return nil
}

func gather[T any](dst, dict []T, codes []uint32) error {
	dst = dst[:len(codes)]
	for i, code := range codes {
		if int(code) >= len(dict) {
			return fmt.Errorf("index %d into a dictionary of %d values", code, len(dict))
		}
		dst[i] = dict[code]
	}
	return nil
}

// code makes the texts so far codes, so that a page of codes can follow.
func (c *column) code() {
	c.out.Codes = c.out.Codes[:c.rows*btoi(c.coded)]
	if c.coded {
		return
	}
	c.coded = true
	for i := range c.rows {
		c.out.Codes = append(c.out.Codes, uint32(c.out.Dict.Len()))
		c.out.Dict.Append(c.out.Texts.At(i))
	}
}

// spread moves the last present values apart so that they stand at the valid
// ones of the last n rows.
func (c *column) spread(n, present int) {
	switch {
	case c.Kind == datasets.Float:
		c.out.Floats = extended(c.out.Floats, c.rows+present, n-present)
		spread(c.out.Floats[c.rows:], c.valid, present)
	case c.Kind != datasets.Text:
		c.out.Ints = extended(c.out.Ints, c.rows+present, n-present)
		spread(c.out.Ints[c.rows:], c.valid, present)
	case c.coded:
		c.out.Codes = extended(c.out.Codes, c.rows+present, n-present)
		spread(c.out.Codes[c.rows:], c.valid, present)
	default:
		t := &c.out.Texts
		t.Start = extended(t.Start, c.rows+present, n-present)
		t.End = extended(t.End, c.rows+present, n-present)
		spread(t.Start[c.rows:], c.valid, present)
		spread(t.End[c.rows:], c.valid, present)
	}
}

func spread[T any](dst []T, valid datasets.Bitmap, present int) {
	var zero T
	for i := len(dst) - 1; i >= 0; i-- {
		if valid.Get(i) {
			present--
			dst[i] = dst[present]
		} else {
			dst[i] = zero
		}
	}
}

// trim drops the first skip of the last n rows and all but take of the others.
func (c *column) trim(n, skip, take int) {
	if take == n {
		return
	}
	switch {
	case c.Kind == datasets.Float:
		c.out.Floats = slices.Delete(c.out.Floats, c.rows, c.rows+skip)[:c.rows+take]
	case c.Kind != datasets.Text:
		c.out.Ints = slices.Delete(c.out.Ints, c.rows, c.rows+skip)[:c.rows+take]
	case c.coded:
		c.out.Codes = slices.Delete(c.out.Codes, c.rows, c.rows+skip)[:c.rows+take]
	default:
		t := &c.out.Texts
		t.Start = slices.Delete(t.Start, c.rows, c.rows+skip)[:c.rows+take]
		t.End = slices.Delete(t.End, c.rows, c.rows+skip)[:c.rows+take]
	}
}

// mark notes which of take rows, of those after the first skip of the page, are
// null.
func (c *column) mark(nulls bool, skip, take int) {
	if !nulls && c.out.Valid == nil {
		return
	}
	if c.out.Valid == nil {
		c.out.Valid = c.spare
		c.widen(c.rows)
		setRange(c.out.Valid, 0, c.rows)
	}
	c.widen(c.rows + take)
	if nulls {
		copyBits(c.out.Valid, c.rows, c.valid, skip, take)
	} else {
		setRange(c.out.Valid, c.rows, c.rows+take)
	}
}

// widen appends zeros to the bitmap until it has rows bits.
func (c *column) widen(rows int) {
	for len(c.out.Valid) < (rows+63)/64 {
		c.out.Valid = append(c.out.Valid, 0)
	}
}

// resized returns a slice of n entries, whose values are unspecified, in the
// memory of s if it fits.
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

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
