package tree

import (
	"context"
	"slices"

	"github.com/quintile-dev/quintile/models"
)

// missingCode is the bin of a missing value. Value bins are 0 to 254.
const missingCode = 255

// maxCategory is the first whole number that may not be a category code.
const maxCategory = 1 << 24

const wantCategory = "a category code (a whole number from 0, below 2^24), or NaN for a missing one"

// column is a column of the sample, prepared for the search.
type column struct {
	kind     Kind
	values   []float32 // as given
	codes    []uint8   // the bin of each row; nil if cut exactly, by values
	bins     int       // value bins in use
	lower    []float32 // numeric: the least value of each bin
	upper    []float32 // numeric: the greatest value of each bin
	listed   []int32   // categorical: the code of each bin, ascending; a bin after them holds the rest
	pooled   int       // categorical: how many codes share the bin of the rest
	coarse   bool      // numeric: bins may hold several values
	missing  bool      // a present row lacks a value
	constant bool      // one distinct value in all rows, or none in any
}

// prepare checks c, column j of x, and cuts the values into bins.
func (c *column) prepare(ctx context.Context, x models.Matrix, j, maxBins int, s *sample) error {
	low, high, present, err := c.extent(ctx, s.rows)
	if err != nil {
		return err
	}
	c.missing = present < len(s.rows)
	c.constant = present == 0 || low == high && !c.missing
	if low == negativeInfinity || high == positiveInfinity || c.kind == Categorical {
		if err := c.checkValues(x, j, s.rows); err != nil {
			return err
		}
	}
	if c.kind == Categorical {
		return c.cutCategories(ctx, s)
	}
	if few, err := c.cutFewValues(ctx, s.rows, limitOf(maxBins)); few || err != nil {
		return err
	}
	if maxBins == 0 {
		c.codes = nil
		return nil
	}
	return c.cutQuantiles(ctx, s, low, high, maxBins)
}

func limitOf(maxBins int) int {
	if maxBins == 0 {
		return maxValueBins
	}
	return maxBins
}

// extent returns the least and the greatest key of the given rows, and how many
// rows have a value.
func (c *column) extent(ctx context.Context, rows []uint32) (low, high uint32, present int, err error) {
	low = ^uint32(0)
	for block := range slices.Chunk(rows, breathe) {
		if err := ctx.Err(); err != nil {
			return 0, 0, 0, err
		}
		l, h, n := extentOf(c.values, block)
		low, high, present = min(low, l), max(high, h), present+n
	}
	return low, high, present, nil
}

func extentOf(values []float32, rows []uint32) (low, high uint32, present int) {
	low = ^uint32(0)
	for _, r := range rows {
		v := values[r]
		if v != v {
			continue
		}
		present++
		key := keyOf(v)
		low, high = min(low, key), max(high, key)
	}
	return low, high, present
}

// checkValues returns a *models.ValueError for the first value of the given
// rows that the column's kind does not admit.
func (c *column) checkValues(x models.Matrix, j int, rows []uint32) error {
	for _, r := range rows {
		if err := c.checkValue(x, j, int(r)); err != nil {
			return err
		}
	}
	return nil
}

func (c *column) checkValue(x models.Matrix, j, row int) error {
	v, want := c.values[row], ""
	switch {
	case v != v:
		return nil
	case c.kind == Categorical && !isCategory(v):
		want = wantCategory
	case v-v != 0:
		want = "a finite number, or NaN for a missing one"
	default:
		return nil
	}
	return &models.ValueError{Row: row + 1, Column: j + 1, Name: x.Name(j), Got: float64(v), Want: want}
}

func isCategory(v float32) bool {
	return v >= 0 && v < maxCategory && v == float32(int32(v))
}

// cutFewValues gives each distinct value a bin of its own, unless there are
// more than limit values: then the result is false.
func (c *column) cutFewValues(ctx context.Context, rows []uint32, limit int) (bool, error) {
	c.codes = make([]uint8, len(c.values))
	table := new(valueTable)
	for i, r := range rows {
		if err := breathless(ctx, i); err != nil {
			return false, err
		}
		v := c.values[r]
		if v != v {
			c.codes[r] = missingCode
			continue
		}
		code := table.code(keyOf(v))
		if code >= limit {
			return false, nil
		}
		c.codes[r] = uint8(code)
	}
	order := slices.Sorted(slices.Values(table.keys[:table.size]))
	rename := [256]uint8{missingCode: missingCode}
	for code, key := range table.keys[:table.size] {
		at, _ := slices.BinarySearch(order, key)
		rename[code] = uint8(at)
	}
	for _, key := range order {
		c.lower = append(c.lower, valueOf(key))
	}
	c.upper = c.lower
	c.bins = table.size
	for _, r := range rows {
		c.codes[r] = rename[c.codes[r]]
	}
	return true, nil
}

// valueTable numbers the distinct keys in the order of first occurrence. The
// table holds one key more than the most bins of a column.
type valueTable struct {
	slots [1024]uint16 // number + 1 by hash, linear probing; 0 is free
	keys  [maxValueBins + 1]uint32
	size  int
}

func (t *valueTable) code(key uint32) int {
	for h := key * 2654435761 >> 22; ; h = (h + 1) % uint32(len(t.slots)) {
		switch code := int(t.slots[h]) - 1; {
		case code < 0:
			code = t.size
			t.slots[h] = uint16(code + 1)
			t.keys[code] = key
			t.size++
			return code
		case t.keys[code] == key:
			return code
		}
	}
}
