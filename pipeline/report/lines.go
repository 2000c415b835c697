package report

import (
	"math"

	"github.com/quintile-dev/quintile/mining/page"
)

// drawLines draws curves over a common axis.
func drawLines(c page.Lines, room canvas) string {
	x, y, height := room.plot()
	s := &svg{width: room.width, label: c.Title}
	names := make([]string, len(c.Lines))
	for k, l := range c.Lines {
		names[k] = l.Name
		for _, values := range [][]float64{l.Values, l.Low, l.High} {
			y.low, y.high = reach(y.low, y.high, values)
		}
	}
	top := legend(s, names, x.from, room.width)
	y.to, y.from = top+22, top+height-plotTop
	s.height = y.from + axisBottom
	n := len(c.X)
	x.high = float64(max(1, n-1))
	at := func(i int) float64 { return x.at(float64(i)) }
	if c.Numbers != nil {
		n = len(c.Numbers)
		x.low, x.high = reach(math.Inf(1), math.Inf(-1), c.Numbers)
		at = func(i int) float64 { return x.at(c.Numbers[i]) }
	}
	grid(s, x, y, c.Percent, c.YName)
	axisOf(s, x, y, c, n)
	for k, l := range c.Lines {
		if l.Low != nil && l.High != nil {
			s.path(band(l.Low, l.High, at, y), "band "+colour(k), true)
		}
		class := "curve s" + colour(k)[1:]
		if l.Dashed {
			class += " dashed"
		}
		for _, run := range runs(l.Values, at, y) {
			s.path(run, class, false)
		}
		if len(l.Values) <= 40 {
			points(s, c, l, k, at, y)
		}
	}
	for _, m := range c.Marks {
		if len(c.Lines) > 0 && m.At >= 0 && m.At < len(c.Lines[0].Values) {
			if v := c.Lines[0].Values[m.At]; !math.IsNaN(v) && !math.IsInf(v, 0) {
				s.circle(at(m.At), y.at(v), 6, "mark", m.Name)
			}
		}
	}
	return s.String()
}

// points puts a small disc on each value, so that a pointer finds the figures.
func points(s *svg, c page.Lines, l page.Line, k int, at func(int) float64, y scale) {
	for i, v := range l.Values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			continue
		}
		where := ""
		switch {
		case c.Numbers != nil && i < len(c.Numbers):
			where = number(c.Numbers[i], c.XPercent)
		case i < len(c.X):
			where = c.X[i]
		}
		s.circle(at(i), y.at(v), 2.5, colour(k), l.Name+", "+where+": "+number(v, c.Percent))
	}
}

// grid draws the lines and numbers of the upright axis.
func grid(s *svg, x, y scale, percent bool, name string) {
	for _, v := range y.ticks(5) {
		s.line(x.from, y.at(v), x.to, y.at(v), "grid")
		s.text(x.from-6, y.at(v)+4, "end", "label", number(v, percent))
	}
	if name != "" {
		s.text(0, y.to-10, "start", "label", short(name, fit(x.to)))
	}
}

// axisOf draws the numbers or labels of the level axis, as many as there is room for.
func axisOf(s *svg, x, y scale, c page.Lines, n int) {
	base := y.from + 17
	if c.Numbers != nil {
		numbersOf(s, x, base, c.XPercent)
	} else {
		widest := 1
		for _, label := range c.X {
			widest = max(widest, min(12, len([]rune(label))))
		}
		beside := int((x.to - x.from) / (float64(widest)*letter + 14)) // labels side by side
		every := max(1, (n+beside-1)/max(1, beside))
		for i := 0; i < n; i += every {
			centre := min(x.at(float64(i)), s.width-float64(widest)*letter/2)
			s.text(centre, base, "middle", "label", short(c.X[i], 12))
		}
	}
	s.text((x.from+x.to)/2, base+19, "middle", "label", short(c.XName, fit(x.to-x.from)))
}

// numbersOf writes the numbers of a level axis.
func numbersOf(s *svg, x scale, base float64, percent bool) {
	for _, v := range x.ticks(max(2, int((x.to-x.from)/80))) {
		label := number(v, percent)
		s.text(min(x.at(v), s.width-letter*float64(len([]rune(label)))/2), base, "middle", "label", label)
	}
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
func band(low, high []float64, at func(int) float64, y scale) []point {
	var up, down []point
	for i := range min(len(low), len(high)) {
		if !math.IsNaN(high[i]-low[i]) && !math.IsInf(high[i]-low[i], 0) {
			up = append(up, point{at(i), y.at(high[i])})
			down = append([]point{{at(i), y.at(low[i])}}, down...)
		}
	}
	return append(up, down...)
}
