package profit_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/quintile-dev/quintile/mining/stepcheck"
)

// check compares figures of the step with keys that pandas, NumPy and DuckDB gave.
func check(t *testing.T, reading, settings string, want map[string]any) {
	t.Helper()
	got := stepcheck.OnlineRetail(t, "2011-12-10", reading, "{profit: "+settings+"}").Manifest.Steps["profit"]
	for name, key := range want {
		v, isNumber := got[name].(float64)
		if k, ok := key.(float64); ok && isNumber && math.Abs(v-k) <= 5e-10 {
			continue
		}
		if fmt.Sprint(got[name]) != fmt.Sprint(key) {
			t.Errorf("%s %s: got %v, want %v", settings, name, got[name], key)
		}
	}
}

func TestMoneyOfOnlineRetailIsConcentrated(t *testing.T) {
	check(t, stepcheck.CleanRetail, "{}", map[string]any{
		"customers": 4338, "total": "8911407.904", "gini": 0.715139618, "top_20_share": 0.746171372, "customers_for_80": 1133,
		"abc": map[string]int{"A": 1133, "B": 1469, "C": 1736}, "hhi": 0.00464360101, "negative": 0,
	})
}

func TestNetMoneyOfOnlineRetailHasAWhaleCurve(t *testing.T) {
	check(t, stepcheck.NetRetail, "{}", map[string]any{
		"customers": 4371, "total": "8300065.814", "positive": 4317, "negative": 41, "losses": "-13229.140",
		"whale_peak": 1.001593860, "whale_peak_at": 0.987645848, "customers_for_80": 1171, "gini": 0.706499633, "gini_net": 0.709216334,
	})
}

func TestCostsOfOrdersAndReturnsCount(t *testing.T) {
	check(t, stepcheck.NetRetail, "{margin: 30%, cost_per_order: 15, cost_per_return: 15}", map[string]any{
		"total": "2157229.7442", "positive": 4231, "negative": 140, "losses": "-6566.379", "whale_peak": 1.003043894, "top_20_share": 0.766959298,
	})
}
