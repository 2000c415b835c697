package boost

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// randomGrower returns a grower over n random rows of d random columns, with
// summers for two goroutines.
func randomGrower(n, d int, packed bool, rng *rand.Rand) *grower {
	data := &binned{groups: (d + groupSize - 1) / groupSize}
	data.stride = data.groups + 1
	data.rows = make([]uint64, n*data.stride)
	for s := range d {
		bins := 1 + rng.IntN(maxBins)
		data.columns = append(data.columns, column{index: s, cuts: make(cuts, bins), from: data.entries})
		data.entries += bins + 1
		col := make([]uint8, n)
		for i := range col {
			col[i] = uint8(rng.IntN(bins))
			if rng.IntN(9) == 0 {
				col[i] = missingBin
			}
			data.rows[i*data.stride+1+s/groupSize] |= uint64(col[i]) << (8 * (s % groupSize))
		}
		data.bins = append(data.bins, col)
	}
	g := &grower{
		config: Default(), data: data, fixed: fixedPoint{packed: packed}, spare: make([]uint32, n),
		active: slices.Repeat([]bool{true}, d), activeGroup: slices.Repeat([]bool{true}, data.groups),
		summers: []*summer{new(summer), new(summer)},
	}
	for i := range n {
		gr, h := int32(rng.IntN(2*largestG)-largestG), int32(rng.IntN(largestH))
		if i < 2*blockRows { // the extremes, for whole blocks
			gr, h = largestG, largestH
			if i < blockRows {
				gr = -gr
			}
		}
		data.rows[i*data.stride] = pair(gr, h)
		if i < 2*blockRows || rng.IntN(3) > 0 {
			g.rows = append(g.rows, uint32(i))
		}
	}
	return g
}

func TestHistogramIsTheSumByBin(t *testing.T) {
	for d := 1; d <= 40; d += 1 + d/9 {
		for _, packed := range []bool{true, false} {
			rng := rand.New(rand.NewPCG(uint64(d), 5))
			g := randomGrower(2*blockRows+3000, d, packed, rng)
			hist := make([]entry, g.data.entries)
			total, err := g.histogram(context.Background(), hist, g.rows)
			if err != nil {
				t.Fatal(err)
			}
			want := make([]entry, g.data.entries)
			var wantTotal entry
			for _, r := range g.rows {
				gr, h := unpackPair(g.data.rows[int(r)*g.data.stride])
				wantTotal.add(entry{gr, h})
				if packed {
					gr = int64(math.Floor(float64(gr)/(1<<packedShiftG) + 0.5))
					h = int64(math.Floor(float64(h)/(1<<packedShiftH) + 0.5))
				}
				for s := range g.data.columns {
					c := &g.data.columns[s]
					bin := int(g.data.bins[s][r])
					if bin == missingBin {
						bin = c.bins()
					}
					want[c.from+bin].add(entry{gr, h})
				}
			}
			if total != wantTotal || !slices.Equal(hist, want) {
				t.Errorf("%d columns, packed %t: the histogram or its total differs from the plain sums", d, packed)
			}
		}
	}
}

func TestPartitionKeepsTheOrderOfBothSides(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	g := randomGrower(3*blockRows, 3, true, rng)
	for _, s := range []split{{slot: 1, bin: 40}, {slot: 1, bin: 40, missingLeft: true}, {slot: 2, bin: 0}} {
		var left, right []uint32
		for _, r := range g.rows {
			b := g.data.bins[s.slot][r]
			if (b == missingBin && s.missingLeft) || (b != missingBin && int(b) <= s.bin) {
				left = append(left, r)
			} else {
				right = append(right, r)
			}
		}
		rows := slices.Clone(g.rows)
		n, err := g.partition(context.Background(), g.divider(s), rows)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(rows[:n], left) || !slices.Equal(rows[n:], right) {
			t.Errorf("%+v: got %d rows left, want %d, or another order", s, n, len(left))
		}
	}
}

func TestHeavyTailsAreSummedInFull(t *testing.T) {
	x, ones := customers(5000, 4, 77)
	y := amounts(Squared, x, ones)
	y[17] = 1e9 // all other gradients are far below a packed unit
	c := Default()
	c.Loss, c.Trees, c.MinRows, c.LearningRate = Squared, 60, 1, 1
	m, _ := mustFit(t, c, x, y, nil)
	s := scores(t, m, x)
	var sum, mean, spread float64
	for i := range y {
		if i != 17 {
			mean += y[i] / float64(len(y)-1)
		}
	}
	for i := range y {
		if i != 17 {
			sum += (y[i] - s[i]) * (y[i] - s[i])
			spread += (y[i] - mean) * (y[i] - mean)
		}
	}
	if sum > 0.5*spread {
		t.Errorf("beside one huge target the others have squared error %g of %g, want less than half", sum, spread)
	}
}

func TestUnitForIsTheSmallestPowerOfTwo(t *testing.T) {
	for _, most := range []float64{1e-300, 0.1, 0.25, 1, 1 << 20, 3, largestG, 1e300} {
		u := unitFor(most, largestG)
		if frac, _ := math.Frexp(u); frac != 0.5 || most/u > largestG || most/(u/2) <= largestG {
			t.Errorf("unitFor(%g) = %g", most, u)
		}
	}
}
