package features

import "math"

// spread summarises the values that a customer's orders take. All fields are in
// the millionths, lines or days of the values themselves.
type spread struct {
	n              int
	mean, median   float64
	smallest, most float64
}

// spreadOf summarises values. It sorts them in place; scratch is as long.
//
// Missing: of no values all fields are NaN, and n is 0.
func spreadOf(values, scratch []int64) spread {
	n := len(values)
	if n == 0 {
		nan := math.NaN()
		return spread{0, nan, nan, nan, nan}
	}
	sortNumbers(values, scratch)
	sum := int64(0)
	for _, v := range values {
		sum += v
	}
	s := spread{
		n:        n,
		mean:     float64(sum) / float64(n),
		median:   float64(values[n/2]),
		smallest: float64(values[0]),
		most:     float64(values[n-1]),
	}
	if n%2 == 0 {
		s.median = (float64(values[n/2-1]) + float64(values[n/2])) / 2
	}
	return s
}

// deviation returns the sample standard deviation of values around their mean,
// or NaN for fewer than two.
func deviation(values []int64, mean float64) float64 {
	n := len(values)
	if n < 2 {
		return math.NaN()
	}
	squares := 0.0
	for _, v := range values {
		d := float64(v) - mean
		squares += float64(d * d)
	}
	return math.Sqrt(squares / float64(n-1))
}

// gaps describes the days between consecutive purchase days.
type gaps struct {
	spread
	sd         float64
	last       int     // the most recent closed gap
	clumpiness float64 // see the feature of that name
}

// clumpinessDays is the length of the period over which clumpiness is taken.
const clumpinessDays = 365

// clumpTable holds x ln x for the shares that clumpiness sums, and ln n for the
// number of the shares.
type clumpTable struct{ xlnx, ln [clumpinessDays + 2]float64 }

func newClumpTable() *clumpTable {
	t := new(clumpTable)
	for n := 1; n < len(t.ln); n++ {
		x := float64(n) / (clumpinessDays + 1)
		t.xlnx[n] = float64(x * math.Log(x))
		t.ln[n] = math.Log(float64(n))
	}
	return t
}

// clumpiness returns the entropy measure of Zhang, Bradlow and Small over the
// last clumpinessDays days, or NaN without a purchase in them.
func (c *clumpTable) clumpiness(days []day, asOf int) float64 {
	n := 0
	for n < len(days) && asOf-int(days[len(days)-1-n].day) < clumpinessDays {
		n++
	}
	if n == 0 {
		return math.NaN()
	}
	before, sum := 0, 0.0
	for i := len(days) - n; i < len(days); i++ {
		t := clumpinessDays - (asOf - int(days[i].day))
		if t <= before || t > clumpinessDays { // only where the times are out of order
			continue
		}
		sum += c.xlnx[t-before]
		before = t
	}
	sum += c.xlnx[clumpinessDays+1-before]
	return max(0, 1+sum/c.ln[n+1])
}
