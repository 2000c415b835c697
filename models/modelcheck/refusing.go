package modelcheck

import (
	"errors"
	"fmt"
	"math"

	"github.com/quintile-dev/quintile/models"
)

func notFinite(s *Subject) error {
	m, _, err := s.ordinary()
	if err != nil {
		return err
	}
	bad := []float32{float32(math.Inf(1)), float32(math.Inf(-1))}
	if !s.Missing {
		bad = append(bad, float32(math.NaN()))
	}
	for _, v := range bad {
		for _, cell := range [][2]int{{7, 3}, {rows - 1, columns - 1}, {0, 0}} {
			row, col := cell[0], cell[1]
			d := generate(rows, s.Target)
			d.X.Cols[col][row] = v
			if err := wantValueError(s.fitError(d), row+1, col+1); err != nil {
				return fmt.Errorf("a fit with %v in row %d, column %d: %w", v, row+1, col+1, err)
			}
			_, err := m.Predict(d.X)
			if err := wantValueError(err, row+1, col+1); err != nil {
				return fmt.Errorf("Predict with %v in row %d, column %d: %w", v, row+1, col+1, err)
			}
		}
	}
	if s.Target == Numbers || s.Target == Counts {
		return s.refusesTargets()
	}
	return nil
}

func (s *Subject) refusesTargets() error {
	const row = 9
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		d := generate(rows, s.Target)
		d.Y[row] = v
		if err := wantValueError(s.fitError(d), row+1, 0); err != nil {
			return fmt.Errorf("a fit with target %v in row %d: %w", v, row+1, err)
		}
	}
	return nil
}

// wantValueError reports err as wrong unless it is a *models.ValueError for
// the given row and column, both 1-based.
func wantValueError(err error, row, col int) error {
	var v *models.ValueError
	switch {
	case err == nil:
		return errors.New("got no error, want a *models.ValueError")
	case !errors.As(err, &v):
		return fmt.Errorf("got %w, want a *models.ValueError", err)
	case v.Row != row || v.Column != col:
		return fmt.Errorf("the error names row %d, column %d, want row %d, column %d", v.Row, v.Column, row, col)
	}
	return nil
}

func missingValues(s *Subject) error {
	nan := float32(math.NaN())
	d := generate(rows, s.Target)
	for j := range d.X.Cols {
		for i := range d.X.Cols[j] {
			if (7*i+3*j)%10 == 0 {
				d.X.Cols[j][i] = nan
			}
		}
	}
	if err := s.learns(d); err != nil {
		return fmt.Errorf("with a tenth of the cells missing: %w", err)
	}
	m, err := s.fit(d, options())
	if err != nil {
		return err
	}
	d.X.Cols[2] = fill(rows, nan)
	if err := s.learns(d); err != nil {
		return fmt.Errorf("with column 3 missing: %w", err)
	}
	if _, err := predictFinite(m, d.X); err != nil {
		return fmt.Errorf("with column 3 missing only when predicting: %w", err)
	}
	return nil
}

func wrongShape(s *Subject) error {
	m, d, err := s.ordinary()
	if err != nil {
		return err
	}
	if _, err := m.Predict(d.columnsOf(0, 1, 2, 3).X); err == nil {
		return fmt.Errorf("Predict with %d columns after fitting %d: got no error", columns-1, columns)
	}
	wide := d.columnsOf(0, 1, 2, 3, 4, 0).X
	if _, err := m.Predict(wide); err == nil {
		return fmt.Errorf("Predict with %d columns after fitting %d: got no error", columns+1, columns)
	}
	ragged := d.clone()
	ragged.X.Cols[2] = ragged.X.Cols[2][:rows-1]
	if s.fitError(ragged) == nil {
		return errors.New("a fit with one column shorter than the others: got no error")
	}
	if _, err := m.Predict(ragged.X); err == nil {
		return errors.New("Predict with one column shorter than the others: got no error")
	}
	if s.Target != None {
		short := d.clone()
		short.Y = short.Y[:rows-1]
		if s.fitError(short) == nil {
			return fmt.Errorf("a fit with %d targets for %d rows: got no error", rows-1, rows)
		}
	}
	return nil
}

func roundTrip(s *Subject) error {
	m, d, err := s.ordinary()
	if err != nil {
		return err
	}
	before, err := look(m, d.X)
	if err != nil {
		return err
	}
	loaded, err := s.Load(before.json)
	if err != nil {
		return fmt.Errorf("loading the JSON that the model wrote: %w", err)
	}
	after, err := look(loaded, d.X)
	if err != nil {
		return fmt.Errorf("after loading: %w", err)
	}
	if err := differ(before, after); err != nil {
		return fmt.Errorf("before and after loading: %w", err)
	}
	return nil
}

func damagedJSON(s *Subject) error {
	m, _, err := s.ordinary()
	if err != nil {
		return err
	}
	b, err := m.MarshalJSON()
	if err != nil {
		return err
	}
	for _, text := range []string{"", "{}", "[]", "null", "0", `"model"`} {
		if _, err := s.Load([]byte(text)); err == nil {
			return fmt.Errorf("loading %q: got no error", text)
		}
	}
	for part := range 16 {
		cut := len(b) * part / 16
		if _, err := s.Load(b[:cut]); err == nil {
			return fmt.Errorf("loading the first %d of %d bytes: got no error", cut, len(b))
		}
	}
	return nil
}
