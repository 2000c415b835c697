package loyalty

import (
	"math"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/mining"
)

// The columns added by the scan for each customer. Amounts are whole millionths, which
// float64 holds exactly up to nine thousand million of the currency.
const (
	activeColumn   = "loyalty.active"   // periods with a purchase
	spanColumn     = "loyalty.span"     // periods from the first purchase to the scoring date
	gapColumn      = "loyalty.gap"      // days from the first to the second purchase day
	cvColumn       = "loyalty.gap_cv"   // of the gaps between purchase days; NaN below three
	moneyColumn    = "loyalty.money"    // of sales
	returnedColumn = "loyalty.returned" // money given back, ≥ 0
	discountColumn = "loyalty.discount" // share of the discounts in money before discounts; NaN where none are mapped
	priceColumn    = "loyalty.price"    // money over what the same goods cost at median prices
	repeatedColumn = "loyalty.repeated" // share of the products that were bought in two orders and more
	placeColumn    = "loyalty.place"    // where the scan met the customer
)

// common are the columns of one customer's own events.
var common = []string{activeColumn, spanColumn, gapColumn, cvColumn, moneyColumn, returnedColumn, discountColumn}

// scored are the derived columns and the columns that need the prices of all
// customers.
var scored = append(common[:len(common):len(common)], priceColumn, repeatedColumn)

// deriver sets the common columns of one customer.
type deriver struct {
	periods *periods
	days    []datasets.Day
}

// set sets dst, an entry for each common column; NaN for a customer who never bought.
func (d *deriver) set(dst []float64, c *mining.Customer) {
	for k := range dst {
		dst[k] = math.NaN()
	}
	ev, asOf := c.Past.Events(), c.Past.AsOf()
	d.days = mining.PurchaseDays(d.days[:0], ev)
	if len(d.days) == 0 {
		return
	}
	active, last := 0, -1
	for _, day := range d.days {
		if p := d.periods.at(day); p != last {
			active, last = active+1, p
		}
	}
	dst[0], dst[1] = float64(active), float64(d.periods.at(asOf)-d.periods.at(d.days[0])+1)
	if len(d.days) > 1 {
		dst[2] = float64(d.days[1] - d.days[0])
	}
	dst[3] = variation(d.days)
	var money, returned, discount datasets.Money
	for i, amount := range ev.Amount {
		if ev.Return[i] {
			returned -= amount
			continue
		}
		money += amount
		if ev.Discount != nil && ev.Discount[i] != datasets.NoMoney {
			discount += ev.Discount[i]
		}
	}
	dst[4], dst[5] = float64(money), float64(returned)
	if full := money + discount; ev.Discount != nil && full > 0 {
		dst[6] = float64(discount) / float64(full)
	}
}

// variation returns the coefficient of variation of the gaps between days, with the sample
// standard deviation; NaN for fewer than two gaps.
func variation(days []datasets.Day) float64 {
	n := len(days) - 1
	if n < 2 {
		return math.NaN()
	}
	mean := float64(days[n]-days[0]) / float64(n)
	squares := 0.0
	for i, day := range days[1:] {
		off := float64(day-days[i]) - mean
		squares += float64(off * off)
	}
	return math.Sqrt(squares/float64(n-1)) / mean
}
