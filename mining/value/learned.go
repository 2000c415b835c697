package value

import (
	"context"
	"math"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/features/panel"
	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/models/boost"
)

// learned predicts in two parts, each a correction of a lifetime model:
//
//	P(buys)         = boosted trees over the features and the lifetime model's P(any)
//	orders | buys   = E[X]/P(any) · exp(trees)
//	money | buys    = E[X]/P(any) · E[M] · exp(trees)
//
// of a window of so many days after the scoring date. The horizon follows by the lifetime model:
// orders and money grow as E[X] does, and −ln(1 − P(buys)) as that of the lifetime model.
type learned struct {
	Features []string        `json:"features"`
	Window   int             `json:"window_days"`
	Quarters [4]float64      `json:"quarters"` // of the window that it predicts
	Same     float32         `json:"same_season"`
	Buys     *boost.Ensemble `json:"buys"`
	Orders   *boost.Ensemble `json:"orders,omitempty"` // nil: as the lifetime model says
	Money    *boost.Ensemble `json:"money,omitempty"`  // likewise
	Bounds   *conformal      `json:"bounds,omitempty"`

	converged bool
}

// cohort is the customers of a past day, and what they did in the window after it.
type cohort struct {
	x             models.Matrix // with the columns added
	base          *forecast     // of the window
	orders, money []float64
}

// learner makes learned models.
type learner struct {
	features []string
	windows  windows
	money    bool
	net      bool
	level    float64
	seed     uint64
	workers  int
}

// weeks returns the length of the window.
func (l *learner) weeks() float64 { return float64(l.windows.learn) / week }

// customers returns what the lifetime models know of the customers of a past day.
func (l *learner) customers(d *panel.Day, names []string) customers {
	return customersOf(float64s(names, d.Cols), l.money, l.net)
}

// cohort prepares a past day. The lifetime model may know more than the day does: a few
// parameters, of all customers.
func (l *learner) cohort(ctx context.Context, p *panel.Panel, day int, target datasets.Day, with *life) (*cohort, error) {
	d := &p.Days[day]
	base, err := with.forecast(ctx, l.customers(d, p.Names), l.weeks(), nil, l.workers)
	if err != nil {
		return nil, err
	}
	c := &cohort{base: base, orders: widen(d.Labels[learnOrders])}
	if l.money {
		c.money = widen(d.Labels[learnMoney])
	}
	x := models.Matrix{Names: l.features, Cols: p.Only(l.features).Days[day].Cols}
	c.x = inputs(x, base, seasonOf(d.Day, target, l.windows.learn))
	return c, nil
}

func widen(values []float32) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = float64(v)
	}
	return out
}

// join puts cohorts below one another; keep says which rows, nil for all.
func join(cohorts []*cohort, keep func(row int) bool) *cohort {
	out := &cohort{base: &forecast{}}
	first := cohorts[0]
	out.x = models.Matrix{Names: first.x.Names, Cols: make([][]float32, len(first.x.Cols))}
	for _, c := range cohorts {
		var rows []int
		for i := range c.orders {
			if keep == nil || keep(i) {
				rows = append(rows, i)
			}
		}
		for j, col := range c.x.Cols {
			out.x.Cols[j] = append(out.x.Cols[j], pick(col, rows)...)
		}
		out.orders = append(out.orders, pick(c.orders, rows)...)
		out.base.any = append(out.base.any, pick(c.base.any, rows)...)
		out.base.orders = append(out.base.orders, pick(c.base.orders, rows)...)
		if c.money != nil {
			out.money = append(out.money, pick(c.money, rows)...)
		}
		if c.base.value != nil {
			out.base.value = append(out.base.value, pick(c.base.value, rows)...)
		}
	}
	return out
}

func pick[T any](values []T, rows []int) []T {
	out := make([]T, len(rows))
	for k, i := range rows {
		out[k] = values[i]
	}
	return out
}

const (
	leastLearned = 200 // rows to learn from
	leastBuyers  = 50  // of them, who bought, and who did not
	stopShare    = 5   // of one day's rows, every fifth tells boosting when to stop
)

