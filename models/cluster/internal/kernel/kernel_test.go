package kernel

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestFMARoundsOnce(t *testing.T) {
	exact := func(x, y, z float32) float32 {
		p := new(big.Float).SetPrec(2000).SetFloat64(float64(x))
		p.Mul(p, new(big.Float).SetPrec(2000).SetFloat64(float64(y)))
		p.Add(p, new(big.Float).SetPrec(2000).SetFloat64(float64(z)))
		f, _ := p.Float32()
		return f
	}
	f := func(x, y, z float32) {
		t.Helper()
		if got, want := fma(x, y, z), exact(x, y, z); got != want {
			t.Errorf("fma(%x, %x, %x) = %x, want %x", x, y, z, got, want)
		}
	}
	f(1, 1, 1)
	f(-1, 1, 1)
	f(0x1p-30, 0x1p-30, 1+0x1p-23)            // far below half
	f(1+0x1p-12, 1+0x1p-12, 0x1p-60)          // half way but for the addend
	f(1+0x1p-12, -1-0x1p-12, -0x1p-60)        // the same below zero
	f(1+0x1p-12, 1+0x1p-12, -0x1p-60)         // just below half way
	f(0x1p-75, 0x1p-75, 0x1p-149)             // half way among subnormal numbers
	f(0x1.8p-75, 0x1p-75, 0x1p-149)           // above it
	f(0x1.fffffep63, 0x1.fffffep63, -0x1p100) // large
	rng := rand.New(rand.NewPCG(1, 0))
	for range 200_000 {
		m := func() float32 { // few bits, so that half-way cases are common
			v := float32(int32(rng.Uint32())>>(8+rng.IntN(20))) * float32(math.Ldexp(1, rng.IntN(40)-20))
			return v
		}
		f(m(), m(), m())
	}
}

// problem is a random input for the differential tests.
type problem struct {
	dims, k, blocks int
	x, c            []float32
	list            []int32
	tiles           []float32
}

func newProblem(rng *rand.Rand, dims, k, blocks int, integer bool) problem {
	p := problem{dims: dims, k: k, blocks: blocks}
	value := func() float32 {
		if integer { // exact ties abound
			return float32(rng.IntN(4))
		}
		return float32(rng.NormFloat64())
	}
	for range blocks * Block * dims {
		p.x = append(p.x, value())
	}
	for range k * dims {
		p.c = append(p.c, value())
	}
	for b := range blocks {
		if rng.IntN(4) > 0 {
			p.list = append(p.list, int32(b))
		}
	}
	p.tiles = Pack(nil, p.c, dims)
	return p
}

func problems(t *testing.T, do func(t *testing.T, p problem, rng *rand.Rand)) {
	for _, dims := range []int{1, 2, 3, 6, 16, 33} {
		for _, k := range []int{1, 2, 3, 4, 5, 8, 16, 37} {
			for _, integer := range []bool{false, true} {
				t.Run(fmt.Sprintf("dims=%d/k=%d/integer=%v", dims, k, integer), func(t *testing.T) {
					rng := rand.New(rand.NewPCG(uint64(dims), uint64(k)))
					do(t, newProblem(rng, dims, k, 9, integer), rng)
				})
			}
		}
	}
}

func same(a, b []float32) bool {
	return slices.EqualFunc(a, b, func(x, y float32) bool { return math.Float32bits(x) == math.Float32bits(y) })
}

