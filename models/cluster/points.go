package cluster

import (
	"context"
	"slices"

	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/models/cluster/internal/kernel"
)

const block = kernel.Block

// points are framed rows in the layout of package kernel. Points beyond n in the
// last block repeat the last point and count for nothing.
type points struct {
	n, d    int
	blocks  int
	x       []float32 // kernel.Spare values longer than the blocks
	weights []float64 // of each point; nil for 1
	total   float64   // sum of the weights
	squares float64   // Σ w·|x|², or 0 if not asked for
}

// packBlocks is how many blocks one task of a pass over points takes.
const packBlocks = 256

// pack lays the rows of s out as points in frame f. If energy is set, pack also
// adds up the squares, for an inertia.
func pack(ctx context.Context, workers int, x models.Matrix, s rowset, f frame, energy bool) (*points, error) {
	_, d := x.Dims()
	p := &points{n: s.n, d: d, blocks: (s.n + block - 1) / block, weights: slices.Clone(s.weights)}
	p.x = make([]float32, p.blocks*block*d+kernel.Spare)
	p.total = float64(s.n)
	if s.weights != nil {
		p.total = sum(s.weights)
	}
	tasks := (p.blocks + packBlocks - 1) / packBlocks
	parts := make([]float64, tasks)
	err := models.Parallel(ctx, workers, tasks, func(t int) error {
		// A few blocks at a time stay in the nearest cache, whatever their stride.
		const few = 8
		end := min((t+1)*packBlocks, p.blocks)
		for from := t * packBlocks; from < end; from += few {
			packRange(p, x, s, f, from, min(from+few, end))
			if energy {
				parts[t] += p.sumSquares(from, min(from+few, end))
			}
		}
		return nil
	})
	p.squares = sum(parts)
	return p, err
}

// packRange fills blocks [from,to). The loop goes by column, so that each
// column is read in order.
func packRange(p *points, x models.Matrix, s rowset, f frame, from, to int) {
	whole := from
	if s.rows == nil {
		whole = max(from, min(to, s.n/block))
	}
	for j, col := range x.Cols {
		if whole > from {
			kernel.Frame(col[from*block:whole*block], f.scale, f.shift[j], p.x[(from*p.d+j)*block:], p.d)
		}
		for b := whole; b < to; b++ {
			dst := (*[block]float32)(p.x[(b*p.d+j)*block:])
			for l := range dst {
				v := col[s.row(min(b*block+l, s.n-1))]
				dst[l] = float32(v*f.scale) - f.shift[j]
			}
		}
	}
}

// sumSquares returns Σ w·|x|² of the points in blocks [from,to).
func (p *points) sumSquares(from, to int) float64 {
	var total float64
	if p.weights == nil {
		whole := min(to, p.n/block)
		var a [4]float64
		for v := p.x[from*block*p.d : max(from, whole)*block*p.d]; len(v) >= 4; v = v[4:] {
			for i, u := range (*[4]float32)(v) {
				a[i] += float64(float64(u) * float64(u))
			}
		}
		total = (a[0] + a[1]) + (a[2] + a[3])
		from = max(from, whole)
	}
	for b := from; b < to; b++ {
		for j := range p.d {
			for l, u := range p.x[(b*p.d+j)*block:][:p.lanes(b)] {
				total += float64(p.weight(b*block+l) * float64(float64(u)*float64(u)))
			}
		}
	}
	return total
}

// lanes returns how many points of block b count.
func (p *points) lanes(b int) int { return min(block, p.n-b*block) }

// at returns coordinate j of point i.
func (p *points) at(i, j int) float32 {
	return p.x[(i/block*p.d+j)*block+i%block]
}

// weight returns what point i weighs.
func (p *points) weight(i int) float64 {
	if p.weights == nil {
		return 1
	}
	return p.weights[i]
}

// sum adds in blocks, so that rounding grows with the number of blocks and with
// the number of values in a block, not with the product.
func sum(v []float64) float64 {
	var total float64
	for len(v) > 0 {
		var part float64
		m := min(len(v), 4096)
		for _, w := range v[:m] {
			part += w
		}
		total += part
		v = v[m:]
	}
	return total
}
