package churn

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/models/linear"
)

// Each fault is of one part alone, so that each check is the only one to see it.
func TestEachFaultOfAModelIsNamed(t *testing.T) {
	data := cohorts(3, 1200, linearTruth, 51)
	c := config()
	c.Models = []string{Logistic}
	line := fit(t, c, data).Model
	c.Models = []string{Boost}
	trees := fit(t, c, data).Model
	other := fit(t, c, renamed(data)).Model

	f := func(want string, m *Model, change func(m *Model, l *logistic)) {
		t.Helper()
		damaged, parts := *m, logistic{}
		if l, ok := m.ranker.(*logistic); ok {
			parts = logistic{slices.Clone(l.columns), l.model}
			damaged.ranker = &parts
		}
		calibration := *m.calibration
		damaged.calibration = &calibration
		change(&damaged, &parts)
		if err := damaged.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
		if _, err := json.Marshal(&damaged); err == nil {
			t.Errorf("a model was written that has this fault: %s", want)
		}
	}
	for _, m := range []*Model{line, trees} {
		f("an empty model", m, func(m *Model, _ *logistic) { m.ranker = nil })
		f("horizon_days: got 0", m, func(m *Model, _ *logistic) { m.horizonDays = 0 })
		f("reasons: got -1", m, func(m *Model, _ *logistic) { m.reasons = -1 })
		f("features: got none", m, func(m *Model, _ *logistic) { m.features = nil })
		f(`features: got "a" twice`, m, func(m *Model, _ *logistic) { m.features = []string{"a", "a"} })
		f("calibration: got none or several", m, func(m *Model, _ *logistic) { m.calibration = nil })
		f("calibration: got none or several", m, func(m *Model, _ *logistic) { m.calibration.Platt = nil })
		f("calibration: got none or several", m, func(m *Model, _ *logistic) { m.calibration.Flat = new(0.5) })
		f("calibration: least and most", m, func(m *Model, _ *logistic) { m.calibration.Least = 2 })
		f("calibration: least and most", m, func(m *Model, _ *logistic) { m.calibration.Most = 1.5 })
		f("calibration: least and most", m, func(m *Model, _ *logistic) { m.calibration.Least = -0.5 })
		f("calibration: flat: got 1.5", m, func(m *Model, _ *logistic) { m.calibration.flatten(1.5) })
	}
	f("no regression of the logistic loss", line, func(_ *Model, l *logistic) { l.model = nil })
	f("no regression of the logistic loss", line, func(_ *Model, l *logistic) { l.model = poisson(t, l) })
	f("columns: got 5, want 6", line, func(_ *Model, l *logistic) { l.columns = l.columns[1:] })
	f("spread", line, func(_ *Model, l *logistic) { l.columns[0].Scale.Spread = -1 })
	f("columns: got other features", line, func(_ *Model, l *logistic) { l.columns[0].Scale.Name = "z" })
	f("a regression on other columns", line, func(_ *Model, l *logistic) { l.columns[0].Indicator = !l.columns[0].Indicator })
	f("boost: got an ensemble of another loss or of other features", trees, func(m *Model, _ *logistic) { m.ranker = other.ranker })
	f("average: got an ensemble of another loss", line, func(m *Model, l *logistic) {
		m.kind, m.ranker = Average, averaged{l, other.ranker.(boosted)}
	})

	text, err := json.Marshal(line)
	if err != nil {
		t.Fatal(err)
	}
	var read Model
	if err := read.UnmarshalJSON(append(slices.Clone(text), " {}"...)); err == nil || !strings.Contains(err.Error(), "more than one JSON value") {
		t.Errorf("two values: got %v", err)
	}
	if err := read.UnmarshalJSON([]byte(`{"format":`)); err == nil || !strings.HasPrefix(err.Error(), "churn: reading a model: ") {
		t.Errorf("half a value: got %v", err)
	}
	if err := read.UnmarshalJSON([]byte(`{"format":"quintile.churn/1"}`)); err == nil || !strings.Contains(err.Error(), "neither logistic nor boost") {
		t.Errorf("no ranker: got %v", err)
	}
	if read.ranker != nil {
		t.Error("a refused text changed the model")
	}
}

// renamed returns the cohorts with another first feature.
func renamed(data []Cohort) []Cohort {
	out := slices.Clone(data)
	for k := range out {
		out[k].X.Names = slices.Clone(out[k].X.Names)
		out[k].X.Names[0] = "other"
	}
	return out
}

// poisson returns a regression of another loss on the columns of l.
func poisson(t *testing.T, l *logistic) *linear.Model {
	t.Helper()
	text, err := json.Marshal(l.model)
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(string(text), `"model":"logistic"`, `"model":"poisson"`, 1)
	m := new(linear.Model)
	if err := json.Unmarshal([]byte(changed), m); err != nil || m.Loss() == linear.Logistic {
		t.Fatalf("got loss %v, %v from %s", m.Loss(), err, changed)
	}
	return m
}
