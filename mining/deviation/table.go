package deviation

import (
	"context"
	"math"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/mining"
)

// fileColumns describes deviations.parquet.
var fileColumns = []mining.Column{
	{Column: table.Column{Name: "level", Type: table.Text, Dictionary: true, Description: "day, week, or data for a fault that the data seem to have"}},
	{Column: table.Column{Name: "dimension", Type: table.Text, Dictionary: true, Description: "total, channel, store or region"}},
	{Column: table.Column{Name: "member", Type: table.Text, Dictionary: true, Nullable: true, Description: "member of the dimension; null for the total"}},
	{Column: table.Column{Name: "from", Type: table.Date, Description: "first day"}},
	{Column: table.Column{Name: "to", Type: table.Date, Description: "last day"}},
	{Column: table.Column{Name: "measure", Type: table.Text, Dictionary: true, Description: "money (before returns), orders, or lines where no money is known"}},
	{Column: table.Column{Name: "actual", Type: table.Float64, Description: "value of the measure"}},
	{Column: table.Column{Name: "expected", Type: table.Float64, Nullable: true, Description: "value by season, trend, and weekday or the other members; null where none is known"}},
	{Column: table.Column{Name: "change", Type: table.Float64, Nullable: true, Description: "actual / expected − 1"}},
	{Column: table.Column{Name: "p_value", Type: table.Float64, Nullable: true, Description: "chance of so large a departure, were departures normal; null for faults of the data"}},
	{Column: table.Column{Name: "q_value", Type: table.Float64, Nullable: true, Description: "false discovery rate at which the row is just called a departure; null for faults of the data"}},
	{Column: table.Column{Name: "direction", Type: table.Text, Dictionary: true, Description: "up, down, twice (a day delivered twice) or stopped (a member without sales since)"}},
}

// tableOf returns deviations.parquet: days by measure, then days present twice, then the
// weeks of members, each member followed by the time since it stopped.
func tableOf(rows []row) mining.Table {
	return mining.Table{Name: file, Columns: fileColumns, Write: func(_ context.Context, w mining.TableWriter) error {
		const batch = 1 << 13
		for len(rows) > 0 {
			n := min(batch, len(rows))
			if err := w.Write(valuesOf(rows[:n]), n); err != nil {
				return err
			}
			rows = rows[n:]
		}
		return nil
	}}
}

// valuesOf returns the columns of rows.
func valuesOf(rows []row) []table.Values {
	texts := func(of func(*row) string) table.Values {
		v := table.Values{Valid: datasets.NewBitmap(len(rows))}
		for i := range rows {
			text := of(&rows[i])
			v.Strings = append(v.Strings, text)
			if text != "" {
				v.Valid.Set(i)
			}
		}
		return v
	}
	numbers := func(of func(*row) float64) table.Values {
		v := table.Values{Valid: datasets.NewBitmap(len(rows))}
		for i := range rows {
			x := of(&rows[i])
			v.Floats = append(v.Floats, x)
			if !math.IsNaN(x) {
				v.Valid.Set(i)
			}
		}
		return v
	}
	dates := func(of func(*row) datasets.Day) table.Values {
		var v table.Values
		for i := range rows {
			v.Int32s = append(v.Int32s, int32(of(&rows[i])))
		}
		return v
	}
	return []table.Values{
		texts(func(r *row) string { return r.level }), texts(func(r *row) string { return r.dimension }), texts(func(r *row) string { return r.member }),
		dates(func(r *row) datasets.Day { return r.from }), dates(func(r *row) datasets.Day { return r.to }),
		texts(func(r *row) string { return r.measure }),
		numbers(func(r *row) float64 { return r.actual }), numbers(func(r *row) float64 { return r.expected }), numbers((*row).change),
		numbers(func(r *row) float64 { return r.p }), numbers(func(r *row) float64 { return r.q }), texts(func(r *row) string { return r.direction }),
	}
}
