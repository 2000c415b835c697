package features

import (
	"math"
	"testing"
	"time"

	"github.com/quintile-dev/quintile/datasets"
)

// moment returns a time on the wall clock.
func moment(year int, month, day, hour, minute int) datasets.Moment {
	return datasets.Moment(datasets.DayOf(year, time.Month(month), day))*datasets.FullDay + datasets.Moment(hour)*datasets.Hour + datasets.Moment(minute)*60*datasets.Second
}

const none = datasets.NoCode

// handWorked is a customer with three orders, a return and a purchase after the
// as-of day, Saturday 2011-12-10.
func handWorked() []line {
	unit, one := datasets.Unit, datasets.One
	return []line{
		// Tuesday, 270 days before the as-of day
		{at: moment(2011, 3, 15, 10, 30), order: 1, product: 1, quantity: 2 * one, amount: 10 * unit, category: 0, channel: 0, store: 4, region: 1, salesperson: 7, campaign: 3, cost: 6 * unit, discount: 0},
		{at: moment(2011, 3, 15, 10, 30), order: 1, product: 2, quantity: one, amount: 5 * unit, category: 0, channel: 0, store: 4, region: 1, salesperson: 7, campaign: 3, cost: 2 * unit, discount: unit},
		// Thursday, 100 days before
		{at: moment(2011, 9, 1, 20, 15), order: 2, product: 1, quantity: 4 * one, amount: 20 * unit, category: 0, channel: 1, store: 4, region: 1, salesperson: 7, campaign: none, cost: 12 * unit, discount: datasets.NoMoney},
		// a return, 91 days before
		{at: moment(2011, 9, 10, 9, 0), order: 3, product: 1, quantity: -one, amount: -5 * unit, back: true, category: 0, channel: 1, store: 4, region: 1, salesperson: 7, campaign: none, cost: -3 * unit, discount: datasets.NoMoney},
		// Saturday, 7 days before
		{at: moment(2011, 12, 3, 23, 0), order: 4, product: 3, quantity: one, amount: 25 * unit, category: 1, channel: 1, store: 5, region: 1, salesperson: none, campaign: 3, cost: datasets.NoMoney, discount: 5 * unit},
		// too late
		{at: moment(2011, 12, 11, 0, 0), order: 5, product: 9, quantity: one, amount: 1000 * unit, category: 9, channel: 9, store: 9, region: 9, salesperson: 9, campaign: 9, cost: unit, discount: unit},
	}
}

