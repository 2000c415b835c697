package drift

import (
	"math"

	"github.com/quintile-dev/quintile/models"
)

// DefaultPSIFloor is the least share used by PSI: a bin with a hundredth of a
// percent of the values or fewer counts as empty.
const DefaultPSIFloor = 1e-4

// By convention a PSI below ModeratePSI is stable, and one above MajorPSI a shift
// that makes models worth a second look.
const (
	ModeratePSI = 0.10
	MajorPSI    = 0.25
)

// PSI is the population stability index between the shares expected (the
// reference run) and actual (this run) of the same bins.
//
//	PSI = Σ (aᵢ − eᵢ) ln(aᵢ / eᵢ)
//
// A share below floor is taken as floor, so that an empty bin counts much but
// not infinitely; the shares are not scaled to sum to 1 again. A bin below
// floor in both distributions adds nothing.
//
// Shape: as many shares in both; each in [0,1] and summing to 1 within 1e-6.
//
// Errors: *models.ShapeError, *models.ValueError, *models.ConfigError for a
// floor outside (0,1).
//
// Cost: O(bins) time.
func PSI(expected, actual []float64, floor float64) (float64, error) {
	if !(floor > 0 && floor < 1) {
		return 0, &models.ConfigError{Field: "floor", Got: floor, Want: "a share in (0,1)"}
	}
	if err := distributions(expected, actual); err != nil {
		return 0, err
	}
	sum := 0.0
	for i, e := range expected {
		e, a := max(e, floor), max(actual[i], floor)
		sum += float64((a - e) * math.Log(a/e))
	}
	return sum, nil
}

// JensenShannon is the Jensen-Shannon divergence of two distributions over the
// same bins, in nats: 0 for equal distributions, ln 2 for disjoint ones. The
// square root is a distance.
//
//	JS = ½ Σ pᵢ ln(pᵢ/mᵢ) + ½ Σ qᵢ ln(qᵢ/mᵢ),  m = (p + q)/2
//
// Shape, errors and cost are as for [PSI].
func JensenShannon(p, q []float64) (float64, error) {
	if err := distributions(p, q); err != nil {
		return 0, err
	}
	sum := 0.0
	for i := range p {
		m := (p[i] + q[i]) / 2
		for _, v := range [2]float64{p[i], q[i]} {
			if v > 0 {
				sum += float64(v*math.Log(v/m)) / 2
			}
		}
	}
	return max(sum, 0), nil
}

// distributions refuses shares that are not of two distributions over as many
// bins.
func distributions(p, q []float64) error {
	if len(p) != len(q) {
		return &models.ShapeError{What: "actual shares", Got: len(q), Want: len(p)}
	}
	for _, shares := range [2][]float64{p, q} {
		sum := 0.0
		for i, v := range shares {
			if !(v >= 0 && v <= 1) {
				return &models.ValueError{Row: i + 1, Name: "share", Got: v, Want: "a share in [0,1]"}
			}
			sum += v
		}
		if math.Abs(sum-1) > 1e-6 {
			return &models.ValueError{Row: len(shares), Name: "sum of the shares", Got: sum, Want: "1"}
		}
	}
	return nil
}
