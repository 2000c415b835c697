package lifecycle

import (
	"math"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/mining"
)

// windowDays is the length of the windows whose money is compared.
const windowDays = 90

// The columns added by the scan for each customer. Amounts are whole millionths, which
// float64 holds exactly up to nine thousand million of the currency.
var derived = []string{
	"lifecycle.days",         // purchase days
	"lifecycle.age_days",     // since the first
	"lifecycle.open_days",    // since the last
	"lifecycle.gap_median",   // of the days between them; NaN below two purchase days
	"lifecycle.money",        // of sales in the current window
	"lifecycle.money_before", // and in the one before
}

// standing is the input of the rules: a customer's values of the derived
// columns.
type standing struct {
	days, age, open, gap float64
	money, before        float64
}

// standingOf returns the values of customer i.
func standingOf(columns [][]float64, i int) standing {
	return standing{columns[0][i], columns[1][i], columns[2][i], columns[3][i], columns[4][i], columns[5][i]}
}

// deriver adds the columns to the table.
type deriver struct{}

// Derived names the columns.
func (deriver) Derived() []string { return derived }

// NewDerive returns the function to set the columns of one customer. A customer who never
// bought has nothing.
func (deriver) NewDerive() mining.Derive {
	var days []datasets.Day
	var gaps []float64
	return func(dst []float64, c *mining.Customer) error {
		ev, asOf := c.Past.Events(), c.Past.AsOf()
		days = mining.PurchaseDays(days[:0], ev)
		if len(days) == 0 {
			for k := range dst {
				dst[k] = math.NaN()
			}
			return nil
		}
		gaps = gaps[:0]
		for i, day := range days[1:] {
			gaps = append(gaps, float64(day-days[i]))
		}
		slices.Sort(gaps)
		dst[0], dst[1], dst[2] = float64(len(days)), float64(asOf-days[0]), float64(asOf-days[len(days)-1])
		dst[3] = mining.Quantile(gaps, 0.5)
		dst[4] = float64(mining.Sales(ev, asOf-windowDays+1, asOf))
		dst[5] = float64(mining.Sales(ev, asOf-2*windowDays+1, asOf-windowDays))
		return nil
	}
}
