package rfm

import (
	"context"
	"fmt"

	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/models"
)

type task struct {
	set    Settings
	priced bool // line items have money
}

// Memory covers three columns, the ranks and the labels of all customers.
func (t *task) Memory(customers int) int64 { return 64 * int64(customers) }

// Fit scores all customers and counts them.
func (t *task) Fit(ctx context.Context, in *mining.Input) (*mining.Result, error) {
	c := t.set.Scoring()
	c.Seed, c.Workers = in.Seed, in.Workers
	if !t.priced {
		c.Monetary = features.NoMoney
	}
	values, err := in.Table.RFMInput(ctx, c)
	if err != nil {
		return nil, err
	}
	model, warnings, err := t.fit(ctx, in, c, values)
	if err != nil {
		return nil, err
	}
	scores, report, err := model.ScoreAll(values)
	if err != nil {
		return nil, err
	}
	names := model.Segments.Names()
	sizes := make(map[string]int, len(names))
	for _, s := range scores.Segment {
		if s != features.NoSegment {
			sizes[names[s]]++
		}
	}
	shown := section(in, model.RFMModel, report, grid(values, scores, model.RFMModel))
	if model.Learned != in.AsOf.String() {
		shown.Text += in.Words.Say(" The limits between the scores are those of %s.", model.Learned)
	}
	out := &mining.Result{
		State: mining.OK,
		Figures: []mining.Figure{
			{Name: "customers", Value: report.Customers}, {Name: "scored", Value: report.Scored},
			{Name: "segment_map", Value: model.Segments.Version}, {Name: "segments", Value: sizes},
			{Name: "r", Value: report.R}, {Name: "f", Value: report.F}, {Name: "m", Value: report.M},
			{Name: "limits_of", Value: model.Learned},
		},
		Warnings: warnings,
		Model:    model,
		Section:  shown,
	}
	if t.priced || !model.Segments.NeedsMoney() {
		out.Groups = []*mining.Groups{groups(in, names, scores.Segment)}
	}
	if !t.priced {
		out.Warnings = append(out.Warnings, models.Warning{Code: "no_money", Count: in.Customers(), Message: withoutMoney(model.RFMModel)})
	}
	return out, nil
}

// withoutMoney says what is missing where line items have no money.
func withoutMoney(model *features.RFMModel) string {
	missing := "nobody has a monetary score"
	if model.Segments.NeedsMoney() {
		missing += fmt.Sprintf(", nor a segment of the map %s, which asks for one", model.Segments.Version)
	}
	return "no column holds money, so that " + missing + "; map unit_price or amount under columns"
}

// groups returns the segments of the customers who have bought.
func groups(in *mining.Input, names []string, segment []uint8) *mining.Groups {
	g := &mining.Groups{
		Name: segmentColumn, Names: names, Labels: make([]int32, in.Customers()), Defining: []string{"recency_days", "frequency"},
	}
	for i := range g.Labels {
		at := i
		if in.Buyers != nil {
			at = int(in.Buyers[i])
		}
		g.Labels[i] = -1
		if s := segment[at]; s != features.NoSegment {
			g.Labels[i] = int32(s)
		}
	}
	g.Actions = actionsOf(names)
	g.Now = urgent(names)
	return g
}
