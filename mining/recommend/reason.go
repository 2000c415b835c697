package recommend

import (
	"math"

	"github.com/quintile-dev/quintile/mining/words"
)

// entry is one item of a customer's list.
type entry struct {
	item  uint32
	prob  float64
	times uint32  // orders with the item; 0 for a new one
	since uint32  // of a repeat: days since the last
	gap   float32 // of a repeat: mean days between orders
	with  uint32  // of a new item: the item held that speaks for it most, or none
	share float32 // of those who hold that, the share that holds both
}

// none stands for an item that there is not.
const none = ^uint32(0)

// entryWords is the number of words of an entry in a record.
const entryWords = 6

func (e *entry) put(w []uint32) {
	bits := math.Float64bits(e.prob)
	w[0], w[1], w[2], w[3] = e.item, e.times, uint32(bits), uint32(bits>>32)
	if e.times > 0 {
		w[4], w[5] = e.since, math.Float32bits(e.gap)
	} else {
		w[4], w[5] = e.with, math.Float32bits(e.share)
	}
}

// get reads an entry, and reports false where there is none.
func (e *entry) get(w []uint32) bool {
	if w[0] == none {
		return false
	}
	*e = entry{item: w[0], times: w[1], prob: math.Float64frombits(uint64(w[3])<<32 | uint64(w[2])), with: none}
	if e.times > 0 {
		e.since, e.gap = w[4], math.Float32frombits(w[5])
	} else {
		e.with, e.share = w[4], math.Float32frombits(w[5])
	}
	return true
}

// reason says in words why an item is offered.
func (m *Model) reason(e *entry, w *words.Words) string {
	ago := func(days uint32) string { return w.Span(float64(days), "days") }
	switch {
	case e.times == 1:
		return w.Say("bought once, %s ago", ago(e.since))
	case e.times > 1 && math.Round(float64(e.gap)) < 1:
		return w.Say("bought %d times, last %s ago", e.times, ago(e.since))
	case e.times > 1:
		gap := int(math.Round(float64(e.gap)))
		return w.Say("bought %d times, every %s, %s", e.times, w.Count(float64(gap), "days"), due(int(e.since)-gap, w))
	case e.with != none:
		return w.Say("bought with %s by %.0f %% of its buyers", m.called(e.with), 100*float64(e.share))
	case m.recent[e.item] > 0:
		return w.Say("bought by %s in the last %d days", w.Span(float64(m.recent[e.item]), "customers"), recentDays)
	}
	return w.Say("bought by %s", w.Span(float64(m.ever[e.item]), "customers"))
}

// due says when the next order is due, so many days ago.
func due(late int, w *words.Words) string {
	switch {
	case late > 0:
		return w.Say("due since %s", w.Span(float64(late), "days"))
	case late < 0:
		return w.Say("due in %s", w.Span(float64(-late), "days"))
	}
	return w.Text("due today")
}

// called returns the description of an item, or its code.
func (m *Model) called(item uint32) string {
	if d := m.descriptions; d != nil && d[item] != "" {
		return d[item]
	}
	return m.items[item]
}
