package features

import (
	"fmt"
	"maps"
	"math"
	"time"

	"github.com/quintile-dev/quintile/datasets"
)

// reference computes every feature in the slow way.
var reference = refTable()

func refTable() map[string]func(r *ref) float64 {
	m := map[string]func(r *ref) float64{
		"recency_days":    (*ref).recency,
		"frequency":       func(r *ref) float64 { return float64(len(r.orders)) },
		"monetary":        (*ref).gross,
		"net_money":       func(r *ref) float64 { return r.gross() - r.returned() },
		"money_per_year":  func(r *ref) float64 { return r.year(r.gross()) },
		"orders_per_year": func(r *ref) float64 { return r.year(float64(len(r.orders))) },
		"lines":           func(r *ref) float64 { return float64(len(r.buys)) },
		"items":           (*ref).items,
		"purchase_days":   func(r *ref) float64 { return float64(len(r.days)) },

		"order_value_mean":   func(r *ref) float64 { return meanOf(r.values()) },
		"order_value_median": func(r *ref) float64 { return medianOf(r.values()) },
		"order_value_min":    func(r *ref) float64 { return least(r.values()) },
		"order_value_max":    func(r *ref) float64 { return most(r.values()) },
		"order_value_sd":     func(r *ref) float64 { return sdOf(r.values()) },
		"order_value_cv":     func(r *ref) float64 { return quotient(sdOf(r.values()), meanOf(r.values())) },
		"order_value_first":  func(r *ref) float64 { return at(r.values(), 0) },
		"order_value_last":   func(r *ref) float64 { return at(r.values(), len(r.orders)-1) },
		"order_value_last_ratio": func(r *ref) float64 {
			return quotient(at(r.values(), len(r.orders)-1), meanOf(r.values()))
		},
		"top_order_share": func(r *ref) float64 { return quotient(most(r.values()), r.gross()) },
		"line_value_max": func(r *ref) float64 {
			var v []float64
			for _, l := range r.buys {
				v = append(v, l.amount.Float())
			}
			return most(v)
		},
		"unit_price_mean": func(r *ref) float64 { return quotient(r.gross(), r.items()) },

		"tenure_days": (*ref).tenure,
		"btyd_x":      func(r *ref) float64 { return r.some(float64(len(r.days) - 1)) },
		"btyd_t_x":    func(r *ref) float64 { return r.tenure() - r.recency() },
		"btyd_t":      (*ref).tenure,
		"btyd_money": func(r *ref) float64 {
			var v []float64
			for i, d := range r.days {
				if i > 0 {
					v = append(v, r.moneyOf[d])
				}
			}
			return meanOf(v)
		},
		"second_purchase_days": func(r *ref) float64 { return at(r.gaps, 0) },
		"money_first_90": func(r *ref) float64 {
			if !(r.tenure() >= 89) {
				return nan
			}
			return r.moneyIn(int(r.tenure())-89, int(r.tenure())+1)
		},
		"active_months":      func(r *ref) float64 { return float64(len(r.months())) },
		"active_month_share": (*ref).monthShare,

		"gap_mean":       func(r *ref) float64 { return meanOf(r.gaps) },
		"gap_median":     func(r *ref) float64 { return medianOf(r.gaps) },
		"gap_sd":         func(r *ref) float64 { return sdOf(r.gaps) },
		"gap_cv":         func(r *ref) float64 { return quotient(sdOf(r.gaps), meanOf(r.gaps)) },
		"gap_min":        func(r *ref) float64 { return least(r.gaps) },
		"gap_max":        func(r *ref) float64 { return most(r.gaps) },
		"gap_last":       func(r *ref) float64 { return at(r.gaps, len(r.gaps)-1) },
		"gap_last_ratio": func(r *ref) float64 { return at(r.gaps, len(r.gaps)-1) / medianOf(r.gaps) },
		"overdue_ratio":  func(r *ref) float64 { return r.recency() / medianOf(r.gaps) },
		"silence_max": func(r *ref) float64 {
			if len(r.gaps) == 0 {
				return r.recency()
			}
			return max(r.recency(), most(r.gaps))
		},
		"clumpiness_365": (*ref).clumpiness,

		"money_share_90":   func(r *ref) float64 { return quotient(r.moneyIn(0, 90), r.gross()) },
		"money_trend_90":   func(r *ref) float64 { return refBalance(r.moneyIn(0, 90), r.moneyIn(90, 180)) },
		"orders_trend_90":  func(r *ref) float64 { return refBalance(r.ordersIn(0, 90), r.ordersIn(90, 180)) },
		"items_trend_90":   func(r *ref) float64 { return refBalance(r.itemsIn(0, 90), r.itemsIn(90, 180)) },
		"orders_slope_360": func(r *ref) float64 { return r.slope(r.ordersIn) },
		"money_slope_360":  func(r *ref) float64 { return r.slope(r.moneyIn) },
		"days_since_peak": func(r *ref) float64 {
			best, day := math.Inf(-1), r.asOf
			for _, d := range r.days {
				if r.moneyOf[d] >= best {
					best, day = r.moneyOf[d], d
				}
			}
			return r.some(float64(r.asOf - day))
		},

		"basket_lines_mean":   func(r *ref) float64 { return meanOf(r.sizes()) },
		"basket_lines_median": func(r *ref) float64 { return medianOf(r.sizes()) },
		"basket_lines_max":    func(r *ref) float64 { return most(r.sizes()) },
		"basket_items_mean":   func(r *ref) float64 { return meanOf(r.contents()) },
		"basket_items_median": func(r *ref) float64 { return medianOf(r.contents()) },
		"basket_items_max":    func(r *ref) float64 { return most(r.contents()) },
		"line_items_mean":     func(r *ref) float64 { return quotient(r.items(), float64(len(r.buys))) },
		"single_line_share":   func(r *ref) float64 { return r.ofOrders(func(o refOrder) bool { return len(o.lines) == 1 }) },

		"returns_money": (*ref).returned,
		"returns_share": func(r *ref) float64 { return quotient(r.returned(), r.gross()) },
		"returns_money_365": func(r *ref) float64 {
			return -sumOf(r.backs, func(l line) float64 {
				if r.in(l.at.Day(), 0, 365) {
					return l.amount.Float()
				}
				return 0
			})
		},
		"return_lines":      func(r *ref) float64 { return float64(len(r.backs)) },
		"return_line_share": func(r *ref) float64 { return quotient(float64(len(r.backs)), float64(len(r.backs)+len(r.buys))) },
		"return_orders": func(r *ref) float64 {
			m := map[uint32]bool{}
			for _, l := range r.backs {
				m[l.order] = true
			}
			return float64(len(m))
		},
		"returned_items":       (*ref).itemsBack,
		"returned_items_share": func(r *ref) float64 { return quotient(r.itemsBack(), r.items()) },
		"days_since_return": func(r *ref) float64 {
			if len(r.backs) == 0 {
				return nan
			}
			return float64(r.asOf - r.backs[len(r.backs)-1].at.Day())
		},
	}
	for _, w := range []int{30, 90, 180, 365} {
		m[fmt.Sprintf("orders_%d", w)] = func(r *ref) float64 { return r.ordersIn(0, w) }
		m[fmt.Sprintf("money_%d", w)] = func(r *ref) float64 { return r.moneyIn(0, w) }
		m[fmt.Sprintf("items_%d", w)] = func(r *ref) float64 { return r.itemsIn(0, w) }
		m[fmt.Sprintf("active_days_%d", w)] = func(r *ref) float64 { return r.daysIn(0, w) }
	}
	maps.Copy(m, refMixes())
	maps.Copy(m, refPrices())
	maps.Copy(m, refCalendar())
	return m
}

