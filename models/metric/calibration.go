package metric

import (
	"math"
	"slices"
	"sort"

	"github.com/quintile-dev/quintile/models"
)

// CalibrationBin is one bin of a reliability diagram.
type CalibrationBin struct {
	Rows      int     // ≥ 1
	Predicted float64 // mean probability, in [0,1]
	Observed  float64 // share of positives, in [0,1]
	Variance  float64 // mean of p(1 − p) over the rows, in [0,¼]
}

// CalibrationBins groups the rows into at most bins bins of about equally many
// rows by probability, lowest first. The edges are the quantiles of the
// probabilities (linear interpolation), a row on an edge belongs to the bin
// below, and equal probabilities always share a bin; bins without rows are
// left out.
//
// Shape: one probability and label (0 or 1) per row; bins ≥ 1, usually 10–15.
//
// Missing: no bins without rows.
//
// Errors: *models.ShapeError, *models.ValueError, *models.ConfigError.
//
// Cost: O(n log n) time, 8 bytes per row.
func CalibrationBins(prob, label []float64, bins int) ([]CalibrationBin, error) {
	if err := probabilities(prob, label, nil); err != nil {
		return nil, err
	}
	if bins < 1 {
		return nil, &models.ConfigError{Field: "bins", Got: bins, Want: "an integer ≥ 1"}
	}
	if len(prob) == 0 {
		return nil, nil
	}
	sorted := slices.Clone(prob)
	slices.Sort(sorted)
	edges := make([]float64, bins-1)
	for b := range edges {
		edges[b] = quantile(sorted, float64(b+1)/float64(bins))
	}
	all := make([]CalibrationBin, bins)
	for i, p := range prob {
		b := &all[sort.SearchFloat64s(edges, p)]
		b.Rows++
		b.Predicted += p
		b.Observed += label[i]
		b.Variance += float64(p * (1 - p))
	}
	kept := all[:0]
	for _, b := range all {
		if b.Rows > 0 {
			n := float64(b.Rows)
			kept = append(kept, CalibrationBin{b.Rows, b.Predicted / n, b.Observed / n, b.Variance / n})
		}
	}
	return kept, nil
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
	if share < 0.5 {
		return a + float64((b-a)*share)
	}
	return b - float64((b-a)*(1-share)) // exact at both ends
}

// ECE is the expected calibration error of the bins: the mean gap between
// predicted and observed, weighted by rows, in [0,1]. NaN without bins.
//
//	ECE = Σ_b (n_b/n) |observed_b − predicted_b|
//
// It falls with fewer bins and rises with few rows a bin, so compare only
// figures with the same number of both.
func ECE(bins []CalibrationBin) float64 {
	rows, sum := 0.0, 0.0
	for _, b := range bins {
		rows += float64(b.Rows)
		sum += float64(float64(b.Rows) * math.Abs(b.Observed-b.Predicted))
	}
	return sum / rows
}

// ECEFloor is the ECE to expect with these bins if every probability were true:
// with few rows a bin, the share of positives departs from the mean probability
// by chance alone.
//
//	floor = Σ_b (n_b/n) √(2/π · variance_b / n_b)
//
// The gap of a bin is taken for normal; √(2/π) is the mean size of a normal
// variable of deviation 1. An ECE near the floor shows no miscalibration. In
// [0,1]; NaN without bins.
func ECEFloor(bins []CalibrationBin) float64 {
	rows, sum := 0.0, 0.0
	for _, b := range bins {
		n := float64(b.Rows)
		rows += n
		sum += math.Sqrt(float64(n * float64(2/math.Pi*b.Variance)))
	}
	return sum / rows
}

// Calibration is the straight line through a reliability diagram on the scale
// of log-odds.
type Calibration struct {
	Intercept  float64 // of the line, 0 if calibrated
	Slope      float64 // 1 if calibrated; < 1 if too extreme, > 1 if too timid
	InTheLarge float64 // intercept with the slope held at 1: > 0 if predictions are too low
	Converged  bool    // false where no finite line exists; the three are then NaN
}

