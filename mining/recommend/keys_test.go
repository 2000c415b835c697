package recommend_test

import (
	"testing"

	"github.com/quintile-dev/quintile/mining/stepcheck"
)

// figure returns a figure of the step for one task.
func figure(t *testing.T, figures map[string]any, name, task string) float64 {
	t.Helper()
	v, ok := figures[name].(map[string]any)[task].(float64)
	if !ok {
		t.Fatalf("got no %s for %s", name, task)
	}
	return v
}

// The split at 2011-11-01 of the keys: 40 days up to 2011-12-10. Popularity must be met to
// its digits; the bars are those of the best simple methods.
func TestOnlineRetailMeetsTheBars(t *testing.T) {
	got := stepcheck.OnlineRetail(t, "2011-12-10", stepcheck.CleanRetail, "{recommend: {horizon_days: 40}}").Manifest.Steps["recommend"]
	if got["state"] != "ok" {
		t.Errorf("got the state %v, want ok", got["state"])
	}
	judged := got["judged"].(map[string]any)
	if judged["all"] != 1544 || judged["new"] != 1453 {
		t.Errorf("got %v customers, want 1544 and 1453", judged)
	}
	popularity := got["popularity"].(map[string]any)
	key := func(name, task string, want float64) {
		t.Helper()
		if v := figure(t, popularity, name, task); v < want-5e-7 || v > want+5e-7 {
			t.Errorf("popularity: %s of %s: got %.6f, want %.6f", name, task, v, want)
		}
	}
	key("hit_rate_10", "all", 0.595207)
	key("ndcg_10", "all", 0.134451)
	key("hit_rate_10", "new", 0.404680)
	key("ndcg_10", "new", 0.077577)
	bar := func(name, task string, least float64) {
		t.Helper()
		v := figure(t, got, name, task)
		t.Logf("%s of %s: %.6f, bar %.6f", name, task, v, least)
		if v < least {
			t.Errorf("%s of %s: got %.6f, want at least %.6f", name, task, v, least)
		}
	}
	bar("ndcg_10", "all", 0.369)
	bar("hit_rate_10", "all", 0.852332)
	bar("ndcg_10", "new", 0.135)
	bar("hit_rate_10", "new", 0.555403)
}

// Earlier scoring dates know nothing of the split of the keys: the order of the methods
// holds there as well.
func TestListsBeatPopularityOnEarlierDays(t *testing.T) {
	got := stepcheck.OnlineRetail(t, "2011-10-31", stepcheck.CleanRetail, "{recommend: {}}").Manifest.Steps["recommend"]
	popularity := got["popularity"].(map[string]any)
	for _, task := range []string{"all", "new"} {
		own, popular := figure(t, got, "ndcg_10", task), figure(t, popularity, "ndcg_10", task)
		t.Logf("%s: %.6f, popularity %.6f", task, own, popular)
		if !(own > 1.5*popular) {
			t.Errorf("%s: got an NDCG of %.6f, want far more than that of popularity, %.6f", task, own, popular)
		}
	}
	if got["new_by"] != "ease" || got["repeats_by"] != "rhythm" {
		t.Errorf("got %v and %v, want ease and rhythm", got["new_by"], got["repeats_by"])
	}
}
