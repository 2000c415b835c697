package kernel

import (
	"math/rand/v2"
	"testing"
)

func TestAddIsThePlainSumByBin(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for n := range 40 {
		for _, stride := range []int{1, 3, 4} {
			words, values := make([]uint64, n*stride), make([]uint64, n)
			for i := range words {
				words[i] = rng.Uint64() & (rng.Uint64() | 0xff00ff00ff00ff00) // some bins often
			}
			for i := range values {
				values[i] = rng.Uint64()
			}
			soon := Ahead{Data: words, Stride: stride}
			for i := range rng.IntN(n + 1) {
				soon.Rows = append(soon.Rows, uint32(i))
			}
			for columns, add := range map[int]func(*Sums, []uint64, int, []uint64, Ahead){4: Add4, 8: Add8} {
				var got, want Sums
				for j := range got {
					got[j][7] = uint64(j) // what is there stays
					want[j][7] = uint64(j)
				}
				add(&got, words, stride, values, soon)
				for i, v := range values {
					for j := range columns {
						want[j][uint8(words[i*stride]>>(8*j))] += v
					}
				}
				if got != want {
					t.Fatalf("%d rows, stride %d, %d columns: the sums differ from the plain ones", n, stride, columns)
				}
			}
		}
	}
}

func TestPartsOfWhatIsAheadCoverIt(t *testing.T) {
	rows := []uint32{5, 8, 9, 11, 20}
	for n := 1; n < 8; n++ {
		var all []uint32
		for k := range n {
			all = append(all, Ahead{Rows: rows}.Part(k, n).Rows...)
		}
		if len(all) != len(rows) || all[0] != 5 || all[4] != 20 {
			t.Errorf("%d parts hold %v, want %v", n, all, rows)
		}
	}
}
