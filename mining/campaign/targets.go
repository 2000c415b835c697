package campaign

import (
	"bytes"
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/filter"
	"github.com/quintile-dev/quintile/models/experiment"
)

// list is the list of the next campaign, and its origin.
type list struct {
	plan    *Plan
	day     datasets.Day // of the contact
	by      string       // what it was filled by
	people  []listed     // in the order in which they were taken
	arms    []datasets.Arm
	treated int

	eligible, suppressed, dissenting, capped, unmoved int
	recent                                            experiment.Count
	recentMoney                                       experiment.Arm
	smallest                                          float64
	expected                                          float64 // of the treated together; NaN where the list was not filled by uplift
}

// listed is a customer who may be drawn.
type listed struct {
	position uint32
	id       []byte // of those drawn
	score    float64
	chance   float64
	arm      datasets.Arm
	ordered  bool
	money    float64
}

// The words for the source of a list's order, if not a column.
const (
	byUplift = "uplift"
	byChance = "chance"
)

// The features read by a plan.
const (
	recency    = "recency_days"
	orderValue = "order_value_mean"
)

// planned reports whether a run before this one has drawn the campaign of the plan.
func (t *task) planned() bool {
	return slices.ContainsFunc(t.earlier, func(x mining.Target) bool { return x.Campaign == t.set.Next.Name })
}

// drawList draws the list of the plan. u is the newest model of uplift, nil where none shows any.
func (t *task) drawList(ctx context.Context, in *mining.Input, u *learnt) (*list, error) {
	p := &t.set.Next
	l := &list{plan: p, day: in.AsOf + datasets.Day(p.InDays), by: byChance, arms: make([]datasets.Arm, in.Table.Len()), smallest: math.NaN(), expected: math.NaN()}
	columns := slices.Concat(p.From.Columns(), p.Consent.Columns(), []string{recency, recentOrder, recentMoney})
	switch {
	case p.By != "":
		l.by = p.By
		columns = append(columns, p.By)
	case u != nil:
		l.by = byUplift
		columns = append(columns, sourceNames(t.sources)...)
		if p.Objective == forMoney {
			if !slices.ContainsFunc(in.Features, mining.Named(orderValue)) {
				l.by = byChance
				break
			}
			columns = append(columns, orderValue)
		}
	}
	slices.Sort(columns)
	var all []listed
	for b, err := range in.Scores(ctx, slices.Compact(columns)) {
		if err != nil {
			return nil, err
		}
		scores, err := t.scoresOf(in, b, l, u)
		if err != nil {
			return nil, err
		}
		all = l.admit(all, t, in, b, scores)
	}
	l.fill(all)
	if err := l.identify(ctx, in); err != nil {
		return nil, err
	}
	return l, l.reckon()
}

// scoresOf returns the scores for filling the list, NaN for chance.
func (t *task) scoresOf(in *mining.Input, b *mining.Batch, l *list, u *learnt) ([]float64, error) {
	switch l.by {
	case byChance:
		out := make([]float64, b.Rows)
		for i := range out {
			out[i] = math.NaN()
		}
		return out, nil
	case byUplift:
		values := make([][]float64, len(t.sources))
		for k, name := range sourceNames(t.sources) {
			values[k] = b.Column(name)
		}
		out, err := u.predict(values, b.Rows)
		if err != nil || l.plan.Objective != forMoney {
			return out, err
		}
		for i, worth := range b.Column(orderValue) {
			out[i] = float64(out[i]*worth*float64(t.set.Margin)) - l.plan.Cost
		}
		return out, nil
	}
	return slices.Clone(in.ColumnOf(b, l.by).Numbers), nil
}

// admit adds the customers of a batch who may be drawn.
func (l *list) admit(all []listed, t *task, in *mining.Input, b *mining.Batch, scores []float64) []listed {
	from, consent := make([]bool, b.Rows), make([]bool, b.Rows)
	column := func(name string) filter.Column { return in.ColumnOf(b, name) }
	l.plan.From.MatchTo(from, column)
	l.plan.Consent.MatchTo(consent, column)
	bought, ordered, money := b.Column(recency), b.Column(recentOrder), b.Column(recentMoney)
	for i := range b.Rows {
		id := b.IDs.At(i)
		switch {
		case !from[i] || bought[i] != bought[i]:
			continue
		case in.Suppressed != nil && in.Suppressed(id):
			l.suppressed++
		case !consent[i]:
			l.dissenting++
		case t.capped(id, l.day):
			l.capped++
		case l.by == byUplift && !(scores[i] > 0):
			l.unmoved++
		default:
			l.eligible++
			all = append(all, listed{
				position: uint32(b.First + i), score: scores[i], chance: draw(l.plan.Name, "order", id), arm: l.armOf(id),
				ordered: ordered[i] > 0, money: money[i],
			})
		}
	}
	return all
}

// armOf deals a customer into an arm, by the campaign and the customer alone.
func (l *list) armOf(id []byte) datasets.Arm {
	if draw(l.plan.Name, "arm", id) < float64(l.plan.Holdout) {
		return datasets.Control
	}
	return datasets.Treated
}

