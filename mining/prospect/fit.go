package prospect

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/models/metric"
)

const (
	// most is the number of customers in learning; of more customers, the lowest hashes
	// of ids are taken.
	most = 200_000
	// fewest is the number of best customers, and of other customers, needed for a
	// ranking.
	fewest = 50
)

type task struct {
	set        Settings
	attributes int
	prospects  *datasets.Attributes
}

// Memory covers the target, of the sample with its designs, and of the prospects' scores.
func (t *task) Memory(customers int) int64 {
	prospects := 0
	if t.prospects != nil {
		prospects = t.prospects.Len()
	}
	return 40*int64(customers) + 40*int64(prospects) + int64(min(customers, most))*int64(400*t.attributes+100)
}

// learned describes the customers in learning, and the quality of the result.
type learned struct {
	list     []datasets.Attribute
	encoding encoding
	values   values    // of the customers
	best     []float64 // 1 for the best customers, 0 for others
	seeds    int
	scores   []float64 // of the champion, out of fold
	champion string
	auc      map[string]float64
	low      float64 // bound of the champion's
	lift     [3]float64
	ranker   ranker // learned from all of them
}

// Fit learns from the customers and ranks the prospects.
func (t *task) Fit(ctx context.Context, in *mining.Input) (*mining.Result, error) {
	none := func(code, message string, count int) *mining.Result {
		return &mining.Result{State: mining.Insufficient, Warnings: []models.Warning{{Code: code, Count: count, Message: message}}}
	}
	if t.prospects == nil {
		return &mining.Result{State: mining.Insufficient}, nil
	}
	if slices.Contains(t.set.Target.columns(), money) && !slices.ContainsFunc(in.Features, mining.Named(money)) {
		return none("no_money", "no column holds money, by which the best customers could be told; map unit_price or amount under columns, or choose another target",
			in.Customers()), nil
	}
	list := t.shared()
	if len(list) == 0 {
		return none("no_attributes", "the target is told by every attribute that prospects have, so that none is left to compare by", in.Customers()), nil
	}
	customers := make([]bool, t.prospects.Len()) // prospects who are customers
	best, err := t.set.Target.label(ctx, in, func(b *mining.Batch) { markCustomers(customers, t.prospects, b) })
	if err != nil {
		return nil, err
	}
	l, fold, err := t.gather(ctx, in, list, best)
	if err != nil {
		return nil, err
	}
	others := len(l.best) - l.seeds
	switch {
	case len(l.best) == 0 && in.Customers() > 0:
		return none("no_attributes", fmt.Sprintf("the customers' files describe none of %d customers who have bought; look whether both write ids alike", in.Customers()),
			in.Customers()), nil
	case l.seeds < fewest || others < fewest:
		r := none("too_few", fmt.Sprintf("%d best customers with attributes and %d others, want %d of each", l.seeds, others, fewest), l.seeds)
		r.Figures = []mining.Figure{{Name: "target", Value: t.set.Target.text}, {Name: "customers", Value: len(l.best)}, {Name: "seeds", Value: l.seeds}}
		return r, nil
	}
	if err := l.compete(ctx, in, fold); err != nil {
		return nil, err
	}
	ranked, err := l.rank(ctx, t.prospects, customers, in.Words)
	if err != nil {
		return nil, err
	}
	out := &mining.Result{State: mining.OK, Figures: t.figures(l, ranked), Tables: []mining.Table{ranked.table()}, Model: &Model{l.encoding, l.ranker}}
	if l.low <= 0.5 {
		out.State = NoSignal
		out.Warnings = append(out.Warnings, models.Warning{Code: "no_signal", Count: len(l.best), Message: fmt.Sprintf(
			"the attributes do not tell the best customers from the others (AUC %.3f, 95 %% from %.3f): the ranking says nothing", l.auc[l.champion], l.low)})
	}
	if ranked.unseen > 0 {
		out.Warnings = append(out.Warnings, models.Warning{Code: "unseen_levels", Count: ranked.unseen, Message: fmt.Sprintf(
			"%d values of the prospects' categories are those of no customer, or of fewer than %d, and count as missing", ranked.unseen, fewestOfLevel)})
	}
	out.Section = t.section(in, l, ranked, out.State)
	return out, nil
}

// shared returns the attributes of prospects that the target is not told by.
func (t *task) shared() []datasets.Attribute {
	told := t.set.Target.columns()
	return slices.DeleteFunc(slices.Clone(t.prospects.List()), func(a datasets.Attribute) bool { return slices.Contains(told, a.Name) })
}

