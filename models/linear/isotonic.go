package linear

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"

	"github.com/quintile-dev/quintile/models"
)

// Isotonic turns a score into a mean that never falls as the score rises. An
// Isotonic is immutable and safe for concurrent use.
type Isotonic struct {
	scores, values []float64 // the knots, both ascending
}

// IsotonicConfig holds the settings of isotonic regression. Start from
// [DefaultIsotonic].
type IsotonicConfig struct {
	Workers int // ≥ 1; never changes a result
}

// DefaultIsotonic returns all processors.
func DefaultIsotonic() IsotonicConfig { return IsotonicConfig{Workers: DefaultLogistic().Workers} }

// Validate returns every fault of c, joined, each a *models.ConfigError.
func (c IsotonicConfig) Validate() error {
	if c.Workers < 1 {
		return &models.ConfigError{Field: "workers", Got: c.Workers, Want: "an integer ≥ 1"}
	}
	return nil
}

// Fit finds the non-decreasing function of the score that minimises the squared
// error, by pooling adjacent violators [1]:
//
//	min Σ wᵢ (yᵢ − f(sᵢ))²  over f with f(s) ≤ f(t) for s < t
//
// For labels of 0 and 1 it calibrates: f(s) is a probability. The method
// assumes nothing but order, and therefore needs many rows (some thousand),
// other rows than the scorer was fitted to. Many scores come to share a value.
//
// Shape: one score, target (any finite number) and weight per row; weight may
// be nil. No input is modified.
//
// Missing: a NaN or ±Inf is an error.
//
// Determinism: the result depends on the data only; rows of equal score are
// summed in row order.
//
// Errors: *models.ConfigError, *models.ShapeError, *models.ValueError; an error
// without rows; ctx.Err() if cancelled. The fit always converges, in one
// iteration.
//
// Cost: O(n log n) time, 64 bytes per row.
//
// [1] R. Barlow, D. Bartholomew, J. Bremner, H. Brunk, "Statistical Inference
// under Order Restrictions", Wiley, 1972.
func (c IsotonicConfig) Fit(ctx context.Context, score, target, weight []float64) (*Isotonic, Report, error) {
	if err := c.Validate(); err != nil {
		return nil, Report{}, err
	}
	if err := checkScored(score, target, weight, isFinite, "a finite number"); err != nil {
		return nil, Report{}, err
	}
	points := make([]point, 0, len(score))
	total := 0.0
	for i, s := range score {
		if w := weightAt(weight, i); w > 0 {
			points = append(points, point{s + 0, float64(w * target[i]), w})
			total += w
		}
	}
	if len(points) == 0 {
		return nil, Report{}, errors.New("linear: isotonic regression: got no rows with a weight > 0, want at least one")
	}
	report := Report{
		Converged: true, Iterations: 1, Rows: len(points), Weight: total,
		LogLikelihood: math.NaN(), NullLikelihood: math.NaN(),
	}
	points, err := sortByScore(ctx, points, c.Workers)
	if err != nil {
		return nil, Report{}, err
	}
	m, err := pool(ctx, points)
	if err != nil {
		return nil, Report{}, err
	}
	return m, report, nil
}

// point is a row, or several pooled: the sum of weight × target, and of weight.
type point struct{ score, sum, weight float64 }

// pool returns the isotonic regression of points sorted by score.
func pool(ctx context.Context, points []point) (*Isotonic, error) {
	points = mergeEqual(points)
	// Each block is the mean over its points; a block whose mean is not above
	// the previous block's mean is merged into the previous block.
	type block struct {
		first, last int
		sum, weight float64
	}
	var blocks []block
	for i, p := range points {
		if i%run == 0 {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
		}
		b := block{i, i, p.sum, p.weight}
		for len(blocks) > 0 {
			before := blocks[len(blocks)-1]
			if before.sum/before.weight < b.sum/b.weight {
				break
			}
			b = block{before.first, i, before.sum + b.sum, before.weight + b.weight}
			blocks = blocks[:len(blocks)-1]
		}
		blocks = append(blocks, b)
	}
	m := &Isotonic{}
	for _, b := range blocks {
		mean := b.sum / b.weight
		m.scores, m.values = append(m.scores, points[b.first].score), append(m.values, mean)
		if b.last > b.first {
			m.scores, m.values = append(m.scores, points[b.last].score), append(m.values, mean)
		}
	}
	return m, nil
}

// mergeEqual pools points of the same score, in place.
func mergeEqual(points []point) []point {
	kept := points[:1]
	for _, p := range points[1:] {
		if last := &kept[len(kept)-1]; last.score == p.score {
			last.sum += p.sum
			last.weight += p.weight
			continue
		}
		kept = append(kept, p)
	}
	return kept
}

// Knots returns the scores and values between which the function is a straight
// line; outside it is constant. Both are ascending.
func (m *Isotonic) Knots() (scores, values []float64) {
	return slices.Clone(m.scores), slices.Clone(m.values)
}

// PredictTo sets dst[i] to the function at score[i]: on the straight line
// between the two nearest knots, and the value of the first or last knot beyond
// the ends. dst may be score itself.
//
// Errors: *models.ShapeError; *models.ValueError for a NaN or ±Inf.
//
// Cost: O(n log knots) time, no allocation.
func (m *Isotonic) PredictTo(dst, score []float64) error {
	if err := checkVector(score, "score", len(dst), isFinite, "a finite number"); err != nil {
		return err
	}
	last := len(m.scores) - 1
	for i, s := range score {
		k := sort.SearchFloat64s(m.scores, s) // the first knot at or beyond s
		switch {
		case k > last:
			dst[i] = m.values[last]
		case k == 0 || m.scores[k] == s:
			dst[i] = m.values[k]
		default:
			share := (s - m.scores[k-1]) / (m.scores[k] - m.scores[k-1])
			dst[i] = m.values[k-1] + float64(share*(m.values[k]-m.values[k-1]))
		}
	}
	return nil
}

type isotonicJSON struct {
	Model   string    `json:"model"`
	Version int       `json:"version"`
	Scores  []float64 `json:"scores"`
	Values  []float64 `json:"values"`
}

// MarshalJSON writes the knots; a loaded model has the same bits.
func (m *Isotonic) MarshalJSON() ([]byte, error) {
	return json.Marshal(isotonicJSON{"isotonic", jsonVersion, m.scores, m.values})
}

// UnmarshalJSON reads the output of MarshalJSON and refuses any other text.
func (m *Isotonic) UnmarshalJSON(b []byte) error {
	var in isotonicJSON
	if err := decode(b, &in); err != nil {
		return fmt.Errorf("linear: reading an isotonic regression: %w", err)
	}
	switch {
	case in.Model != "isotonic" || in.Version != jsonVersion:
		return fmt.Errorf("linear: reading an isotonic regression: got model %q, version %d, want \"isotonic\", version %d", in.Model, in.Version, jsonVersion)
	case len(in.Scores) == 0 || len(in.Scores) != len(in.Values):
		return fmt.Errorf("linear: reading an isotonic regression: got %d scores and %d values, want as many of each, and some", len(in.Scores), len(in.Values))
	case !slices.IsSorted(in.Scores) || !slices.IsSorted(in.Values):
		return errors.New("linear: reading an isotonic regression: got knots out of order, want scores and values ascending")
	}
	*m = Isotonic{in.Scores, in.Values}
	return nil
}
