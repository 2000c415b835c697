package datasets

import (
	"fmt"
	"math"
	"math/bits"
	"strings"
	"time"
)

// Day is a day of the calendar, counted from 1970-01-01.
type Day int32

// DayOf returns the day of the calendar date; it normalises as time.Date does.
func DayOf(year int, month time.Month, day int) Day {
	return Day(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// ParseDay reads a day written as 2011-12-10.
func ParseDay(text string) (Day, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return 0, fmt.Errorf("got %q, want a day such as 2011-12-10", text)
	}
	return Day(t.Unix() / 86400), nil
}

// Date returns midnight UTC of the day.
func (d Day) Date() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

func (d Day) String() string { return d.Date().Format(time.DateOnly) }

// Weekday returns the day of the week.
func (d Day) Weekday() time.Weekday {
	w := (int(d) + 4) % 7
	if w < 0 {
		w += 7
	}
	return time.Weekday(w)
}

// Moment is a time on the wall clock of the job's time zone, in microseconds
// since 1970-01-01T00:00:00 on that clock.
type Moment int64

// The parts of a day in units of Moment.
const (
	Second  Moment = 1_000_000
	Hour    Moment = 3600 * Second
	FullDay Moment = 24 * Hour
)

// Day returns the day on which the moment falls.
func (m Moment) Day() Day {
	d := m / FullDay
	if m%FullDay < 0 {
		d--
	}
	return Day(d)
}

// Hour returns the hour of the day, in [0,23].
func (m Moment) Hour() int { return int((m - Moment(m.Day())*FullDay) / Hour) }

func (m Moment) String() string {
	return time.UnixMicro(int64(m)).UTC().Format("2006-01-02T15:04:05.999999")
}

// Money is an amount in millionths of the currency. Sums of Money are exact,
// and so the same in any order.
type Money int64

// Unit is one unit of the currency.
const Unit Money = 1_000_000

// Float returns the amount in units of the currency.
func (m Money) Float() float64 { return float64(m) / float64(Unit) }

// String writes the amount in units of the currency, with three decimal places
// or as many more as it needs: "8911407.904", "-12.500", "0.000001".
func (m Money) String() string {
	sign, u := "", uint64(m)
	if m < 0 {
		sign, u = "-", -u
	}
	text := fmt.Sprintf("%s%d.%06d", sign, u/uint64(Unit), u%uint64(Unit))
	for range 3 {
		text = strings.TrimSuffix(text, "0")
	}
	return text
}

// Quantity is a number of pieces, or of any other unit of measure, in
// millionths.
type Quantity int64

// One is a quantity of one.
const One Quantity = 1_000_000

// Float returns the quantity in its unit of measure.
func (q Quantity) Float() float64 { return float64(q) / float64(One) }

// Times returns quantity × unit price, rounded half away from zero to a
// millionth. It reports false where the product does not fit.
func (q Quantity) Times(price Money) (Money, bool) {
	negative := (q < 0) != (price < 0)
	hi, lo := bits.Mul64(magnitude(int64(q)), magnitude(int64(price)))
	lo, carry := bits.Add64(lo, uint64(One)/2, 0)
	hi += carry
	if hi >= uint64(One) {
		return 0, false
	}
	product, _ := bits.Div64(hi, lo, uint64(One))
	if product > math.MaxInt64 {
		return 0, false
	}
	if negative {
		return -Money(product), true
	}
	return Money(product), true
}

func magnitude(v int64) uint64 {
	if v < 0 {
		return -uint64(v)
	}
	return uint64(v)
}