func TestAssemblerAndGoReturnTheSameBits(t *testing.T) {
	if !Fast() {
		t.Skip("the assembler does not run here")
	}
	problems(t, func(t *testing.T, p problem, rng *rand.Rand) {
		n := len(p.list) * Block
		gotLabels, wantLabels := make([]int32, n), make([]int32, n)
		Assign(p.x, p.list, p.dims, p.tiles, gotLabels)
		assignGo(p.x, p.list, p.dims, p.tiles, wantLabels)
		if !slices.Equal(gotLabels, wantLabels) {
			t.Errorf("Assign: got %v, want %v", gotLabels, wantLabels)
		}

		got1, got2, want1, want2 := make([]float32, n), make([]float32, n), make([]float32, n), make([]float32, n)
		clear(gotLabels)
		Assign2(p.x, p.list, p.dims, p.tiles, gotLabels, got1, got2)
		assign2Go(p.x, p.list, p.dims, p.tiles, wantLabels, want1, want2)
		if !slices.Equal(gotLabels, wantLabels) || !same(got1, want1) || !same(got2, want2) {
			t.Errorf("Assign2 differs:\n%v %v %v\n%v %v %v", gotLabels, got1, got2, wantLabels, want1, want2)
		}

		norms, wantNorms := make([]float32, n), make([]float32, n)
		Norms(p.x, p.list, p.dims, norms)
		normsGo(p.x, p.list, p.dims, wantNorms)
		if !same(norms, wantNorms) {
			t.Errorf("Norms: got %v, want %v", norms, wantNorms)
		}

		gotGap, wantGap := make([]float32, n), make([]float32, n)
		gotLow, wantLow := make([]float32, len(p.list)), make([]float32, len(p.list))
		Gaps(norms, got1, got2, Slack(p.dims), gotGap, gotLow)
		gapsGo(norms, got1, got2, Slack(p.dims), wantGap, wantLow)
		if !same(gotGap, wantGap) || !same(gotLow, wantLow) {
			t.Errorf("Gaps differs:\n%v %v\n%v %v", gotGap, gotLow, wantGap, wantLow)
		}

		old := make([]int32, p.blocks*Block)
		for i := range old {
			old[i] = int32(rng.IntN(p.k))
		}
		gotMask, wantMask := make([]uint32, len(p.list)), make([]uint32, len(p.list))
		Changed(p.list, old, gotLabels, gotMask)
		changedGo(p.list, old, gotLabels, wantMask)
		if !slices.Equal(gotMask, wantMask) {
			t.Errorf("Changed: got %x, want %x", gotMask, wantMask)
		}

		best := make([]float32, p.blocks*Block)
		for i := range best {
			best[i] = float32(rng.ExpFloat64()) * float32(p.dims)
		}
		points := make([]float32, Tile*p.dims)
		for i := range points {
			points[i] = p.x[rng.IntN(len(p.x))]
		}
		got, want := make([]float32, len(best)*Tile), make([]float32, len(best)*Tile)
		Nearer(p.x, p.dims, points, best, got)
		nearerGo(p.x, p.blocks, p.dims, points, best, want)
		if !same(got, want) {
			t.Errorf("Nearer differs:\n%v\n%v", got, want)
		}

		col := make([]float32, p.blocks*Block)
		for i := range col {
			col[i] = float32(rng.NormFloat64() * 100)
		}
		for _, odd := range []float32{1, float32(math.Inf(1)), float32(math.NaN()), -3e38} {
			col[rng.IntN(len(col))] = odd
			gotFrame, wantFrame := make([]float32, len(p.x)), make([]float32, len(p.x))
			j := rng.IntN(p.dims)
			gotLargest := Frame(col, 0x1p-7, 0.7, gotFrame[j*Block:], p.dims)
			wantLargest := frameGo(col, p.blocks, 0x1p-7, 0.7, wantFrame[j*Block:], p.dims)
			if gotLargest != wantLargest || !same(gotFrame, wantFrame) {
				t.Errorf("Frame with %v: got %x %v, want %x %v", odd, gotLargest, gotFrame, wantLargest, wantFrame)
			}
		}

		gotSums, wantSums := make([]float64, p.k*p.dims), make([]float64, p.k*p.dims)
		for b := range p.blocks {
			var from, to [Block]int32
			for l := range to {
				from[l], to[l] = int32(rng.IntN(p.k+1)-1), int32(rng.IntN(p.k))
			}
			mask := rng.Uint32() & rng.Uint32()
			Move(p.x[b*Block*p.dims:], p.dims, mask, &from, &to, gotSums)
			moveGo(p.x[b*Block*p.dims:], p.dims, mask&0xffff, &from, &to, wantSums)
		}
		if !slices.Equal(gotSums, wantSums) {
			t.Errorf("Move: got %v, want %v", gotSums, wantSums)
		}
	})
}

func TestTurningAndGatheringKeepEveryCoordinate(t *testing.T) {
	problems(t, func(t *testing.T, p problem, rng *rand.Rand) {
		size, spare := Block*p.dims, make([]float32, Spare)
		x := slices.Concat(p.x, spare)
		rows := make([]float32, len(x))
		for b := range p.blocks {
			Turn(x[b*size:], p.dims, rows[b*size:])
		}
		var list [Block]int32
		got := make([]float32, size+Spare)
		for range 20 {
			for l := range list {
				list[l] = int32(rng.IntN(p.blocks * Block))
			}
			Gather(rows, &list, p.dims, got)
			for l, i := range list {
				for j := range p.dims {
					if got, want := got[j*Block+l], p.x[(int(i)/Block*p.dims+j)*Block+int(i)%Block]; got != want {
						t.Fatalf("point %d, coordinate %d: got %v, want %v", i, j, got, want)
					}
				}
			}
		}
	})
}

