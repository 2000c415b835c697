package experiment

import "math"

// Adjusted is a difference after adjustment for the behaviour before the
// campaign.
type Adjusted struct {
	Difference
	Theta         float64 // outcome per unit of the covariate
	VarianceShare float64 // of the variance that is left, 1 − r² over both arms, in [0,1]
}

// CUPED compares two arms after removing the part of the outcome that a
// covariate from before the campaign explains [1]:
//
//	y' = y − θ(c − c̄),  θ = cov(y,c)/var(c)
//
// θ and c̄ are computed from both arms pooled; the arms are then compared as by
// [Welch]. The estimate stays unbiased, because the treatment cannot have
// changed the covariate. The gain is VarianceShare: a share near 1 means that
// the covariate explains nothing.
//
// Missing: as [Welch]. Where the covariate does not vary, θ is 0 and the result
// equals that of [Welch].
//
// Errors: *models.ConfigError.
//
// [1] A. Deng, Y. Xu, R. Kohavi, T. Walker, "Improving the Sensitivity of Online
// Controlled Experiments by Utilizing Pre-Experiment Data", WSDM 2013,
// pp. 123–132, doi:10.1145/2433396.2433413.
func CUPED(treated, control Arm, level float64) (Adjusted, error) {
	plain, err := Welch(treated, control, level)
	if err != nil {
		return Adjusted{Difference: plain, Theta: math.NaN(), VarianceShare: math.NaN()}, err
	}
	pooled := treated
	pooled.Merge(control)
	if pooled.before2 == 0 {
		return Adjusted{Difference: plain, VarianceShare: 1}, nil
	}
	theta := pooled.xy / pooled.before2
	left := func(a Arm) float64 { // variance of the mean of y'
		sum := a.outcome2 - float64(2*theta*a.xy) + float64(theta*theta*a.before2)
		return a.over(max(0, sum)) / float64(a.n)
	}
	d := treated.Mean() - control.Mean() - float64(theta*(treated.before-control.before))
	share := 1.0
	if pooled.outcome2 > 0 {
		share = min(1, max(0, 1-pooled.xy/pooled.outcome2*theta))
	}
	return Adjusted{
		Difference:    difference(d, left(treated), left(control), treated.n, control.n, level),
		Theta:         theta,
		VarianceShare: share,
	}, nil
}
