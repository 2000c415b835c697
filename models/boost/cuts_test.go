package boost

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestFewValuesHaveABinEach(t *testing.T) {
	f := func(values []float32, bins int, want ...float32) {
		t.Helper()
		if got := cutColumn(slices.Clone(values), bins); !slices.Equal([]float32(got), want) {
			t.Errorf("cutColumn(%v, %d): got %v, want %v", values, bins, got, want)
		}
	}
	const end = math.MaxFloat32
	negativeZero := float32(math.Copysign(0, -1))
	f(nil, 4)
	f([]float32{nan32, nan32}, 4)
	f([]float32{5, 5}, 4, end)
	f([]float32{3, 1, nan32, 1, 2}, 4, 1.5, 2.5, end)
	f([]float32{0, negativeZero, 1}, 4, 0.5, end)
	f([]float32{-3, -1, 2}, 4, -2, 0.5, end)
	f([]float32{-end, end}, 4, 0, end)
	// Next to each other: the cut is the lower one.
	f([]float32{1, math.Nextafter32(1, 2)}, 4, 1, end)
	// 6 of 9 rows are zeros, and have a bin of their own.
	f([]float32{0, 0, 0, 0, 0, 0, 1, 2, 3}, 3, 0.5, 2.5, end)
}

func TestManyValuesShareBinsEvenly(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	for _, bins := range []int{2, 16, 255} {
		values := make([]float32, 100_000)
		for i := range values {
			values[i] = float32(math.Exp(3 * rng.NormFloat64()))
		}
		c := cutColumn(slices.Clone(values), bins)
		if len(c) != bins || !slices.IsSorted(c) {
			t.Fatalf("got %d bins, want %d, rising", len(c), bins)
		}
		counts := make([]int, bins)
		l := newLookup(c)
		for _, v := range values {
			counts[l.bin(v)]++
		}
		fair := len(values) / bins
		if lo, hi := slices.Min(counts), slices.Max(counts); lo < fair*9/10 || hi > fair*11/10 {
			t.Errorf("%d bins hold %d to %d rows, want about %d", bins, lo, hi, fair)
		}
	}
}

func TestLookupCountsTheBoundsBelow(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	for _, n := range []int{0, 1, 2, 7, 128, 253, 254} {
		bounds := make([]float32, n)
		for i := range bounds {
			bounds[i] = float32(math.Round(300*rng.NormFloat64()) / 2)
		}
		slices.Sort(bounds)
		bounds = slices.Compact(bounds)
		l := newLookup(bounds)
		probe := append([]float32{0, float32(math.Copysign(0, -1)), math.MaxFloat32, -math.MaxFloat32}, bounds...)
		for range 200 {
			probe = append(probe, float32(400*rng.NormFloat64()))
		}
		for _, v := range probe {
			want := 0
			for want < len(bounds) && v > bounds[want] {
				want++
			}
			if got := int(l.bin(v)); got != want {
				t.Fatalf("%d bounds: bin(%v) = %d, want %d", len(bounds), v, got, want)
			}
		}
		for _, bits := range []uint32{0x7fc00000, 0xffc00000, 0x7f800001, 0xffffffff} {
			if got := l.bin(math.Float32frombits(bits)); got != missingBin {
				t.Errorf("NaN %x: got bin %d, want %d", bits, got, missingBin)
			}
		}
	}
}

func TestSortFiniteSorts(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	for _, n := range []int{0, 1, 100, 255, 256, 5000} {
		var values, want []float32
		for i := range n {
			v := math.Float32frombits(rng.Uint32())
			if i%10 == 0 {
				v = nan32
			}
			values = append(values, v)
			if v == v {
				want = append(want, v)
			}
		}
		slices.Sort(want)
		if got := sortFinite(values); !slices.Equal(got, want) {
			t.Errorf("%d values are not sorted", n)
		}
	}
}

func TestSampleRowsTakesOneFromEveryStretch(t *testing.T) {
	const rows = 2*cutRows + 12345
	index := sampleRows(rows, 1)
	if len(index) != cutRows {
		t.Fatalf("got %d rows, want %d", len(index), cutRows)
	}
	for i, r := range index {
		if from, to := i*rows/cutRows, (i+1)*rows/cutRows; int(r) < from || int(r) >= to {
			t.Fatalf("row %d of the sample is %d, want one in [%d,%d)", i, r, from, to)
		}
	}
	for i, r := range sampleRows(1000, 1) {
		if int(r) != i {
			t.Fatalf("of 1000 rows the sample skips %d", i)
		}
	}
}

