package value

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/features/panel"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/models"
)

// level is how much worse than the best a model may do in the hold-out and count as level with it.
const level = 0.01

// candidate is a model or plain rule with its figures of the hold-out; NaN for none.
type candidate struct {
	name        string
	customers   int
	rmseOrders  float64
	rmseMoney   float64
	ratioOrders float64 // predicted over actual, in total
	ratioMoney  float64
	buyProb     float64 // mean probability to buy
	buyShare    float64 // share who bought
	brier, ece  float64
	coverage    float64 // share of the customers whose money is within the interval
	below       float64 // share below it
	above       float64 // share above it
	published   bool

	rule     bool // a plain rule
	life     *life
	byOrders []float64 // predicted purchase days, by repeat purchases before the hold-out
}

// score is the error for comparing candidates: the geometric mean of the two errors, which have
// different units.
func (c *candidate) score() float64 {
	if math.IsNaN(c.rmseMoney) {
		return c.rmseOrders
	}
	return math.Sqrt(c.rmseOrders * c.rmseMoney)
}

// held is the hold-out: the known past, and the later outcome.
type held struct {
	customers
	day           *panel.Day
	orders, money []float64 // money is nil without
	candidates    []*candidate
	base          *life // the best lifetime model
}

// compare lets models and plain rules predict the hold-out. The result is nil where too
// little happened before the hold-out.
func (t *task) compare(ctx context.Context, in *mining.Input, l *learner) (*held, []models.Warning, error) {
	d := &in.Panel.Days[len(in.Panel.Days)-1]
	h := &held{customers: l.customers(d, in.Panel.Names), day: d, orders: widen(d.Labels[heldOrders])}
	if !enough(h.customers) {
		return nil, nil, nil
	}
	if t.money {
		h.money = widen(d.Labels[heldMoney])
	}
	weeks := float64(t.windows.holdout()) / week
	spend, mean, report, err := fitSpend(ctx, h.customers, in.Workers)
	if err != nil {
		return nil, nil, err
	}
	for _, kind := range t.lifetimes() {
		fitted, err := fitLife(ctx, kind, h.customers, in.Workers)
		if err != nil {
			return nil, nil, err
		}
		fitted.Spend, fitted.Mean, fitted.money = spend, mean, report
		c, err := h.lifetime(ctx, fitted, weeks, l)
		if err != nil {
			return nil, nil, err
		}
		h.candidates = append(h.candidates, c)
	}
	h.base = h.best([]string{mbgnbd, bgnbd, paretonbd}, func(c *candidate) bool { return c.life != nil }).life
	var warnings []models.Warning
	if slices.Contains(t.set.Models, learnedBy) {
		c, err := h.learned(ctx, in.Panel, h.base, weeks, l)
		if err != nil {
			return nil, nil, err
		}
		if c != nil {
			h.candidates = append(h.candidates, c)
		} else {
			warnings = append(warnings, notLearned())
		}
		if !slices.ContainsFunc(t.set.Models, isLifetime) { // it was fitted for the learned model alone
			h.candidates = slices.DeleteFunc(h.candidates, func(c *candidate) bool { return c.life != nil })
		}
	}
	h.rules(weeks, in.Panel.Names)
	return h, warnings, nil
}

func notLearned() models.Warning {
	return models.Warning{Code: "not_learned", Count: 1,
		Message: "there are too few past days or customers to learn from, so that learned does not compete; a longer history"}
}

func isLifetime(name string) bool { return name != learnedBy }

// lifetimes returns the lifetime models to fit: the models of the settings, or the base of the
// learned model.
func (t *task) lifetimes() []string {
	list := slices.DeleteFunc(slices.Clone(t.set.Models), func(name string) bool { return !isLifetime(name) })
	if len(list) == 0 {
		return []string{mbgnbd}
	}
	return list
}

// lifetime lets a lifetime model predict.
func (h *held) lifetime(ctx context.Context, l *life, weeks float64, with *learner) (*candidate, error) {
	f, err := l.forecast(ctx, h.customers, weeks, nil, with.workers)
	if err != nil {
		return nil, err
	}
	p := &predicted{any: f.any, orders: f.orders}
	if f.value != nil {
		p.money = make([]float64, len(f.orders))
		for i, v := range f.value {
			p.money[i] = f.orders[i] * v
		}
	}
	c := h.judge(l.Kind, p)
	c.life = l
	if p.money == nil {
		return c, nil
	}
	bounds, err := l.bounds(ctx, h.customers, weeks, with.level, rowSeeds(len(f.orders), with.seed), with.workers)
	if err != nil {
		return nil, err
	}
	h.cover(c, func(i int) (low, high float64) { return bounds[2*i], bounds[2*i+1] })
	return c, nil
}

