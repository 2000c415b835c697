package churn

import (
	"encoding/json"
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/quintile-dev/quintile/datasets"
)

// Forecast is the base rate to expect where the base rates of past cutoffs move
// one way.
type Forecast struct {
	Cutoff    datasets.Day // the horizon of the forecast follows this day
	Rate      float64      // in (0,1)
	Low, High float64      // the interval that holds the rate with a chance of 80 %
	// Followed is set if the published probabilities have the mean Rate on the
	// newest cohort, instead of the share of leavers in the cohort.
	Followed bool
}

type forecastJSON struct {
	Cutoff   string  `json:"cutoff"`
	Rate     float64 `json:"rate"`
	Low      float64 `json:"low"`
	High     float64 `json:"high"`
	Followed bool    `json:"followed"`
}

// MarshalJSON writes the cutoff as a day, such as "2011-12-10".
func (f Forecast) MarshalJSON() ([]byte, error) {
	return json.Marshal(forecastJSON{f.Cutoff.String(), f.Rate, f.Low, f.High, f.Followed})
}

// UnmarshalJSON reads the output of MarshalJSON.
func (f *Forecast) UnmarshalJSON(text []byte) error {
	var in forecastJSON
	if err := json.Unmarshal(text, &in); err != nil {
		return err
	}
	day, err := datasets.ParseDay(in.Cutoff)
	if err != nil {
		return err
	}
	*f = Forecast{day, in.Rate, in.Low, in.High, in.Followed}
	return nil
}

const (
	// forecastShare is the chance that the interval of a forecast holds the rate.
	forecastShare = 0.8
	// A trend is what chance alone shows once in twenty times at most.
	trendDeviations = 1.96
)

// trending reports whether the rates, oldest first, move the same way from each
// to the next, and from the first to the last by more than sampling explains.
func trending(rates []BaseRate) bool {
	if len(rates) < 2 {
		return false
	}
	first, last := rates[0].logOdds(), rates[len(rates)-1].logOdds()
	for k := 1; k < len(rates); k++ {
		if step := rates[k].logOdds() - rates[k-1].logOdds(); !(step*(last-first) > 0) {
			return false
		}
	}
	deviation := math.Sqrt(rates[0].variance() + rates[len(rates)-1].variance())
	return math.Abs(last-first) > trendDeviations*deviation
}

// logOdds returns the log-odds of the rate, finite even where all left or none.
func (b BaseRate) logOdds() float64 {
	left, stayed := float64(b.Churned)+0.5, float64(b.Customers-b.Churned)+0.5
	return math.Log(left / stayed)
}

// variance returns the sampling variance of the log-odds.
func (b BaseRate) variance() float64 {
	return 1/(float64(b.Churned)+0.5) + 1/(float64(b.Customers-b.Churned)+0.5)
}

// perDay returns the mean change of the log-odds a day, of two rates or more.
func perDay(rates []BaseRate) float64 {
	last := len(rates) - 1
	return (rates[last].logOdds() - rates[0].logOdds()) / float64(rates[last].Cutoff-rates[0].Cutoff)
}

// forecast returns the rate to expect a horizon after the last, or nil where the
// rates do not trend, or are too few for an interval.
//
// On the scale of log-odds ℓ the rates are taken for a random walk with a drift,
// observed at the cutoffs, Δₖ days apart:
//
//	β = Σ(ℓₖ − ℓₖ₋₁)/ΣΔₖ   s² = Σ(ℓₖ − ℓₖ₋₁ − βΔₖ)²/Δₖ / (m − 2)
//	ℓ(H) = ℓₘ + βH ± t₍m₋₂₎·s·√(H(1 + H/ΣΔₖ))
//
// The variance of sampling replaces a smaller s², so that three rates on a line do
// not promise a fourth rate on the line.
func (c Config) forecast(rates []BaseRate) *Forecast {
	m := len(rates)
	if m < 3 || !trending(rates) {
		return nil
	}
	slope, horizon := perDay(rates), float64(c.HorizonDays)
	var squares, sampling float64
	for k := 1; k < m; k++ {
		days := float64(rates[k].Cutoff - rates[k-1].Cutoff)
		rest := rates[k].logOdds() - rates[k-1].logOdds() - float64(slope*days)
		squares += float64(rest*rest) / days
		sampling += (rates[k].variance() + rates[k-1].variance()) / days
	}
	spread := math.Sqrt(max(squares/float64(m-2), sampling/float64(m-1)))
	all := float64(rates[m-1].Cutoff - rates[0].Cutoff)
	t := distuv.StudentsT{Sigma: 1, Nu: float64(m - 2)}.Quantile((1 + forecastShare) / 2)
	margin := float64(float64(t*spread) * math.Sqrt(float64(horizon*(1+horizon/all))))
	next := rates[m-1].logOdds() + float64(slope*horizon)
	return &Forecast{
		Cutoff: rates[m-1].Cutoff + datasets.Day(c.HorizonDays),
		Rate:   probability(next), Low: probability(next - margin), High: probability(next + margin),
	}
}

// probability returns the probability of log-odds.
func probability(logOdds float64) float64 { return 1 / (1 + math.Exp(-logOdds)) }

// moved returns the share, in (0,1), with its log-odds moved.
func moved(p, by float64) float64 { return probability(math.Log(p) - math.Log1p(-p) + by) }
