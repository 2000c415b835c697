package value

import (
	"math"
	"slices"

	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/models"
)

// learnable are the features read by the learned model where the run computes them: amount,
// frequency, recency, movement, breadth and season of purchases.
var learnable = []string{
	"recency_days", "frequency", "monetary", "net_money", "items", "purchase_days",
	"order_value_mean", "order_value_median", "order_value_max", "order_value_cv", "order_value_last_ratio", "top_order_share",
	"btyd_x", "btyd_t_x", "btyd_t", "btyd_money", "second_purchase_days", "active_month_share",
	"gap_mean", "gap_median", "gap_cv", "gap_last", "overdue_ratio", "silence_max", "clumpiness_365",
	"orders_30", "money_30", "orders_90", "money_90", "orders_180", "money_180", "orders_365", "money_365",
	"money_trend_90", "orders_trend_90", "orders_slope_360", "money_slope_360", "days_since_peak",
	"basket_lines_mean", "products_distinct", "product_repeat_share", "products_new_90", "categories_distinct",
	"returns_share", "discount_share", "year_end_share", "q1_share", "q2_share", "q3_share", "q4_share",
}

// Columns that the learned model adds to the features.
var added = []string{"value.any", "value.orders", "value.spend", "value.season_habit", "value.same_season"}

// featuresOf returns the features that the learned model can read.
func featuresOf(r *mining.Run) []string {
	return slices.DeleteFunc(slices.Clone(learnable), func(name string) bool { return !has(r, name) })
}

var quarterShares = [4]string{"q1_share", "q2_share", "q3_share", "q4_share"}

// inputs joins the columns read by the learned model: x with the added columns.
func inputs(x models.Matrix, f *forecast, s season) models.Matrix {
	n := len(f.orders)
	extra := make([][]float32, len(added))
	for j := range extra {
		extra[j] = make([]float32, n)
	}
	var shares [4][]float32
	for q, name := range quarterShares {
		shares[q] = x.Cols[slices.Index(x.Names, name)]
	}
	for i := range n {
		extra[0][i], extra[1][i] = float32(f.any[i]), float32(f.orders[i])
		extra[2][i] = float32(math.NaN())
		if f.value != nil {
			extra[2][i] = float32(f.value[i])
		}
		extra[3][i], extra[4][i] = s.habit(shares, i), s.same
	}
	return models.Matrix{Names: slices.Concat(x.Names, added), Cols: slices.Concat(x.Cols, extra)}
}
