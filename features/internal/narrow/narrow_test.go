package narrow

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/quintile-dev/quintile/datasets/offheap"
)

// odd are values at the edges of the forms.
var odd = []float64{
	0, math.Copysign(0, -1), 1, -1, 32767, 32768, -32767, -32768, -32769, 65536, 0.5, 0.01, -0.01, 0.29, 1.005, 0.1 + 0.2, 14.29, 1e-300,
	21474836.47, 21474836.48, -21474836.47, -21474836.48, -21474836.49, 2147483647, -2147483648, 4294967296, 1e300,
	math.Inf(1), math.Inf(-1), math.NaN(), -math.NaN(), math.MaxFloat64, math.SmallestNonzeroFloat64,
}

// formOf tells the form of a value without converting it to a smaller type.
func formOf(v float64) Form {
	if math.IsNaN(v) {
		return Whole
	}
	if v == 0 && math.Signbit(v) {
		return Floats
	}
	if v == math.Trunc(v) && v >= -32767 && v <= 32767 {
		return Whole
	}
	if h := math.RoundToEven(v * 100); math.Abs(h) <= math.MaxInt32 && h/100 == v && (h != 0 || v == 0) {
		return Hundredths
	}
	return Floats
}

// packs packs the values and reads stretches of them back.
func packs(t *testing.T, values []float64) {
	t.Helper()
	want := Whole
	for _, v := range values {
		want = max(want, formOf(v))
	}
	dst := make([]uint64, len(values)+1)
	const beyond = 0xDEADBEEF
	dst[len(values)] = beyond
	got := Pack(dst[:len(values)], values)
	if got != want {
		t.Fatalf("%v: got form %d, want %d", values, got, want)
	}
	if dst[len(values)] != beyond {
		t.Fatalf("%v: wrote beyond the room", values)
	}
	words := dst[:got.Words(len(values))]
	if got == Floats {
		copy(offheap.Floats(words), values)
	}
	for from := 0; from <= len(values); from += 1 + len(values)/3 {
		back := make([]float64, len(values)-from)
		got.Unpack(back, words, from)
		for i, v := range back {
			if w := values[from+i]; math.Float64bits(v) != math.Float64bits(w) && !(math.IsNaN(v) && math.IsNaN(w)) {
				t.Fatalf("%v: got %v at %d, want %v", values, v, from+i, w)
			}
		}
	}
}

func TestNothingIsLost(t *testing.T) {
	packs(t, nil)
	for _, v := range odd {
		for n := 1; n < 20; n++ {
			values := make([]float64, n)
			packs(t, values)
			for at := range values { // alone among zeros
				clear(values)
				values[at] = v
				packs(t, values)
			}
		}
	}
	rng := rand.New(rand.NewPCG(6, 4))
	for range 20_000 {
		values := make([]float64, rng.IntN(50))
		kind, strange := rng.IntN(3), rng.IntN(3) == 0
		for i := range values {
			switch kind {
			case 0:
				values[i] = float64(rng.IntN(80) - 10)
			case 1:
				values[i] = float64(rng.IntN(4_000_000)-100_000) / 100
			default:
				values[i] = math.Float64frombits(rng.Uint64())
			}
			switch {
			case rng.IntN(10) == 0:
				values[i] = math.NaN()
			case strange && rng.IntN(20) == 0:
				values[i] = odd[rng.IntN(len(odd))]
			}
		}
		packs(t, values)
	}
}

func FuzzPack(f *testing.F) {
	for _, v := range odd {
		f.Add(v, 1.0, 2.5, 14.29)
	}
	f.Fuzz(func(t *testing.T, a, b, c, d float64) {
		packs(t, []float64{a, b, c, d, a, a, a, a, a})
		packs(t, []float64{a, a, a, a, a, a, a, a})
	})
}

func BenchmarkPack(b *testing.B) {
	const n = 328
	dst, values := make([]uint64, n), make([]float64, n)
	for form, divisor := range []float64{1, 100, 7} {
		for i := range values {
			values[i] = float64(i) / divisor
		}
		b.Run(fmt.Sprintf("form=%d", form), func(b *testing.B) {
			for b.Loop() {
				if got := Pack(dst, values); got != Form(form) {
					b.Fatalf("got form %d, want %d", got, form)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/value")
		})
	}
}