// gather collects the customers who have bought and have an attribute, and the fold of each.
func (t *task) gather(ctx context.Context, in *mining.Input, list []datasets.Attribute, best []bool) (*learned, []int, error) {
	names := make([]string, len(list))
	for k, a := range list {
		names[k] = a.Name
	}
	buyers := in.Buyers
	if buyers == nil {
		buyers = positions(in.Table.Len())
	}
	described := make([]uint32, 0, min(len(buyers), most))
	for part, err := range in.Table.Stretches(ctx, names, in.Buyers, 1<<16) {
		if err != nil {
			return nil, nil, err
		}
		for i := range part.Columns[0] {
			if slices.ContainsFunc(part.Columns, func(c []float64) bool { return c[i] == c[i] }) {
				described = append(described, buyers[part.First+i])
			}
		}
	}
	hashes, err := in.Table.Hashes(ctx, in.Seed)
	if err != nil {
		return nil, nil, err
	}
	if len(described) > most {
		order := make([]uint64, len(described))
		for k, i := range described {
			order[k] = hashes[i]
		}
		slices.Sort(order)
		described = slices.DeleteFunc(described, func(i uint32) bool { return hashes[i] >= order[most] })
	}
	columns, err := in.Table.Columns(ctx, names, described)
	if err != nil {
		return nil, nil, err
	}
	l := &learned{list: list, values: columns, best: make([]float64, len(described))}
	fold := make([]int, len(described))
	for k, i := range described {
		fold[k] = int(hashes[i] % folds)
		if best[i] {
			l.best[k] = 1
			l.seeds++
		}
	}
	l.encoding = learnEncoding(list, columns, in.Categories)
	for k := range l.encoding {
		if a := &l.encoding[k]; a.category {
			a.translate(columns[k], in.Categories(a.name))
		}
	}
	return l, fold, nil
}

// compete has the candidates rank unseen customers, and fits the better candidate to all
// customers.
func (l *learned) compete(ctx context.Context, in *mining.Input, fold []int) error {
	l.auc = map[string]float64{}
	var winner *candidate
	for c := range candidates {
		scores, err := candidates[c].outOfFold(ctx, l.encoding, l.values, l.best, fold, in.Workers, in.Seed)
		if err != nil {
			return err
		}
		auc, err := metric.ROCAUC(scores, l.best, nil)
		if err != nil {
			return err
		}
		l.auc[candidates[c].name] = auc
		if winner == nil || auc > l.auc[winner.name] {
			winner, l.scores = &candidates[c], scores
		}
	}
	l.champion = winner.name
	l.low = lowerAUC(l.auc[l.champion], l.seeds, len(l.best)-l.seeds)
	for k, share := range []float64{0.01, 0.05, 0.1} {
		var err error
		if l.lift[k], err = metric.TopLift(l.scores, l.best, share); err != nil {
			return err
		}
	}
	var err error
	l.ranker, err = winner.fit(ctx, l.encoding, l.values, l.best, in.Workers, in.Seed)
	return err
}

// lowerAUC returns the lower bound of a 95 % interval of an AUC of so many positives and
// negatives.
//
// J. Hanley, B. McNeil, "The meaning and use of the area under a receiver operating
// characteristic (ROC) curve", Radiology 143(1), 1982, pp. 29–36.
func lowerAUC(auc float64, positives, negatives int) float64 {
	m, n := float64(positives), float64(negatives)
	square := float64(auc * auc)
	q1, q2 := auc/(2-auc), 2*square/(1+auc)
	variance := (float64(auc*(1-auc)) + float64((m-1)*(q1-square)) + float64((n-1)*(q2-square))) / (m * n)
	return auc - float64(1.959963984540054*math.Sqrt(max(0, variance)))
}

func (t *task) figures(l *learned, r *ranked) []mining.Figure {
	names := make([]string, len(l.list))
	for k, a := range l.list {
		names[k] = a.Name
	}
	return []mining.Figure{
		{Name: "target", Value: t.set.Target.text}, {Name: "customers", Value: len(l.best)}, {Name: "seeds", Value: l.seeds},
		{Name: "attributes", Value: names}, {Name: "champion", Value: l.champion, Summary: true}, {Name: "auc", Value: l.auc[l.champion], Summary: true},
		{Name: "auc_low", Value: l.low}, {Name: "candidates", Value: l.auc},
		{Name: "lift_1", Value: l.lift[0]}, {Name: "lift_5", Value: l.lift[1]}, {Name: "lift_10", Value: l.lift[2], Summary: true},
		{Name: "prospects", Value: len(r.order), Summary: true}, {Name: "already_customers", Value: r.customers},
		{Name: "without_attributes", Value: r.blank},
	}
}
