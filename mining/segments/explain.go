package segments

import (
	"context"
	"math"
	"slices"

	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining"
)

// Explain says how far the first customer of a batch is from the centre of each group, and
// which change of one feature would put the customer into the nearest other group.
func (m *Model) Explain(_ context.Context, b *mining.Batch) ([]mining.Explained, error) {
	w, names, centres := b.Words(), m.Scaler.Names(), m.KMeans.Centres()
	at, raw := make([]float64, len(names)), make([]float64, len(names))
	for j, name := range names {
		raw[j] = b.Column(name)[0]
		at[j] = m.Scaler.Columns[j].Value(raw[j])
		if math.IsNaN(raw[j]) && name == "recency_days" { // has never bought
			return nil, nil
		}
	}
	squares, order := make([]float64, len(centres)), make([]int, len(centres))
	for g, c := range centres {
		order[g] = g
		for j := range c {
			squares[g] += float64((at[j] - c[j]) * (at[j] - c[j]))
		}
	}
	slices.SortStableFunc(order, func(x, y int) int {
		switch {
		case squares[x] < squares[y]:
			return -1
		case squares[x] > squares[y]:
			return 1
		}
		return 0
	})
	distances := mining.Explained{Title: w.Text("Distances from the centres of the groups")}
	for _, g := range order {
		distances.Parts = append(distances.Parts, mining.Part{
			Text: w.Say("group %d, %s", m.number(int32(g)), m.Names[g]), Size: new(math.Sqrt(squares[g])), Unit: w.Text("standard deviations"),
		})
	}
	if len(order) < 2 {
		return []mining.Explained{distances}, nil
	}
	own, next := order[0], order[1]
	change := mining.Explained{Title: w.Say("What would change the group to %d, %s", m.number(int32(next)), m.Names[next])}
	for j, name := range names {
		apart := centres[next][j] - centres[own][j]
		if apart == 0 || m.Scaler.Columns[j].Constant {
			continue
		}
		move := (squares[next] - squares[own]) / (2 * apart)
		if math.Abs(move) > farthest {
			continue // further than customers are apart
		}
		target := at[j] + move
		if v, reached := valueAt(&m.Scaler.Columns[j], target); reached {
			change.Parts = append(change.Parts, mining.Part{Text: w.Say("%s: %s instead of %s", w.Name(name), w.Value(name, v), w.Value(name, raw[j]))})
		}
	}
	return []mining.Explained{distances, change}, nil
}

// farthest is the most, in standard deviations, that a change asks of a feature.
const farthest = 4

// most bounds the values of features that a change may ask for.
const most = 1e9

// valueAt returns the value ≥ 0 of a feature whose scaled value is target, by bisection, since
// scaling never falls; false where there is none.
func valueAt(c *features.ColumnScale, target float64) (v float64, reached bool) {
	low, high := 0.0, most
	if !(c.Value(low) <= target && c.Value(high) >= target) {
		return 0, false
	}
	for range 100 {
		middle := (low + high) / 2
		if c.Value(middle) < target {
			low = middle
		} else {
			high = middle
		}
	}
	return high, true
}
