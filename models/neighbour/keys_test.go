package neighbour

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/quintile-dev/quintile/models/metric"
)

const (
	tenth = 10 // k of the keys
	digit = 5e-7
)

// judge scores lists against what was bought, all of it or the new alone.
func judge(t testing.TB, s split, fresh bool, lists [][]Candidate) metric.ListScores {
	t.Helper()
	items := make([][]uint32, len(lists))
	for i, list := range lists {
		for _, c := range list {
			items[i] = append(items[i], c.Item)
		}
	}
	truth := s.truth
	if fresh {
		truth = s.fresh()
	}
	scores, err := metric.ScoreLists(items, truth, tenth)
	if err != nil {
		t.Fatal(err)
	}
	return scores
}

// meets fails the test unless the scores are those of the key to its digits.
func meets(t *testing.T, name string, got metric.ListScores, hitRate, precision, recall, ndcg, mean float64) {
	t.Helper()
	t.Logf("%-40s %d: %.6f %.6f %.6f %.6f %.6f", name, got.Lists, got.HitRate, got.Precision, got.Recall, got.NDCG, got.MAP)
	for _, f := range [][2]float64{{got.HitRate, hitRate}, {got.Precision, precision}, {got.Recall, recall}, {got.NDCG, ndcg}, {got.MAP, mean}} {
		if !(math.Abs(f[0]-f[1]) <= digit) {
			t.Errorf("%s: got %.6f, want %.6f", name, f[0], f[1])
		}
	}
}

func (s split) order(t testing.TB, keys ...[]uint32) []uint32 {
	t.Helper()
	order, err := Order(keys...)
	if err != nil {
		t.Fatal(err)
	}
	return order
}

// times scores what a row holds by the number of orders.
func (s split) times(dst []float64, row int, held []uint32) {
	for k, item := range held {
		dst[item] = float64(s.rhythms[row][k].Times)
	}
}

func nothing([]float64, int, []uint32) {}

func ease(t testing.TB, s split, keep int) *Model {
	t.Helper()
	c := DefaultConfig()
	c.Keep, c.Workers = keep, 2
	m, report, err := c.Fit(context.Background(), s.held)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", report)
	return m
}

func draw(t testing.TB, s split, top Top, score Scorer) [][]Candidate {
	t.Helper()
	top.K, top.Workers = tenth, 2
	lists, err := top.Of(context.Background(), s.held, score)
	if err != nil {
		t.Fatal(err)
	}
	return lists
}

func TestOnlineRetailMeetsTheKeys(t *testing.T) {
	s := splitAt(t, "2011-11-01", "2011-12-10")
	if n := s.held.Len(); n != 3974 {
		t.Errorf("got %d customers, want 3974", n)
	}
	ever, recent := s.order(t, s.ever), s.order(t, s.recent, s.ever)
	f := func(name string, top Top, score Scorer, want [10]float64) {
		t.Helper()
		top.Repeats = true
		meets(t, name+", all", judge(t, s, false, draw(t, s, top, score)), want[0], want[1], want[2], want[3], want[4])
		top.Repeats = false
		meets(t, name+", new", judge(t, s, true, draw(t, s, top, score)), want[5], want[6], want[7], want[8], want[9])
	}
	f("popularity", Top{Order: ever}, nothing,
		[10]float64{0.472150, 0.078497, 0.030111, 0.086633, 0.036813, 0.251893, 0.034136, 0.018646, 0.037357, 0.013935})
	f("popularity of 30 days", Top{Order: recent}, nothing,
		[10]float64{0.595207, 0.120920, 0.047402, 0.134451, 0.062850, 0.404680, 0.066552, 0.037300, 0.077577, 0.033505})
	f("frequency, then popularity of 30 days", Top{Order: recent}, s.times,
		[10]float64{0.852332, 0.314054, 0.170870, 0.368734, 0.246788, 0.404680, 0.066552, 0.037300, 0.077577, 0.033505})

	m := ease(t, s, s.held.ItemCount)
	score := func(dst []float64, _ int, held []uint32) { m.addTo(dst, held) }
	f("EASE", Top{Order: ever}, score,
		[10]float64{0.717617, 0.246179, 0.116339, 0.270639, 0.169641, 0.467309, 0.082932, 0.062355, 0.102788, 0.049840})
	trend, err := Trend(s.recent, s.ever)
	if err != nil {
		t.Fatal(err)
	}
	f("EASE × trend", Top{Order: ever, Factor: trend}, score,
		[10]float64{0.775259, 0.266321, 0.127304, 0.293811, 0.184329, 0.555403, 0.110874, 0.075861, 0.134703, 0.067114})
	root := slices.Clone(trend)
	for i, v := range root {
		root[i] = math.Sqrt(v)
	}
	f("EASE × √trend", Top{Order: ever, Factor: root}, score,
		[10]float64{0.767487, 0.275907, 0.130309, 0.304300, 0.195394, 0.526497, 0.101308, 0.072356, 0.124939, 0.061885})
}

func TestLastThirtyDaysOfOnlineRetailMeetTheKeys(t *testing.T) {
	s := splitAt(t, "2011-11-11", "2011-12-11")
	ever, recent := s.order(t, s.ever), s.order(t, s.recent, s.ever)
	f := func(name string, fresh bool, got metric.ListScores, lists int, hitRate, ndcg float64) {
		t.Helper()
		t.Logf("%s: %+v", name, got)
		if got.Lists != lists || !(math.Abs(got.HitRate-hitRate) <= digit) || !(math.Abs(got.NDCG-ndcg) <= digit) {
			t.Errorf("%s: got %d, %.6f, %.6f; want %d, %.6f, %.6f", name, got.Lists, got.HitRate, got.NDCG, lists, hitRate, ndcg)
		}
	}
	f("frequency", false, judge(t, s, false, draw(t, s, Top{Order: recent, Repeats: true}, s.times)), 1334, 0.858321, 0.364701)
	f("popularity", false, judge(t, s, false, draw(t, s, Top{Order: recent, Repeats: true}, nothing)), 1334, 0.640930, 0.141712)
	f("popularity, new", true, judge(t, s, true, draw(t, s, Top{Order: recent}, nothing)), 1229, 0.416599, 0.079449)

	m := ease(t, s, s.held.ItemCount)
	score := func(dst []float64, _ int, held []uint32) { m.addTo(dst, held) }
	trend, err := Trend(s.recent, s.ever)
	if err != nil {
		t.Fatal(err)
	}
	f("EASE × trend, new", true, judge(t, s, true, draw(t, s, Top{Order: recent, Factor: trend}, score)), 1229, 0.576078, 0.144049)
	f("EASE × trend, new, ties ever", true, judge(t, s, true, draw(t, s, Top{Order: ever, Factor: trend}, score)), 1229, 0.576078, 0.144049)
}
