package deviation

import (
	"math"
	"slices"

	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/page"
	"github.com/quintile-dev/quintile/mining/words"
)

// The directions of a change, in the order of their labels.
const (
	up = iota
	down
	other
)

var directions = []string{"up", "down", "other"}

const (
	floor      = 0.5    // least spread of a customer's own past: two equal windows are no law
	normalised = 1.4826 // median absolute deviations in a standard deviation
	clearly    = 1      // own spreads from which a quantity has changed
)

// finding is what changed most against the customer's own past.
type finding struct {
	direction int32
	quantity  int
	silent    bool
}

// judge compares a customer with the own past, by the robust z of each quantity:
//
//	z = (now − median of past windows) / max(1.4826·MAD, 0.5), on log1p
//
// The direction is up or down where all quantities that are clearly off agree.
func (h *history) judge() finding {
	f := finding{direction: other, silent: h.now[days] == 0}
	most, rises, falls := -1.0, 0, 0
	for q := range quantities {
		z := robustZ(h.now[q], h.past[q])
		if math.Abs(z) > most {
			most, f.quantity = math.Abs(z), q
		}
		if z >= clearly {
			rises++
		}
		if z <= -clearly {
			falls++
		}
	}
	switch {
	case f.silent || falls > 0 && rises == 0:
		f.direction = down
	case rises > 0 && falls == 0:
		f.direction = up
	}
	return f
}

// robustZ returns how far now is from the past, on log1p, in spreads of the past.
func robustZ(now float64, past []float64) float64 {
	values := make([]float64, len(past))
	for k, v := range past {
		values[k] = level(v)
	}
	centre := median(values)
	for k, v := range values {
		values[k] = math.Abs(v - centre)
	}
	return (level(now) - centre) / max(normalised*median(values), floor)
}

// median sorts values and returns their median; NaN where there are none.
func median(values []float64) float64 {
	slices.Sort(values)
	return mining.Quantile(values, 0.5)
}

// words says what changed, in whole windows of the customer's own past.
func (f finding) words(h *history, length int, w *words.Words) string {
	past := h.past[f.quantity]
	span := w.Say("%d days", length)
	switch {
	case f.silent:
		return silence(h.past[days], span, w)
	case f.direction == other:
		usual := func(q int) float64 { return median(slices.Clone(h.past[q])) }
		return w.Say("an unusual mix in %s: spent %s on %s for %s, usually %s on %s for %s", span,
			page.Amount(h.now[money]), w.Count(h.now[days], "days"), w.Count(h.now[codes], "products"),
			page.Amount(usual(money)), w.Count(usual(days), "days"), w.Count(usual(codes), "products"))
	}
	now, least, most, middle := h.now[f.quantity], slices.Min(past), slices.Max(past), median(slices.Clone(past))
	rises := f.direction == up
	switch {
	case rises && most == 0:
		return w.Say("%s in %s, after nothing in %s", f.amount(now, w), span, wholePast(len(past), span, w))
	case rises && now > most:
		return w.Say("%s than in %s", f.compared(now, most, w), eachOf(len(past), span, w))
	case !rises && now < least:
		return w.Say("%s than in %s", f.compared(now, least, w), eachOf(len(past), span, w))
	case middle == 0:
		return w.Say("%s in %s, mostly after nothing in %s", f.amount(now, w), span, wholePast(len(past), span, w))
	}
	return w.Say("%s than in the median of the last %d windows of %s", f.compared(now, middle, w), len(past), span)
}

// silence says that a customer bought nothing, and how often before.
func silence(past []float64, span string, w *words.Words) string {
	bought := 0
	for _, v := range past {
		if v > 0 {
			bought++
		}
	}
	if n := len(past); bought < n {
		return w.Say("bought nothing in %s, after purchases in %d of the last %d windows of %s", span, bought, n, span)
	}
	return w.Say("bought nothing in %s, after purchases in %s", span, eachOf(len(past), span, w))
}

// amount says how much of the quantity there is.
func (f finding) amount(v float64, w *words.Words) string {
	switch f.quantity {
	case money:
		return w.Say("spent %s", page.Amount(v))
	case days:
		return w.Say("bought on %s", w.Count(v, "days"))
	}
	return w.Say("bought %s", w.Count(v, "products"))
}

// compared says by how much the quantity differs from what it was.
func (f finding) compared(now, before float64, w *words.Words) string {
	share, less := math.Round(100*math.Abs(now/before-1)), now < before
	if less && now > 0 {
		share = min(share, 99)
	}
	switch {
	case f.quantity == money && less:
		return w.Say("spent %.0f %% less", share)
	case f.quantity == money:
		return w.Say("spent %.0f %% more", share)
	}
	switch {
	case f.quantity == codes && less:
		return w.Say("bought %.0f %% fewer products", share)
	case f.quantity == codes:
		return w.Say("bought %.0f %% more products", share)
	case less:
		return w.Say("bought on %.0f %% fewer days", share)
	}
	return w.Say("bought on %.0f %% more days", share)
}

// eachOf names every past window.
func eachOf(n int, span string, w *words.Words) string {
	if n == 1 {
		return w.Say("the %s before", span)
	}
	return w.Say("each of the last %d windows of %s", n, span)
}

// wholePast names the past windows together.
func wholePast(n int, span string, w *words.Words) string {
	if n == 1 {
		return w.Say("the %s before", span)
	}
	return w.Say("the last %d windows of %s", n, span)
}
