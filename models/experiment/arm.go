package experiment

import "math"

// Arm holds the totals of the customers of one arm: the outcome of each
// customer, and the covariate from before the campaign. The zero value is an
// arm without customers.
//
// Sums are kept as means and squared distances from the means (Welford; merged
// as Chan, Golub and LeVeque), so that large amounts do not cancel. The figures
// depend on the order of Add and Merge in the last bits: add customers in the
// order of ids.
type Arm struct {
	n                     int
	outcome, before       float64 // means
	outcome2, before2, xy float64 // Σ(y−ȳ)², Σ(c−c̄)², Σ(y−ȳ)(c−c̄)
}

// Add counts one customer with its outcome in the response window and the
// covariate from before the campaign (0 for every customer where there is
// none). A value that is not finite makes the figures NaN.
func (a *Arm) Add(outcome, before float64) {
	a.n++
	n := float64(a.n)
	dy, dc := outcome-a.outcome, before-a.before
	a.outcome += dy / n
	a.before += dc / n
	a.outcome2 += float64(dy * (outcome - a.outcome))
	a.before2 += float64(dc * (before - a.before))
	a.xy += float64(dy * (before - a.before))
}

// Merge adds the customers of b.
func (a *Arm) Merge(b Arm) {
	if b.n == 0 {
		return
	}
	if a.n == 0 {
		*a = b
		return
	}
	na, nb := float64(a.n), float64(b.n)
	n := na + nb
	dy, dc := b.outcome-a.outcome, b.before-a.before
	share := na * nb / n
	a.outcome2 += b.outcome2 + float64(dy*dy*share)
	a.before2 += b.before2 + float64(dc*dc*share)
	a.xy += b.xy + float64(dy*dc*share)
	a.outcome += dy * nb / n
	a.before += dc * nb / n
	a.n += b.n
}

// Customers returns how many customers the arm holds.
func (a Arm) Customers() int { return a.n }

// Mean returns the mean outcome of all customers of the arm; NaN for none.
func (a Arm) Mean() float64 {
	if a.n == 0 {
		return math.NaN()
	}
	return a.outcome
}

// Variance returns the variance of the outcome with divisor n−1; NaN for fewer
// than two customers.
func (a Arm) Variance() float64 { return a.over(a.outcome2) }

// over divides by n−1.
func (a Arm) over(sum float64) float64 {
	if a.n < 2 {
		return math.NaN()
	}
	return sum / float64(a.n-1)
}
