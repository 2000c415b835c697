package cluster

import (
	"math"
	"sync"

	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/models/cluster/internal/kernel"
)

// KMeans is a fitted partition: k centres of d columns. It comes from
// KMeansConfig.Fit, NewKMeans or JSON, is immutable and may be used by several
// goroutines at once.
type KMeans struct {
	k, d    int
	names   []string // of the columns, or nil
	centres []float64

	frame frame // derived from the centres, as are the tiles
	tiles []float32
	pool  sync.Pool // of *scorer
}

// NewKMeans returns a model with the given centres, k rows of d finite values
// within the range of float32, and column names (one each, or nil).
//
// Errors: *models.ShapeError or *models.ValueError for centres that are none.
func NewKMeans(names []string, centres [][]float64) (*KMeans, error) {
	if len(centres) == 0 || len(centres[0]) == 0 {
		return nil, &models.ShapeError{What: "centres", Got: 0, Want: 1}
	}
	d := len(centres[0])
	if names != nil && len(names) != d {
		return nil, &models.ShapeError{What: "column names", Got: len(names), Want: d}
	}
	flat := make([]float64, 0, len(centres)*d)
	for i, row := range centres {
		if len(row) != d {
			return nil, &models.ShapeError{What: "a centre", Got: len(row), Want: d}
		}
		for j, v := range row {
			if !(math.Abs(v) <= math.MaxFloat32) {
				return nil, &models.ValueError{Row: i + 1, Column: j + 1, Name: "centres", Got: v, Want: "a finite number within the range of float32"}
			}
		}
		flat = append(flat, row...)
	}
	return newKMeans(names, flat, d), nil
}

func newKMeans(names []string, centres []float64, d int) *KMeans {
	m := &KMeans{k: len(centres) / d, d: d, centres: centres}
	m.names = append(m.names, names...)
	mean, spread := make([]float64, d), make([]float64, d)
	for j := range d {
		for c := range m.k {
			mean[j] += centres[c*d+j] / float64(m.k)
		}
		for c := range m.k {
			t := centres[c*d+j] - mean[j]
			spread[j] = max(spread[j], math.Abs(t))
		}
	}
	m.frame = newFrame(mean, spread)
	framed := make([]float32, len(centres))
	for i, v := range centres {
		framed[i] = float32(m.frame.apply(v, i%d))
	}
	m.tiles = kernel.Pack(nil, framed, d)
	m.pool.New = func() any { return newScorer(d) }
	return m
}

// K returns the number of clusters: K of the configuration, or the number of
// distinct rows where there are fewer.
func (m *KMeans) K() int { return m.k }

// Columns returns the number of columns.
func (m *KMeans) Columns() int { return m.d }

// Names returns a copy of the column names, or nil where there are none.
func (m *KMeans) Names() []string { return append([]string(nil), m.names...) }

// Centres returns a copy of the centres, k rows of d values in the units of the
// columns.
func (m *KMeans) Centres() [][]float64 {
	rows := make([][]float64, m.k)
	for c := range rows {
		rows[c] = append([]float64(nil), m.centres[c*m.d:(c+1)*m.d]...)
	}
	return rows
}

// permuted returns the model with its clusters in the given order.
func (m *KMeans) permuted(order []int) *KMeans {
	centres := make([]float64, 0, len(m.centres))
	for _, c := range order {
		centres = append(centres, m.centres[c*m.d:(c+1)*m.d]...)
	}
	return newKMeans(m.names, centres, m.d)
}
