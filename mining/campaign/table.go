package campaign

import (
	"context"

	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/models/metric"
)

func (t *task) figures(all []campaign) []mining.Figure {
	by := map[string]any{}
	for k := range all {
		c := &all[k]
		one := map[string]any{"state": c.state(), "treated": c.treated.Of, "control": c.control.Of, "uplift_state": c.uplift.state}
		for _, name := range []string{"effect", "low", "high", "sample_ratio_p", "smallest_effect", "profit", "profit_low", "profit_high", "qini", "qini_low", "qini_high", "auuc"} {
			one[name] = mining.OrNull(c.values[name])
		}
		by[c.name] = one
	}
	return []mining.Figure{
		{Name: "outcome", Value: t.set.Outcome}, {Name: "campaigns", Value: by}, {Name: "learner", Value: t.set.Uplift.Learner},
		{Name: "qini_convention", Value: metric.DistinctThresholds.String()},
	}
}

// tableOf returns campaigns.parquet.
func tableOf(all []campaign) mining.Table {
	list := columns()
	return mining.Table{Name: file, Columns: list, SortedBy: []string{"campaign"}, Write: func(_ context.Context, w mining.TableWriter) error {
		v := make([]table.Values, len(list))
		for k := range all {
			c := &all[k]
			v[0].Strings, v[1].Strings = append(v[0].Strings, c.name), append(v[1].Strings, string(c.state()))
			v[len(v)-1].Strings = append(v[len(v)-1].Strings, string(c.uplift.state))
			for at, n := range []int{c.treated.Of, c.control.Of, c.treated.Hits, c.control.Hits} {
				v[2+at].Ints = append(v[2+at].Ints, int64(n))
			}
			for at, column := range numbers {
				v[6+at].Floats = append(v[6+at].Floats, c.values[column.name])
			}
		}
		return w.Write(v, len(all))
	}}
}

// upliftTable returns uplift.parquet: a row for each tenth of a campaign's customers, the
// best first.
func upliftTable(all []campaign) mining.Table {
	return mining.Table{Name: upliftFile, Columns: upliftColumns, SortedBy: []string{"campaign", "tenth"}, Write: func(_ context.Context, w mining.TableWriter) error {
		v := make([]table.Values, len(upliftColumns))
		rows := 0
		for k := range all {
			for _, g := range all[k].uplift.groups {
				v[0].Strings = append(v[0].Strings, all[k].name)
				v[1].Ints, v[2].Ints = append(v[1].Ints, int64(g.Group)), append(v[2].Ints, int64(g.Rows))
				v[3].Floats, v[4].Floats, v[5].Floats = append(v[3].Floats, g.TreatedMean), append(v[4].Floats, g.ControlMean), append(v[5].Floats, g.Uplift)
				rows++
			}
		}
		return w.Write(v, rows)
	}}
}
