package experiment

import (
	"math"

	"github.com/quintile-dev/quintile/models"
)

// Count is how many of the customers of an arm responded.
type Count struct {
	Hits int // in [0, Of]
	Of   int // all customers drawn into the arm, ≥ 0
}

// Rate returns the share that responded, in [0,1]; NaN for an empty arm.
func (c Count) Rate() float64 { return float64(c.Hits) / float64(c.Of) }

func (c Count) validate() error {
	if c.Of < 0 {
		return &models.ConfigError{Field: "of", Got: c.Of, Want: "a number of customers ≥ 0"}
	}
	if c.Hits < 0 || c.Hits > c.Of {
		return &models.ConfigError{Field: "hits", Got: c.Hits, Want: "a number of customers from 0 to those of the arm"}
	}
	return nil
}

// Wilson returns the rate of an arm with Wilson's score interval [1]:
//
//	(p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) / (1 + z²/n)
//
// The interval stays within [0,1] and has a width above 0 where nobody or
// everybody responded, unlike p ± z·√(p(1−p)/n).
//
// Units: level in (0,1), usually 0.95.
//
// Missing: NaN for an empty arm.
//
// Errors: *models.ConfigError.
//
// [1] E. Wilson, "Probable Inference, the Law of Succession, and Statistical
// Inference", JASA 22, 1927, pp. 209–212, doi:10.1080/01621459.1927.10502953.
func Wilson(c Count, level float64) (Interval, error) {
	if err := c.validate(); err != nil {
		return undefined(), err
	}
	if err := openShare("level", level); err != nil {
		return undefined(), err
	}
	if c.Of == 0 {
		return undefined(), nil
	}
	p, n, z := c.Rate(), float64(c.Of), normalQuantile((1+level)/2)
	zz := z * z
	centre := p + zz/(2*n)
	half := z * math.Sqrt(p*(1-p)/n+zz/(4*n*n))
	i := Interval{Estimate: p, Low: (centre - half) / (1 + zz/n), High: (centre + half) / (1 + zz/n)}
	if c.Hits == 0 {
		i.Low = 0 // rounding would leave ±1e-18
	}
	if c.Hits == c.Of {
		i.High = 1
	}
	return i, nil
}

// Newcombe returns by how much the rate of the treated exceeds that of the
// controls, with the hybrid score interval, method 10 of [1]:
//
//	d − √((p₁−l₁)² + (u₀−p₀)²)  to  d + √((u₁−p₁)² + (p₀−l₀)²)
//
// where l and u are the bounds of [Wilson] for each arm. The interval keeps its
// level for rare responses and small hold-outs, where the interval of Wald is
// too narrow.
//
// Units, missing and errors are as for [Wilson]; an empty arm makes all three
// values NaN.
//
// [1] R. Newcombe, "Interval estimation for the difference between independent
// proportions", Statistics in Medicine 17, 1998, pp. 873–890,
// doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I.
func Newcombe(treated, control Count, level float64) (Interval, error) {
	t, err := Wilson(treated, level)
	if err != nil {
		return undefined(), err
	}
	c, err := Wilson(control, level)
	if err != nil {
		return undefined(), err
	}
	d := t.Estimate - c.Estimate
	return Interval{
		Estimate: d,
		Low:      d - math.Hypot(t.Estimate-t.Low, c.High-c.Estimate),
		High:     d + math.Hypot(t.High-t.Estimate, c.Estimate-c.Low),
	}, nil
}

// PooledZ tests whether two rates differ, with the common variance under the
// hypothesis of no difference:
//
//	z = (p₁ − p₀) / √(p(1−p)(1/n₁ + 1/n₀)),  p = (h₁+h₀)/(n₁+n₀)
//
// The results are z, positive where the treated respond more, and the two-sided
// p in [0,1].
//
// Missing: NaN where an arm is empty, or where all or none of both responded.
//
// Errors: *models.ConfigError.
func PooledZ(treated, control Count) (z, p float64, err error) {
	for _, c := range []Count{treated, control} {
		if err := c.validate(); err != nil {
			return math.NaN(), math.NaN(), err
		}
	}
	pooled := float64(treated.Hits+control.Hits) / float64(treated.Of+control.Of)
	scale := math.Sqrt(pooled * (1 - pooled) * (1/float64(treated.Of) + 1/float64(control.Of)))
	z = (treated.Rate() - control.Rate()) / scale
	return z, bothTails(z), nil
}
