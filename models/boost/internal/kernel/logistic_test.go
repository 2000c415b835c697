package kernel

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// The single rows are checked against the definition in package boost.
func TestLogisticGivesTheBitsOfThePlainForm(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	odd := []float64{0, math.Copysign(0, -1), 5e-324, -5e-324, 707.9, 708, -708, 709, 1e300, -1e300, math.Inf(1), math.Inf(-1), 1e-9, -1e-9}
	for n := range 300 {
		score, target := make([]float64, n), make([]float64, n)
		for i := range score {
			score[i], target[i] = 4*rng.NormFloat64(), float64(rng.IntN(2))
			switch rng.IntN(8) {
			case 0:
				score[i] = odd[rng.IntN(len(odd))]
			case 1:
				score[i] *= 60
			}
		}
		got, want := make([]uint64, n), make([]uint64, n)
		gotSums, wantSums := NewLogisticSums(), NewLogisticSums()
		Logistic(got, score, target, &gotSums)
		logisticGo(want, score, target, &wantSums)
		if !slices.Equal(got, want) {
			t.Fatalf("%d rows: the pairs differ", n)
		}
		same := func(a, b [4]float64) bool {
			return slices.EqualFunc(a[:], b[:], func(x, y float64) bool { return math.Float64bits(x) == math.Float64bits(y) || x != x && y != y })
		}
		if !same(gotSums.Product, wantSums.Product) || !same(gotSums.Twice, wantSums.Twice) ||
			gotSums.MostG != wantSums.MostG || gotSums.MostH != wantSums.MostH || gotSums.LeastH != wantSums.LeastH {
			t.Fatalf("%d rows: got the sums %+v, want %+v", n, gotSums, wantSums)
		}
	}
}
