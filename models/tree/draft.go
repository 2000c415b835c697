package tree

// draft is a node of a growing tree.
type draft struct {
	lo, hi      int // its rows, as places in the grower's rows
	depth       int
	stats       nodeStats
	split       split // of an inner node, or the best one found
	gain        float64
	left, right *draft // nil for a leaf
}

// impurity returns the impurity of the node times its weight.
func (d *draft) impurity(s *sweeper) float64 {
	switch {
	case d.stats.pure:
		return 0
	case s.classes == 0:
		return d.stats.spread
	case s.criterion == Gini:
		return max(0, d.stats.weight-s.merit(d.stats.mass, d.stats.weight))
	}
	return max(0, -s.merit(d.stats.mass, d.stats.weight))
}
