package forecast

import "math"

// longestSeason is the longest season whose phases are states. Longer seasons
// are removed by adjustment only: so many states are poorly estimated and slow
// to fit.
const longestSeason = 24

// ets is exponential smoothing with additive errors [1]: the trend none,
// additive or damped; the season none, of additive states, or by classical
// adjustment where it multiplies (or is too long for states). The combination
// with the least AICc is kept:
//
//	AICc = n·ln(SSE/n) + 2k + 2k(k+1)/(n−k−1)
//
// k counts the smoothing parameters, the initial states and 1; the indices of a
// classical adjustment count as m − 1 initial states, and SSE is on the scale of
// the series in every case.
//
// [1] R. J. Hyndman, A. B. Koehler, J. K. Ord, R. D. Snyder, "Forecasting with
// Exponential Smoothing", Springer, 2008.
type ets struct {
	N      int       `json:"n"`
	Trend  trend     `json:"trend"`
	Alpha  float64   `json:"alpha"`
	Beta   float64   `json:"beta"`
	Gamma  float64   `json:"gamma"`
	Phi    float64   `json:"phi"`
	Level  float64   `json:"level"`            // after the last value
	Slope  float64   `json:"slope"`            // after the last value
	States []float64 `json:"states,omitempty"` // of the season, by phase of the period number
	Season seasonal  `json:"season"`           // by classical adjustment
	Sigma  float64   `json:"sigma"`
	aicc   float64
}

// candidate is one combination tried by etsFitter.
type candidate struct {
	shape
	adjusted bool
}

// etsFitter fits ets to growing parts of one series. The fitter keeps memory,
// and the parameters of each combination as a start for the next part.
type etsFitter struct {
	season  int
	w       *innovations
	tangent []float64
	values  []float64
	last    map[candidate]point
	raw     smoothing // of the series itself
}

func newETSFitter(n, m int) *etsFitter {
	states := m
	if m > longestSeason {
		states = 0
	}
	return &etsFitter{
		season: m, w: newInnovations(n, states), tangent: make([]float64, (most+1)*n), values: make([]float64, n),
		last: map[candidate]point{},
	}
}

// fit returns the combination of least AICc on y, of which raw is the smoothing.
func (f *etsFitter) fit(y []float64, raw smoothing) *ets {
	f.raw = raw
	best := f.best(nil, y, seasonal{}, 0)
	m := f.season
	if m < 2 || len(y) < 3*m || math.IsInf(best.aicc, -1) {
		return best
	}
	if m <= longestSeason {
		best = f.best(best, y, seasonal{}, m)
	}
	if s := classical(y, m); len(s.Index) > 0 && (s.Multiplicative || m > longestSeason) {
		best = f.best(best, s.adjusted(y), s, 0)
	}
	return best
}

// best returns the best of the model so far and the three trends on z. z is
// adjusted for a season, or the season is short enough for states.
func (f *etsFitter) best(best *ets, z []float64, season seasonal, states int) *ets {
	n := len(z)
	centre, scale := f.standardise(z)
	if scale == 0 {
		return &ets{N: n, Trend: noTrend, Alpha: leastAlpha, Phi: 1, Level: centre, Season: season, aicc: math.Inf(-1)}
	}
	var before point // of the trend before, as a start
	for _, tr := range []trend{noTrend, additiveTrend, dampedTrend} {
		c := candidate{shape{tr, states}, len(season.Index) > 0}
		k := c.free() + c.states() + 1 + max(len(season.Index)-1, 0)
		spare := n - k - 1
		if spare <= 0 && best != nil {
			break
		}
		f.w.on(f.values[:n], c.shape)
		at := f.search(c, before)
		f.last[c], before = at, at
		m := f.model(c.shape, at, season, centre, scale)
		m.aicc = math.Inf(1)
		if spare > 0 {
			sse := max(f.originalSSE(season), float64(float64(n)*exact))
			m.aicc = float64(n)*math.Log(sse/float64(n)) + float64(2*k) + float64(2*k*(k+1))/float64(spare)
			m.aicc += float64(2*float64(n)) * math.Log(scale)
		}
		if best == nil || m.aicc < best.aicc {
			best = m
		}
	}
	return best
}

// exact is the mean square of standardised errors that counts as 0, being mere
// rounding. Among models without errors, the simplest is kept.
const exact = 1e-20

// standardise fills values with z, less the mean, over the standard deviation,
// and returns mean and standard deviation; the latter is 0 where z is constant.
func (f *etsFitter) standardise(z []float64) (centre, scale float64) {
	centre = meanOf(z)
	for _, v := range z {
		d := v - centre
		scale += float64(d*d) / float64(len(z))
	}
	scale = math.Sqrt(scale)
	if !(scale > 1e-12*math.Abs(centre)) {
		return centre, 0
	}
	for t, v := range z {
		f.values[t] = (v - centre) / scale
	}
	return centre, scale
}

