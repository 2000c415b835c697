package lines

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
)

// randomLines makes n lines whose times, orders and kinds differ by very little, and
// in any bit.
func randomLines(rng *rand.Rand, n int) (ev datasets.Events) {
	for range n {
		bit := rng.IntN(62)
		ev.Time = append(ev.Time, datasets.Moment(rng.IntN(2))<<bit)
		ev.Order = append(ev.Order, rng.Uint32N(2)<<(bit/2))
		ev.Return = append(ev.Return, rng.IntN(3) == 0)
		ev.Amount = append(ev.Amount, datasets.Money(int64(rng.Uint64())>>rng.IntN(64)))
		ev.Quantity = append(ev.Quantity, datasets.Quantity(rng.IntN(9)-2)<<bit)
	}
	return ev
}

// TestScanFindsSumsAndStretches holds both ways to plain loops, for every small
// number of lines.
func TestScanFindsSumsAndStretches(t *testing.T) {
	rng := rand.New(rand.NewPCG(61, 0))
	var s, plain Scanner
	for round := range 4000 {
		ev := randomLines(rng, round%41)
		s.Scan(&ev)
		plain.scanPlain(&ev)
		for _, got := range []*Scanner{&s, &plain} {
			if fault := faultOf(got, &ev); fault != "" {
				t.Fatalf("%+v: %s", ev, fault)
			}
		}
	}
}

// scanPlain is Scan without assembler.
func (s *Scanner) scanPlain(ev *datasets.Events) {
	n := ev.Len()
	*s = Scanner{Sums: make([]Sums, n), Starts: make([]int32, n+1), Largest: math.MinInt64}
	stretches := 0
	if n > 0 {
		s.add(ev, 0, n)
		stretches = s.cut(ev, 1, 1)
	}
	s.Starts = s.Starts[:stretches]
}

// faultOf says what is wrong in what was found, or nothing.
func faultOf(s *Scanner, ev *datasets.Events) string {
	sum, magnitudes, largest, at := Sums{}, uint64(0), datasets.Money(math.MinInt64), 0
	for i, amount := range ev.Amount {
		magnitudes |= Magnitude(amount) | Magnitude(ev.Quantity[i])
		if !ev.Return[i] {
			largest = max(largest, amount)
		}
		sum.Money += amount
		sum.Items += ev.Quantity[i]
		if s.Sums[i] != sum {
			return fmt.Sprintf("got %v up to line %d, want %v", s.Sums[i], i, sum)
		}
		if i > 0 && ev.Time[i] == ev.Time[i-1] && ev.Order[i] == ev.Order[i-1] && ev.Return[i] == ev.Return[i-1] {
			continue
		}
		if at == len(s.Starts) || int(s.Starts[at]) != i {
			return fmt.Sprintf("got stretches that begin in %v, want one in %d", s.Starts, i)
		}
		at++
	}
	if len(s.Starts) != at || len(s.Sums) != ev.Len() || s.Magnitudes != magnitudes || s.Largest != largest {
		return fmt.Sprintf("got %d stretches, magnitudes %x, largest %d, want %d, %x, %d", len(s.Starts), s.Magnitudes, s.Largest, at, magnitudes, largest)
	}
	return ""
}

func BenchmarkScan(b *testing.B) {
	for _, n := range []int{6, 30, 120} {
		ev := randomLines(rand.New(rand.NewPCG(67, 0)), n)
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
			var s Scanner
			for b.Loop() {
				s.Scan(&ev)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/line")
		})
	}
}
