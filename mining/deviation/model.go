package deviation

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/models/outlier"
)

// Model knows how customers usually change.
type Model struct {
	WindowDays  int          `json:"window_days"`
	PastWindows int          `json:"past_windows"`
	MinDays     int          `json:"min_days"`
	Peers       *outlier.MCD `json:"peers"` // of the changes of money, days and codes
	Cut         float64      `json:"cut"`   // least distance that is flagged; 0: none is
}

// Validate returns an error where the model, as from a file, cannot be used.
func (m *Model) Validate() error {
	switch {
	case m.WindowDays < 1 || m.WindowDays > 3660:
		return fmt.Errorf("deviation: got windows of %d days, want 1 to 3660", m.WindowDays)
	case m.PastWindows < 1 || m.PastWindows > 24:
		return fmt.Errorf("deviation: got %d past windows, want 1 to 24", m.PastWindows)
	case m.MinDays < 1:
		return fmt.Errorf("deviation: got %d purchase days before the window, want at least 1", m.MinDays)
	case m.Peers == nil || len(m.Peers.Location()) != quantities:
		return errors.New("deviation: got no centre of the changes of money, days and codes, want one of three columns")
	case !(m.Cut >= 0) || math.IsInf(m.Cut, 0):
		return fmt.Errorf("deviation: got the cut %v, want a finite number ≥ 0", m.Cut)
	}
	return nil
}

func (m *Model) windows() windows { return windows{m.WindowDays, m.PastWindows, m.MinDays} }

// Derived names the columns that the scan adds.
func (m *Model) Derived() []string { return m.windows().Derived() }

// NewDerive returns the function to set the columns of one customer.
func (m *Model) NewDerive() mining.Derive { return m.windows().NewDerive() }

// Reads returns the same columns.
func (m *Model) Reads() []string { return m.Derived() }

// flags reports whether a distance is flagged.
func (m *Model) flags(distance float64) bool { return m.Cut > 0 && distance >= m.Cut }

// ScoreTo sets the distance of each customer who has a past, and the reason and the
// direction of those who are flagged.
func (m *Model) ScoreTo(_ context.Context, dst *mining.Scores, b *mining.Batch, _ int) error {
	var columns [][]float64
	for _, name := range m.Derived() {
		columns = append(columns, b.Column(name))
	}
	x, rows := changes(columns)
	distances := make([]float64, len(rows))
	if len(rows) > 0 {
		if err := m.Peers.ScoreTo(distances, x); err != nil {
			return err
		}
	}
	scores, reasons, directed := make([]float64, b.Rows), make([]string, b.Rows), make([]int32, b.Rows)
	for i := range scores {
		scores[i], directed[i] = math.NaN(), -1
	}
	var h history
	for k, i := range rows {
		scores[i] = distances[k]
		if m.flags(distances[k]) && h.read(columns, i) {
			f := h.judge()
			directed[i], reasons[i] = f.direction, f.words(&h, m.WindowDays, b.Words())
		}
	}
	dst.SetNumbers(scoreColumn, scores)
	dst.SetTexts(reasonColumn, reasons)
	dst.SetNames(directionColumn, directed, directions)
	return nil
}

// changes returns the changes of the customers who have a past, and their rows.
func changes(columns [][]float64) (x models.Matrix, rows []int) {
	x = models.Matrix{Names: quantityNames[:], Cols: make([][]float32, quantities)}
	var h history
	for i := range columns[0] {
		if !h.read(columns, i) {
			continue
		}
		rows = append(rows, i)
		for q := range quantities {
			x.Cols[q] = append(x.Cols[q], float32(h.change(q)))
		}
	}
	return x, rows
}
