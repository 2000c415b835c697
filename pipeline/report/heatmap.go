package report

import (
	"math"

	"github.com/quintile-dev/quintile/mining/page"
)

// drawHeatmap draws a grid of cells. Cells without room for a text show their value to a
// pointer only.
func drawHeatmap(c page.Heatmap, room canvas) string {
	left, row, top := 110.0, 26.0, 44.0
	if room.narrow {
		left, row = 70, 24
	}
	columns := max(1, len(c.Columns))
	cell := min(72, (room.width-left-4)/float64(columns))
	s := &svg{width: room.width, height: top + row*float64(len(c.Rows)) + 6, label: c.Title}
	low, high := math.Inf(1), math.Inf(-1)
	for _, values := range c.Values {
		low, high = reach(low, high, values)
	}
	s.text(left+cell*float64(columns)/2, 14, "middle", "label", c.XName)
	s.text(0, 14, "start", "label", short(c.YName, fit(left)))
	widest := 1
	for _, name := range c.Columns {
		widest = max(widest, len([]rune(name)))
	}
	every := 1 // labels of columns side by side
	if need := min(float64(widest), 12) * letter; need > cell-2 {
		every = int(math.Ceil((need + 6) / cell))
	}
	for j := 0; j < len(c.Columns); j += every {
		s.text(left+cell*(float64(j)+0.5), top-6, "middle", "label", short(c.Columns[j], 12))
	}
	for i, name := range c.Rows {
		y := top + row*float64(i)
		s.text(left-8, y+row/2+4, "end", "", short(name, fit(left-8)))
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
			shade := 9
			if high > low {
				shade = int(math.Round(9 * (v - low) / (high - low)))
			}
			x := left + cell*float64(j)
			s.rect(x+1, y+1, cell-2, row-2, "h"+string(rune('0'+shade)), name+", "+c.Columns[j]+": "+text)
			if len([]rune(text)) <= int((cell-4)/6.2) {
				s.text(x+cell/2, y+row/2+4, "middle", "cell t"+string(rune('0'+shade)), text)
			}
		}
	}
	return s.String()
}
