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
//	P(buys)         = P(any) · exp(trees)
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
	Orders   *boost.Ensemble `json:"orders"`
	Money    *boost.Ensemble `json:"money,omitempty"` // nil without money
	Bounds   *conformal      `json:"bounds,omitempty"`
}

// cohort is the customers of a past day, and their behaviour in the window after
// the day.
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

// join appends cohorts; keep selects the rows, nil for all.
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
	heldShare    = 5   // every fifth row is held out where no earlier window was over
)

// mostProb is the highest probability to buy.
const mostProb = 0.999

// rounds is the number of trees of each part. The number is fixed: windows are few and overlap,
// and the customers of one day cannot determine when to stop (the choice and the errors changed
// by a factor of three from one day to the next).
const rounds = 100

// fit learns from the first days of the panel, as many as are complete by target, the last day
// before the window to predict. The result is nil with too few data to learn from.
//
// The residuals of the newest day make the bounds, after a fit to the days with windows complete
// by then; without such days, the residuals of a fifth of the customers. Then the final fit uses
// all days.
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
	older, newest := &cohort{}, cohorts[n-1]
	if k := l.windows.over(l.windows.days[n-1]); k > 0 {
		older = join(cohorts[:k], nil)
	}
	if !older.sufficient() {
		older, newest = join(cohorts, func(i int) bool { return i%heldShare != 0 }), join(cohorts, func(i int) bool { return i%heldShare == 0 })
	}
	if !older.sufficient() || len(newest.orders) < leastBuyers {
		return nil, nil
	}
	trial, err := l.parts(ctx, target, older)
	if err != nil {
		return nil, err
	}
	m, err := l.parts(ctx, target, join(cohorts, nil))
	if err != nil {
		return nil, err
	}
	m.Bounds, err = l.bounds(ctx, trial, newest)
	return m, err
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

// parts fits the trees of a model that is to predict the window after target.
func (l *learner) parts(ctx context.Context, target datasets.Day, train *cohort) (*learned, error) {
	s := seasonOf(target, target, l.windows.learn)
	m := &learned{Features: l.features, Window: int(l.windows.learn), Quarters: s.quarters, Same: s.same}
	fit := func(loss boost.Loss, set boost.Set) (*boost.Ensemble, error) {
		c := boost.Default()
		c.Loss, c.Trees, c.LearningRate, c.MaxLeaves, c.MinRows = loss, rounds, 0.05, 15, 40
		c.L2, c.ColumnShare, c.Seed, c.Workers = 1, 0.5, l.seed, l.workers
		e, _, err := c.Fit(ctx, set.X, set.Target, set.Weights)
		return e, err
	}
	var err error
	if m.Buys, err = fit(boost.Poisson, buysSet(train)); err != nil {
		return nil, err
	}
	if m.Orders, err = fit(boost.Poisson, ordersSet(train)); err != nil {
		return nil, err
	}
	if train.base.value != nil {
		m.Money, err = fit(boost.Poisson, moneySet(train))
	}
	return m, err
}

// buysSet learns the ratio of the probability to buy to that of the lifetime model. Weighted
// with the model's probability, the Poisson loss of the ratio equals the loss of the answer
// itself, and in cases unseen by the trees, such as a silence longer than in any past window,
// the answer of the model stays.
func buysSet(c *cohort) boost.Set {
	bought := make([]float64, len(c.orders))
	for i, y := range c.orders {
		bought[i] = min(1, y)
	}
	return ratios(c, bought, func(int) bool { return true }, func(i int) (base, weight float64) {
		return c.base.any[i], c.base.any[i]
	})
}

// ordersSet learns, from customers who bought, the ratio of orders to the orders of the lifetime
// model. Weighted with the orders of the model, the Poisson loss of the ratio equals the loss of
// the orders themselves.
func ordersSet(c *cohort) boost.Set {
	return ratios(c, c.orders, c.bought, func(i int) (base, weight float64) {
		b := conditional(c.base, i)
		return b, b
	})
}

// moneySet does the same for money. The spread of money grows faster than the mean, so that the
// weight is the root of the money of the lifetime model.
func moneySet(c *cohort) boost.Set {
	return ratios(c, c.money, c.bought, func(i int) (base, weight float64) {
		b := conditional(c.base, i) * c.base.value[i]
		return b, math.Sqrt(b)
	})
}

// bought reports whether a customer bought in the window.
func (c *cohort) bought(i int) bool { return c.orders[i] > 0 }

// ratios divides the outcomes of customers by the answers of the lifetime model, with weights of
// mean 1. of selects the customers.
func ratios(c *cohort, y []float64, of func(i int) bool, base func(i int) (base, weight float64)) boost.Set {
	set := boost.Set{}
	var rows []int
	sum := 0.0
	for i := range c.orders {
		if b, w := base(i); of(i) && b > 0 {
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
		any[i] = min(mostProb, any[i]*base.any[i])
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
