package portfolio

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

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

// Score is an attribute that says how good a client is.
type Score struct {
	Attribute string    `json:"attribute"`
	Weight    float64   `json:"weight"`
	Values    []float64 `json:"values"` // rising, each once
	Ranks     []float64 `json:"ranks"`  // the percentile rank of each, in (0,1)
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
		if len(s.Values) != len(s.Ranks) || !slices.IsSorted(s.Values) || !slices.IsSorted(s.Ranks) {
			return fmt.Errorf("portfolio: got ranks of %s that do not rise with its values", s.Attribute)
		}
	}
	return nil
}

// Derived names the columns that the scan adds.
func (m *Model) Derived() []string { return windows{}.Derived() }

// NewDerive returns the function that adds up one customer.
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

// target returns the target of a customer, in millionths: that of the attribute, or the
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
			if rank := s.rank(v); rank == rank {
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

// rank returns the percentile rank of a value among those that the model has seen.
func (s *Score) rank(v float64) float64 {
	if math.IsNaN(v) || len(s.Values) == 0 {
		return math.NaN()
	}
	at, exact := slices.BinarySearch(s.Values, v)
	switch {
	case exact:
		return s.Ranks[at]
	case at == 0:
		return s.Ranks[0]
	case at == len(s.Values):
		return s.Ranks[at-1]
	}
	part := (v - s.Values[at-1]) / (s.Values[at] - s.Values[at-1])
	return s.Ranks[at-1] + float64(part*(s.Ranks[at]-s.Ranks[at-1]))
}

// maxRanks bounds the values of a score that a model keeps; between them ranks are
// interpolated.
const maxRanks = 4096

// newScore returns the percentile ranks of values, (mean rank − ½)/n. Missing values have
// none.
func newScore(attribute string, weight float64, values []float64) Score {
	sorted := mining.Present(values)
	s := Score{Attribute: attribute, Weight: weight, Values: []float64{}, Ranks: []float64{}}
	n := float64(len(sorted))
	for from := 0; from < len(sorted); {
		to := from + 1
		for to < len(sorted) && sorted[to] == sorted[from] {
			to++
		}
		s.Values = append(s.Values, sorted[from])
		s.Ranks = append(s.Ranks, float64(from+to)/2/n) // ranks from+1 to to: their mean is (from+1+to)/2
		from = to
	}
	if k := len(s.Values); k > maxRanks {
		thin := Score{Attribute: attribute, Weight: weight}
		for j := range maxRanks {
			at := j * (k - 1) / (maxRanks - 1)
			thin.Values, thin.Ranks = append(thin.Values, s.Values[at]), append(thin.Ranks, s.Ranks[at])
		}
		return thin
	}
	return s
}