func least(v []float64) float64 {
	best := nan
	for _, x := range v {
		if !(x >= best) {
			best = x
		}
	}
	return best
}

func most(v []float64) float64 {
	best := nan
	for _, x := range v {
		if !(x <= best) {
			best = x
		}
	}
	return best
}

func at(v []float64, i int) float64 {
	if i < 0 || i >= len(v) {
		return nan
	}
	return v[i]
}

func (r *ref) sizes() []float64 {
	var v []float64
	for _, o := range r.orders {
		v = append(v, float64(len(o.lines)))
	}
	return v
}

func (r *ref) contents() []float64 {
	var v []float64
	for _, o := range r.orders {
		v = append(v, o.items)
	}
	return v
}

// refMixes gives the features of all columns of codes.
func refMixes() map[string]func(r *ref) float64 {
	m := map[string]func(r *ref) float64{}
	mix := func(one, many string, counts func(r *ref) map[uint32]int) {
		m[many+"_distinct"] = func(r *ref) float64 { return float64(len(counts(r))) }
		m[one+"_entropy"] = func(r *ref) float64 { return entropyOf(counts(r)) }
		m[one+"_evenness"] = func(r *ref) float64 {
			if len(counts(r)) < 2 {
				return nan
			}
			return entropyOf(counts(r)) / math.Log2(float64(len(counts(r))))
		}
		m[one+"_concentration"] = func(r *ref) float64 {
			_, _, n := topOf(counts(r))
			s := 0.0
			for _, c := range counts(r) {
				s += float64(c) / n * float64(c) / n
			}
			return quotient(s, min(n, 1))
		}
		m[one+"_top_share"] = func(r *ref) float64 { _, top, n := topOf(counts(r)); return quotient(top, n) }
		m[one+"_main"] = func(r *ref) float64 {
			code, _, n := topOf(counts(r))
			return quotient(float64(code), min(n, 1))
		}
	}
	product := func(l line) uint32 { return l.product }
	category := func(l line) uint32 { return l.category }
	campaign := func(l line) uint32 { return l.campaign }
	mix("product", "products", func(r *ref) map[uint32]int { return r.lineCodes(product) })
	mix("category", "categories", func(r *ref) map[uint32]int { return r.lineCodes(category) })
	mix("channel", "channels", func(r *ref) map[uint32]int { return r.orderCodes(func(l line) uint32 { return l.channel }) })
	mix("store", "stores", func(r *ref) map[uint32]int { return r.orderCodes(func(l line) uint32 { return l.store }) })
	mix("region", "regions", func(r *ref) map[uint32]int { return r.orderCodes(func(l line) uint32 { return l.region }) })
	mix("salesperson", "salespeople", func(r *ref) map[uint32]int { return r.orderCodes(func(l line) uint32 { return l.salesperson }) })
	repeats := func(of func(line) uint32) func(r *ref) float64 {
		return func(r *ref) float64 {
			n, again := 0.0, 0.0
			for _, orders := range r.ordersOf(of) {
				n++
				if len(orders) > 1 {
					again++
				}
			}
			return quotient(again, n)
		}
	}
	m["product_repeat_share"] = repeats(product)
	m["category_repeat_share"] = repeats(category)
	m["repeat_line_share"] = func(r *ref) float64 {
		orders := r.ordersOf(product)
		known := countOf(r.buys, func(l line) bool { return l.product != datasets.NoCode })
		return quotient(countOf(r.buys, func(l line) bool {
			return l.product != datasets.NoCode && orders[l.product][0] != l.order
		}), known)
	}
	m["products_new_90"] = func(r *ref) float64 {
		n := 0.0
		for _, orders := range r.ordersOf(product) {
			for _, o := range r.orders {
				if o.id == orders[0] && r.in(first(o).at.Day(), 0, 90) {
					n++
				}
			}
		}
		return n
	}
	m["campaigns_distinct"] = func(r *ref) float64 { return float64(len(r.orderCodes(campaign))) }
	m["campaign_order_share"] = func(r *ref) float64 {
		return r.ofOrders(func(o refOrder) bool { return first(o).campaign != datasets.NoCode })
	}
	return m
}

