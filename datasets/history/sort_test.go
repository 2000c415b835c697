package history

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
)

// TestPackedLinesAreSorted tries every length on either side of those at which
// the way of sorting changes. By the 0-1 principle, a network that sorts every
// sequence of zeros and ones sorts all.
func TestPackedLinesAreSorted(t *testing.T) {
	check := func(lines []datasets.Quantity) {
		t.Helper()
		want := make([]uint64, len(lines))
		for i, line := range lines {
			want[i] = uint64(line)
		}
		slices.Sort(want)
		sortPacked(lines)
		for i, line := range lines {
			if uint64(line) != want[i] {
				t.Fatalf("%d lines: got %d at %d, want %d", len(lines), uint64(line), i, want[i])
			}
		}
	}
	for bits := range 1 << 8 {
		for n := range 9 {
			lines := make([]datasets.Quantity, n)
			for i := range lines {
				lines[i] = datasets.Quantity(bits >> i & 1)
			}
			check(lines)
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	for n := range 2 * fewLines {
		for range 20 {
			lines := make([]datasets.Quantity, n)
			for i := range lines {
				lines[i] = datasets.Quantity(r.Uint64() >> (r.IntN(2) * 60)) // some alike, some with the first bit set
			}
			check(lines)
		}
	}
}
