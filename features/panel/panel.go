// Package panel collects data for learning: the features of customers on past days, as
// known on the day, and the behaviour of the customers in the days after. All steps that
// learn from the same days share one collection.
package panel

import (
	"slices"

	"github.com/quintile-dev/quintile/datasets"
)

// Request says what a step learns from.
type Request struct {
	Days        []datasets.Day // past scoring dates, rising
	HorizonDays int            // the labels of a day look at this many days after it
	MaxRows     int            // most rows of all days together; beyond it customers are drawn by a hash of their ids
	Labels      []Label
}

// Label measures the behaviour of a customer after a day. ev holds all events of the customer
// up to the scoring date, by time. A label must use only the days of the horizon or, for a
// plain rule beside the models, only the days up to day.
type Label func(ev *datasets.Events, day datasets.Day) float32

// Panel is the features and labels of each day.
type Panel struct {
	Names []string // of the features
	Days  []Day
	Share float64 // of the customers, those whose rows are here; 1 for all
}

// Day holds the customers with a purchase by the end of a day, in the order of ids,
// or a sample of these customers.
type Day struct {
	Day      datasets.Day
	Cols     [][]float32 // by feature, an entry for each row; NaN is a missing value
	Labels   [][]float32 // by label of the request
	Rows     int
	All      int64   // customers who had bought by then, whatever the sample
	Positive []int64 // of them, by label, those whose label is not 0
}

// Only returns the panel with only the given features, in the given order. The
// columns are shared.
func (p *Panel) Only(names []string) *Panel {
	out := &Panel{Names: names, Share: p.Share, Days: slices.Clone(p.Days)}
	for k := range out.Days {
		cols := make([][]float32, len(names))
		for j, name := range names {
			cols[j] = p.Days[k].Cols[slices.Index(p.Names, name)]
		}
		out.Days[k].Cols = cols
	}
	return out
}

// labelled returns the panel with a stretch of the labels.
func (p *Panel) labelled(from, to int) *Panel {
	out := &Panel{Names: p.Names, Share: p.Share, Days: slices.Clone(p.Days)}
	for k := range out.Days {
		d := &out.Days[k]
		d.Labels, d.Positive = d.Labels[from:to], d.Positive[from:to]
	}
	return out
}

// Bought reports whether a customer has a purchase on the days after day, up to day +
// horizon.
func Bought(ev *datasets.Events, day, horizon datasets.Day) bool {
	return boughtBetween(ev, day+1, day+horizon)
}

// Between returns the events from day from to day to, both included: the first
// position, and the position after the last.
func Between(ev *datasets.Events, from, to datasets.Day) (first, end int) {
	first, _ = slices.BinarySearch(ev.Time, datasets.Moment(from)*datasets.FullDay)
	end, _ = slices.BinarySearch(ev.Time, datasets.Moment(to+1)*datasets.FullDay)
	return first, end
}

// FirstPurchase returns the day of the first purchase, and false where there is none.
func FirstPurchase(ev *datasets.Events) (datasets.Day, bool) {
	for i, returned := range ev.Return {
		if !returned {
			return ev.Time[i].Day(), true
		}
	}
	return 0, false
}

// boughtBetween reports whether there is a purchase on the days from to to.
func boughtBetween(ev *datasets.Events, from, to datasets.Day) bool {
	high := datasets.Moment(to+1) * datasets.FullDay
	i, _ := slices.BinarySearch(ev.Time, datasets.Moment(from)*datasets.FullDay)
	for ; i < ev.Len() && ev.Time[i] < high; i++ {
		if !ev.Return[i] {
			return true
		}
	}
	return false
}
