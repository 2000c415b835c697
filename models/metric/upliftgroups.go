package metric

import (
	"math"

	"github.com/quintile-dev/quintile/models"
)

// UpliftRow is one group of an uplift table: customers from one predicted uplift
// to another, the best group first.
type UpliftRow struct {
	Group       int     // from 1, the highest predictions
	Rows        int     // ≥ 0; groups differ by at most one row, the first being the larger
	Treated     float64 // a fraction where equal predictions straddle two groups
	TreatedMean float64 // outcome; NaN without treated
	ControlMean float64 // outcome; NaN without controls
	Uplift      float64 // TreatedMean − ControlMean; NaN where an arm is empty
}

// UpliftGroups ranks the rows by predicted uplift and returns the observed
// uplift of each group. Good predictions show an uplift that falls from group
// to group.
//
// Where equal predictions straddle two groups, treated, controls and outcomes
// are shared out in proportion.
//
// Shape: groups ≥ 1, usually 10; the first n mod groups have one row more.
//
// Errors: *models.ShapeError, *models.ValueError, *models.ConfigError.
//
// Cost: O(n) time, 100 bytes per row.
func UpliftGroups(t Trial, groups int) ([]UpliftRow, error) {
	if err := t.validate(); err != nil {
		return nil, err
	}
	if groups < 1 {
		return nil, &models.ConfigError{Field: "groups", Got: groups, Want: "an integer ≥ 1"}
	}
	order := descending(t.Uplift)
	member := func(treated, outcome bool) steps {
		return accumulate(t.Uplift, order, func(i int32) float64 {
			switch {
			case t.Treated[i] != treated:
				return 0
			case outcome:
				return t.Outcome[i]
			}
			return 1
		})
	}
	curves := [4]steps{member(true, false), member(true, true), member(false, false), member(false, true)}
	table := make([]UpliftRow, groups)
	var before [4]float64
	rows := 0
	for g := range table {
		size := len(order) / groups
		if g < len(order)%groups {
			size++
		}
		rows += size
		var own [4]float64
		for k, c := range curves {
			cum := c.at(float64(rows))
			own[k], before[k] = cum-before[k], cum
		}
		r := UpliftRow{Group: g + 1, Rows: size, Treated: own[0], TreatedMean: own[1] / own[0], ControlMean: own[3] / own[2]}
		r.Uplift = r.TreatedMean - r.ControlMean
		table[g] = r
	}
	return table, nil
}

// QiniArea is the area between the Qini curve and its diagonal under
// [DistinctThresholds], over the number of rows: the average gain of ranking by
// the prediction over a random order, in outcomes of the whole trial. QiniArea
// is not divided by the area of the perfect ranking, so that outcomes may be
// money.
//
// Missing: NaN without rows or where an arm is empty.
//
// Errors and cost are as for [QiniCurve].
func QiniArea(t Trial) (float64, error) {
	points, err := QiniCurve(t, DistinctThresholds)
	if err != nil {
		return 0, err
	}
	if !t.bothArms() {
		return math.NaN(), nil
	}
	last := points[len(points)-1]
	return area(points)/float64(last.Rows) - last.Gain/2, nil
}
