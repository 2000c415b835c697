package portfolio

import (
	"fmt"
	"math"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/page"
)

func section(in *mining.Input, m *Model, g *mining.Groups, sizes map[string]int, money map[string]float64, columns [][]float64, targets []float64) *page.Section {
	all, total := 0, 0.0
	for _, name := range names {
		all += sizes[name]
		total += money[name]
	}
	t := page.Table{
		Head:    []string{"Class", "Customers", "Share", mining.WithCurrency("Money of the window", in.Currency), "Share of money", "What to do"},
		Numeric: []bool{false, true, true, true, true, false},
	}
	for i, name := range names {
		t.Rows = append(t.Rows, []string{
			in.Words.Group(classColumn, name), page.Whole(int64(sizes[name])), page.Percent(float64(sizes[name]) / float64(max(1, all))),
			page.Amount(money[name]), page.Percent(money[name] / total), in.Words.Text(g.Actions[i]),
		})
	}
	return &page.Section{
		Title: "Which clients to invest in",
		Text: in.Words.Say("%s stars bring %s of the money of the last %d days; %s customers were lost since the %d days before. "+
			"Attainment stands in for the market share of the original matrix, which no client has.",
			page.Whole(int64(sizes["star"])), page.Percent(money["star"]/total), m.WindowDays, page.Whole(int64(sizes["lost"])), m.WindowDays),
		Charts: []page.Chart{m.scatter(columns, targets)}, Tables: []page.Table{t},
	}
}

// bins is the number of bins of the picture along each axis.
const bins = 24

// scatter draws attainment against growth, in bins: a page cannot hold every client.
func (m *Model) scatter(columns [][]float64, targets []float64) page.Scatter {
	c := page.Scatter{Title: "Attainment and growth, by money", XName: "attainment", YName: "money now over money before", Log: true}
	type cell struct{ x, y, class int }
	sums := map[cell]float64{}
	counts := map[cell]int{}
	place := func(v float64) int { return int(math.Floor(math.Log10(v) * 6)) } // six bins to a power of ten
	for i := range columns[0] {
		attainment, growth, class := m.standing(columns[0][i], columns[1][i], m.target(targets, i))
		if class < star || class > dog {
			continue
		}
		at := cell{min(bins, max(-bins, place(attainment))), min(bins, max(-bins, place(growth+1))), int(class)}
		sums[at] += columns[0][i] / float64(datasets.Unit)
		counts[at]++
	}
	for class := star; class <= dog; class++ {
		for x := -bins; x <= bins; x++ {
			for y := -bins; y <= bins; y++ {
				at := cell{x, y, class}
				if counts[at] == 0 {
					continue
				}
				c.Points = append(c.Points, page.Point{
					X: math.Pow(10, (float64(x)+0.5)/6), Y: math.Pow(10, (float64(y)+0.5)/6), Size: sums[at], Group: names[class],
					Name: fmt.Sprintf("%s: %s customers, %s", names[class], page.Whole(int64(counts[at])), page.Amount(sums[at])),
				})
			}
		}
	}
	return c
}
