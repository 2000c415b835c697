package report

import (
	"math"

	"github.com/quintile-dev/quintile/mining/page"
)

// rows lays out the bars of a chart: beside the names, or below the names where space
// is short.
type rows struct {
	canvas
	left, full, height float64 // where bars start, the length of the longest, the height of a row
}

func (c canvas) rows(labels []string) rows {
	room := 0
	for _, l := range labels {
		room = max(room, len([]rune(l)))
	}
	labelRoom := min(0.4*c.width, float64(room)*letter+10)
	if c.narrow {
		return rows{c, 0, c.width - labelRoom, 40}
	}
	const names = 190
	return rows{c, names, c.width - names - labelRoom, 26}
}

// name writes the name of the row that begins at y, and returns the beginning of its
// bar.
func (r rows) name(s *svg, y float64, name string) (bar float64) {
	if r.narrow {
		s.text(0, y+14, "start", "", short(name, fit(r.width)))
		return y + 19
	}
	s.text(r.left-8, y+17, "end", "", short(name, fit(r.left-8)))
	return y + 4
}

// length returns the length of a bar: the bar of the largest value is full.
func (r rows) length(v, most float64) float64 {
	if !(most > 0) || !(v > 0) || math.IsInf(v, 0) {
		return 0
	}
	return r.full * v / most
}

// drawBars draws a row of bars.
func drawBars(c page.Bars, room canvas) string {
	most := 0.0
	var labels []string
	for _, b := range c.Bars {
		if !math.IsNaN(b.Value) && !math.IsInf(b.Value, 0) {
			most = max(most, b.Value)
		}
		labels = append(labels, b.Label)
	}
	r := room.rows(labels)
	s := &svg{width: r.width, height: float64(max(1, len(c.Bars))) * r.height, label: c.Title}
	for i, b := range c.Bars {
		y, width := r.name(s, float64(i)*r.height, b.Name), r.length(b.Value, most)
		s.rect(r.left, y, width, 16, "c0", b.Name+": "+b.Label)
		s.text(r.left+width+6, y+13, "start", "label", b.Label)
	}
	return s.String()
}

// drawStack draws a row of divided bars.
func drawStack(c page.Stack, room canvas) string {
	most := 0.0
	var labels []string
	for _, b := range c.Bars {
		most = max(most, total(b.Values))
		label := number(total(b.Values), false)
		if c.Percent {
			label = "" // each bar is the whole
		}
		labels = append(labels, label)
	}
	r := room.rows(labels)
	s := &svg{width: r.width, label: c.Title}
	top := legend(s, c.Parts, 0, r.width)
	s.height = top + float64(len(c.Bars))*r.height
	for i, b := range c.Bars {
		y, x := r.name(s, top+float64(i)*r.height, b.Name), r.left
		for k, v := range b.Values {
			width := r.length(v, most)
			s.rect(x, y, width, 16, colour(k), b.Name+", "+c.Parts[k]+": "+number(v, c.Percent))
			x += width
		}
		s.text(x+6, y+13, "start", "label", labels[i])
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
