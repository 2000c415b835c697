package neighbour

import (
	"slices"
	"testing"
)

// Own rhythm beside the popularity of the last 30 days beats frequency, the best
// of the keys for repeats (HR 0.852332, NDCG 0.368734), and does so on earlier
// splits as well.
func TestRhythmBeatsFrequency(t *testing.T) {
	f := func(day, end string, least, hits float64) {
		t.Helper()
		s := splitAt(t, day, end)
		most := float64(slices.Max(s.recent))
		rhythm := func(dst []float64, row int, held []uint32) {
			for k, item := range held {
				dst[item] = s.rhythms[row][k].Score() + 2*float64(s.recent[item])/most
			}
		}
		top := Top{Order: s.order(t, s.recent, s.ever), Repeats: true}
		frequency := judge(t, s, false, draw(t, s, top, s.times))
		got := judge(t, s, false, draw(t, s, top, rhythm))
		t.Logf("%s: rhythm HR %.6f NDCG %.6f, frequency %.6f %.6f", day, got.HitRate, got.NDCG, frequency.HitRate, frequency.NDCG)
		if got.NDCG < max(least, frequency.NDCG) || got.HitRate < hits {
			t.Errorf("%s: got HR %.6f, NDCG %.6f; want at least %.6f and %.6f", day, got.HitRate, got.NDCG, hits, max(least, frequency.NDCG))
		}
	}
	f("2011-08-20", "2011-09-25", 0, 0)
	f("2011-10-02", "2011-11-01", 0, 0)
	f("2011-11-01", "2011-12-10", 0.369, 0.852332)
}
