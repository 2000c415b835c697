package neighbour

import "github.com/quintile-dev/quintile/models"

// Model is a fitted table of weights. A Model is immutable and safe for
// concurrent use; only [Config.Fit] and [Model.UnmarshalBinary] make one.
type Model struct {
	dense   []bool    // by item: predicted by EASE
	offsets []int64   // by item held, into to and weights
	to      []uint32  // items predicted, ascending
	weights []float64 // not 0
}

// Items returns the number of item codes.
func (m *Model) Items() int { return len(m.dense) }

// Dense reports whether an item is predicted by EASE, and not by cosine.
func (m *Model) Dense(item uint32) bool { return m.dense[item] }

// Weights returns the items for which item has a weight, ascending, and the
// weights; both are views and must not be changed.
func (m *Model) Weights(item uint32) (to []uint32, weights []float64) {
	from, end := m.offsets[item], m.offsets[item+1]
	return m.to[from:end], m.weights[from:end]
}

// ScoreTo sets dst[j] to the score of item j for a row that holds the given
// items.
//
// Shape: dst has one entry per item; held is ascending, each item once.
//
// Units: about the share of such rows with the item, for items not in the row;
// below 0 where the items held speak against the item.
//
// Missing: 0 for every item where nothing is held.
//
// Errors: *models.ShapeError, *models.ValueError. dst is then unspecified.
//
// Cost: one addition per weight of an item held, no allocation.
func (m *Model) ScoreTo(dst []float64, held []uint32) error {
	if len(dst) != m.Items() {
		return &models.ShapeError{What: "scores", Got: len(dst), Want: m.Items()}
	}
	if err := checkSet(held, 0, m.Items()); err != nil {
		return err
	}
	clear(dst)
	m.addTo(dst, held)
	return nil
}

func (m *Model) addTo(dst []float64, held []uint32) {
	for _, i := range held {
		to, weights := m.Weights(i)
		weights = weights[:len(to)]
		for k, j := range to {
			dst[j] += weights[k]
		}
	}
}

// weight is one weight of a pair of items.
type weight struct {
	from, to uint32
	value    float64
}

// newModel builds a model from weights in any order, each pair once.
func newModel(dense []bool, weights []weight) *Model {
	weights = sortBy(weights, len(dense), func(w weight) uint32 { return w.to })
	weights = sortBy(weights, len(dense), func(w weight) uint32 { return w.from })
	m := &Model{
		dense:   dense,
		offsets: make([]int64, len(dense)+1),
		to:      make([]uint32, len(weights)),
		weights: make([]float64, len(weights)),
	}
	for k, w := range weights {
		m.offsets[w.from+1]++
		m.to[k], m.weights[k] = w.to, w.value
	}
	for i := range dense {
		m.offsets[i+1] += m.offsets[i]
	}
	return m
}

// sortBy returns the weights in ascending order of a key below n; equal keys
// keep their order.
func sortBy(weights []weight, n int, key func(weight) uint32) []weight {
	next := make([]int, n+1)
	for _, w := range weights {
		next[key(w)+1]++
	}
	for k := range n {
		next[k+1] += next[k]
	}
	out := make([]weight, len(weights))
	for _, w := range weights {
		k := key(w)
		out[next[k]] = w
		next[k]++
	}
	return out
}