func refPrices() map[string]func(r *ref) float64 {
	known := func(r *ref) []line {
		var out []line
		for _, l := range r.buys {
			if l.discount != datasets.NoMoney {
				out = append(out, l)
			}
		}
		return out
	}
	costed := func(r *ref) []line {
		var out []line
		for _, l := range append(append([]line{}, r.buys...), r.backs...) {
			if l.cost != datasets.NoMoney {
				out = append(out, l)
			}
		}
		return out
	}
	if0 := func(list []line, v float64) float64 {
		if len(list) == 0 {
			return nan
		}
		return v
	}
	discount := func(l line) float64 { return l.discount.Float() }
	amount := func(l line) float64 { return l.amount.Float() }
	margin := func(l line) float64 { return (l.amount - l.cost).Float() }
	reduced := func(l line) bool { return l.discount > 0 }
	return map[string]func(r *ref) float64{
		"discount_money": func(r *ref) float64 { return if0(known(r), sumOf(known(r), discount)) },
		"discount_share": func(r *ref) float64 {
			d := sumOf(known(r), discount)
			return quotient(d, sumOf(known(r), amount)+d)
		},
		"discount_line_share": func(r *ref) float64 { return quotient(countOf(known(r), reduced), float64(len(known(r)))) },
		"discount_order_share": func(r *ref) float64 {
			return if0(known(r), r.ofOrders(func(o refOrder) bool { return countOf(o.lines, reduced) > 0 }))
		},
		"margin_money": func(r *ref) float64 { return if0(costed(r), sumOf(costed(r), margin)) },
		"margin_share": func(r *ref) float64 { return quotient(sumOf(costed(r), margin), sumOf(costed(r), amount)) },
		"cost_known_share": func(r *ref) float64 {
			return quotient(float64(len(costed(r))), float64(len(r.buys)+len(r.backs)))
		},
	}
}