// FitCalibration fits the labels to the log-odds of the predicted
// probabilities by maximum likelihood (Cox [1]).
//
//	logit P(y=1) = Intercept + Slope · logit(p)
//	logit P(y=1) = InTheLarge + logit(p)
//
// Probabilities are first moved into [2⁻⁵², 1−2⁻⁵²].
//
// Shape: one probability, label (0 or 1) and weight per row; weight may be nil.
//
// Missing: where all labels are the same, where the probabilities separate the
// labels perfectly or are all the same, no finite line exists: see Converged.
//
// Errors: *models.ShapeError, *models.ValueError.
//
// Cost: O(n) time per Newton step, some ten steps; 8 bytes per row.
//
// [1] D. R. Cox, "Two Further Applications of a Model for Binary Regression",
// Biometrika 45(3/4), 1958, pp. 562–565, doi:10.1093/biomet/45.3-4.562.
func FitCalibration(prob, label, weight []float64) (Calibration, error) {
	if err := probabilities(prob, label, weight); err != nil {
		return Calibration{}, err
	}
	z := make([]float64, len(prob))
	for i, p := range prob {
		p = min(max(p, clip), 1-clip)
		z[i] = math.Log(p) - math.Log1p(-p)
	}
	nan := math.NaN()
	a, b, okLine := newtonLine(z, label, weight, true)
	c, _, okLarge := newtonLine(z, label, weight, false)
	if !okLine || !okLarge {
		return Calibration{Intercept: nan, Slope: nan, InTheLarge: nan}, nil
	}
	return Calibration{Intercept: a, Slope: b, InTheLarge: c, Converged: true}, nil
}

// newtonLine maximises the likelihood of a + b·z, from a = 0 and b = 1; b
// stays 1 unless sloped. ok is false where it finds no maximum.
func newtonLine(z, label, weight []float64, sloped bool) (a, b float64, ok bool) {
	const steps, tolerance = 100, 1e-13
	a, b = 0, 1
	now := lineAt(a, b, z, label, weight)
	for range steps {
		da, db := now.step(sloped)
		if da-da != 0 || db-db != 0 {
			return 0, 0, false
		}
		next := lineAt(a+da, b+db, z, label, weight)
		for halvings := 0; !(next.loss <= now.loss+float64(1e-14*math.Abs(now.loss))) && halvings < 40; halvings++ {
			da, db = da/2, db/2
			next = lineAt(a+da, b+db, z, label, weight)
		}
		a, b, now = a+da, b+db, next
		if math.Abs(da) <= tolerance*(1+math.Abs(a)) && math.Abs(db) <= tolerance*(1+math.Abs(b)) {
			return a, b, true
		}
		if math.Abs(a) > 1e6 || math.Abs(b) > 1e6 {
			return 0, 0, false
		}
	}
	return 0, 0, false
}

// line holds the negative log-likelihood at one line, its gradient and its
// curvature.
type line struct{ loss, ga, gb, haa, hab, hbb float64 }

func lineAt(a, b float64, z, label, weight []float64) line {
	var s line
	for i, zi := range z {
		w := at(weight, i)
		if w == 0 {
			continue
		}
		eta := a + float64(b*zi)
		p := 1 / (1 + math.Exp(-eta))
		r, h := float64(w*(p-label[i])), float64(w*float64(p*(1-p)))
		s.loss += float64(w * (softplus(eta) - float64(label[i]*eta)))
		s.ga += r
		s.gb += float64(r * zi)
		s.haa += h
		s.hab += float64(h * zi)
		s.hbb += float64(float64(h*zi) * zi)
	}
	return s
}

// step returns the Newton step, NaN or ±Inf where the curvature is singular.
func (s line) step(sloped bool) (da, db float64) {
	if !sloped {
		return -s.ga / s.haa, 0
	}
	d := float64(s.haa*s.hbb) - float64(s.hab*s.hab)
	if d <= 1e-12*float64(s.haa*s.hbb) {
		return math.NaN(), math.NaN()
	}
	return (float64(s.hab*s.gb) - float64(s.hbb*s.ga)) / d,
		(float64(s.hab*s.ga) - float64(s.haa*s.gb)) / d
}

// softplus returns ln(1 + eᵛ) without overflow.
func softplus(v float64) float64 {
	return max(v, 0) + math.Log1p(math.Exp(-math.Abs(v)))
}
