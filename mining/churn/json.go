package churn

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/models/boost"
	"github.com/quintile-dev/quintile/models/linear"
)

// formatName is what the field "format" of a model's JSON says.
const formatName = "quintile.churn/1"

// document is a model as JSON. Either logistic or boost is set, or both for a
// model that is the average.
type document struct {
	Format      string            `json:"format"`
	HorizonDays int               `json:"horizon_days"`
	Reasons     int               `json:"reasons"`
	Features    []string          `json:"features"`
	Typical     []*float64        `json:"typical,omitempty"` // null where nobody has a value
	Logistic    *logisticDocument `json:"logistic,omitempty"`
	Boost       *boost.Ensemble   `json:"boost,omitempty"`
	Calibration *calibrator       `json:"calibration"`
}

type logisticDocument struct {
	Columns []column      `json:"columns"`
	Model   *linear.Model `json:"model"`
}

// MarshalJSON writes all of the model: read again, it scores the same bits.
func (m *Model) MarshalJSON() ([]byte, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	d := document{Format: formatName, HorizonDays: m.horizonDays, Reasons: m.reasons, Features: m.features, Calibration: m.calibration}
	d.Typical = nullable(m.typical)
	parts := []ranker{m.ranker}
	if both, ok := m.ranker.(averaged); ok {
		parts = []ranker{both.logistic, both.boosted}
	}
	for _, part := range parts {
		switch r := part.(type) {
		case *logistic:
			d.Logistic = &logisticDocument{r.columns, r.model}
		case boosted:
			d.Boost = r.ensemble
		}
	}
	return json.Marshal(d)
}

// UnmarshalJSON reads the output of MarshalJSON, into a Model not yet in use.
// Anything but a whole, sound model is refused.
func (m *Model) UnmarshalJSON(text []byte) error {
	var d document
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&d); err != nil {
		return fmt.Errorf("churn: reading a model: %w", err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return errors.New("churn: reading a model: got more than one JSON value")
	}
	if d.Format != formatName {
		return fmt.Errorf("churn: reading a model: format: got %q, want %q", d.Format, formatName)
	}
	read := Model{horizonDays: d.HorizonDays, reasons: d.Reasons, features: d.Features, typical: notNumbers(d.Typical), calibration: d.Calibration}
	switch {
	case d.Logistic != nil && d.Boost != nil:
		read.kind, read.ranker = Average, averaged{&logistic{d.Logistic.Columns, d.Logistic.Model}, boosted{d.Boost}}
	case d.Logistic != nil:
		read.kind, read.ranker = Logistic, &logistic{d.Logistic.Columns, d.Logistic.Model}
	case d.Boost != nil:
		read.kind, read.ranker = Boost, boosted{d.Boost}
	default:
		return errors.New("churn: reading a model: got neither logistic nor boost, want one or both")
	}
	if err := read.Validate(); err != nil {
		return fmt.Errorf("churn: reading a model: %w", err)
	}
	*m = read
	return nil
}

// Validate returns an error for a model unable to score, for example neither
// fitted nor read.
func (m *Model) Validate() error {
	switch {
	case m.ranker == nil:
		return errors.New("churn: got an empty model, want one that was fitted or read")
	case m.horizonDays < 1:
		return fmt.Errorf("churn: horizon_days: got %d, want an integer ≥ 1", m.horizonDays)
	case m.reasons < 0:
		return fmt.Errorf("churn: reasons: got %d, want an integer ≥ 0", m.reasons)
	case len(m.features) == 0:
		return errors.New("churn: features: got none, want at least one")
	case repeated(m.features) != "":
		return fmt.Errorf("churn: features: got %q twice, want each once", repeated(m.features))
	}
	if m.typical != nil && len(m.typical) != len(m.features) {
		return fmt.Errorf("churn: typical: got %d values, want one for each of the %d features", len(m.typical), len(m.features))
	}
	if err := m.calibration.check(); err != nil {
		return fmt.Errorf("churn: calibration: %w", err)
	}
	if err := m.ranker.check(m.features); err != nil {
		return fmt.Errorf("churn: %s: %w", m.kind, err)
	}
	return nil
}

// check reports the first fault of boosted trees over the features.
func (b boosted) check(names []string) error {
	if b.ensemble.Loss() != boost.Logistic || !slices.Equal(b.ensemble.Names(), names) {
		return errors.New("got an ensemble of another loss or of other features, want logistic loss and the features of the model")
	}
	return nil
}

// check reports the first fault of a calibrator.
func (c *calibrator) check() error {
	switch {
	case c == nil || number(c.Platt != nil)+number(c.Isotonic != nil)+number(c.Flat != nil) != 1:
		return errors.New("got none or several of platt, isotonic and flat, want one")
	case !(c.Least >= 0 && c.Least <= c.Most && c.Most <= 1):
		return fmt.Errorf("least and most: got %v and %v, want probabilities in this order", c.Least, c.Most)
	case c.Flat != nil && !(*c.Flat >= 0 && *c.Flat <= 1):
		return fmt.Errorf("flat: got %v, want a probability", *c.Flat)
	case c.Platt != nil:
		if slope, _ := c.Platt.Curve(); !(slope > 0) {
			return fmt.Errorf("platt: got the slope %v, want a curve that rises; fit the model again", slope)
		}
	case c.Isotonic != nil:
		_, values := c.Isotonic.Knots()
		if !(values[0] >= 0 && values[len(values)-1] <= 1) {
			return errors.New("isotonic: got values outside [0,1], want probabilities")
		}
	}
	return nil
}

// check reports the first fault of a regression over the features.
func (l *logistic) check(names []string) error {
	if l.model == nil || l.model.Loss() != linear.Logistic {
		return errors.New("got no regression of the logistic loss, want one")
	}
	if len(l.columns) != len(names) {
		return fmt.Errorf("columns: got %d, want %d", len(l.columns), len(names))
	}
	scaler := features.Scaler{Scale: features.Standard}
	for j := range l.columns {
		scaler.Columns = append(scaler.Columns, l.columns[j].Scale)
	}
	if err := scaler.Validate(); err != nil {
		return err
	}
	if !slices.Equal(scaler.Names(), names) {
		return errors.New("columns: got other features than those of the model, want the same in the same order")
	}
	var learned []string
	for _, c := range l.model.Coefficients() {
		learned = append(learned, c.Name)
	}
	if !slices.Equal(learned, designNames(l.columns)) {
		return errors.New("got a regression on other columns, want one on the features and their indicators")
	}
	return nil
}
