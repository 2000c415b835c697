package profit

import (
	"math"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/mining"
)

// The columns added by the scan for each customer. Amounts are whole millionths, which
// float64 holds exactly up to nine thousand million of the currency.
const (
	salesColumn    = "profit.sales"    // of lines without a cost where costs are mapped
	returnedColumn = "profit.returned" // likewise, ≤ 0
	earnedColumn   = "profit.earned"   // money less cost of the lines that have one
	costedColumn   = "profit.costed"   // money of the lines that have a cost
	discountColumn = "profit.discount"
	ordersColumn   = "profit.orders"
	returnsColumn  = "profit.return_orders"
	missingColumn  = "profit.cost_missing" // lines without a cost, where costs are mapped
)

// Derived names the columns.
func (t *task) Derived() []string {
	return []string{salesColumn, returnedColumn, earnedColumn, costedColumn, discountColumn, ordersColumn, returnsColumn, missingColumn}
}

// NewDerive returns the function to add up one customer. A customer without a priced
// line has missing values.
func (t *task) NewDerive() mining.Derive {
	var bought, returned datasets.OrderSet
	gross := t.set.Money == "gross"
	return func(dst []float64, c *mining.Customer) error {
		ev := c.Past.Events()
		bought.Reset()
		returned.Reset()
		var sum [5]datasets.Money // sales, returned, earned, costed, discount
		priced, missing := false, 0
		for i, amount := range ev.Amount {
			priced = priced || amount != 0
			if ev.Return[i] {
				returned.Add(ev.Order[i])
				if gross {
					continue
				}
			} else {
				bought.Add(ev.Order[i])
			}
			if ev.Discount != nil && ev.Discount[i] != datasets.NoMoney {
				sum[4] += ev.Discount[i]
			}
			switch {
			case t.costs && ev.Cost[i] != datasets.NoMoney:
				sum[2] += amount - ev.Cost[i]
				sum[3] += amount
			case ev.Return[i]:
				sum[1] += amount
			default:
				sum[0] += amount
			}
			if t.costs && ev.Cost[i] == datasets.NoMoney {
				missing++
			}
		}
		for k := range sum {
			dst[k] = float64(sum[k])
		}
		dst[5], dst[6], dst[7] = float64(bought.Len()), float64(returned.Len()), float64(missing)
		if !priced {
			for k := range dst {
				dst[k] = math.NaN()
			}
		}
		return nil
	}
}
