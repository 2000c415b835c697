package boost

import "math"

// shapleyScratch is the memory for computing the values of one path.
type shapleyScratch struct {
	answers [mostDepth]bool
	values  [mostDepth]float64
	product [mostDepth + 1]float64
	without [mostDepth + 1]float64
}

// shapley sets dst to the Shapley values of the conditions of p, given the
// conditions met in s.answers. With oⱼ = 1 where condition j holds and 0
// elsewhere, and zⱼ its share,
//
//	φᵢ = value · (oᵢ − zᵢ) · Σₛ wₛ · [yˢ] Πⱼ≠ᵢ (zⱼ + oⱼ·y),  wₛ = s!(D−1−s)!/D!
//
// since the coefficient of yˢ sums, over the sets of s other columns known, the
// chance to arrive at the leaf. For a condition that does not hold the factor zᵢ
// and the missing factor cancel, so all conditions that do not hold share one
// value.
func (p *path) shapley(dst []float64, s *shapleyScratch) {
	degree := 0 // of the product
	product := s.product[:len(dst)+1]
	clear(product)
	product[0] = 1
	for k := range p.conditions {
		z := p.conditions[k].share
		if s.answers[k] {
			degree++
		}
		for i := degree; i >= 0; i-- {
			product[i] *= z
			if s.answers[k] && i > 0 {
				product[i] += product[i-1]
			}
		}
	}
	failed := -p.value * p.weighted(product[:len(dst)])
	for k := range dst {
		if !s.answers[k] {
			dst[k] = failed
			continue
		}
		// Divide by (z + y), from the highest power down: every step takes a
		// share ≤ 1 of the one before, so errors do not grow.
		z := p.conditions[k].share
		without := s.without[:len(dst)]
		clear(without)
		above := 0.0
		for i := degree; i > 0; i-- {
			above = product[i] - float64(z*above)
			without[i-1] = above
		}
		dst[k] = p.value * (1 - z) * p.weighted(without)
	}
}

// weighted returns the sum of the coefficients, weighted by the orders in which
// that many columns come first.
func (p *path) weighted(coefficients []float64) float64 {
	var sum float64
	for s, c := range coefficients {
		sum += float64(p.weights[s] * c)
	}
	return sum
}

func newExplainer(trees []tree) *explainer {
	e := &explainer{trees: make([][]path, len(trees)), tables: make([]*table, len(trees))}
	for i, t := range trees {
		if len(t) > 1 {
			e.trees[i] = t.paths(nil, nil, 0)
			e.tables[i] = newTable(t, e.trees[i])
		}
	}
	return e
}

// paths appends the leaves below node i, above which conditions hold, to list.
func (t tree) paths(list []path, conditions []condition, i int32) []path {
	n := &t[i]
	if n.isLeaf() {
		return append(list, path{n.value, conditions, shapleyWeights(len(conditions))})
	}
	left := func(c *condition) {
		if n.set != nil {
			c.set = c.set.within(n.set, false)
		} else {
			c.to = min(c.to, n.threshold)
		}
		c.missing = c.missing && n.missingLeft
	}
	right := func(c *condition) {
		if n.set != nil {
			c.set = c.set.within(n.set, true)
		} else {
			c.from = max(c.from, n.threshold)
		}
		c.missing = c.missing && !n.missingLeft
	}
	list = t.paths(list, t.narrow(conditions, i, n.left, left), n.left)
	return t.paths(list, t.narrow(conditions, i, n.right, right), n.right)
}

// narrow returns a copy of conditions with the condition on the column of node
// i narrowed to the side of its child.
func (t tree) narrow(conditions []condition, i, child int32, to func(*condition)) []condition {
	column := t[i].column
	out := append(make([]condition, 0, len(conditions)+1), conditions...)
	k := 0
	for k < len(out) && out[k].column != column {
		k++
	}
	if k == len(out) {
		inf := float32(math.Inf(1))
		out = append(out, condition{column: column, missing: true, from: -inf, to: inf, share: 1})
	}
	to(&out[k])
	out[k].share *= float64(t[child].rows) / float64(t[i].rows)
	return out
}

// shapleyWeights returns s!(d−1−s)!/d! for s in [0,d).
func shapleyWeights(d int) []float64 {
	w := make([]float64, d)
	if d > 0 {
		w[0] = 1 / float64(d)
	}
	for s := 1; s < d; s++ {
		w[s] = w[s-1] * float64(s) / float64(d-s)
	}
	return w
}