func refCalendar() map[string]func(r *ref) float64 {
	when := func(f func(d time.Time) bool) func(r *ref) float64 {
		return func(r *ref) float64 { return r.ofOrders(func(o refOrder) bool { return f(date(first(o))) }) }
	}
	top := func(counts func(r *ref) map[uint32]int) func(r *ref) float64 {
		return func(r *ref) float64 { _, top, n := topOf(counts(r)); return quotient(top, n) }
	}
	weekend := func(d time.Time) bool { return d.Weekday() == time.Saturday || d.Weekday() == time.Sunday }
	m := map[string]func(r *ref) float64{
		"weekend_share":     when(weekend),
		"weekday_entropy":   func(r *ref) float64 { return entropyOf(r.weekdayCounts()) },
		"weekday_top_share": top((*ref).weekdayCounts),
		"year_end_share":    when(func(d time.Time) bool { return d.Month() >= time.November }),
		"night_share":       when(func(d time.Time) bool { return d.Hour() < 6 || d.Hour() >= 22 }),
		"morning_share":     when(func(d time.Time) bool { return d.Hour() >= 6 && d.Hour() < 12 }),
		"afternoon_share":   when(func(d time.Time) bool { return d.Hour() >= 12 && d.Hour() < 18 }),
		"evening_share":     when(func(d time.Time) bool { return d.Hour() >= 18 && d.Hour() < 22 }),
		"business_hours_share": when(func(d time.Time) bool {
			return !weekend(d) && d.Hour() >= 9 && d.Hour() < 17
		}),
		"hour_top_share": top((*ref).hourCounts),
	}
	for q := range 4 {
		m[fmt.Sprintf("q%d_share", q+1)] = when(func(d time.Time) bool { return (int(d.Month())-1)/3 == q })
	}
	return m
}
