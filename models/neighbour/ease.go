package neighbour

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/quintile-dev/quintile/models"
)

// countPairs returns XᵀX of the dense items.
func (p *prepared) countPairs(ctx context.Context, workers int) (*triangle, error) {
	if p.dense == 0 {
		return nil, nil
	}
	gram := newTriangle(p.dense)
	below := func(item int) (low, high int) { return 0, item + 1 }
	err := p.companions(ctx, 0, p.dense, workers, below, func(item int, counts []uint32) {
		for j, n := range counts[:item+1] {
			gram.at(item/side, j/side)[item%side*side+j%side] = float64(n)
		}
	})
	return gram, err
}

// ease returns the weights of EASE between ranks. It destroys gram.
func (p *prepared) ease(ctx context.Context, c Config, gram *triangle) ([]weight, error) {
	if p.dense == 0 {
		return nil, nil
	}
	for i := range gram.size * side { // rows beyond the dense items are those of the unit matrix
		entry := &gram.at(i/side, i/side)[i%side*side+i%side]
		if i < p.dense {
			*entry += c.L2
		} else {
			*entry = 1
		}
	}
	mirror(gram)
	positive, err := gram.factor(ctx, c.Workers)
	if err != nil {
		return nil, err
	}
	if !positive {
		return nil, fmt.Errorf("neighbour: l2 %g: got a matrix that rounding leaves singular, want one to invert; raise l2", c.L2)
	}
	if err := gram.invert(ctx, c.Workers); err != nil {
		return nil, err
	}
	kept := make([][]weight, p.dense)
	err = models.Parallel(ctx, c.Workers, p.dense, func(j int) error {
		kept[j] = largest(gram, j, p.dense, c.Keep)
		return nil
	})
	return slices.Concat(kept...), err
}

// mirror fills the upper half of the diagonal tiles, which counting leaves 0.
func mirror(m *triangle) {
	for k := range m.size {
		t := m.at(k, k)
		for i := range side {
			for j := range i {
				t[j*side+i] = t[i*side+j]
			}
		}
	}
}

// largest returns the keep weights of the largest size for predicting item j,
// among equals the lowest ranks, from the inverse.
func largest(inverse *triangle, j, n, keep int) []weight {
	own := inverse.entry(j, j)
	all := make([]weight, 0, n)
	for i := range n {
		if value := -inverse.entry(i, j) / own; i != j && value != 0 {
			all = append(all, weight{uint32(i), uint32(j), value})
		}
	}
	if len(all) <= keep {
		return all
	}
	slices.SortFunc(all, func(a, b weight) int {
		return cmp.Or(cmp.Compare(math.Abs(b.value), math.Abs(a.value)), cmp.Compare(a.from, b.from))
	})
	return slices.Clone(all[:keep])
}
