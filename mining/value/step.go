// Package value is the step that predicts the worth of each customer: purchases and money to
// come, with intervals, and with the quality of the same prediction in the past.
package value

import (
	"slices"

	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/setting"
)

// The models that compete.
const (
	mbgnbd    = "mbgnbd"
	bgnbd     = "bgnbd"
	paretonbd = "paretonbd"
	learnedBy = "learned"
)

// The plain rules that the models are compared with.
const (
	rateRule   = "rate"        // x/T, and the mean money of all purchase days
	windowRule = "last_window" // as much as in as many days before
)

const (
	holdoutFile  = "value_holdout.parquet"
	trackingFile = "value_tracking.parquet"
)

// WorseThanNaive is the state where a plain rule did better in the hold-out than the model that
// publishes.
const WorseThanNaive mining.State = "worse_than_naive"

// NoDropout is the state where the model that publishes finds nobody who stopped buying.
const NoDropout mining.State = "no_dropout"

// Step declares the step.
var Step = mining.Step{
	Name:    "value",
	Doc:     "What each customer will be worth.",
	Chapter: mining.AboutWorth,
	Example: "{horizon_days: 365.25}",

	Default:  func() mining.Settings { return new(Default()) },
	NewModel: func() mining.Model { return new(Model) },

	Columns: []mining.Column{
		{Money: true, CRM: true, Column: table.Column{
			Name: "clv", Type: table.Float64, Nullable: true, Unit: "currency",
			Description: "customer lifetime value: the expected money of the horizon, discounted, times the margin; purchases up to the scoring date do not count",
		}},
		{Money: true, Column: table.Column{
			Name: "clv_low", Type: table.Float64, Nullable: true, Unit: "currency",
			Description: "lower bound of the interval of the value",
		}},
		{Money: true, Column: table.Column{
			Name: "clv_high", Type: table.Float64, Nullable: true, Unit: "currency",
			Description: "upper bound of the interval of the value; may be below the mean where most such customers buy nothing",
		}},
		{CRM: true, Column: table.Column{
			Name: "expected_orders", Type: table.Float64, Nullable: true, Unit: "purchase days",
			Description: "expected purchase days within the horizon: several orders of a day count once",
		}},
		{Money: true, Column: table.Column{
			Name: "expected_order_value", Type: table.Float64, Nullable: true, Unit: "currency",
			Description: "expected money of a purchase day to come, all orders of the day together, before the margin",
		}},
		{Column: table.Column{
			Name: "alive_prob", Type: table.Float64, Nullable: true, Unit: "probability",
			Description: "probability that the customer has not stopped buying by the scoring date, by the best of the lifetime models; cannot be observed: judge buy_prob",
		}},
		{CRM: true, Column: table.Column{
			Name: "buy_prob", Type: table.Float64, Nullable: true, Unit: "probability",
			Description: "probability of at least one purchase day within the horizon",
		}},
	},
	Files: []mining.File{
		{Name: holdoutFile, Text: "how each model and each plain rule would have predicted the end of the history; a row for each", Columns: holdoutColumns},
		{Name: trackingFile, Text: "repeat purchase days by week, and as a lifetime model that knows the time before the hold-out expects them; customers won before the hold-out", Columns: trackingColumns},
	},
	Figures: []mining.Doc{
		{Name: "model", Text: "the model that publishes: the best of the hold-out"},
		{Name: "lifetime_model", Text: "the lifetime model whose parameters follow; the learned model rests on it"},
		{Name: "parameters", Text: "of the fit on the whole history, in weeks of purchase days; null where the data do not identify one"},
		{Name: "standard_errors", Text: "of the parameters"},
		{Name: "log_likelihood", Text: "of the fit, natural logarithm"},
		{Name: "gamma_gamma", Text: "the model of money: p, q, gamma, their standard errors, log-likelihood, customers with repeat purchases, correlation of their number with the mean money"},
		{Name: "clv_total", Text: "value of all customers"},
		{Name: "margin", Text: "share of the money that is earned: what mapped costs leave, and the setting for lines without a cost"},
		{Name: "customers", Text: "customers that the fit knows"},
		{Name: "horizon_days", Text: "days that the value is of"},
		{Name: "holdout_days", Text: "days at the end of the history that were predicted from the days before"},
		{Name: "holdout", Text: "by model and plain rule: root mean squared error of purchase days and money, predicted over actual totals, calibration of the probability to buy, and the share of customers within their interval"},
		{Name: "learned_days", Text: "days after a past day that the learned model predicts; the horizon follows by the lifetime model"},
		{Name: "sample_share", Text: "share of the customers in the hold-out"},
	},
	Warnings: []mining.Doc{
		{Name: "insufficient_data", Text: "fewer than 50 customers, or fewer than 20 who bought on a second day: no values", Mend: "a longer history"},
		{Name: "no_holdout", Text: "the days before the hold-out hold too little to compare models; the first of `models` publishes", Mend: "fewer `holdout_days`, or a longer history"},
		{Name: "no_money", Text: "no money of repeat purchases is known, so that there are purchases and no values", Mend: "map unit_price or amount under columns"},
		{Name: "no_dropout", Text: "a lifetime model finds nobody who stopped buying: alive_prob is 1 for all", Mend: "nothing; do not read alive_prob"},
		{Name: "worse_than_naive", Text: "a plain rule did better in the hold-out than the model that publishes", Mend: "take the values with care; add `learned` to `models`; look for a season that the history holds only once"},
		{Name: "not_converged", Text: "the search for the parameters ended before a maximum", Mend: "leave out that model"},
		{Name: "homogeneous", Text: "customers do not differ in a rate: two parameters grow without bound, and have no standard errors", Mend: "nothing"},
		{Name: "infinite_mean", Text: "the money of purchases varies so much that it has no mean; customers get their own mean, or that of all", Mend: "look for amounts that are wrong"},
		{Name: "not_learned", Text: "there are too few past days or customers to learn from, so that `learned` does not compete", Mend: "a longer history"},
	},
}

