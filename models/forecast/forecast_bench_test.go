package forecast

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"
)

// made returns series of a trend, a season and noise, some of them with zeros.
func made(count, n, m int) []Series {
	all := make([]Series, count)
	for i := range all {
		rng := rand.New(rand.NewPCG(uint64(i), 7))
		level, slope, swing := 50+1000*rng.Float64(), rng.NormFloat64(), 0.3*rng.Float64()
		y := make([]float64, n)
		for t := range y {
			level += slope + 5*rng.NormFloat64()
			season := 1 + swing*math.Sin(2*math.Pi*float64(t)/float64(max(m, 4)))
			y[t] = math.Max(0, level*season*(1+0.2*rng.NormFloat64()))
		}
		all[i] = Series{Values: y, Season: m}
	}
	return all
}

func benchmarkFitAll(b *testing.B, n, m, h int) {
	const count = 500
	all := made(count, n, m)
	c := DefaultConfig()
	c.Horizon = h
	for b.Loop() {
		if _, err := c.FitAll(context.Background(), all); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/count*10_000, "s/10k-series")
}

func BenchmarkFitAllWeeks(b *testing.B)  { benchmarkFitAll(b, 104, 1, 4) }
func BenchmarkFitAllMonths(b *testing.B) { benchmarkFitAll(b, 60, 12, 12) }
