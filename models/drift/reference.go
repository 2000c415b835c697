package drift

import (
	"math"

	"github.com/quintile-dev/quintile/models"
)

// DefaultBins is the number of bins that a reference usually has.
const DefaultBins = 10

// Reference is a summary of numbers, for comparison with later numbers. The
// JSON restores a Reference to the last bit.
type Reference struct {
	Bins
	Shares []float64 `json:"shares"` // of the reference in the bins; the last is the share missing
}

// Learn takes the reference of values: at most count bins of about equally many.
//
// Missing: NaN counts as missing; ±Inf makes no edge, and falls into the first or
// the last bin.
//
// Errors: *models.ConfigError for a count below 1, *models.ShapeError without
// values.
//
// Cost: O(n log n) time, 8 bytes per value.
func Learn[F ~float32 | ~float64](values []F, count int) (Reference, error) {
	if len(values) == 0 {
		return Reference{}, &models.ShapeError{What: "values of the reference", Got: 0, Want: 1}
	}
	bins, err := QuantileBins(values, count)
	if err != nil {
		return Reference{}, err
	}
	return Reference{bins, Shares(bins, values)}, nil
}

// Validate returns an error for an unusable reference, such as from a file:
// edges that do not ascend, or shares that do not match the number of bins.
func (r *Reference) Validate() error {
	last := math.Inf(-1)
	for i, e := range r.Edges {
		if !(e > last) || math.IsInf(e, 1) {
			return &models.ValueError{Row: i + 1, Name: "edge", Got: e, Want: "finite numbers in ascending order"}
		}
		last = e
	}
	if len(r.Shares) != len(r.Edges)+2 {
		return &models.ShapeError{What: "shares of the reference", Got: len(r.Shares), Want: len(r.Edges) + 2}
	}
	return distributions(r.Shares, r.Shares)
}

// PSI is the population stability index of values against the reference, by the
// shares of both in the bins of the reference; see [PSI]. NaN without values.
func (r *Reference) PSI(values []float64) (float64, error) {
	if len(values) == 0 {
		return math.NaN(), nil
	}
	return PSI(r.Shares, Shares(r.Bins, values), DefaultPSIFloor)
}
