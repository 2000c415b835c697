package modelcheck

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/quintile-dev/quintile/models"
)

// outcome holds everything visible of a fitted model.
type outcome struct {
	json    []byte
	outputs []float64
}

// observe fits s to d and predicts the rows of on.
func (s *Subject) observe(d Data, o Options, on models.Matrix) (outcome, error) {
	m, err := s.fit(d, o)
	if err != nil {
		return outcome{}, err
	}
	return look(m, on)
}

// fit fits s to d without a deadline.
func (s *Subject) fit(d Data, o Options) (Fitted, error) {
	m, err := s.Fit(context.Background(), d, o)
	if err != nil {
		return nil, fmt.Errorf("fitting %d rows: %w", rowsOf(d.X), err)
	}
	return m, nil
}

// ordinary fits s to ordinary data and returns both.
func (s *Subject) ordinary() (Fitted, Data, error) {
	d := generate(rows, s.Target)
	m, err := s.fit(d, options())
	return m, d, err
}

func options() Options { return Options{Seed: modelSeed, Workers: 2} }

// look writes m as JSON and predicts the rows of x.
func look(m Fitted, x models.Matrix) (outcome, error) {
	b, err := m.MarshalJSON()
	if err != nil {
		return outcome{}, fmt.Errorf("writing the model as JSON: %w", err)
	}
	out, err := predict(m, x)
	return outcome{json: b, outputs: out}, err
}

// predict predicts the rows of x and checks the shape of the answer.
func predict(m Fitted, x models.Matrix) ([]float64, error) {
	n := rowsOf(x)
	out, err := m.Predict(x)
	if err != nil {
		return nil, fmt.Errorf("predicting %d rows: %w", n, err)
	}
	if n > 0 && (len(out) == 0 || len(out)%n != 0) {
		return nil, fmt.Errorf("predicting %d rows: got %d outputs, want the same number for every row", n, len(out))
	}
	return slices.Clone(out), nil
}

// predictFinite is predict where every output must be finite.
func predictFinite(m Fitted, x models.Matrix) ([]float64, error) {
	out, err := predict(m, x)
	if err != nil {
		return nil, err
	}
	for i, v := range out {
		if v-v != 0 {
			return nil, fmt.Errorf("output %d of %d is %v, want a finite number", i+1, len(out), v)
		}
	}
	return out, nil
}

// differ reports how b departs from a in any bit, or nil.
func differ(a, b outcome) error {
	if err := differBits(a.outputs, b.outputs); err != nil {
		return err
	}
	if !bytes.Equal(a.json, b.json) {
		at := 0
		for at < min(len(a.json), len(b.json)) && a.json[at] == b.json[at] {
			at++
		}
		return fmt.Errorf("the JSON differs at byte %d: %q and %q", at+1, around(a.json, at), around(b.json, at))
	}
	return nil
}

func around(b []byte, at int) []byte {
	return b[max(0, at-20):min(len(b), at+30)]
}

// differBits reports the first output of b that differs from a's in any bit, or
// nil.
func differBits(a, b []float64) error {
	if len(a) != len(b) {
		return fmt.Errorf("got %d outputs and %d", len(a), len(b))
	}
	for i := range a {
		if math.Float64bits(a[i]) != math.Float64bits(b[i]) {
			return fmt.Errorf("output %d is %v and %v", i+1, a[i], b[i])
		}
	}
	return nil
}

// differBeyond reports the first output of b that departs from a's by more
// than tolerance, relative to 1 + |a|, or nil.
func differBeyond(a, b []float64, tolerance float64) error {
	if len(a) != len(b) {
		return fmt.Errorf("got %d outputs and %d", len(a), len(b))
	}
	for i := range a {
		if !(math.Abs(a[i]-b[i]) <= tolerance*(1+math.Abs(a[i]))) {
			return fmt.Errorf("output %d is %v and %v, further apart than %g", i+1, a[i], b[i], tolerance)
		}
	}
	return nil
}

// differData reports the first part of b that differs from a's in any bit, or
// nil.
func differData(a, b Data) error {
	for j := range a.X.Cols {
		for i, v := range a.X.Cols[j] {
			if math.Float32bits(v) != math.Float32bits(b.X.Cols[j][i]) {
				return fmt.Errorf("row %d, column %d was %v and is %v", i+1, j+1, v, b.X.Cols[j][i])
			}
		}
	}
	if !slices.Equal(a.X.Names, b.X.Names) {
		return fmt.Errorf("the column names were %q and are %q", a.X.Names, b.X.Names)
	}
	if err := differBits(a.Y, b.Y); err != nil {
		return fmt.Errorf("the target: %w", err)
	}
	if err := differBits(a.W, b.W); err != nil {
		return fmt.Errorf("the weights: %w", err)
	}
	return nil
}

func rowsOf(x models.Matrix) int {
	n, _ := x.Dims()
	return n
}
