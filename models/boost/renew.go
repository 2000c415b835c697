package boost

import "math/rand/v2"

// residual is what is left to explain of a row.
type residual struct{ value, weight float64 }

// weightedQuantile returns the least value v such that the rows up to v hold at
// least the share alpha of all weight: a minimiser of the quantile loss. rows is
// reordered and must not be empty.
//
// The method is Hoare's selection, with weights: O(n) expected time over the
// random pivots, drawn the same way in every run.
func weightedQuantile(rows []residual, alpha float64) float64 {
	var total, below float64
	for _, r := range rows {
		total += r.weight
	}
	want := float64(alpha * total)
	rng := rand.New(rand.NewPCG(uint64(len(rows)), 0))
	for {
		pivot := rows[rng.IntN(len(rows))].value
		less, more := divideAround(rows, pivot)
		under, at := weigh(rows[:less]), weigh(rows[less:more])
		switch {
		case less > 0 && below+under >= want:
			rows = rows[:less]
		case more == len(rows) || below+under+at >= want:
			return pivot
		default:
			below += under + at
			rows = rows[more:]
		}
	}
}

// divideAround puts the rows below pivot first and the rows above last, and
// returns the end of the first group and the start of the last.
func divideAround(rows []residual, pivot float64) (less, more int) {
	more = len(rows)
	for i := 0; i < more; {
		switch v := rows[i].value; {
		case v < pivot:
			rows[less], rows[i] = rows[i], rows[less]
			less++
			i++
		case v > pivot:
			more--
			rows[more], rows[i] = rows[i], rows[more]
		default:
			i++
		}
	}
	return less, more
}

func weigh(rows []residual) (sum float64) {
	for _, r := range rows {
		sum += r.weight
	}
	return sum
}

// renewed returns the quantile of the residuals of rows.
func (p *problem) renewed(rows []uint32, score []float64, alpha float64) float64 {
	left := make([]residual, len(rows))
	for k, r := range rows {
		left[k] = residual{p.target[r] - score[r], p.weightOf(int(r))}
	}
	return weightedQuantile(left, alpha)
}
