package modelcheck

import (
	"fmt"
	"math"

	"github.com/quintile-dev/quintile/models"
)

func inputUnchanged(s *Subject) error {
	d := generate(rows, s.Target)
	if s.Weights {
		d.W = weights(rows)
	}
	before := d.clone()
	m, err := s.fit(d, options())
	if err != nil {
		return err
	}
	if err := differData(before, d); err != nil {
		return fmt.Errorf("the method Fit changed its input: %w", err)
	}
	if _, err := predict(m, d.X); err != nil {
		return err
	}
	if err := differData(before, d); err != nil {
		return fmt.Errorf("Predict changed its input: %w", err)
	}
	return nil
}

func sameSeed(s *Subject) error {
	d := generate(rows, s.Target)
	first, err := s.observe(d, options(), d.X)
	if err != nil {
		return err
	}
	for range 3 {
		// A copy, so that no result can depend on the address of the data.
		again, err := s.observe(d.clone(), options(), d.X)
		if err != nil {
			return err
		}
		if err := differ(first, again); err != nil {
			return fmt.Errorf("fitted twice with seed %d: %w", modelSeed, err)
		}
	}
	return nil
}

func anyWorkers(s *Subject) error {
	d := generate(manyRows, s.Target)
	one, err := s.observe(d, Options{Seed: modelSeed, Workers: 1}, d.X)
	if err != nil {
		return err
	}
	for _, workers := range []int{2, 8} {
		got, err := s.observe(d, Options{Seed: modelSeed, Workers: workers}, d.X)
		if err != nil {
			return err
		}
		if err := differ(one, got); err != nil {
			return fmt.Errorf("fitted with 1 and with %d workers: %w", workers, err)
		}
	}
	return nil
}

func weightOne(s *Subject) error {
	d := generate(rows, s.Target)
	plain, err := s.observe(d, options(), d.X)
	if err != nil {
		return err
	}
	d.W = fill(rows, 1.0)
	ones, err := s.observe(d, options(), d.X)
	if err != nil {
		return err
	}
	if err := differ(plain, ones); err != nil {
		return fmt.Errorf("fitted without weights and with weights of 1: %w", err)
	}
	return nil
}

func weightZero(s *Subject) error {
	const tolerance = 1e-6 // blocks of a sum move when rows go
	d := generate(rows, s.Target)
	d.W = weights(rows)
	var kept []int
	for i := range rows {
		if i%4 != 1 {
			kept = append(kept, i)
			continue
		}
		d.W[i] = 0
		for j := range d.X.Cols {
			d.X.Cols[j][i] = 40 - 3*d.X.Cols[j][i]
		}
		if d.Y != nil {
			d.Y[i] = d.Y[(i+17)%rows]
		}
	}
	with, err := s.observe(d, options(), d.X)
	if err != nil {
		return err
	}
	without, err := s.observe(d.take(kept), options(), d.X)
	if err != nil {
		return err
	}
	if err := differBeyond(without.outputs, with.outputs, tolerance); err != nil {
		return fmt.Errorf("fitted without rows and with them at weight 0: %w", err)
	}
	return nil
}

func badWeights(s *Subject) error {
	const row = 11
	for _, bad := range []float64{-1, math.NaN(), math.Inf(1)} {
		d := generate(rows, s.Target)
		d.W = weights(rows)
		d.W[row] = bad
		if err := wantValueError(s.fitError(d), row+1, 0); err != nil {
			return fmt.Errorf("the method Fit with weight %v: %w", bad, err)
		}
	}
	d := generate(rows, s.Target)
	d.W = make([]float64, rows)
	if s.fitError(d) == nil {
		return fmt.Errorf("the method Fit with every weight 0: got no error")
	}
	d.W = weights(rows - 1)
	if s.fitError(d) == nil {
		return fmt.Errorf("the method Fit with %d weights for %d rows: got no error", rows-1, rows)
	}
	return nil
}

func noRows(s *Subject) error {
	m, d, err := s.ordinary()
	if err != nil {
		return err
	}
	none := d.take([]int{})
	if s.fitError(none) == nil {
		return fmt.Errorf("the method Fit without rows: got no error")
	}
	if s.fitError(Data{X: models.Matrix{}, Y: none.Y}) == nil {
		return fmt.Errorf("the method Fit without columns: got no error")
	}
	out, err := predict(m, none.X)
	if err == nil && len(out) > 0 {
		err = fmt.Errorf("predicting no rows: got %d outputs, want none", len(out))
	}
	return err
}

func oneRow(s *Subject) error {
	return s.learnsOrRefuses(generate(1, s.Target))
}

func oneColumn(s *Subject) error {
	for j := range columns {
		if err := s.learns(generate(rows, s.Target).columnsOf(j)); err != nil {
			return fmt.Errorf("with column %d alone: %w", j+1, err)
		}
	}
	return nil
}

func constantColumn(s *Subject) error {
	for j := range columns {
		d := generate(rows, s.Target)
		d.X.Cols[j] = fill(rows, float32(3.25))
		if err := s.learns(d); err != nil {
			return fmt.Errorf("with column %d constant: %w", j+1, err)
		}
	}
	d := generate(rows, s.Target)
	for j := range d.X.Cols {
		d.X.Cols[j] = fill(rows, float32(j))
	}
	if err := s.learnsOrRefuses(d); err != nil {
		return fmt.Errorf("with every column constant: %w", err)
	}
	return nil
}

func constantTarget(s *Subject) error {
	for _, v := range []float64{0, 1} {
		d := generate(rows, s.Target)
		d.Y = fill(rows, v)
		if err := s.learnsOrRefuses(d); err != nil {
			return fmt.Errorf("with every target %g: %w", v, err)
		}
	}
	return nil
}

func duplicateRows(s *Subject) error {
	const distinct = 50
	index := make([]int, 4*distinct)
	for i := range index {
		index[i] = i % distinct
	}
	d := generate(distinct, s.Target).take(index)
	m, err := s.fit(d, options())
	if err != nil {
		return err
	}
	out, err := predictFinite(m, d.X)
	if err != nil {
		return err
	}
	quarter := len(out) / 4
	for part := range 4 {
		if err := differBits(out[:quarter], out[part*quarter:(part+1)*quarter]); err != nil {
			return fmt.Errorf("equal rows: %w", err)
		}
	}
	return nil
}

// learns reports whether s can be fitted to d and predicts finite numbers.
func (s *Subject) learns(d Data) error {
	m, err := s.fit(d, options())
	if err != nil {
		return err
	}
	_, err = predictFinite(m, d.X)
	return err
}

// learnsOrRefuses is learns where refusing d is as good.
func (s *Subject) learnsOrRefuses(d Data) error {
	m, err := s.fit(d, options())
	if err != nil {
		return nil
	}
	_, err = predictFinite(m, d.X)
	return err
}

// fitError returns the error of fitting s to d.
func (s *Subject) fitError(d Data) error {
	_, err := s.fit(d, options())
	return err
}
