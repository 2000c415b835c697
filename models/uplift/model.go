package uplift

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/quintile-dev/quintile/models"
)

// kind is the way in which a model predicts uplift.
type kind string

const (
	kindT       kind = "t-learner"
	kindS       kind = "s-learner"
	kindClass   kind = "class-transformation"
	kindOutcome kind = "transformed-outcome"
	kindX       kind = "x-learner"
)

// parts returns how many models a kind is made of, 0 for an unknown one.
func (k kind) parts() int {
	switch k {
	case kindT, kindX:
		return 2
	case kindS, kindClass, kindOutcome:
		return 1
	}
	return 0
}

// Model predicts uplift. A Model is immutable, and as safe for concurrent use
// as the models within; only a [Learner] and [Load] make one.
type Model struct {
	kind  kind
	share float64 // treated, in (0,1)
	parts []Predictor
}

// Name returns the learner: "t-learner", "s-learner", "class-transformation",
// "transformed-outcome" or "x-learner".
func (m *Model) Name() string { return string(m.kind) }

// TreatedShare returns the treated share of the rows learned from, in (0,1).
func (m *Model) TreatedShare() float64 { return m.share }

// Parts returns the models within: for a T- and an X-learner the model of the
// treated and the model of the controls, for the other kinds the single model.
func (m *Model) Parts() []Predictor { return append([]Predictor(nil), m.parts...) }

// PredictTo sets dst[i] to the uplift of row i: the expected gain in outcome by
// the treatment, in the outcome's unit; below 0 where the treatment does harm.
//
// Shape: x has the learned columns, in the same order; dst one entry per row. x
// is not modified.
//
// Errors: *models.ShapeError; the errors of the models within. dst is then
// unspecified.
//
// Cost: one or two predictions, and 8 bytes per row.
func (m *Model) PredictTo(dst []float64, x models.Matrix) error {
	if err := x.Validate(); err != nil {
		return err
	}
	n, d := x.Dims()
	if len(dst) != n {
		return &models.ShapeError{What: "predictions", Got: len(dst), Want: n}
	}
	if d == 0 {
		return nil
	}
	var second []float64
	switch m.kind {
	case kindT, kindX:
		second = make([]float64, n)
		if err := errors.Join(m.parts[0].PredictTo(dst, x), m.parts[1].PredictTo(second, x)); err != nil {
			return err
		}
	case kindS:
		second = make([]float64, n)
		treatment := make([]float32, n)
		if err := m.parts[0].PredictTo(second, withTreatment(x, treatment)); err != nil {
			return err
		}
		for i := range treatment {
			treatment[i] = 1
		}
		if err := m.parts[0].PredictTo(dst, withTreatment(x, treatment)); err != nil {
			return err
		}
	default:
		if err := m.parts[0].PredictTo(dst, x); err != nil {
			return err
		}
	}
	for i, a := range dst {
		b := 0.0
		if second != nil {
			b = second[i]
		}
		dst[i] = m.kind.combine(a, b, m.share)
	}
	return nil
}

const jsonVersion = 1

// modelJSON is a Model on paper.
type modelJSON struct {
	Model        kind              `json:"model"`
	Version      int               `json:"version"`
	TreatedShare float64           `json:"treated_share"`
	Parts        []json.RawMessage `json:"parts"`
}

// MarshalJSON writes the model with the models within, which must have a
// MarshalJSON too.
func (m *Model) MarshalJSON() ([]byte, error) {
	out := modelJSON{Model: m.kind, Version: jsonVersion, TreatedShare: m.share}
	for _, p := range m.parts {
		writer, ok := p.(json.Marshaler)
		if !ok {
			return nil, fmt.Errorf("uplift: writing a model: got a %T within, want one that has MarshalJSON", p)
		}
		b, err := writer.MarshalJSON()
		if err != nil {
			return nil, err
		}
		out.Parts = append(out.Parts, b)
	}
	return json.Marshal(out)
}

// Load reads a model from the output of MarshalJSON and refuses any other text.
// part reads each model within.
func Load(b []byte, part func(b []byte) (Predictor, error)) (*Model, error) {
	var in modelJSON
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil {
		return nil, fmt.Errorf("uplift: reading a model: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("uplift: reading a model: got more than one JSON value")
	}
	switch {
	case in.Model.parts() == 0:
		return nil, fmt.Errorf("uplift: reading a model: got model %q, want a learner such as %q", in.Model, kindT)
	case in.Version != jsonVersion:
		return nil, fmt.Errorf("uplift: reading a model: got version %d, want %d", in.Version, jsonVersion)
	case !(in.TreatedShare > 0 && in.TreatedShare < 1):
		return nil, fmt.Errorf("uplift: reading a model: got a treated share of %v, want one in (0,1)", in.TreatedShare)
	case len(in.Parts) != in.Model.parts():
		return nil, fmt.Errorf("uplift: reading a model: got %d models within, want %d", len(in.Parts), in.Model.parts())
	}
	m := &Model{kind: in.Model, share: in.TreatedShare}
	for _, raw := range in.Parts {
		p, err := part(raw)
		if err != nil {
			return nil, fmt.Errorf("uplift: reading a model: %w", err)
		}
		m.parts = append(m.parts, p)
	}
	return m, nil
}
