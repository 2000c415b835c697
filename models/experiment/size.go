package experiment

import (
	"math"

	"github.com/quintile-dev/quintile/models"
)

// Design is the effect to show and the risk of error of a trial. Start from
// [DefaultDesign].
type Design struct {
	Ratio float64 // customers in control for each treated, > 0; 1/9 for a hold-out of a tenth
	Alpha float64 // chance of seeing an effect that is none, two-sided, in (0,1)
	Power float64 // chance of seeing an effect that is there, in (0,1)
}

// DefaultDesign returns arms of one size, alpha 0.05 and power 0.8.
func DefaultDesign() Design { return Design{Ratio: 1, Alpha: 0.05, Power: 0.8} }

// validate returns the first fault of d.
func (d Design) validate() error {
	if !(d.Ratio > 0) || math.IsInf(d.Ratio, 1) {
		return &models.ConfigError{Field: "ratio", Got: d.Ratio, Want: "a finite number > 0"}
	}
	if err := openShare("alpha", d.Alpha); err != nil {
		return err
	}
	return openShare("power", d.Power)
}

// TreatedSize returns how many customers must be treated to show that a rate
// moves from base to base+effect; d.Ratio times as many are needed in control.
//
//	n₁ = (z_{1−α/2}√((1+1/ρ)p̄q̄) + z_{1−β}√(p₁q₁ + p₀q₀/ρ))² / δ²,  p̄ = (p₁+ρp₀)/(1+ρ)
//
// The result is the figure of the formula, > 0 and not rounded: round both arms
// up.
//
// Units: base and base+effect are rates in [0,1]; effect ≠ 0 is their
// difference, not a percentage of the base.
//
// Errors: *models.ConfigError.
func (d Design) TreatedSize(base, effect float64) (float64, error) {
	if err := d.validate(); err != nil {
		return math.NaN(), err
	}
	if !(base >= 0 && base <= 1) {
		return math.NaN(), &models.ConfigError{Field: "base", Got: base, Want: "a rate in [0,1]"}
	}
	if p := base + effect; effect == 0 || !(p >= 0 && p <= 1) {
		return math.NaN(), &models.ConfigError{Field: "effect", Got: effect, Want: "a change ≠ 0 that leaves a rate in [0,1]"}
	}
	return d.treatedSize(base, effect), nil
}

func (d Design) treatedSize(p0, effect float64) float64 {
	p1 := p0 + effect
	mean := (p1 + d.Ratio*p0) / (1 + d.Ratio)
	none := math.Sqrt((1 + 1/d.Ratio) * mean * (1 - mean))
	some := math.Sqrt(p1*(1-p1) + p0*(1-p0)/d.Ratio)
	sum := float64(normalQuantile(1-d.Alpha/2)*none) + float64(normalQuantile(d.Power)*some)
	return sum * sum / (effect * effect)
}

// SmallestEffect returns the least rise of a rate above base that arms of these
// sizes can show with d.Alpha and d.Power: the effect at which
// [Design.TreatedSize] returns the given number of treated. d.Ratio is ignored,
// as the sizes of the arms define the ratio.
//
// Units: a difference of rates, in (0, 1−base].
//
// Missing: NaN where an arm is empty, or too small to show even a rise to 1.
//
// Errors: *models.ConfigError.
func (d Design) SmallestEffect(base float64, treated, control int) (float64, error) {
	if treated < 0 || control < 0 {
		return math.NaN(), &models.ConfigError{Field: "arms", Got: min(treated, control), Want: "numbers of customers ≥ 0"}
	}
	d.Ratio = 1
	if treated > 0 && control > 0 {
		d.Ratio = float64(control) / float64(treated)
	}
	if err := d.validate(); err != nil {
		return math.NaN(), err
	}
	if !(base >= 0 && base <= 1) {
		return math.NaN(), &models.ConfigError{Field: "base", Got: base, Want: "a rate in [0,1]"}
	}
	n := float64(treated)
	low, high := 0.0, 1-base
	if treated == 0 || control == 0 || high == 0 || d.treatedSize(base, high) > n {
		return math.NaN(), nil
	}
	for range 200 { // down to neighbouring numbers
		middle := low + (high-low)/2
		if middle <= low || middle >= high {
			break
		}
		if d.treatedSize(base, middle) > n {
			low = middle
		} else {
			high = middle
		}
	}
	return high, nil
}

// SmallestMeanEffect is [Design.SmallestEffect] for a mean outcome per
// customer, such as money, with a variance known from before the trial:
//
//	δ = (z_{1−α/2} + z_{1−β})·√(v/n₁ + v/n₀)
//
// Units: variance ≥ 0 in the square of the outcome's unit, the result in that
// unit. NaN where an arm is empty.
//
// Errors: *models.ConfigError.
func (d Design) SmallestMeanEffect(variance float64, treated, control int) (float64, error) {
	if treated < 0 || control < 0 {
		return math.NaN(), &models.ConfigError{Field: "arms", Got: min(treated, control), Want: "numbers of customers ≥ 0"}
	}
	d.Ratio = 1
	if err := d.validate(); err != nil {
		return math.NaN(), err
	}
	if !(variance >= 0) || math.IsInf(variance, 1) {
		return math.NaN(), &models.ConfigError{Field: "variance", Got: variance, Want: "a finite number ≥ 0"}
	}
	if treated == 0 || control == 0 {
		return math.NaN(), nil
	}
	z := normalQuantile(1-d.Alpha/2) + normalQuantile(d.Power)
	return z * math.Sqrt(variance/float64(treated)+variance/float64(control)), nil
}
