package forecast

import (
	"time"

	"github.com/quintile-dev/quintile/datasets"
)

// longest is the number of periods that are looked at: 20 years of weeks. An odd date of
// long ago does not make a long series.
const longest = 1040

// calendar divides days into weeks from Monday to Sunday, or months. Period 0 is the first
// period in use, n the first period not ended on the scoring date.
type calendar struct {
	months bool
	origin datasets.Day // first day of period 0
	year   int          // of the origin
	month  time.Month
	n      int
}

// newCalendar returns the periods from the period of the first day to the last ended
// period.
func newCalendar(period string, first, asOf datasets.Day) calendar {
	c := calendar{months: period == month}
	c.begin(first)
	c.n = max(0, c.of(asOf+1))
	if c.n > longest {
		c.begin(c.start(c.n - longest))
		c.n = longest
	}
	return c
}

// begin makes the period of a day period 0.
func (c *calendar) begin(day datasets.Day) {
	if !c.months {
		c.origin = day - datasets.Day((day.Weekday()+6)%7)
		return
	}
	date := day.Date()
	c.year, c.month = date.Year(), date.Month()
	c.origin = datasets.DayOf(c.year, c.month, 1)
}

// start returns the first day of a period, past or to come.
func (c *calendar) start(period int) datasets.Day {
	if c.months {
		return datasets.DayOf(c.year, c.month+time.Month(period), 1)
	}
	return c.origin + datasets.Day(7*period)
}

// of returns the period of a day, negative for a day before period 0.
func (c *calendar) of(day datasets.Day) int {
	if c.months {
		date := day.Date()
		return 12*(date.Year()-c.year) + int(date.Month()) - int(c.month)
	}
	weeks := int(day - c.origin)
	if weeks < 0 {
		weeks -= 6 // rounds down
	}
	return weeks / 7
}

// season returns the number of periods of a year, where a series has at least two whole
// years, 1 otherwise.
func (c *calendar) season(periods int) int {
	year := 52
	if c.months {
		year = 12
	}
	if periods < 2*year {
		return 1
	}
	return year
}

// reader finds the periods of days that mostly follow one another.
type reader struct {
	*calendar
	from, until datasets.Day // of the period found last
	period      int
}

// at returns the period of a day, −1 for a day outside the periods that are looked at.
func (r *reader) at(day datasets.Day) int {
	if day >= r.from && day < r.until {
		return r.period
	}
	p := r.of(day)
	r.from, r.until = r.start(p), r.start(p+1)
	if r.period = p; p < 0 || p >= r.n {
		r.period = -1
	}
	return r.period
}
