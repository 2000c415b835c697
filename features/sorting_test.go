package features

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestSortNumbersAgreesWithSlicesSort(t *testing.T) {
	rng := rand.New(rand.NewPCG(41, 0))
	for n := range 700 {
		for _, of := range []int64{1, 3, 1 << 10, 1 << 62} {
			values := make([]int64, n)
			for i := range values {
				values[i] = rng.Int64N(of) - of/2
			}
			want := slices.Sorted(slices.Values(values))
			if sortNumbers(values, make([]int64, n)); !slices.Equal(values, want) {
				t.Fatalf("%d values from %d: got %v, want %v", n, of, values, want)
			}
		}
	}
}

func BenchmarkSortNumbers(b *testing.B) {
	for _, n := range []int{6, 12, 24, 48, 100, 400} {
		rng := rand.New(rand.NewPCG(43, 0))
		all, values, scratch := make([]int64, 1000*n), make([]int64, n), make([]int64, n)
		for i := range all {
			all[i] = rng.Int64N(1 << 30)
		}
		for name, sort := range map[string]func(){
			"plain":      func() { slices.Sort(values) },
			"branchless": func() { sortNumbers(values, scratch) },
		} {
			b.Run(fmt.Sprintf("n=%d/how=%s", n, name), func(b *testing.B) {
				for b.Loop() {
					for at := 0; at < len(all); at += n {
						copy(values, all[at:])
						sort()
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/sort")
			})
		}
	}
}
