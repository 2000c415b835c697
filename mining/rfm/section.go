package rfm

import (
	"math"
	"slices"
	"strconv"

	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/page"
)

// actions gives the actions for the segments of the map quintile-rf-v1.
var actions = map[string]string{
	"champions":          "keep: first access to what is new, and ask them to recommend you",
	"loyal":              "keep: reward the habit, and show what goes with what they buy",
	"potential_loyalist": "develop: a reason for the next purchase, such as a membership",
	"new":                "welcome: help with the first purchase, and offer the second",
	"promising":          "develop: make the next purchase easy, with a small offer that ends",
	"need_attention":     "remind: an offer that ends, made from what they bought before",
	"about_to_sleep":     "remind: what is popular now, and what has changed since",
	"at_risk":            "win back: a personal message, and an offer worth the return",
	"cant_lose":          "call: find out what went wrong before they are gone",
	"hibernating":        "let rest: cheap contacts only, a few times a year",
}

// actionsOf returns the action for each segment, nil where names are of another map.
func actionsOf(names []string) []string {
	out := make([]string, len(names))
	for i, name := range names {
		action, ok := actions[name]
		if !ok {
			return nil
		}
		out[i] = action
	}
	return out
}

// urgent names the segments to be contacted at once.
func urgent(names []string) []mining.Now {
	if actionsOf(names) == nil {
		return nil
	}
	var out []mining.Now
	for _, now := range []struct{ name, do, why, offer string }{
		{"at_risk", "Win back customers who used to buy often", "They bought more often than most, and have been silent for longer than most.", "a personal message with an offer that ends"},
		{"cant_lose", "Call the customers you cannot lose", "They bought most often of all, and have been silent for long.", "a call or a visit, and what they used to buy"},
	} {
		if at := slices.Index(names, now.name); at >= 0 {
			out = append(out, mining.Now{Group: at, Do: now.do, Why: now.why, Offer: now.offer})
		}
	}
	return out
}

// sums are the customers and the money of each segment, and of each pair of scores.
type sums struct {
	customers, money         []float64   // by segment
	cellCustomers, cellMoney [][]float64 // by recency and frequency score, both from 0
}

func grid(values features.RFMInput, scores features.Scores, m *features.RFMModel) *sums {
	bins := m.Segments.Bins
	s := &sums{customers: make([]float64, len(m.Segments.Names())), money: make([]float64, len(m.Segments.Names()))}
	for range bins {
		s.cellCustomers, s.cellMoney = append(s.cellCustomers, make([]float64, bins)), append(s.cellMoney, make([]float64, bins))
	}
	for i, segment := range scores.Segment {
		if segment == features.NoSegment {
			continue
		}
		money := 0.0
		if values.Monetary != nil && !math.IsNaN(values.Monetary[i]) {
			money = values.Monetary[i]
		}
		s.customers[segment]++
		s.money[segment] += money
		if r, f := int(scores.R[i])-1, int(scores.F[i])-1; r >= 0 && f >= 0 && r < bins && f < bins {
			s.cellCustomers[r][f]++
			s.cellMoney[r][f] += money
		}
	}
	return s
}

// section shows the money by recency and frequency; the runner adds a card for each segment.
func section(in *mining.Input, m *features.RFMModel, report features.RFMReport, s *sums) *page.Section {
	total, best := 0.0, 0
	for k, money := range s.money {
		total += money
		if money > s.money[best] {
			best = k
		}
	}
	text := in.Words.Say("%s of %s customers have bought and are scored.", page.Whole(int64(report.Scored)), page.Whole(int64(report.Customers)))
	if total > 0 && report.Scored > 0 {
		text = in.Words.Say("%s of the money comes from the segment %s: %s customers, %s of all. ", page.Percent(s.money[best]/total),
			in.Words.Group(segmentColumn, m.Segments.Names()[best]), page.Whole(int64(s.customers[best])), page.Percent(s.customers[best]/float64(report.Scored))) + text
	}
	heat := page.Heatmap{
		Title: "Customers by recency and frequency", XName: "frequency score (often: to the right)", YName: "recency",
	}
	if total > 0 {
		heat.Title = mining.WithCurrency("Money by recency and frequency", in.Currency)
	}
	bins := len(s.cellMoney)
	for f := range bins {
		heat.Columns = append(heat.Columns, strconv.Itoa(f+1))
	}
	for r := bins - 1; r >= 0; r-- {
		heat.Rows = append(heat.Rows, strconv.Itoa(r+1))
		values, labels := make([]float64, bins), make([]string, bins)
		for f := range bins {
			values[f] = s.cellCustomers[r][f]
			if total > 0 {
				values[f] = s.cellMoney[r][f]
			}
			labels[f] = page.Compact(values[f])
			if s.cellCustomers[r][f] == 0 {
				values[f] = math.NaN()
			}
		}
		heat.Values, heat.Labels = append(heat.Values, values), append(heat.Labels, labels)
	}
	out := &page.Section{Title: "Recency, frequency, monetary value", Text: text, Charts: []page.Chart{heat}}
	if m.Monetary == features.NoMoney {
		out.Title = "Recency and frequency"
		if m.Segments.NeedsMoney() {
			out.Text += in.Words.Say(" The map %s asks for monetary scores, which there are not.", m.Segments.Version)
			out.Charts = nil
		}
	}
	return out
}
