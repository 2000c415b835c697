// Package quadrant is the step that compares the spending of customers with their
// frequency of purchase, and distinguishes four kinds of customers.
package quadrant

import (
	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/setting"
)

// Step declares the step.
var Step = mining.Step{
	Name:    "quadrant",
	Doc:     "Spending power and frequency: four kinds of customers.",
	Example: "{spend: monetary}",

	Default:  func() mining.Settings { return new(Default()) },
	NewModel: func() mining.Model { return new(Model) },

	Columns: []mining.Column{{CRM: true, Column: table.Column{
		Name: column, Type: table.Text, Nullable: true, Dictionary: true,
		Description: "best: much and often; frequent: little and often; big_ticket: much and seldom; uncertain: little and seldom",
	}}},
	Groupings: []string{column},
	Figures: []mining.Doc{
		{Name: "sizes", Text: "customers in each quadrant"},
		{Name: "money", Text: "money spent by the customers in each quadrant, before returns"},
		{Name: "spend_cut", Text: "spending above which it is high"},
		{Name: "orders_cut", Text: "number of orders above which it is high"},
	},
	Warnings: []mining.Doc{{
		Name: "no_money", Text: "no column holds money, so that nobody has a quadrant", Mend: "map unit_price or amount under columns",
	}},
}

const column = "quadrant"

// The quadrants, in the order of their labels.
var names = []string{"best", "big_ticket", "frequent", "uncertain"}

// actions are what to do with the customers of each, unless the job says otherwise.
var actions = map[string]string{
	"best":       "keep: give them service, early access and a name to call",
	"big_ticket": "make them come more often: accessories, services and reminders between large purchases",
	"frequent":   "raise the value of an order: bundles, larger packs, better lines",
	"uncertain":  "spend little: automatic offers, and watch who moves",
}

// Settings are the settings of the step.
type Settings struct {
	Spend      string            `yaml:"spend" enum:"monetary,order_value" doc:"What spending is: monetary, the money spent; order_value, the mean value of an order, where capability is meant."`
	SpendCut   setting.Cut       `yaml:"spend_cut" doc:"Spending above which it is high: median of the customers who have bought, or a number."`
	OrdersCut  setting.Cut       `yaml:"orders_cut" doc:"Orders above which they are many: median, or a number."`
	Strategies map[string]string `yaml:"strategies" of:"quadrant" doc:"What to do with the customers of a quadrant, in the place of the program's words."`
}

// Default returns the default settings of the step.
func Default() Settings {
	return Settings{Spend: "monetary", SpendCut: setting.Cut{Word: setting.Median}, OrdersCut: setting.Cut{Word: setting.Median}}
}

// Check refuses cuts and quadrants that there are not.
func (s *Settings) Check() []mining.Fault {
	var faults []mining.Fault
	for _, c := range []struct {
		field string
		cut   setting.Cut
	}{{"spend_cut", s.SpendCut}, {"orders_cut", s.OrdersCut}} {
		if c.cut.Word == setting.Base {
			faults = append(faults, mining.Faultf(c.field, "got base, want median or a number"))
		}
	}
	return append(faults, mining.CheckStrategies(s.Strategies, names)...)
}

// Needs returns none.
func (s *Settings) Needs() []string { return nil }

// feature returns the feature that is spending.
func (s *Settings) feature() string {
	if s.Spend == "order_value" {
		return "order_value_mean"
	}
	return "monetary"
}

// Plan makes the task.
func (s *Settings) Plan(*mining.Run) (mining.Task, []mining.Fault) { return &task{*s}, nil }
