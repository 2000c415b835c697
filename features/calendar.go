package features

import "math"

// calendar tells when in the week, the year and the day the orders fall. All
// are counts of orders but for months.
type calendar struct {
	weekday [7]int  // Sunday first
	entropy float64 // of weekday, in bits; NaN without a purchase
	quarter [4]int
	yearEnd int // in November or December
	months  int // calendar months with a purchase
	elapsed int // calendar months from the first purchase to the as-of day, both included

	hour     [24]int
	topHour  int // orders in the most frequent hour
	business int // Monday to Friday, from 9:00 to before 17:00
}

// fillCalendar reads the days, which rise.
func (s *summary) fillCalendar(months *monthTable, logs *logTable) {
	c := &s.calendar
	before := math.MinInt
	for i := range s.days {
		d := &s.days[i]
		month := months.of(int(d.day))
		if month != before {
			c.months++
			before = month
		}
		n := int(d.orders)
		c.weekday[weekday(int(d.day))] += n
		m := ((month % 12) + 12) % 12 // 0 is January
		c.quarter[m/3] += n
		last := 0
		if m >= 10 {
			last = n
		}
		c.yearEnd += last
	}
	c.entropy = logs.entropy(c.weekday[:])
	if len(s.days) > 0 {
		c.elapsed = months.of(s.asOf) - months.of(s.first) + 1
	}
}

// monthTable holds the first days of the months from 1970 to 2149, and one more.
type monthTable [180*12 + 1]int32

func newMonthTable() *monthTable {
	t := new(monthTable)
	for day, month := 0, 0; month < len(t); day++ {
		if monthOf(day) == firstMonth+month {
			t[month] = int32(day)
			month++
		}
	}
	return t
}

// firstMonth is that of 1970-01-01.
const firstMonth = 1970 * 12

// of returns monthOf(day), from the table if it can. Before a day lie between
// ⌊(day − 2) / 30.44⌋ and one more whole months, or none at all.
func (t *monthTable) of(day int) int {
	const months = 141_110_653 // 2³² × months in a day
	if guess := int((int64(day) - 2) * months >> 32); uint(guess) < uint(len(t)-1) {
		if day >= int(t[guess+1]) {
			guess++
		}
		return firstMonth + guess
	}
	return monthOf(day)
}

// weekday returns the day of the week, 0 for Sunday; 1970-01-01 was a Thursday.
func weekday(day int) int {
	w := (day + 4) % 7
	if w < 0 {
		w += 7
	}
	return w
}

// monthOf returns the number of calendar months from January of year 0 to the
// month of the day, in the proleptic Gregorian calendar.
//
// Years are counted from March, so that the leap day ends them; eras of 400
// years all have 146,097 days.
func monthOf(day int) int {
	const daysToEpoch = 719_468 // from 0000-03-01 to 1970-01-01
	const daysOfEra = 146_097
	day += daysToEpoch
	era := day / daysOfEra
	if day%daysOfEra < 0 {
		era--
	}
	d := day - era*daysOfEra
	year := (d - d/1460 + d/36_524 - d/146_096) / 365
	d -= 365*year + year/4 - year/100
	month := (5*d + 2) / 153 // 0 is March
	return (era*400+year)*12 + month + 2
}
