package portfolio

import (
	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/mining"
)

// The columns added by the scan for each customer: money of sales in the window that ends
// on the scoring date, and in the window before. Amounts are whole millionths, which
// float64 holds exactly up to nine thousand million of the currency.
const (
	currentColumn  = "portfolio.current"
	previousColumn = "portfolio.previous"
)

// windows adds up the money of two windows.
type windows struct {
	days datasets.Day
	asOf datasets.Day
}

// Derived names the columns.
func (w windows) Derived() []string { return []string{currentColumn, previousColumn} }

// NewDerive returns the function to add up one customer.
func (w windows) NewDerive() mining.Derive {
	return func(dst []float64, c *mining.Customer) error {
		ev := c.Past.Events()
		asOf := c.Past.AsOf()
		dst[0] = float64(mining.Sales(ev, asOf-w.days+1, asOf))
		dst[1] = float64(mining.Sales(ev, asOf-2*w.days+1, asOf-w.days))
		return nil
	}
}
