package value

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/models/lifetime"
)

// answer is what the step has found.
type answer struct {
	model       *Model
	kind        string // of the model that publishes
	held        *held
	customers   customers // of the whole history
	worth       []float64 // of each customer; nil without money
	track       *tracking
	learnedDays int
}

// Fit compares the models on the end of the history, and fits the best to all of it.
func (t *task) Fit(ctx context.Context, in *mining.Input) (*mining.Result, error) {
	names := basis(t.money, t.net())
	columns, err := in.Table.Columns(ctx, names, in.Buyers)
	if err != nil {
		return nil, err
	}
	a := &answer{customers: customersOf(named(names, columns), t.money, t.net())}
	if !enough(a.customers) {
		return insufficient(len(a.customers.X)), nil
	}
	l := &learner{
		features: t.features, windows: t.windows, money: t.money, net: t.net(), level: float64(t.set.Interval), seed: in.Seed, workers: in.Workers,
	}
	var warnings []models.Warning
	a.held, warnings, err = t.compare(ctx, in, l)
	if err != nil {
		return nil, err
	}
	out := &mining.Result{State: mining.OK}
	if err := t.publish(ctx, in, l, a); err != nil {
		return nil, err
	}
	if a.model == nil {
		return insufficient(len(a.customers.X)), nil
	}
	if err := t.total(ctx, in, a); err != nil {
		return nil, err
	}
	if a.held != nil {
		if a.track, err = t.track(ctx, a.held.base, in.Workers); err != nil {
			return nil, err
		}
		out.Tables = append(out.Tables, holdoutTable(a.held), a.track.table())
	} else {
		out.Tables = append(out.Tables, holdoutTable(nil), (&tracking{}).table())
		warnings = append(warnings, models.Warning{Code: "no_holdout", Count: 1,
			Message: fmt.Sprintf("the days before the hold-out of %d days hold too little to compare models; %s publishes", t.windows.holdout(), a.kind)})
	}
	out.Model, out.Figures, out.Section = a.model, t.figures(in, a), t.section(in, a)
	out.State, out.Warnings = t.state(a, append(warnings, a.model.Life.warnings()...))
	return out, nil
}

func insufficient(n int) *mining.Result {
	return &mining.Result{State: mining.Insufficient, Warnings: []models.Warning{{Code: "insufficient_data", Count: n,
		Message: fmt.Sprintf("%d customers, want at least %d, of whom %d bought on a second day; a longer history", n, leastCustomers, leastRepeaters)}}}
}

// named returns a lookup of columns by name.
func named(names []string, columns [][]float64) func(name string) []float64 {
	return func(name string) []float64 {
		at := slices.Index(names, name)
		if at < 0 {
			panic("value: BUG: the step reads " + name + ", which it does not name")
		}
		return columns[at]
	}
}

// publish fits the model that does best in the hold-out to the whole history.
func (t *task) publish(ctx context.Context, in *mining.Input, l *learner, a *answer) error {
	a.kind = t.set.Models[0]
	lifeKind := t.lifetimes()[0]
	if a.held != nil {
		lifeKind = a.held.base.Kind
		if best := a.held.best(t.set.Models, func(*candidate) bool { return true }); best != nil {
			best.published = true
			a.kind = best.name
		} else { // nothing could be learned before the hold-out
			a.held = nil
		}
	}
	if isLifetime(a.kind) {
		lifeKind = a.kind
	}
	spend, mean, report, err := fitSpend(ctx, a.customers, in.Workers)
	if err != nil {
		return err
	}
	fitted, err := fitLife(ctx, lifeKind, a.customers, in.Workers)
	if err != nil {
		return err
	}
	fitted.Spend, fitted.Mean, fitted.money = spend, mean, report
	margin, err := t.margin(ctx, in)
	if err != nil {
		return err
	}
	m := &Model{
		HorizonDays: t.set.HorizonDays, Discount: float64(t.set.Discount), Margin: margin, Net: t.net(),
		Interval: float64(t.set.Interval), Seed: in.Seed, Money: t.money, Life: fitted,
	}
	if a.kind == learnedBy {
		if m.Learned, err = l.fit(ctx, in.Panel, t.windows.asOf, fitted); err != nil {
			return err
		}
		if m.Learned == nil {
			if len(t.set.Models) == 1 {
				return nil
			}
			a.kind = lifeKind
		} else {
			a.learnedDays = m.Learned.Window
		}
	}
	a.model = m
	return nil
}

// piece is how many customers are valued at once.
const piece = 1 << 16

