package kernel

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestFixRoundsPairs(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for n := range 50 {
		const stride = 3
		pairs := make([]uint64, n)
		perG, perH := math.Ldexp(1, 20+rng.IntN(9)), float64(1<<14)/0.7
		var want []uint64
		var wantG, wantH int64
		for i := range pairs {
			g, h := float32(rng.NormFloat64()), float32(rng.Float64())
			pairs[i] = uint64(math.Float32bits(g))<<32 | uint64(math.Float32bits(h))
			gi, hi := int64(math.RoundToEven(float64(g)*perG)), int64(math.RoundToEven(float64(h)*perH))
			want = append(want, uint64(uint32(gi))<<32|uint64(hi))
			wantG += max(gi, -gi)
			wantH += hi
		}
		dst := make([]uint64, n*stride)
		g, h := Fix(dst, stride, pairs, perG, perH)
		if !slices.Equal(pairs, want) || g != wantG || h != wantH {
			t.Fatalf("%d rows: got %x, %d, %d; want %x, %d, %d", n, pairs, g, h, want, wantG, wantH)
		}
		for i, v := range dst {
			switch {
			case i%stride == 0 && v != want[i/stride]:
				t.Fatalf("row %d: got %x, want %x", i/stride, v, want[i/stride])
			case i%stride != 0 && v != 0:
				t.Fatalf("word %d was overwritten", i)
			}
		}
	}
}

func TestPackRoundsAndSums(t *testing.T) {
	const mostG, mostH = 1<<30 - 1<<12, 1<<31 - 1<<14 - 1
	rng := rand.New(rand.NewPCG(7, 8))
	for n := range 50 {
		var pairs, want []uint64
		var wantG, wantH int64
		for range n {
			g, h := int64(rng.IntN(2*mostG+1)-mostG), int64(rng.IntN(mostH+1))
			switch rng.IntN(6) {
			case 0:
				g, h = mostG, mostH
			case 1:
				g, h = -mostG, 0
			case 2:
				g = -int64(rng.IntN(1 << 13))
			}
			pairs = append(pairs, uint64(uint32(g))<<32|uint64(h))
			wantG += g
			wantH += h
			roundedG := int64(math.Floor(float64(g)/(1<<ShiftG) + 0.5))
			roundedH := int64(math.Floor(float64(h)/(1<<ShiftH) + 0.5))
			want = append(want, uint64(roundedG*(1<<HessianBits)+roundedH))
		}
		g, h := Pack(pairs)
		if !slices.Equal(pairs, want) || g != wantG || h != wantH {
			t.Fatalf("%d rows: got %x, %d, %d; want %x, %d, %d", n, pairs, g, h, want, wantG, wantH)
		}
	}
}

func TestGather4CopiesTheWordsOfRows(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	for n := range 50 {
		stride := 4 + rng.IntN(3)
		data := make([]uint64, 30*stride)
		for i := range data {
			data[i] = rng.Uint64()
		}
		rows := make([]uint32, n)
		for i := range rows {
			rows[i] = uint32(rng.IntN(30))
		}
		var to [4][]uint64
		for k := range to {
			to[k] = make([]uint64, n)
		}
		Gather4(to[0], to[1], to[2], to[3], data, rows, stride)
		for i, r := range rows {
			for k := range to {
				if to[k][i] != data[int(r)*stride+k] {
					t.Fatalf("%d rows: word %d of row %d differs", n, k, r)
				}
			}
		}
	}
}
