package cluster

import (
	"context"
	"fmt"
	"math"

	"github.com/quintile-dev/quintile/models"
)

// statRows is how many rows one task of a pass over the columns takes.
const statRows = 1 << 14

// frame is the affine change of units used inside k-means: v = x·scale − shift.
// Scale is a power of two, common to all columns, so distances keep their
// proportions and nothing but the subtraction rounds.
type frame struct {
	scale float32
	shift []float32 // origin of each column, in scaled units
}

// newFrame centres columns of the given means and scales the widest spread to
// about 1. Origins are rounded to a coarse binary grid, so that integers and
// short fractions are shifted without rounding.
func newFrame(mean, spread []float64) frame {
	widest := 0.0
	for _, s := range spread {
		widest = max(widest, s)
	}
	scale := 1.0
	if widest > 0 {
		_, e := math.Frexp(widest)
		scale = math.Ldexp(1, max(-126, min(126, -e)))
	}
	f := frame{scale: float32(scale), shift: make([]float32, len(mean))}
	for j, m := range mean {
		if spread[j] > 0 {
			_, e := math.Frexp(spread[j])
			grid := math.Ldexp(1, e-8)
			m = math.Round(m/grid) * grid
		}
		f.shift[j] = float32(m * scale)
	}
	return f
}

// restore returns the value whose framed form is v, for column j.
func (f frame) restore(v float64, j int) float64 {
	return (v + float64(f.shift[j])) / float64(f.scale)
}

// apply returns the framed form of v, for column j.
func (f frame) apply(v float64, j int) float64 {
	return float64(v*float64(f.scale)) - float64(f.shift[j])
}

// area returns a sum of squares in the units of the matrix.
func (f frame) area(v float64) float64 {
	return v / float64(f.scale) / float64(f.scale)
}

// rowset names the rows a run learns from, and what each weighs.
type rowset struct {
	n       int       // rows
	rows    []int32   // index of each in the matrix, ascending; nil for all
	weights []float64 // of each, > 0; nil for 1
}

// selectRows checks the weights and returns the rows of x with a weight above
// 0.
func selectRows(x models.Matrix, weights []float64) (rowset, error) {
	n, d := x.Dims()
	if err := x.Validate(); err != nil {
		return rowset{}, err
	}
	if d == 0 || n == 0 {
		return rowset{}, fmt.Errorf("models: x: got %d rows and %d columns, want at least one of each", n, d)
	}
	if n > math.MaxInt32 {
		return rowset{}, fmt.Errorf("models: x: got %d rows, want at most %d; learn from a sample", n, math.MaxInt32)
	}
	if weights == nil {
		return rowset{n: n}, nil
	}
	if len(weights) != n {
		return rowset{}, &models.ShapeError{What: "weights", Got: len(weights), Want: n}
	}
	zeros, plain := 0, true
	for i, w := range weights {
		if !(w >= 0 && w <= maxWeight) {
			return rowset{}, &models.ValueError{Row: i + 1, Name: "weights", Got: w, Want: "a number from 0 to 1e15"}
		}
		if w == 0 {
			zeros++
		} else if w != 1 {
			plain = false
		}
	}
	if zeros == n {
		return rowset{}, fmt.Errorf("models: weights: got only zeros, want at least one row that weighs something")
	}
	s := rowset{n: n - zeros}
	if !plain {
		s.weights = make([]float64, 0, s.n)
	}
	if zeros > 0 {
		s.rows = make([]int32, 0, s.n)
	}
	for i, w := range weights {
		if w == 0 {
			continue
		}
		if !plain {
			s.weights = append(s.weights, w)
		}
		if zeros > 0 {
			s.rows = append(s.rows, int32(i))
		}
	}
	return s, nil
}

// maxWeight keeps sums of weights and weighted squares finite.
const maxWeight = 1e15

// row returns the matrix row of the i-th row of s.
func (s rowset) row(i int) int {
	if s.rows == nil {
		return i
	}
	return int(s.rows[i])
}

// weight returns what the i-th row weighs.
func (s rowset) weight(i int) float64 {
	if s.weights == nil {
		return 1
	}
	return s.weights[i]
}

// pick returns the rows of s at the given places, which ascend.
func (s rowset) pick(places []int32) rowset {
	t := rowset{n: len(places), rows: make([]int32, len(places))}
	if s.weights != nil {
		t.weights = make([]float64, len(places))
	}
	for i, p := range places {
		t.rows[i] = int32(s.row(int(p)))
		if s.weights != nil {
			t.weights[i] = s.weights[p]
		}
	}
	return t
}

// moments are the weighted sums of one column over one task's rows, about ref.
type moments struct{ w, sum, square float64 }

// columnStats returns the weighted mean and standard deviation of each column,
// or a *models.ValueError for the first value that is not finite.
func columnStats(ctx context.Context, workers int, x models.Matrix, s rowset) (mean, spread []float64, err error) {
	_, d := x.Dims()
	tasks := (s.n + statRows - 1) / statRows
	parts := make([]moments, tasks*d)
	err = models.Parallel(ctx, workers, tasks, func(t int) error {
		from, to := t*statRows, min((t+1)*statRows, s.n)
		for j, col := range x.Cols {
			parts[t*d+j] = columnMoments(col, s, from, to, float64(col[s.row(0)]))
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	mean, spread = make([]float64, d), make([]float64, d)
	for j, col := range x.Cols {
		var m moments
		for t := range tasks {
			p := parts[t*d+j]
			m.w, m.sum, m.square = m.w+p.w, m.sum+p.sum, m.square+p.square
		}
		if m.square-m.square != 0 || m.sum-m.sum != 0 {
			return nil, nil, notFinite(x, s)
		}
		a := m.sum / m.w
		mean[j] = float64(col[s.row(0)]) + a
		spread[j] = math.Sqrt(max(0, m.square/m.w-float64(a*a)))
	}
	return mean, spread, nil
}

func columnMoments(col []float32, s rowset, from, to int, ref float64) moments {
	if s.rows == nil && s.weights == nil {
		return plainMoments(col[from:to], ref)
	}
	var m moments
	for i := from; i < to; i++ {
		w := s.weight(i)
		v := float64(col[s.row(i)]) - ref
		wv := w * v
		m.w += w
		m.sum += wv
		m.square += float64(wv * v)
	}
	return m
}

// plainMoments sums in two lanes, which halves the wait for each addition.
func plainMoments(col []float32, ref float64) moments {
	var s0, s1, q0, q1 float64
	i := 0
	for ; i+1 < len(col); i += 2 {
		v, u := float64(col[i])-ref, float64(col[i+1])-ref
		s0 += v
		s1 += u
		q0 += float64(v * v)
		q1 += float64(u * u)
	}
	if i < len(col) {
		v := float64(col[i]) - ref
		s0 += v
		q0 += float64(v * v)
	}
	return moments{w: float64(len(col)), sum: s0 + s1, square: q0 + q1}
}

// notFinite finds the value that spoiled a sum over the rows of s.
func notFinite(x models.Matrix, s rowset) error {
	if s.rows == nil {
		return x.CheckFinite()
	}
	for j, col := range x.Cols {
		for i := range s.n {
			if v := col[s.row(i)]; v-v != 0 {
				return &models.ValueError{Row: s.row(i) + 1, Column: j + 1, Name: x.Name(j), Got: float64(v), Want: "a finite number"}
			}
		}
	}
	panic("cluster: BUG: sums of finite values are not finite")
}
