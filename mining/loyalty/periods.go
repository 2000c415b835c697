package loyalty

import (
	"fmt"
	"time"

	"github.com/quintile-dev/quintile/datasets"
)

// periods numbers the calendar periods of a history, from 0 on.
type periods struct {
	kind   string
	first  datasets.Day
	of     []int32        // the period of each day from first on
	starts []datasets.Day // the first day of each period, and of the one after the last
}

// newPeriods returns the months, quarters or weeks (which begin on Monday) from a day to
// another, both included.
func newPeriods(kind string, first, last datasets.Day) *periods {
	p := &periods{kind: kind, first: first}
	last = max(first, last)
	start := startOf(kind, first)
	p.of = make([]int32, 0, last-first+1)
	for start <= last {
		next := nextStart(kind, start)
		for day := max(start, first); day < next && day <= last; day++ {
			p.of = append(p.of, int32(len(p.starts)))
		}
		p.starts = append(p.starts, start)
		start = next
	}
	p.starts = append(p.starts, start)
	return p
}

func startOf(kind string, day datasets.Day) datasets.Day {
	if kind == week {
		return day - datasets.Day((day.Weekday()+6)%7)
	}
	date := day.Date()
	month := date.Month()
	if kind == quarter {
		month -= (month - 1) % 3
	}
	return datasets.DayOf(date.Year(), month, 1)
}

func nextStart(kind string, start datasets.Day) datasets.Day {
	date := start.Date()
	switch kind {
	case week:
		return start + 7
	case quarter:
		return datasets.DayOf(date.Year(), date.Month()+3, 1)
	}
	return datasets.DayOf(date.Year(), date.Month()+1, 1)
}

// len returns the number of periods.
func (p *periods) len() int { return len(p.starts) - 1 }

// at returns the period of a day; a day outside belongs to the nearest.
func (p *periods) at(day datasets.Day) int {
	return int(p.of[min(max(0, int(day-p.first)), len(p.of)-1)])
}

// complete reports whether a period was over by the end of a day.
func (p *periods) complete(period int, asOf datasets.Day) bool { return p.starts[period+1] <= asOf+1 }

// name writes a period for people.
func (p *periods) name(period int) string {
	date := p.starts[period].Date()
	switch p.kind {
	case week:
		return date.Format(time.DateOnly)
	case quarter:
		return fmt.Sprintf("%d-Q%d", date.Year(), (date.Month()+2)/3)
	}
	return date.Format("2006-01")
}
