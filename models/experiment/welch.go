package experiment

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Difference is the mean outcome of the treated less the mean outcome of the
// controls.
type Difference struct {
	Interval
	T  float64 // the difference in standard errors
	DF float64 // degrees of freedom after Satterthwaite, > 0
	P  float64 // two-sided, in [0,1]
}

// Welch compares the mean outcome per customer of two arms with variances that
// may differ [1]:
//
//	t = (ȳ₁ − ȳ₀)/s,  s² = v₁/n₁ + v₀/n₀,
//	df = s⁴ / ((v₁/n₁)²/(n₁−1) + (v₀/n₀)²/(n₀−1))
//
// The interval is d ± s·t_{df}. Money is skewed: with fewer than some hundred
// buyers an arm the interval is only approximate.
//
// Units: the outcome's; level in (0,1), usually 0.95.
//
// Missing: the estimate is NaN where an arm is empty; all else is NaN where an
// arm has fewer than two customers, or where no outcome varies.
//
// Errors: *models.ConfigError.
//
// [1] B. Welch, "The generalization of 'Student's' problem when several
// different population variances are involved", Biometrika 34, 1947, pp. 28–35,
// doi:10.1093/biomet/34.1-2.28.
func Welch(treated, control Arm, level float64) (Difference, error) {
	if err := openShare("level", level); err != nil {
		return Difference{Interval: undefined(), T: math.NaN(), DF: math.NaN(), P: math.NaN()}, err
	}
	v1 := treated.Variance() / float64(treated.n)
	v0 := control.Variance() / float64(control.n)
	return difference(treated.Mean()-control.Mean(), v1, v0, treated.n, control.n, level), nil
}

// difference builds the result from the difference d of two means whose
// variances are v1 and v0.
func difference(d, v1, v0 float64, n1, n0 int, level float64) Difference {
	s := math.Sqrt(v1 + v0)
	r := Difference{Interval: Interval{d, math.NaN(), math.NaN()}, T: math.NaN(), DF: math.NaN(), P: math.NaN()}
	if !(s > 0) || math.IsInf(s, 1) {
		return r
	}
	a, b := v1/(v1+v0), v0/(v1+v0) // as shares, so that small variances do not underflow
	r.T = d / s
	r.DF = 1 / (a*a/float64(n1-1) + b*b/float64(n0-1))
	student := distuv.StudentsT{Sigma: 1, Nu: r.DF}
	half := s * student.Quantile((1+level)/2)
	r.Low, r.High = d-half, d+half
	r.P = min(1, 2*student.CDF(-math.Abs(r.T)))
	return r
}
