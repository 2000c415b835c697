package campaign

import (
	"math"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/mining"
)

// The columns of customers' behaviour in the last response_days up to the scoring date,
// from which a plan computes the smallest detectable effect.
const (
	recentOrder = "campaign.recent_order" // 1 where there was an order, else 0
	recentMoney = "campaign.recent_money" // NaN without a column of money
)

// Derived returns the columns, where the job plans a campaign.
func (t *task) Derived() []string {
	if t.set.Next.Name == "" {
		return nil
	}
	return []string{recentOrder, recentMoney}
}

// NewDerive sets these columns.
func (t *task) NewDerive() mining.Derive {
	days := datasets.Day(t.set.ResponseDays)
	return func(dst []float64, c *mining.Customer) error {
		if len(dst) == 0 {
			return nil
		}
		ev := c.Past.Events()
		begin := datasets.Moment(c.Past.AsOf()-days+1) * datasets.FullDay
		money := datasets.Money(0)
		dst[0] = 0
		for k, at := range ev.Time {
			if at >= begin && !ev.Return[k] {
				dst[0] = 1
				money += ev.Amount[k]
			}
		}
		dst[1] = money.Float()
		if !t.priced {
			dst[1] = math.NaN()
		}
		return nil
	}
}
