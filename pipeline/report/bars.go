package report

import (
	"math"

	"github.com/quintile-dev/quintile/mining/page"
)

// The measures of a chart of bars, in pixels.
const (
	rowHeight = 24
	nameWidth = 220
	barWidth  = 420
	labelRoom = 160
)

// barLength returns the length of a bar: that of the largest value is full.
func barLength(v, most float64) float64 {
	if !(most > 0) || !(v > 0) || math.IsInf(v, 0) {
		return 0
	}
	return math.Round(barWidth * v / most)
}

// drawBars draws a row of bars.
func drawBars(c page.Bars) string {
	most := 0.0
	for _, b := range c.Bars {
		if !math.IsNaN(b.Value) && !math.IsInf(b.Value, 0) {
			most = max(most, b.Value)
		}
	}
	s := &svg{width: nameWidth + barWidth + labelRoom, height: float64(max(1, len(c.Bars))) * rowHeight, label: c.Title}
	for i, b := range c.Bars {
		y, width := float64(i)*rowHeight, barLength(b.Value, most)
		s.text(nameWidth-8, y+16, "end", "", short(b.Name, 32))
		s.rect(nameWidth, y+4, width, 16, "c0", "", b.Name+": "+b.Label)
		s.text(nameWidth+width+6, y+16, "start", "label", b.Label)
	}
	return s.String()
}

// drawStack draws a row of divided bars.
func drawStack(c page.Stack) string {
	most := 0.0
	for _, b := range c.Bars {
		most = max(most, total(b.Values))
	}
	s := &svg{width: nameWidth + barWidth + labelRoom, height: float64(len(c.Bars))*rowHeight + rowHeight, label: c.Title}
	legend(s, c.Parts, nameWidth, 14)
	for i, b := range c.Bars {
		y, x := float64(i+1)*rowHeight, float64(nameWidth)
		s.text(nameWidth-8, y+16, "end", "", short(b.Name, 32))
		for k, v := range b.Values {
			width := barLength(v, most)
			s.rect(x, y+4, width, 16, colour(k), "", b.Name+", "+c.Parts[k]+": "+number(v, false))
			x += width
		}
		s.text(x+6, y+16, "start", "label", number(total(b.Values), false))
	}
	return s.String()
}

func total(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		if v > 0 && !math.IsInf(v, 0) {
			sum += v
		}
	}
	return sum
}

// colours is the number of colours of the page, safe for the colour-blind.
const colours = 8

// colour returns the class of the colour of part k.
func colour(k int) string { return "c" + string(rune('0'+k%colours)) }

// legend names the colours in a row.
func legend(s *svg, names []string, x, y float64) {
	for k, name := range names {
		s.rect(x, y-10, 12, 12, colour(k), "", "")
		s.text(x+16, y, "start", "label", short(name, 20))
		x += 30 + 7.2*float64(min(20, len([]rune(name))))
	}
}
