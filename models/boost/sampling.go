package boost

import (
	"context"
	"math"
	"math/rand/v2"

	"github.com/quintile-dev/quintile/models"
)

// drawRows sets g.rows to the rows for learning in this round, and g.others to
// the rows that are only scored; both rise.
func (g *grower) drawRows(ctx context.Context, p *problem, round int) error {
	if g.config.RowShare == 1 {
		g.rows = g.rows[:p.rows]
		for i := range g.rows {
			g.rows[i] = uint32(i)
		}
		g.others = g.others[:0]
	} else if err := g.drawShare(ctx, p.rows, round); err != nil {
		return err
	}
	for i := p.rows; i < len(p.target); i++ {
		g.others = append(g.others, uint32(i))
	}
	return nil
}

// drawShare takes each row with the chance RowShare, one generator a block, and
// takes the first row where no row was drawn.
func (g *grower) drawShare(ctx context.Context, n, round int) error {
	taken := make([]int, blocks(n)) // by block, at the front of its stretch of spare
	err := models.Parallel(ctx, len(g.summers), len(taken), func(t int) error {
		rng := rand.New(rand.NewPCG(g.config.Seed, streamOf(streamRows, round, t)))
		stretch := block(g.spare[:n], t)
		in, out := 0, len(stretch)
		for i := range stretch {
			row := uint32(t*blockRows + i)
			if rng.Float64() < g.config.RowShare {
				stretch[in] = row
				in++
			} else {
				out--
				stretch[out] = row // backwards
			}
		}
		taken[t] = in
		return nil
	})
	g.rows, g.others = g.rows[:0], g.others[:0]
	for t, in := range taken {
		stretch := block(g.spare[:n], t)
		g.rows = append(g.rows, stretch[:in]...)
		for i := len(stretch) - 1; i >= in; i-- {
			g.others = append(g.others, stretch[i])
		}
	}
	if len(g.rows) == 0 {
		g.rows, g.others = append(g.rows, g.others[0]), g.others[1:]
	}
	return err
}

// streamOf numbers the generators of a seed: one per use, round and block.
func streamOf(use, round, block int) uint64 {
	return uint64(use)<<56 | uint64(round)<<32 | uint64(block)
}

// drawColumns chooses ColumnShare of the columns, at least one.
func (g *grower) drawColumns(round int) {
	d := len(g.active)
	take := d
	if g.config.ColumnShare < 1 {
		take = max(1, int(math.RoundToEven(g.config.ColumnShare*float64(d))))
	}
	clear(g.activeGroup)
	rng := rand.New(rand.NewPCG(g.config.Seed, streamOf(streamColumns, round, 0)))
	for s := range g.active {
		g.active[s] = take == d-s || rng.IntN(d-s) < take
		if g.active[s] {
			take--
			g.activeGroup[s/groupSize] = true
		}
	}
}
