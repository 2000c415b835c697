package loyalty

import (
	"math"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/mining"
)

// Derived names the columns that the scan adds.
func (t *task) Derived() []string { return append(common[:len(common):len(common)], placeColumn) }

// NewDerive returns the function to set the columns of one customer.
func (t *task) NewDerive() mining.Derive {
	d := deriver{periods: t.periods}
	partition, next := -1, 0
	return func(dst []float64, c *mining.Customer) error {
		if c.Partition != partition {
			partition, next = c.Partition, 0
		}
		d.set(dst[:len(common)], c)
		dst[len(common)] = float64(partition)*placesOfPartition + float64(next)
		next++
		return nil
	}
}

// placesOfPartition is the room for customers of a partition in a place.
const placesOfPartition = 1 << 32

// Begin makes room for the holdings of each partition.
func (t *task) Begin(r *mining.Resources) error {
	t.store = store{budget: r.Memory, spill: r.Spill, blocks: make([]block, r.Partitions)}
	return nil
}

// Worker returns the part of the scan for one goroutine.
func (t *task) Worker(at int) mining.Worker {
	w := &worker{task: t, at: at, counts: newCounts(t.periods.len()), prices: newPrices(t.products)}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.workers = append(t.workers, w)
	return w
}

// Close lets go of all that the scan collected.
func (t *task) Close() error {
	t.store.close()
	t.workers = nil
	return nil
}

type worker struct {
	task    *task
	at      int
	counts  *counts
	repeats repeats
	prices  *prices

	days      []datasets.Day
	holdings  holdings
	bytes     []byte // holdings of the open partition
	customers int    // of it
}

// Customer counts one customer.
func (w *worker) Customer(c *mining.Customer) error {
	ev := c.Past.Events()
	w.days = mining.PurchaseDays(w.days[:0], ev)
	if len(w.days) > 0 {
		w.repeats.add(w.days, c.Past.AsOf())
		w.cohort(ev)
	}
	w.holdings.read(ev)
	w.bytes = appendHoldings(w.bytes, &w.holdings)
	w.customers++
	for i, product := range ev.Product {
		if product != datasets.NoCode && !ev.Return[i] {
			w.prices.add(product, ev.Amount[i], ev.Quantity[i])
		}
	}
	return nil
}

// cohort counts the periods of a customer who has bought.
func (w *worker) cohort(ev *datasets.Events) {
	cohort, before, period := -1, -1, -1
	var money datasets.Money
	end := datasets.Moment(math.MinInt64) // of the period
	for i, at := range ev.Time {
		if ev.Return[i] {
			continue
		}
		if at >= end {
			if period >= 0 {
				w.counts.add(cohort, before, period, money)
				before = period
			} else {
				cohort = w.task.periods.at(at.Day())
			}
			period, money = w.task.periods.at(at.Day()), 0
			end = datasets.Moment(w.task.periods.starts[period+1]) * datasets.FullDay
		}
		money += ev.Amount[i]
	}
	w.counts.add(cohort, before, period, money)
	w.counts.leave(period)
}

// End keeps the holdings of a partition.
func (w *worker) End(partition int, _ *datasets.Events) error {
	err := w.task.store.put(partition, w.at, w.customers, w.bytes)
	w.bytes, w.customers = w.bytes[:0], 0
	return mining.SpillError(err)
}

// merged returns what all workers have counted.
func (t *task) merged() (*counts, *repeats, *prices) {
	c, r, p := newCounts(t.periods.len()), new(repeats), newPrices(t.products)
	for _, w := range t.workers {
		c.merge(w.counts)
		r.merge(&w.repeats)
		p.merge(w.prices)
	}
	return c, r, p
}
