package sorting

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestSorterAgreesWithSlicesSort(t *testing.T) {
	for _, sort := range []func(*Sorter){(*Sorter).Sort, (*Sorter).sortPlain} {
		agreesWithSlicesSort(t, sort)
	}
}

func agreesWithSlicesSort(t *testing.T, sort func(*Sorter)) {
	rng := rand.New(rand.NewPCG(41, 0))
	var s Sorter
	for n := range 700 {
		rows := s.Start(n)
		var want [len(Row{})][]int64
		for column, of := range []int64{1, 3, 1 << 10, 1 << 62} {
			for i := range rng.IntN(n + 1) {
				rows[i][column] = rng.Int64N(of) - of/2
				want[column] = append(want[column], rows[i][column])
			}
		}
		sort(&s)
		for column := range want {
			slices.Sort(want[column])
			for i, v := range want[column] {
				if rows[i][column] != v {
					t.Fatalf("value %d of %d: got %d, want %d", i, len(want[column]), rows[i][column], v)
				}
			}
		}
	}
}

// TestLeavesOfZerosAndOnesAreSorted tries all of them, which by the
// zero-one principle is all that a network need be tried on.
func TestLeavesOfZerosAndOnesAreSorted(t *testing.T) {
	var s Sorter
	for _, sort := range []func(*Sorter){(*Sorter).Sort, (*Sorter).sortPlain} {
		for ones := range 1 << (2 * leaf) {
			rows := s.Start(2 * leaf)
			for i := range rows {
				for column := range len(Row{}) {
					rows[i][column] = int64(ones>>i&1) ^ int64(column&1)
				}
			}
			sort(&s)
			for i := range rows[1:] {
				for column := range len(Row{}) {
					if rows[i][column] > rows[i+1][column] {
						t.Fatalf("%016b is not sorted in column %d", ones, column)
					}
				}
			}
		}
	}
}

func BenchmarkSorter(b *testing.B) {
	for _, n := range []int{6, 12, 24, 48, 100, 400} {
		rng := rand.New(rand.NewPCG(43, 0))
		all := make([]Row, 1000*n)
		for i := range all {
			for column := range all[i] {
				all[i][column] = rng.Int64N(1 << 30)
			}
		}
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
			var s Sorter
			for b.Loop() {
				for at := 0; at < len(all); at += n {
					copy(s.Start(n), all[at:at+n])
					s.Sort()
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/sort")
		})
	}
}
