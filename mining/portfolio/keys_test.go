package portfolio_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/quintile-dev/quintile/mining/portfolio"
	"github.com/quintile-dev/quintile/mining/stepcheck"
)

func TestStepKeepsTheContract(t *testing.T) {
	stepcheck.Run(t, stepcheck.Check{Step: &portfolio.Step, Steps: "{portfolio: {}}"})
}

// Classes of Online Retail at 2011-12-10, reckoned with pandas and DuckDB.
func TestClassesOfOnlineRetail(t *testing.T) {
	f := func(cut string, growth float64, sizes [4]int, money [4]float64) {
		t.Helper()
		r := stepcheck.OnlineRetail(t, "2011-12-10", stepcheck.CleanRetail, "{portfolio: {growth_cut: "+cut+"}}")
		got := r.Manifest.Steps["portfolio"]
		want := map[string]int{"star": sizes[0], "cash_cow": sizes[1], "question_mark": sizes[2], "dog": sizes[3], "new": 1613, "lost": 771, "dormant": 98}
		if fmt.Sprint(got["sizes"]) != fmt.Sprint(want) || got["eligible"] != 1856 {
			t.Errorf("%s: got the sizes %v of %v, want %v", cut, got["sizes"], got["eligible"], want)
		}
		cuts := got["cuts"].(map[string]any)
		if math.Abs(cuts["growth"].(float64)-growth) > 5e-10 || math.Abs(cuts["target"].(float64)-572.56) > 1e-9 {
			t.Errorf("%s: got the cuts %v, want growth %v and the target 572.56", cut, cuts, growth)
		}
		if g := got["base_growth"].(float64); math.Abs(g-0.660453422) > 5e-10 {
			t.Errorf("got the growth %v of all, want 0.660453422", g)
		}
		if g := got["eligible_growth"].(float64); math.Abs(g-0.525560757) > 5e-10 {
			t.Errorf("got the growth %v of the eligible, want 0.525560757", g)
		}
		for k, name := range []string{"star", "cash_cow", "question_mark", "dog"} {
			if v := got["money"].(map[string]float64)[name]; math.Abs(v-money[k]) > 1e-6 {
				t.Errorf("%s: got %v from %s, want %v", cut, v, name, money[k])
			}
		}
		if v := got["money"].(map[string]float64)["new"]; math.Abs(v-1189012.622) > 1e-6 {
			t.Errorf("got %v from new clients, want 1189012.622", v)
		}
	}
	f("0", 0, [4]int{884, 263, 295, 414}, [4]float64{3411423.13, 465386.6, 106786.4, 108291.751})
	f("median", 0.286162111, [4]int{713, 434, 215, 494}, [4]float64{2953568.98, 923240.75, 80860.38, 134217.771})
	f("base", 0.660453422, [4]int{541, 606, 138, 571}, [4]float64{2177308.85, 1699500.88, 55406.47, 159671.681})
}
