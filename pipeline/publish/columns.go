package publish

import (
	"strings"

	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/pipeline/steps"
)

// Key is the first column of every table with a row for each customer.
var Key = mining.Column{Column: table.Column{
	Name: "customer", Type: table.Text, Description: "id of the customer, the key of the table",
}}

// BaseColumns are the columns of every customer, in every job.
func (r *Results) BaseColumns() steps.Base {
	monetary, reads := r.MonetaryFeature(), []string{"recency_days", "frequency"}
	if r.priced() {
		reads = append(reads, monetary)
	}
	words := "before returns"
	if monetary == "net_money" {
		words = "less returns"
	}
	return steps.Base{
		Columns: []mining.Column{
			{CRM: true, Column: table.Column{
				Name: "recency_days", Type: table.Int32, Nullable: true, Unit: "days",
				Description: "days from the last purchase to the scoring date; null for a customer without one",
			}},
			{CRM: true, Column: table.Column{
				Name: "frequency", Type: table.Int64, Nullable: true, Unit: "orders",
				Description: "number of distinct orders, returns left out",
			}},
			{CRM: true, Money: true, Column: table.Column{
				Name: "monetary", Type: table.Float64, Nullable: true, Unit: "currency", Description: "money spent, " + words + "; null where the job maps none",
			}},
		},
		Reads: reads,
		Fill: func(dst *mining.Scores, b *mining.Batch) {
			dst.SetNumbers("recency_days", b.Column("recency_days"))
			dst.SetNumbers("frequency", b.Column("frequency"))
			if r.priced() {
				dst.SetNumbers("monetary", b.Column(monetary))
			}
		},
	}
}

// Resolve returns columns in their written form: money in the type chosen in the job, and
// with its currency.
func (r *Results) Resolve(columns []mining.Column) []table.Column {
	out := make([]table.Column, len(columns))
	for i, c := range columns {
		out[i] = c.Column
		out[i].Unit = r.unit(c.Unit)
		if c.Money && r.Job.Publish.Money == "decimal" {
			out[i].Type, out[i].Scale = table.Decimal, moneyScale
		}
	}
	return out
}

// moneyScale is the number of decimal places of money.
const moneyScale = 6

// unit replaces the word currency by the currency of the job.
func (r *Results) unit(unit string) string {
	if r.Job.Currency == "" {
		return unit
	}
	return strings.ReplaceAll(unit, "currency", r.Job.Currency)
}

// written returns a column of values in its written form.
func written(c table.Column, v table.Values) table.Values {
	if c.Type == table.Decimal && v.Ints == nil && v.Floats != nil {
		return mining.Numbers(mining.Column{Column: c}, v.Floats)
	}
	return v
}
