package recommend

import (
	"context"
	"math"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/models/metric"
	"github.com/quintile-dev/quintile/models/neighbour"
)

// judgedLength is the length of the lists that are judged.
const judgedLength = 10

// freshCandidates is how many new items of each customer may enter its list, at least.
const freshCandidates = 50

// The methods for new items.
const (
	byPopularity = "popularity"
	byNeighbours = "neighbours"
	byEASE       = "ease"
)

// trial is a method for new items and how well it did on the horizon.
type trial struct {
	Method string  `json:"method"`
	Dense  int     `json:"dense"`
	L2     float64 `json:"l2"`
	NDCG   float64 `json:"ndcg_10"`
}

// kept is the number of weights of an item. Between 200 and 500 the quality did not differ
// beyond noise, and the model is read and written by every run.
const kept = 200

// muchMore is what EASE with more items must gain, as a factor, before still more are tried:
// the time of a fit grows with the cube of the items.
const muchMore = 1.1

// penalties are the competing penalties of EASE, on the fewest items: a fit takes a second
// there, and the penalty, a number of customers, serves for more items as well.
var penalties = []float64{100, 250, 600}

// learning is the data for comparing methods: the customers on the day before the horizon,
// and their purchases within the horizon.
type learning struct {
	set     Settings
	day     datasets.Day // before the horizon
	early   *snapshot
	market  *market
	sample  *sample
	workers int

	newRows  neighbour.Rows // of the customers of the sample who bought something new
	newTruth [][]uint32
}

func newLearning(set Settings, early *snapshot, drawn *sample, excluded []bool, workers int) (*learning, error) {
	m, err := newMarket(early.recent, early.ever, early.old(set.MaxAgeDays, excluded))
	l := &learning{set: set, day: early.day, early: early, market: m, sample: drawn, workers: workers}
	l.newRows.ItemCount = early.rows.ItemCount
	for i, fresh := range drawn.fresh {
		if len(fresh) > 0 {
			l.newRows.Add(drawn.holders[i].row)
			l.newTruth = append(l.newTruth, fresh)
		}
	}
	return l, err
}

// judged counts the customers who bought anything in the horizon.
func (l *learning) judged() int {
	n := 0
	for _, truth := range l.sample.truth {
		if len(truth) > 0 {
			n++
		}
	}
	return n
}

// chooseNew lets the methods for new items compete on the horizon. A method must beat the
// methods before it: popularity, then item-kNN, then EASE with a fifth of dense_products, with
// two fifths, and, where the second gained much over the first, with all.
func (l *learning) chooseNew(ctx context.Context) (best trial, weights *neighbour.Model, trials []trial, err error) {
	enter := func(t trial, m *neighbour.Model) error {
		if t.NDCG, err = l.judge(ctx, m); err != nil {
			return err
		}
		trials = append(trials, t)
		if len(trials) == 1 || t.NDCG > best.NDCG {
			best, weights = t, m
		}
		return nil
	}
	if err := enter(trial{Method: byPopularity}, nil); err != nil || len(l.early.rows.Items) == 0 {
		return best, nil, trials, err
	}
	neighbours, _, err := l.config(trial{}).Fit(ctx, l.early.rows)
	if err == nil {
		err = enter(trial{Method: byNeighbours}, neighbours)
	}
	sizes := l.sizes()
	if err != nil || len(sizes) == 0 {
		return best, weights, trials, err
	}
	ease := trial{Method: byEASE, Dense: sizes[0]}
	ease.L2, _, err = l.config(ease).ChooseL2(ctx, l.early.rows, penalties, func(m *neighbour.Model) (float64, error) {
		t := ease
		t.L2 = penalties[len(trials)-2] // the models come in the order of the penalties
		err := enter(t, m)
		ease.NDCG = max(ease.NDCG, trials[len(trials)-1].NDCG)
		return trials[len(trials)-1].NDCG, err
	})
	for _, ease.Dense = range sizes[1:] {
		if err != nil {
			break
		}
		before := ease.NDCG
		var m *neighbour.Model
		if m, _, err = l.config(ease).Fit(ctx, l.early.rows); err == nil {
			err = enter(ease, m)
			ease.NDCG = trials[len(trials)-1].NDCG
		}
		if ease.NDCG < muchMore*before {
			break
		}
	}
	return best, weights, trials, err
}

// sizes returns the numbers of items for EASE that compete, each once, rising.
func (l *learning) sizes() []int {
	var sizes []int
	for _, fifths := range []int{1, 2, 5} {
		n := min((l.set.DenseProducts*fifths+4)/5, l.sold())
		if n > 0 && !slices.Contains(sizes, n) {
			sizes = append(sizes, n)
		}
	}
	return sizes
}

// sold counts the items that anybody held.
func (l *learning) sold() int {
	n := 0
	for _, count := range l.early.ever {
		if count > 0 {
			n++
		}
	}
	return n
}

// config returns the settings of a method's fit.
func (l *learning) config(t trial) neighbour.Config {
	c := neighbour.DefaultConfig()
	c.Dense, c.Keep, c.Workers = t.Dense, kept, l.workers
	if t.L2 > 0 {
		c.L2 = t.L2
	}
	return c
}

// judge returns the NDCG of the new items that weights, nil for popularity, rank.
func (l *learning) judge(ctx context.Context, weights *neighbour.Model) (float64, error) {
	r := ranking{market: l.market, weights: weights}
	lists, err := r.fresh(ctx, l.newRows, judgedLength, l.workers)
	if err != nil {
		return 0, err
	}
	scores, err := metric.ScoreLists(itemsOf(lists), l.newTruth, judgedLength)
	if err != nil || math.IsNaN(scores.NDCG) {
		return 0, err
	}
	return scores.NDCG, nil
}

func itemsOf(lists [][]neighbour.Candidate) [][]uint32 {
	out := make([][]uint32, len(lists))
	for i, list := range lists {
		for _, c := range list {
			out[i] = append(out[i], c.Item)
		}
	}
	return out
}

// chooseRepeats reports whether own rhythm ranks the items held better than frequency.
func (l *learning) chooseRepeats() (rhythm bool, err error) {
	ndcg := func(rhythm bool) (float64, error) {
		r := ranking{market: l.market, rhythm: rhythm}
		lists := make([][]uint32, len(l.sample.holders))
		var room []candidate
		for i := range l.sample.holders {
			room = r.repeats(room[:0], &l.sample.holders[i], l.day)
			for _, c := range room[:min(judgedLength, len(room))] {
				lists[i] = append(lists[i], c.item)
			}
		}
		scores, err := metric.ScoreLists(lists, l.sample.truth, judgedLength)
		return scores.NDCG, err
	}
	own, err := ndcg(true)
	if err != nil {
		return false, err
	}
	frequency, err := ndcg(false)
	return own > frequency, err
}
