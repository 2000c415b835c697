package recommend

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/features/holdings"
	"github.com/quintile-dev/quintile/models/neighbour"
)

// market is what is known of the items on a day.
type market struct {
	recent, ever []uint32
	order        []uint32  // by recent popularity, then popularity
	trend        []float64 // see neighbour.Trend
	share        []float64 // popularity of 30 days, as a share of the most bought item's
	barred       []bool    // never offered
}

// newMarket describes the items. barred are those not to be offered.
func newMarket(recent, ever []uint32, barred []bool) (*market, error) {
	m := &market{recent: recent, ever: ever, barred: barred, share: make([]float64, len(recent))}
	var err error
	if m.order, err = neighbour.Order(recent, ever); err != nil {
		return nil, err
	}
	if m.trend, err = neighbour.Trend(recent, ever); err != nil {
		return nil, err
	}
	most := 1.0
	for _, n := range recent {
		most = max(most, float64(n))
	}
	for i, n := range recent {
		m.share[i] = float64(n) / most
	}
	return m, nil
}

// old marks the items without a buyer in so many days, and the excluded items.
func (s *snapshot) old(maxAge int, excluded []bool) []bool {
	barred := slices.Clone(excluded)
	for i, last := range s.last {
		barred[i] = barred[i] || s.ever[i] == 0 || last <= s.day-datasets.Day(maxAge)
	}
	return barred
}

// ranking is how items are ranked for a customer.
type ranking struct {
	*market
	weights *neighbour.Model // of new items; nil: by popularity
	rhythm  bool             // of items held; false: by frequency
}

// candidate is an item that may be offered to a customer.
type candidate struct {
	item  uint32
	score float64        // only its order within a kind means something
	prob  float64        // of being bought within the horizon
	held  *holdings.Held // nil for a new item
}

// fresh returns the k best items that each row does not hold.
func (r *ranking) fresh(ctx context.Context, rows neighbour.Rows, k, workers int) ([][]neighbour.Candidate, error) {
	top := neighbour.Top{K: k, Order: r.order, Exclude: r.barred, Workers: workers}
	if r.weights == nil {
		return top.Of(ctx, rows, func(dst []float64, _ int, _ []uint32) { copy(dst, r.share) })
	}
	top.Factor = r.trend
	return r.weights.Recommend(ctx, rows, top)
}

// repeats appends the items that a customer holds on a day, the best first.
func (r *ranking) repeats(dst []candidate, h *holder, day datasets.Day) []candidate {
	start := len(dst)
	for k := range h.held {
		held := &h.held[k]
		if r.barred[held.Code] {
			continue
		}
		dst = append(dst, candidate{item: held.Code, score: r.again(held, day), held: held})
	}
	slices.SortFunc(dst[start:], r.compare)
	return dst
}

// again says how strongly an item is likely to be bought again; see neighbour.Rhythm.
func (r *ranking) again(h *holdings.Held, day datasets.Day) float64 {
	if !r.rhythm {
		return float64(h.Times) + float64(0.999*r.share[h.Code]) // popularity decides between equal frequencies
	}
	own := neighbour.Rhythm{Times: h.Times, Since: float64(day - h.Last), MeanGap: h.MeanGap()}
	return own.Score() + float64(2*r.share[h.Code])
}

// compare compares so that the better candidate comes first. No two are equal.
func (r *ranking) compare(a, b candidate) int {
	return cmp.Or(cmp.Compare(b.prob, a.prob), cmp.Compare(kind(&b), kind(&a)), cmp.Compare(b.score, a.score),
		cmp.Compare(r.order[a.item], r.order[b.item]))
}

// kind is 1 for an item held and 0 for a new one.
func kind(c *candidate) int {
	if c.held != nil {
		return 1
	}
	return 0
}

// inputs is what the probability of a candidate depends on.
type inputs [4]float64

// leastScore stands for scores that say nothing or speak against an item.
const leastScore = 1e-6

func newInputs(score float64, h *holder) inputs {
	return inputs{math.Log(max(leastScore, score)), math.Log1p(h.since), math.Log1p(h.days), math.Log1p(float64(len(h.held)))}
}

// list sets dst to the best items for a customer by their probabilities: new items, and
// held items where repeats are offered.
func (r *ranking) list(dst []candidate, h *holder, day datasets.Day, fresh []neighbour.Candidate, p *probabilities, k int) []candidate {
	dst = dst[:0]
	if p.Repeat != nil {
		dst = r.repeats(dst, h, day)
		for i := range dst {
			dst[i].prob = p.Repeat.at(newInputs(dst[i].score, h))
		}
	}
	for _, c := range fresh {
		dst = append(dst, candidate{item: c.Item, score: c.Score, prob: p.New.at(newInputs(c.Score, h))})
	}
	slices.SortFunc(dst, r.compare)
	return dst[:min(k, len(dst))]
}