// fit learns from the first days of the panel, so many as are over by target, the last day before
// the window that is to be predicted. It returns nil where there is too little to learn from.
//
// The newest day tells boosting when to stop, and its residuals make the bounds; then all days
// are learned from.
func (l *learner) fit(ctx context.Context, p *panel.Panel, target datasets.Day, with *life) (*learned, error) {
	n := 0
	if l.windows.learn > 0 {
		n = l.windows.over(target)
	}
	if n == 0 {
		return nil, nil
	}
	cohorts := make([]*cohort, n)
	for k := range cohorts {
		var err error
		if cohorts[k], err = l.cohort(ctx, p, k, target, with); err != nil {
			return nil, err
		}
	}
	all := join(cohorts, nil)
	older, newest := cohorts[:n-1], cohorts[n-1]
	var train *cohort
	if len(older) > 0 {
		train = join(older, nil)
	}
	if train == nil || !train.sufficient() {
		train, newest = join(cohorts, func(i int) bool { return i%stopShare != 0 }), join(cohorts, func(i int) bool { return i%stopShare == 0 })
	}
	if !train.sufficient() || !newest.sufficient() {
		return nil, nil
	}
	s := seasonOf(target, target, l.windows.learn)
	m := &learned{Features: l.features, Window: int(l.windows.learn), Quarters: s.quarters, Same: s.same, converged: true}
	trial, err := l.parts(ctx, m, train, newest, nil)
	if err != nil {
		return nil, err
	}
	if trial.Bounds, err = l.bounds(ctx, trial, newest); err != nil {
		return nil, err
	}
	final, err := l.parts(ctx, m, all, nil, trial)
	if err != nil {
		return nil, err
	}
	final.Bounds = trial.Bounds
	return final, nil
}

// sufficient reports whether there is enough to learn from.
func (c *cohort) sufficient() bool {
	bought := 0
	for _, y := range c.orders {
		if y > 0 {
			bought++
		}
	}
	return len(c.orders) >= leastLearned && bought >= leastBuyers && len(c.orders)-bought >= leastBuyers
}

// parts fits the trees: with valid to tell when to stop, or as many trees as trial has.
func (l *learner) parts(ctx context.Context, m *learned, train, valid *cohort, trial *learned) (*learned, error) {
	out := *m
	var err error
	fit := func(loss boost.Loss, target func(c *cohort) boost.Set, earlier *boost.Ensemble) (*boost.Ensemble, error) {
		c := boost.Default()
		c.Loss, c.LearningRate, c.MaxLeaves, c.MinRows = loss, 0.05, 15, 40
		c.L2, c.ColumnShare, c.Trees = 1, 0.5, 300
		c.Seed, c.Workers = l.seed, l.workers
		set := target(train)
		if valid == nil {
			c.Trees = max(1, earlier.Trees())
			e, _, err := c.Fit(ctx, set.X, set.Target, set.Weights)
			return e, err
		}
		c.Patience = 20
		e, report, err := c.FitValidated(ctx, set, target(valid))
		out.converged = out.converged && report.Converged
		return e, err
	}
	part := func(get func(*learned) *boost.Ensemble) *boost.Ensemble {
		if trial == nil {
			return nil
		}
		return get(trial)
	}
	if out.Buys, err = fit(boost.Logistic, buysSet, part(func(t *learned) *boost.Ensemble { return t.Buys })); err != nil {
		return nil, err
	}
	if out.Orders, err = fit(boost.Poisson, ordersSet, part(func(t *learned) *boost.Ensemble { return t.Orders })); err != nil {
		return nil, err
	}
	if l.money && train.base.value != nil {
		out.Money, err = fit(boost.Poisson, moneySet, part(func(t *learned) *boost.Ensemble { return t.Money }))
	}
	return &out, err
}

// buysSet asks who buys.
func buysSet(c *cohort) boost.Set {
	target := make([]float64, len(c.orders))
	for i, y := range c.orders {
		if y > 0 {
			target[i] = 1
		}
	}
	return boost.Set{X: c.x, Target: target}
}

// ordersSet asks those who bought how much more often than the lifetime model says. Weighted with
// what the model says, the Poisson loss of the ratio is that of the orders themselves.
func ordersSet(c *cohort) boost.Set {
	return ratios(c, c.orders, func(i int) (base, weight float64) {
		b := conditional(c.base, i)
		return b, b
	})
}

