package forecast

import "math"

// trend says how a level continues.
type trend string

const (
	noTrend       trend = "none"
	additiveTrend trend = "additive"
	dampedTrend   trend = "damped"
)

// The bounds of the parameters, all as shares: of 1 for α, of α for β, and of
// 1 − α for γ.
const leastShare, mostShare = 1e-5, 0.9999

// The bounds of the damping φ.
const leastDamping, mostDamping = 0.80, 0.98

// shape is one exponential smoothing model with additive errors:
//
//	e_t = y_t − l_{t−1} − φ b_{t−1} − s_{t−m}
//	l_t = l_{t−1} + φ b_{t−1} + α e_t
//	b_t = φ b_{t−1} + β e_t
//	s_t = s_{t−m} + γ e_t
//
// without b where the trend is none, φ = 1 where it is additive, and without s
// where the season is 0 periods long.
type shape struct {
	trend  trend
	season int // m, or 0
}

// smoothers are the parameters of a shape.
type smoothers struct {
	alpha, beta, gamma, phi float64
}

// free returns the number of parameters to search for, in the order α, β as a
// share of α, γ as a share of 1 − α, φ.
func (s shape) free() int {
	n := 1
	if s.trend != noTrend {
		n++
	}
	if s.season > 0 {
		n++
	}
	if s.trend == dampedTrend {
		n++
	}
	return n
}

// states returns the number of free initial states.
func (s shape) states() int {
	n := 1
	if s.season > 0 {
		n = s.season
	}
	if s.trend != noTrend {
		n++
	}
	return n
}

// bounds returns the range of parameter i.
func (s shape) bounds(i int) (low, high float64) {
	if s.trend == dampedTrend && i == s.free()-1 {
		return leastDamping, mostDamping
	}
	return leastShare, mostShare
}

// smoothers returns the parameters at point u of the search.
func (s shape) smoothers(u []float64) smoothers {
	p := smoothers{alpha: u[0], phi: 1}
	i := 1
	if s.trend != noTrend {
		p.beta = u[i] * u[0]
		i++
	}
	if s.season > 0 {
		p.gamma = u[i] * (1 - u[0])
		i++
	}
	if s.trend == dampedTrend {
		p.phi = u[i]
	}
	return p
}

// state is the state of a shape at one time. Season has an entry per phase of
// the period number.
type state struct {
	level, slope float64
	season       []float64
}

// innovations evaluates shapes on one series. The errors are linear in the
// initial states, so for given parameters the best initial states are the
// solution of a least squares problem, and only the parameters are searched.
//
// The design of that problem takes three recursions: the errors of y from the
// initial state 0, and the errors of the series 0 from a slope of 1 and from a
// season of 1 in the first phase (or, without a season, a level of 1). The
// errors from a season of 1 in phase j are the latter, j periods later.
type innovations struct {
	shape
	y     []float64
	a     []float64 // errors of y from initial state 0
	g     []float64 // errors of 0 from a first phase (or level) of 1
	b     []float64 // errors of 0 from a slope of 1
	e     []float64 // errors with the best initial states
	zero  []float64
	ring  []float64 // a season
	sums  []float64 // normal equations: lower triangle
	right []float64
	first []float64 // the best initial states: level, or m phases; slope
}

func newInnovations(n, season int) *innovations {
	k := max(season, 1) + 1
	room := make([]float64, 5*n+season+k*(k+1)/2+2*k)
	cut := func(size int) []float64 {
		part := room[:size:size]
		room = room[size:]
		return part
	}
	return &innovations{
		a: cut(n), g: cut(n), b: cut(n), e: cut(n), zero: cut(n),
		ring: cut(season), sums: cut(k * (k + 1) / 2), right: cut(k), first: cut(k),
	}
}

// on turns w to another series, at most as long as the room, and shape.
func (w *innovations) on(y []float64, s shape) {
	n := len(y)
	w.shape, w.y = s, y
	w.a, w.g, w.b, w.e, w.zero = w.a[:n], w.g[:n], w.b[:n], w.e[:n], w.zero[:n]
}

// evaluate fills e with the errors for the parameters u and the best initial
// states, and returns their sum of squares.
func (w *innovations) evaluate(u []float64) float64 {
	p := w.smoothers(u)
	switch {
	case w.season > 0:
		return w.evaluateSeason(p)
	case w.trend == noTrend:
		return w.evaluateLevel(p)
	}
	return w.evaluateTrend(p)
}

// evaluateLevel is evaluate for neither trend nor season.
func (w *innovations) evaluateLevel(p smoothers) float64 {
	a, c, ag, gg := 0.0, 1.0, 0.0, 0.0
	for t, v := range w.y {
		e := v - a
		w.a[t], w.g[t] = e, c
		ag += float64(e * c)
		gg += float64(c * c)
		a += float64(p.alpha * e)
		c -= float64(p.alpha * c)
	}
	level, sse := ag/gg, 0.0
	w.first[0] = level
	for t, e := range w.a {
		r := e - float64(w.g[t]*level)
		w.e[t] = r
		sse += float64(r * r)
	}
	return sse
}

