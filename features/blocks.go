package features

import (
	"github.com/quintile-dev/quintile/datasets/offheap"
)

// columnBlocks holds columns of numbers of equal length in blocks outside the
// heap, several columns to a block.
type columnBlocks struct {
	blocks [][]uint64
	stride int // rows that a column has room for, a multiple of tileRows up to chunkRows
	per    int // columns of a block
}

// strideOf returns the least stride for rows.
func strideOf(rows int) int {
	return min(max((rows+tileRows-1)/tileRows, 1)*tileRows, chunkRows)
}

// blocksOf returns the number of blocks that d columns of a stride take.
func blocksOf(d, stride int) int {
	per := offheap.BlockWords / stride
	return (d + per - 1) / per
}

// take returns room for d columns of the stride.
func (t *Table) take(d, stride int) (columnBlocks, error) {
	c := columnBlocks{stride: stride, per: offheap.BlockWords / stride}
	for range blocksOf(d, stride) {
		block, err := t.blocks.Take()
		if err != nil {
			t.give(c)
			return columnBlocks{}, err
		}
		c.blocks = append(c.blocks, block)
	}
	return c, nil
}

// give lets columns go.
func (t *Table) give(c columnBlocks) { t.blocks.Give(c.blocks...) }

// column returns column j, as long as the stride.
func (c *columnBlocks) column(j int) []float64 {
	at := j % c.per * c.stride
	return offheap.Floats(c.blocks[j/c.per][at : at+c.stride : at+c.stride])
}