// total values all customers, without bounds.
func (t *task) total(ctx context.Context, in *mining.Input, a *answer) error {
	if a.model.Life.Spend == nil {
		return nil
	}
	a.worth = make([]float64, 0, len(a.customers.X))
	names := a.model.Reads()
	for s, err := range in.Table.Stretches(ctx, names, in.Buyers, piece) {
		if err != nil {
			return err
		}
		v, err := a.model.value(ctx, named(names, s.Columns), nil, in.Workers)
		if err != nil {
			return err
		}
		a.worth = append(a.worth, v.worth...)
	}
	return nil
}

// state says whether the values can be used, and completes the warnings.
func (t *task) state(a *answer, warnings []models.Warning) (mining.State, []models.Warning) {
	state := mining.OK
	if a.model.Learned == nil && a.model.Life.report.State == lifetime.NoDropout {
		state = NoDropout
	}
	if a.model.Life.report.State == lifetime.NotConverged {
		state = mining.NotConverged
	}
	if a.model.Life.Spend == nil {
		warnings = append(warnings, models.Warning{Code: "no_money", Count: len(a.customers.X),
			Message: "no money of repeat purchases is known, so that there are purchases and no values; map unit_price or amount under columns"})
	}
	if a.held == nil {
		return state, warnings
	}
	published := a.held.published()
	if rule := a.held.worse(published); rule != nil {
		state = WorseThanNaive
		warnings = append(warnings, models.Warning{Code: "worse_than_naive", Count: 1,
			Message: fmt.Sprintf("the plain rule %s did better in the hold-out than %s: an error of %.4g purchase days against %.4g; take the values with care",
				rule.name, published.name, rule.rmseOrders, published.rmseOrders)})
	}
	return state, warnings
}

// published returns the candidate that publishes.
func (h *held) published() *candidate {
	for _, c := range h.candidates {
		if c.published {
			return c
		}
	}
	return nil
}

// figures are those of the manifest.
func (t *task) figures(in *mining.Input, a *answer) []mining.Figure {
	l := a.model.Life
	values, errs := parameters(l.Orders.Parameters())
	out := []mining.Figure{
		{Name: "model", Value: a.kind, Summary: true}, {Name: "lifetime_model", Value: l.Kind},
		{Name: "parameters", Value: values}, {Name: "standard_errors", Value: errs}, {Name: "log_likelihood", Value: l.report.LogLikelihood},
		{Name: "margin", Value: a.model.Margin}, {Name: "customers", Value: len(a.customers.X)}, {Name: "horizon_days", Value: t.set.HorizonDays},
	}
	if l.Spend != nil {
		out = append(out, mining.Figure{Name: "gamma_gamma", Value: a.gammaGamma()},
			mining.Figure{Name: "clv_total", Value: sumOf(a.worth), Summary: true})
	}
	list := []map[string]any{}
	if a.held != nil {
		out = append(out, mining.Figure{Name: "holdout_days", Value: int(t.windows.holdout())}, mining.Figure{Name: "sample_share", Value: in.Panel.Share})
		for _, c := range a.held.candidates {
			row := map[string]any{"model": c.name, "customers": c.customers, "published": c.published}
			for k, v := range c.numbers() {
				row[holdoutColumns[3+k].Name] = mining.OrNull(v)
			}
			list = append(list, row)
		}
	}
	out = append(out, mining.Figure{Name: "holdout", Value: list})
	if a.learnedDays > 0 {
		out = append(out, mining.Figure{Name: "learned_days", Value: a.learnedDays})
	}
	return out
}

func sumOf(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum
}

// parameters returns values and standard errors by name.
func parameters(list []lifetime.Parameter) (values, errs map[string]any) {
	values, errs = map[string]any{}, map[string]any{}
	for _, p := range list {
		values[p.Name], errs[p.Name] = mining.OrNull(p.Value), mining.OrNull(p.StdError)
	}
	return values, errs
}

// gammaGamma returns the figures of the model of money.
func (a *answer) gammaGamma() map[string]any {
	out, errs := parameters(a.model.Life.Spend.Parameters())
	out["standard_errors"] = errs
	out["log_likelihood"] = a.model.Life.money.LogLikelihood
	var x, m []float64
	for i, v := range a.customers.mean {
		if v > 0 {
			x, m = append(x, a.customers.X[i]), append(m, v)
		}
	}
	out["customers"], out["correlation"] = len(x), mining.OrNull(correlation(x, m))
	return out
}

// correlation returns Pearson's r, NaN where one of both does not vary.
func correlation(x, y []float64) float64 {
	mx, my := mean(x), mean(y)
	xx, yy, xy := 0.0, 0.0, 0.0
	for i := range x {
		dx, dy := x[i]-mx, y[i]-my
		xx += float64(dx * dx)
		yy += float64(dy * dy)
		xy += float64(dx * dy)
	}
	return xy / math.Sqrt(xx*yy)
}
