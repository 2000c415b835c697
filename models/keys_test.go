package models_test

import (
	"compress/gzip"
	"context"
	"encoding/csv"
	"io"
	"math"
	"os"
	"strconv"
	"testing"

	"github.com/quintile-dev/quintile/datasets/realdata"
	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/models/linear"
	"github.com/quintile-dev/quintile/models/metric"
)

// Answer keys that take more than one family to reach.

// hillstrom is the e-mail test of K. Hillstrom (MineThatData, 2008) without one
// of its two treatments.
type hillstrom struct {
	x       models.Matrix
	visit   []float64
	treated []bool
}

// readHillstrom reads the customers of one treatment and of the control, the
// attributes coded as numbers and dummies.
func readHillstrom(t *testing.T, treatment string) hillstrom {
	t.Helper()
	f, err := os.Open(realdata.Path(t, "hillstrom/hillstrom.csv.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	unzipped, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	rows := csv.NewReader(unzipped)
	header, err := rows.Read()
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]int{}
	for i, name := range header {
		at[name] = i
	}
	h := hillstrom{x: models.Matrix{
		Names: []string{"recency", "history", "mens", "womens", "newbie", "zip Rural", "zip Urban", "channel Phone", "channel Web"},
		Cols:  make([][]float32, 9),
	}}
	for {
		row, err := rows.Read()
		if err == io.EOF {
			return h
		}
		if err != nil {
			t.Fatal(err)
		}
		segment := row[at["segment"]]
		if segment != treatment && segment != "No E-Mail" {
			continue
		}
		values := []float32{0, 0, 0, 0, 0, is(row[at["zip_code"]] == "Rural"), is(row[at["zip_code"]] == "Urban"),
			is(row[at["channel"]] == "Phone"), is(row[at["channel"]] == "Web")}
		for j, name := range h.x.Names[:5] {
			v, err := strconv.ParseFloat(row[at[name]], 32)
			if err != nil {
				t.Fatal(err)
			}
			values[j] = float32(v)
		}
		for j, v := range values {
			h.x.Cols[j] = append(h.x.Cols[j], v)
		}
		h.visit = append(h.visit, float64(is(row[at["visit"]] == "1")))
		h.treated = append(h.treated, segment == treatment)
	}
}

func is(v bool) float32 {
	if v {
		return 1
	}
	return 0
}

// arm returns the rows of one arm.
func (h hillstrom) arm(treated bool) (x models.Matrix, visit []float64) {
	x = models.Matrix{Names: h.x.Names, Cols: make([][]float32, len(h.x.Cols))}
	for i, v := range h.treated {
		if v != treated {
			continue
		}
		for j, col := range h.x.Cols {
			x.Cols[j] = append(x.Cols[j], col[i])
		}
		visit = append(visit, h.visit[i])
	}
	return x, visit
}

func TestTwoRegressionsReachThePublishedQiniOfHillstrom(t *testing.T) {
	const key, uplift = 0.0759, 0.0452331 // Womens e-mail against none, visit, in sample
	h := readHillstrom(t, "Womens E-Mail")
	c := linear.DefaultLogistic()
	c.L2 = 0
	predict := func(treated bool) []float64 {
		x, visit := h.arm(treated)
		m, report, err := c.Fit(context.Background(), x, visit, nil)
		if err != nil || !report.Converged || len(report.Warnings) > 0 {
			t.Fatalf("%+v, %v", report, err)
		}
		dst := make([]float64, len(h.visit))
		if err := m.PredictTo(dst, h.x); err != nil {
			t.Fatal(err)
		}
		return dst
	}
	with, without := predict(true), predict(false)
	trial := metric.Trial{Uplift: with, Outcome: h.visit, Treated: h.treated}
	for i, p := range without {
		trial.Uplift[i] -= p
	}
	if got, err := metric.UpliftAt(trial, 1, metric.Overall); err != nil || math.Abs(got-uplift) > 5e-8 {
		t.Errorf("uplift of everyone: got %v, %v; want %v", got, err, uplift)
	}
	got, err := metric.QiniAUC(trial, metric.DistinctThresholds)
	if err != nil || math.Abs(got-key) > 5e-5 {
		t.Errorf("Qini: got %.6f, %v; want %v", got, err, key)
	}
	t.Logf("Qini %.6f", got)
}
