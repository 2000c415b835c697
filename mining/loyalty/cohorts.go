package loyalty

import (
	"fmt"

	"github.com/quintile-dev/quintile/datasets"
)

// counts holds the totals of the scan over all customers: cohorts, and the number of
// customers by period. Periods are numbered from 0.
type counts struct {
	cohorts [][]cell // by period of the first purchase, and periods since
	numbers []number // by period
}

// cell is the customers of a cohort who bought in a period, and their money.
type cell struct {
	customers int64
	money     datasets.Sum
}

// number is the customers of a period.
type number struct {
	active, fresh, kept, reactivated, lapsed int64

	money, moneyNew datasets.Sum
}

func newCounts(periods int) *counts {
	return &counts{cohorts: make([][]cell, periods), numbers: make([]number, periods)}
}

// add counts a customer who buys in a period: the cohort, the period of the purchase before
// (−1 for none), and the money of the period.
func (c *counts) add(cohort, before, period int, money datasets.Money) {
	at := c.cell(cohort, period-cohort)
	at.customers++
	at.money.Add(money)
	n := &c.numbers[period]
	n.active++
	n.money.Add(money)
	switch {
	case before < 0:
		n.fresh++
		n.moneyNew.Add(money)
	case before == period-1:
		n.kept++
	default:
		n.reactivated++
		c.numbers[before+1].lapsed++
	}
}

// leave counts a customer whose last purchase was in a period.
func (c *counts) leave(period int) {
	if period+1 < len(c.numbers) {
		c.numbers[period+1].lapsed++
	}
}

func (c *counts) cell(cohort, since int) *cell {
	row := &c.cohorts[cohort]
	for len(*row) <= since {
		*row = append(*row, cell{})
	}
	return &(*row)[since]
}

// merge adds the counts of another.
func (c *counts) merge(o *counts) {
	for cohort := range o.cohorts {
		for since := range o.cohorts[cohort] {
			to, from := c.cell(cohort, since), &o.cohorts[cohort][since]
			to.customers += from.customers
			to.money.Merge(&from.money)
		}
	}
	for p := range o.numbers {
		to, from := &c.numbers[p], &o.numbers[p]
		to.active += from.active
		to.fresh += from.fresh
		to.kept += from.kept
		to.reactivated += from.reactivated
		to.lapsed += from.lapsed
		to.money.Merge(&from.money)
		to.moneyNew.Merge(&from.moneyNew)
	}
}

// at returns the cell of a cohort so many periods later.
func (c *counts) at(cohort, since int) *cell {
	if since < len(c.cohorts[cohort]) {
		return &c.cohorts[cohort][since]
	}
	return new(cell)
}

// size returns the number of customers of a cohort.
func (c *counts) size(cohort int) int64 { return c.at(cohort, 0).customers }

// check verifies the identities between the counts:
//
//	active(t) = new(t) + kept(t) + reactivated(t)
//	active(t) − active(t−1) = new(t) + reactivated(t) − lapsed(t)
//	active(t), money(t) = sums of the cells (c, t − c)
//	all customers = Σ new(t)
func (c *counts) check(customers int) error {
	before, all := int64(0), int64(0)
	for t := range c.numbers {
		n := &c.numbers[t]
		var active int64
		var money datasets.Sum
		for cohort := 0; cohort <= t; cohort++ {
			at := c.at(cohort, t-cohort)
			active += at.customers
			money.Merge(&at.money)
		}
		switch {
		case n.active != n.fresh+n.kept+n.reactivated:
			return fmt.Errorf("loyalty: BUG: period %d: %d active are not %d new, %d kept and %d reactivated", t, n.active, n.fresh, n.kept, n.reactivated)
		case n.active-before != n.fresh+n.reactivated-n.lapsed:
			return fmt.Errorf("loyalty: BUG: period %d: %d active after %d are not %d new and %d reactivated without %d lapsed",
				t, n.active, before, n.fresh, n.reactivated, n.lapsed)
		case active != n.active || money.String() != n.money.String():
			return fmt.Errorf("loyalty: BUG: period %d: the cohorts hold %d active, want %d with the same money", t, active, n.active)
		}
		before = n.active
		all += n.fresh
	}
	if all != int64(customers) {
		return fmt.Errorf("loyalty: BUG: the cohorts hold %d customers, want %d", all, customers)
	}
	return nil
}

// retention is the customers of some cohorts who bought so many periods later.
type retention struct{ active, size int64 }

// share returns the share, NaN where no cohort is old enough.
func (r retention) share() float64 { return float64(r.active) / float64(r.size) }

// pooled adds up the cohorts of sufficient age: complete cohorts alone, or also the
// cohort of the unfinished period.
func (c *counts) pooled(p *periods, asOf datasets.Day, since int, unfinished bool) retention {
	var r retention
	for cohort := 0; cohort+since < len(c.numbers); cohort++ {
		if unfinished || p.complete(cohort+since, asOf) {
			r.active += c.at(cohort, since).customers
			r.size += c.size(cohort)
		}
	}
	return r
}
