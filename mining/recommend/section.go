package recommend

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/page"
	"github.com/quintile-dev/quintile/mining/words"
	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/models/metric"
)

// result puts together what the step has found.
func (f *findings) result(in *mining.Input, s *scorer) *mining.Result {
	out := &mining.Result{State: mining.OK, Model: s.model, Scorer: s, Warnings: f.warnings, Figures: f.figures(s),
		Tables: s.tables(in), Section: f.section(s, in.Words)}
	if f.best.Method == byPopularity || f.verdict.beaten(f.set.Repeats) {
		out.State = PopularityWins
		out.Warnings = append(out.Warnings, models.Warning{Code: "popularity_wins", Count: f.judged,
			Message: fmt.Sprintf("the most bought products of the last %d days do as well on the last %d days as what was learned", recentDays, f.set.HorizonDays)})
	}
	return out
}

// tasks is a figure for each task that lists are made for.
func (f *findings) tasks(of func(metric.ListScores) any, all, fresh metric.ListScores) map[string]any {
	out := map[string]any{"new": of(fresh)}
	if f.set.Repeats {
		out["all"] = of(all)
	}
	return out
}

func hitRate(s metric.ListScores) any { return mining.OrNull(s.HitRate) }
func ndcg(s metric.ListScores) any    { return mining.OrNull(s.NDCG) }

func (f *findings) figures(s *scorer) []mining.Figure {
	v := f.verdict
	offered := 0
	for _, barred := range s.model.barred {
		if !barred {
			offered++
		}
	}
	out := []mining.Figure{
		{Name: "hit_rate_10", Value: f.tasks(hitRate, v.all, v.fresh), Summary: true},
		{Name: "ndcg_10", Value: f.tasks(ndcg, v.all, v.fresh), Summary: true},
		{Name: "popularity", Value: map[string]any{
			"hit_rate_10": f.tasks(hitRate, v.popularAll, v.popularFresh), "ndcg_10": f.tasks(ndcg, v.popularAll, v.popularFresh),
		}},
		{Name: "judged", Value: f.tasks(func(s metric.ListScores) any { return s.Lists }, v.all, v.fresh)},
		{Name: "sample_share", Value: f.share},
		{Name: "new_by", Value: f.best.Method, Summary: true}, {Name: "trials", Value: f.trials},
		{Name: "products", Value: offered}, {Name: "dense", Value: f.report.Dense}, {Name: "line_customers", Value: f.report.LineCount},
		{Name: "customers", Value: s.customers}, {Name: "first_repeat_share", Value: mining.OrNull(float64(s.repeats) / float64(s.customers))},
		{Name: "expected_10", Value: map[string]any{"expected": v.expected, "observed": v.observed}},
	}
	if f.set.Repeats {
		out = append(out, mining.Figure{Name: "repeats_by", Value: f.ranking.repeatsBy()})
	}
	if f.propensities != nil {
		out = append(out, mining.Figure{Name: "propensity", Value: f.propensities})
	}
	return out
}

// shown is the number of products on the page.
const shown = 20

func (f *findings) section(s *scorer, w *words.Words) *page.Section {
	v := f.verdict
	lists, popular := v.fresh, v.popularFresh
	if f.set.Repeats {
		lists, popular = v.all, v.popularAll
	}
	text := w.Say("%s customers have a list of products to offer. Of %s customers who came back in the last %d days, which the methods had not seen, "+
		"%s bought one or more of the first ten products of their list; with the most bought products of %d days it is %s.",
		page.Whole(s.customers), page.Whole(int64(lists.Lists)), f.set.HorizonDays, page.Percent(lists.HitRate), recentDays, page.Percent(popular.HitRate))
	if f.report.Dense > 0 {
		text += w.Say(" New products are ranked by EASE for the %s most bought products, each held by %s customers or more, and by item-kNN for the others.",
			page.Whole(int64(f.report.Dense)), page.Whole(int64(f.report.LineCount)))
	}
	out := &page.Section{Title: "What to offer each customer next", Text: text}
	out.Tables = append(out.Tables, f.quality())
	out.Charts = append(out.Charts, s.model.mostOffered(s.first))
	return out
}

// quality is the table of how well the lists did.
func (f *findings) quality() page.Table {
	v := f.verdict
	t := page.Table{Title: "The last days of the history, foretold from the days before", Fold: true, Head: []string{"Task", "Method", "Customers", "Hit rate of ten", "NDCG of ten"},
		Numeric: []bool{false, false, true, true, true}}
	add := func(task, method string, s metric.ListScores) {
		t.Rows = append(t.Rows, []string{task, method, page.Whole(int64(s.Lists)), page.Percent(s.HitRate), page.Short(s.NDCG)})
	}
	if f.set.Repeats {
		add("all products", "lists", v.all)
		add("all products", "most bought", v.popularAll)
	}
	add("new to the customer", "lists", v.fresh)
	add("new to the customer", "most bought", v.popularFresh)
	return t
}

// mostOffered shows the products that begin most lists.
func (m *Model) mostOffered(first []uint32) page.Chart {
	items := make([]uint32, 0, len(first))
	for item, n := range first {
		if n > 0 {
			items = append(items, uint32(item))
		}
	}
	slices.SortFunc(items, func(a, b uint32) int { return cmp.Or(cmp.Compare(first[b], first[a]), cmp.Compare(a, b)) })
	bars := page.Bars{Title: "Products that are first on most lists"}
	for _, item := range items[:min(shown, len(items))] {
		bars.Bars = append(bars.Bars, page.Bar{Name: m.called(item), Value: float64(first[item]), Label: page.Whole(int64(first[item]))})
	}
	return bars
}
