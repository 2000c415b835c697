package features

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
)

// referenceTolerance allows for another order of summation.
const referenceTolerance = 1e-11

func loadReference[T any](t *testing.T, name string) []T {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "reference", name))
	if err != nil {
		t.Fatal(err)
	}
	var out []T
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	if len(out) == 0 {
		t.Fatalf("%s is empty", name)
	}
	return out
}

func TestScalersAgreeWithScikitLearn(t *testing.T) {
	for _, c := range loadReference[struct {
		Name      string
		Transform Transform
		Scale     Scaling
		Values    []*float64
		Want      []float64
	}](t, "scaler.json") {
		values := make([]float64, len(c.Values))
		for i, v := range c.Values {
			values[i] = math.NaN()
			if v != nil {
				values[i] = *v
			}
		}
		s, err := ScalerConfig{c.Transform, c.Scale}.FitColumn(c.Name, values)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range values {
			if got := s.Value(v); math.Abs(got-c.Want[i]) > referenceTolerance*max(1, math.Abs(c.Want[i])) {
				t.Fatalf("%s, %s, %s, row %d: got %v, want %v", c.Name, c.Transform, c.Scale, i, got, c.Want[i])
			}
		}
	}
}

func TestScoresAgreeWithRanksOfPandas(t *testing.T) {
	for _, c := range loadReference[struct {
		Bins                         int
		Recency, Frequency, Monetary []float64
		Independent, Nested          [3][]uint8
	}](t, "rfm.json") {
		in := RFMInput{Recency: c.Recency, Frequency: c.Frequency, Monetary: c.Monetary}
		for method, want := range map[Method][3][]uint8{Independent: c.Independent, Nested: c.Nested} {
			config := DefaultRFM()
			config.Bins, config.Method, config.Ties = c.Bins, method, Shared // as pandas ranks
			m, err := config.Fit(context.Background(), in)
			if err != nil {
				t.Fatal(err)
			}
			s, _, err := m.ScoreAll(in)
			if err != nil {
				t.Fatal(err)
			}
			for j, got := range [3][]uint8{s.R, s.F, s.M} {
				if !slices.Equal(got, want[j]) {
					t.Errorf("%d customers, %d bins, %s, %c: got %v, want %v", len(c.Recency), c.Bins, method, "RFM"[j], got, want[j])
				}
			}
		}
	}
}

func TestStatisticsAgreeWithSciPy(t *testing.T) {
	asOf := datasets.DayOf(2011, 12, 10)
	for _, c := range loadReference[map[string]any](t, "statistics.json") {
		var lines []line
		for i, d := range c["days"].([]any) {
			day := asOf - 365 + datasets.Day(d.(float64))
			lines = append(lines, line{at: datasets.Moment(day) * datasets.FullDay, order: uint32(i), quantity: datasets.One, amount: datasets.Unit})
		}
		got := compute(t, lines, asOf)
		for name, w := range c {
			if name == "days" {
				continue
			}
			want := math.NaN()
			if v, ok := w.(float64); ok {
				want = v
			}
			if !closeTo(got[name], want) {
				t.Errorf("%d days: %s: got %v, want %v", len(lines), name, got[name], want)
			}
		}
	}
}
