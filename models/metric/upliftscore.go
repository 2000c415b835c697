package metric

import (
	"math"

	"github.com/quintile-dev/quintile/models"
)

// QiniAUC is the Qini coefficient of a ranking by predicted uplift.
//
// DistinctThresholds: the area between the Qini curve and its diagonal, over
// the area of the perfect ranking, with treated responders first and control
// responders last. Outcomes must be 0 or 1.
//
// RowStepped: the mean height of the curve above its diagonal, over the size
// of the end point.
//
// Missing: NaN without rows, where an arm is empty, or where the divisor is 0.
//
// Errors and cost are as for [QiniCurve].
func QiniAUC(t Trial, c Convention) (float64, error) {
	perfect := func(i int) float64 {
		if t.Treated[i] {
			return t.Outcome[i]
		}
		return -t.Outcome[i]
	}
	if c == RowStepped {
		return t.steppedScore(qiniMeasure, true)
	}
	return t.distinctScore(c, qiniMeasure, perfect)
}

// AUUC is the area under the uplift curve of a ranking by predicted uplift.
//
// DistinctThresholds: the area between the uplift curve and its diagonal, over
// the area of the perfect ranking: treated responders and control
// non-responders first, then the rarer of the two other kinds. Outcomes must be
// 0 or 1.
//
// RowStepped: the mean height of the curve over the size of its end point; the
// diagonal is not taken off, so that a random ranking scores ½.
//
// Missing, errors and cost are as for [QiniAUC].
func AUUC(t Trial, c Convention) (float64, error) {
	if c == RowStepped {
		return t.steppedScore(upliftMeasure, false)
	}
	if err := t.validate(); err != nil {
		return 0, err
	}
	var controlResponders, treatedOthers int
	for i, y := range t.Outcome {
		switch {
		case y == 1 && !t.Treated[i]:
			controlResponders++
		case y == 0 && t.Treated[i]:
			treatedOthers++
		}
	}
	perfect := func(i int) float64 {
		responded, treated := t.Outcome[i] == 1, t.Treated[i]
		rank := 0.0
		if responded == treated {
			rank = 2
		}
		if controlResponders > treatedOthers && responded || controlResponders <= treatedOthers && treated {
			rank++
		}
		return rank
	}
	return t.distinctScore(c, upliftMeasure, perfect)
}

// distinctScore returns the area of the curve above its diagonal over the area
// of the ranking by perfect.
func (t Trial) distinctScore(c Convention, m measure, perfect func(i int) float64) (float64, error) {
	points, err := t.curve(c, m)
	if err != nil {
		return 0, err
	}
	if err := zeroOne(t.Outcome, "outcome", len(t.Uplift)); err != nil {
		return 0, err
	}
	if !t.bothArms() {
		return math.NaN(), nil
	}
	best := Trial{Uplift: make([]float64, len(t.Uplift)), Outcome: t.Outcome, Treated: t.Treated}
	for i := range best.Uplift {
		best.Uplift[i] = perfect(i)
	}
	bestPoints := best.distinctCurve(m)
	last := bestPoints[len(bestPoints)-1]
	diagonal := float64(last.Rows) * last.Gain / 2
	scale := area(bestPoints) - diagonal
	if scale == 0 {
		return math.NaN(), nil
	}
	return (area(points) - diagonal) / scale, nil
}

// area returns the area under the points by trapezoids.
func area(points []UpliftPoint) float64 {
	sum := 0.0
	for k := 1; k < len(points); k++ {
		width := float64(points[k].Rows - points[k-1].Rows)
		sum += float64(width * (points[k].Gain + points[k-1].Gain) / 2)
	}
	return sum
}

// steppedScore returns the mean height of the curve, less the height of its
// diagonal if asked, over the size of its end point.
func (t Trial) steppedScore(m measure, lessDiagonal bool) (float64, error) {
	points, err := t.curve(RowStepped, m)
	if err != nil {
		return 0, err
	}
	end := points[len(points)-1].Gain
	if !t.bothArms() || end == 0 {
		return math.NaN(), nil
	}
	sum, n := 0.0, float64(len(points))
	for _, p := range points {
		sum += p.Gain
	}
	if lessDiagonal {
		sum -= float64(n * end / 2)
	}
	return sum / math.Abs(end) / n, nil
}

func (t Trial) bothArms() bool {
	var treated, control bool
	for _, v := range t.Treated {
		treated = treated || v
		control = control || !v
	}
	return treated && control
}

// Cut says of what the best share is taken in UpliftAt.
type Cut int

const (
	// Overall takes the best share of all rows, both arms together.
	Overall Cut = iota
	// ByArm takes the best share of the treated and of the controls.
	ByArm
)

// UpliftAt is the difference of the mean outcomes of treated and controls among
// the best-ranked share of the rows: the gain per customer of a campaign to
// that share.
//
// Shape: share in (0,1]; the cut falls after ⌊share·n⌋ rows. Among rows of
// equal prediction at the cut, each row counts in proportion.
//
// Missing: NaN where an arm has no row within the cut.
//
// Errors: *models.ShapeError, *models.ValueError, *models.ConfigError.
//
// Cost: O(n) time, 68 bytes per row.
func UpliftAt(t Trial, share float64, cut Cut) (float64, error) {
	if err := t.validate(); err != nil {
		return 0, err
	}
	if !(share > 0 && share <= 1) {
		return 0, &models.ConfigError{Field: "share", Got: share, Want: "a share in (0,1]"}
	}
	order := descending(t.Uplift)
	switch cut {
	case Overall:
		rows := math.Floor(share * float64(len(order)))
		return t.armMean(order, rows, true) - t.armMean(order, rows, false), nil
	case ByArm:
		return t.bestOfArm(order, share, true) - t.bestOfArm(order, share, false), nil
	}
	return 0, &models.ConfigError{Field: "cut", Got: int(cut), Want: "Overall or ByArm"}
}

// bestOfArm returns the mean outcome of the best share of one arm.
func (t Trial) bestOfArm(order []int32, share float64, treated bool) float64 {
	var arm []int32
	for _, i := range order {
		if t.Treated[i] == treated {
			arm = append(arm, i)
		}
	}
	return t.armMean(arm, math.Floor(share*float64(len(arm))), treated)
}

// armMean returns the mean outcome of one arm among the first rows of the
// ranked.
func (t Trial) armMean(ranked []int32, rows float64, treated bool) float64 {
	member := func(i int32) float64 {
		if t.Treated[i] == treated {
			return 1
		}
		return 0
	}
	size := accumulate(t.Uplift, ranked, member)
	outcome := accumulate(t.Uplift, ranked, func(i int32) float64 { return member(i) * t.Outcome[i] })
	return outcome.at(rows) / size.at(rows)
}
