package mining

import (
	"math"
	"slices"
)

// Durations counts lengths of time in whole days: closed durations end with an
// event, open durations were still running when last seen. The counts are integers, so
// that neither the order of adding nor of merging matters. The zero Durations is empty.
//
// Cost: 16 bytes for each day of the longest.
type Durations struct {
	closed, open []int64 // by days
}

// Close counts a closed duration of days ≥ 0.
func (d *Durations) Close(days int) { count(&d.closed, days, 1) }

// Leave counts an open duration of days ≥ 0.
func (d *Durations) Leave(days int) { count(&d.open, days, 1) }

func count(list *[]int64, at int, n int64) {
	if at >= len(*list) {
		*list = append(*list, make([]int64, at+1-len(*list))...)
	}
	(*list)[at] += n
}

// Merge adds the counts of another.
func (d *Durations) Merge(o *Durations) {
	for at, n := range o.closed {
		count(&d.closed, at, n)
	}
	for at, n := range o.open {
		count(&d.open, at, n)
	}
}

// Closed returns the number of closed durations.
func (d *Durations) Closed() int64 { return total(d.closed) }

// Open returns the number of open durations.
func (d *Durations) Open() int64 { return total(d.open) }

func total(list []int64) int64 {
	n := int64(0)
	for _, c := range list {
		n += c
	}
	return n
}

// Mean returns the mean of the closed durations, NaN where there are none.
func (d *Durations) Mean() float64 {
	sum := int64(0)
	for at, n := range d.closed {
		sum += int64(at) * n
	}
	return float64(sum) / float64(d.Closed())
}

// Quantile returns the quantile p, in [0,1], of the closed durations, as [Quantile] does;
// NaN where there are none.
func (d *Durations) Quantile(p float64) float64 {
	n := d.Closed()
	if n == 0 {
		return math.NaN()
	}
	at := p * float64(n-1)
	low := min(int64(at), n-1)
	x, y := d.ordered(low), d.ordered(min(low+1, n-1))
	return x + float64((at-float64(low))*(y-x))
}

// ordered returns the closed duration of rank k, from 0.
func (d *Durations) ordered(k int64) float64 {
	for at, n := range d.closed {
		if k -= n; k < 0 {
			return float64(at)
		}
	}
	return math.NaN()
}

// Survival returns the Kaplan–Meier estimate of the share of durations that are longer than
// so many days, by days from 0 to the longest:
//
//	S(t) = Π over u ≤ t of (1 − closed(u) / at risk(u))
//
// At risk are the durations, closed and open, of at least u days. Beyond the longest nothing
// is known; the curve ends there.
//
// [1] E. L. Kaplan and P. Meier, "Nonparametric Estimation from Incomplete Observations",
// Journal of the American Statistical Association 53, 1958, pp. 457–481.
func (d *Durations) Survival() []float64 {
	curve := make([]float64, max(len(d.closed), len(d.open)))
	risk, s := d.Closed()+d.Open(), 1.0
	for at := range curve {
		var closed, open int64
		if at < len(d.closed) {
			closed = d.closed[at]
		}
		if at < len(d.open) {
			open = d.open[at]
		}
		if closed > 0 {
			s *= float64(risk-closed) / float64(risk)
		}
		curve[at] = s
		risk -= closed + open
	}
	return curve
}

// halfway allows for the rounding of a product of shares that comes to a half exactly.
const halfway = 0.5 + 1e-12

// Median returns the smallest number of days at which the Kaplan–Meier curve is at a half or
// below, NaN where the curve ends above.
func (d *Durations) Median() float64 {
	at := slices.IndexFunc(d.Survival(), func(s float64) bool { return s <= halfway })
	if at < 0 {
		return math.NaN()
	}
	return float64(at)
}
