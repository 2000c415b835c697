package parquetio

import (
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go/format"

	"github.com/quintile-dev/quintile/datasets"
)

// decodable is a stretch of the rows of one row group.
type decodable struct {
	reader   *Reader
	group    int   // index of the row group
	from, to int64 // rows of the row group
	first    int64 // 1-based data row of row from
}

// Decode decodes the selected columns of the part, one after the other.
func (p *decodable) Decode(dst *datasets.Frame) (err error) {
	s := p.reader.scratch()
	defer p.reader.keep(s)
	leaf := 0 // the column at work, for messages
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("%w: %v", errDamaged, v)
		}
		if err != nil {
			err = p.reader.columnError(p.group, leaf, err)
		}
	}()
	dst.Path, dst.FirstLine, dst.FirstRow = p.reader.path, 0, p.first
	dst.LineOf, dst.Faults = nil, nil
	dst.Rows = int(p.to - p.from)
	selected := p.reader.selected
	for len(dst.Columns) < len(selected) {
		dst.Columns = append(dst.Columns, datasets.Column{})
	}
	dst.Columns = dst.Columns[:len(selected)]
	for i := range selected {
		leaf = selected[i]
		c := column{leaf: &p.reader.leaves[leaf], scratch: s}
		c.reset(&dst.Columns[i], dst.Rows)
		if err := p.decode(&c); err != nil {
			return err
		}
		c.finish()
	}
	return nil
}

var errDamaged = errors.New("damaged page")

// decode decodes the pages of the column that overlap the part.
func (p *decodable) decode(c *column) error {
	r := p.reader
	group := &r.meta.RowGroups[p.group]
	if err := c.open(r.file, r.size, &group.Columns[c.index]); err != nil {
		return err
	}
	for row := int64(0); row < p.to; {
		if err := c.next(); err != nil {
			if errors.Is(err, io.EOF) {
				return fmt.Errorf("%d rows, want %d", row, group.NumRows)
			}
			return err
		}
		n := c.pages.rows()
		if n > group.NumRows-row {
			return fmt.Errorf("a page of %d rows after %d, want %d in all", n, row, group.NumRows)
		}
		if c.unneeded(row+n <= p.from) {
			c.skip()
			row += n
			continue
		}
		body, err := c.read()
		if err != nil {
			return err
		}
		if c.header.Type == format.DictionaryPage {
			err = c.dictionary(body)
		} else {
			skip := max(0, p.from-row)
			err = c.page(body, int(n), int(skip), int(min(n, p.to-row)-skip))
		}
		if err != nil {
			return fmt.Errorf("page before byte %d: %w", c.at, err)
		}
		row += n
	}
	return nil
}

// unneeded reports whether the page before us can be passed over: it has no row
// of the part, or it is of a kind that holds no values.
func (c *column) unneeded(before bool) bool {
	switch c.header.Type {
	case format.DictionaryPage:
		return false
	case format.DataPage, format.DataPageV2:
		return before
	}
	return true
}
