package report

import (
	"math"

	"github.com/quintile-dev/quintile/mining/page"
)

// drawn is a bar with its place in the picture.
type drawn struct {
	page.Bar
	Y, TextY, Width float64
	LabelX          float64
}

// The measures of a chart, in pixels.
const (
	rowHeight = 24
	nameWidth = 220
	barWidth  = 420
	labelRoom = 160
)

type picture struct {
	Title                      string
	Width, Height, NameX, BarX float64
	Bars                       []drawn
}

// bars places the bars of a chart.
func bars(c page.Bars) picture {
	most := 0.0
	for _, b := range c.Bars {
		if !math.IsNaN(b.Value) && !math.IsInf(b.Value, 0) {
			most = max(most, b.Value)
		}
	}
	p := picture{Title: c.Title, Width: nameWidth + barWidth + labelRoom, Height: float64(len(c.Bars)) * rowHeight, NameX: nameWidth - 8, BarX: nameWidth}
	for i, b := range c.Bars {
		width := 0.0
		if most > 0 && b.Value > 0 && !math.IsInf(b.Value, 0) {
			width = math.Round(barWidth * b.Value / most)
		}
		y := float64(i) * rowHeight
		p.Bars = append(p.Bars, drawn{Bar: b, Y: y + 4, TextY: y + 16, Width: width, LabelX: nameWidth + width + 6})
	}
	return p
}
