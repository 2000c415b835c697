package segments

import (
	"fmt"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/models/cluster"
	"github.com/quintile-dev/quintile/models/drift"
)

// Model assigns a customer to a group. A Model is immutable, and its JSON form restores it.
//
// The fields for continuing in a later run were added later than the rest: a file without them has nil, "" and
// 0.
type Model struct {
	Scaler *features.Scaler `json:"scaler"`
	KMeans *cluster.KMeans  `json:"kmeans"`
	Names  []string         `json:"names"` // of the groups, in the order of their numbers

	Numbers []int32 `json:"numbers,omitempty"`     // of the groups, rising
	Last    int32   `json:"last_number,omitempty"` // the highest that was ever given

	Fitted string  `json:"fitted,omitempty"` // the scoring date at which the centres were found
	Begun  string  `json:"begun,omitempty"`  // and that at which the scales were learned and the number of groups settled
	Worth  float64 `json:"worth,omitempty"`  // the silhouette when it was settled; 0 where there was none
	// Features are the features of the day on which the scales were learned, in
	// order.
	Features []drift.Reference `json:"features,omitempty"`
}

// Validate returns an error where the model, as from a file, cannot be used.
func (m *Model) Validate() error {
	switch {
	case m.Scaler == nil || m.KMeans == nil:
		return fmt.Errorf("segment: got a model without a scaler or centres, want both")
	case len(m.Scaler.Columns) != m.KMeans.Columns():
		return fmt.Errorf("segment: got %d scaled columns for centres of %d, want as many", len(m.Scaler.Columns), m.KMeans.Columns())
	case len(m.Names) != m.KMeans.K():
		return fmt.Errorf("segment: got %d names for %d groups, want one each", len(m.Names), m.KMeans.K())
	}
	if err := m.validateHistory(); err != nil {
		return err
	}
	return m.Scaler.Validate()
}

// validateHistory checks the fields for continuing in a later run.
func (m *Model) validateHistory() error {
	if m.Numbers != nil {
		rise := len(m.Numbers) == len(m.Names) && m.Numbers[0] >= 1 && m.Last >= m.Numbers[len(m.Numbers)-1]
		for i := 1; rise && i < len(m.Numbers); i++ {
			rise = m.Numbers[i] > m.Numbers[i-1]
		}
		if !rise {
			return fmt.Errorf("segment: got the numbers %v up to %d for %d groups, want one each, rising from 1 or more", m.Numbers, m.Last, len(m.Names))
		}
	}
	for _, day := range []string{m.Fitted, m.Begun} {
		if day == "" {
			continue
		}
		if _, err := datasets.ParseDay(day); err != nil {
			return fmt.Errorf("segment: %w", err)
		}
	}
	if m.Features != nil && len(m.Features) != len(m.Scaler.Columns) {
		return fmt.Errorf("segment: got references of %d features, want %d", len(m.Features), len(m.Scaler.Columns))
	}
	for i := range m.Features {
		if err := m.Features[i].Validate(); err != nil {
			return fmt.Errorf("segment: the reference of %s: %w", m.Scaler.Columns[i].Name, err)
		}
	}
	return nil
}

// number returns the number of a group.
func (m *Model) number(group int32) int32 {
	if m.Numbers == nil {
		return group + 1
	}
	return m.Numbers[group]
}

// last returns the highest number ever given.
func (m *Model) last() int32 {
	if m.Numbers == nil {
		return int32(len(m.Names))
	}
	return m.Last
}

// fits reports whether the model groups by these features, scaled in this way.
func (m *Model) fits(c Config) bool {
	if m.Scaler.Scale != c.Scaler.Scale || !slices.Equal(m.Scaler.Names(), c.Features) {
		return false
	}
	return !slices.ContainsFunc(m.Scaler.Columns, func(s features.ColumnScale) bool { return s.Transform != c.Scaler.Transform })
}
