// Package campaign is the step that says what campaigns brought: those who were contacted
// against those who were held out.
package campaign

import (
	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/setting"
)

// Step declares the step.
var Step = mining.Step{
	Name:    "campaign",
	Doc:     "Did campaigns work: those contacted against those held out.",
	Chapter: mining.AboutOffers,
	Example: "{response_days: 30, outcome: order}",

	Default: func() mining.Settings { return new(Default()) },
	Columns: []mining.Column{{CRM: true, Column: table.Column{
		Name: armColumn, Type: table.Text, Nullable: true, Dictionary: true,
		Description: "treated or control in the newest campaign that the customer was drawn into; null for none",
	}}},
	Files: []mining.File{{Name: file, Text: "a row for each campaign, by name; written where the job names campaigns", Columns: columns()}},
	Figures: []mining.Doc{
		{Name: "outcome", Text: "what is compared: order, money or response"},
		{Name: "campaigns", Text: "by campaign: state, treated, control, effect with its 95 % interval (low, high), sample_ratio_p, smallest_effect"},
	},
	Warnings: []mining.Doc{
		{Name: "no_control", Text: "so many campaigns have no control group: a description, and no effect", Mend: "hold out a tenth at random next time"},
		{Name: "sample_ratio", Text: "so many campaigns have arms of other sizes than control_share says (p below 0.001): no effect is to be believed",
			Mend: "look how the control group was drawn, or mend `control_share`"},
		{Name: "window_open", Text: "so many customers were contacted less than response_days before the scoring date: their responses are not complete",
			Mend: "wait, or a shorter `response_days`"},
		{Name: "disputed_arm", Text: "rows of so many customers name both arms of a campaign; these customers count in none", Mend: "look which row is right"},
		{Name: "response_missing", Text: "so many customers have no response in files that have one of others; they count as having none",
			Mend: "write 0 for those who did not respond"},
	},
	Unlearned: true,
}

// NoControl is the state of a campaign without a control group.
const NoControl mining.State = "no_control"

const (
	armColumn = "campaign_arm"
	file      = "campaigns.parquet"
)

// Settings are the settings of the step.
type Settings struct {
	ResponseDays int           `yaml:"response_days" min:"1" max:"3650" doc:"Days from the contact within which orders and money count."`
	Outcome      string        `yaml:"outcome" enum:"order,money,response" doc:"What is compared: order, the share that ordered; money, what a head spent; response, the share that responded as the files say, or ordered where they say nothing of a campaign."`
	Margin       setting.Share `yaml:"margin" doc:"Share of the money that is earned, for the profit of a campaign."`
	ControlShare setting.Share `yaml:"control_share" doc:"Share of the customers that was meant to be held out, against which the sizes of the arms are tested. 0: not known."`
}

// Default returns the settings of a step that says nothing else.
func Default() Settings { return Settings{ResponseDays: 30, Outcome: "order", Margin: 1} }

// Check refuses a control group of everybody.
func (s *Settings) Check() []mining.Fault {
	if s.ControlShare >= 1 {
		return []mining.Fault{mining.Faultf("control_share", "got 100 %%, want less")}
	}
	return nil
}

// Needs returns none.
func (s *Settings) Needs() []string { return nil }

// Plan makes the task.
func (s *Settings) Plan(r *mining.Run) (mining.Task, []mining.Fault) {
	return &task{set: *s, drawn: r.Campaigns}, nil
}

// numbers names the columns of campaigns.parquet after its counts, with their texts.
var numbers = []struct {
	name, text string
	money      bool
}{
	{"treated_rate", "share of the treated that responded", false}, {"treated_rate_low", "lower bound, 95 % (Wilson)", false},
	{"treated_rate_high", "upper bound", false}, {"control_rate", "share of the controls that responded", false},
	{"control_rate_low", "lower bound, 95 % (Wilson)", false}, {"control_rate_high", "upper bound", false},
	{"rate_effect", "treated_rate less control_rate", false}, {"rate_low", "lower bound, 95 % (Newcombe)", false}, {"rate_high", "upper bound", false},
	{"treated_money", "money a head of the treated within response_days", true}, {"control_money", "the same of the controls", true},
	{"money_effect", "treated_money less control_money", true}, {"money_low", "lower bound, 95 % (Welch)", true}, {"money_high", "upper bound", true},
	{"money_adjusted", "money_effect after adjustment for money before the contact (CUPED)", true}, {"money_adjusted_low", "lower bound, 95 %", true},
	{"money_adjusted_high", "upper bound", true}, {"variance_share", "share of the variance that the adjustment leaves", false},
	{"cost", "cost of the campaign", true}, {"profit", "money_effect of all treated times margin, less cost", true}, {"profit_low", "lower bound, 95 %", true},
	{"profit_high", "upper bound", true}, {"effect", "rate_effect, or money_effect where the outcome is money", false}, {"low", "lower bound, 95 %", false},
	{"high", "upper bound", false}, {"sample_ratio_p", "chance of arms so unlike control_share; null where that is not known", false},
	{"smallest_effect", "least effect that arms of these sizes show with power 0.8 at a level of 5 %", false},
}

// columns describes campaigns.parquet.
func columns() []mining.Column {
	out := []mining.Column{
		{Column: table.Column{Name: "campaign", Type: table.Text, Description: "name of the campaign, the key of the table"}},
		{Column: table.Column{Name: "state", Type: table.Text, Dictionary: true, Description: "ok, or no_control: a description, and no effect"}},
	}
	for _, c := range [][2]string{{"treated", "customers contacted"}, {"control", "customers held out"},
		{"treated_responses", "of the treated, those who responded"}, {"control_responses", "of the controls, those who responded"}} {
		out = append(out, mining.Column{Column: table.Column{Name: c[0], Type: table.Int64, Description: c[1]}})
	}
	for _, c := range numbers {
		column := mining.Column{Money: c.money, Column: table.Column{Name: c.name, Type: table.Float64, Nullable: true, Description: c.text}}
		if c.money {
			column.Unit = "currency"
		}
		out = append(out, column)
	}
	return out
}
