package modelcheck

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"runtime"
	"strings"
	"time"

	"github.com/quintile-dev/quintile/models"
)

// toy is a model that keeps the contract: for every column the weighted slope
// of the target on the column, learned in blocks on several workers. The fault
// in it, if any, is what one clause must catch.
type toy struct {
	Seed   uint64    `json:"seed"`
	Means  []float64 `json:"means"`
	Slopes []float64 `json:"slopes"`
	Middle float64   `json:"middle"`

	fault   Clause
	scratch []float64
}

const block = 1024

// moments are the weighted sums of one column in one block.
type moments struct{ w, x, y, xx, xy float64 }

func fitToy(ctx context.Context, d Data, o Options, fault Clause, missing bool) (*toy, error) {
	if err := d.X.Validate(); err != nil && fault != WrongShape {
		return nil, err
	}
	n, cols := d.X.Dims()
	if n == 0 && fault != NoRows {
		return nil, errors.New("toy: got no rows, want at least one")
	}
	y := d.Y
	if y == nil && n > 0 {
		y = make([]float64, n)
		for i := range y {
			y[i] = float64(d.X.Cols[0][i])
		}
	}
	if err := refuse(d, y, fault, missing); err != nil {
		return nil, err
	}
	if fault == InputUnchanged {
		d.X.Cols[1][0]++
	}
	m := &toy{Seed: o.Seed, fault: fault, scratch: make([]float64, n)}
	if fault == SameSeed {
		m.Seed = rand.Uint64()
	}
	for j := range cols {
		if err := m.learn(ctx, d, y, j, o.Workers); err != nil {
			return nil, err
		}
	}
	if fault == Cancellation {
		time.Sleep(4 * cancelWithin)
		return m, nil
	}
	return m, spend(ctx, n)
}

// spend takes about a microsecond a row, as a real fit would.
func spend(ctx context.Context, n int) error {
	for range n/2000 + 1 {
		if err := ctx.Err(); err != nil {
			return err
		}
		time.Sleep(time.Millisecond)
	}
	return ctx.Err()
}

func refuse(d Data, y []float64, fault Clause, missing bool) error {
	n, _ := d.X.Dims()
	if len(y) != n {
		return &models.ShapeError{What: "target", Got: len(y), Want: n}
	}
	if d.W != nil && fault != BadWeights {
		if len(d.W) != n {
			return &models.ShapeError{What: "weights", Got: len(d.W), Want: n}
		}
		total := 0.0
		for i, w := range d.W {
			if !(w >= 0) || math.IsInf(w, 0) {
				return &models.ValueError{Row: i + 1, Name: "weight", Got: w, Want: "a finite number ≥ 0"}
			}
			total += w
		}
		if total == 0 {
			return errors.New("toy: every weight is 0")
		}
	}
	if fault == NotFinite {
		return nil
	}
	check := d.X.CheckFinite
	if missing {
		check = d.X.CheckNotInfinite
	}
	if err := check(); err != nil {
		return err
	}
	for i, v := range y {
		if v-v != 0 {
			return &models.ValueError{Row: i + 1, Name: "target", Got: v, Want: "a finite number"}
		}
	}
	return nil
}

func (m *toy) learn(ctx context.Context, d Data, y []float64, j, workers int) error {
	n, _ := d.X.Dims()
	size := block
	if m.fault == AnyWorkers {
		size = n/workers + 1
	}
	parts := make([]moments, (n+size-1)/size)
	err := models.Parallel(ctx, workers, len(parts), func(b int) error {
		for i := b * size; i < min(n, (b+1)*size); i++ {
			x, w := float64(d.X.Cols[j][i]), 1.0
			if math.IsNaN(x) {
				if m.fault != MissingValues {
					continue
				}
			}
			if d.W != nil {
				w = d.W[i]
				if m.fault == WeightOne {
					w += 1e-9
				}
				if m.fault == WeightZero {
					w = max(w, 0.25)
				}
			}
			p := &parts[b]
			p.w += w
			p.x += w * x
			p.y += w * y[i]
			p.xx += w * x * x
			p.xy += w * x * y[i]
		}
		return nil
	})
	if err != nil {
		return err
	}
	var s moments
	for _, p := range parts {
		s = moments{s.w + p.w, s.x + p.x, s.y + p.y, s.xx + p.xx, s.xy + p.xy}
	}
	m.add(s, j)
	return nil
}

