package report

import (
	"math"

	"github.com/quintile-dev/quintile/mining/page"
)

// The measures of charts with two axes, in pixels.
const (
	chartWidth  = 800
	chartHeight = 300
	axisLeft    = 70
	axisBottom  = 40
	chartTop    = 26
	chartRight  = 16
)

// drawLines draws curves over a common axis.
func drawLines(c page.Lines) string {
	s := &svg{width: chartWidth, height: chartHeight, label: c.Title}
	low, high := 0.0, 0.0
	for _, l := range c.Lines {
		for _, values := range [][]float64{l.Values, l.Low, l.High} {
			low, high = reach(low, high, values)
		}
	}
	y := scale{low: low, high: high, from: chartHeight - axisBottom, to: chartTop}
	n := len(c.X)
	x := scale{low: 0, high: float64(max(1, n-1)), from: axisLeft, to: chartWidth - chartRight}
	at := func(i int) float64 { return x.at(float64(i)) }
	if c.Numbers != nil {
		n = len(c.Numbers)
		x.low, x.high = reach(math.Inf(1), math.Inf(-1), c.Numbers)
		at = func(i int) float64 { return x.at(c.Numbers[i]) }
	}
	grid(s, y, c.Percent, c.YName)
	axisOf(s, x, c, n)
	var names []string
	for k, l := range c.Lines {
		names = append(names, l.Name)
		if l.Low != nil && l.High != nil {
			s.path(band(l, at, y), "band "+colour(k), true)
		}
		class := "curve s" + colour(k)[1:]
		if l.Dashed {
			class += " dashed"
		}
		for _, run := range runs(l.Values, at, y) {
			s.path(run, class, false)
		}
	}
	legend(s, names, axisLeft, 14)
	return s.String()
}

// grid draws the lines and numbers of the upright axis.
func grid(s *svg, y scale, percent bool, name string) {
	for _, v := range y.ticks(5) {
		s.line(axisLeft, y.at(v), chartWidth-chartRight, y.at(v), "grid")
		s.text(axisLeft-6, y.at(v)+4, "end", "label", number(v, percent))
	}
	if name != "" {
		s.text(chartWidth-chartRight, chartTop-12, "end", "label", name)
	}
}

// axisOf draws the numbers or labels of the level axis, as many as there is room for.
func axisOf(s *svg, x scale, c page.Lines, n int) {
	const base = chartHeight - axisBottom + 16
	if c.Numbers != nil {
		for _, v := range x.ticks(8) {
			s.text(x.at(v), base, "middle", "label", number(v, c.XPercent))
		}
	} else {
		widest := 1
		for _, label := range c.X {
			widest = max(widest, min(12, len([]rune(label))))
		}
		fit := int((x.to - x.from) / (float64(widest)*7.2 + 14)) // labels side by side
		every := max(1, (n+fit-1)/fit)
		for i := 0; i < n; i += every {
			s.text(x.at(float64(i)), base, "middle", "label", short(c.X[i], 12))
		}
	}
	s.text((axisLeft+chartWidth)/2, base+18, "middle", "label", c.XName)
}

// runs returns the stretches of a curve that have values.
func runs(values []float64, at func(int) float64, y scale) [][]point {
	var out [][]point
	var run []point
	for i, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			if run != nil {
				out = append(out, run)
			}
			run = nil
			continue
		}
		run = append(run, point{at(i), y.at(v)})
	}
	if run != nil {
		out = append(out, run)
	}
	return out
}

// band returns the outline between the bounds of a curve.
func band(l page.Line, at func(int) float64, y scale) []point {
	var up, down []point
	for i := range l.Low {
		if !math.IsNaN(l.Low[i]) && !math.IsNaN(l.High[i]) {
			up = append(up, point{at(i), y.at(l.High[i])})
			down = append([]point{{at(i), y.at(l.Low[i])}}, down...)
		}
	}
	return append(up, down...)
}
