package campaign

import (
	"context"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/page"
	"github.com/quintile-dev/quintile/models"
)

// plan draws the list of the next campaign, unless an earlier run has, and publishes it with the
// lists of earlier runs. Customers who must not be contacted are on no list.
func (t *task) plan(ctx context.Context, in *mining.Input, result *mining.Result, s *scorer) error {
	earlier := slices.DeleteFunc(slices.Clone(t.earlier), func(x mining.Target) bool {
		return in.Suppressed != nil && in.Suppressed([]byte(x.Customer))
	})
	warn := func(code, message string) {
		result.Warnings = append(result.Warnings, models.Warning{Code: code, Count: 1, Message: message})
	}
	var now []mining.Target
	switch {
	case t.set.Next.Name == "":
	case t.planned():
		ahead, err := t.ahead(ctx, in, earlier)
		if err != nil {
			return err
		}
		result.Targets = ahead
		warn("plan_drawn", "the list of the planned campaign was drawn by an earlier run, and is kept")
	case t.taken():
		warn("plan_name_taken", "the files have a campaign under the name of the plan; no list is drawn")
	default:
		l, err := t.drawList(ctx, in, s.uplift)
		if err != nil {
			return err
		}
		switch {
		case len(l.people) == 0:
			warn("plan_empty", "nobody may be drawn for the planned campaign")
		case l.smallest != l.smallest:
			warn("plan_shows_nothing", "the list is too small, has no hold-out, or is to raise money of which nothing is known: what the campaign brings will not be known")
		}
		s.list, now = l, l.targets()
		result.Targets = &mining.TargetList{Campaign: l.plan.Name, Arms: l.arms}
		result.Figures = append(result.Figures, l.figure())
		l.describe(result.Section, in)
	}
	if len(earlier)+len(now) > 0 {
		result.Tables = append(result.Tables, targetTable(earlier, now))
	}
	return nil
}

// ahead returns the list of the plan, drawn by an earlier run, if the contacts are still to come.
func (t *task) ahead(ctx context.Context, in *mining.Input, earlier []mining.Target) (*mining.TargetList, error) {
	arms := map[string]datasets.Arm{}
	for _, x := range earlier {
		if x.Campaign == t.set.Next.Name && x.Day > in.AsOf {
			arms[x.Customer] = x.Arm
		}
	}
	if len(arms) == 0 {
		return nil, nil
	}
	l := &mining.TargetList{Campaign: t.set.Next.Name, Arms: make([]datasets.Arm, in.Table.Len())}
	for b, err := range in.Scores(ctx, []string{recency}) {
		if err != nil {
			return nil, err
		}
		for i := range b.Rows {
			l.Arms[b.First+i] = arms[string(b.IDs.At(i))]
		}
	}
	return l, nil
}

// taken reports whether files have a campaign of the plan's name.
func (t *task) taken() bool {
	for k := range t.names() {
		if t.drawn.Name(uint32(k)) == t.set.Next.Name {
			return true
		}
	}
	return false
}

// figure says how the list came about.
func (l *list) figure() mining.Figure {
	return mining.Figure{Name: "plan", Value: map[string]any{
		"campaign": l.plan.Name, "day": l.day.String(), "filled_by": l.by, "objective": l.plan.Objective, "treated": l.treated, "control": len(l.people) - l.treated,
		"recent_rate": mining.OrNull(l.recent.Rate()), "recent_money": mining.OrNull(l.recentMoney.Mean()), "smallest_effect": mining.OrNull(l.smallest),
		"expected": mining.OrNull(l.expected), "cost": float64(l.plan.Cost * float64(l.treated)),
		"left_out": map[string]int{"suppressed": l.suppressed, "without_consent": l.dissenting, "not_within_days": l.capped, "no_uplift": l.unmoved,
			"beyond_size": l.eligible - len(l.people)},
	}}
}

// describe adds the list to the section.
func (l *list) describe(s *page.Section, in *mining.Input) {
	smallest := page.Percent(l.smallest)
	if l.plan.Objective == forMoney {
		smallest = page.Amount(l.smallest)
	}
	row := func(name, value string) []string { return []string{name, value} }
	whole := func(n int) string { return page.Whole(int64(n)) }
	s.Tables = append(s.Tables, page.Table{
		Title: "The next campaign: " + l.plan.Name, Head: []string{"", "Value"}, Numeric: []bool{false, true},
		Rows: [][]string{
			row("Day of the contact", l.day.String()), row("Filled by", l.by), row("To be contacted", whole(l.treated)), row("Held out", whole(len(l.people)-l.treated)),
			row("Smallest effect that can be shown (power 80 %, level 5 %)", smallest),
			row(mining.WithCurrency("Cost", in.Currency), page.Amount(l.plan.Cost*float64(l.treated))),
			row("Left out: must not be contacted", whole(l.suppressed)), row("Left out: no consent", whole(l.dissenting)),
			row("Left out: drawn a short time ago", whole(l.capped)), row("Left out: no gain expected", whole(l.unmoved)),
		},
	})
}
