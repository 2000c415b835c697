package report

import (
	"fmt"
	"html/template"
	"math"

	"github.com/quintile-dev/quintile/mining/page"
)

// drawFlow draws two columns of bars with a ribbon for each link between them. The height
// of a bar is the larger sum of its links on either side.
func drawFlow(c page.Flow, room canvas) string {
	const bar, gap, least = 10.0, 14.0, 16.0
	names := min(0.36*room.width, 230)
	left, right := make([]float64, len(c.Left)), make([]float64, len(c.Right))
	sum := 0.0
	var links []page.Link
	for _, l := range c.Links {
		if l.From < 0 || l.From >= len(left) || l.To < 0 || l.To >= len(right) || !(l.Weight > 0) || math.IsInf(l.Weight, 0) {
			continue
		}
		left[l.From] += l.Weight
		right[l.To] += l.Weight
		sum += l.Weight
		links = append(links, l)
	}
	s := &svg{width: room.width, label: c.Title}
	if sum == 0 {
		sum = 1
	}
	pixels := max(160, least*float64(max(len(left), len(right)))) / sum
	lefts, low := column(left, pixels, gap, least)
	rights, lowRight := column(right, pixels, gap, least)
	s.height = max(low, lowRight) + 4
	s.text(0, 14, "start", "label", short(c.LeftName, fit(names)))
	s.text(room.width, 14, "end", "label", short(c.RightName, fit(names)))
	x1, x2 := names+bar, room.width-names-bar
	from, to := append([]float64(nil), lefts...), append([]float64(nil), rights...)
	for _, l := range links {
		width := l.Weight * pixels
		s.ribbon(x1, from[l.From], x2, to[l.To], width, "ribbon "+colour(l.From), c.Left[l.From]+" → "+c.Right[l.To]+": "+l.Label)
		from[l.From] += width
		to[l.To] += width
	}
	for i, name := range c.Left {
		height := max(2, left[i]*pixels)
		s.rect(names, lefts[i], bar, height, colour(i), name)
		s.text(names-6, lefts[i]+height/2+4, "end", "", short(name, fit(names-6)))
	}
	for i, name := range c.Right {
		height := max(2, right[i]*pixels)
		s.rect(x2, rights[i], bar, height, "c7", name)
		s.text(x2+bar+6, rights[i]+height/2+4, "start", "", short(name, fit(names-6)))
	}
	return s.String()
}

// column returns where the bars of a column begin, and where the column ends.
func column(weights []float64, pixels, gap, least float64) (starts []float64, end float64) {
	y := 28.0
	for _, w := range weights {
		height := w * pixels
		room := max(least, height)
		starts = append(starts, y+(room-height)/2)
		y += room + gap/2
	}
	return starts, y
}

// ribbon draws a band of one width between two heights.
func (s *svg) ribbon(x1, y1, x2, y2, width float64, class, title string) {
	middle := (x1 + x2) / 2
	fmt.Fprintf(&s.body, `<path d="M%s %sC%s %s %s %s %s %sL%s %sC%s %s %s %s %s %sZ" class="%s"><title>%s</title></path>`,
		px(x1), px(y1), px(middle), px(y1), px(middle), px(y2), px(x2), px(y2),
		px(x2), px(y2+width), px(middle), px(y2+width), px(middle), px(y1+width), px(x1), px(y1+width),
		class, template.HTMLEscapeString(title))
}
