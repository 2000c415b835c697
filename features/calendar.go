package features

import "github.com/quintile-dev/quintile/datasets"

// calendar tells when in the week and the year the orders fall. All are counts of
// orders but for months.
type calendar struct {
	weekday    [7]int32 // Sunday first
	topWeekday int32    // orders on the most frequent day of the week
	entropy    float64  // of weekday, in bits; NaN without a purchase
	quarter    [4]int32
	yearEnd    int32 // in November or December
	months     int   // calendar months with a purchase
	elapsed    int   // calendar months from the first purchase to the as-of day, both included
}

// clock counts the orders by the time of day.
type clock struct {
	hour     [24]int32
	topHour  int32 // orders in the most frequent hour
	business int32 // Monday to Friday, from 9:00 to before 17:00
}

// scanHours counts the orders by the hour of their first purchase line.
func (c *Calculator) scanHours(ev *datasets.Events) {
	k := &c.s.clock
	*k = clock{}
	for i := range c.s.orders {
		o := &c.s.orders[i]
		t := ev.Time[o.line]
		hour := uint(t-datasets.Moment(o.day)*datasets.FullDay) / uint(datasets.Hour)
		if hour >= uint(len(k.hour)) { // only where the times are out of order
			hour = uint(t.Hour())
		}
		k.hour[hour]++
		k.topHour = max(k.topHour, k.hour[hour])
		office := oneIf(hour-9 < 8)
		workday := oneIf(uint(c.dates.of(int(o.day)).weekday()-1) < 5)
		k.business += int32(office & workday)
	}
}

// calendarDay packs the calendar of a day: from the lowest bit on, the day of the week
// in three bits, the quarter in two bits, a bit set in November and December, and the
// number of the month.
type calendarDay int64

func (d calendarDay) weekday() int   { return int(d & 7) } // 0 for Sunday
func (d calendarDay) quarter() int   { return int(d >> 3 & 3) }
func (d calendarDay) yearEnd() int32 { return int32(d >> 5 & 1) }

// month returns the number of calendar months since January of year 0.
func (d calendarDay) month() int { return int(d >> 6) }

// calendarDayOf returns the date of a day.
func calendarDayOf(day int) calendarDay {
	month := monthOf(day)
	ofYear := (month%12 + 12) % 12 // 0 is January
	yearEnd := 0
	if ofYear >= 10 {
		yearEnd = 1
	}
	return calendarDay(month<<6 | yearEnd<<5 | ofYear/3<<3 | weekday(day))
}

// calendarTable holds the dates of the days from 1970 to 2149.
type calendarTable [180*365 + 44]uint32

func newCalendarTable() *calendarTable {
	t := new(calendarTable)
	for day := range t {
		t[day] = uint32(calendarDayOf(day))
	}
	return t
}

// of returns calendarDayOf(day), from the table if it can.
func (t *calendarTable) of(day int) calendarDay {
	if uint(day) < uint(len(t)) {
		return calendarDay(t[day])
	}
	return calendarDayOf(day)
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
// Years are counted from March, so that a leap day is the last day; every era
// of 400 years has 146,097 days.
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
