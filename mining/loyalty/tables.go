package loyalty

import (
	"context"
	"math"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/mining"
)

// cohortColumns describes cohorts.parquet: a row for each cohort and period since.
var cohortColumns = []mining.Column{
	{Column: table.Column{Name: "cohort", Type: table.Date, Description: "first day of the period of the first purchase"}},
	{Column: table.Column{Name: "period", Type: table.Int32, Unit: "periods", Description: "periods since that of the first purchase"}},
	{Column: table.Column{Name: "customers", Type: table.Int64, Unit: "customers", Description: "customers of the cohort who bought in the period; in period 0, all of them"}},
	money("money", "money they spent in the period, before returns"),
	{Column: table.Column{Name: "complete", Type: table.Bool, Description: "the period was over on the scoring date"}},
}

// numberColumns describes customer_numbers.parquet: a row for each period.
var numberColumns = []mining.Column{
	{Column: table.Column{Name: "period", Type: table.Date, Description: "first day of the period"}},
	count("active", "customers with a purchase: new, kept and reactivated"),
	count("new", "customers with their first purchase"),
	count("kept", "customers who bought in the period before as well"),
	count("reactivated", "customers who bought before, but not in the period before"),
	count("lapsed", "customers who bought in the period before, and not in this one"),
	money("money", "money spent, before returns"),
	money("money_new", "of that, money of new customers"),
	{Column: table.Column{Name: "complete", Type: table.Bool, Description: "the period was over on the scoring date"}},
}

func money(name, description string) mining.Column {
	return mining.Column{Money: true, Column: table.Column{
		Name: name, Type: table.Float64, Nullable: true, Unit: "currency", Description: description + "; null where none is mapped",
	}}
}

// spent returns a sum of money as it is published.
func (t *task) spent(sum *datasets.Sum) float64 {
	if !t.priced {
		return math.NaN()
	}
	return sum.Float()
}

func count(name, description string) mining.Column {
	return mining.Column{Column: table.Column{Name: name, Type: table.Int64, Unit: "customers", Description: description}}
}

// cohortTable returns the cohorts that have customers, each up to the period of the scoring
// date.
func (t *task) cohortTable(c *counts, asOf datasets.Day) mining.Table {
	return mining.Table{Name: cohortsFile, Columns: cohortColumns, SortedBy: []string{"cohort", "period"}, Write: func(_ context.Context, w mining.TableWriter) error {
		for cohort := range c.cohorts {
			if c.size(cohort) == 0 {
				continue
			}
			v := make([]table.Values, len(cohortColumns))
			rows := t.periods.len() - cohort
			for since := range rows {
				at := c.at(cohort, since)
				v[0].Int32s = append(v[0].Int32s, int32(t.periods.starts[cohort]))
				v[1].Int32s = append(v[1].Int32s, int32(since))
				v[2].Ints = append(v[2].Ints, at.customers)
				v[3].Floats = append(v[3].Floats, t.spent(&at.money))
				v[4].Bools = append(v[4].Bools, t.periods.complete(cohort+since, asOf))
			}
			if err := w.Write(v, rows); err != nil {
				return err
			}
		}
		return nil
	}}
}

// numberTable returns the customer numbers of the periods from the first purchase on.
func (t *task) numberTable(c *counts, asOf datasets.Day) mining.Table {
	return mining.Table{Name: numbersFile, Columns: numberColumns, SortedBy: []string{"period"}, Write: func(_ context.Context, w mining.TableWriter) error {
		v := make([]table.Values, len(numberColumns))
		rows := 0
		for p := c.first(); p < len(c.numbers); p++ {
			n := &c.numbers[p]
			v[0].Int32s = append(v[0].Int32s, int32(t.periods.starts[p]))
			for k, x := range []int64{n.active, n.fresh, n.kept, n.reactivated, n.lapsed} {
				v[1+k].Ints = append(v[1+k].Ints, x)
			}
			v[6].Floats, v[7].Floats = append(v[6].Floats, t.spent(&n.money)), append(v[7].Floats, t.spent(&n.moneyNew))
			v[8].Bools = append(v[8].Bools, t.periods.complete(p, asOf))
			rows++
		}
		return w.Write(v, rows)
	}}
}

// first returns the period of the first purchase of all.
func (c *counts) first() int {
	for p := range c.numbers {
		if c.numbers[p].active > 0 {
			return p
		}
	}
	return len(c.numbers)
}
