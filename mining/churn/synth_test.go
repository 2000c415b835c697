package churn

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/models"
)

// truth is the log-odds of churn of a customer with these features.
type truth func(row []float32) float64

// linearTruth is a sum over the first features; the others mean nothing.
func linearTruth(row []float32) float64 {
	return -0.3 + 1.1*float64(row[0]) - 0.8*float64(row[1]) + 0.5*float64(row[2])
}

// interactingTruth is one that no sum over features can tell.
func interactingTruth(row []float32) float64 {
	eta := -2.0
	if row[0] > 0 != (row[1] > 0) {
		eta = 2
	}
	return eta + 0.3*float64(row[2])
}

const testFeatures = 6

var start = datasets.DayOf(2020, 1, 1)

// cohort draws a cohort of n customers; of each feature the share missing is
// lost, after the truth has seen it. It also returns the true probabilities.
func cohort(k, n int, f truth, missing float64, seed uint64) (Cohort, []float64) {
	rng := rand.New(rand.NewPCG(seed, uint64(k)))
	c := Cohort{Cutoff: start + datasets.Day(90*k), Customers: int64(n)}
	for j := range testFeatures {
		c.X.Names = append(c.X.Names, fmt.Sprintf("feature_%d", j))
		c.X.Cols = append(c.X.Cols, make([]float32, n))
	}
	prob, row := make([]float64, n), make([]float32, testFeatures)
	for i := range n {
		for j := range row {
			row[j] = float32(rng.NormFloat64())
		}
		prob[i] = 1 / (1 + math.Exp(-f(row)))
		left := rng.Float64() < prob[i]
		c.Churned = append(c.Churned, left)
		if left {
			c.ChurnedAll++
		}
		for j, v := range row {
			if rng.Float64() < missing {
				v = float32(math.NaN())
			}
			c.X.Cols[j][i] = v
		}
	}
	return c, prob
}

// cohorts draws m cohorts of n customers each.
func cohorts(m, n int, f truth, seed uint64) []Cohort {
	var out []Cohort
	for k := range m {
		c, _ := cohort(k, n, f, 0.05, seed)
		out = append(out, c)
	}
	return out
}

func config() Config {
	c := Default()
	c.Workers = 2
	return c
}

// fit fits and fails the test where there is no model.
func fit(t testing.TB, c Config, data []Cohort) *Findings {
	t.Helper()
	f, err := c.Fit(context.Background(), data)
	if err != nil {
		t.Fatal(err)
	}
	if f.Model == nil {
		t.Fatalf("got no model: %s", f.Message)
	}
	return f
}

// score scores all rows.
func score(t testing.TB, m *Model, x models.Matrix, workers int) ([]float64, []Reason) {
	t.Helper()
	n, _ := x.Dims()
	prob, reasons := make([]float64, n), make([]Reason, n*m.Reasons())
	if err := m.ScoreTo(context.Background(), prob, reasons, x, workers); err != nil {
		t.Fatal(err)
	}
	return prob, reasons
}
