// Package lifecycle is the step that finds the stage of the relationship with each
// customer, and the rule for the stage.
package lifecycle

import (
	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/mining"
)

// Step declares the step.
var Step = mining.Step{
	Name:    "lifecycle",
	Doc:     "Where in the relationship is each customer: signing, growth, maturity, decline, termination.",
	Example: "{map: quintile-lifecycle-v1}",

	Default:  func() mining.Settings { return new(Default()) },
	NewModel: func() mining.Model { return new(Model) },

	Columns: []mining.Column{
		{CRM: true, Column: table.Column{
			Name: stageColumn, Type: table.Text, Nullable: true, Dictionary: true,
			Description: "stage of the relationship: signing, growth, maturity, decline or termination",
		}},
		{CRM: true, Column: table.Column{
			Name: reasonColumn, Type: table.Text, Nullable: true, Dictionary: true,
			Description: "the rule that decided the stage, with the numbers of the customer",
		}},
	},
	Groupings: []string{stageColumn},
	Figures: []mining.Doc{
		{Name: "sizes", Text: "customers in each stage"},
		{Name: "money", Text: "money of the last 90 days from the customers in each stage, before returns"},
		{Name: "mean_days", Text: "mean number of purchase days of the customers in each stage"},
		{Name: "open_days", Text: "median number of days since the last purchase, by stage"},
		{Name: "g50", Text: "Kaplan–Meier median of the days from the first to the second purchase day; null where fewer than half come back"},
		{Name: "g80", Text: "80th percentile of the days between purchase days, of all customers"},
		{Name: "g95", Text: "95th percentile of the same"},
		{Name: "gaps", Text: "number of gaps between purchase days"},
	},
	Warnings: []mining.Doc{
		{Name: "few_gaps", Text: "fewer than 20 gaps between purchase days: nobody has a stage, since the usual gap is a matter of single customers", Mend: "wait for more"},
		{Name: "few_come_back", Text: "fewer than half of the customers come back for a second purchase within the history; g95 stands in for g50",
			Mend: "older files; the longest wait of a new customer is not known yet"},
		{Name: "no_money", Text: "no column holds money: nobody is in growth, and decline is told by silence alone", Mend: "map unit_price or amount under columns"},
		{Name: "short_history", Text: "the history is shorter than 180 days, so that money of 90 days has nothing to be compared with", Mend: "older files"},
	},
}

// The columns of the step. The first names its grouping.
const (
	stageColumn  = "lifecycle_stage"
	reasonColumn = "lifecycle_reason"
)

// mapV1 is the name of the rules.
const mapV1 = "quintile-lifecycle-v1"

// The stages, in the order of their labels.
const (
	signing = iota
	growth
	maturity
	decline
	termination
)

var names = []string{"signing", "growth", "maturity", "decline", "termination"}

// actions are the actions for the customers of each stage, unless the job gives others.
var actions = map[string]string{
	"signing":     "second purchase: welcome, and give a reason to come back soon",
	"growth":      "develop: show what else there is, and raise the limits",
	"maturity":    "keep: reward the habit, and do not disturb it",
	"decline":     "reactivate: ask what is missing, with an offer that ends",
	"termination": "win back those who were worth it, or let go",
}

// Settings are the settings of the step.
type Settings struct {
	Map        string            `yaml:"map" enum:"quintile-lifecycle-v1" doc:"The rules of the stages, by name and version."`
	Strategies map[string]string `yaml:"strategies" of:"stage" doc:"What to do with the customers of a stage, in the place of the program's words."`
}

// Default returns the default settings of the step.
func Default() Settings { return Settings{Map: mapV1} }

// Check refuses strategies for unknown stages.
func (s *Settings) Check() []mining.Fault { return mining.CheckStrategies(s.Strategies, names) }

// Needs returns none.
func (s *Settings) Needs() []string { return nil }

// Plan makes the task.
func (s *Settings) Plan(*mining.Run) (mining.Task, []mining.Fault) { return &task{set: *s}, nil }
