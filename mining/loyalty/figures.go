package loyalty

import (
	"math"
	"strconv"

	"github.com/quintile-dev/quintile/mining"
)

// retentionAt are the periods for which retention is a figure.
var retentionAt = [...]int{1, 3, 6, 12}

// figures are the numbers of all customers together.
type figures struct {
	repeatRate, repeatRateDays float64

	retention, unfinished map[string]any
	within, withinKM      map[string]any
	median                float64
	persistency           map[string]any
	pooled                float64
}

// figures reckons them.
func (t *task) figures(in *mining.Input, a *account, c *counts, r *repeats, orders []float64) *figures {
	f := &figures{
		retention: map[string]any{}, unfinished: map[string]any{}, within: map[string]any{}, withinKM: map[string]any{},
		median: r.second.Median(),
	}
	again := 0
	for _, n := range orders {
		if n >= 2 {
			again++
		}
	}
	f.repeatRate = float64(again) / float64(len(orders))
	f.repeatRateDays = float64(r.second.Closed()) / float64(len(orders))
	for _, since := range retentionAt {
		name := strconv.Itoa(since)
		f.retention[name] = mining.OrNull(c.pooled(t.periods, in.AsOf, since, false).share())
		f.unfinished[name] = mining.OrNull(c.pooled(t.periods, in.AsOf, since, true).share())
	}
	curve := r.second.Survival()
	for k, days := range withinDays {
		name := strconv.Itoa(days)
		f.within[name] = mining.OrNull(float64(r.within[k]) / float64(r.eligible[k]))
		f.withinKM[name] = mining.OrNull(back(curve, days))
	}
	f.persist(a)
	return f
}

// back returns the share of customers who have come back within so many days, NaN beyond the
// curve.
func back(survival []float64, days int) float64 {
	if days >= len(survival) {
		return math.NaN()
	}
	return 1 - survival[days]
}

// longEnough is the number of periods from which persistency is meaningful: a customer of
// a single period is always active in every period.
const longEnough = 3

// persist reckons persistency.
func (f *figures) persist(a *account) {
	var mean, meanLong, active, span float64
	long := 0
	for i, n := range a.columns[0] {
		of := a.columns[1][i]
		mean += n / of
		active += n
		span += of
		if of >= longEnough {
			meanLong += n / of
			long++
		}
	}
	f.pooled = active / span
	f.persistency = map[string]any{
		"mean": mining.OrNull(mean / float64(len(a.columns[0]))), "pooled": mining.OrNull(f.pooled),
		"mean_from_3": mining.OrNull(meanLong / float64(long)), "customers_from_3": long,
	}
}

// list returns the figures of the manifest.
func (f *figures) list(a *account) []mining.Figure {
	quality := "1 - returned share"
	if a.Quality != "" {
		quality = a.Quality
	}
	return []mining.Figure{
		{Name: "repeat_rate", Value: mining.OrNull(f.repeatRate), Summary: true},
		{Name: "repeat_rate_days", Value: mining.OrNull(f.repeatRateDays)},
		{Name: "retention", Value: f.retention, Summary: true}, {Name: "retention_unfinished", Value: f.unfinished},
		{Name: "repeat_within", Value: f.within}, {Name: "repeat_within_km", Value: f.withinKM},
		{Name: "repeat_median_days", Value: mining.OrNull(f.median)}, {Name: "persistency", Value: f.persistency},
		{Name: "sizes", Value: a.sizes()}, {Name: "value", Value: a.values()}, {Name: "quality", Value: quality},
	}
}
