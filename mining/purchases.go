package mining

import (
	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/features/panel"
)

// PurchaseDays appends to dst the distinct days of a customer's purchases, rising. Lines
// that were returned are no purchases.
func PurchaseDays(dst []datasets.Day, ev *datasets.Events) []datasets.Day {
	end := datasets.Moment(0) // of the day that was appended last
	for i, t := range ev.Time {
		if ev.Return[i] || len(dst) > 0 && t < end {
			continue
		}
		day := t.Day()
		end = datasets.Moment(day+1) * datasets.FullDay
		dst = append(dst, day)
	}
	return dst
}

// Sales returns the money of the purchases on the days from and to and those in between,
// before returns.
func Sales(ev *datasets.Events, from, to datasets.Day) datasets.Money {
	var sum datasets.Money
	first, end := panel.Between(ev, from, to)
	for i := first; i < end; i++ {
		if !ev.Return[i] {
			sum += ev.Amount[i]
		}
	}
	return sum
}