// moneySet asks the same of money. The spread of money grows faster than its mean does, so that
// the weight is the root of what the lifetime model says.
func moneySet(c *cohort) boost.Set {
	return ratios(c, c.money, func(i int) (base, weight float64) {
		b := conditional(c.base, i) * c.base.value[i]
		return b, math.Sqrt(b)
	})
}

func ratios(c *cohort, y []float64, base func(i int) (base, weight float64)) boost.Set {
	set := boost.Set{}
	var rows []int
	sum := 0.0
	for i, orders := range c.orders {
		if b, w := base(i); orders > 0 && b > 0 {
			rows = append(rows, i)
			set.Target, set.Weights = append(set.Target, max(0, y[i])/b), append(set.Weights, w)
			sum += w
		}
	}
	for k := range set.Weights {
		set.Weights[k] *= float64(len(rows)) / sum
	}
	set.X = models.Matrix{Names: c.x.Names, Cols: make([][]float32, len(c.x.Cols))}
	for j, col := range c.x.Cols {
		set.X.Cols[j] = pick(col, rows)
	}
	return set
}

// conditional returns the orders of a customer who buys, by the lifetime model: at least 1.
func conditional(f *forecast, i int) float64 {
	if !(f.any[i] > 0) {
		return 1
	}
	return max(1, f.orders[i]/f.any[i])
}

// window predicts the window: P(buys), orders, and money, nil without.
func (m *learned) window(ctx context.Context, x models.Matrix, base *forecast, workers int) (any, orders, money []float64, err error) {
	n := len(base.orders)
	any, orders = make([]float64, n), make([]float64, n)
	if err := m.Buys.PredictTo(ctx, any, x, workers); err != nil {
		return nil, nil, nil, err
	}
	if err := m.Orders.PredictTo(ctx, orders, x, workers); err != nil {
		return nil, nil, nil, err
	}
	if m.Money != nil {
		money = make([]float64, n)
		if err := m.Money.PredictTo(ctx, money, x, workers); err != nil {
			return nil, nil, nil, err
		}
	}
	for i := range n {
		c := any[i] * conditional(base, i)
		orders[i] *= c
		if money != nil {
			money[i] *= c * base.value[i]
		}
	}
	return any, orders, money, nil
}

// predicted is what a model says of a horizon.
type predicted struct {
	any, orders, money []float64 // money is nil without
}

// forecast predicts a horizon in weeks. x holds the features of the model.
func (m *learned) forecast(ctx context.Context, x models.Matrix, c customers, with *life, horizon float64, workers int) (*predicted, error) {
	base, err := with.forecast(ctx, c, float64(m.Window)/week, nil, workers)
	if err != nil {
		return nil, err
	}
	all, err := with.forecast(ctx, c, horizon, nil, workers)
	if err != nil {
		return nil, err
	}
	out := &predicted{}
	if out.any, out.orders, out.money, err = m.window(ctx, inputs(x, base, season{m.Quarters, m.Same}), base, workers); err != nil {
		return nil, err
	}
	for i := range out.orders {
		factor, power := horizon*week/float64(m.Window), horizon*week/float64(m.Window)
		if base.orders[i] > 0 {
			factor = all.orders[i] / base.orders[i]
		}
		if none := math.Log1p(-base.any[i]); none < 0 && all.any[i] < 1 {
			power = math.Log1p(-all.any[i]) / none
		}
		out.any[i] = -math.Expm1(power * math.Log1p(-out.any[i]))
		out.orders[i] = max(out.any[i], out.orders[i]*factor)
		if out.money != nil {
			out.money[i] *= factor
		}
	}
	return out, nil
}

// bounds makes the bounds of money from a cohort that the model has not learned from.
func (l *learner) bounds(ctx context.Context, m *learned, c *cohort) (*conformal, error) {
	if m.Money == nil {
		return nil, nil
	}
	_, _, money, err := m.window(ctx, c.x, c.base, l.workers)
	if err != nil {
		return nil, err
	}
	return newConformal(money, c.money, l.level), nil
}
