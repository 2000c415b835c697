package value

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/setting"
	"github.com/quintile-dev/quintile/models"
)

// Model values customers: a lifetime model, and where it was better the learned model on top.
type Model struct {
	HorizonDays float64  `json:"horizon_days"`
	Discount    float64  `json:"discount"` // yearly rate
	Margin      float64  `json:"margin"`
	Net         bool     `json:"net"` // money is less returns
	Interval    float64  `json:"interval"`
	Seed        uint64   `json:"seed"`
	Money       bool     `json:"money"` // line items have money
	Life        *life    `json:"lifetime"`
	Learned     *learned `json:"learned,omitempty"` // nil: Life publishes
}

// Validate returns an error where the model, as from a file, cannot be used.
func (m *Model) Validate() error {
	switch {
	case m.Life == nil || m.Life.Orders == nil:
		return errors.New("value: got no lifetime model, want one")
	case !(m.HorizonDays > 0 && m.HorizonDays <= math.MaxInt32):
		return fmt.Errorf("value: got a horizon of %v days, want a number above 0", m.HorizonDays)
	case !(m.Discount >= 0 && m.Discount <= 1) || !(m.Margin >= 0 && m.Margin <= 1):
		return errors.New("value: got a discount or margin that is no share, want shares from 0 to 1")
	case !(m.Interval > 0 && m.Interval < 1):
		return fmt.Errorf("value: got an interval of %v, want a share above 0 and below 1", m.Interval)
	case !(m.Life.Mean >= 0 && m.Life.Mean <= math.MaxFloat64):
		return fmt.Errorf("value: got a mean money of %v, want a number ≥ 0", m.Life.Mean)
	case m.Life.Spend != nil && !m.Money:
		return errors.New("value: got a model of money for line items without money")
	}
	if m.Learned == nil {
		return nil
	}
	return m.Learned.validate(m.Life.Spend != nil)
}

// validate returns an error where the learned model cannot be used.
func (l *learned) validate(money bool) error {
	want := slices.Concat(l.Features, added)
	for _, e := range []struct {
		name string
		part interface{ Names() []string }
		has  bool
	}{{"buys", l.Buys, l.Buys != nil}, {"orders", l.Orders, l.Orders != nil}, {"money", l.Money, l.Money != nil}} {
		switch {
		case !e.has && (e.name != "money" || money):
			return fmt.Errorf("value: got no trees of %s, want some", e.name)
		case e.has && !slices.Equal(e.part.Names(), want):
			return fmt.Errorf("value: got trees of %s that read other columns than the model", e.name)
		}
	}
	if l.Window < 1 {
		return fmt.Errorf("value: got a window of %d days, want at least 1", l.Window)
	}
	for _, q := range quarterShares {
		if !slices.Contains(l.Features, q) {
			return fmt.Errorf("value: got features without %s, want it among them", q)
		}
	}
	if (l.Money != nil) != (l.Bounds != nil) {
		return errors.New("value: got bounds without trees of money, or trees without bounds")
	}
	if l.Bounds != nil {
		return l.Bounds.validate()
	}
	return nil
}

// Reads returns the features that the model reads.
func (m *Model) Reads() []string {
	names := basis(m.Money, m.Net)
	if m.Learned != nil {
		for _, name := range m.Learned.Features {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// values are the columns of the step for some customers.
type values struct {
	predicted
	alive     []float64
	perOrder  []float64 // nil without money
	worth     []float64 // likewise
	low, high []float64 // nil unless seeds are given
}

// value works out the columns of customers. column returns the values of a feature; seeds has one
// for each customer, or is nil where no bounds are wanted.
func (m *Model) value(ctx context.Context, column func(name string) []float64, seeds []uint64, workers int) (*values, error) {
	c := customersOf(column, m.Money, m.Net)
	horizon := m.HorizonDays / week
	f, err := m.Life.forecast(ctx, c, horizon, discount(m.HorizonDays, setting.Share(m.Discount)), workers)
	if err != nil {
		return nil, err
	}
	v := &values{predicted: predicted{any: f.any, orders: f.orders}, alive: f.alive, perOrder: f.value}
	n := len(f.orders)
	if f.value != nil {
		v.worth = make([]float64, n)
		for i := range n {
			v.worth[i] = f.discounted[i] * f.value[i] * m.Margin
		}
	}
	scale := func(i int) float64 { // of money within the horizon to value
		if !(f.orders[i] > 0) {
			return m.Margin
		}
		return f.discounted[i] / f.orders[i] * m.Margin
	}
	if m.Learned != nil {
		p, err := m.Learned.forecast(ctx, m.matrix(column), c, m.Life, horizon, workers)
		if err != nil {
			return nil, err
		}
		v.predicted = *p
		for i := range p.money {
			v.worth[i] = p.money[i] * scale(i)
			if p.orders[i] > 0 {
				v.perOrder[i] = p.money[i] / p.orders[i]
			}
		}
	}
	if seeds == nil || v.worth == nil {
		return v, nil
	}
	v.low, v.high = make([]float64, n), make([]float64, n)
	if m.Learned != nil {
		for i, money := range v.money {
			v.low[i], v.high[i] = m.Learned.Bounds.bounds(money)
			v.low[i], v.high[i] = v.low[i]*scale(i), v.high[i]*scale(i)
		}
		return v, nil
	}
	bounds, err := m.Life.bounds(ctx, c, horizon, m.Interval, seeds, workers)
	if err != nil {
		return nil, err
	}
	for i := range n {
		v.low[i], v.high[i] = bounds[2*i]*scale(i), bounds[2*i+1]*scale(i)
	}
	return v, nil
}

// matrix returns the features of the learned model.
func (m *Model) matrix(column func(name string) []float64) models.Matrix {
	x := models.Matrix{Names: m.Learned.Features, Cols: make([][]float32, len(m.Learned.Features))}
	for j, name := range x.Names {
		values := column(name)
		x.Cols[j] = make([]float32, len(values))
		for i, v := range values {
			x.Cols[j][i] = float32(v)
		}
	}
	return x
}

// ScoreTo values the customers of a batch.
func (m *Model) ScoreTo(ctx context.Context, dst *mining.Scores, b *mining.Batch, workers int) error {
	seeds := make([]uint64, b.Rows)
	for i := range seeds {
		seeds[i] = features.Hash(b.IDs.At(i), m.Seed)
	}
	v, err := m.value(ctx, b.Column, seeds, workers)
	if err != nil {
		return err
	}
	dst.SetNumbers("expected_orders", v.orders)
	dst.SetNumbers("alive_prob", v.alive)
	dst.SetNumbers("buy_prob", v.any)
	if v.worth != nil {
		dst.SetNumbers("clv", v.worth)
		dst.SetNumbers("clv_low", v.low)
		dst.SetNumbers("clv_high", v.high)
		dst.SetNumbers("expected_order_value", v.perOrder)
	}
	return nil
}
