package performance

import (
	"cmp"
	"context"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/models"
)

func (t *task) priced() bool    { return t.run.Priced() }
func (t *task) costs() bool     { return t.run.Mapped.Has(features.Cost) }
func (t *task) discounts() bool { return t.run.Mapped.Has(features.Discount) }

// sheet is a dimension with its members, the most money first; without money, the most orders.
type sheet struct {
	dimension
	keys    []uint64
	members []member
	place   map[uint64]int // of a member in keys
	total   datasets.Wide  // gross of all
}

// Fit puts the cubes together.
func (t *task) Fit(ctx context.Context, in *mining.Input) (*mining.Result, error) {
	var totals []numbers
	err := each(cubesOf(t.workers, func(w *counter) *cube[numbers] { return w.total }), (*numbers).merge, func(period uint64, n *numbers) error {
		for uint64(len(totals)) < period {
			totals = append(totals, numbers{})
		}
		totals = append(totals, *n)
		return nil
	})
	if err != nil {
		return nil, mining.SpillError(err)
	}
	for len(totals) < t.periods.len() {
		totals = append(totals, numbers{})
	}
	out := &mining.Result{State: mining.OK, Tables: []mining.Table{t.totalTable(totals)}}
	if err := checkNumbers(totals); err != nil {
		return nil, err
	}
	members := map[string]int{}
	var windows [windowCount]window
	var sheets []*sheet
	cells := 0
	for d := range t.dimensions {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		s, err := t.sheet(d)
		if err != nil {
			return nil, mining.SpillError(err)
		}
		p, n, err := t.byPeriod(d, s, totals)
		if err != nil {
			return nil, mining.SpillError(err)
		}
		cells += n
		members[s.name()] = len(s.keys)
		out.Tables = append(out.Tables, t.memberTable(s), p)
		sheets = append(sheets, s)
		if d == 0 {
			for i := range s.members {
				for k := range windows {
					windows[k].gross.Merge(s.members[i].windows[k].gross)
				}
			}
		}
	}
	active := int64(0)
	for k := range totals {
		if t.periods.whole(k) {
			active = totals[k].customers
		}
	}
	now, before := any(windows[current].gross.String()), any(windows[previous].gross.String())
	if !t.priced() {
		now, before = nil, nil
		out.Warnings = append(out.Warnings, models.Warning{Code: "no_money", Count: 1,
			Message: "no column holds money, so that orders, customers and units alone are counted; map unit_price or amount under columns"})
	}
	if !t.run.Counted() {
		out.Warnings = append(out.Warnings, models.Warning{Code: "no_quantity", Count: 1,
			Message: "no column holds quantities, so that units are not counted; map quantity under columns"})
	}
	out.Figures = []mining.Figure{
		{Name: "periods", Value: t.periods.len()}, {Name: "dimensions", Value: members}, {Name: "cells", Value: cells, Summary: true},
		{Name: "current", Value: now, Summary: t.priced()}, {Name: "previous", Value: before},
		{Name: "growth", Value: ratio(windows[current].gross, windows[previous].gross, 1), Summary: t.priced()}, {Name: "active", Value: active},
	}
	out.Section = t.section(in, totals, sheets, windows)
	return out, nil
}

// sheet puts the members of dimension d together.
func (t *task) sheet(d int) (*sheet, error) {
	s := &sheet{dimension: t.dimensions[d], place: map[uint64]int{}}
	err := each(cubesOf(t.workers, func(w *counter) *cube[member] { return w.members[d] }), (*member).merge, func(key uint64, m *member) error {
		if m.cell.empty() {
			return nil
		}
		s.keys, s.members = append(s.keys, key), append(s.members, *m)
		s.total.Merge(m.gross)
		return nil
	})
	if err != nil {
		return nil, err
	}
	order := make([]int, len(s.keys))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { // ties by text
		if !t.priced() {
			return cmp.Compare(s.members[j].orders, s.members[i].orders)
		}
		return s.members[j].gross.Compare(s.members[i].gross)
	})
	keys, sorted := make([]uint64, len(order)), make([]member, len(order))
	for at, i := range order {
		keys[at], sorted[at] = s.keys[i], s.members[i]
		s.place[s.keys[i]] = at
	}
	s.keys, s.members = keys, sorted
	return s, nil
}

// cubesOf returns the same cube of every worker that took part.
func cubesOf[V any](workers []*counter, of func(*counter) *cube[V]) []*cube[V] {
	var out []*cube[V]
	for _, w := range workers {
		if w != nil {
			out = append(out, of(w))
		}
	}
	return out
}
