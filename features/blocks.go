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

// takeColumns returns room for d columns of the stride.
func takeColumns(shelf *offheap.Shelf, d, stride int) (columnBlocks, error) {
	c := columnBlocks{stride: stride, per: offheap.BlockWords / stride}
	for range blocksOf(d, stride) {
		block, err := shelf.Take()
		if err != nil {
			shelf.Give(c.blocks...)
			return columnBlocks{}, err
		}
		c.blocks = append(c.blocks, block)
	}
	return c, nil
}

// column returns column j, as long as the stride.
func (c *columnBlocks) column(j int) []float64 {
	at := j % c.per * c.stride
	return offheap.Floats(c.blocks[j/c.per][at : at+c.stride : at+c.stride])
}
