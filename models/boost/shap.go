package boost

import (
	"context"

	"github.com/quintile-dev/quintile/models"
)

// explainRows is the number of rows explained together.
const explainRows = 1024

// ShapTo sets dst to the Shapley value of every column for every row: the
// contributions of the columns to the score, with the sum
//
//	score(x) − ExpectedScore = Σⱼ φⱼ
//
// The answer of a tree without knowledge of a column is the mean of both sides of
// the splits at the column, weighted with the rows of the fit. This is the
// "path-dependent" TreeSHAP [1] of shap and of LightGBM's pred_contrib, computed
// exactly, in the units of the score.
//
// Shape: x is n×d with the columns of the fit; dst has n·d values, those of row i
// at dst[i·d : (i+1)·d].
//
// Missing: a NaN goes to the side learned in the fit, and the explanation
// follows.
//
// Determinism: a row's values depend on that row only, to the bit.
//
// Errors: as for [Ensemble.ScoreTo].
//
// Cost: O(rows · leaves · depth) while few leaves lie deeper than 10 different
// columns, and O(rows · leaves · depth²) for those.
//
// [1] S. Lundberg et al., "From local explanations to global understanding with
// explainable AI for trees", Nature Machine Intelligence 2, 2020, pp. 56–67,
// doi:10.1038/s42256-019-0138-9.
func (m *Ensemble) ShapTo(ctx context.Context, dst []float64, x models.Matrix, workers int) error {
	if err := m.admit(ctx, x, workers); err != nil {
		return err
	}
	n, d := x.Dims()
	if len(dst) != n*d {
		return &models.ShapeError{What: "dst", Got: len(dst), Want: n * d}
	}
	e := m.explainer()
	x = placed(x, m.categories)
	return models.Parallel(ctx, workers, (n+explainRows-1)/explainRows, func(t int) error {
		from, to := t*explainRows, min(n, (t+1)*explainRows)
		return e.explain(ctx, dst[from*d:to*d], x, from)
	})
}

// explainer holds every tree as the list of its leaves.
type explainer struct {
	trees  [][]path
	tables []*table // by tree; nil where it is explained leaf by leaf
}

// path is the requirements of a leaf for a row, one condition a column.
type path struct {
	value      float64
	conditions []condition
	weights    []float64 // by number of columns known before: s!(D−1−s)!/D!
}

// condition is the requirement on one column: from < x ≤ to, or a category in the set, or missing where
// missing values are admitted. share is the share of rows that pass the splits of the condition, each split
// taken by itself.
type condition struct {
	column   int32
	missing  bool
	from, to float32
	set      *categorySet // of a categorical column; nil for all
	share    float64
}

func (c *condition) holds(v float32) bool {
	if c.set != nil && v == v {
		return c.set.holds(v)
	}
	return (v > c.from && v <= c.to) || (c.missing && v != v)
}

// mostRemembered is the number of columns of a path up to which the values of
// all 2^D answers are remembered while a tree explains a block of rows.
const mostRemembered = 10

// memory holds the Shapley values of one path by answer, where known.
type memory struct {
	known  []bool
	values []float64 // answer·D + condition
}

// explain adds up the values of the rows of x from row first on, as many as dst
// has.
func (e *explainer) explain(ctx context.Context, dst []float64, x models.Matrix, first int) error {
	clear(dst)
	var m memory
	var scratch shapleyScratch
	var answers [explainRows]uint16
	d := len(x.Cols)
	for k, paths := range e.trees {
		if err := ctx.Err(); err != nil {
			return err
		}
		if table := e.tables[k]; table != nil {
			table.addTo(dst, x, first, &answers, len(dst)/d)
			continue
		}
		for k := range paths {
			p := &paths[k]
			m.forget(len(p.conditions))
			for i := range len(dst) / d {
				p.addTo(dst[i*d:(i+1)*d], x, first+i, &m, &scratch)
			}
		}
	}
	return nil
}

// forget makes room for the answers of d conditions.
func (m *memory) forget(d int) {
	m.known = m.known[:0]
	if d > mostRemembered {
		return
	}
	n := 1 << d
	if cap(m.known) < n {
		m.known = make([]bool, n)
	}
	m.known = m.known[:n]
	clear(m.known)
	if len(m.values) < n*d {
		m.values = make([]float64, n*d)
	}
}

// addTo adds the values of the leaf for one row.
func (p *path) addTo(dst []float64, x models.Matrix, row int, m *memory, s *shapleyScratch) {
	d := len(p.conditions)
	if d > mostRemembered {
		for k := range p.conditions {
			c := &p.conditions[k]
			s.answers[k] = c.holds(x.Cols[c.column][row])
		}
		p.shapley(s.values[:d], s)
		for k := range p.conditions {
			dst[p.conditions[k].column] += s.values[k]
		}
		return
	}
	answer := 0
	for k := range p.conditions {
		c := &p.conditions[k]
		if c.holds(x.Cols[c.column][row]) {
			answer |= 1 << k
		}
	}
	values := m.values[answer*d : (answer+1)*d]
	if !m.known[answer] {
		m.known[answer] = true
		for k := range d {
			s.answers[k] = answer>>k&1 == 1
		}
		p.shapley(values, s)
	}
	for k, v := range values {
		dst[p.conditions[k].column] += v
	}
}
