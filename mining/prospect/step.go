// Package prospect is the step that ranks people who have not bought by similarity to the
// best customers, using the attributes known of both.
package prospect

import (
	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/mining"
)

// Step declares the step.
var Step = mining.Step{
	Name:    "prospect",
	Doc:     "Which prospects look like the best customers.",
	Chapter: mining.AboutOffers,
	Example: "{target: top 20% by monetary}",

	Default:  func() mining.Settings { return new(Default()) },
	NewModel: func() mining.Model { return new(Model) },

	Files: []mining.File{{
		Name: file, Text: "a row for each prospect who is no customer yet, by id; written where the job names prospects", Columns: columns,
	}},
	Figures: []mining.Doc{
		{Name: "target", Text: "who the best customers are"},
		{Name: "customers", Text: "customers learned from: those who have bought and have an attribute; a sample of 200,000 beyond that"},
		{Name: "seeds", Text: "of them, the best ones"},
		{Name: "attributes", Text: "attributes that customers and prospects have"},
		{Name: "auc", Text: "area under the ROC curve of the champion, on customers not learned from: best against all others"},
		{Name: "auc_low", Text: "lower bound of a 95 % interval of auc (Hanley and McNeil)"},
		{Name: "lift_1", Text: "share of best customers in the first hundredth by score, over their share among all"},
		{Name: "lift_5", Text: "the same for the first twentieth"},
		{Name: "lift_10", Text: "the same for the first tenth"},
		{Name: "champion", Text: "the model that did better: logistic or boosting"},
		{Name: "candidates", Text: "auc of each model"},
		{Name: "prospects", Text: "prospects ranked"},
		{Name: "already_customers", Text: "prospects who have a line item already, and are not ranked"},
		{Name: "without_attributes", Text: "prospects ranked of whom no attribute is known"},
	},
	Warnings: []mining.Doc{
		{Name: "no_attributes", Text: "the customers' files describe none of the customers who have bought", Mend: "look whether both write ids alike"},
		{Name: "no_money", Text: "no column holds money, by which the best customers could be told", Mend: "map unit_price or amount, or choose another `target`"},
		{Name: "too_few", Text: "fewer than 50 best customers with attributes, or fewer than 50 others: no ranking", Mend: "a wider `target`, or attributes of more customers"},
		{Name: "no_signal", Text: "the attributes do not tell the best customers from the others: the ranking says nothing", Mend: "other attributes"},
		{Name: "unseen_levels", Text: "so many values of prospects' categories no customer has; they count as missing", Mend: "look whether both files write them alike"},
	},
}

// NoSignal is the state where the attributes do not tell the best customers from others.
const NoSignal mining.State = "no_signal"

// file is the table of the step.
const file = "prospects.parquet"

var columns = []mining.Column{
	{Column: table.Column{Name: "prospect", Type: table.Text, Description: "id of the prospect, the key of the table"}},
	{CRM: true, Column: table.Column{
		Name: "score_prob", Type: table.Float64,
		Description: "how much the prospect looks like the best customers; an order alone, and no chance to become one: customers who are not yet among the best count as others",
	}},
	{CRM: true, Column: table.Column{
		Name: "percentile", Type: table.Float64, Description: "place among all prospects by score_prob, from 0 for the least alike to 1; equal scores share the mean",
	}},
	{CRM: true, Column: table.Column{
		Name: "reasons", Type: table.TextList, Description: "in words, up to three attributes that raise the score most and noticeably, the strongest first",
	}},
	{Column: table.Column{
		Name: "reason_codes", Type: table.TextList, Description: "the same reasons for machines: attributes with their values",
	}},
}

// Settings are the settings of the step.
type Settings struct {
	Target Target `yaml:"target" doc:"Who the best customers are: top 20% by a column of numbers, such as monetary or clv, or a condition such as rfm_segment = champions."`
}

// Default returns the default settings of the step.
func Default() Settings {
	return Settings{Target: Target{share: 0.2, by: money, text: "top 20% by " + money}}
}

// Check refuses a job that names no target.
func (s *Settings) Check() []mining.Fault { return nil }

// Needs returns none: see ReadsColumns.
func (s *Settings) Needs() []string { return nil }

// ReadsColumns returns the columns of the target. That of the default target is left out: where
// line items have no money, the step says so in its result.
func (s *Settings) ReadsColumns() []mining.ColumnUse {
	if s.Target.text == Default().Target.text {
		return nil
	}
	var all []mining.ColumnUse
	for _, use := range s.Target.uses() {
		all = append(all, mining.ColumnUse{Field: "target", Use: use})
	}
	return all
}

// Plan makes the task.
func (s *Settings) Plan(r *mining.Run) (mining.Task, []mining.Fault) {
	return &task{set: *s, attributes: len(r.Attributes), prospects: r.Prospects}, nil
}
