package rfm

import (
	"context"
	"errors"
	"fmt"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining"
)

// Model scores customers as those were on which it was fitted.
type Model struct {
	*features.RFMModel
	Learned string         `json:"learned,omitempty"` // the scoring date of the customers from whom the limits were learned
	Cuts    *features.Cuts `json:"cuts,omitempty"`    // the limits that the job fixed
}

// Validate returns an error where the model, as from a file, cannot score.
func (m *Model) Validate() error {
	if m.RFMModel == nil {
		return errors.New("rfm: got a model without limits")
	}
	if m.Learned != "" {
		if _, err := datasets.ParseDay(m.Learned); err != nil {
			return fmt.Errorf("rfm: %w", err)
		}
	}
	return m.RFMModel.Validate()
}

// MonetaryFeature returns the feature published as monetary value, "" without money.
func (m *Model) MonetaryFeature() string { return m.Monetary.Column() }

// Reads returns the two features for scoring, and with money a third.
func (m *Model) Reads() []string {
	names := []string{"recency_days", "frequency"}
	if m.Monetary != features.NoMoney {
		names = append(names, m.Monetary.Column())
	}
	return names
}

// ScoreTo sets the scores and segments of a batch.
func (m *Model) ScoreTo(_ context.Context, dst *mining.Scores, b *mining.Batch, _ int) error {
	recency, orders := b.Column("recency_days"), b.Column("frequency")
	money := recency // any column: it is not read
	priced := m.Monetary != features.NoMoney
	if priced {
		money = b.Column(m.Monetary.Column())
	}
	var scores [3][]int32
	for k := range scores {
		scores[k] = make([]int32, b.Rows)
	}
	valid := datasets.NewBitmap(b.Rows)
	names := m.Segments.Names()
	segment := make([]int32, b.Rows)
	for i := range b.Rows {
		var hash uint64
		if m.Ties == features.Hashed {
			hash = features.Hash(b.IDs.At(i), m.Seed)
		}
		r, f, s := m.Score(recency[i], orders[i], money[i], hash)
		scores[0][i], scores[1][i], scores[2][i], segment[i] = int32(r), int32(f), int32(s), -1
		if r > 0 {
			valid.Set(i)
			segment[i] = int32(m.Segment(r, f, s))
		}
	}
	dst.Set("r_score", table.Values{Int32s: scores[0], Valid: valid})
	dst.Set("f_score", table.Values{Int32s: scores[1], Valid: valid})
	if priced {
		dst.Set("m_score", table.Values{Int32s: scores[2], Valid: valid})
	}
	dst.SetNames(segmentColumn, segment, names)
	return nil
}
