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

// wide draws a cohort like a shop's: skewed columns, each leaning on the one
// before, a third of them with missing values.
func wide(k, rows, cols int) Cohort {
	rng := rand.New(rand.NewPCG(31, uint64(k)))
	c := Cohort{Cutoff: start + datasets.Day(90*k), Customers: int64(rows)}
	for j := range cols {
		col := make([]float32, rows)
		for i := range col {
			col[i] = float32(math.Exp(rng.NormFloat64()))
			if j > 0 && c.X.Cols[j-1][i] == c.X.Cols[j-1][i] {
				col[i] += 0.7 * c.X.Cols[j-1][i]
			}
			if j%3 == 0 && rng.Float64() < 0.3 {
				col[i] = float32(math.NaN())
			}
		}
		c.X.Names, c.X.Cols = append(c.X.Names, fmt.Sprintf("feature_%d", j)), append(c.X.Cols, col)
	}
	for i := range rows {
		eta := -1.5
		for j := 1; j < 12; j += 3 {
			eta += math.Log(float64(c.X.Cols[j][i]))
		}
		if c.X.Cols[1][i] > 2 && c.X.Cols[2][i] > 3 {
			eta -= 2
		}
		left := rng.Float64() < sigmoid(eta)
		c.Churned = append(c.Churned, left)
		if left {
			c.ChurnedAll++
		}
	}
	return c
}

func BenchmarkFit(b *testing.B) {
	for _, rows := range []int{10_000, 100_000} {
		var data []Cohort
		for k := range 3 {
			data = append(data, wide(k, rows, 110))
		}
		b.Run(fmt.Sprintf("cohorts=3/rows=%d/cols=110/workers=2", rows), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				fit(b, config(), data)
			}
		})
	}
}

func BenchmarkScoreTo(b *testing.B) {
	const rows = 50_000
	var data []Cohort
	for k := range 3 {
		data = append(data, wide(k, 10_000, 110))
	}
	x := wide(3, rows, 110).X
	for _, kind := range []string{Logistic, Boost} {
		c := config()
		c.Models = []string{kind}
		m := fit(b, c, data).Model
		prob, reasons := make([]float64, rows), make([]Reason, rows*m.Reasons())
		for _, why := range []int{0, m.Reasons()} {
			given := reasons
			if why == 0 {
				given = nil
			}
			b.Run(fmt.Sprintf("model=%s/rows=%d/cols=110/reasons=%d/workers=2", kind, rows, why), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if err := m.ScoreTo(context.Background(), prob, given, models.Matrix{Names: x.Names, Cols: x.Cols}, 2); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
			})
		}
	}
}

func FuzzReadModel(f *testing.F) {
	f.Add([]byte(`{"format":"quintile.churn/1"}`))
	f.Add([]byte(`null`))
	f.Add([]byte(`{"format":"quintile.churn/1","horizon_days":90,"reasons":1,"features":["a"],"boost":{"format":"quintile.boost/1","loss":"logistic","columns":["a"],"base_score":0,"trees":[]},"calibration":{"platt":{"model":"platt","version":1,"slope":1,"intercept":0},"shift":0,"least":0,"most":1}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		m := new(Model)
		if m.UnmarshalJSON(text) != nil {
			return
		}
		if err := m.Validate(); err != nil {
			t.Fatalf("read without an error, but %v", err)
		}
		x := models.Matrix{Cols: make([][]float32, len(m.Features()))}
		for j := range x.Cols {
			x.Cols[j] = []float32{float32(math.NaN()), 1}
		}
		if m.Reasons() > 1000 {
			return
		}
		_ = m.ScoreTo(context.Background(), make([]float64, 2), make([]Reason, 2*m.Reasons()), x, 1)
		again, err := m.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		if err := new(Model).UnmarshalJSON(again); err != nil {
			t.Fatalf("does not read what it wrote: %v", err)
		}
	})
}
