package rfm

import (
	"context"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining"
)

// Model scores customers in the same way as the customers of the fit.
type Model struct{ *features.RFMModel }

// MonetaryFeature returns the feature published as monetary value.
func (m *Model) MonetaryFeature() string { return m.Monetary.Column() }

// Reads returns the three features for scoring.
func (m *Model) Reads() []string { return []string{"recency_days", "frequency", m.Monetary.Column()} }

// ScoreTo sets the scores and segments of a batch.
func (m *Model) ScoreTo(_ context.Context, dst *mining.Scores, b *mining.Batch, _ int) error {
	recency, orders, money := b.Column("recency_days"), b.Column("frequency"), b.Column(m.Monetary.Column())
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
			segment[i] = int32(slices.Index(names, m.Segments.Name(r, f, s, m.Bins)))
		}
	}
	for k, name := range []string{"r_score", "f_score", "m_score"} {
		dst.Set(name, table.Values{Int32s: scores[k], Valid: valid})
	}
	dst.SetNames(segmentColumn, segment, names)
	return nil
}
