package features

import (
	"slices"

	"github.com/quintile-dev/quintile/datasets/offheap"
	"github.com/quintile-dev/quintile/features/internal/narrow"
)

// packedColumns are the columns of a chunk, each in the shortest lossless form.
// No column is divided between two blocks.
type packedColumns struct {
	blocks  [][]uint64 // outside the heap; none where the columns were spilled
	columns []packedColumn
	stripe  int // words of a stripe of the temporary file
}

// packedColumn says where a column lies, in words from the beginning of the first
// block, or of each stripe of the temporary file.
type packedColumn struct {
	at   uint32
	form narrow.Form
}

// pack packs the first rows of the columns into the memory returned by room for
// so many words, and returns the place. scratch has a word for each row.
func (t *Table) pack(c *columnBlocks, rows int, scratch []uint64, room func(words int) ([]uint64, int, error)) ([]packedColumn, error) {
	columns := make([]packedColumn, len(t.config.Names))
	for j := range columns {
		values := c.column(j)[:rows]
		form := narrow.Pack(scratch, values)
		dst, at, err := room(form.Words(rows))
		if err != nil {
			return nil, err
		}
		if form == narrow.Floats {
			copy(offheap.Floats(dst), values)
		} else {
			copy(dst, scratch)
		}
		columns[j] = packedColumn{uint32(at), form}
	}
	return columns, nil
}

// packInBlocks packs the columns into blocks of a shelf.
func (t *Table) packInBlocks(shelf *offheap.Shelf, c *columnBlocks, rows int, scratch []uint64) (p packedColumns, err error) {
	var ends []int // of what is in each block
	p.columns, err = t.pack(c, rows, scratch, func(words int) ([]uint64, int, error) {
		k := 0
		for k < len(ends) && ends[k]+words > offheap.BlockWords {
			k++
		}
		if k == len(ends) {
			block, err := shelf.Take()
			if err != nil {
				return nil, 0, err
			}
			p.blocks, ends = append(p.blocks, block), append(ends, 0)
		}
		from := ends[k]
		ends[k] += words
		return p.blocks[k][from:ends[k]], k*offheap.BlockWords + from, nil
	})
	if err != nil {
		shelf.Give(p.blocks...)
		return packedColumns{}, err
	}
	return p, nil
}

// packInto packs the columns in turn and returns the columns with their words,
// in the memory of dst where large enough.
func (t *Table) packInto(dst []uint64, c *columnBlocks, rows int, scratch []uint64) (p packedColumns, words []uint64) {
	words = slices.Grow(dst[:0], rows*len(t.config.Names))
	p.columns, _ = t.pack(c, rows, scratch, func(n int) ([]uint64, int, error) { // room is never short
		from := len(words)
		words = words[:from+n]
		return words[from:], from, nil
	})
	return p, words
}

// column returns the words of column j of a chunk in memory.
func (p *packedColumns) column(j, rows int) []uint64 {
	c := p.columns[j]
	return p.blocks[c.at/offheap.BlockWords][c.at%offheap.BlockWords:][:c.form.Words(rows)]
}
