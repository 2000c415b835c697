// Package campaign is the step that measures the effect of campaigns: contacted customers
// against held-out customers.
package campaign

import (
	"slices"

	"github.com/quintile-dev/quintile/datasets"
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
	}}, {CRM: true, Column: table.Column{
		Name: upliftColumn, Type: table.Float64, Nullable: true,
		Description: "by how much a contact raises the chance of a response, by the newest campaign in which some customers are seen to gain more than others; null where none shows that",
	}}},
	Files: []mining.File{
		{Name: file, Text: "a row for each campaign, by name; written where the job names campaigns", Columns: columns()},
		{Name: upliftFile, Text: "for each campaign that uplift is learned from a row for each tenth of its customers, by predicted uplift", Columns: upliftColumns},
		{Name: targetFile, Text: "a row for each customer on the list of the next campaign, and on the lists of earlier runs; written where a list exists", Columns: targetColumns},
	},
	Figures: []mining.Doc{
		{Name: "outcome", Text: "what is compared: order, money or response"},
		{Name: "campaigns", Text: "by campaign: state, treated, control, effect with its 95 % interval (low, high), sample_ratio_p, smallest_effect, profit after cost with its interval (profit_low, profit_high), uplift_state, qini with its 95 % bootstrap interval (qini_low, qini_high), auuc"},
		{Name: "plan", Text: "of the list that was drawn: campaign, day of the contact, what it was filled by, treated, control, recent_rate (share of the list that ordered in the last response_days), smallest_effect, expected gain of the treated, cost, and how many were left out why"},
		{Name: "learner", Text: "how uplift is learned"},
		{Name: "qini_convention", Text: "by what convention qini and auuc are reckoned"},
	},
	Warnings: []mining.Doc{
		{Name: "no_money", Text: "no column holds money: money a head, its difference and profit are null, and so is the effect where the outcome is money",
			Mend: "map `unit_price` or `amount` under `columns`"},
		{Name: "no_control", Text: "so many campaigns have no control group: a description, and no effect", Mend: "hold out a tenth at random next time"},
		{Name: "sample_ratio", Text: "so many campaigns have arms of other sizes than control_share says (p below 0.001): no effect is to be believed",
			Mend: "look how the control group was drawn, or mend `control_share`"},
		{Name: "window_open", Text: "so many customers were contacted less than response_days before the scoring date: their responses are not complete",
			Mend: "wait, or a shorter `response_days`"},
		{Name: "disputed_arm", Text: "rows of so many customers name both arms of a campaign; these customers count in none", Mend: "look which row is right"},
		{Name: "plan_empty", Text: "nobody may be drawn for the campaign that the job plans", Mend: "a wider `from`, or a shorter `not_within_days`"},
		{Name: "plan_drawn", Text: "the list of the campaign that the job plans was drawn by an earlier run, and is kept", Mend: "another `name`, once the next campaign is due"},
		{Name: "plan_name_taken", Text: "the files have a campaign under the name of the plan; no list is drawn", Mend: "another `name`"},
		{Name: "plan_shows_nothing", Text: "arms of this size can show no effect, there is no hold-out, or the list is to raise money of which nothing is known: what the campaign brings will not be known", Mend: "a larger list or `holdout`"},
		{Name: "unbalanced_arms", Text: "so many campaigns have arms of unlike sizes, of which class_logistic learns no uplift", Mend: "the learner `t_logistic`"},
		{Name: "response_missing", Text: "so many customers have no response in files that have one of others; they count as having none",
			Mend: "write 0 for those who did not respond"},
	},
	Unlearned: true,
}

// NotBegun is the state of a campaign whose contacts are still to come.
const NotBegun mining.State = "not_begun"

// NoControl is the state of a campaign without a control group.
const NoControl mining.State = "no_control"

const (
	armColumn    = "campaign_arm"
	upliftColumn = "uplift"
	file         = "campaigns.parquet"
	upliftFile   = "uplift.parquet"
	targetFile   = "targets.parquet"
)

// Settings are the settings of the step.
type Settings struct {
	ResponseDays int           `yaml:"response_days" min:"1" max:"3650" doc:"Days from the contact within which orders and money count."`
	Outcome      string        `yaml:"outcome" enum:"order,money,response" doc:"What is compared: order, the share that ordered; money, what a head spent; response, the share that responded as the files say, or ordered where they say nothing of a campaign."`
	Margin       setting.Share `yaml:"margin" doc:"Share of the money that is earned, for the profit of a campaign."`
	ControlShare setting.Share `yaml:"control_share" doc:"Share of the customers that was meant to be held out, against which the sizes of the arms are tested. 0: not known."`
	Uplift       Uplift        `yaml:"uplift" doc:"How to learn who responds because of the contact."`
	Next         Plan          `yaml:"plan" doc:"Whom the next campaign is to reach."`
}

// Uplift says how uplift is learned.
type Uplift struct {
	Learner    string   `yaml:"learner" enum:"t_logistic,s_boosting,class_logistic,x_boosting,none" doc:"t_logistic: a logistic regression for each arm. s_boosting: boosted trees with the contact as a column. class_logistic: a logistic regression of whether response and contact agree, for arms of the same size. x_boosting: boosted trees of imputed effects. none: uplift is not learned."`
	Features   []string `yaml:"features" doc:"Features, as of the day before the contact, that uplift is learned from. Default: recency, orders, money, order value, rhythm and age of the customer."`
	Attributes []string `yaml:"attributes" doc:"Attributes of customers that uplift is learned from as well. Files know attributes as of now: name those that no contact changes, such as a year of birth. Default: none."`
}

