package report

import (
	"math"
	"slices"

	"github.com/quintile-dev/quintile/mining/page"
)

// drawScatter draws a cloud of points, the largest first so that no point hides a smaller
// point.
func drawScatter(c page.Scatter, room canvas) string {
	x, y, height := room.plot()
	s := &svg{width: room.width, label: c.Title}
	var points []page.Point
	var groups []string
	xl, xh, yl, yh, most := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1), 0.0
	for _, p := range c.Points {
		if !drawable(p, c.Log) {
			continue
		}
		points = append(points, p)
		xl, xh = reach(xl, xh, []float64{p.X})
		yl, yh = reach(yl, yh, []float64{p.Y})
		most = max(most, p.Size)
		if p.Group != "" && !slices.Contains(groups, p.Group) {
			groups = append(groups, p.Group)
		}
	}
	if len(points) == 0 {
		xl, xh, yl, yh = 1, 10, 1, 10
	}
	top := legend(s, groups, x.from, room.width)
	x.low, x.high, x.log = xl, xh, c.Log
	y = scale{low: yl, high: yh, from: top + height - plotTop, to: top + 22, log: c.Log}
	s.height = y.from + axisBottom
	grid(s, x, y, false, c.YName)
	numbersOf(s, x, y.from+17, false)
	s.text((x.from+x.to)/2, y.from+36, "middle", "label", short(c.XName, fit(x.to-x.from)))
	slices.SortStableFunc(points, func(a, b page.Point) int {
		switch {
		case a.Size > b.Size:
			return -1
		case a.Size < b.Size:
			return 1
		}
		return 0
	})
	for _, p := range points {
		radius := 3.0
		if most > 0 {
			radius = 2 + 11*math.Sqrt(max(0, p.Size)/most)
		}
		s.circle(x.at(p.X), y.at(p.Y), radius, "dot "+colour(max(0, slices.Index(groups, p.Group))), p.Name)
	}
	return s.String()
}

// drawable reports whether a point has a place.
func drawable(p page.Point, log bool) bool {
	for _, v := range []float64{p.X, p.Y} {
		if math.IsNaN(v) || math.IsInf(v, 0) || log && v <= 0 {
			return false
		}
	}
	return true
}
