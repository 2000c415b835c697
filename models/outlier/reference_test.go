package outlier

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/quintile-dev/quintile/models"
)

type references struct {
	X             [][]float32
	Forests       int
	Mean, SD      []float64
	Median, Scale []float64
	Z             [][]float64
}

func loadReferences(t *testing.T) references {
	t.Helper()
	b, err := os.ReadFile("testdata/reference/outlier.json")
	if err != nil {
		t.Fatal(err)
	}
	var r references
	if err := json.Unmarshal(b, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestForestScoresAreDistributedAsScikitLearns(t *testing.T) {
	r := loadReferences(t)
	const forests = 100
	n := len(r.Mean)
	mean, squares, dst := make([]float64, n), make([]float64, n), make([]float64, n)
	c := DefaultForest()
	for seed := range forests {
		c.Seed = uint64(seed)
		m, _, err := c.Fit(context.Background(), models.Matrix{Cols: r.X})
		if err != nil {
			t.Fatal(err)
		}
		if err := m.ScoreTo(dst, models.Matrix{Cols: r.X}); err != nil {
			t.Fatal(err)
		}
		for i, s := range dst {
			mean[i] += s / forests
			squares[i] += s * s / forests
		}
	}
	total, ours, theirs := 0.0, 0.0, 0.0
	for i := range mean {
		stdErr := r.SD[i] * math.Sqrt(1./forests+1/float64(r.Forests))
		apart := math.Abs(mean[i]-r.Mean[i]) / stdErr
		total += apart
		ours += squares[i] - mean[i]*mean[i]
		theirs += r.SD[i] * r.SD[i]
		if apart > 5 {
			t.Errorf("row %d scores %.5f on average, in scikit-learn %.5f: %.1f standard errors apart", i+1, mean[i], r.Mean[i], apart)
		}
	}
	if average := total / float64(n); average > 1 {
		t.Errorf("the rows are %.2f standard errors apart on average, want at most 1", average)
	}
	if ratio := ours / theirs; ratio < 0.85 || ratio > 1.15 {
		t.Errorf("scores vary between forests with %.2f of scikit-learn's variance, want about 1", ratio)
	}
}

func TestRobustZAgreesWithScipy(t *testing.T) {
	const tolerance = 1e-12
	r := loadReferences(t)
	x := models.Matrix{Cols: r.X}
	m, report, err := DefaultRobust().Fit(context.Background(), x)
	if err != nil || len(report.Warnings) > 0 {
		t.Fatalf("%+v, %v", report, err)
	}
	n, d := x.Dims()
	z := make([]float64, n*d)
	if err := m.ScoreTo(z, x); err != nil {
		t.Fatal(err)
	}
	near := func(what string, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > tolerance*(1+math.Abs(want)) {
			t.Errorf("%s: got %v, want %v", what, got, want)
		}
	}
	for j, c := range m.Columns() {
		near(c.Name+" median", c.Median, r.Median[j])
		near(c.Name+" scale", c.Scale, r.Scale[j])
		for i := range n {
			near(c.Name+" z", z[i*d+j], r.Z[i][j])
		}
	}
}
