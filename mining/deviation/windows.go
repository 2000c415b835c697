package deviation

import (
	"fmt"
	"math"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/features/panel"
	"github.com/quintile-dev/quintile/mining"
)

// The quantities of a window.
const (
	money = iota // of sales
	days         // with a purchase
	codes        // distinct products
	quantities
)

var quantityNames = [quantities]string{"money", "days", "codes"}

// windows defines the windows of a customer to compare. Window 0 is the current one, window
// k the days (as_of − (k+1)·w, as_of − k·w].
type windows struct {
	length  int // days of a window
	past    int // most past windows
	minDays int // purchase days before the current window
}

// Derived names the columns added by the scan for each customer: the number of past windows
// in use, then the quantities of each window. Amounts are whole millionths, which float64
// holds exactly up to nine thousand million of the currency.
func (w windows) Derived() []string {
	names := []string{"deviation.windows"}
	for k := range w.past + 1 {
		for _, q := range quantityNames {
			names = append(names, fmt.Sprintf("deviation.%s_%d", q, k))
		}
	}
	return names
}

// counted returns the number of past windows in use for a customer: all windows wholly
// on or after the day of the first purchase or, with no such window, the window of that
// day. A first purchase in the current window has no past, and 0 windows.
func (w windows) counted(first, asOf datasets.Day) int {
	age := int(asOf-first) + 1
	if age <= w.length {
		return 0
	}
	return min(max(age/w.length-1, 1), w.past)
}

// NewDerive returns the function to set the columns of one customer. A customer with too few
// purchase days before the current window, or without a purchase in any window that counts, has
// no change to measure: all columns are NaN. Unused windows are NaN.
func (w windows) NewDerive() mining.Derive {
	var all []datasets.Day
	var seen []uint32
	return func(dst []float64, c *mining.Customer) error {
		for k := range dst {
			dst[k] = math.NaN()
		}
		ev, asOf := c.Past.Events(), c.Past.AsOf()
		all = mining.PurchaseDays(all[:0], ev)
		start := asOf - datasets.Day(w.length) + 1
		before, _ := slices.BinarySearch(all, start)
		if before < max(1, w.minDays) {
			return nil
		}
		n := w.counted(all[0], asOf)
		if all[len(all)-1] < start-datasets.Day(n*w.length) {
			return nil
		}
		dst[0] = float64(n)
		for k := range n + 1 {
			to := asOf - datasets.Day(k*w.length)
			seen = measure(dst[1+quantities*k:][:quantities], seen, ev, to-datasets.Day(w.length)+1, to)
		}
		return nil
	}
}

// measure sets the quantities of the days from and to and between. seen is memory to be used.
func measure(dst []float64, seen []uint32, ev *datasets.Events, from, to datasets.Day) []uint32 {
	first, end := panel.Between(ev, from, to)
	var sum datasets.Money
	last, bought := from-1, 0
	seen = seen[:0]
	for i := first; i < end; i++ {
		if ev.Return[i] {
			continue
		}
		sum += ev.Amount[i]
		if day := ev.Time[i].Day(); day != last {
			last = day
			bought++
		}
		if ev.Product != nil && ev.Product[i] != datasets.NoCode {
			seen = append(seen, ev.Product[i])
		}
	}
	slices.Sort(seen)
	dst[money], dst[days], dst[codes] = float64(sum), float64(bought), float64(len(slices.Compact(seen)))
	return seen
}

// history is what a customer did, in the units of people.
type history struct {
	now  [quantities]float64
	past [quantities][]float64 // of each past window that counts, the latest first
}

// read sets h to customer i of the columns of Derived; false where the customer has no past.
func (h *history) read(columns [][]float64, i int) bool {
	if math.IsNaN(columns[0][i]) {
		return false
	}
	n := int(columns[0][i])
	for q := range quantities {
		unit := 1.0
		if q == money {
			unit = float64(datasets.Unit)
		}
		h.now[q] = columns[1+q][i] / unit
		h.past[q] = h.past[q][:0]
		for k := 1; k <= n; k++ {
			h.past[q] = append(h.past[q], columns[1+quantities*k+q][i]/unit)
		}
	}
	return true
}

// change returns log1p of a quantity now, less its mean over the past windows.
func (h *history) change(q int) float64 {
	sum := 0.0
	for _, v := range h.past[q] {
		sum += level(v)
	}
	return level(h.now[q]) - sum/float64(len(h.past[q]))
}

// level is the scale for comparing quantities. Money below 0, impossible for a sale in a
// sound file, counts as 0.
func level(v float64) float64 { return math.Log1p(max(0, v)) }