func TestEveryFeatureByHand(t *testing.T) {
	nan := math.NaN()
	h3 := math.Log2(3)
	twoThirds := 2.0/3*math.Log2(1.5) + h3/3 // entropy of 2 : 1
	quarters := 0.75*math.Log2(4.0/3) + 0.5  // entropy of 3 : 1
	x := func(gap float64) float64 { return gap / 366 * math.Log(gap/366) }
	want := map[string]float64{
		"recency_days": 7, "frequency": 3, "monetary": 60, "net_money": 55, "money_per_year": 60 * 365.25 / 271,
		"orders_per_year": 3 * 365.25 / 271, "lines": 4, "items": 8, "purchase_days": 3,

		"order_value_mean": 20, "order_value_median": 20, "order_value_min": 15, "order_value_max": 25, "order_value_sd": 5,
		"order_value_cv": 0.25, "order_value_first": 15, "order_value_last": 25, "order_value_last_ratio": 1.25,
		"top_order_share": 25.0 / 60, "line_value_max": 25, "unit_price_mean": 7.5,

		"tenure_days": 270, "btyd_x": 2, "btyd_t_x": 263, "btyd_t": 270, "btyd_money": 22.5, "second_purchase_days": 170,
		"money_first_90": 15, "active_months": 3, "active_month_share": 0.3,

		"gap_mean": 131.5, "gap_median": 131.5, "gap_sd": 77 / math.Sqrt2, "gap_cv": 77 / math.Sqrt2 / 131.5, "gap_min": 93, "gap_max": 170,
		"gap_last": 93, "gap_last_ratio": 93 / 131.5, "overdue_ratio": 7 / 131.5, "silence_max": 170,
		"clumpiness_365": 1 + (x(95)+x(170)+x(93)+x(8))/math.Log(4),

		"orders_30": 1, "money_30": 25, "items_30": 1, "active_days_30": 1,
		"orders_90": 1, "money_90": 25, "items_90": 1, "active_days_90": 1,
		"orders_180": 2, "money_180": 45, "items_180": 5, "active_days_180": 2,
		"orders_365": 3, "money_365": 60, "items_365": 8, "active_days_365": 3,

		// nine whole periods since the first purchase; orders in the last and the fourth last
		"money_share_90": 25.0 / 60, "money_trend_90": 5.0 / 45, "orders_trend_90": 0, "items_trend_90": -3.0 / 5,
		"orders_slope_360": 5.0 / 60, "money_slope_360": (4*25 + 20.0) / 60, "days_since_peak": 7,

		"basket_lines_mean": 4.0 / 3, "basket_lines_median": 1, "basket_lines_max": 2,
		"basket_items_mean": 8.0 / 3, "basket_items_median": 3, "basket_items_max": 4, "line_items_mean": 2, "single_line_share": 2.0 / 3,

		"returns_money": 5, "returns_share": 5.0 / 60, "returns_money_365": 5, "return_lines": 1, "return_line_share": 0.2,
		"return_orders": 1, "returned_items": 1, "returned_items_share": 0.125, "days_since_return": 91,

		"products_distinct": 3, "product_entropy": 1.5, "product_evenness": 1.5 / h3, "product_concentration": 6.0 / 16,
		"product_top_share": 0.5, "product_main": 1, "product_repeat_share": 1.0 / 3, "repeat_line_share": 0.25, "products_new_90": 1,
		"categories_distinct": 2, "category_entropy": quarters, "category_evenness": quarters, "category_concentration": 10.0 / 16,
		"category_top_share": 0.75, "category_main": 0, "category_repeat_share": 0.5,
		"channels_distinct": 2, "channel_entropy": twoThirds, "channel_evenness": twoThirds, "channel_concentration": 5.0 / 9,
		"channel_top_share": 2.0 / 3, "channel_main": 1,
		"stores_distinct": 2, "store_entropy": twoThirds, "store_evenness": twoThirds, "store_concentration": 5.0 / 9,
		"store_top_share": 2.0 / 3, "store_main": 4,
		"regions_distinct": 1, "region_entropy": 0, "region_evenness": nan, "region_concentration": 1, "region_top_share": 1, "region_main": 1,
		"salespeople_distinct": 1, "salesperson_entropy": 0, "salesperson_evenness": nan, "salesperson_concentration": 1,
		"salesperson_top_share": 1, "salesperson_main": 7,
		"campaign_order_share": 2.0 / 3, "campaigns_distinct": 1,

		"discount_money": 6, "discount_share": 6.0 / 46, "discount_line_share": 2.0 / 3, "discount_order_share": 2.0 / 3,
		"margin_money": 13, "margin_share": 13.0 / 30, "cost_known_share": 0.8,

		"weekend_share": 1.0 / 3, "weekday_entropy": h3, "weekday_top_share": 1.0 / 3, "year_end_share": 1.0 / 3,
		"q1_share": 1.0 / 3, "q2_share": 0, "q3_share": 1.0 / 3, "q4_share": 1.0 / 3,
		"night_share": 1.0 / 3, "morning_share": 1.0 / 3, "afternoon_share": 0, "evening_share": 1.0 / 3,
		"business_hours_share": 1.0 / 3, "hour_top_share": 1.0 / 3,
	}
	got := compute(t, handWorked(), datasets.DayOf(2011, 12, 10))
	for _, f := range Catalogue() {
		w, ok := want[f.Name]
		if !ok {
			t.Errorf("%s is not worked out", f.Name)
		} else if !closeTo(got[f.Name], w) {
			t.Errorf("%s: got %v, want %v", f.Name, got[f.Name], w)
		}
	}
}

// check compares some features.
func check(t *testing.T, what string, got, want map[string]float64) {
	t.Helper()
	for name, w := range want {
		if g, ok := got[name]; !ok || !closeTo(g, w) {
			t.Errorf("%s: %s: got %v, want %v", what, name, g, w)
		}
	}
}

