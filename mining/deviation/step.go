// Package deviation is the step that finds departures from the expected: customers from their
// past and from their peers, days and parts of the base from season and trend.
package deviation

import (
	"slices"

	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/setting"
)

// Step declares the step.
var Step = mining.Step{
	Name:    "deviation",
	Doc:     "Who or what departs from the expected: customers against their past and their peers, days and parts of the base against season and trend.",
	Chapter: mining.AboutLeaving,
	Example: "{window_days: 60, past_windows: 5}",

	Default:  func() mining.Settings { return new(Default()) },
	NewModel: func() mining.Model { return new(Model) },

	Columns: []mining.Column{
		{CRM: true, Column: table.Column{
			Name: scoreColumn, Type: table.Float64, Nullable: true,
			Description: "how far the change of the customer is from the changes of customers who bought: a robust Mahalanobis distance, ≥ 0; null where the past is too short to compare with",
		}},
		{CRM: true, Column: table.Column{
			Name: reasonColumn, Type: table.Text, Nullable: true, Dictionary: true,
			Description: "what changed, in words; null for customers who are not flagged",
		}},
		{CRM: true, Column: table.Column{
			Name: directionColumn, Type: table.Text, Nullable: true, Dictionary: true,
			Description: "direction of the change: up, down or other; null for customers who are not flagged",
		}},
	},
	Files: []mining.File{{Name: file, Text: "A row for each day of the base, and each week of a channel, store or region, that departs from season and trend, " +
		"and for each suspected fault of the data: a day that came twice, a member that stopped reporting.", Columns: fileColumns}},
	Figures: []mining.Doc{
		{Name: "flagged", Text: "customers whose change is flagged"},
		{Name: "compared", Text: "customers who have a past to compare with, and so a score"},
		{Name: "peers", Text: "of these, customers with a purchase in the current window, whose changes are the yardstick"},
		{Name: "up", Text: "flagged customers who do more than in their past"},
		{Name: "down", Text: "flagged customers who do less, or nothing"},
		{Name: "silent", Text: "of these, customers who bought nothing in the current window"},
		{Name: "other", Text: "flagged customers whose mix of money, days and products changed"},
		{Name: "cut", Text: "least distance that is flagged; null where nobody is flagged"},
		{Name: "usual_change", Text: "centre of the changes of money, days and codes: logarithm now less the mean logarithm of the past windows"},
		{Name: "days", Text: "days with sales that were judged"},
		{Name: "days_flagged", Text: "of these, days that depart in money or orders"},
		{Name: "weeks", Text: "weeks of members of dimensions that were judged"},
		{Name: "weeks_flagged", Text: "of these, weeks that depart"},
		{Name: "members", Text: "by dimension: members with enough weeks to be judged"},
		{Name: "data_faults", Text: "days that came twice, and members that stopped reporting"},
	},
	Warnings: []mining.Doc{
		{Name: "few_customers", Text: "fewer than 30 customers have a past to compare with and a purchase in the current window: nobody is scored", Mend: "a longer history, shorter windows, or a smaller `min_days`"},
		{Name: "no_spread", Text: "half of the customers or more changed alike: distances have no unit, and nobody is scored", Mend: "map further columns, or choose other windows"},
		{Name: "no_money", Text: "no column holds money: days and products alone are compared", Mend: "map `unit_price` or `amount` under `columns`"},
		{Name: "no_products", Text: "no column holds products: money and days alone are compared", Mend: "map `product` under `columns`"},
		{Name: "many_flagged", Text: "more than a quarter of the customers who bought in the current window are flagged: changes are far from normal", Mend: "read the order of the scores, not the flags; or lower `false_discovery`"},
		{Name: "few_days", Text: "fewer than 60 days with sales: no day is judged", Mend: "a longer history"},
		{Name: "many_members", Text: "a dimension has more than 2,000 members, and its weeks are not judged", Mend: "map a coarser column"},
		{Name: "day_twice", Text: "days whose line items seem to have been delivered twice", Mend: "compare the files of the days with their source"},
		{Name: "stopped_reporting", Text: "members that sold week by week and then not at all", Mend: "ask whether the member was closed, renamed, or its data are late"},
	},
}

// The columns of the step, and its file.
const (
	scoreColumn     = "deviation_score"
	reasonColumn    = "deviation_reason"
	directionColumn = "deviation_direction"
	file            = "deviations.parquet"
)

// Settings are the settings of the step.
type Settings struct {
	WindowDays     int           `yaml:"window_days" min:"1" max:"3660" doc:"Days of a window. The current window ends on the scoring date and includes it."`
	PastWindows    int           `yaml:"past_windows" min:"1" max:"24" doc:"Most windows before the current one that a customer is compared with."`
	MinDays        int           `yaml:"min_days" min:"1" max:"10000" doc:"Purchase days that a customer must have before the current window."`
	FalseDiscovery setting.Share `yaml:"false_discovery" doc:"Share of the flags that may be chance, were all changes normal."`
	Anonymous      bool          `yaml:"anonymous" doc:"Line items without a customer count as well, for days and dimensions."`
}

// Default returns the default settings of the step.
func Default() Settings {
	return Settings{WindowDays: 60, PastWindows: 5, MinDays: 4, FalseDiscovery: 0.05}
}

// Check refuses shares that flag nobody, or all.
func (s *Settings) Check() []mining.Fault {
	if !(s.FalseDiscovery > 0 && s.FalseDiscovery < 1) {
		return []mining.Fault{mining.Faultf("false_discovery", "got %v, want a share above 0 and below 1, such as 5%%", float64(s.FalseDiscovery))}
	}
	return nil
}

// Needs returns none.
func (s *Settings) Needs() []string { return nil }

// WantsAnonymous reports whether line items without a customer count.
func (s *Settings) WantsAnonymous() bool { return s.Anonymous }

// Plan makes the task.
func (s *Settings) Plan(r *mining.Run) (mining.Task, []mining.Fault) {
	t := &task{
		windows: windows{s.WindowDays, s.PastWindows, s.MinDays}, set: *s,
		priced: slices.ContainsFunc(r.Features, mining.Named("monetary")), products: r.Mapped.Has(features.Product),
	}
	t.plan(r)
	return t, nil
}