// originalSSE returns the sum of squares of the errors in w on the scale of the
// series, in squares of the scale used in standardising.
func (f *etsFitter) originalSSE(season seasonal) float64 {
	sum := 0.0
	for t, e := range f.w.e {
		if season.Multiplicative {
			e *= season.Index[t%len(season.Index)]
		}
		sum += float64(e * e)
	}
	return sum
}

// search returns the best parameters of c, and leaves the errors at these
// parameters in w. The search is thorough on the first part of a series and on
// the whole series; for the parts between, the search starts from the result of
// the previous part.
func (f *etsFitter) search(c candidate, before point) point {
	var at point
	switch {
	case c.trend == noTrend && c.shape.season == 0 && !c.adjusted:
		at.u[0] = max(f.raw.Alpha, leastShare)
	case c.trend == noTrend && c.shape.season == 0:
		at.u[0] = max(fitSmoothing(f.w.y).Alpha, leastShare)
	default:
		last, known := f.last[c]
		thorough := !known || len(f.w.y) == len(f.values)
		starts, descents := c.starts(before, thorough), 1
		if thorough {
			descents = 2
		}
		if known {
			starts = append(starts, last)
		}
		at = f.w.search(starts, descents, f.tangent)
	}
	at.sse = f.w.evaluate(at.u[:c.free()])
	return at
}

// starts returns places to search from: around the result of the trend before
// and, for a thorough search, on a coarse grid.
func (s shape) starts(before point, thorough bool) []point {
	var starts []point
	add := func(u ...float64) {
		var p point
		copy(p.u[:], u)
		starts = append(starts, p)
	}
	shares, damping := []float64{.05}, []float64{.95}
	alphas := []float64{before.u[0]}
	if s.season > 0 && s.trend == noTrend {
		alphas = []float64{.4}
	}
	switch {
	case thorough && s.season > 0 && s.trend != noTrend: // a place costs most here
		alphas = append(alphas, .1, .3)
		shares, damping = []float64{.005, .1, .95}, []float64{.82, .97}
	case thorough:
		alphas = append(alphas, .02, .1, .3, .6)
		shares, damping = []float64{.001, .05, .25, .95}, []float64{.82, .97}
	}
	third := before.u[1] // the share of γ, where the trend before had none
	if s.trend == dampedTrend {
		third = before.u[2]
	}
	switch s.trend {
	case noTrend:
		for _, alpha := range alphas {
			for _, share := range shares {
				add(alpha, share)
			}
		}
	case additiveTrend:
		add(leastShare, leastShare, third)
		for _, alpha := range alphas {
			for _, share := range shares {
				add(alpha, share, third)
			}
		}
	default:
		for _, phi := range damping {
			place := func(alpha, share float64) {
				if s.season > 0 {
					add(alpha, share, third, phi)
				} else {
					add(alpha, share, phi)
				}
			}
			place(before.u[0], before.u[1])
			for _, alpha := range alphas {
				for _, share := range shares {
					place(alpha, share)
				}
			}
		}
	}
	return starts
}

// model returns the model of a shape at a place of the search.
func (f *etsFitter) model(s shape, at point, season seasonal, centre, scale float64) *ets {
	w, p := f.w, s.smoothers(at.u[:])
	start := state{level: w.first[0]}
	if s.season > 0 {
		start.level = 0
		start.season = append([]float64(nil), w.first[:s.season]...)
	}
	if s.trend != noTrend {
		start.slope = w.first[s.states()-1]
	}
	end := w.run(w.e, w.y, p, start)
	mean := 0.0
	for _, v := range end.season {
		mean += v / float64(len(end.season))
	}
	for j := range end.season {
		end.season[j] = (end.season[j] - mean) * scale
	}
	n := len(w.y)
	return &ets{
		N: n, Trend: s.trend, Alpha: p.alpha, Beta: p.beta, Gamma: p.gamma, Phi: p.phi,
		Level: centre + float64((end.level+mean)*scale), Slope: end.slope * scale, States: end.season, Season: season,
		Sigma: scale * math.Sqrt(at.sse/float64(max(n-s.free()-s.states(), 1))),
	}
}

// forecastTo sets the forecasts and their standard deviations:
//
//	sd_h = σ·√(1 + Σ_{j<h} c_j²),  c_j = α + β(φ + … + φʲ) + γ [m divides j]
func (f *ets) forecastTo(point, spread []float64) {
	value, slope, damped, variance := f.Level, f.Slope, 0.0, 1.0
	phi := 1.0
	for i := range point {
		phi *= f.Phi
		slope *= f.Phi
		value += slope
		damped += phi
		sum, m := value, len(f.States)
		if m > 0 {
			sum += f.States[(f.N+i)%m]
		}
		point[i], spread[i] = f.Season.restore(f.N+i, sum, f.Sigma*math.Sqrt(variance))
		c := f.Alpha + float64(f.Beta*damped)
		if m > 0 && (i+1)%m == 0 {
			c += f.Gamma
		}
		variance += float64(c * c)
	}
}
