package metric

import (
	"math"

	"github.com/quintile-dev/quintile/models"
)

// GainRow is one group of a gains table: customers from one score to another,
// the best group first.
type GainRow struct {
	Group        int     // from 1, the highest scores
	Rows         int     // ≥ 0; groups differ by at most one row
	Positives    float64 // a fraction where equal scores straddle two groups
	Rate         float64 // Positives / Rows; NaN without rows
	Lift         float64 // Rate / overall rate; NaN without rows or positives
	CumRows      int     // up to and with this group
	CumPositives float64
	CumShare     float64 // of all positives, in [0,1]; NaN without positives
	CumLift      float64 // CumPositives / CumRows / overall rate
	KS           float64 // CumShare less the same for negatives, in [−1,1]
	LowestScore  float64 // of the group; NaN without rows
}

// Gains ranks the rows by score and tabulates how many positives the best
// 1/groups of them hold, the next, and so on. The lift of the first of ten
// groups is the top-decile lift.
//
// Where equal scores straddle two groups, the positives among them are shared
// out in proportion, as a random order would do on average.
//
// Shape: one score and label (0 or 1) per row; groups ≥ 1, usually 10. Group g
// ends after row ⌊g·n/groups⌋.
//
// Errors: *models.ShapeError, *models.ValueError, *models.ConfigError.
//
// Cost: O(n) time, 36 bytes per row.
func Gains(score, label []float64, groups int) ([]GainRow, error) {
	if err := binary(score, "score", label, nil); err != nil {
		return nil, err
	}
	if groups < 1 {
		return nil, &models.ConfigError{Field: "groups", Got: groups, Want: "an integer ≥ 1"}
	}
	order := descending(score)
	n := len(score)
	curve := accumulate(score, order, func(i int32) float64 { return label[i] })
	positives := curve.at(float64(n))
	rate := positives / float64(n)
	table := make([]GainRow, groups)
	var rowsBefore int
	var positivesBefore float64
	for g := range table {
		cumRows := int(int64(g+1) * int64(n) / int64(groups))
		cum := curve.at(float64(cumRows))
		rows := cumRows - rowsBefore
		lowest := math.NaN()
		if rows > 0 {
			lowest = score[order[cumRows-1]]
		}
		r := float64(cum-positivesBefore) / float64(rows)
		table[g] = GainRow{
			Group: g + 1, Rows: rows, Positives: cum - positivesBefore, Rate: r, Lift: r / rate,
			CumRows: cumRows, CumPositives: cum, CumShare: cum / positives,
			CumLift:     cum / float64(cumRows) / rate,
			KS:          cum/positives - (float64(cumRows)-cum)/(float64(n)-positives),
			LowestScore: lowest,
		}
		rowsBefore, positivesBefore = cumRows, cum
	}
	return table, nil
}

// TopLift is the share of positives among the best-scored share of the rows,
// over the share among all rows: the top-decile lift for share 0.1. Equal
// scores at the cut are counted in proportion, as in [Gains], and the cut may
// fall within a row, so share 0.1 of 15 rows is one row and a half.
//
// Shape: one score and label (0 or 1) per row; share in (0,1].
//
// Missing: NaN without rows or without positives.
//
// Errors: *models.ShapeError, *models.ValueError, *models.ConfigError.
//
// Cost: O(n) time, 36 bytes per row.
func TopLift(score, label []float64, share float64) (float64, error) {
	if err := binary(score, "score", label, nil); err != nil {
		return 0, err
	}
	if !(share > 0 && share <= 1) {
		return 0, &models.ConfigError{Field: "share", Got: share, Want: "a share in (0,1]"}
	}
	curve := accumulate(score, descending(score), func(i int32) float64 { return label[i] })
	n := float64(len(score))
	top := float64(share * n)
	return (curve.at(top) / top) / (curve.at(n) / n), nil
}

// steps is a cumulative sum over the ranked rows, known where one score ends
// and the next begins, and linear between.
type steps struct{ rows, sum []float64 }

// accumulate sums value over the rows in the given order of descending score.
func accumulate(score []float64, order []int32, value func(row int32) float64) steps {
	s := steps{rows: []float64{0}, sum: []float64{0}}
	sum := 0.0
	for from, to := range ties(score, order) {
		for _, i := range order[from:to] {
			sum += value(i)
		}
		s.rows = append(s.rows, float64(to))
		s.sum = append(s.sum, sum)
	}
	return s
}

// at returns the sum over the first rows rows.
func (s steps) at(rows float64) float64 {
	low, high := 0, len(s.rows)-1
	for low < high { // the first known point at or beyond rows
		if mid := (low + high) / 2; s.rows[mid] < rows {
			low = mid + 1
		} else {
			high = mid
		}
	}
	if s.rows[low] <= rows || low == 0 {
		return s.sum[low]
	}
	share := (rows - s.rows[low-1]) / (s.rows[low] - s.rows[low-1])
	return s.sum[low-1] + float64(share*(s.sum[low]-s.sum[low-1]))
}