// Settings are the settings of the step.
type Settings struct {
	Models      []string      `yaml:"models" doc:"Models that compete: mbgnbd, bgnbd, paretonbd, learned. Of models that are level in the hold-out, the first publishes."`
	HorizonDays float64       `yaml:"horizon_days" min:"1" max:"3653" doc:"Days after the scoring date that the value is of."`
	Discount    setting.Share `yaml:"discount" doc:"Yearly rate at which money to come is discounted."`
	Margin      setting.Share `yaml:"margin" doc:"Share of the money that is earned, where lines have no cost."`
	Money       string        `yaml:"money" enum:"gross,net" doc:"gross: sales before returns; net: less returns."`
	Interval    setting.Share `yaml:"interval" doc:"Share of the customers whose value lies between clv_low and clv_high."`
	HoldoutDays setting.Days  `yaml:"holdout_days" doc:"Days at the end of the history to compare the models on; auto: a third of it, from 30 days to a year."`
	MaxRows     int           `yaml:"max_rows" min:"1000" max:"1000000000" doc:"Most rows to compare and to learn from; beyond it a seeded sample, which the figures name."`
}

// Default returns the default settings of the step.
func Default() Settings {
	return Settings{
		Models: []string{mbgnbd, bgnbd, paretonbd, learnedBy}, HorizonDays: 365.25, Discount: 0.1, Margin: 1, Money: "gross",
		Interval: 0.8, MaxRows: 300_000,
	}
}

// Check looks at the names of the models and at the interval.
func (s *Settings) Check() []mining.Fault {
	var faults []mining.Fault
	for i, m := range s.Models {
		if !slices.Contains(Default().Models, m) {
			faults = append(faults, mining.Faultf("models", "got %q, want mbgnbd, bgnbd, paretonbd or learned", m))
		} else if slices.Index(s.Models, m) < i {
			faults = append(faults, mining.Faultf("models", "got %s twice, want each model once", m))
		}
	}
	if len(s.Models) == 0 {
		faults = append(faults, mining.Faultf("models", "got no models, want at least one"))
	}
	if !(s.Interval > 0 && s.Interval < 1) {
		faults = append(faults, mining.Faultf("interval", "got %v, want a share above 0 and below 1, such as 80%%", float64(s.Interval)))
	}
	return faults
}

// Needs returns none.
func (s *Settings) Needs() []string { return nil }
