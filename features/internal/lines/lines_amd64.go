//go:build amd64 && !noasm

package lines

import (
	"golang.org/x/sys/cpu"

	"github.com/quintile-dev/quintile/datasets"
)

var fast = cpu.X86.HasAVX2 && cpu.X86.HasPOPCNT

// scanFours goes over the lines 1 to n, n a multiple of four, and returns how many
// stretches begin in them.
func (s *Scanner) scanFours(ev *datasets.Events, n int) int {
	_, _, _, _, _ = ev.Time[n], ev.Order[n], ev.Return[n], ev.Amount[n], ev.Quantity[n]
	state := [4]int64{int64(s.Sums[0].Money), int64(s.Sums[0].Items), int64(s.Magnitudes), int64(s.Largest)}
	stretches := scanAVX2((*int64)(&ev.Time[0]), &ev.Order[0], &ev.Return[0], (*int64)(&ev.Amount[0]), (*int64)(&ev.Quantity[0]), n,
		(*int64)(&s.Sums[0].Money), &s.Starts[1], &state)
	s.Magnitudes, s.Largest = uint64(state[2]), datasets.Money(state[3])
	return stretches
}
