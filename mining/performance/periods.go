package performance

import (
	"time"

	"github.com/quintile-dev/quintile/datasets"
)

// periods are the stretches of the calendar from the first event to the scoring date.
type periods struct {
	first  datasets.Day   // the day of the first event
	asOf   datasets.Day   // the scoring date
	of     []int32        // period of each day from first to asOf
	starts []datasets.Day // the first day of each period, and of the one after the last
	labels []string       // 2011-09 for a month, else the first day
}

// newPeriods divides the days. A year begins with the month yearStarts, and a week on
// Monday.
func newPeriods(length string, yearStarts int, first, asOf datasets.Day) *periods {
	p := &periods{first: first, asOf: asOf}
	for start := startOf(length, yearStarts, first); start <= asOf; start = nextOf(length, start) {
		p.starts = append(p.starts, start)
		p.labels = append(p.labels, label(length, start))
	}
	p.starts = append(p.starts, nextOf(length, p.starts[len(p.starts)-1]))
	k := int32(0)
	for day := first; day <= asOf; day++ {
		for day >= p.starts[k+1] {
			k++
		}
		p.of = append(p.of, k)
	}
	return p
}

// len returns the number of periods.
func (p *periods) len() int { return len(p.labels) }

// at returns the period of a day.
func (p *periods) at(day datasets.Day) int { return int(p.of[day-p.first]) }

// whole reports whether a period is over on the scoring date.
func (p *periods) whole(k int) bool { return p.starts[k+1]-1 <= p.asOf }

// startOf returns the first day of the period that holds a day.
func startOf(length string, yearStarts int, day datasets.Day) datasets.Day {
	date := day.Date()
	year, month := date.Year(), int(date.Month())
	switch length {
	case "week":
		return day - datasets.Day((day.Weekday()+6)%7)
	case "month":
		return datasets.DayOf(year, date.Month(), 1)
	case "quarter":
		return datasets.DayOf(year, time.Month(month-mod(month-yearStarts, 3)), 1)
	case "year":
		return datasets.DayOf(year, time.Month(month-mod(month-yearStarts, 12)), 1)
	}
	return day
}

// mod returns the remainder, which is never negative.
func mod(a, b int) int { return ((a % b) + b) % b }

// nextOf returns the first day of the period after the period that begins on a
// day.
func nextOf(length string, start datasets.Day) datasets.Day {
	date := start.Date()
	months := map[string]int{"month": 1, "quarter": 3, "year": 12}[length]
	switch {
	case months > 0:
		return datasets.DayOf(date.Year(), date.Month()+time.Month(months), 1)
	case length == "week":
		return start + 7
	}
	return start + 1
}

// label names the period that begins on a day: a month by its number, any other period by
// its first day.
func label(length string, start datasets.Day) string {
	if length == "month" {
		return start.Date().Format("2006-01")
	}
	return start.String()
}
