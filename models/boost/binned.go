package boost

import (
	"context"
	"math"

	"github.com/quintile-dev/quintile/models"
)

// column is a column that can be split: a column with at least two bins, the
// bin of missing values included.
type column struct {
	index  int // in the matrix
	cuts   cuts
	lookup *lookup
	from   int // its entries in a histogram: one per bin, then the missing

	categorical bool // bins are categories, without an order
}

func (c *column) bins() int { return len(c.cuts) }

// binned is the data of a fit, every cell one byte, and every cell kept twice:
// row by row for histograms (a histogram needs all bins of a row and its gradient
// of the present round), and column by column for dividing rows by a column. So
// each pass reads as few cache lines as possible.
type binned struct {
	columns []column
	groups  int
	stride  int       // groups + 1
	rows    []uint64  // stride words a row: its pair, then the bins of eight columns each
	bins    [][]uint8 // by column
	entries int       // in a histogram
}

// width returns the number of columns in group g.
func (b *binned) width(g int) int {
	return min(groupSize, len(b.columns)-g*groupSize)
}

// histogramOf returns the part of a histogram that belongs to column s.
func (b *binned) histogramOf(hist []entry, s int) []entry {
	c := &b.columns[s]
	return hist[c.from : c.from+c.bins()+1]
}

// source is a matrix of which only some rows count.
type source struct {
	x    models.Matrix
	rows []int32 // nil for all
}

func (s source) len() int {
	if s.rows != nil {
		return len(s.rows)
	}
	n, _ := s.x.Dims()
	return n
}

// at returns the row of the matrix that is row i here.
func (s source) at(i int) int {
	if s.rows != nil {
		return int(s.rows[i])
	}
	return i
}

// bin cuts the columns of train into bins, and bins the rows of train, then the
// rows of valid. For categorical columns, the cuts hold the places of the
// categories; nil for other columns.
func (c Config) bin(ctx context.Context, train, valid source, known []categories) (*binned, error) {
	_, d := train.x.Dims()
	sample := sampleRows(train.len(), c.Seed)
	found := make([]cuts, d)
	missing := make([]bool, d)
	err := models.Parallel(ctx, c.Workers, d, func(j int) error {
		missing[j] = hasMissing(train, j)
		if known != nil && known[j] != nil {
			found[j] = known[j].cuts()
			return nil
		}
		col := train.x.Cols[j]
		values := make([]float32, len(sample))
		for k, i := range sample {
			values[k] = col[train.at(int(i))]
		}
		found[j] = cutColumn(values, c.Bins)
		return nil
	})
	if err != nil {
		return nil, err
	}
	b := new(binned)
	for j, cuts := range found {
		if len(cuts) > 1 || len(cuts) == 1 && missing[j] {
			b.columns = append(b.columns, column{
				index: j, cuts: cuts, lookup: newLookup(cuts), from: b.entries,
				categorical: known != nil && known[j] != nil,
			})
			b.entries += len(cuts) + 1
		}
	}
	return b, b.fill(ctx, train, valid, c.Workers)
}

func hasMissing(s source, j int) bool {
	col := s.x.Cols[j]
	for i := range s.len() {
		if v := col[s.at(i)]; v != v {
			return true
		}
	}
	return false
}

// fill bins every row.
func (b *binned) fill(ctx context.Context, train, valid source, workers int) error {
	n := train.len()
	rows := n + valid.len()
	b.groups = (len(b.columns) + groupSize - 1) / groupSize
	b.stride = b.groups + 1
	b.rows = make([]uint64, b.stride*rows)
	b.bins = make([][]uint8, len(b.columns))
	for s := range b.bins {
		b.bins[s] = make([]uint8, rows)
	}
	trainBlocks := blocks(n)
	return models.Parallel(ctx, workers, trainBlocks+blocks(valid.len()), func(t int) error {
		if t < trainBlocks {
			b.fillRows(train, 0, t*blockRows)
		} else {
			b.fillRows(valid, n, (t-trainBlocks)*blockRows)
		}
		return nil
	})
}

// fillRows bins a block of rows of s from row first on; row 0 of s is row origin
// here.
func (b *binned) fillRows(s source, origin, first int) {
	last := min(s.len(), first+blockRows)
	rows := b.rows[(origin+first)*b.stride : (origin+last)*b.stride]
	for k := range b.columns {
		c := &b.columns[k]
		bins := b.bins[k][origin+first : origin+last]
		c.binTo(bins, s, first)
		word, shift := 1+k/groupSize, uint(8*(k%groupSize))
		for _, v := range bins {
			rows[word] |= uint64(v) << shift
			word += b.stride
		}
	}
}

// binTo sets bins to the bins of the rows of s from row first on.
func (c *column) binTo(bins []uint8, s source, first int) {
	col := s.x.Cols[c.index]
	if s.rows == nil {
		for i, v := range col[first : first+len(bins)] {
			bins[i] = c.lookup.bin(v)
		}
		return
	}
	for i, r := range s.rows[first : first+len(bins)] {
		bins[i] = c.lookup.bin(col[r])
	}
}

// thresholdAfter returns the number between bin b of column s and the next bin:
// x is at most this number exactly for the bins up to b.
func (b *binned) thresholdAfter(s, bin int) float32 {
	if bin == len(b.columns[s].cuts)-1 {
		return math.MaxFloat32
	}
	return b.columns[s].cuts[bin]
}