// evaluateTrend is evaluate for a trend without a season.
func (w *innovations) evaluateTrend(p smoothers) float64 {
	var yl, yb, gl, gb, bl, bb float64 // level and slope of the three recursions
	gl, bb = 1, 1
	var gg, gs, ss, ga, sa float64 // sums of products; s is the response to the slope
	n := len(w.y)
	wa, wg, wb := w.a[:n], w.g[:n], w.b[:n]
	for t, v := range w.y {
		yb, gb, bb = float64(p.phi*yb), float64(p.phi*gb), float64(p.phi*bb)
		yl, gl, bl = yl+yb, gl+gb, bl+bb
		ey := v - yl
		wa[t], wg[t], wb[t] = ey, gl, bl
		gg += float64(gl * gl)
		gs += float64(gl * bl)
		ss += float64(bl * bl)
		ga += float64(gl * ey)
		sa += float64(bl * ey)
		yb, gb, bb = yb+float64(p.beta*ey), gb-float64(p.beta*gl), bb-float64(p.beta*bl)
		yl, gl, bl = yl+float64(p.alpha*ey), gl-float64(p.alpha*gl), bl-float64(p.alpha*bl)
	}
	level, slope := 0.0, 0.0
	rest := ss - float64(gs/gg*gs)
	if rest > singular*ss {
		slope = (sa - float64(gs/gg*ga)) / rest
	}
	level = (ga - float64(gs*slope)) / gg
	w.first[0], w.first[1] = level, slope
	sse := 0.0
	for t, e := range wa {
		r := e - float64(wg[t]*level) - float64(wb[t]*slope)
		w.e[t] = r
		sse += float64(r * r)
	}
	return sse
}

// evaluateSeason is evaluate for a season with or without a trend.
func (w *innovations) evaluateSeason(p smoothers) float64 {
	m := w.season
	clear(w.ring)
	w.run(w.a, w.y, p, state{season: w.ring})
	clear(w.ring)
	w.ring[0] = 1
	w.run(w.g, w.zero, p, state{season: w.ring})
	if w.trend != noTrend {
		clear(w.ring)
		w.run(w.b, w.zero, p, state{slope: 1, season: w.ring})
	}
	w.seasonEquations()
	k := w.states()
	solveInPlace(w.sums[:k*(k+1)/2], w.right[:k])
	// The errors are the errors of y plus each state times its response.
	copy(w.first, w.right[:k])
	copy(w.ring, w.first[:m])
	s := state{season: w.ring}
	if w.trend != noTrend {
		s.slope = w.first[m]
	}
	w.run(w.e, w.y, p, s)
	sse := 0.0
	for _, e := range w.e {
		sse += float64(e * e)
	}
	return sse
}

// seasonEquations fills sums and right with the normal equations for the phases
// and the slope. The sum of products of two phases is a prefix sum of the
// products of g with itself at the lag between the phases.
func (w *innovations) seasonEquations() {
	m, n := w.season, len(w.y)
	for lag := range m {
		sum := 0.0
		u, next := 0, m-1 // the phase whose prefix is complete next
		for ; next >= lag; next-- {
			for ; u < n-next; u++ {
				sum += float64(w.g[u] * w.g[u+lag])
			}
			w.sums[next*(next+1)/2+next-lag] = sum
		}
	}
	for j := range m {
		sum := 0.0
		for t, g := range w.g[:n-j] {
			sum -= float64(g * w.a[t+j])
		}
		w.right[j] = sum
	}
	if w.trend == noTrend {
		return
	}
	row := w.sums[m*(m+1)/2:]
	for j := range m {
		sum := 0.0
		for t, g := range w.g[:n-j] {
			sum += float64(g * w.b[t+j])
		}
		row[j] = sum
	}
	bb, ab := 0.0, 0.0
	for t, b := range w.b {
		bb += float64(b * b)
		ab -= float64(b * w.a[t])
	}
	row[m], w.right[m] = bb, ab
}

// run fills e with the errors of y from the initial state s, and returns the
// state after the last value. The season of s is updated in place.
func (w *innovations) run(e, y []float64, p smoothers, s state) state {
	m, j := len(s.season), 0
	for t, v := range y {
		s.slope = float64(p.phi * s.slope)
		s.level += s.slope
		r := v - s.level
		if m > 0 {
			r -= s.season[j]
			s.season[j] += float64(p.gamma * r)
			if j++; j == m {
				j = 0
			}
		}
		e[t] = r
		s.slope += float64(p.beta * r)
		s.level += float64(p.alpha * r)
	}
	return s
}

// singular is the share of its diagonal below which a pivot counts as 0. The
// state is then 0.
const singular = 1e-10

// solveInPlace solves the symmetric system h x = b by Cholesky's factorisation.
// h is the lower triangle, row by row, and is overwritten; b becomes x.
func solveInPlace(h, b []float64) {
	k := len(b)
	row := func(j int) []float64 { return h[j*(j+1)/2:][:j+1] }
	for j := range k {
		rj := row(j)
		floor := singular * rj[j]
		for c := range j {
			rc := row(c)
			if rc[c] == 0 {
				rj[c] = 0
				continue
			}
			sum := rj[c]
			for i, v := range rc[:c] {
				sum -= float64(rj[i] * v)
			}
			rj[c] = sum / rc[c]
			rj[j] -= float64(rj[c] * rj[c])
		}
		if rj[j] > floor {
			rj[j] = math.Sqrt(rj[j])
		} else {
			rj[j] = 0
		}
		sum := b[j]
		for i, v := range rj[:j] {
			sum -= float64(v * b[i])
		}
		b[j] = 0
		if rj[j] > 0 {
			b[j] = sum / rj[j]
		}
	}
	for j := k - 1; j >= 0; j-- {
		rj := row(j)
		if rj[j] == 0 {
			b[j] = 0
			continue
		}
		b[j] /= rj[j]
		for i, v := range rj[:j] {
			b[i] -= float64(v * b[j])
		}
	}
}
