package features

import "math"

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
// last clumpinessDays days, given the purchase days within, or NaN without a
// day.
func (c *clumpTable) clumpiness(days []day, asOf int) float64 {
	if len(days) == 0 {
		return math.NaN()
	}
	before, sum := 0, 0.0
	for i := range days {
		t := clumpinessDays - (asOf - int(days[i].day))
		if t <= before || t > clumpinessDays { // only where the times are out of order
			continue
		}
		sum += c.xlnx[t-before]
		before = t
	}
	sum += c.xlnx[clumpinessDays+1-before]
	return max(0, 1+sum/c.ln[len(days)+1])
}
