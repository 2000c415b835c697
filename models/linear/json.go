package linear

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
)

const jsonVersion = 1

// modelJSON is the stored form of a Model. A NaN in memory is null in JSON.
type modelJSON struct {
	Model     string            `json:"model"` // "logistic" or "poisson"
	Version   int               `json:"version"`
	Intercept coefficientJSON   `json:"intercept"`
	Columns   []coefficientJSON `json:"columns"`
}

type coefficientJSON struct {
	Name     string   `json:"name"`
	Value    float64  `json:"coefficient"`
	StdError *float64 `json:"std_error"`
	Z        *float64 `json:"z"`
	P        *float64 `json:"p"`
	Mean     float64  `json:"mean"`
}

func (c Coefficient) toJSON() coefficientJSON {
	return coefficientJSON{c.Name, c.Value, nullable(c.StdError), nullable(c.Z), nullable(c.P), c.Mean}
}

func (c coefficientJSON) fromJSON() Coefficient {
	return Coefficient{c.Name, c.Value, number(c.StdError), number(c.Z), number(c.P), c.Mean}
}

// nullable returns nil for a NaN or an infinity, as JSON has no form for
// either.
func nullable(v float64) *float64 {
	if v-v != 0 {
		return nil
	}
	return &v
}

func number(v *float64) float64 {
	if v == nil {
		return math.NaN()
	}
	return *v
}

// MarshalJSON writes the model in a form to read and to load again: numbers
// come back to the same bits.
func (m *Model) MarshalJSON() ([]byte, error) {
	out := modelJSON{Model: m.loss.String(), Version: jsonVersion, Intercept: m.intercept.toJSON()}
	for _, c := range m.columns {
		out.Columns = append(out.Columns, c.toJSON())
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads the output of MarshalJSON and refuses any other text.
func (m *Model) UnmarshalJSON(b []byte) error {
	var in modelJSON
	if err := decode(b, &in); err != nil {
		return fmt.Errorf("linear: reading a model: %w", err)
	}
	loss := Logistic
	if in.Model == Poisson.String() {
		loss = Poisson
	}
	switch {
	case in.Model != loss.String():
		return fmt.Errorf("linear: reading a model: got model %q, want %q or %q", in.Model, Logistic, Poisson)
	case in.Version != jsonVersion:
		return fmt.Errorf("linear: reading a model: got version %d, want %d", in.Version, jsonVersion)
	case len(in.Columns) == 0:
		return errors.New("linear: reading a model: got no columns, want at least one")
	}
	read := Model{loss: loss, intercept: in.Intercept.fromJSON()}
	for _, c := range in.Columns {
		read.columns = append(read.columns, c.fromJSON())
	}
	*m = read
	return nil
}

// decode reads one JSON value and refuses fields that are not in v.
func decode(b []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("got more than one JSON value")
	}
	return nil
}
