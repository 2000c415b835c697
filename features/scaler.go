package features

import (
	"context"
	"fmt"
)

// Scaler is the fitted transform of several columns. A Scaler is immutable, and
// its JSON form restores it.
type Scaler struct {
	Scale   Scaling       `json:"scale"`
	Columns []ColumnScale `json:"columns"`
}

// Names returns the columns that the scaler takes, in order.
func (s *Scaler) Names() []string {
	out := make([]string, len(s.Columns))
	for j := range s.Columns {
		out[j] = s.Columns[j].Name
	}
	return out
}

// Validate returns an error where the scaler, as from a file, cannot be applied.
func (s *Scaler) Validate() error {
	var f faults
	for j := range s.Columns {
		c := &s.Columns[j]
		if !(c.Spread > 0) {
			f.add(fmt.Sprintf("columns[%d].spread", j), c.Spread, "a number > 0")
		}
		if c.clamped(c.Min) || c.clamped(c.Fill) {
			f.add(fmt.Sprintf("columns[%d].shift", j), c.Shift, "a shift that lets the transform take min and fill")
		}
		if err := (ScalerConfig{Transform: c.Transform, Scale: s.Scale}).Validate(); err != nil {
			f = append(f, err)
		}
	}
	return f.join()
}

// FitScaler learns the transforms of the named columns from the chosen
// customers (nil for all) and returns the columns, transformed.
//
// Errors: the faults of c, a feature that is a code and so no quantity, a column
// missing in the table, an I/O error of the temporary file, ctx.Err().
//
// Cost: per worker one column as float64 and its sorted copy at a time, 32
// bytes a customer; the result takes four bytes a value.
func (t *Table) FitScaler(ctx context.Context, c ScalerConfig, names []string, chosen []uint32) (*Scaler, [][]float32, error) {
	var bad faults
	if err := c.Validate(); err != nil {
		bad = append(bad, err)
	}
	for j, name := range names {
		if isCode(name) {
			bad.add(fmt.Sprintf("features[%d]", j), name, "a quantity; this one is a code, whose size means nothing")
		}
	}
	if err := bad.join(); err != nil {
		return nil, nil, err
	}
	s := &Scaler{Scale: c.Scale, Columns: make([]ColumnScale, len(names))}
	out := make([][]float32, len(names))
	err := parallel(ctx, t.config.Workers, len(names), func(j int) error {
		values, err := t.Columns(ctx, names[j:j+1], chosen)
		if err != nil {
			return err
		}
		if s.Columns[j], err = c.FitColumn(names[j], values[0]); err != nil {
			return err
		}
		out[j] = make([]float32, len(values[0]))
		s.Columns[j].ApplyTo(out[j], values[0])
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	return s, out, nil
}

// Scale returns the scaler's columns of the chosen customers (nil for all),
// transformed, and what happened to each.
func (t *Table) Scale(ctx context.Context, s *Scaler, chosen []uint32) ([][]float32, []Applied, error) {
	if err := s.Validate(); err != nil {
		return nil, nil, err
	}
	out, applied := make([][]float32, len(s.Columns)), make([]Applied, len(s.Columns))
	err := parallel(ctx, t.config.Workers, len(s.Columns), func(j int) error {
		values, err := t.Columns(ctx, []string{s.Columns[j].Name}, chosen)
		if err != nil {
			return err
		}
		out[j] = make([]float32, len(values[0]))
		applied[j] = s.Columns[j].ApplyTo(out[j], values[0])
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	return out, applied, nil
}
