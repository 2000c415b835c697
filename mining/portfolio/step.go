// Package portfolio is the step that sorts clients as the Boston Consulting Group's matrix
// sorts products: by their money against a target, and by its growth.
package portfolio

import (
	"maps"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/setting"
)

// Step declares the step.
var Step = mining.Step{
	Name:    "portfolio",
	Doc:     "Which clients to invest in: attainment against growth.",
	Chapter: mining.AboutWorth,
	Example: "{window_days: 180}",

	Default:  func() mining.Settings { return new(Default()) },
	NewModel: func() mining.Model { return new(Model) },

	Columns: []mining.Column{
		{CRM: true, Column: table.Column{
			Name: classColumn, Type: table.Text, Nullable: true, Dictionary: true,
			Description: "star, cash_cow, question_mark or dog by attainment and growth; new, lost or dormant where a window is empty",
		}},
		{Column: table.Column{
			Name: "attainment", Type: table.Float64, Nullable: true, Unit: "ratio",
			Description: "money of the current window over the target; 1 and more is high",
		}},
		{Column: table.Column{
			Name: "growth", Type: table.Float64, Nullable: true, Unit: "ratio",
			Description: "money of the current window over that of the one before, less 1; null where nothing was bought before",
		}},
		{CRM: true, Column: table.Column{
			Name: "portfolio_score", Type: table.Float64, Nullable: true, Unit: "share",
			Description: "weighted mean of the percentile ranks of the attributes under scores; null where none of them is known",
		}},
	},
	Groupings: []string{classColumn},
	Figures: []mining.Doc{
		{Name: "sizes", Text: "customers in each class"},
		{Name: "money", Text: "money of the current window from the customers in each class, before returns"},
		{Name: "cuts", Text: "attainment and growth from which they are high, and the target (null for an attribute)"},
		{Name: "eligible", Text: "customers with money in both windows"},
		{Name: "base_growth", Text: "growth of the money of all customers together"},
		{Name: "eligible_growth", Text: "growth of the money of those with money in both windows"},
		{Name: "without_target", Text: "customers who have no target, and so no attainment"},
	},
	Warnings: []mining.Doc{
		{Name: "no_money", Text: "no column holds money, so that nobody has a class", Mend: "map unit_price or amount under columns"},
		{Name: "without_target", Text: "so many customers with money have no target; they have no class among star, cash cow, question mark and dog",
			Mend: "complete the attribute, or leave target out to compare with the median"},
		{Name: "short_history", Text: "the history does not reach back over both windows, so that growth is too high for everybody",
			Mend: "a shorter window_days, or older files"},
	},
}

// classColumn is the column of the classes, and their grouping.
const classColumn = "portfolio"

// The classes, in the order of their labels.
const (
	star = iota
	cashCow
	questionMark
	dog
	newClient
	lost
	dormant
)

var names = []string{"star", "cash_cow", "question_mark", "dog", "new", "lost", "dormant"}

// actions are the actions for the clients of each class, unless the job gives others.
var actions = map[string]string{
	"star":          "invest: the best people, the best terms, joint plans",
	"cash_cow":      "keep at low cost, and look for what else they may need",
	"question_mark": "find out what would make them large, and decide",
	"dog":           "serve automatically, or let go",
	"new":           "welcome, and win the second purchase",
	"lost":          "ask why, and win back those who were worth it",
	"dormant":       "one cheap attempt to wake them, then silence",
}

// Settings are the settings of the step.
type Settings struct {
	WindowDays int                `yaml:"window_days" min:"1" max:"3650" doc:"Days of the current window, which ends on the scoring date; the one before is as long."`
	Target     string             `yaml:"target" doc:"Attribute of customers, under numbers, that holds what each should bring in a window. Default: the median of those who bought in it."`
	GrowthCut  setting.Cut        `yaml:"growth_cut" doc:"Growth from which it is high: median of those with money in both windows, base (the growth of all customers together), or a number."`
	Scores     map[string]float64 `yaml:"scores" of:"attribute" min:"0" max:"1e6" doc:"Weights of attributes, under numbers, that say how good a client is: strength, reputation, ability, cooperation."`
	Strategies map[string]string  `yaml:"strategies" of:"class" doc:"What to do with the clients of a class, in the place of the program's words."`
}

// Default returns the default settings of the step.
func Default() Settings {
	return Settings{WindowDays: 180, GrowthCut: setting.Cut{Word: setting.Median}}
}

// Check refuses strategies for unknown classes, and weights that are all 0.
func (s *Settings) Check() []mining.Fault {
	faults := mining.CheckStrategies(s.Strategies, names)
	sum := 0.0
	for _, w := range s.Scores {
		sum += w
	}
	if len(s.Scores) > 0 && sum == 0 {
		faults = append(faults, mining.Faultf("scores", "got weights that are all 0, want one above 0"))
	}
	return faults
}

// Needs returns none.
func (s *Settings) Needs() []string { return nil }

// Plan makes the task. Unknown attributes are refused.
func (s *Settings) Plan(r *mining.Run) (mining.Task, []mining.Fault) {
	var faults []mining.Fault
	wants := func(field, name string) {
		if !slices.Contains(r.Attributes, datasets.Attribute{Name: name}) {
			faults = append(faults, mining.Faultf(field, "got %q, want an attribute of customers under numbers", name))
		}
	}
	if s.Target != "" {
		wants("target", s.Target)
	}
	for _, name := range slices.Sorted(maps.Keys(s.Scores)) {
		wants("scores", name)
	}
	return &task{set: *s, windows: windows{days: datasets.Day(s.WindowDays), asOf: r.AsOf}}, faults
}
