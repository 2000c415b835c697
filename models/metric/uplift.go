package metric

import (
	"fmt"
	"math"

	"github.com/quintile-dev/quintile/models"
)

// Convention is a way of scoring uplift rankings; two are in use. The two give
// different figures for the same ranking, so every output names its convention.
type Convention int

const (
	// DistinctThresholds is scikit-uplift's convention: the curve has a point
	// at each distinct prediction, areas are by trapezoids, and the area above
	// the diagonal is divided by that of the best curve the outcomes allow. 1
	// is perfect, 0 random. The order of the rows does not matter.
	DistinctThresholds Convention = iota
	// RowStepped is causalml's convention: the curve has a point at each row,
	// points where one arm is still empty are interpolated, the curve is divided
	// by the size of its end point, and the area is the mean of the points. Rows
	// of equal prediction keep their order, so the order of equal rows matters.
	RowStepped
)

// String names the convention as outputs print it.
func (c Convention) String() string {
	switch c {
	case DistinctThresholds:
		return "distinct-thresholds (as scikit-uplift)"
	case RowStepped:
		return "row-stepped (as causalml)"
	}
	return fmt.Sprintf("Convention(%d)", int(c))
}

// Trial is the outcome of a randomised trial and a prediction of each row's
// uplift: the gain in outcome by the treatment.
type Trial struct {
	Uplift  []float64 // predicted; any unit, only the order counts
	Outcome []float64 // observed: 0 or 1 for responses; any finite number for RowStepped and the curves
	Treated []bool    // false: in the control group
}

// validate refuses a trial whose parts do not fit or are not finite.
func (t Trial) validate() error {
	n := len(t.Uplift)
	if err := finite(t.Uplift, "uplift", n); err != nil {
		return err
	}
	if err := finite(t.Outcome, "outcome", n); err != nil {
		return err
	}
	if len(t.Treated) != n {
		return &models.ShapeError{What: "treated", Got: len(t.Treated), Want: n}
	}
	return nil
}

// armSums are what has accumulated in both arms over the best-ranked rows.
type armSums struct{ treated, control, treatedOutcome, controlOutcome float64 }

func (s *armSums) add(t Trial, i int32) {
	if t.Treated[i] {
		s.treated++
		s.treatedOutcome += t.Outcome[i]
	} else {
		s.control++
		s.controlOutcome += t.Outcome[i]
	}
}

// qini returns the outcome gained by treating these rows (Radcliffe): the
// outcome of the treated less the outcome of the controls, scaled to the number
// of the treated. NaN without controls.
func (s armSums) qini() float64 {
	return s.treatedOutcome - float64(s.controlOutcome*(s.treated/s.control))
}

// lift returns the difference of the mean outcomes. NaN with an empty arm.
func (s armSums) lift() float64 {
	return s.treatedOutcome/s.treated - s.controlOutcome/s.control
}

// UpliftPoint is one point of an uplift or Qini curve.
type UpliftPoint struct {
	Rows int     // the best-ranked rows, from 0
	Gain float64 // outcome gained by treating them, in the unit of the outcome
}

// measure is the height of a curve as the two conventions compute it.
type measure struct {
	distinct func(armSums) float64             // at a threshold
	stepped  func(armSums) float64             // at a row; NaN to be interpolated
	finish   func(v float64, rows int) float64 // after interpolation
}

var (
	qiniMeasure = measure{
		distinct: func(s armSums) float64 {
			if s.control == 0 {
				return s.treatedOutcome
			}
			return s.qini()
		},
		stepped: armSums.qini,
		finish:  func(v float64, _ int) float64 { return v },
	}
	upliftMeasure = measure{
		distinct: func(s armSums) float64 {
			rows := s.treated + s.control
			return (orZero(s.treatedOutcome/s.treated) - orZero(s.controlOutcome/s.control)) * rows
		},
		stepped: armSums.lift,
		finish:  func(v float64, rows int) float64 { return v * float64(rows) },
	}
)

// QiniCurve returns the Qini curve: for the best-ranked rows the outcome
// gained over the controls, scaled to the number of the treated.
//
//	Q(k) = Yₜ(k) − Y_c(k) · Nₜ(k)/N_c(k)
//
// Missing: where no control is among the best rows yet, DistinctThresholds
// counts none (Q = Yₜ) and RowStepped interpolates. NaN without any control
// under RowStepped.
//
// Shape: the first point is (0, 0), the last has every row.
//
// Errors: *models.ShapeError, *models.ValueError, *models.ConfigError for an
// unknown convention.
//
// Cost: O(n) time, 52 bytes per row.
func QiniCurve(t Trial, c Convention) ([]UpliftPoint, error) { return t.curve(c, qiniMeasure) }

// UpliftCurve returns the uplift (cumulative gain) curve: for the best-ranked
// rows the difference of the mean outcomes times the number of rows.
//
//	U(k) = (Yₜ(k)/Nₜ(k) − Y_c(k)/N_c(k)) · k
//
// Missing: where an arm is still empty, DistinctThresholds takes its mean as 0
// and RowStepped interpolates the difference. Shape, errors and cost are as for
// [QiniCurve].
func UpliftCurve(t Trial, c Convention) ([]UpliftPoint, error) { return t.curve(c, upliftMeasure) }

func (t Trial) curve(c Convention, m measure) ([]UpliftPoint, error) {
	if err := t.validate(); err != nil {
		return nil, err
	}
	switch c {
	case DistinctThresholds:
		return t.distinctCurve(m), nil
	case RowStepped:
		return t.steppedCurve(m), nil
	}
	return nil, &models.ConfigError{Field: "convention", Got: int(c), Want: "DistinctThresholds or RowStepped"}
}

func (t Trial) distinctCurve(m measure) []UpliftPoint {
	order := descending(t.Uplift)
	points := []UpliftPoint{{}}
	var s armSums
	for from, to := range ties(t.Uplift, order) {
		for _, i := range order[from:to] {
			s.add(t, i)
		}
		points = append(points, UpliftPoint{to, m.distinct(s)})
	}
	return points
}

func (t Trial) steppedCurve(m measure) []UpliftPoint {
	points := make([]UpliftPoint, len(t.Uplift)+1)
	var s armSums
	for k, i := range descending(t.Uplift) {
		s.add(t, i)
		points[k+1] = UpliftPoint{k + 1, m.stepped(s)}
	}
	// Only the first points can be undefined, while an arm is empty: these
	// points take the straight line from the origin to the first defined point.
	first := 1
	for first < len(points) && math.IsNaN(points[first].Gain) {
		first++
	}
	for k := 1; k < first && first < len(points); k++ {
		points[k].Gain = points[first].Gain * float64(k) / float64(first)
	}
	for k := range points {
		points[k].Gain = m.finish(points[k].Gain, points[k].Rows)
	}
	return points
}
