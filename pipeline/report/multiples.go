package report

import (
	"html/template"
	"math"
	"strings"

	"github.com/quintile-dev/quintile/mining/page"
)

// drawMultiples draws a grid of small charts.
func drawMultiples(c page.Multiples) string {
	var b strings.Builder
	b.WriteString(`<div class="panels">`)
	for _, p := range c.Panels {
		b.WriteString(`<figure><figcaption><span class="of">` + template.HTMLEscapeString(p.Name) + `</span> ` + template.HTMLEscapeString(p.Label) + `</figcaption>`)
		b.WriteString(drawPanel(p, c.X))
		b.WriteString(`</figure>`)
	}
	b.WriteString(`</div>`)
	return b.String()
}

func drawPanel(p page.Panel, labels []string) string {
	const width, height, bottom = 220, 96, 18
	s := &svg{width: width, height: height, label: p.Name + ": " + p.Label}
	y := scale{from: height - bottom, to: 6}
	for _, values := range [][]float64{p.Values, p.Low, p.High} {
		y.low, y.high = reach(y.low, y.high, values)
	}
	x := scale{high: float64(max(1, len(p.Values)-1)), from: 2, to: width - 2}
	at := func(i int) float64 { return x.at(float64(i)) }
	s.line(x.from, y.at(0), x.to, y.at(0), "grid")
	if p.Low != nil && p.High != nil {
		s.path(band(p.Low, p.High, at, y), "band c0", true)
	}
	known, foretold := p.Values, []float64(nil)
	if p.Forecast > 0 && p.Forecast <= len(p.Values) {
		known = p.Values[:p.Forecast]
		foretold = make([]float64, len(p.Values))
		for i := range foretold {
			foretold[i] = math.NaN()
			if i >= p.Forecast-1 {
				foretold[i] = p.Values[i]
			}
		}
	}
	for _, run := range runs(known, at, y) {
		s.path(run, "curve s0", false)
	}
	for _, run := range runs(foretold, at, y) {
		s.path(run, "curve s1 dashed", false)
	}
	if n := len(labels); n > 0 {
		s.text(x.from, height-3, "start", "label", short(labels[0], 12))
		s.text(x.to, height-3, "end", "label", short(labels[n-1], 12))
	}
	return s.String()
}

// drawTrend draws the curve beside a figure of the first screen.
func drawTrend(values []float64) template.HTML {
	const width, height = 120, 30
	s := &svg{width: width, height: height, hidden: true}
	y := scale{low: math.Inf(1), high: math.Inf(-1), from: height - 3, to: 3}
	y.low, y.high = reach(y.low, y.high, values)
	x := scale{high: float64(max(1, len(values)-1)), from: 2, to: width - 4}
	at := func(i int) float64 { return x.at(float64(i)) }
	drawn := runs(values, at, y)
	for _, run := range drawn {
		s.path(run, "curve s0", false)
	}
	if n := len(drawn); n > 0 {
		last := drawn[n-1][len(drawn[n-1])-1]
		s.circle(last.x, last.y, 3, "c0", "")
	}
	return template.HTML(s.String())
}
