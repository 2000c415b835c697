package parquetio

import (
	"errors"
	"fmt"

	"github.com/parquet-go/parquet-go/format"

	"github.com/quintile-dev/quintile/datasets"
)

// dictionary holds the distinct values of a column chunk, if a page brought them.
type dictionary struct {
	has    bool
	n      int // entries, as the file has them
	ints   []int64
	floats []float64
	buffer []byte // memory for the expanded page; texts point into it

	// Texts of the dictionary, followed by the texts outside the dictionary,
	// where a batch begins with codes and continues without, or the other way
	// round.
	texts   datasets.Strings
	id      *datasets.DictID
	trimmed bool // no text of the first seen has white space around it
	seen    int
}

// readDictionary reads the dictionary page before us.
func (c *column) readDictionary() error {
	h := &c.header.DictionaryPageHeader
	n := int(h.V.NumValues)
	switch {
	case !h.Valid:
		return errors.New("a dictionary page without its header")
	case c.dict.has:
		return errors.New("a second dictionary")
	case n < 0 || int64(n) > int64(c.header.UncompressedPageSize):
		return fmt.Errorf("a dictionary of %d values in %d bytes", n, c.header.UncompressedPageSize)
	case h.V.Encoding != format.Plain && h.V.Encoding != format.PlainDictionary:
		return fmt.Errorf("a dictionary in encoding %s", h.V.Encoding)
	}
	d := &c.dict
	data, err := c.load(&d.buffer)
	if err != nil {
		return err
	}
	switch c.Kind {
	case datasets.Text:
		err = c.dictionaryTexts(data, n)
	case datasets.Float:
		d.floats = resized(d.floats, n)
		err = plainFloats(d.floats, data, c.physical)
	default:
		d.ints = resized(d.ints, n)
		err = c.integers(d.ints, format.Plain, data)
	}
	d.has, d.n = err == nil, n
	return err
}

// dictionaryTexts reads the texts of a dictionary, which stay in the memory of
// the page if stored plainly.
func (c *column) dictionaryTexts(data []byte, n int) error {
	d := &c.dict
	d.begin()
	if !c.inBytes() {
		return c.decodeTexts(&d.texts, format.Plain, data, n)
	}
	if err := need(data, n, 4); err != nil {
		return err
	}
	if _, err := room(&d.texts, len(data)); err != nil {
		return err
	}
	d.texts.Start, d.texts.End = resized(d.texts.Start, n), resized(d.texts.End, n)
	end, padded, err := cutTexts(d.texts.Start, d.texts.End, data, 0)
	if err != nil {
		return err
	}
	d.trimmed, d.seen = !padded, n
	d.texts.Data = d.buffer[:end] // where data are; behind them is room for what is added
	return checkTexts(data[:end], &d.texts, 0)
}

// begin empties the texts and gives them a new identity.
func (d *dictionary) begin() {
	d.texts.Data, d.texts.Start, d.texts.End = nil, d.texts.Start[:0], d.texts.End[:0]
	d.id, d.trimmed, d.seen = new(datasets.DictID), true, 0
}

// shown returns the texts for a frame.
func (d *dictionary) shown() datasets.Strings {
	if d.texts.Len() == 0 { // for the codes of null rows
		d.texts.Append(nil)
	}
	if d.seen < d.texts.Len() && d.trimmed {
		added := datasets.Strings{Data: d.texts.Data, Start: d.texts.Start[d.seen:], End: d.texts.End[d.seen:]}
		added.MarkTrimmed()
		d.trimmed = added.Trimmed
	}
	d.seen = d.texts.Len()
	d.texts.Trimmed = d.trimmed
	return d.texts
}