// rowSeeds returns a seed for each row. The ids of customers are not known here; a share over all
// customers does not need them.
func rowSeeds(n int, seed uint64) []uint64 {
	out := make([]uint64, n)
	for i := range out {
		out[i] = seed + uint64(i)*0x9E3779B97F4A7C15
	}
	return out
}

// learned lets the learned model predict; nil where there is too little to learn from.
func (h *held) learned(ctx context.Context, p *panel.Panel, with *life, weeks float64, l *learner) (*candidate, error) {
	m, err := l.fit(ctx, p, l.windows.cut, with)
	if m == nil || err != nil {
		return nil, err
	}
	x := models.Matrix{Names: l.features, Cols: p.Only(l.features).Days[len(p.Days)-1].Cols}
	says, err := m.forecast(ctx, x, h.customers, with, weeks, l.workers)
	if err != nil {
		return nil, err
	}
	c := h.judge(learnedBy, says)
	if m.Bounds != nil {
		h.cover(c, func(i int) (low, high float64) { return m.Bounds.bounds(says.money[i]) })
	}
	return c, nil
}

// rules lets the plain rules predict.
func (h *held) rules(weeks float64, names []string) {
	n := len(h.orders)
	column := float64s(names, h.day.Cols)
	rate, window := &predicted{orders: make([]float64, n)}, &predicted{orders: widen(h.day.Labels[beforeOrders])}
	for i := range n {
		if h.T[i] > 0 {
			rate.orders[i] = h.X[i] / h.T[i] * weeks
		}
	}
	if h.money != nil {
		name := "monetary"
		money, days := column(name), column("purchase_days")
		rate.money, window.money = make([]float64, n), widen(h.day.Labels[beforeMoney])
		for i := range n {
			rate.money[i] = rate.orders[i] * money[i] / max(1, days[i])
		}
	}
	for _, c := range []*candidate{h.judge(rateRule, rate), h.judge(windowRule, window)} {
		c.rule = true
		h.candidates = append(h.candidates, c)
	}
}

// mostRepeats is the last row of the table of purchase days by repeat purchases before.
const mostRepeats = 7

// judge compares a prediction with what happened.
func (h *held) judge(name string, p *predicted) *candidate {
	nan := math.NaN()
	c := &candidate{
		name: name, customers: len(h.orders), rmseMoney: nan, ratioMoney: nan, buyProb: nan, brier: nan, ece: nan,
		coverage: nan, below: nan, above: nan, byOrders: byRepeats(h.X, p.orders),
	}
	c.rmseOrders, c.ratioOrders = errorOf(p.orders, h.orders)
	if h.money != nil && p.money != nil {
		c.rmseMoney, c.ratioMoney = errorOf(p.money, h.money)
	}
	bought := make([]float64, len(h.orders))
	for i, y := range h.orders {
		if y > 0 {
			bought[i] = 1
		}
	}
	c.buyShare = mean(bought)
	if p.any != nil {
		c.buyProb = mean(p.any)
		rmse, _ := errorOf(p.any, bought)
		c.brier, c.ece = rmse*rmse, calibration(p.any, bought)
	}
	return c
}

// byRepeats returns the mean of values by the repeat purchases of customers, NaN where there are
// none.
func byRepeats(x, values []float64) []float64 {
	sums, counts := make([]float64, mostRepeats+1), make([]float64, mostRepeats+1)
	for i, v := range values {
		k := min(mostRepeats, int(x[i]))
		sums[k] += v
		counts[k]++
	}
	for k := range sums {
		sums[k] /= counts[k]
	}
	return sums
}

// errorOf returns the root mean squared error, and the ratio of the sums, NaN where nothing
// happened.
func errorOf(predicted, actual []float64) (rmse, ratio float64) {
	squares, said, was := 0.0, 0.0, 0.0
	for i, p := range predicted {
		squares += float64((p - actual[i]) * (p - actual[i]))
		said += p
		was += actual[i]
	}
	ratio = math.NaN()
	if was > 0 {
		ratio = said / was
	}
	return math.Sqrt(squares / float64(len(predicted))), ratio
}

func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

// tenths is the number of bins of the calibration.
const tenths = 10

// calibration returns the expected calibration error over ten bins of customers, the highest
// probabilities first: borders at n·i/10, halves rounded to even.
func calibration(prob, bought []float64) float64 {
	n := len(prob)
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(prob[j], prob[i]) })
	off := 0.0
	for k := range tenths {
		said, was := 0.0, 0.0
		for _, i := range order[border(n, k):border(n, k+1)] {
			said += prob[i]
			was += bought[i]
		}
		off += math.Abs(said - was)
	}
	return off / float64(n)
}

