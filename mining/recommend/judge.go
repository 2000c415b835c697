package recommend

import (
	"context"
	"slices"

	"github.com/quintile-dev/quintile/models/metric"
	"github.com/quintile-dev/quintile/models/neighbour"
)

// verdict is how well lists did on the horizon, beside popularity.
type verdict struct {
	all, fresh, popularAll, popularFresh metric.ListScores
	expected, observed                   float64 // products bought of the first ten of a list, a customer
}

// calibrate learns the probabilities, and judges the resulting lists. Each half of the
// customers is judged by probabilities learned from the other half; the probabilities
// returned are learned from both.
func (l *learning) calibrate(ctx context.Context, r *ranking) (*probabilities, *verdict, error) {
	fresh, err := r.fresh(ctx, l.sample.rows, max(freshCandidates, l.set.Top), l.workers)
	if err != nil {
		return nil, nil, err
	}
	var halves [2]*probabilities
	for k := range halves {
		if halves[k], err = l.probabilities(ctx, r, fresh, func(i int) bool { return i%2 != k }); err != nil {
			return nil, nil, err
		}
	}
	v, err := l.verdict(ctx, r, fresh, halves)
	if err != nil {
		return nil, nil, err
	}
	p, err := l.probabilities(ctx, r, fresh, func(int) bool { return true })
	return p, v, err
}

// probabilities learns from some customers of the sample.
func (l *learning) probabilities(ctx context.Context, r *ranking, fresh [][]neighbour.Candidate, use func(i int) bool) (*probabilities, error) {
	var again, first points
	var room []candidate
	for i := range l.sample.holders {
		if !use(i) {
			continue
		}
		h, truth := &l.sample.holders[i], l.sample.truth[i]
		room = r.repeats(room[:0], h, l.day)
		for _, c := range room {
			again.add(newInputs(c.score, h), contains(truth, c.item))
		}
		for _, c := range fresh[i] {
			first.add(newInputs(c.Score, h), contains(truth, c.Item))
		}
	}
	p := &probabilities{}
	var err error
	if l.set.Repeats {
		if p.Repeat, err = again.fit(ctx, l.workers); err != nil {
			return nil, err
		}
	}
	p.New, err = first.fit(ctx, l.workers)
	return p, err
}

func contains(rising []uint32, item uint32) bool {
	_, found := slices.BinarySearch(rising, item)
	return found
}

// verdict judges the lists of the sample and those of popularity.
func (l *learning) verdict(ctx context.Context, r *ranking, fresh [][]neighbour.Candidate, halves [2]*probabilities) (*verdict, error) {
	v := &verdict{}
	lists := make([][]uint32, len(l.sample.holders))
	var room []candidate
	for i := range l.sample.holders {
		room = r.list(room, &l.sample.holders[i], l.day, fresh[i], halves[i%2], judgedLength)
		for _, c := range room {
			lists[i] = append(lists[i], c.item)
			v.expected += c.prob
			if contains(l.sample.truth[i], c.item) {
				v.observed++
			}
		}
	}
	n := float64(max(1, len(lists)))
	v.expected, v.observed = v.expected/n, v.observed/n
	score := func(dst *metric.ListScores, lists, truth [][]uint32) (err error) {
		*dst, err = metric.ScoreLists(lists, truth, judgedLength)
		return err
	}
	if err := score(&v.all, lists, l.sample.truth); err != nil {
		return nil, err
	}
	if err := score(&v.fresh, itemsOf(fresh), l.sample.fresh); err != nil {
		return nil, err
	}
	for _, f := range []struct {
		dst     *metric.ListScores
		repeats bool
		truth   [][]uint32
	}{{&v.popularAll, true, l.sample.truth}, {&v.popularFresh, false, l.sample.fresh}} {
		top := neighbour.Top{K: judgedLength, Order: r.order, Exclude: r.barred, Repeats: f.repeats, Workers: l.workers}
		popular, err := top.Of(ctx, l.sample.rows, func([]float64, int, []uint32) {})
		if err != nil {
			return nil, err
		}
		if err := score(f.dst, itemsOf(popular), f.truth); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// beaten reports whether popularity does at least as well as the lists in the task of the
// lists.
func (v *verdict) beaten(repeats bool) bool {
	return v.fresh.Lists > 0 && v.fresh.NDCG <= v.popularFresh.NDCG || repeats && v.all.NDCG <= v.popularAll.NDCG
}
