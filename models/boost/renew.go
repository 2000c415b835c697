package boost

import "slices"

// residual is what is left to explain of a row.
type residual struct{ value, weight float64 }

// weightedQuantile returns the least value v such that the rows up to v hold at
// least the share alpha of all weight: a minimiser of the quantile loss. rows is
// sorted in place and must not be empty.
func weightedQuantile(rows []residual, alpha float64) float64 {
	slices.SortFunc(rows, func(a, b residual) int {
		switch {
		case a.value < b.value:
			return -1
		case a.value > b.value:
			return 1
		}
		return 0
	})
	var total, sum float64
	for _, r := range rows {
		total += r.weight
	}
	for _, r := range rows {
		if sum += r.weight; sum >= float64(alpha*total) {
			return r.value
		}
	}
	return rows[len(rows)-1].value
}

// renewed returns the quantile of the residuals of rows.
func (p *problem) renewed(rows []uint32, score []float64, alpha float64) float64 {
	left := make([]residual, len(rows))
	for k, r := range rows {
		left[k] = residual{p.target[r] - score[r], p.weightOf(int(r))}
	}
	return weightedQuantile(left, alpha)
}
