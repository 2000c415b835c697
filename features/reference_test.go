package features

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/quintile-dev/quintile/datasets"
)

// The slow, plain version of every feature, written from the definitions in
// docs/features.md with maps and floats. It shares no code with the calculator.

type refOrder struct {
	id           uint32
	lines        []line // purchase lines, in time order
	money, items float64
}

type ref struct {
	asOf    datasets.Day
	buys    []line // purchase lines in the order of the history
	backs   []line
	orders  []refOrder // by first purchase line
	moneyOf map[datasets.Day]float64
	days    []datasets.Day
	gaps    []float64
}

func newRef(all []line, asOf datasets.Day) *ref {
	r := &ref{asOf: asOf, moneyOf: map[datasets.Day]float64{}}
	sorted := linesOf(eventsOf(all))
	at := map[uint32]int{}
	for _, l := range sorted {
		if l.at.Day() > asOf {
			continue
		}
		if l.back {
			r.backs = append(r.backs, l)
			continue
		}
		r.buys = append(r.buys, l)
		i, ok := at[l.order]
		if !ok {
			i = len(r.orders)
			at[l.order] = i
			r.orders = append(r.orders, refOrder{id: l.order})
		}
		o := &r.orders[i]
		o.lines = append(o.lines, l)
		o.money += l.amount.Float()
		o.items += l.quantity.Float()
		r.moneyOf[l.at.Day()] += l.amount.Float()
	}
	for d := range r.moneyOf {
		r.days = append(r.days, d)
	}
	slices.Sort(r.days)
	for i := 1; i < len(r.days); i++ {
		r.gaps = append(r.gaps, float64(r.days[i]-r.days[i-1]))
	}
	return r
}

// linesOf is the inverse of eventsOf.
func linesOf(ev datasets.Events) []line {
	var out []line
	for i := range ev.Time {
		out = append(out, line{
			ev.Time[i], ev.Order[i], ev.Product[i], ev.Quantity[i], ev.Amount[i], ev.Return[i],
			ev.Category[i], ev.Channel[i], ev.Store[i], ev.Region[i], ev.Salesperson[i], ev.Campaign[i], ev.Cost[i], ev.Discount[i],
		})
	}
	return out
}

var nan = math.NaN()

func sumOf[T any](list []T, f func(T) float64) float64 {
	s := 0.0
	for _, v := range list {
		s += f(v)
	}
	return s
}

func countOf[T any](list []T, f func(T) bool) float64 {
	return sumOf(list, func(v T) float64 {
		if f(v) {
			return 1
		}
		return 0
	})
}

func meanOf(v []float64) float64 {
	if len(v) == 0 {
		return nan
	}
	return sumOf(v, func(x float64) float64 { return x }) / float64(len(v))
}

func medianOf(v []float64) float64 {
	if len(v) == 0 {
		return nan
	}
	v = slices.Sorted(slices.Values(v))
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
}

func sdOf(v []float64) float64 {
	if len(v) < 2 {
		return nan
	}
	m := meanOf(v)
	return math.Sqrt(sumOf(v, func(x float64) float64 { return (x - m) * (x - m) }) / float64(len(v)-1))
}

func quotient(a, b float64) float64 {
	if b > 0 {
		return a / b
	}
	return nan
}

func (r *ref) some(v float64) float64 {
	if len(r.buys) == 0 {
		return nan
	}
	return v
}

func (r *ref) gross() float64 {
	return sumOf(r.buys, func(l line) float64 { return l.amount.Float() })
}

func (r *ref) returned() float64 {
	return -sumOf(r.backs, func(l line) float64 { return l.amount.Float() })
}

func (r *ref) items() float64 {
	return sumOf(r.buys, func(l line) float64 { return l.quantity.Float() })
}

func (r *ref) itemsBack() float64 {
	return -sumOf(r.backs, func(l line) float64 { return l.quantity.Float() })
}

func (r *ref) recency() float64 {
	if len(r.days) == 0 {
		return nan
	}
	return float64(r.asOf - r.days[len(r.days)-1])
}

func (r *ref) tenure() float64 {
	if len(r.days) == 0 {
		return nan
	}
	return float64(r.asOf - r.days[0])
}

func (r *ref) values() []float64 {
	var v []float64
	for _, o := range r.orders {
		v = append(v, o.money)
	}
	return v
}

// in reports whether d lies in the days (asOf − to, asOf − from].
func (r *ref) in(d datasets.Day, from, to int) bool {
	age := int(r.asOf - d)
	return age >= from && age < to
}

func (r *ref) moneyIn(from, to int) float64 {
	return sumOf(r.buys, func(l line) float64 {
		if r.in(l.at.Day(), from, to) {
			return l.amount.Float()
		}
		return 0
	})
}

func (r *ref) itemsIn(from, to int) float64 {
	return sumOf(r.buys, func(l line) float64 {
		if r.in(l.at.Day(), from, to) {
			return l.quantity.Float()
		}
		return 0
	})
}

func (r *ref) ordersIn(from, to int) float64 {
	return countOf(r.orders, func(o refOrder) bool { return r.in(o.lines[0].at.Day(), from, to) })
}

func (r *ref) daysIn(from, to int) float64 {
	return countOf(r.days, func(d datasets.Day) bool { return r.in(d, from, to) })
}

func (r *ref) year(v float64) float64 {
	if len(r.days) == 0 || r.tenure() < 30 {
		return nan
	}
	return v * 365.25 / (r.tenure() + 1)
}

func refBalance(a, b float64) float64 { a, b = max(a, 0), max(b, 0); return quotient(a-b, a+b) }

