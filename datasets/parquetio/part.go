package parquetio

import (
	"errors"
	"fmt"

	"github.com/quintile-dev/quintile/datasets"
)

// stretchRows is the number of rows that Each decodes at a time.
const stretchRows = 1 << 13

// decodable is a piece of the rows of one row group.
type decodable struct {
	reader   *Reader
	group    int   // index of the row group
	from, to int64 // rows of the row group
	first    int64 // 1-based data row of row from
}

// Decode decodes the part whole.
func (p *decodable) Decode(dst *datasets.Frame) error {
	return p.each(dst, int(p.to-p.from), func() error { return nil })
}

// Each decodes the part a few thousand rows at a time, which lie in the cache
// then, and in less memory.
func (p *decodable) Each(dst *datasets.Frame, do func() error) error {
	return p.each(dst, p.reader.stretch, do)
}

func (p *decodable) each(dst *datasets.Frame, rows int, do func() error) error {
	s, ok := dst.Scratch.(*scratch)
	if !ok {
		s = new(scratch)
		dst.Scratch = s
	}
	defer s.letGo()
	selected := p.reader.selected
	for len(dst.Columns) < len(selected) {
		dst.Columns = append(dst.Columns, datasets.Column{})
	}
	dst.Path, dst.FirstLine, dst.LineOf, dst.Faults = p.reader.path, 0, nil, nil
	if err := p.guard(s, func(c *column, i int) error { return p.begin(c, selected[i]) }); err != nil {
		return err
	}
	for row := p.from; row < p.to; row += int64(dst.Rows) {
		dst.FirstRow = p.first + row - p.from
		dst.Rows = min(rows, int(p.to-row))
		dst.Columns = dst.Columns[:len(selected)]
		if err := p.guard(s, func(c *column, i int) error { return c.fill(&dst.Columns[i], dst.Rows) }); err != nil {
			return err
		}
		if err := do(); err != nil {
			return err
		}
	}
	return nil
}

// begin sets a column to the first row of the part.
func (p *decodable) begin(c *column, leaf int) error {
	r := p.reader
	if err := c.begin(r, &r.leaves[leaf], &r.meta.RowGroups[p.group]); err != nil {
		return err
	}
	return c.pass(p.from)
}

// guard calls do for every selected column, and adds the column to an error. A
// panic becomes an error too: it comes from a page with unforeseen damage.
func (p *decodable) guard(s *scratch, do func(c *column, i int) error) (err error) {
	at := 0
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("%w: %s", errDamaged, datasets.Recovered(v))
		}
		if err != nil {
			err = p.reader.columnError(p.group, p.reader.selected[at], err)
		}
	}()
	for at = range p.reader.selected {
		if err := do(s.column(at), at); err != nil {
			return err
		}
	}
	return nil
}

var errDamaged = errors.New("damaged page")
