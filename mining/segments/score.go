package segments

import (
	"context"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/mining"
)

// Reads returns the features of the groups.
func (m *Model) Reads() []string { return m.Scaler.Names() }

// ScoreTo sets the number and the name of each customer's group.
func (m *Model) ScoreTo(_ context.Context, dst *mining.Scores, b *mining.Batch, _ int) error {
	x := b.Room(m.Scaler.Names())
	for j := range m.Scaler.Columns {
		c := &m.Scaler.Columns[j]
		c.ApplyTo(x.Cols[j], b.Column(c.Name))
	}
	labels := make([]int32, b.Rows)
	if err := m.KMeans.PredictTo(labels, x); err != nil {
		return err
	}
	numbers := table.Values{Int32s: make([]int32, b.Rows), Valid: datasets.NewBitmap(b.Rows)}
	for i, l := range labels {
		if l >= 0 {
			numbers.Int32s[i] = m.number(l)
			numbers.Valid.Set(i)
		}
	}
	dst.Set(numberColumn, numbers)
	dst.SetNames(nameColumn, labels, m.Names)
	return nil
}