func border(n, k int) int { return int(math.RoundToEven(float64(n*k) / tenths)) }

// cover counts the customers whose money was within their interval.
func (h *held) cover(c *candidate, bounds func(i int) (low, high float64)) {
	below, above := 0, 0
	for i, y := range h.money {
		y = max(0, y)
		switch low, high := bounds(i); {
		case y < low:
			below++
		case y > high:
			above++
		}
	}
	n := float64(len(h.money))
	c.below, c.above = float64(below)/n, float64(above)/n
	c.coverage = 1 - c.below - c.above
}

// best returns the model that publishes: the model of the least error, or an earlier model in
// the order of the settings with a nearly equal error. of selects the models allowed.
func (h *held) best(order []string, of func(*candidate) bool) *candidate {
	least := math.Inf(1)
	for _, c := range h.candidates {
		if !c.rule && of(c) {
			least = min(least, c.score())
		}
	}
	for _, name := range order {
		for _, c := range h.candidates {
			if c.name == name && of(c) && c.score() <= least*(1+level) {
				return c
			}
		}
	}
	return nil
}

// worse returns the plain rule that does better than a candidate in purchase days or money, nil
// where none does.
func (h *held) worse(than *candidate) *candidate {
	for _, c := range h.candidates {
		if c.rule && c.score() < than.score() {
			return c
		}
	}
	return nil
}

var holdoutColumns = []mining.Column{
	{Column: table.Column{Name: "model", Type: table.Text, Description: "model; or plain rule: rate is x/T times the mean money of all purchase days, last_window what was bought in as many days before"}},
	{Column: table.Column{Name: "published", Type: table.Bool, Description: "the model that publishes"}},
	{Column: table.Column{Name: "customers", Type: table.Int64, Unit: "customers", Description: "customers won before the hold-out, or the sample of them"}},
	{Column: table.Column{Name: "rmse_orders", Type: table.Float64, Unit: "purchase days", Description: "root mean squared error of purchase days"}},
	{Column: table.Column{Name: "rmse_money", Type: table.Float64, Nullable: true, Unit: "currency", Description: "root mean squared error of money"}},
	{Column: table.Column{Name: "ratio_orders", Type: table.Float64, Nullable: true, Unit: "ratio", Description: "predicted over actual purchase days, in total"}},
	{Column: table.Column{Name: "ratio_money", Type: table.Float64, Nullable: true, Unit: "ratio", Description: "predicted over actual money, in total"}},
	{Column: table.Column{Name: "buy_prob", Type: table.Float64, Nullable: true, Unit: "probability", Description: "mean probability to buy"}},
	{Column: table.Column{Name: "buy_share", Type: table.Float64, Unit: "share", Description: "share of the customers who bought"}},
	{Column: table.Column{Name: "brier", Type: table.Float64, Nullable: true, Description: "mean squared error of the probability"}},
	{Column: table.Column{Name: "ece", Type: table.Float64, Nullable: true, Unit: "probability", Description: "expected calibration error of the probability, over ten bins of customers"}},
	{Column: table.Column{Name: "coverage", Type: table.Float64, Nullable: true, Unit: "share", Description: "share of the customers whose money was within their interval"}},
	{Column: table.Column{Name: "below", Type: table.Float64, Nullable: true, Unit: "share", Description: "share of the customers whose money was below their interval"}},
	{Column: table.Column{Name: "above", Type: table.Float64, Nullable: true, Unit: "share", Description: "share of the customers whose money was above their interval"}},
}

// numbers are the figures of a candidate by the names of holdoutColumns, from rmse_orders on.
func (c *candidate) numbers() []float64 {
	return []float64{
		c.rmseOrders, c.rmseMoney, c.ratioOrders, c.ratioMoney, c.buyProb, c.buyShare, c.brier, c.ece, c.coverage, c.below, c.above,
	}
}

// holdoutTable returns the comparison in its published form; without a comparison the
// table has no rows.
func holdoutTable(h *held) mining.Table {
	return mining.Table{Name: holdoutFile, Columns: holdoutColumns, Write: func(_ context.Context, w mining.TableWriter) error {
		if h == nil {
			return nil
		}
		v := make([]table.Values, len(holdoutColumns))
		for _, c := range h.candidates {
			v[0].Strings = append(v[0].Strings, c.name)
			v[1].Bools = append(v[1].Bools, c.published)
			v[2].Ints = append(v[2].Ints, int64(c.customers))
			for k, x := range c.numbers() {
				v[3+k].Floats = append(v[3+k].Floats, x)
			}
		}
		return w.Write(v, len(h.candidates))
	}}
}
