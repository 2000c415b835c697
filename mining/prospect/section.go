package prospect

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/page"
	"github.com/quintile-dev/quintile/models/metric"
)

// mark says how the best customers differ from all in one attribute.
type mark struct {
	name, best, all string
	words           string
	strength        float64 // difference in standard deviations
}

// marks returns what the best customers are known by, the strongest first.
func (l *learned) marks() []mark {
	var out []mark
	for k := range l.encoding {
		a := &l.encoding[k]
		if a.category {
			out = append(out, l.levelMarks(k)...)
			continue
		}
		var n, sum, square, seeds, seedSum float64
		for i, v := range l.values[k] {
			if v != v {
				continue
			}
			n++
			sum += v
			square += float64(v * v)
			if l.best[i] == 1 {
				seeds++
				seedSum += v
			}
		}
		mean, bestMean := sum/n, seedSum/seeds
		sd := math.Sqrt(max(0, square/n-float64(mean*mean)))
		if n == 0 || seeds == 0 || sd == 0 {
			continue
		}
		word := "higher"
		if bestMean < mean {
			word = "lower"
		}
		out = append(out, mark{
			name: a.name + " (mean)", best: page.Short(bestMean), all: page.Short(mean), strength: math.Abs(bestMean-mean) / sd,
			words: fmt.Sprintf("%s is %s (%s against %s)", a.name, word, page.Short(bestMean), page.Short(mean)),
		})
	}
	slices.SortStableFunc(out, func(x, y mark) int {
		switch {
		case x.strength > y.strength:
			return -1
		case x.strength < y.strength:
			return 1
		}
		return 0
	})
	return out
}

// levelMarks returns the levels of a category with their shares.
func (l *learned) levelMarks(k int) []mark {
	a := &l.encoding[k]
	all, seeds := make([]float64, len(a.levels)), make([]float64, len(a.levels))
	n, m := 0.0, 0.0
	for i, v := range l.values[k] {
		if v != v {
			continue
		}
		all[int(v)]++
		n++
		if l.best[i] == 1 {
			seeds[int(v)]++
			m++
		}
	}
	var out []mark
	for level, text := range a.levels {
		p, q := all[level]/n, seeds[level]/m
		if m == 0 || p == 1 {
			continue
		}
		word := "more often"
		if q < p {
			word = "less often"
		}
		out = append(out, mark{
			name: a.name + " = " + text, best: page.Percent(q), all: page.Percent(p), strength: math.Abs(q-p) / math.Sqrt(p*(1-p)),
			words: fmt.Sprintf("%s is %s %s (%s against %s)", a.name, text, word, page.Percent(q), page.Percent(p)),
		})
	}
	return out
}

// marksShown is the number of marks on the page.
const marksShown = 12

// section describes the best customers, and how well the description tells
// them.
func (t *task) section(in *mining.Input, l *learned, r *ranked, state mining.State) *page.Section {
	s := &page.Section{Title: "Which prospects look like the best customers"}
	marks := l.marks()
	marks = marks[:min(len(marks), marksShown)]
	var words []string
	for _, m := range marks[:min(3, len(marks))] {
		words = append(words, m.words)
	}
	if state == NoSignal {
		s.Text = in.Words.Say("The attributes do not tell the best customers (%s) from the others: the ranking of %s prospects says nothing.",
			t.set.Target.text, page.Whole(int64(len(r.order))))
	} else {
		s.Text = in.Words.Say("The best customers (%s) by what is known of prospects as well: %s. %s prospects are ranked by a %s model, whose AUC is %.3f on customers "+
			"it has not seen; its first tenth holds %.2f times the average share of best customers. The score is an order and no chance: "+
			"customers who may yet become the best count as others.",
			t.set.Target.text, strings.Join(words, "; "), page.Whole(int64(len(r.order))), l.champion, l.auc[l.champion], l.lift[2])
	}
	if gains, err := metric.Gains(l.scores, l.best, 10); err == nil {
		c := page.Bars{Title: "Share of best customers, by tenth of score"}
		for i, g := range gains {
			c.Bars = append(c.Bars, page.Bar{Name: in.Words.Say("tenth %d", i+1), Value: g.Rate, Label: page.Percent(g.Rate)})
		}
		s.Charts = append(s.Charts, c)
	}
	table := page.Table{Title: "What the best customers look like", Head: []string{"Attribute", "Best customers", "All customers"}, Numeric: []bool{false, true, true}}
	for _, m := range marks {
		table.Rows = append(table.Rows, []string{m.name, m.best, m.all})
	}
	s.Tables = append(s.Tables, table)
	return s
}
