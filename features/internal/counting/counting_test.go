package counting

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestLinesAndSumsAgreeWithMaps holds both ways of counting, and of adding up, to
// plain counting in a map.
func TestLinesAndSumsAgreeWithMaps(t *testing.T) {
	rng := rand.New(rand.NewPCG(53, 0))
	weights := new([256]float64)
	for i := range weights {
		weights[i] = math.Sqrt(float64(i))
	}
	slots, first := [2]Slots{}, uint32(1)
	for range 2000 {
		codes, orders := randomLines(rng)
		want, total := expected(codes, orders)
		counts := make([]Count, len(codes)+1)
		if n, _ := Lines(counts, &slots[0], first, codes, orders); !slices.Equal(counts[:n], want) {
			t.Fatalf("codes %v, orders %v: got %v, want %v", codes, orders, counts[:n], want)
		}
		if n := countPlain(counts, &slots[1], first, codes, orders); !slices.Equal(counts[:n], want) {
			t.Fatalf("codes %v, orders %v: plainly got %v, want %v", codes, orders, counts[:n], want)
		}
		sums := Sum(want, weights)
		if plain := sumPlain(want, weights); sums != plain || sums.Total != total {
			t.Fatalf("counts %v: got %v, plainly %v, want %d occurrences", want, sums, plain, total)
		}
		first += uint32(len(codes))
	}
}

// randomLines makes lines of which some have codes that are not known, some are returns.
func randomLines(rng *rand.Rand) (codes []uint32, orders []int32) {
	order, distinct := int32(0), 1+rng.IntN(Codes)>>rng.IntN(16)
	for range rng.IntN(200) {
		order += int32(rng.IntN(2))
		code, of := uint32(rng.IntN(distinct)), order
		switch rng.IntN(12) {
		case 0:
			code = None
		case 1:
			of = -1
		}
		codes, orders = append(codes, code), append(orders, of)
	}
	return codes, orders
}

func expected(codes []uint32, orders []int32) (counts []Count, total int) {
	places := map[uint32]int{}
	for i, code := range codes {
		if code == None || orders[i] < 0 {
			continue
		}
		total++
		at, known := places[code]
		if !known {
			at = len(counts)
			places[code] = at
			counts = append(counts, Count{Order: uint32(orders[i]), Code: code})
		}
		counts[at].N++
		if counts[at].Order != uint32(orders[i]) {
			counts[at].Later++
		}
	}
	return counts, total
}

func TestLargeCodesAreRefused(t *testing.T) {
	slots, counts := new(Slots), make([]Count, 3)
	for _, code := range []uint32{Codes, Codes + 1, None - 1} {
		codes, orders := []uint32{4, code}, []int32{0, 0}
		if _, ok := Lines(counts, slots, 1, codes, orders); ok || countPlain(counts, slots, 3, codes, orders) >= 0 {
			t.Errorf("code %d was counted", code)
		}
	}
	if _, ok := Lines(counts, slots, 5, []uint32{Codes - 1, None}, []int32{0, 0}); !ok {
		t.Error("the largest code was refused")
	}
}

func BenchmarkLines(b *testing.B) {
	for _, n := range []int{8, 30, 120} {
		rng := rand.New(rand.NewPCG(59, 0))
		codes, orders := make([]uint32, 1000*n), make([]int32, 1000*n)
		for i := range codes {
			codes[i], orders[i] = uint32(1200*math.Pow(rng.Float64(), 3)), int32(i%n/3)
		}
		slots, first, counts, weights := new(Slots), uint32(1), make([]Count, n+1), new([256]float64)
		run := func(name string, lines func(counts []Count, slots *Slots, first uint32, codes []uint32, orders []int32) int, sum func([]Count, *[256]float64) Sums) {
			b.Run(fmt.Sprintf("n=%d/%s", n, name), func(b *testing.B) {
				for b.Loop() {
					for at := 0; at < len(codes); at += n {
						if first > math.MaxUint32/2 {
							*slots, first = Slots{}, 1
						}
						distinct := lines(counts, slots, first, codes[at:at+n], orders[at:at+n])
						first += uint32(n)
						sum(counts[:distinct], weights)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(codes)), "ns/line")
			})
		}
		fastLines := func(counts []Count, slots *Slots, first uint32, codes []uint32, orders []int32) int {
			distinct, _ := Lines(counts, slots, first, codes, orders)
			return distinct
		}
		none := func([]Count, *[256]float64) Sums { return Sums{} }
		run("of=lines", fastLines, none)
		run("of=lines/plain", countPlain, none)
		run("of=both", fastLines, Sum)
		run("of=both/plain", countPlain, sumPlain)
	}
}