func (m *toy) add(s moments, j int) {
	if s.w == 0 {
		m.Means, m.Slopes = append(m.Means, 0), append(m.Slopes, 0)
		return
	}
	mean, middle := s.x/s.w, s.y/s.w
	variance, slope := s.xx/s.w-mean*mean, 0.0
	covariance := s.xy/s.w - mean*middle
	switch {
	case m.fault == ConstantColumn && variance < 1e-9:
		slope = math.NaN()
	case m.fault == OneRow && s.w == 1:
		slope = math.Inf(1)
	case m.fault == ConstantTarget && covariance == 0:
		slope = math.NaN()
	case variance > 1e-9:
		slope = covariance / variance
	}
	if m.fault == OneColumn && j == 0 {
		slope /= float64(len(m.Means)) * 0
	}
	m.Means, m.Slopes, m.Middle = append(m.Means, mean), append(m.Slopes, slope), middle
}

type fittedToy struct {
	*toy
	missing bool
}

func (f fittedToy) MarshalJSON() ([]byte, error) {
	m := *f.toy
	for _, s := range [][]float64{m.Means, m.Slopes} {
		for i, v := range s {
			if v-v != 0 {
				s[i] = 0 // cannot be written; the mutants that do this are caught before
			}
		}
	}
	return json.Marshal(m)
}

func (f fittedToy) Predict(x models.Matrix) ([]float64, error) {
	m := f.toy
	if err := x.Validate(); err != nil && m.fault != WrongShape {
		return nil, err
	}
	n, cols := x.Dims()
	if cols != len(m.Means) && m.fault != WrongShape {
		return nil, &models.ShapeError{What: "columns", Got: cols, Want: len(m.Means)}
	}
	if m.fault != NotFinite {
		check := x.CheckFinite
		if f.missing {
			check = x.CheckNotInfinite
		}
		if err := check(); err != nil {
			return nil, err
		}
	}
	out := make([]float64, n)
	dst := out
	if m.fault == Concurrent {
		dst = m.scratch[:n]
	}
	for i := range dst {
		dst[i] = m.row(x, i)
		if m.fault == Concurrent && i%64 == 0 {
			runtime.Gosched()
		}
	}
	copy(out, dst)
	return out, nil
}

func (m *toy) row(x models.Matrix, i int) float64 {
	sum := m.Middle + float64(m.Seed%16)/16
	for j, slope := range m.Slopes {
		if v := float64(x.Cols[j][i]); !math.IsNaN(v) || m.fault == MissingValues {
			sum += slope * (v - m.Means[j])
		}
	}
	switch m.fault {
	case NoAllocations:
		sum += float64(len(strings.Repeat("x", i%3+1)))
	case Subset:
		sum += float64(len(x.Cols[0])%97) * 1e-9
	case DuplicateRows:
		sum += float64(i%7) * 1e-9
	}
	return sum
}

func loadToy(b []byte, fault Clause, missing bool) (Fitted, error) {
	m := toy{fault: fault}
	if err := json.Unmarshal(b, &m); err != nil && fault != DamagedJSON {
		return nil, err
	}
	if (len(m.Means) == 0 || len(m.Means) != len(m.Slopes)) && fault != DamagedJSON {
		return nil, errors.New("toy: the model has no columns")
	}
	if fault == RoundTrip {
		m.Middle = float64(float32(m.Middle))
	}
	return fittedToy{&m, missing}, nil
}

// subject returns the toy with one fault in it, or none for "".
func subject(target Target, missing, weights bool, fault Clause) Subject {
	return Subject{
		Name: "toy", Target: target, Missing: missing, Weights: weights,
		Fit: func(ctx context.Context, d Data, o Options) (Fitted, error) {
			m, err := fitToy(ctx, d, o, fault, missing)
			return fittedToy{m, missing}, err
		},
		Load: func(b []byte) (Fitted, error) { return loadToy(b, fault, missing) },
	}
}
