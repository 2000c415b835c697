package tiles

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// TestTurnMovesEveryEntry turns tiles of all small shapes, both ways, into columns
// that begin a line of the cache and into ones that do not.
func TestTurnMovesEveryEntry(t *testing.T) {
	rng := rand.New(rand.NewPCG(47, 0))
	for _, turn := range []func(dst []float64, stride int, tile []float64, d, n int){Turn, turnPlain} {
		for d := 1; d <= 13; d++ {
			for n := 1; n <= d; n++ {
				for offset := range 9 {
					turnsRight(t, turn, rng, d, n, offset)
				}
			}
		}
	}
}

func turnsRight(t *testing.T, turn func(dst []float64, stride int, tile []float64, d, n int), rng *rand.Rand, d, n, offset int) {
	t.Helper()
	stride := Rows * (1 + rng.IntN(3))
	tile := make([]float64, Rows*d)
	for i := range tile {
		tile[i] = rng.Float64()
	}
	all := make([]float64, offset+n*stride)
	dst := all[offset:]
	turn(dst, stride, tile, d, n)
	for i, got := range dst {
		want, column, row := 0.0, i/stride, i%stride
		if row < Rows {
			want = tile[row*d+column]
		}
		if got != want {
			t.Fatalf("%d of %d columns, %d apart: got %v in row %d of column %d, want %v", n, d, stride, got, row, column, want)
		}
	}
	for i, got := range all[:offset] {
		if got != 0 {
			t.Fatalf("got %v at %d before the first column, want it left alone", got, i)
		}
	}
}

func BenchmarkTurn(b *testing.B) {
	for _, n := range []int{6, 104} {
		b.Run(fmt.Sprintf("columns=%d", n), func(b *testing.B) {
			const stride = 336
			tile, dst := make([]float64, Rows*n), make([]float64, n*stride)
			for b.Loop() {
				for at := 0; at < stride; at += Rows {
					Turn(dst[at:], stride, tile, n, n)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/stride, "ns/row")
		})
	}
}
