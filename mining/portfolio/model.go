package portfolio

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/mining"
)

// Model holds the limits between the classes.
type Model struct {
	WindowDays int     `json:"window_days"`
	Target     string  `json:"target,omitempty"` // the attribute; "" for Median
	Median     float64 `json:"median"`           // of the current money, in millionths
	GrowthCut  float64 `json:"growth_cut"`       // high from here on
	Scores     []Score `json:"scores,omitempty"`
}

// Score is an attribute that measures the quality of a client.
type Score struct {
	Attribute string  `json:"attribute"`
	Weight    float64 `json:"weight"`
	mining.Ranks
}

// Validate returns an error where the model, as from a file, cannot be used.
func (m *Model) Validate() error {
	if m.WindowDays < 1 {
		return fmt.Errorf("portfolio: got a window of %d days, want at least 1", m.WindowDays)
	}
	if math.IsNaN(m.GrowthCut) || math.IsInf(m.GrowthCut, 0) || !(m.Median >= 0) || math.IsInf(m.Median, 0) {
		return errors.New("portfolio: got a limit that is no number, want finite limits")
	}
	for _, s := range m.Scores {
		if err := s.Validate(s.Attribute); err != nil {
			return fmt.Errorf("portfolio: %w", err)
		}
	}
	return nil
}

// Derived names the columns added by the scan.
func (m *Model) Derived() []string { return windows{}.Derived() }

// NewDerive returns the function to add up one customer.
func (m *Model) NewDerive() mining.Derive {
	return windows{days: datasets.Day(m.WindowDays)}.NewDerive()
}

// Reads returns the money of both windows, and the attributes.
func (m *Model) Reads() []string {
	names := []string{currentColumn, previousColumn}
	if m.Target != "" {
		names = append(names, m.Target)
	}
	for _, s := range m.Scores {
		names = append(names, s.Attribute)
	}
	return names
}

// standing returns attainment and growth, NaN where there is none, and the class, −1 where
// the target is missing.
func (m *Model) standing(current, previous, target float64) (attainment, growth float64, class int32) {
	attainment, growth = math.NaN(), math.NaN()
	if target > 0 {
		attainment = current / target
	}
	if previous > 0 {
		growth = current/previous - 1
	}
	switch {
	case !(current > 0) && !(previous > 0):
		return attainment, growth, dormant
	case !(previous > 0):
		return attainment, growth, newClient
	case !(current > 0):
		return attainment, growth, lost
	case math.IsNaN(attainment):
		return attainment, growth, -1
	}
	class = star
	if !(growth >= m.GrowthCut) {
		class = cashCow
	}
	if !(attainment >= 1) {
		class += questionMark // question mark or dog
	}
	return attainment, growth, class
}

// target returns the target of a customer, in millionths: from the attribute, or the
// median.
func (m *Model) target(attribute []float64, i int) float64 {
	if attribute == nil {
		return m.Median
	}
	return attribute[i] * float64(datasets.Unit)
}

// ScoreTo sets the class of each customer, attainment, growth and score.
func (m *Model) ScoreTo(_ context.Context, dst *mining.Scores, b *mining.Batch, _ int) error {
	current, previous := b.Column(currentColumn), b.Column(previousColumn)
	var targets []float64
	if m.Target != "" {
		targets = b.Column(m.Target)
	}
	attainment, growth, class := make([]float64, b.Rows), make([]float64, b.Rows), make([]int32, b.Rows)
	for i := range b.Rows {
		attainment[i], growth[i], class[i] = m.standing(current[i], previous[i], m.target(targets, i))
	}
	dst.SetNames(classColumn, class, names)
	dst.SetNumbers("attainment", attainment)
	dst.SetNumbers("growth", growth)
	dst.SetNumbers("portfolio_score", m.scores(b))
	return nil
}

// scores returns the weighted mean of the percentile ranks that are known.
func (m *Model) scores(b *mining.Batch) []float64 {
	out, weights := make([]float64, b.Rows), make([]float64, b.Rows)
	for _, s := range m.Scores {
		for i, v := range b.Column(s.Attribute) {
			if rank := s.Of(v); rank == rank {
				out[i] += float64(s.Weight * rank)
				weights[i] += s.Weight
			}
		}
	}
	for i := range out {
		out[i] /= weights[i] // NaN where nothing is known
	}
	return out
}

// maxRanks bounds the values of a score kept in a model; ranks in between are
// interpolated.
const maxRanks = 4096

// newScore ranks the values of an attribute.
func newScore(attribute string, weight float64, values []float64) Score {
	return Score{Attribute: attribute, Weight: weight, Ranks: mining.NewRanks(values, maxRanks)}
}
