package deviation

import (
	"math"
	"slices"

	"github.com/quintile-dev/quintile/models"
)

// judged is a value of a series beside its neighbours.
type judged struct {
	at       int // of the series
	actual   float64
	expected float64
	p, q     float64 // p-value, and false discovery rate among all that were judged with it
}

// The yardsticks of days.
const (
	trendDays   = 25 // days with sales, centred on the day, whose median is season and trend
	fewestDays  = 60 // days with sales
	weekdayDays = 5  // days with sales from which a weekday has a level of its own
)

// judgeDays judges the days of a series with a value above 0:
//
//	r = log(y) − median of log(y) over the 25 such days around, less the median of its weekday
//	p = P(|normal| ≥ |r| / (1.4826 · median |r|))
//
// weekday returns the day of the week of a position. Days are nil with too few days, or
// where half of the days do not differ.
func judgeDays(y []float64, weekday func(at int) int) []judged {
	var at []int
	var level []float64
	for i, v := range y {
		if v > 0 {
			at, level = append(at, i), append(level, math.Log(v))
		}
	}
	if len(at) < fewestDays {
		return nil
	}
	expected, rest := make([]float64, len(at)), make([]float64, len(at))
	var byWeekday [7][]float64
	for k := range at {
		from, to := max(0, k-trendDays/2), min(len(at), k+trendDays/2+1)
		expected[k] = median(slices.Clone(level[from:to]))
		rest[k] = level[k] - expected[k]
		w := weekday(at[k])
		byWeekday[w] = append(byWeekday[w], rest[k])
	}
	var adjust [7]float64
	for w, values := range byWeekday {
		if len(values) >= weekdayDays {
			adjust[w] = median(values)
		}
	}
	for k := range at {
		w := adjust[weekday(at[k])]
		expected[k] += w
		rest[k] -= w
	}
	scale := spread(rest)
	if scale == 0 {
		return nil
	}
	out := make([]judged, len(at))
	for k := range at {
		out[k] = judged{at: at[k], actual: y[at[k]], expected: math.Exp(expected[k]), p: tails(rest[k] / scale)}
	}
	return out
}

// The yardsticks of the weeks of members.
const (
	neighbours    = 4   // weeks on each side, without the week itself
	fewestWeeks   = 26  // of a member
	busyShare     = 0.9 // of the weeks of a member that must have sales
	commonMembers = 5   // members from which a week has a level common to all
	leastSpread   = 0.1 // of a member, so that no small change of an even series counts
	silentWeeks   = 2   // whole weeks without a sale from which a member may have stopped
	silentTimes   = 2   // times the longest earlier pause that the silence must exceed
)

// weekly is a member with enough weeks.
type weekly struct {
	member   int
	from     int       // week of the first value
	y        []float64 // up to the last week, or to the week in which the member stopped
	stopped  int       // weeks without a sale at the end; 0 for a member that reports
	expected []float64 // of log1p
	rest     []float64
}

// newWeekly returns a member's weeks from the first with a sale; false where there are too
// few, or too many without one.
func newWeekly(member int, y []float64) (*weekly, bool) {
	from := 0
	for from < len(y) && y[from] <= 0 {
		from++
	}
	end := len(y)
	for end > from && y[end-1] <= 0 {
		end--
	}
	w := &weekly{member: member, from: from, y: y[from:end]}
	pause, longest, busy := 0, 0, 0
	for _, v := range w.y {
		if v > 0 {
			busy++
			pause = 0
			continue
		}
		pause++
		longest = max(longest, pause)
	}
	if len(w.y) < fewestWeeks || float64(busy) < busyShare*float64(len(w.y)) {
		return nil, false
	}
	if silent := len(y) - end; silent >= silentWeeks && silent > silentTimes*longest {
		w.stopped = silent
	} else {
		w.y = y[from:]
	}
	return w, true
}

// judgeWeeks judges the weeks of members of a dimension, by the level log1p:
//
//	r = level − median of the 4 weeks on each side, less the median of r over all members
//	p = P(|normal| ≥ |r| / max(1.4826 · median |r| of the member, 0.1))
//
// So a good week for all members is no departure of any member. A week without a sale has a
// p-value of at least the share of the member's other weeks without a sale. The result has
// an entry for each member.
func judgeWeeks(list []*weekly, weeks int) [][]judged {
	common := make([][]float64, weeks)
	for _, w := range list {
		levels := make([]float64, len(w.y))
		for i, v := range w.y {
			levels[i] = level(v)
		}
		w.expected, w.rest = make([]float64, len(w.y)), make([]float64, len(w.y))
		for i := range levels {
			from, to := max(0, i-neighbours), min(len(levels), i+neighbours+1)
			w.expected[i] = median(slices.Concat(levels[from:i], levels[i+1:to]))
			w.rest[i] = levels[i] - w.expected[i]
			common[w.from+i] = append(common[w.from+i], w.rest[i])
		}
	}
	shift := make([]float64, weeks)
	for k, values := range common {
		if len(values) >= commonMembers {
			shift[k] = median(values)
		}
	}
	out := make([][]judged, len(list))
	for k, w := range list {
		for i := range w.rest {
			w.expected[i] += shift[w.from+i]
			w.rest[i] -= shift[w.from+i]
		}
		scale := max(spread(w.rest), leastSpread)
		empty := w.empty()
		for i, r := range w.rest {
			j := judged{at: w.from + i, actual: w.y[i], expected: max(0, math.Expm1(w.expected[i])), p: tails(r / scale)}
			if j.actual <= 0 {
				j.p = max(j.p, float64(empty-1)/float64(len(w.y)))
			}
			if j.actual <= 0 && j.expected == 0 {
				j.p = 1
			}
			out[k] = append(out[k], j)
		}
	}
	return out
}

// empty returns the number of weeks without a sale.
func (w *weekly) empty() int {
	n := 0
	for _, v := range w.y {
		if v <= 0 {
			n++
		}
	}
	return n
}

// spread returns 1.4826 times the median absolute value: a standard deviation about 0, were
// the values normal.
func spread(rest []float64) float64 {
	size := make([]float64, len(rest))
	for i, r := range rest {
		size[i] = math.Abs(r)
	}
	return normalised * median(size)
}

// tails returns the chance of a normal value at least as far from 0 as z.
func tails(z float64) float64 { return math.Erfc(math.Abs(z) / math.Sqrt2) }

// adjust sets the false discovery rates of all that was judged together.
func adjust(lists ...[]judged) error {
	var p []float64
	for _, list := range lists {
		for _, j := range list {
			p = append(p, j.p)
		}
	}
	if err := models.BenjaminiHochberg(p, p); err != nil {
		return err
	}
	for _, list := range lists {
		for i := range list {
			list[i].q = p[0]
			p = p[1:]
		}
	}
	return nil
}
