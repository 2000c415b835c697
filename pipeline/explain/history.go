package explain

import (
	"math"
	"strings"

	"github.com/quintile-dev/quintile/datasets"
)

// History is the behaviour of a customer up to the scoring date.
type History struct {
	First        string   `json:"first"` // purchase day; "" for a customer who never bought
	Last         string   `json:"last"`
	Orders       int      `json:"orders"`
	Returns      int      `json:"returns"`
	Lines        int      `json:"lines"`
	Money        *float64 `json:"money"`    // before returns; null without a column of money
	Returned     *float64 `json:"returned"` // ≥ 0; null likewise
	PurchaseDays int      `json:"purchase_days"`
	UsualGap     *float64 `json:"usual_gap_days"` // median days between purchase days; null below two
	Silence      *float64 `json:"silence_days"`   // since the last purchase
	Timeline     []Month  `json:"timeline"`       // from the first event to the scoring date
}

// Month is a calendar month of a customer.
type Month struct {
	Month  string   `json:"month"` // such as 2011-03
	Orders int      `json:"orders"`
	Money  *float64 `json:"money"` // before returns; null without a column of money
}

// historyOf adds up the orders of a customer.
func historyOf(c *Customer) History {
	var h History
	money := func() *float64 {
		if c.Priced {
			return new(float64)
		}
		return nil
	}
	add := func(to *float64, v float64) {
		if to != nil {
			*to += v
		}
	}
	h.Money, h.Returned = money(), money()
	months := map[string]int{}
	days := map[datasets.Day]bool{}
	first := datasets.Day(math.MaxInt32)
	for _, o := range c.Orders {
		first = min(first, o.Day)
	}
	for day := first; day <= c.AsOf; day++ {
		name := day.String()[:7]
		if _, has := months[name]; !has {
			months[name] = len(h.Timeline)
			h.Timeline = append(h.Timeline, Month{Month: name, Money: money()})
		}
	}
	for _, o := range c.Orders {
		h.Lines += o.Lines
		if o.Return {
			h.Returns++
			add(h.Returned, -o.Money)
			continue
		}
		h.Orders++
		add(h.Money, o.Money)
		days[o.Day] = true
		m := &h.Timeline[months[o.Day.String()[:7]]]
		m.Orders++
		add(m.Money, o.Money)
		if text := o.Day.String(); h.First == "" || text < h.First {
			h.First = text
		}
		if text := o.Day.String(); text > h.Last {
			h.Last = text
		}
	}
	h.PurchaseDays = len(days)
	if v, has := c.Features["gap_median"]; has {
		h.UsualGap = &v
	}
	if v, has := c.Features["recency_days"]; has {
		h.Silence = &v
	}
	return h
}

// bars are the heights of a month in the timeline.
var bars = []rune("▁▂▃▄▅▆▇█")

// monthsShown is the number of months in the timeline on a terminal.
const monthsShown = 36

// line draws the orders of the newest months: a point for a month without
// orders.
func (h *History) line() string {
	shown := h.Timeline[max(0, len(h.Timeline)-monthsShown):]
	most := 0
	for _, m := range shown {
		most = max(most, m.Orders)
	}
	var b strings.Builder
	for _, m := range shown {
		if m.Orders == 0 {
			b.WriteRune('·')
			continue
		}
		b.WriteRune(bars[(m.Orders*len(bars)-1)/most])
	}
	return b.String()
}