// slope fits the line by the normal equations.
func (r *ref) slope(f func(from, to int) float64) float64 {
	if len(r.days) == 0 {
		return nan
	}
	k := min(12, int(r.tenure()+1)/30)
	if k < 3 {
		return nan
	}
	var sx, sy, sxx, sxy float64
	for i := range k {
		x, y := float64(-i), f(30*i, 30*i+30)
		sx, sy, sxx, sxy = sx+x, sy+y, sxx+x*x, sxy+x*y
	}
	n := float64(k)
	return (n*sxy - sx*sy) / (n*sxx - sx*sx)
}

func (r *ref) clumpiness() float64 {
	var t []float64
	for _, d := range r.days {
		if r.in(d, 0, 365) {
			t = append(t, 365-float64(r.asOf-d))
		}
	}
	if len(t) == 0 {
		return nan
	}
	t = append(t, 366)
	sum, before := 0.0, 0.0
	for _, v := range t {
		x := (v - before) / 366
		sum += math.Log(x) * x
		before = v
	}
	return 1 + sum/math.Log(float64(len(t)))
}

func (r *ref) ofOrders(f func(o refOrder) bool) float64 {
	return quotient(countOf(r.orders, f), float64(len(r.orders)))
}

func first(o refOrder) line { return o.lines[0] }

func date(l line) time.Time { return time.UnixMicro(int64(l.at)).UTC() }

func (r *ref) months() map[string]bool {
	m := map[string]bool{}
	for _, l := range r.buys {
		m[date(l).Format("2006-01")] = true
	}
	return m
}

func (r *ref) monthShare() float64 {
	if len(r.days) == 0 {
		return nan
	}
	y, m, _ := r.days[0].Date().Date()
	n := 0.0
	for d := time.Date(y, m, 1, 0, 0, 0, 0, time.UTC); !d.After(r.asOf.Date()); d = d.AddDate(0, 1, 0) {
		n++
	}
	return float64(len(r.months())) / n
}

func (r *ref) weekdayCounts() map[uint32]int {
	m := map[uint32]int{}
	for _, o := range r.orders {
		m[uint32(date(first(o)).Weekday())]++
	}
	return m
}

func (r *ref) hourCounts() map[uint32]int {
	m := map[uint32]int{}
	for _, o := range r.orders {
		m[uint32(date(first(o)).Hour())]++
	}
	return m
}

func entropyOf(counts map[uint32]int) float64 {
	n, h := 0.0, 0.0
	for _, c := range counts {
		n += float64(c)
	}
	if n == 0 {
		return nan
	}
	for _, c := range counts {
		p := float64(c) / n
		h -= p * math.Log2(p)
	}
	return h
}

func topOf(counts map[uint32]int) (code uint32, top, total float64) {
	for c, n := range counts {
		total += float64(n)
		if float64(n) > top || float64(n) == top && c < code {
			code, top = c, float64(n)
		}
	}
	return code, top, total
}

// lineCodes counts the codes of purchase lines, orderCodes those of orders.
func (r *ref) lineCodes(of func(line) uint32) map[uint32]int {
	m := map[uint32]int{}
	for _, l := range r.buys {
		if c := of(l); c != datasets.NoCode {
			m[c]++
		}
	}
	return m
}

func (r *ref) orderCodes(of func(line) uint32) map[uint32]int {
	m := map[uint32]int{}
	for _, o := range r.orders {
		if c := of(first(o)); c != datasets.NoCode {
			m[c]++
		}
	}
	return m
}

// ordersOf returns, for each code, the orders that hold it, first one first.
func (r *ref) ordersOf(of func(line) uint32) map[uint32][]uint32 {
	m := map[uint32][]uint32{}
	for _, l := range r.buys {
		if c := of(l); c != datasets.NoCode && !slices.Contains(m[c], l.order) {
			m[c] = append(m[c], l.order)
		}
	}
	return m
}

func TestCalculatorAgreesWithTheReference(t *testing.T) {
	const seed = 11
	rng := rand.New(rand.NewPCG(seed, 0))
	asOf := datasets.DayOf(2011, 12, 10)
	c := NewCalculator(Catalogue())
	dst := make([]float64, len(c.Features()))
	known := map[string]int{}
	for trial := range 4000 {
		lines := randomHistory(rng, asOf)
		if err := c.Compute(dst, new(eventsOf(lines)), asOf); err != nil {
			t.Fatal(err)
		}
		r := newRef(lines, asOf)
		for j, f := range c.Features() {
			want, ok := reference[f.Name]
			if !ok {
				t.Fatalf("no reference for %s", f.Name)
			}
			w := want(r)
			if !math.IsNaN(w) {
				known[f.Name]++
			}
			if !closeTo(dst[j], w) {
				t.Errorf("trial %d (seed %d): %s: got %v, want %v", trial, seed, f.Name, dst[j], w)
			}
			if f.Missing == never && math.IsNaN(dst[j]) {
				t.Errorf("trial %d (seed %d): %s is missing, though it never should be", trial, seed, f.Name)
			}
			if f.Kind == Share && !(dst[j] >= 0 && dst[j] <= 1) && !math.IsNaN(dst[j]) {
				t.Errorf("trial %d (seed %d): %s: got %v, want a share", trial, seed, f.Name, dst[j])
			}
		}
		if t.Failed() {
			t.Fatalf("history: %+v", linesOf(eventsOf(lines)))
		}
	}
	for _, f := range Catalogue() {
		if known[f.Name] < 500 {
			t.Errorf("%s had a value in only %d trials", f.Name, known[f.Name])
		}
	}
}
