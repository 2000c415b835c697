package neighbour

import (
	"context"
	"math"
	"slices"

	"github.com/quintile-dev/quintile/models"
)

// similar returns for each item held the cosines of the most similar items
// beyond EASE, among equals the most held.
func (p *prepared) similar(ctx context.Context, c Config) ([]weight, error) {
	if p.dense == p.items {
		return nil, nil
	}
	beyond := func(int) (low, high int) { return p.dense, p.items }
	kept := make([][]weight, p.items)
	err := p.companions(ctx, 0, p.items, c.Workers, beyond, func(item int, counts []uint32) {
		kept[item] = p.nearest(item, counts, c.Neighbours)
	})
	return slices.Concat(kept...), err
}

// nearest returns the k items beyond EASE of the highest cosine with item,
// given, for each item, the number of rows that hold both. One pass with a
// short list: sorting all companions of 20,000 items took most of the fit.
func (p *prepared) nearest(item int, counts []uint32, k int) []weight {
	var best []weight
	for j := p.dense; j < p.items; j++ {
		n := counts[j]
		if n == 0 || j == item {
			continue
		}
		w := weight{uint32(item), uint32(j), float64(n) / math.Sqrt(float64(p.counts[item])*float64(p.counts[j]))}
		switch {
		case len(best) < k:
			best = append(best, w)
		case w.value > best[k-1].value:
			best[k-1] = w
		default:
			continue
		}
		for i := len(best) - 1; i > 0 && w.value > best[i-1].value; i-- {
			best[i-1], best[i] = w, best[i-1]
		}
	}
	return best
}

// scale returns the κ ≥ 0 for which κ times the sum of the cosines comes nearest
// to holding, over all rows and all items beyond EASE:
//
//	κ = Σ x·s / Σ s²,  x = 1 where the row holds the item, else 0
//
// An item has no weight for itself, so that a row may also predict its own
// items.
func (p *prepared) scale(ctx context.Context, workers int) (float64, error) {
	none := make([]bool, p.ranked.rows.ItemCount)
	m := newModel(none, p.cosine)
	n := p.ranked.rows.Len()
	hit, square := make([]float64, (n+span-1)/span), make([]float64, (n+span-1)/span)
	err := models.Parallel(ctx, workers, len(hit), func(task int) error {
		scores := make([]float64, len(none))
		for i := task * span; i < min(n, (task+1)*span); i++ {
			row := p.ranked.rows.Row(i)
			m.addTo(scores, row)
			for _, item := range row {
				hit[task] += scores[item]
			}
			for _, from := range row {
				to, _ := m.Weights(from)
				for _, j := range to { // each once: it is cleared as it is counted
					square[task] += float64(scores[j] * scores[j])
					scores[j] = 0
				}
			}
		}
		return ctx.Err()
	})
	var hits, squares float64
	for task := range hit {
		hits += hit[task]
		squares += square[task]
	}
	if squares == 0 {
		return 0, err
	}
	return hits / squares, err
}
