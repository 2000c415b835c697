package migration

import (
	"context"
	"fmt"

	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/page"
	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/models/drift"
)

// findings are the movements found.
type findings struct {
	*follower
	limits, own []measures // of each grouping
	shifts      []shift
}

// Fit follows the customers from the reference to this run.
func (t *task) Fit(ctx context.Context, in *mining.Input) (*mining.Result, error) {
	if in.Reference == nil {
		return &mining.Result{State: NoReference, Section: &page.Section{
			Title: "What moved", Text: "There is no run of an earlier day to compare with yet.",
		}}, nil
	}
	f := &findings{follower: newFollower(in)}
	if err := f.walk(ctx, in); err != nil {
		return nil, err
	}
	if f.before == 0 || in.Customers() == 0 {
		return &mining.Result{State: mining.Insufficient, Section: &page.Section{
			Title: "What moved", Text: in.Words.Say("Nobody was a customer on %s, so that nothing can have moved.", f.then.String()),
		}}, nil
	}
	f.drop()
	if err := f.measure(); err != nil {
		return nil, err
	}
	var err error
	if f.shifts, err = shifts(ctx, in); err != nil {
		return nil, err
	}
	return &mining.Result{
		State: mining.OK, Figures: f.figures(in), Warnings: f.warnings(in), Tables: f.tables(), Section: f.section(in),
		Scorer: &scorer{f.groupings}, Unmet: t.unmet(f),
	}, nil
}

// drop removes the groupings in which nobody has a group.
func (f *findings) drop() {
	kept := f.groupings[:0]
	for _, g := range f.groupings {
		if g.seen {
			kept = append(kept, g)
		}
	}
	f.groupings = kept
}

func (f *findings) measure() error {
	for _, g := range f.groupings {
		limits, err := g.limits.measure(len(g.book.names))
		if err != nil {
			return err
		}
		own, err := g.own.measure(len(g.book.names))
		if err != nil {
			return err
		}
		f.limits, f.own = append(f.limits, limits), append(f.own, own)
	}
	return nil
}

// figures returns the figures of the manifest.
func (f *findings) figures(in *mining.Input) []mining.Figure {
	stayed, psi, js, ari := map[string]any{}, map[string]any{}, map[string]any{}, map[string]any{}
	own, limits := map[string]any{}, map[string]string{}
	for k, g := range f.groupings {
		m := f.limits[k].asMap()
		stayed[g.column], psi[g.column], js[g.column], ari[g.column] = m["stayed_share"], m["psi"], m["js"], m["ari"]
		own[g.column] = f.own[k].asMap()
		limits[g.column] = "reference"
		if !g.scored {
			limits[g.column] = "own"
		}
	}
	out := []mining.Figure{
		{Name: "against", Value: f.then.String(), Summary: true}, {Name: "made", Value: in.Reference.Made},
		{Name: "customers", Value: map[string]int64{
			"reference": f.before, "now": f.now, "both": f.both, "came": f.now - f.both, "gone": f.before - f.both,
		}},
		{Name: "limits", Value: limits}, {Name: "stayed_share", Value: stayed, Summary: true}, {Name: "psi", Value: psi, Summary: true},
		{Name: "js", Value: js}, {Name: "ari", Value: ari}, {Name: "own", Value: own},
	}
	if g := f.grouping(segments); g != nil {
		for _, m := range movements {
			sum := g.moved(m.is)
			value := map[string]any{"customers": sum.customers, "money": nil}
			if f.money {
				value["money"] = float64(sum.money) / 1e6
			}
			out = append(out, mining.Figure{Name: m.name, Value: value})
		}
	}
	names := []string{}
	for _, s := range drifted(f.shifts) {
		names = append(names, s.feature)
	}
	return append(out, mining.Figure{Name: "drifted", Value: names})
}

// grouping returns the findings about a grouping, or nil for a name that the run does not have.
func (f *findings) grouping(column string) *followed {
	for _, g := range f.groupings {
		if g.column == column {
			return g
		}
	}
	return nil
}

// warnings tell of major shifts, and of groupings that each run has limits of its own for.
func (f *findings) warnings(in *mining.Input) []models.Warning {
	var all []models.Warning
	for k, g := range f.groupings {
		if psi := f.limits[k].psi; psi >= drift.MajorPSI {
			all = append(all, models.Warning{Code: "drift", Count: 1, Message: fmt.Sprintf(
				"the groups of %s have other shares than on %s (PSI %.2f)", g.column, f.then, psi)})
		}
		if !g.scored {
			all = append(all, models.Warning{Code: "own_limits", Count: 1, Message: fmt.Sprintf(
				"%s of %s has left no limits that customers can be scored by; each run is taken as it ranked its customers", g.column, f.then)})
		}
	}
	for _, step := range in.Reference.Unknown {
		all = append(all, models.Warning{Code: "not_known_then", Count: 1, Message: fmt.Sprintf(
			"the groups of %s ask for attributes of customers, of which nobody knows what they were on %s; they are not followed", step, f.then)})
	}
	for _, s := range drifted(f.shifts) {
		if s.makes {
			all = append(all, models.Warning{Code: "drift", Count: 1, Message: fmt.Sprintf(
				"%s, of which groups are made, has moved since %s (PSI %.2f)", s.feature, f.then, s.psi)})
		}
	}
	return all
}

// unmet names the largest movement beyond the setting, or "" for none.
func (t *task) unmet(f *findings) string {
	if t.set.MaxPSI == nil {
		return ""
	}
	most, what := *t.set.MaxPSI, ""
	for k, g := range f.groupings {
		if psi := f.limits[k].psi; psi > most {
			most, what = psi, "the shares of the groups of "+g.column
		}
	}
	for _, s := range f.shifts {
		if s.makes && s.psi > most {
			most, what = s.psi, s.feature
		}
	}
	if what == "" {
		return ""
	}
	return fmt.Sprintf("%s has a PSI of %.3f since %s, want at most %.3f (max_psi); look for the cause, or raise max_psi", what, most, f.then, *t.set.MaxPSI)
}
