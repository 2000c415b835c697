package value

import (
	"context"
	"fmt"
	"math"

	"github.com/quintile-dev/quintile/mining/setting"
	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/models/lifetime"
)

const (
	leastCustomers = 50
	leastRepeaters = 20
	draws          = 256 // simulated futures of a customer
)

var kinds = map[string]lifetime.Kind{mbgnbd: lifetime.MBGNBD, bgnbd: lifetime.BGNBD, paretonbd: lifetime.ParetoNBD}

// life is a lifetime model with the money of a purchase.
type life struct {
	Kind   string          `json:"kind"`
	Orders *lifetime.Model `json:"orders"`
	Spend  *lifetime.Spend `json:"spend,omitempty"` // nil where no money of repeat purchases is known
	Mean   float64         `json:"mean"`            // money of a repeat purchase of all customers, where Spend has no mean

	report, money lifetime.Report
}

// enough reports whether a lifetime model can be fitted.
func enough(c customers) bool {
	repeaters := 0
	for _, x := range c.X {
		if x > 0 {
			repeaters++
		}
	}
	return len(c.X) >= leastCustomers && repeaters >= leastRepeaters
}

// fitSpend fits the model of money, nil where no money is known, and the mean money of a
// repeat purchase.
func fitSpend(ctx context.Context, c customers, workers int) (*lifetime.Spend, float64, lifetime.Report, error) {
	var none lifetime.Report
	known, purchases, sum := 0, 0.0, 0.0
	for i, m := range c.mean {
		if m > 0 {
			known++
			purchases += c.X[i]
			sum += float64(m * c.X[i])
		}
	}
	if known < leastRepeaters {
		return nil, 0, none, nil
	}
	config := lifetime.DefaultSpend()
	config.Workers = workers
	s, r, err := config.Fit(ctx, c.X, c.mean, nil)
	return s, sum / purchases, r, err
}

// fitLife fits a lifetime model; spend, mean and money are those of fitSpend.
func fitLife(ctx context.Context, kind string, c customers, workers int) (*life, error) {
	config := lifetime.Default(kinds[kind])
	config.Workers = workers
	l := &life{Kind: kind}
	var err error
	if l.Orders, l.report, err = config.Fit(ctx, c.Customers, nil); err != nil {
		return nil, fmt.Errorf("fitting %s: %w", kind, err)
	}
	return l, nil
}

// forecast holds the answers of a model, one entry for each customer.
type forecast struct {
	alive, any, orders []float64
	discounted         []float64 // purchases; nil unless asked for
	value              []float64 // money of a purchase; nil without money
}

// forecast says what the customers will do within a horizon in weeks. A discount of nil leaves
// out discounted.
func (l *life) forecast(ctx context.Context, c customers, horizon float64, d *lifetime.Discount, workers int) (*forecast, error) {
	n := len(c.X)
	room := make([]float64, 4*n)
	f := &forecast{alive: room[:n:n], any: room[n : 2*n : 2*n], orders: room[2*n : 3*n : 3*n]}
	ask := lifetime.Ask{Horizon: horizon}
	if d != nil {
		f.discounted, ask.Discount = room[3*n:], *d
	}
	err := l.Orders.ForecastTo(ctx, lifetime.Forecasts{Alive: f.alive, Any: f.any, Expected: f.orders, Discounted: f.discounted}, c.Customers, ask, workers)
	if err != nil || l.Spend == nil {
		return f, err
	}
	f.value = make([]float64, n)
	if err := l.Spend.MeanTo(f.value, c.X, c.mean); err != nil {
		return nil, err
	}
	for i, v := range f.value {
		if math.IsNaN(v) { // the distribution has no mean
			f.value[i] = l.Mean
			if c.mean[i] > 0 {
				f.value[i] = c.mean[i]
			}
		}
	}
	return f, nil
}

// bounds returns the interval of the money of customers within a horizon in weeks, low and high
// in turns.
func (l *life) bounds(ctx context.Context, c customers, horizon, level float64, seeds []uint64, workers int) ([]float64, error) {
	dst := make([]float64, 2*len(c.X))
	ask := lifetime.MoneyAsk{Horizon: horizon, Probs: []float64{(1 - level) / 2, (1 + level) / 2}, Draws: draws}
	err := l.Orders.MoneyQuantilesTo(ctx, dst, c.Customers, l.Spend, c.mean, seeds, ask, workers)
	return dst, err
}

// discount says how the purchases of a horizon are discounted: by months of a twelfth of a year,
// or of as near as the horizon allows.
func discount(days float64, rate setting.Share) *lifetime.Discount {
	const year = 365.25
	months := max(1, int(math.Round(days*12/year)))
	d := &lifetime.Discount{Months: months, MonthLength: days / float64(months) / week, YearlyRate: float64(rate)}
	if length := days / float64(months) * 12 / year; length != 1 { // a step of the discount is a twelfth of a year
		d.YearlyRate = math.Pow(1+float64(rate), length) - 1
	}
	return d
}

// warnings are those of the fits.
func (l *life) warnings() []models.Warning {
	var out []models.Warning
	add := func(code string, from lifetime.Report, message string) {
		for _, w := range from.Warnings {
			if w.Code == code {
				out = append(out, models.Warning{Code: code, Count: 1, Message: message})
				return
			}
		}
	}
	add("no_dropout", l.report, l.Kind+" finds nobody who stopped buying: alive_prob is 1 for all")
	add("homogeneous", l.report, l.Kind+": customers do not differ in a rate, whose two parameters have no standard errors")
	add("not_converged", l.report, l.Kind+": the search for the parameters ended before a maximum")
	if len(out) == 0 || out[len(out)-1].Code != "not_converged" {
		add("not_converged", l.money, "gamma-gamma: the search for the parameters ended before a maximum")
	}
	add("infinite_mean", l.money, "the money of purchases varies so much that it has no mean; customers get their own mean, or that of all")
	return out
}
