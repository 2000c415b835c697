package tree

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func columnOf(t *testing.T, values []float32, maxBins int, w []float64) (column, *sample) {
	t.Helper()
	c := plain()
	c.MaxBins = maxBins
	s, err := newSample(context.Background(), c, matrix(values), target{classes: 1, class: make([]int32, len(values))}, w)
	if err != nil {
		t.Fatal(err)
	}
	return s.columns[0], s
}

// Whatever the distribution, bins are in order, cover the values, and are of
// about equal mass but for values that are heavy by themselves.
func TestQuantileBinsAreFair(t *testing.T) {
	const n, seed = 20_000, 6
	rng := rand.New(rand.NewPCG(seed, 0))
	for name, draw := range map[string]func() float64{
		"normal":          rng.NormFloat64,
		"money":           func() float64 { return math.Round(100*math.Exp(5+rng.NormFloat64())) / 100 },
		"mostly zero":     func() float64 { return max(0, rng.NormFloat64()-0.5) },
		"far outlier":     func() float64 { return 1000 + rng.Float64() + 1e30*float64(rng.IntN(n)/(n-1)) },
		"days":            func() float64 { return float64(rng.IntN(3000)) },
		"tiny":            func() float64 { return 1e-42 * float64(rng.IntN(1000)) },
		"both far ends":   func() float64 { return 3e38 * (rng.Float64() - 0.5) * 1.9 },
		"a heavy integer": func() float64 { return float64(rng.IntN(2) * rng.IntN(5000)) },
	} {
		values := make([]float32, n)
		for i := range values {
			values[i] = float32(draw())
		}
		for _, limit := range []int{2, 7, 64, 255} {
			c, _ := columnOf(t, values, limit, nil)
			if c.bins > limit || c.bins < (limit+1)/2 {
				t.Errorf("%s: got %d bins, want up to %d", name, c.bins, limit)
			}
			checkBins(t, name, values, &c, limit)
		}
	}
}

func checkBins(t *testing.T, name string, values []float32, c *column, limit int) {
	t.Helper()
	count := make([]int, c.bins)
	atoms := make([]map[float32]int, c.bins)
	for i, v := range values {
		b := c.codes[i]
		if v < c.lower[b] || v > c.upper[b] {
			t.Fatalf("%s: %v is in bin %d from %v to %v", name, v, b, c.lower[b], c.upper[b])
		}
		if count[b]++; atoms[b] == nil {
			atoms[b] = map[float32]int{}
		}
		atoms[b][v]++
	}
	for b := range c.bins {
		if b > 0 && c.lower[b] <= c.upper[b-1] {
			t.Errorf("%s: bin %d begins at %v, below the end %v of the one before", name, b, c.lower[b], c.upper[b-1])
		}
		heaviest := 0
		for _, m := range atoms[b] {
			heaviest = max(heaviest, m)
		}
		if fair := len(values)/limit + 1; count[b] > 2*fair+heaviest {
			t.Errorf("%s, %d bins: bin %d has %d rows, want about %d", name, limit, b, count[b], fair)
		}
	}
}

func TestBinsDependOnWeightsNotOnOrder(t *testing.T) {
	const n, seed = 5000, 6
	rng := rand.New(rand.NewPCG(seed, 0))
	values, w := make([]float32, n), make([]float64, n)
	for i := range values {
		values[i], w[i] = float32(rng.NormFloat64()), float64(rng.IntN(4))
	}
	var repeated []float32
	for i, v := range values {
		for range int(w[i]) {
			repeated = append(repeated, v)
		}
	}
	rng.Shuffle(len(repeated), func(i, j int) { repeated[i], repeated[j] = repeated[j], repeated[i] })
	weighted, _ := columnOf(t, values, 40, w)
	plain, _ := columnOf(t, repeated, 40, nil)
	if !slices.Equal(weighted.upper, plain.upper) || !slices.Equal(weighted.lower, plain.lower) {
		t.Errorf("weighted bins end at %v, repeated rows at %v", weighted.upper, plain.upper)
	}
}

// Searching the bins around a cut again makes up for their coarseness.
func TestCutsBetweenBinsComeCloseToExactOnes(t *testing.T) {
	x, y := benchmarkTable(30_000, 6)
	c := plain()
	c.MaxDepth, c.MaxBins = 5, 0
	exact := fitClasses(t, c, x, y, 4, nil)
	for _, bins := range []int{64, 255} {
		c.MaxBins = bins
		binned := fitClasses(t, c, x, y, 4, nil)
		got, want := binned.PruningPath()[0].Impurity, exact.PruningPath()[0].Impurity
		if got > 1.0005*want {
			t.Errorf("%d bins: impurity %v, exact cuts reach %v", bins, got, want)
		}
		if b, e := binned.nodes[0], exact.nodes[0]; b.column != e.column || b.threshold != e.threshold {
			t.Errorf("%d bins: the root asks for column %d at %v, want %d at %v", bins, b.column, b.threshold, e.column, e.threshold)
		}
	}
}
