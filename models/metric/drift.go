package metric

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
// values each. Make them once, on the reference, and keep them: comparing two
// runs on edges of their own hides the very shift that is looked for.
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

// Shares returns the share of the values in each bin, and last the share that
// is missing (NaN): len(b.Edges)+2 shares in [0,1] that sum to 1. All are NaN
// without values.
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

// DefaultPSIFloor is the least share that PSI reckons with: a bin that a
// hundredth of a percent or fewer fall into is as good as empty.
const DefaultPSIFloor = 1e-4

// PSI is the population stability index between the shares expected (the
// reference run) and actual (this run) of the same bins. By convention below
// 0.10 is stable, to 0.25 a moderate shift, above a major one.
//
//	PSI = Σ (aᵢ − eᵢ) ln(aᵢ / eᵢ)
//
// A share below floor is taken as floor, so that an empty bin counts much but
// not infinitely; the shares are not scaled to sum to 1 again. A bin that is
// below floor in both counts nothing.
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
// same bins, in nats: 0 if they are the same, ln 2 if they share nothing. Its
// square root is a distance.
//
//	JS = ½ Σ pᵢ ln(pᵢ/mᵢ) + ½ Σ qᵢ ln(qᵢ/mᵢ),  m = (p + q)/2
//
// Shape, errors and cost are those of [PSI].
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