func TestAssignFindsTheNearestCentre(t *testing.T) {
	problems(t, func(t *testing.T, p problem, _ *rand.Rand) {
		n := len(p.list) * Block
		labels, first, second := make([]int32, n), make([]float32, n), make([]float32, n)
		Assign2(p.x, p.list, p.dims, p.tiles, labels, first, second)
		norms, lanes, least := make([]float32, n), make([]float32, n), make([]float32, len(p.list))
		Norms(p.x, p.list, p.dims, norms)
		Gaps(norms, first, second, Slack(p.dims), lanes, least)
		for i := range n {
			b, l := int(p.list[i/Block]), i%Block
			low, next := math.Inf(1), math.Inf(1)
			var own float64
			for c := range p.k {
				var s float64
				for j := range p.dims {
					d := float64(p.x[(b*p.dims+j)*Block+l]) - float64(p.c[c*p.dims+j])
					s += d * d
				}
				if s < low {
					low, next = s, low
				} else {
					next = min(next, s)
				}
				if c == int(labels[i]) {
					own = s
				}
			}
			if tol := 1e-5 * (1 + low); own > low+tol {
				t.Fatalf("point %d: squared distance %g of its centre, least %g", i, own, low)
			}
			if gap := math.Sqrt(next) - math.Sqrt(low); float64(lanes[i]) > gap+1e-6 {
				t.Errorf("point %d: gap %g, want at most %g", i, lanes[i], gap)
			}
			if lanes[i] < least[i/Block] {
				t.Errorf("point %d: gap %g below the least of its block %g", i, lanes[i], least[i/Block])
			}
		}
	})
}

func TestNearerIsZeroForEqualPoints(t *testing.T) {
	x := make([]float32, Block*3)
	rng := rand.New(rand.NewPCG(3, 0))
	for i := range x {
		x[i] = float32(rng.NormFloat64()) * 1e3
	}
	points := make([]float32, Tile*3)
	for j := range 3 {
		for c := range Tile {
			points[j*Tile+c] = x[j*Block+5*c]
		}
	}
	best, out := make([]float32, Block), make([]float32, Tile*Block)
	for l := range best {
		best[l] = math.MaxFloat32
	}
	Nearer(x, 3, points, best, out)
	for c := range Tile {
		for l := range Block {
			if got := out[c*Block+l]; (got == 0) != (l == 5*c) {
				t.Errorf("candidate %d, point %d: got %g", c, l, got)
			}
		}
	}
}

func FuzzAssemblerAgreesWithGo(f *testing.F) {
	f.Add(uint64(1), uint8(3), uint8(5), uint8(2), false)
	f.Add(uint64(2), uint8(16), uint8(16), uint8(4), true)
	f.Fuzz(func(t *testing.T, seed uint64, dims, k, blocks uint8, integer bool) {
		if !Fast() {
			t.Skip("the assembler does not run here")
		}
		p := newProblem(rand.New(rand.NewPCG(seed, 0)), 1+int(dims)%40, 1+int(k)%40, 1+int(blocks)%8, integer)
		n := len(p.list) * Block
		a, b := make([]int32, n), make([]int32, n)
		f1, f2, g1, g2 := make([]float32, n), make([]float32, n), make([]float32, n), make([]float32, n)
		Assign2(p.x, p.list, p.dims, p.tiles, a, f1, f2)
		assign2Go(p.x, p.list, p.dims, p.tiles, b, g1, g2)
		if !slices.Equal(a, b) || !same(f1, g1) || !same(f2, g2) {
			t.Errorf("seed %d: %v and %v", seed, a, b)
		}
	})
}

func BenchmarkAssign(b *testing.B) {
	for _, shape := range [][2]int{{6, 8}, {16, 16}, {2, 100}} {
		p := newProblem(rand.New(rand.NewPCG(1, 0)), shape[0], shape[1], 256, false)
		p.list = p.list[:0]
		for i := range p.blocks {
			p.list = append(p.list, int32(i))
		}
		n := len(p.list) * Block
		labels, first, second := make([]int32, n), make([]float32, n), make([]float32, n)
		norms, lanes, least := make([]float32, n), make([]float32, n), make([]float32, len(p.list))
		run := func(name string, do func()) {
			b.Run(fmt.Sprintf("%s/cols=%d/k=%d", name, shape[0], shape[1]), func(b *testing.B) {
				for b.Loop() {
					do()
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/point")
			})
		}
		run("kernel=assign", func() { Assign(p.x, p.list, p.dims, p.tiles, labels) })
		run("kernel=assign2", func() { Assign2(p.x, p.list, p.dims, p.tiles, labels, first, second) })
		run("kernel=norms", func() { Norms(p.x, p.list, p.dims, norms) })
		run("kernel=gaps", func() { Gaps(norms, first, second, 1e-6, lanes, least) })
		run("kernel=go", func() { assignGo(p.x, p.list, p.dims, p.tiles, labels) })
	}
}
