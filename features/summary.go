package features

import (
	"math"

	"github.com/quintile-dev/quintile/datasets"
)

// summary is the source of the features of one customer. The summary is
// computed only from events cut at a day.
//
// A line is a purchase line unless marked as a return. An order is a purchase
// order if it has a purchase line; the day of the order is the day of its first
// purchase line.
type summary struct {
	asOf int // the day at whose end the past ends

	lines                  int
	gross                  datasets.Money
	items                  datasets.Quantity
	largestLine            datasets.Money
	returns                returns
	first, last            int // days of the first and the last purchase
	orders                 []order
	days                   []day
	value, basket, content spread // money, lines and quantity of the orders
	valueSD                float64
	singleLineOrders       int
	gaps                   gaps
	windows                [len(windowDays)]window
	peak                   int // the day with the most money
	earlyDays              int // days with purchases within earlyDays of the first
	calendar               calendar
	clock                  clock
	ordersSlope            float64 // a period of 30 days; NaN where too short
	moneySlope             float64

	products, categories                          mix
	channels, stores, regions, salespeople, camps mix
	newProducts                                   int // products whose first order lies within 90 days

	costLines                int            // lines, returns included, whose cost is known
	costAmount, costMoney    datasets.Money // amount and cost of these
	discountLines            int            // purchase lines whose discount is known
	discounted               int            // of these, lines with a discount > 0
	discountedOrders         int            // orders with such a line
	discountAmount, deducted datasets.Money // amount of the lines whose discount is known, and their discount
}

// order is one order of the customer.
type order struct {
	code       uint32
	lines      int32 // purchase lines
	day        int32 // of the first purchase line
	line       int32 // index of the first purchase line
	money      datasets.Money
	items      datasets.Quantity
	returns    bool // it holds return lines
	discounted bool
}

// returns sums the return lines.
type returns struct {
	lines, orders int
	money         datasets.Money
	items         datasets.Quantity
	last          int                             // day of the last return
	windows       [len(windowDays)]datasets.Money // money within each window
}

// day is one day with purchases. The sums cover all days up to this day, so that
// the sums of consecutive days are a difference.
type day struct {
	day    int32
	orders int32 // orders that stand on these days
	money  datasets.Money
	items  datasets.Quantity
}

// through returns the sums of the first n days.
func (s *summary) through(n int) day {
	if n == 0 {
		return day{}
	}
	return s.days[n-1]
}

// daysOf returns the days within window w.
func (s *summary) daysOf(w int) []day { return s.days[len(s.days)-s.windows[w].activeDays:] }

// earlyDays is how long a customer counts as new.
const earlyDays = 90

// windowDays are the lengths of the windows. A window of w days holds the
// as-of day and the w−1 days before it.
var windowDays = [...]int{30, 90, 180, 365}

// window sums what lies within a window.
type window struct {
	orders, activeDays int
	money              datasets.Money
	items              datasets.Quantity
}

// has reports whether there is any purchase.
func (s *summary) has() bool { return s.lines > 0 }

// recency returns the days since the last purchase; there must be one.
func (s *summary) recency() int { return s.asOf - s.last }

// tenure returns the days since the first purchase; there must be one.
func (s *summary) tenure() int { return s.asOf - s.first }

// ratio returns a/b, or NaN unless b > 0.
func ratio(a, b float64) float64 {
	if !(b > 0) {
		return math.NaN()
	}
	return a / b
}

// share returns a/b for counts, or NaN unless b > 0.
func share(a, b int) float64 { return ratio(float64(a), float64(b)) }

// ofPurchases returns v, or NaN where there is no purchase.
func (s *summary) ofPurchases(v float64) float64 {
	if !s.has() {
		return math.NaN()
	}
	return v
}

// balance compares a with b: 1 if only a, −1 if only b, NaN if neither is
// positive.
func balance(a, b float64) float64 {
	a, b = max(a, 0), max(b, 0)
	return ratio(a-b, a+b)
}
