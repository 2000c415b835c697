package forecast

import "slices"

// Method is one way to forecast.
type Method string

// The methods. Each is refitted wherever it is tried.
const (
	// ThetaETS is the mean of Theta and ETS, rarely far from the best of all.
	ThetaETS Method = "theta_ets"
	// Theta is simple exponential smoothing with half the slope of a straight
	// line, on the seasonally adjusted series.
	Theta Method = "theta"
	// ETS is exponential smoothing with additive errors; trend and season are
	// chosen by AICc.
	ETS Method = "ets"
	// SeasonalNaive repeats the last season.
	SeasonalNaive Method = "seasonal_naive"
	// Naive repeats the last value.
	Naive Method = "naive"
	// LastMean repeats the mean of the last periods.
	LastMean Method = "last_mean"
)

// methods returns every method, in the order in which ties are broken.
func methods() []Method {
	return []Method{ThetaETS, Theta, ETS, SeasonalNaive, Naive, LastMean}
}

// forecaster is one fitted method. forecastTo sets the forecasts of the periods
// after the last learned period, and their standard deviations.
type forecaster interface{ forecastTo(point, spread []float64) }

// fitted holds what a method needs, and nothing else.
type fitted struct {
	Theta *theta         `json:"theta,omitempty"`
	ETS   *ets           `json:"ets,omitempty"`
	Naive *seasonalNaive `json:"naive,omitempty"`
	Mean  *lastMean      `json:"mean,omitempty"`
}

// forecastTo sets the mean forecast of the methods, and the mean of their
// standard deviations, which is the deviation of the mean if all err alike.
func (f fitted) forecastTo(point, spread []float64) {
	var all []forecaster
	if f.Theta != nil {
		all = append(all, f.Theta)
	}
	if f.ETS != nil {
		all = append(all, f.ETS)
	}
	if f.Naive != nil {
		all = append(all, f.Naive)
	}
	if f.Mean != nil {
		all = append(all, f.Mean)
	}
	if len(all) == 1 {
		all[0].forecastTo(point, spread)
		return
	}
	p, s := make([]float64, len(point)), make([]float64, len(point))
	clear(point)
	clear(spread)
	for _, one := range all {
		one.forecastTo(p, s)
		for i := range point {
			point[i] += p[i] / float64(len(all))
			spread[i] += s[i] / float64(len(all))
		}
	}
}

// fitter fits methods to growing parts of one series.
type fitter struct {
	season, window int
	ets            *etsFitter // made when needed
}

// fit fits the methods to the first values of a series of n. Theta and ETS are
// fitted once for both themselves and their mean.
func (f *fitter) fit(y []float64, n int, wanted []Method) []fitted {
	var t *theta
	var e *ets
	has := func(m Method) bool { return slices.Contains(wanted, m) || slices.Contains(wanted, ThetaETS) }
	var raw smoothing
	if has(Theta) || has(ETS) {
		raw = fitSmoothing(y)
	}
	if has(Theta) {
		t = fitTheta(y, f.season, raw)
	}
	if has(ETS) {
		if f.ets == nil {
			f.ets = newETSFitter(n, f.season)
		}
		e = f.ets.fit(y, raw)
	}
	all := make([]fitted, len(wanted))
	for i, m := range wanted {
		switch m {
		case ThetaETS:
			all[i] = fitted{Theta: t, ETS: e}
		case Theta:
			all[i] = fitted{Theta: t}
		case ETS:
			all[i] = fitted{ETS: e}
		case SeasonalNaive:
			all[i] = fitted{Naive: fitSeasonalNaive(y, f.season)}
		case Naive:
			all[i] = fitted{Naive: fitSeasonalNaive(y, 1)}
		case LastMean:
			all[i] = fitted{Mean: fitLastMean(y, f.window)}
		}
	}
	return all
}