func TestOddCustomersByHand(t *testing.T) {
	nan := math.NaN()
	asOf := datasets.DayOf(2011, 12, 10)
	nobody := compute(t, nil, asOf)
	check(t, "no events", nobody, map[string]float64{
		"recency_days": nan, "frequency": 0, "monetary": 0, "btyd_x": nan, "order_value_mean": nan, "orders_365": 0, "products_distinct": 0,
		"product_top_share": nan, "return_line_share": nan, "days_since_return": nan, "discount_money": nan, "margin_money": nan,
		"weekday_entropy": nan, "clumpiness_365": nan, "active_months": 0,
	})
	check(t, "only returns", compute(t, handWorked()[3:4], asOf), map[string]float64{
		"recency_days": nan, "frequency": 0, "monetary": 0, "net_money": -5, "returns_money": 5, "returns_share": nan, "return_line_share": 1,
		"return_orders": 1, "days_since_return": 91, "margin_money": -2, "cost_known_share": 1, "product_entropy": nan, "channel_main": nan,
		"tenure_days": nan, "purchase_days": 0,
	})
	check(t, "only the future", compute(t, handWorked()[5:], asOf), nobody)
	check(t, "one purchase on the day itself", compute(t, handWorked()[4:5], datasets.DayOf(2011, 12, 3)), map[string]float64{
		"recency_days": 0, "frequency": 1, "tenure_days": 0, "btyd_x": 0, "btyd_t_x": 0, "btyd_t": 0, "btyd_money": nan, "gap_mean": nan,
		"orders_30": 1, "order_value_sd": nan, "money_per_year": nan, "active_month_share": 1, "silence_max": 0,
		"money_trend_90": 1, "orders_slope_360": nan, "clumpiness_365": 1 + (365*math.Log(365.0/366)+math.Log(1.0/366))/366/math.Ln2,
	})
	// Two orders of one day count once as a purchase day; returned and bought
	// again within one order, it is still one order.
	noon := moment(2011, 12, 1, 12, 0)
	check(t, "two orders in one instant", compute(t, []line{
		{at: noon, order: 1, product: 1, quantity: datasets.One, amount: 3 * datasets.Unit},
		{at: noon, order: 2, product: 1, quantity: datasets.One, amount: 5 * datasets.Unit},
		{at: noon, order: 2, product: 1, quantity: -datasets.One, amount: -5 * datasets.Unit, back: true},
	}, asOf), map[string]float64{
		"frequency": 2, "purchase_days": 1, "btyd_x": 0, "gap_mean": nan, "order_value_median": 4, "return_orders": 1,
		"repeat_line_share": 0.5, "product_repeat_share": 1, "afternoon_share": 1,
	})
	// An order that begins with a return stands on the day of its first purchase.
	check(t, "return first", compute(t, []line{
		{at: noon, order: 1, quantity: -datasets.One, amount: -datasets.Unit, back: true},
		{at: noon + datasets.FullDay, order: 2, quantity: datasets.One, amount: 2 * datasets.Unit},
		{at: noon + 5*datasets.FullDay, order: 1, quantity: datasets.One, amount: 7 * datasets.Unit},
	}, asOf), map[string]float64{
		"frequency": 2, "order_value_first": 2, "order_value_last": 7, "recency_days": 4, "tenure_days": 8, "return_orders": 1,
	})
}

func TestHistoriesTooLargeToSumAreRefused(t *testing.T) {
	c := NewCalculator(Catalogue())
	dst := make([]float64, len(c.Features()))
	asOf := datasets.DayOf(2011, 12, 10)
	f := func(change func(l *line), want error) {
		t.Helper()
		lines := handWorked()
		for i := range lines {
			change(&lines[i])
		}
		err := c.Compute(dst, new(eventsOf(lines)), asOf)
		if err != want {
			t.Errorf("got %v, want %v", err, want)
		}
		if err != nil && !math.IsNaN(dst[1]) {
			t.Error("a refused customer has features")
		}
	}
	f(func(l *line) { l.amount = math.MaxInt64 / 2 }, ErrTooLarge)
	f(func(l *line) { l.amount = math.MinInt64 }, ErrTooLarge)
	f(func(l *line) { l.quantity = math.MinInt64 / 2 }, ErrTooLarge)
	f(func(l *line) { l.cost = 1 << 60 }, ErrTooLarge)
	f(func(l *line) { l.discount = 1 << 60 }, ErrTooLarge)
	f(func(l *line) { l.discount, l.cost = datasets.NoMoney, datasets.NoMoney }, nil)
	f(func(l *line) { l.amount = 1 << 58 }, nil) // 5 · 2⁵⁸ < 2⁶¹, though the quick test cannot tell
}

func TestCutKeepsThePastOnly(t *testing.T) {
	ev := eventsOf(handWorked())
	for asOf, want := range map[datasets.Day]int{
		datasets.DayOf(2011, 3, 14): 0, datasets.DayOf(2011, 3, 15): 2, datasets.DayOf(2011, 12, 10): 5, datasets.DayOf(2011, 12, 11): 6,
		math.MinInt32: 0, math.MaxInt32: 6,
	} {
		p := Cut(ev, asOf)
		if p.Events().Len() != want || len(p.Events().Cost) != want || p.AsOf() != asOf {
			t.Errorf("%d: got %d events, want %d", asOf, p.Events().Len(), want)
		}
	}
}

func TestCalendarAgreesWithTimePackage(t *testing.T) {
	for day := -800_000; day < 800_000; day += 13 {
		d := datasets.Day(day).Date()
		if got, want := monthOf(day), d.Year()*12+int(d.Month())-1; got != want {
			t.Fatalf("%s: got month %d, want %d", d, got, want)
		}
		if got, want := weekday(day), int(d.Weekday()); got != want {
			t.Fatalf("%s: got weekday %d, want %d", d, got, want)
		}
	}
}
