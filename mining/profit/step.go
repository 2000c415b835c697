// Package profit is the step that finds the sources of profit: the profit of each customer,
// the concentration of profit, and the customers who cost more than they bring.
package profit

import (
	"slices"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/setting"
)

// Step declares the step.
var Step = mining.Step{
	Name:    "profit",
	Doc:     "Who earns us money: profit by customer, its concentration, and ABC classes.",
	Chapter: mining.AboutWorth,
	Example: "{margin: 100%, money: net}",

	Default: func() mining.Settings { return new(Default()) },

	Columns: []mining.Column{
		{CRM: true, Money: true, Column: table.Column{
			Name: profitColumn, Type: table.Float64, Nullable: true, Unit: "currency",
			Description: "margin on the money spent, less the costs of orders, returns and winning the customer",
		}},
		{Column: table.Column{
			Name: rankColumn, Type: table.Float64, Nullable: true, Unit: "share",
			Description: "share of all profit earned by this customer and all who are more profitable",
		}},
		{CRM: true, Column: table.Column{
			Name: classColumn, Type: table.Text, Nullable: true, Dictionary: true,
			Description: "A: the most profitable customers, who bring 80 % of all profit; B: the next, up to 95 %; C: the rest",
		}},
	},
	Groupings: []string{classColumn},
	Files: []mining.File{
		{Name: concentrationFile, Text: "The Lorenz curve and the whale curve: what shares of customers bring what shares of the money and of the profit.",
			Columns: concentrationColumns},
		{Name: lossesFile, Text: "The customers who cost more than they bring, the most costly first, and why.", Columns: lossColumns},
	},
	Figures: []mining.Doc{
		{Name: "customers", Text: "customers with a line that has a price, those who only returned among them"},
		{Name: "total", Text: "profit of all of them, as an exact decimal text"},
		{Name: "positive", Text: "customers with a profit"},
		{Name: "negative", Text: "customers who cost more than they bring"},
		{Name: "losses", Text: "sum of their profits, as an exact decimal text"},
		{Name: "gini", Text: "Gini coefficient of max(profit, 0)"},
		{Name: "gini_net", Text: "the same formula on the profit as it is; it may exceed 1 where profits are negative"},
		{Name: "top_20_share", Text: "share of all profit of the most profitable fifth of the customers, rounded up"},
		{Name: "customers_for_80", Text: "fewest customers who together bring 80 % of all profit"},
		{Name: "hhi", Text: "Herfindahl–Hirschman index: sum of the squared shares of max(profit, 0)"},
		{Name: "whale_peak", Text: "sum of all profits that are positive over all profit"},
		{Name: "whale_peak_at", Text: "share of the customers with a profit, where the whale curve peaks"},
		{Name: "abc", Text: "customers in each class"},
		{Name: "basis", Text: "costs: from mapped costs; margin: the margin alone, so that the ranking is that of money less the costs set"},
	},
	Warnings: []mining.Doc{
		{Name: "no_money", Text: "no column holds money: no profit", Mend: "map unit_price or amount under columns"},
		{Name: "money_not_profit", Text: "no costs are known, so that profit is money and the ranking is one of turnover",
			Mend: "map cost, or set margin, cost_per_order and cost_per_return"},
		{Name: "cost_missing", Text: "lines of so many customers have no cost; the margin stands in for them",
			Mend: "complete the costs, or set margin to what such lines bring"},
		{Name: "undefined_total", Text: "all profit together is not positive, so that there are no shares of it", Mend: "look at the costs that the job sets"},
	},
	Returners: true,
	Unlearned: true,
}

// The columns of the step, and its files.
const (
	profitColumn = "profit"
	rankColumn   = "profit_rank_share"
	classColumn  = "abc_class"

	concentrationFile = "concentration.parquet"
	lossesFile        = "losses.parquet"
)

// Settings are the settings of the step.
type Settings struct {
	Margin      setting.Share `yaml:"margin" doc:"Share of the money that is earned, where lines have no cost."`
	PerOrder    float64       `yaml:"cost_per_order" min:"0" max:"1e9" doc:"Cost of an order: picking, packing, sending."`
	PerReturn   float64       `yaml:"cost_per_return" min:"0" max:"1e9" doc:"Cost of an order that is returned, wholly or in part."`
	Money       string        `yaml:"money" enum:"net,gross" doc:"net: less returns. gross: sales alone."`
	Acquisition string        `yaml:"acquisition_cost" doc:"Attribute of customers, under numbers, that holds what it cost to win them."`
}

// Default returns the default settings of the step.
func Default() Settings { return Settings{Margin: 1, Money: "net"} }

// Check finds no fault that the tags do not express.
func (s *Settings) Check() []mining.Fault { return nil }

// Needs returns none.
func (s *Settings) Needs() []string { return nil }

// Plan makes the task. It refuses an attribute that there is not.
func (s *Settings) Plan(r *mining.Run) (mining.Task, []mining.Fault) {
	t := &task{set: *s, costs: r.Mapped.Has(features.Cost)}
	if s.Acquisition != "" && !slices.Contains(r.Attributes, datasets.Attribute{Name: s.Acquisition}) {
		return t, []mining.Fault{mining.Faultf("acquisition_cost", "got %q, want an attribute of customers under numbers", s.Acquisition)}
	}
	return t, nil
}
