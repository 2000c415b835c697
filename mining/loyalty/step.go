// Package loyalty is the step that asks how faithful customers are: cohorts and second
// purchases, customer numbers, kinds of relationship, and value for money.
package loyalty

import (
	"slices"
	"sync"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining"
)

// Step declares the step.
var Step = mining.Step{
	Name:    "loyalty",
	Doc:     "How faithful are customers: cohorts, repeat purchases, kinds of relationship, value for money.",
	Example: "{cohort: month}",

	Default:  func() mining.Settings { return new(Default()) },
	NewModel: func() mining.Model { return new(Model) },

	Columns: []mining.Column{
		{CRM: true, Column: table.Column{
			Name: relationshipColumn, Type: table.Text, Nullable: true, Dictionary: true,
			Description: "what binds the customer: price_led, product_led, need_led, value_led, or mixed; undetermined below three purchase days",
		}},
		{CRM: true, Column: table.Column{
			Name: valueColumn, Type: table.Float64, Nullable: true, Unit: "ratio",
			Description: "value for money, V = Q/P: rank of quality over rank of price, 1 is fair. Quality is the attribute of the setting quality; " +
				"without it the share of the money that was not returned stands in, a sign of behaviour and not an answer of the customer",
		}},
		{Column: table.Column{
			Name: shareColumn, Type: table.Float64, Nullable: true, Unit: "share",
			Description: "persistency: share of the calendar periods, from the first purchase to the scoring date, with a purchase",
		}},
		{Column: table.Column{
			Name: firstGapColumn, Type: table.Int32, Nullable: true, Unit: "days",
			Description: "days from the first to the second purchase day; null where there is no second",
		}},
	},
	Groupings: []string{relationshipColumn},
	Files: []mining.File{
		{Name: cohortsFile, Text: "Who came back: for each cohort, the customers who bought in its period 0, 1, 2, … and their money.", Columns: cohortColumns},
		{Name: numbersFile, Text: "How many customers: active, new, kept, reactivated and lapsed, by period.", Columns: numberColumns},
	},
	Figures: []mining.Doc{
		{Name: "repeat_rate", Text: "share of the customers with two orders and more"},
		{Name: "repeat_rate_days", Text: "share of the customers with two purchase days and more"},
		{Name: "retention", Text: "share of the customers who bought 1, 3, 6 and 12 periods after that of their first purchase, pooled over the cohorts for which that period is over; null where there are none"},
		{Name: "retention_unfinished", Text: "the same with the period that is not over"},
		{Name: "repeat_within", Text: "share with a second purchase day within so many days, of the customers whose first is that long ago"},
		{Name: "repeat_within_km", Text: "the same by Kaplan–Meier, from all customers; null beyond the length of the history"},
		{Name: "repeat_median_days", Text: "Kaplan–Meier median of the days from the first to the second purchase day; null where fewer than half come back"},
		{Name: "persistency", Text: "active periods over periods since the first purchase: mean of the customers, pooled, and mean of those with three periods and more (a customer of one period is always at 1)"},
		{Name: "sizes", Text: "customers in each kind of relationship"},
		{Name: "value", Text: "value for money, V: median, 10th and 90th percentile, number of customers at 1 and above, and mean of ln V"},
		{Name: "quality", Text: "what quality is: the attribute, or 1 - returned share"},
		{Name: "rounded_prices", Text: "products with so many prices that they were rounded, by 0.4 % at most, to find the median"},
	},
	Warnings: []mining.Doc{
		{Name: "no_products", Text: "no column holds products: no prices to compare, and nobody has a kind of relationship", Mend: "map product under columns"},
		{Name: "no_quantity", Text: "no column holds quantities: no price of a piece to compare, and nobody has a kind of relationship", Mend: "map quantity under columns"},
		{Name: "no_money", Text: "no column holds money: no prices to compare, and nobody has a kind of relationship", Mend: "map unit_price or amount under columns"},
		{Name: "few_determined", Text: "fewer than 20 customers have three purchase days, too few to rank: nobody has a kind of relationship", Mend: "wait for more"},
		{Name: "quality_without_information", Text: "more than half of the customers have the same quality, so that customer_value mostly ranks prices",
			Mend: "name a survey answer under quality, or keep returns in the line items"},
		{Name: "rounded_prices", Text: "products have too many distinct prices to count each; their median is within 0.4 %", Mend: "nothing need be done"},
	},
}

// The columns of the step, and its files.
const (
	relationshipColumn = "relationship"
	valueColumn        = "customer_value"
	shareColumn        = "active_share"
	firstGapColumn     = "first_gap_days"

	cohortsFile = "cohorts.parquet"
	numbersFile = "customer_numbers.parquet"
)

// The kinds of periods.
const (
	month   = "month"
	week    = "week"
	quarter = "quarter"
)

// Settings are the settings of the step.
type Settings struct {
	Cohort     string            `yaml:"cohort" enum:"month,week,quarter" doc:"Calendar period of cohorts, retention, customer numbers and active_share; weeks begin on Monday."`
	Quality    string            `yaml:"quality" doc:"Attribute of customers, under numbers, that says how good they find what they get, such as a survey answer. Default: the share of the money that was not returned."`
	Strategies map[string]string `yaml:"strategies" of:"relationship" doc:"What to do with the customers of a kind of relationship, in the place of the program's words."`
}

// Default returns the default settings of the step.
func Default() Settings { return Settings{Cohort: month} }

// Check refuses strategies for kinds that there are not.
func (s *Settings) Check() []mining.Fault { return mining.CheckStrategies(s.Strategies, names) }

// Needs returns none.
func (s *Settings) Needs() []string { return nil }

// Plan makes the task. It refuses an attribute that there is not.
func (s *Settings) Plan(r *mining.Run) (mining.Task, []mining.Fault) {
	var faults []mining.Fault
	if s.Quality != "" && !slices.Contains(r.Attributes, datasets.Attribute{Name: s.Quality}) {
		faults = append(faults, mining.Faultf("quality", "got %q, want an attribute of customers under numbers", s.Quality))
	}
	return &task{
		set: *s, periods: newPeriods(s.Cohort, r.First, r.AsOf), products: r.Products, discounts: r.Mapped.Has(features.Discount), priced: r.Priced(),
	}, faults
}

// task is the step in a run.
type task struct {
	set       Settings
	periods   *periods
	products  int
	discounts bool // line items have discounts
	priced    bool // and money

	store   store
	mu      sync.Mutex
	workers []*worker
}