// capped reports whether a customer was drawn into a campaign too short a time before a day.
func (t *task) capped(id []byte, day datasets.Day) bool {
	if t.set.Next.NotWithin == 0 || t.drawn == nil {
		return false
	}
	from, to := t.drawn.Of(id)
	for i := from; i < to; i++ {
		if at := t.drawn.At(i).Time.Day(); at > day-datasets.Day(t.set.Next.NotWithin) && at <= day {
			return true
		}
	}
	return false
}

// fill takes customers by score, customers without a score last, equal scores by chance,
// until the list is full or the budget is spent.
func (l *list) fill(all []listed) {
	slices.SortFunc(all, func(x, y listed) int {
		switch {
		case x.score == y.score || x.score != x.score && y.score != y.score:
			return cmp.Or(cmp.Compare(x.chance, y.chance), cmp.Compare(x.position, y.position))
		case y.score != y.score || x.score > y.score:
			return -1
		}
		return 1
	})
	for k := range all {
		x := &all[k]
		if l.plan.Size > 0 && k >= l.plan.Size {
			all = all[:k]
			break
		}
		if x.arm == datasets.Treated {
			if l.plan.Budget > 0 && float64(float64(l.treated+1)*l.plan.Cost) > l.plan.Budget {
				all = all[:k]
				break
			}
			l.treated++
		}
		l.arms[x.position] = x.arm
	}
	l.people = all
}

// identify sets the ids of the customers on the list.
func (l *list) identify(ctx context.Context, in *mining.Input) error {
	rank := make(map[uint32]int, len(l.people))
	for k, x := range l.people {
		rank[x.position] = k
	}
	for b, err := range in.Scores(ctx, []string{recency}) {
		if err != nil {
			return err
		}
		for i := range b.Rows {
			if l.arms[b.First+i] != datasets.NoArm {
				l.people[rank[uint32(b.First+i)]].id = bytes.Clone(b.IDs.At(i))
			}
		}
	}
	return nil
}

// reckon sets the smallest detectable effect of the arms, and the expected gain of the
// campaign.
func (l *list) reckon() (err error) {
	if l.by == byUplift {
		l.expected = 0
	}
	for _, x := range l.people {
		l.recent.Of++
		if x.ordered {
			l.recent.Hits++
		}
		l.recentMoney.Add(x.money, 0)
		if l.by == byUplift && x.arm == datasets.Treated {
			l.expected += x.score
		}
	}
	control := len(l.people) - l.treated
	if l.recent.Of == 0 || control == 0 || l.treated == 0 {
		return nil
	}
	design := experiment.DefaultDesign()
	if l.plan.Objective == forOrders {
		l.smallest, err = design.SmallestEffect(l.recent.Rate(), l.treated, control)
		return err
	}
	if v := l.recentMoney.Variance(); v > 0 { // else nothing is known of the money
		l.smallest, err = design.SmallestMeanEffect(v, l.treated, control)
	}
	return err
}

// targets returns the list in the form of its table.
func (l *list) targets() []mining.Target {
	out := make([]mining.Target, len(l.people))
	for k, x := range l.people {
		out[k] = mining.Target{Campaign: l.plan.Name, Customer: string(x.id), Arm: x.arm, Day: l.day, Rank: int64(k + 1), Score: x.score}
		if x.arm == datasets.Treated {
			out[k].Cost = datasets.Money(math.Round(l.plan.Cost * float64(datasets.Unit)))
		}
	}
	return out
}

// targetTable returns targets.parquet: the lists of earlier runs, then the list of this
// run.
func targetTable(earlier, now []mining.Target) mining.Table {
	all := slices.Concat(earlier, now)
	slices.SortFunc(all, func(x, y mining.Target) int {
		return cmp.Or(cmp.Compare(x.Campaign, y.Campaign), cmp.Compare(x.Rank, y.Rank))
	})
	return mining.Table{Name: targetFile, Columns: targetColumns, SortedBy: []string{"campaign", "rank"}, Write: func(_ context.Context, w mining.TableWriter) error {
		for from := 0; from == 0 || from < len(all); from += targetRows {
			to := min(from+targetRows, len(all))
			v := make([]table.Values, len(targetColumns))
			for _, x := range all[from:to] {
				v[0].Strings, v[1].Ints = append(v[0].Strings, x.Campaign), append(v[1].Ints, x.Rank)
				v[2].Strings, v[3].Strings = append(v[2].Strings, x.Customer), append(v[3].Strings, armName(x.Arm))
				v[4].Int32s, v[5].Floats = append(v[4].Int32s, int32(x.Day)), append(v[5].Floats, x.Score)
				v[6].Floats = append(v[6].Floats, x.Cost.Float())
			}
			if err := w.Write(v, to-from); err != nil {
				return err
			}
		}
		return nil
	}}
}

// targetRows is the number of rows written at a time.
const targetRows = 1 << 16

func armName(a datasets.Arm) string {
	if a == datasets.Control {
		return "control"
	}
	return "treated"
}
