package tree

import (
	"context"
	"math/bits"
	"slices"
)

// cutQuantiles cuts a column of many values into at most limit bins of about
// equal mass.
//
// cutQuantiles counts the values in some ten thousand cells, narrow where the
// values are dense, and joins cells to bins. A cut is off its quantile by a
// small part of a bin, and depends on values and weights only, never on the
// order of rows. Sorting would meet the quantiles exactly, at the price of two
// more columns of memory for each worker; [workspace.refine] corrects the
// remaining error.
func (c *column) cutQuantiles(ctx context.Context, s *sample, low, high uint32, limit int) error {
	grid, err := newGrid(ctx, c.values, s, low, high)
	if err != nil {
		return err
	}
	bins := quantileBins(grid.runs(), limit)
	c.bins, c.coarse = len(bins), true
	return c.encode(ctx, s.rows, grid, grid.binOfCells(bins))
}

// encode sets the codes of the given rows, and the extremes of each bin.
func (c *column) encode(ctx context.Context, rows []uint32, g *grid, bin []uint8) error {
	low, high := new([256]uint32), new([256]uint32)
	for b := range low {
		low[b] = ^uint32(0)
	}
	for block := range slices.Chunk(rows, breathe) {
		if err := ctx.Err(); err != nil {
			return err
		}
		encodeBlock(c.codes, c.values, block, g, bin, low, high)
	}
	for b := range c.bins {
		c.lower = append(c.lower, valueOf(low[b]))
		c.upper = append(c.upper, valueOf(high[b]))
	}
	return nil
}

func encodeBlock(codes []uint8, values []float32, rows []uint32, g *grid, bin []uint8, low, high *[256]uint32) {
	codes = codes[:len(values)]
	for _, r := range rows {
		v := values[r]
		if v != v {
			codes[r] = missingCode
			continue
		}
		key := keyOf(v)
		b := bin[g.cell(key)]
		codes[r] = b
		if key < low[b] {
			low[b] = key
		}
		if key > high[b] {
			high[b] = key
		}
	}
}

// A grid divides a range of keys into cells: equal top cells, the fuller cells
// divided again. Cells are numbered in the order of keys. The sizes keep its
// tables in a core's cache.
type grid struct {
	origin uint32
	shift  uint // a top cell is 2^shift keys
	inside uint32
	top    []topCell
	mass   []float64 // by cell
}

// topCell says where the cells of a top cell begin, and how wide each is.
type topCell struct {
	first uint32
	shift uint32
}

func (g *grid) cell(key uint32) uint32 {
	k := key - g.origin
	t := g.top[k>>g.shift]
	return t.first + (k&g.inside)>>(t.shift&31)
}

const (
	topBits    = 14 // at most 2^topBits top cells
	finestBits = 13 // a cell is divided until it holds about 2^-finestBits of the mass
)

func newGrid(ctx context.Context, values []float32, s *sample, low, high uint32) (*grid, error) {
	shift := uint(max(0, bits.Len32(high-low)-topBits))
	g := &grid{origin: low, shift: shift, inside: 1<<shift - 1}
	g.top = make([]topCell, (high-low)>>shift+1)
	for t := range g.top {
		g.top[t] = topCell{first: uint32(t), shift: uint32(shift)}
	}
	if err := g.count(ctx, values, s, len(g.top)); err != nil || shift == 0 {
		return g, err
	}
	total := 0.0
	for _, m := range g.mass {
		total += m
	}
	cells := 0
	for t, m := range g.mass {
		want := uint64(m / total * (1 << finestBits))
		split := min(shift, uint(bits.Len64(want)))
		g.top[t] = topCell{first: uint32(cells), shift: uint32(shift - split)}
		cells += 1 << split
	}
	return g, g.count(ctx, values, s, cells)
}

// count sets the mass of each cell to the weight of the values in it.
func (g *grid) count(ctx context.Context, values []float32, s *sample, cells int) error {
	g.mass = make([]float64, cells)
	if s.weight != nil {
		return g.weigh(ctx, values, s)
	}
	n := make([]uint32, cells)
	for block := range slices.Chunk(s.rows, breathe) {
		if err := ctx.Err(); err != nil {
			return err
		}
		countBlock(n, values, block, g)
	}
	for cell, m := range n {
		g.mass[cell] = float64(m)
	}
	return nil
}

func countBlock(n []uint32, values []float32, rows []uint32, g *grid) {
	for _, r := range rows {
		if v := values[r]; v == v {
			n[g.cell(keyOf(v))]++
		}
	}
}

func (g *grid) weigh(ctx context.Context, values []float32, s *sample) error {
	for block := range slices.Chunk(s.rows, breathe) {
		if err := ctx.Err(); err != nil {
			return err
		}
		for _, r := range block {
			if v := values[r]; v == v {
				g.mass[g.cell(keyOf(v))] += s.weight[r]
			}
		}
	}
	return nil
}

// run is a stretch of neighbouring cells, both ends included.
type run struct {
	first, last uint32
	mass        float64
}

// runs returns the cells that hold something.
func (g *grid) runs() []run {
	var runs []run
	for cell, m := range g.mass {
		if m > 0 {
			runs = append(runs, run{uint32(cell), uint32(cell), m})
		}
	}
	return runs
}

// binOfCells returns the number of the bin of each cell.
func (g *grid) binOfCells(bins []run) []uint8 {
	of := make([]uint8, len(g.mass))
	for b, r := range bins {
		for cell := r.first; cell <= r.last; cell++ {
			of[cell] = uint8(b)
		}
	}
	return of
}

// quantileBins joins neighbouring runs into at most limit bins of about equal
// mass. A run heavier than a fair share keeps a bin of its own, so that a
// frequent value (often 0) can be split from its neighbours.
func quantileBins(runs []run, limit int) []run {
	total := 0.0
	for _, r := range runs {
		total += r.mass
	}
	heavy := total / float64(limit)
	for {
		stretches, alone := countStretches(runs, heavy)
		if cuts := limit - stretches - alone; cuts >= 0 {
			return joinRuns(runs, heavy, cuts)
		}
		heavy += heavy
	}
}

// countStretches counts the runs heavier than heavy, and the unbroken ranges of
// lighter runs between them.
func countStretches(runs []run, heavy float64) (stretches, alone int) {
	inside := false
	for _, r := range runs {
		if r.mass > heavy {
			alone++
			inside = false
		} else if !inside {
			stretches++
			inside = true
		}
	}
	return stretches, alone
}

// joinRuns joins the light runs, with cuts at equal distances in mass.
func joinRuns(runs []run, heavy float64, cuts int) []run {
	light := 0.0
	for _, r := range runs {
		if r.mass <= heavy {
			light += r.mass
		}
	}
	step := light / float64(cuts+1)
	bins := make([]run, 0, cuts+2)
	open := false // the last bin takes more
	done := 0.0   // light mass so far
	next := step  // where the next cut belongs
	for _, r := range runs {
		if r.mass > heavy {
			bins = append(bins, r)
			open = false
			continue
		}
		// Cut before this run if the quantile is nearer to the start of the run
		// than to its end.
		for cuts > 0 && done+r.mass/2 >= next {
			open = false
			next += step
			cuts--
		}
		if open {
			last := &bins[len(bins)-1]
			last.last = r.last
			last.mass += r.mass
		} else {
			bins = append(bins, r)
			open = true
		}
		done += r.mass
	}
	return bins
}
