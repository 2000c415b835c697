package lifetime

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// retail returns n customers of a retailer as BG/NBD has them, observed for up
// to 78 weeks in days, and the mean money of their repeat purchases.
func retail(n int) (Customers, []float64) {
	rng := rand.New(rand.NewPCG(20111209, 9))
	flat := make([]float64, 4*n)
	c, mean := Customers{X: flat[:n], Tx: flat[n : 2*n], T: flat[2*n : 3*n]}, flat[3*n:]
	for i := range n {
		rate, stop := gamma(rng, 0.5)/8, gamma(rng, 0.8)
		stop /= stop + gamma(rng, 2.5)
		nu := gamma(rng, 4) / 20
		c.T[i] = float64(rng.IntN(78*7)) / 7
		for at := rng.ExpFloat64() / rate; at < c.T[i]; at += rng.ExpFloat64() / rate {
			if day := math.Ceil(at*7) / 7; day > c.Tx[i] && day <= c.T[i] {
				mean[i] = (mean[i]*c.X[i] + math.Round(100*gamma(rng, 6)/nu)/100) / (c.X[i] + 1)
				c.X[i]++
				c.Tx[i] = day
			}
			if rng.Float64() < stop {
				break
			}
		}
	}
	return c, mean
}

var background = context.Background()

func BenchmarkFitAndScore(b *testing.B) {
	const n = 1_000_000
	c, mean := retail(n)
	flat := make([]float64, 4*n)
	f := Forecasts{Alive: flat[:n], Any: flat[n : 2*n], Expected: flat[2*n : 3*n], Discounted: flat[3*n:]}
	ask := Ask{Horizon: 26, Discount: Discount{Months: 12, MonthLength: 365.25 / 12 / 7, YearlyRate: 0.1}}
	for kind := range ParetoNBD + 1 {
		b.Run(fmt.Sprintf("model=%v/customers=%d/workers=2", kind, n), func(b *testing.B) {
			config := Default(kind)
			config.Workers = 2
			fitted := 0.0
			for b.Loop() {
				before := b.Elapsed()
				m, r, err := config.Fit(background, c, nil)
				if err != nil || r.State != OK {
					b.Fatalf("%+v, %v", r, err)
				}
				fitted += (b.Elapsed() - before).Seconds()
				if err := m.ForecastTo(background, f, c, ask, 2); err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(r.Distinct), "distinct")
				b.ReportMetric(float64(r.Iterations), "steps")
			}
			b.ReportMetric(fitted/float64(b.N), "fit-s")
		})
	}
	b.Run(fmt.Sprintf("model=gamma_gamma/customers=%d/workers=2", n), func(b *testing.B) {
		config := DefaultSpend()
		config.Workers = 2
		for b.Loop() {
			s, r, err := config.Fit(background, c.X, mean, nil)
			if err != nil || r.State != OK {
				b.Fatalf("%+v, %v", r, err)
			}
			if err := s.MeanTo(flat[:n], c.X, mean); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkQuantiles(b *testing.B) {
	const n = 100_000
	c, mean := retail(n)
	s, _, err := DefaultSpend().Fit(background, c.X, mean, nil)
	if err != nil {
		b.Fatal(err)
	}
	probs, dst, seeds := []float64{0.1, 0.9}, make([]float64, 2*n), make([]uint64, n)
	for i := range seeds {
		seeds[i] = uint64(i) * 0x9e3779b97f4a7c15
	}
	for kind := range ParetoNBD + 1 {
		m, _, err := Default(kind).Fit(background, c, nil)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprintf("of=orders/model=%v/customers=%d", kind, n), func(b *testing.B) {
			for b.Loop() {
				if err := m.OrderQuantilesTo(background, dst, c, 26, probs, 2); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("of=money/model=%v/customers=%d", kind, n), func(b *testing.B) {
			for b.Loop() {
				ask := MoneyAsk{Horizon: 26, Probs: probs, Draws: 256}
				if err := m.MoneyQuantilesTo(background, dst, c, s, mean, seeds, ask, 2); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
