package parquetio

import (
	"errors"
	"fmt"

	"github.com/quintile-dev/quintile/datasets"
)

// take appends the next n values of the page to the batch. If sole is set,
// these values are the whole batch, and texts may stay in place.
func (c *column) take(n int, sole bool) error {
	p := &c.page
	switch {
	case p.how == coded:
		return c.lookUp(n)
	case c.Kind == datasets.Text && p.how == plain:
		return c.takeTexts(n, sole)
	case c.Kind == datasets.Text:
		return c.takeDecodedTexts(n)
	case c.Kind == datasets.Float:
		c.floats = extended(c.floats, c.rows, n)
	default:
		c.ints = extended(c.ints, c.rows, n)
	}
	if p.how == plain {
		return c.takeNumbers(n)
	}
	if c.Kind == datasets.Float {
		copy(c.floats[c.rows:], p.floats[p.at:p.at+n])
	} else {
		copy(c.ints[c.rows:], p.ints[p.at:p.at+n])
	}
	p.at += n
	return nil
}

// takeNumbers fills the last n rows of the stretch with plain numbers.
func (c *column) takeNumbers(n int) error {
	p := &c.page
	src := p.data[p.at:]
	if err := need(src, n, c.width); err != nil {
		return err
	}
	p.at += n * c.width
	if c.Kind == datasets.Float {
		return plainFloats(c.floats[c.rows:], src, c.physical)
	}
	if err := plainInts(c.ints[c.rows:], src, c.physical); err != nil {
		return err
	}
	return c.scaled(c.ints[c.rows:])
}

// lookUp appends n values that are given as indexes into the dictionary.
func (c *column) lookUp(n int) error {
	if !c.dict.has {
		return errors.New("values of a dictionary, but no dictionary")
	}
	if c.Kind == datasets.Text {
		c.code()
		c.codes = extended(c.codes, c.rows, n)
		return c.takeIndexes(c.codes[c.rows:])
	}
	c.indexes = resized(c.indexes, n)
	if err := c.takeIndexes(c.indexes); err != nil {
		return err
	}
	if c.Kind == datasets.Float {
		c.floats = extended(c.floats, c.rows, n)
		gather(c.floats[c.rows:], c.dict.floats, c.indexes)
	} else {
		c.ints = extended(c.ints, c.rows, n)
		gather(c.ints[c.rows:], c.dict.ints, c.indexes)
	}
	return nil
}

// takeIndexes fills dst with the next indexes into the dictionary.
func (c *column) takeIndexes(dst []uint32) error {
	x := &c.page.indexes
	if err := x.take(dst); err != nil {
		return err
	}
	if int64(x.most) >= int64(c.dict.n) {
		return fmt.Errorf("index %d into a dictionary of %d values", x.most, c.dict.n)
	}
	return nil
}

// gather looks up the values of the codes.
func gather[T any](dst, dict []T, codes []uint32) {
	dst = dst[:len(codes)]
	for i, code := range codes {
		dst[i] = dict[code]
	}
}

// code makes the texts of the stretch so far codes, so that codes can follow.
func (c *column) code() {
	if c.coded {
		return
	}
	c.coded = true
	for i := range c.rows {
		c.codes = append(c.codes, uint32(c.dict.texts.Len()))
		c.dict.texts.Append(c.texts.At(i))
	}
}

// takeTexts appends n texts of a plain page. After codes they become codes, too.
func (c *column) takeTexts(n int, sole bool) error {
	p := &c.page
	if err := need(p.data[p.at:], n, 4); err != nil {
		return err
	}
	into, have := c.into(n)
	end, padded, err := cutTexts(into.Start[have:], into.End[have:], p.data, p.at)
	if err != nil {
		return err
	}
	c.padded = c.padded || padded
	from := p.at
	p.at = end
	if sole {
		c.foreign = p.data
		return checkTexts(p.data[from:end], &datasets.Strings{Data: p.data, Start: into.Start, End: into.End}, 0)
	}
	base, err := room(into, end-from)
	if err != nil {
		return err
	}
	shift := uint32(base) - uint32(from) // which may wrap around, and back
	into.Data = append(into.Data, p.data[from:end]...)
	for i := have; i < have+n; i++ {
		into.Start[i] += shift
		into.End[i] += shift
	}
	return checkTexts(into.Data[base:], into, have)
}

// takeDecodedTexts appends n texts of a decoded page. After codes they become
// codes, too.
func (c *column) takeDecodedTexts(n int) error {
	p := &c.page
	c.padded = true // they may be: nobody looked
	into, have := c.into(n)
	into.Start, into.End = into.Start[:have], into.End[:have]
	bytes := 0
	for i := p.at; i < p.at+n; i++ {
		bytes += int(p.texts.End[i] - p.texts.Start[i])
	}
	if _, err := room(into, bytes); err != nil {
		return err
	}
	for i := p.at; i < p.at+n; i++ {
		into.Append(p.texts.At(i))
	}
	p.at += n
	return nil
}

// into returns the slots for n texts of the batch, with unspecified places, and
// the number of texts before them.
func (c *column) into(n int) (texts *datasets.Strings, have int) {
	texts, have = &c.texts, c.rows
	if c.coded {
		texts, have = &c.dict.texts, c.dict.texts.Len()
		c.codes = extended(c.codes, c.rows, n)
		for i := range n {
			c.codes[c.rows+i] = uint32(have + i)
		}
	}
	texts.Start, texts.End = extended(texts.Start, have, n), extended(texts.End, have, n)
	return texts, have
}
