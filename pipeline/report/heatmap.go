package report

import (
	"fmt"
	"math"

	"github.com/quintile-dev/quintile/mining/page"
)

// drawHeatmap draws a grid of cells.
func drawHeatmap(c page.Heatmap) string {
	const left, top, row = 110, 44, 22
	columns := max(1, len(c.Columns))
	cell := min(64, max(30, (chartWidth-left-8)/float64(columns)))
	s := &svg{width: left + cell*float64(columns) + 8, height: top + row*float64(len(c.Rows)) + 6, label: c.Title}
	low, high := math.Inf(1), math.Inf(-1)
	for _, values := range c.Values {
		low, high = reach(low, high, values)
	}
	s.text(left+cell*float64(columns)/2, 14, "middle", "label", c.XName)
	s.text(left-8, top-6, "end", "label", c.YName)
	for j, name := range c.Columns {
		s.text(left+cell*(float64(j)+0.5), top-6, "middle", "label", short(name, int(cell/7)))
	}
	for i, name := range c.Rows {
		y := float64(top + row*i)
		s.text(left-8, y+15, "end", "", short(name, 15))
		for j := range c.Columns {
			v := math.NaN()
			if i < len(c.Values) && j < len(c.Values[i]) {
				v = c.Values[i][j]
			}
			if math.IsNaN(v) || math.IsInf(v, 0) {
				continue
			}
			text := number(v, c.Percent)
			if c.Labels != nil {
				text = c.Labels[i][j]
			}
			shade := 0.08
			if high > low {
				shade += 0.82 * (v - low) / (high - low)
			}
			x := left + cell*float64(j)
			s.rect(x+1, y+1, cell-2, row-2, "c0", fmt.Sprintf("fill-opacity:%.2f", shade), name+", "+c.Columns[j]+": "+text)
			class := "cell"
			if shade > 0.55 {
				class = "cell strong"
			}
			s.text(x+cell/2, y+15, "middle", class, short(text, int(cell/6)))
		}
	}
	return s.String()
}
