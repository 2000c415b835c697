package synth

import (
	"time"

	"github.com/quintile-dev/quintile/datasets"
)

// calendar says when one segment buys: day d of the history has the weight
// sum[d+1]−sum[d].
type calendar []float64

// newCalendar weighs the days by weekday and season.
func newCalendar(c *Config, s *segment) calendar {
	sum := make(calendar, c.Days+1)
	for d := range c.Days {
		day := c.Start + datasets.Day(d)
		sum[d+1] = sum[d] + float64(weekdayWeight(day.Weekday(), s.weekend)*seasonWeight(day.Date(), s.winter))
	}
	return sum
}

func weekdayWeight(day time.Weekday, weekend float64) float64 {
	switch day {
	case time.Saturday, time.Sunday:
		return weekend
	case time.Thursday, time.Friday:
		return 1.15
	}
	return 1
}

// seasonWeight rises from October to the middle of December and is low after
// New Year and in the summer holidays.
func seasonWeight(date time.Time, winter float64) float64 {
	switch day := float64(date.YearDay()); {
	case day >= 274 && day < 350:
		return 1 + float64(winter*(day-274)/76)
	case day >= 350 && day < 359:
		return 1 + winter
	case day >= 359:
		return 0.8
	case day < 46:
		return 0.75
	case day >= 196 && day < 244:
		return 0.85
	}
	return 1
}

// between returns the weight of the days first to last.
func (c calendar) between(first, last int) float64 { return c[last+1] - c[first] }

// at returns the day by which the weight since day first reaches w. The answer
// lies in [first,last].
func (c calendar) at(first, last int, w float64) int {
	w += c[first]
	low, high := first, last
	for low < high {
		if middle := int(uint(low+high) / 2); c[middle+1] > w {
			high = middle
		} else {
			low = middle + 1
		}
	}
	return low
}

// hourWeights are the hours in which people buy, 6 to 22, with peaks at noon and
// in the evening; none when clocks are changed.
var hourWeights = [24]float64{
	6: 0.5, 7: 1.5, 8: 3, 9: 5, 10: 7, 11: 8, 12: 10, 13: 9, 14: 7, 15: 6.5,
	16: 6.5, 17: 7.5, 18: 8, 19: 8.5, 20: 7, 21: 4, 22: 1.5,
}

// clock draws the second of the day.
type clock struct{ hours alias }

func newClock() clock { return clock{newAlias(hourWeights[:])} }

func (c clock) draw(s *stream) int { return c.hours.draw(s)*3600 + s.below(3600) }
