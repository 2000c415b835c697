package drift

import (
	"math"
	"slices"
	"sort"

	"github.com/quintile-dev/quintile/models"
)

// Bins cut the line of numbers into len(Edges)+1 pieces, and missing values
// into one more.
type Bins struct {
	Edges []float64 `json:"edges"` // ascending; a value on an edge belongs below it
}

// QuantileBins returns bins that hold about equally many of the reference
// values each.
//
// Shape: count ≥ 1 is the number of bins, usually 10. Edges that coincide,
// because many values are equal, are merged, so there may be fewer.
//
// Missing: NaN and ±Inf are left out; without other values there is one bin.
//
// Errors: *models.ConfigError for a count below 1.
//
// Cost: O(n log n) time, 8 bytes per value.
func QuantileBins[F ~float32 | ~float64](reference []F, count int) (Bins, error) {
	if count < 1 {
		return Bins{}, &models.ConfigError{Field: "bins", Got: count, Want: "an integer ≥ 1"}
	}
	sorted := make([]float64, 0, len(reference))
	for _, v := range reference {
		if v-v == 0 {
			sorted = append(sorted, float64(v))
		}
	}
	if len(sorted) == 0 {
		return Bins{}, nil
	}
	slices.Sort(sorted)
	edges := make([]float64, 0, count-1)
	for b := 1; b < count; b++ {
		edges = append(edges, quantile(sorted, float64(b)/float64(count)))
	}
	return Bins{slices.Compact(edges)}, nil
}

// quantile returns the q-quantile of sorted values by linear interpolation
// between the order statistics (type 7 of Hyndman and Fan).
func quantile(sorted []float64, q float64) float64 {
	at := float64(q * float64(len(sorted)-1))
	low := int(at)
	if low >= len(sorted)-1 {
		return sorted[len(sorted)-1]
	}
	a, b, share := sorted[low], sorted[low+1], at-float64(low)
	if math.IsInf(b-a, 0) { // of numbers at both ends of what a float64 holds
		return float64(a*(1-share)) + float64(b*share)
	}
	if share < 0.5 {
		return a + float64((b-a)*share)
	}
	return b - float64((b-a)*(1-share)) // exact at both ends
}

// Shares returns the share of the values in each bin, and last the share of
// missing values (NaN): len(b.Edges)+2 shares in [0,1] that sum to 1. All are
// NaN without values.
//
// Cost: O(n log bins) time.
func Shares[F ~float32 | ~float64](b Bins, values []F) []float64 {
	counts := make([]float64, len(b.Edges)+2)
	for _, v := range values {
		if v != v {
			counts[len(counts)-1]++
			continue
		}
		counts[sort.SearchFloat64s(b.Edges, float64(v))]++
	}
	for i := range counts {
		counts[i] /= float64(len(values))
	}
	return counts
}
