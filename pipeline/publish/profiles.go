package publish

import (
	"context"
	"fmt"
	"math"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/profile"
	"github.com/quintile-dev/quintile/mining/words"
	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/pipeline/steps"
)

// profileSums are the features added up for each group.
var profileSums = []string{"monetary", "frequency"}

// groupings returns the groupings found by the steps, in the order of the table.
func (r *Results) groupings() []*mining.Groups {
	var all []*mining.Groups
	for _, s := range steps.Table() {
		if result := r.OfSteps[s.Name]; result != nil {
			all = append(all, result.Groups...)
		}
	}
	return all
}

// DescribeGroups compares the groups of each grouping with all customers, unless the
// step of the grouping has done so; all in one reading of the features.
func (r *Results) DescribeGroups(ctx context.Context) error {
	var open []*mining.Groups
	var labelled []profile.Labelled
	for _, g := range r.groupings() {
		if g.Rules == nil {
			g.Fidelity = math.NaN()
		}
		if g.Described == nil {
			open, labelled = append(open, g), append(labelled, profile.Labelled{Labels: g.Labels, Groups: len(g.Names)})
		}
	}
	if len(open) == 0 {
		return nil
	}
	return r.Watch.Stage("profiles", 0, "", func() error {
		described, err := profile.DescribeAll(ctx, r.Scan.Table, r.Buyers, labelled, mining.Learnable(r.Known.Features, nil),
			profileSums, r.Job.Workers)
		for i := range described {
			open[i].Described = described[i]
		}
		return err
	})
}

// ProfileColumns describes profiles.parquet, with the means of these features.
func ProfileColumns(learned []string) []mining.Column {
	column := func(name string, kind table.Type, unit, description string) mining.Column {
		return mining.Column{Column: table.Column{Name: name, Type: kind, Unit: unit, Description: description}}
	}
	nullable := func(c mining.Column) mining.Column {
		c.Nullable = true
		return c
	}
	columns := []mining.Column{
		column("grouping", table.Text, "", "the grouping: the column of segments.parquet that says which group a customer is in"),
		column("segment", table.Int32, "", "number of the group, from 1"),
		column("segment_name", table.Text, "", "name of the group"),
		column("customers", table.Int64, "customers", "customers in it"),
		column("customer_share", table.Float64, "share", "of all customers who have bought"),
		{Money: true, Column: table.Column{
			Name: "money", Type: table.Float64, Nullable: true, Unit: "currency", Description: "money spent by them, before returns",
		}},
		nullable(column("money_share", table.Float64, "share", "of the money spent by all")),
		column("orders", table.Float64, "orders", "orders placed by them"),
		column("marks", table.TextList, "", "features that differ most from all customers, in words: the mean, and how the mean compares with that of all"),
		nullable(column("action", table.Text, "", "what to do with the customers of the group")),
		nullable(column("rule", table.Text, "", "the group in words, by a rule or a shallow tree")),
		nullable(column("rule_confidence", table.Float64, "share", "of the customers that the rule picks, those in the group")),
		nullable(column("fidelity", table.Float64, "share", "of all customers that the rules put into their group")),
	}
	for _, name := range learned {
		columns = append(columns, nullable(column("mean_"+name, table.Float64, "", "mean of "+name)))
	}
	return columns
}

// profilesTable returns profiles.parquet: a row for each group of each grouping.
func (r *Results) profilesTable(groupings []*mining.Groups) mining.Table {
	learned := mining.Learnable(r.Known.Features, nil)
	columns := ProfileColumns(learned)
	return mining.Table{Name: "profiles.parquet", Columns: columns, Write: func(_ context.Context, w mining.TableWriter) error {
		for _, g := range groupings {
			values, rows := profileValues(g, len(columns), r.Job.Privacy.MinGroup, r.Words)
			if err := w.Write(values, rows); err != nil {
				return err
			}
		}
		return nil
	}}
}

// profileValues returns the rows of one grouping: the groups of at least so many customers.
func profileValues(g *mining.Groups, columns, least int, words *words.Words) (v []table.Values, rows int) {
	v = make([]table.Values, columns)
	n := len(g.Described)
	acted, ruled := datasets.NewBitmap(n), datasets.NewBitmap(n)
	for i := range g.Described {
		d := &g.Described[i]
		if d.Customers < least {
			continue
		}
		rule := mining.Rule{Confidence: math.NaN()}
		if g.Rules != nil {
			rule = g.Rules[i]
		}
		action := ""
		if g.Actions != nil {
			action = words.Text(g.Actions[i])
		}
		mark(acted, rows, action != "")
		mark(ruled, rows, rule.Text != "")
		v[0].Strings = append(v[0].Strings, g.Name)
		v[1].Int32s = append(v[1].Int32s, g.Number(i))
		v[2].Strings = append(v[2].Strings, g.Names[i])
		v[3].Ints = append(v[3].Ints, int64(d.Customers))
		v[4].Floats = append(v[4].Floats, d.Share)
		v[5].Floats = append(v[5].Floats, d.Sums[0])
		v[6].Floats = append(v[6].Floats, d.SumShares[0])
		v[7].Floats = append(v[7].Floats, d.Sums[1])
		v[8].Lists = append(v[8].Lists, mining.MarkTexts(words, d.Marks))
		v[9].Strings = append(v[9].Strings, action)
		v[10].Strings = append(v[10].Strings, rule.Text)
		v[11].Floats = append(v[11].Floats, rule.Confidence)
		v[12].Floats = append(v[12].Floats, g.Fidelity)
		for k, mean := range d.Means {
			v[13+k].Floats = append(v[13+k].Floats, mean)
		}
		rows++
	}
	v[9].Valid, v[10].Valid = acted, ruled
	return v, rows
}

// smallGroups warns of groups with too few customers to be described.
func (r *Results) smallGroups() (w models.Warning, ok bool) {
	small, least := 0, r.Job.Privacy.MinGroup
	for _, g := range r.groupings() {
		for i := range g.Described {
			if g.Described[i].Customers < least {
				small++
			}
		}
	}
	return models.Warning{Code: "small_groups", Count: small,
		Message: fmt.Sprintf("%d groups have fewer than %d customers (privacy.min_group) and no row in profiles.parquet", small, least)}, small > 0
}

func mark(b datasets.Bitmap, i int, has bool) {
	if has {
		b.Set(i)
	}
}
