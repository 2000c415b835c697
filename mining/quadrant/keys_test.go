package quadrant_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/quintile-dev/quintile/mining/stepcheck"
)

// Sizes and money of the quadrants of Online Retail at 2011-12-10, reckoned with pandas and
// DuckDB; high is above the median.
func TestQuadrantsOfOnlineRetail(t *testing.T) {
	f := func(spend string, cut float64, sizes map[string]int, money map[string]float64) {
		t.Helper()
		r := stepcheck.OnlineRetail(t, "2011-12-10", stepcheck.CleanRetail, "{quadrant: {spend: "+spend+"}}")
		got := r.Manifest.Steps["quadrant"]
		if fmt.Sprint(got["sizes"]) != fmt.Sprint(sizes) {
			t.Errorf("%s: got the sizes %v, want %v", spend, got["sizes"], sizes)
		}
		if math.Abs(got["spend_cut"].(float64)-cut) > 1e-9 || got["orders_cut"] != 2.0 {
			t.Errorf("%s: got the cuts %v and %v, want %v and 2", spend, got["spend_cut"], got["orders_cut"], cut)
		}
		for name, want := range money {
			if v := got["money"].(map[string]float64)[name]; math.Abs(v-want) > 1e-6 {
				t.Errorf("%s: got %v from %s, want %v", spend, v, name, want)
			}
		}
	}
	f("monetary", 674.485, map[string]int{"best": 1725, "big_ticket": 444, "frequent": 285, "uncertain": 1884},
		map[string]float64{"best": 7419939.701, "big_ticket": 793501.261, "frequent": 135242.741, "uncertain": 562724.201})
	f("order_value", 293.9, map[string]int{"best": 1094, "big_ticket": 1075, "frequent": 916, "uncertain": 1253},
		map[string]float64{"best": 6338911.34, "big_ticket": 1072998.412, "frequent": 1216271.102, "uncertain": 283227.05})
}