func TestExpNegativeIsExp(t *testing.T) {
	const tolerance = 5e-16 // two units of the last place
	for x := 0.0; x > -708; x -= 0.00173 {
		got, want := expNegative(x), math.Exp(x)
		if math.Abs(got-want) > tolerance*want {
			t.Fatalf("expNegative(%v) = %v, want %v", x, got, want)
		}
	}
	for x, want := range map[float64]float64{0: 1, -708: 0, -1e6: 0, math.Inf(-1): 0} {
		if got := expNegative(x); got != want {
			t.Errorf("expNegative(%v) = %v, want %v", x, got, want)
		}
	}
	if sigmoid(0) != 0.5 || sigmoid(800) != 1 || sigmoid(-800) != 0 {
		t.Errorf("sigmoid of 0, 800, -800: got %v, %v, %v", sigmoid(0), sigmoid(800), sigmoid(-800))
	}
}

func TestDerivativesAreThoseOfTheLoss(t *testing.T) {
	const step = 1e-4
	for _, o := range []objective{{loss: Logistic}, {loss: Squared}, {loss: Poisson}, {Quantile, 0.3}} {
		for _, y := range []float64{0, 1} {
			for _, f := range []float64{-3, -0.7, 0.2, 2.5} {
				up, gUp, _ := o.at(f+step, y)
				down, gDown, _ := o.at(f-step, y)
				_, g, h := o.at(f, y)
				wantH := (gUp - gDown) / (2 * step)
				switch o.loss {
				case Quantile:
					wantH = 1 // by definition
				case Poisson:
					wantH *= math.Exp(0.7)
				}
				if wantG := (up - down) / (2 * step); math.Abs(g-wantG) > 1e-6 || math.Abs(h-wantH) > 1e-6 {
					t.Errorf("%s at F=%v, y=%v: got derivatives %v, %v; want %v, %v", o.loss, f, y, g, h, wantG, wantH)
				}
			}
		}
	}
}

// The fast loops over rows agree with the loss of a single row.
func TestDeriveAgreesWithSingleRows(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	const n = 1300
	score, target, weight := make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range n {
		score[i], target[i], weight[i] = 6*rng.NormFloat64(), float64(rng.IntN(2)), rng.Float64()
	}
	for _, loss := range losses {
		for _, w := range [][]float64{nil, weight} {
			o := objective{loss, 0.4}
			pairs := make([]uint64, n)
			e, got := o.derive(pairs, score, target, w)
			var want float64
			for i := range n {
				l, g, h := o.at(score[i], target[i])
				if w != nil {
					l, g, h = w[i]*l, w[i]*g, w[i]*h
				}
				want += l
				gotG, gotH := unpackFloats(pairs[i])
				if math.Abs(gotG-g) > 1e-7*max(1, math.Abs(g)) || math.Abs(gotH-h) > 1e-7*max(1, h) {
					t.Fatalf("%s, row %d: got %v, %v; want %v, %v", loss, i, gotG, gotH, g, h)
				}
				wide := e
				if wide.cover(pairs[i]); wide != e {
					t.Fatalf("%s, row %d lies outside the extent %+v", loss, i, e)
				}
			}
			if math.Abs(got-want) > 1e-10*want {
				t.Errorf("%s: got loss %v, want %v", loss, got, want)
			}
		}
	}
}

func TestWeightedQuantileByHand(t *testing.T) {
	f := func(alpha, want float64, rows ...residual) {
		t.Helper()
		if got := weightedQuantile(rows, alpha); got != want {
			t.Errorf("quantile %v: got %v, want %v", alpha, got, want)
		}
	}
	f(0.5, 7, residual{7, 1})
	f(0.5, 2, residual{3, 1}, residual{1, 1}, residual{2, 1})
	f(0.5, 1, residual{2, 1}, residual{1, 1})
	f(0.9, 3, residual{3, 1}, residual{1, 1}, residual{2, 1})
	f(0.5, 3, residual{3, 5}, residual{1, 1}, residual{2, 1})
}

func TestWeightedQuantileIsThatOfTheSortedRows(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	for range 300 {
		rows := make([]residual, 1+rng.IntN(60))
		var total float64
		for i := range rows {
			rows[i] = residual{float64(rng.IntN(20)), float64(1 + rng.IntN(3))} // exact sums
			total += rows[i].weight
		}
		alpha := 0.01 + 0.98*rng.Float64()
		sorted := slices.Clone(rows)
		slices.SortFunc(sorted, func(a, b residual) int { return int(a.value - b.value) })
		var want, sum float64
		for _, r := range sorted {
			if want = r.value; sum+r.weight >= alpha*total {
				break
			}
			sum += r.weight
		}
		if got := weightedQuantile(rows, alpha); got != want {
			t.Fatalf("quantile %v of %v: got %v, want %v", alpha, sorted, got, want)
		}
	}
}