// usual are the features for learning uplift by default, where the columns allow.
var usual = []string{
	"recency_days", "frequency", "monetary", "order_value_mean", "gap_mean", "overdue_ratio", "tenure_days", "orders_90", "discount_line_share",
	"unit_price_mean", "basket_lines_mean", "products_distinct",
}

// Default returns the default settings of the step.
func Default() Settings {
	return Settings{ResponseDays: 30, Outcome: "order", Margin: 1, Uplift: Uplift{Learner: tLogistic}, Next: DefaultPlan()}
}

// Check refuses a control group of everybody.
func (s *Settings) Check() []mining.Fault {
	faults := s.Next.check()
	if s.ControlShare >= 1 {
		faults = append(faults, mining.Faultf("control_share", "got 100 %%, want less"))
	}
	return faults
}

// ReadsColumns returns the columns read by the plan.
func (s *Settings) ReadsColumns() []mining.ColumnUse { return s.Next.uses() }

// PastFeatures returns the features for learning uplift.
func (s *Settings) PastFeatures() (field string, names []string) {
	return "uplift.features", s.Uplift.Features
}

// Needs returns none.
func (s *Settings) Needs() []string { return nil }

// Plan makes the task.
func (s *Settings) Plan(r *mining.Run) (mining.Task, []mining.Fault) {
	t := &task{set: *s, drawn: r.Campaigns, priced: r.Priced(), earlier: r.Planned}
	if s.Uplift.Learner == noLearner {
		return t, nil
	}
	names := s.Uplift.Features
	if len(names) == 0 {
		for _, name := range usual {
			if slices.ContainsFunc(r.Computed, mining.Named(name)) {
				names = append(names, name)
			}
		}
	}
	selected, faults := r.SelectPast("uplift.features", names)
	t.selected = selected
	for _, f := range selected {
		t.sources = append(t.sources, source{name: f.Name, attribute: -1})
	}
	for _, name := range s.Uplift.Attributes {
		at := slices.IndexFunc(r.Attributes, func(a datasets.Attribute) bool { return a.Name == name })
		if at < 0 {
			faults = append(faults, mining.Faultf("uplift.attributes", "got %q, want an attribute under inputs.customers", name))
			continue
		}
		t.sources = append(t.sources, source{name: name, attribute: at, category: r.Attributes[at].Category})
	}
	return t, faults
}

// targetColumns describe targets.parquet.
var targetColumns = []mining.Column{
	{Column: table.Column{Name: "campaign", Type: table.Text, Dictionary: true, Description: "name of the campaign"}},
	{Column: table.Column{Name: "rank", Type: table.Int64, Description: "from 1, in the order in which the list was filled"}},
	{Column: table.Column{Name: "customer", Type: table.Text, Description: "id of the customer"}},
	{Column: table.Column{Name: "arm", Type: table.Text, Dictionary: true, Description: "treated: to be contacted; control: held out, not to be contacted"}},
	{Column: table.Column{Name: "day", Type: table.Date, Description: "day of the contact"}},
	{Column: table.Column{Name: "score", Type: table.Float64, Nullable: true, Description: "what the list was filled by; null where that was chance"}},
	{Money: true, Column: table.Column{Name: "cost", Type: table.Float64, Unit: "currency", Description: "of the contact; 0 for a control"}},
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
	{"qini", "Qini coefficient of the ranking by predicted uplift, out of fold: 1 is perfect, 0 random", false}, {"qini_low", "lower bound, 95 % (bootstrap)", false},
	{"qini_high", "upper bound", false}, {"auuc", "area under the uplift curve, likewise", false}, {"auuc_low", "lower bound, 95 % (bootstrap)", false},
	{"auuc_high", "upper bound", false},
}

// columns describes campaigns.parquet.
func columns() []mining.Column {
	out := []mining.Column{
		{Column: table.Column{Name: "campaign", Type: table.Text, Description: "name of the campaign, the key of the table"}},
		{Column: table.Column{Name: "state", Type: table.Text, Dictionary: true, Description: "ok; no_control: a description, and no effect; not_begun: the contacts are still to come"}},
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
	return append(out, mining.Column{Column: table.Column{
		Name: "uplift_state", Type: table.Text, Dictionary: true,
		Description: "ok: some customers gain more from a contact than others; no_heterogeneity: the interval of qini holds 0; insufficient_data; no_control; unbalanced_arms",
	}})
}

// upliftColumns describe uplift.parquet.
var upliftColumns = []mining.Column{
	{Column: table.Column{Name: "campaign", Type: table.Text, Dictionary: true, Description: "name of the campaign"}},
	{Column: table.Column{Name: "tenth", Type: table.Int64, Description: "from 1, the customers of the highest predicted uplift, to 10"}},
	{Column: table.Column{Name: "customers", Type: table.Int64, Description: "customers of both arms"}},
	{Column: table.Column{Name: "treated_rate", Type: table.Float64, Nullable: true, Description: "share of the treated that responded"}},
	{Column: table.Column{Name: "control_rate", Type: table.Float64, Nullable: true, Description: "share of the controls that responded"}},
	{Column: table.Column{Name: "uplift", Type: table.Float64, Nullable: true, Description: "treated_rate less control_rate"}},
}

// KeepsLists reports that the step keeps and measures the lists drawn by earlier runs.
func (s *Settings) KeepsLists() bool { return true }
