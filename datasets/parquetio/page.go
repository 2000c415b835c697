package parquetio

import (
	"errors"
	"fmt"

	"github.com/parquet-go/parquet-go/format"

	"github.com/quintile-dev/quintile/datasets"
)

// page is the data page at hand: its values, expanded and not yet taken.
type page struct {
	left     int // rows
	encoding format.Encoding
	levels   levels // of an optional column
	buffer   []byte // memory for the expanded page
	apart    []byte // memory for levels that are not part of what is compressed

	how     how
	indexes indexes // coded
	data    []byte  // plain: all values
	ints    []int64 // decoded: all values, as are the next two
	floats  []float64
	texts   datasets.Strings
	at      int // plain: of data, the bytes taken; decoded: the values taken
}

// how says in what form the values of a page wait.
type how uint8

const (
	coded   how = iota // indexes into the dictionary
	plain              // one after the other, each at whole bytes
	decoded            // as what they are: the whole page was decoded at once
)

// load reads the body of the next page and returns the expanded bytes, in the
// memory of buffer, which grows as needed.
func (c *column) load(buffer *[]byte) ([]byte, error) {
	packed, size := int(c.header.CompressedPageSize), int(c.header.UncompressedPageSize)
	if c.codec != format.Uncompressed {
		c.packed = roomy(c.packed, packed)
		if err := c.read(c.packed); err != nil {
			return nil, err
		}
		return c.expand(buffer, c.codec, c.packed, size)
	}
	if packed != size {
		return nil, fmt.Errorf("%d bytes, want %d", packed, size)
	}
	*buffer = roomy(*buffer, size)
	return *buffer, c.read(*buffer)
}

// roomy is resized, with room for somewhat more where there is not enough.
func roomy(b []byte, n int) []byte {
	if cap(b) < n {
		return make([]byte, n, n+n/8+slack)
	}
	return b[:n]
}

// readPage makes the data page before us, of n rows, the one at hand.
func (c *column) readPage(n int) error {
	levels, data, err := c.sections()
	if err != nil {
		return err
	}
	p := &c.page
	p.left, p.at, p.data = n, 0, data
	p.levels.begin(levels, n)
	switch {
	case p.encoding == format.RLEDictionary || p.encoding == format.PlainDictionary:
		p.how = coded
		p.indexes.begin(data, n)
	case p.encoding == format.Plain && c.inBytes():
		p.how = plain
	default:
		p.how = decoded
		err = c.decodePage(levels, data, n)
	}
	return err
}

// inBytes reports whether the values of the column stand in the encoding PLAIN
// at whole bytes, and need at most to be scaled.
func (c *column) inBytes() bool {
	switch c.physical {
	case format.Int32, format.Int64, format.Float, format.Double:
		return true
	case format.ByteArray:
		return c.Kind == datasets.Text && !c.decimalText
	}
	return false
}

// decodePage decodes all values of a page of n rows at once.
func (c *column) decodePage(levels, data []byte, n int) error {
	p := &c.page
	if c.optional {
		var err error
		if n, err = c.count(levels, n); err != nil {
			return fmt.Errorf("definition levels: %w", err)
		}
	}
	p.ints, p.floats = p.ints[:0], p.floats[:0]
	p.texts.Reset()
	if n == 0 {
		return nil
	}
	if err := c.exactly(data, n); err != nil {
		return err
	}
	var err error
	switch c.Kind {
	case datasets.Text:
		err = c.decodeTexts(&p.texts, p.encoding, data, n)
	case datasets.Float:
		p.floats = resized(p.floats, n)
		err = c.reals(p.floats, p.encoding, data)
	default:
		p.ints = resized(p.ints, n)
		err = c.integers(p.ints, p.encoding, data)
	}
	if err != nil {
		return fmt.Errorf("encoding %s: %w", p.encoding, err)
	}
	return nil
}

// exactly reports bytes behind n values of a required column: such bytes mean that
// levels were taken for values.
func (c *column) exactly(data []byte, n int) error {
	want := n * c.width
	switch {
	case c.optional || c.physical == format.ByteArray:
		return nil
	case c.page.encoding == format.Plain && c.physical == format.Boolean:
		want = (n + 7) / 8
	case c.page.encoding != format.Plain && c.page.encoding != format.ByteStreamSplit:
		return nil
	}
	if len(data) != want {
		return fmt.Errorf("%d bytes, want the %d of %d values", len(data), want, n)
	}
	return nil
}

// count returns how many of n definition levels are 1.
func (c *column) count(src []byte, n int) (ones int, err error) {
	var l levels
	l.begin(src, n)
	for n > 0 && err == nil {
		k := min(n, stretchRows)
		c.present = resized(c.present, (k+63)/64)
		var more int
		more, err = l.take(c.present, k)
		ones += more
		n -= k
	}
	return ones, err
}

// sections reads the next data page, notes its encoding and splits the page
// into definition levels and values.
func (c *column) sections() (levels, data []byte, err error) {
	if c.header.Type == format.DataPageV2 {
		return c.sectionsV2()
	}
	v1 := &c.header.DataPageHeader
	if !v1.Valid {
		return nil, nil, errors.New("a data page without its header")
	}
	c.page.encoding = v1.V.Encoding
	if data, err = c.load(&c.page.buffer); err != nil || !c.optional {
		return nil, data, err
	}
	if e := v1.V.DefinitionLevelEncoding; e != format.RLE {
		return nil, nil, fmt.Errorf("definition levels in encoding %s, want RLE", e)
	}
	if len(data) < 4 {
		return nil, nil, errTooFew
	}
	n := uint64(data[0]) | uint64(data[1])<<8 | uint64(data[2])<<16 | uint64(data[3])<<24
	if n > uint64(len(data)-4) {
		return nil, nil, errTooFew
	}
	return data[4 : 4+n], data[4+n:], nil
}

// sectionsV2 is sections for a page of the second version, in which the levels
// are never compressed.
func (c *column) sectionsV2() (levels, data []byte, err error) {
	v2 := &c.header.DataPageHeaderV2
	if !v2.Valid {
		return nil, nil, errors.New("a data page without its header")
	}
	c.page.encoding = v2.V.Encoding
	packed, size := int(c.header.CompressedPageSize), int(c.header.UncompressedPageSize)
	rep, def := int(v2.V.RepetitionLevelsByteLength), int(v2.V.DefinitionLevelsByteLength)
	if rep < 0 || def < 0 || rep > packed || def > packed-rep || rep+def > size {
		return nil, nil, errTooFew
	}
	compressed := !v2.V.IsCompressed.Valid || v2.V.IsCompressed.V
	if rep != 0 || def != 0 && !c.optional {
		return nil, nil, fmt.Errorf("levels of %d and %d bytes in a column that has none", rep, def)
	}
	if compressed && c.codec != format.Uncompressed {
		c.packed = roomy(c.packed, packed)
		if err := c.read(c.packed); err != nil {
			return nil, nil, err
		}
		c.page.apart = append(c.page.apart[:0], c.packed[rep:rep+def]...)
		data, err = c.expand(&c.page.buffer, c.codec, c.packed[rep+def:], size-rep-def)
		return c.page.apart, data, err
	}
	if compressed && packed != size {
		return nil, nil, fmt.Errorf("%d bytes, want %d", packed, size)
	}
	c.page.buffer = roomy(c.page.buffer, packed)
	if err := c.read(c.page.buffer); err != nil {
		return nil, nil, err
	}
	return c.page.buffer[rep : rep+def], c.page.buffer[rep+def:], nil
}
