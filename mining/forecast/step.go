// Package forecast is the step that continues the sales of the base and of its parts: by
// region, category and product, as far as present in line items.
package forecast

import (
	"slices"

	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/setting"
)

// Step declares the step.
var Step = mining.Step{
	Name:    "forecast",
	Doc:     "What comes next: money, units, orders and customers of the next weeks or months, with intervals.",
	Chapter: mining.AboutSales,
	Example: "{period: week, horizon: 4}",

	Default:   func() mining.Settings { return new(Default()) },
	Unlearned: true,

	Files: []mining.File{{Name: file, Text: "A row for each period of each series: the whole periods of the past with `actual`, the periods " +
		"to come with `forecast`, `low` and `high`. A series is named by its part and its measure: `total:money` is the money of all " +
		"sales, `region=France:units` the units sold in one region.", Columns: columns}},
	Figures: []mining.Doc{
		{Name: "series", Text: "series that have a forecast"},
		{Name: "periods", Text: "whole periods that the total covers"},
		{Name: "first_period", Text: "first day of the first whole period"},
		{Name: "last_period", Text: "first day of the last whole period"},
		{Name: "next_money", Text: "money forecast for all periods to come together"},
		{Name: "states", Text: "by series: ok; short_history, where fewer than 12 periods are continued by the last value; " +
			"insufficient_data, where fewer than 4 periods have no forecast"},
		{Name: "method", Text: "by series: the method whose forecast is published"},
		{Name: "mase", Text: "by series: mean absolute scaled error of the forecasts that would have been published on past days; null where the past is too short to try"},
		{Name: "mase_naive", Text: "by series: the same of the last value"},
		{Name: "mase_seasonal_naive", Text: "by series: the same of the value a season before, which without a season is the last value"},
		{Name: "mase_last_mean", Text: "by series: the same of the mean of the last 4 periods"},
		{Name: "coverage", Text: "by series: share of the tried periods whose value was inside the interval"},
		{Name: "coverage_all", Text: "the same of all series together"},
	},
	Warnings: []mining.Doc{
		{Name: "no_quantity", Text: "no column holds quantities: units are not forecast, and without money, parts are chosen by the number of lines", Mend: "map `quantity` under `columns`"},
		{Name: "no_money", Text: "no column holds money: units, orders and customers alone are forecast, and parts are chosen by units", Mend: "map `unit_price` or `amount` under `columns`"},
		{Name: "too_short", Text: "series of fewer than 4 whole periods have no forecast", Mend: "a longer history, or `period: week`"},
		{Name: "short_history", Text: "series of fewer than 12 periods are continued by their last value, and their errors are not measured", Mend: "a longer history"},
		{Name: "no_origins", Text: "series whose past is too short to try forecasts on: `mase` and `coverage` are null", Mend: "a longer history, or a shorter `horizon`"},
		{Name: "benchmark_better", Text: "series for which the past shows a plain method to be clearly better: its forecast is published"},
		{Name: "worse_than_benchmark", Text: "series whose forecasts on past days erred no less than the last value or the mean of the last 4 periods did", Mend: "read the forecast as no better than that mean; forecast larger groups"},
	},
}

const file = "forecast.parquet"

// columns describes forecast.parquet.
var columns = []mining.Column{
	{Column: table.Column{Name: "series", Type: table.Text, Dictionary: true, Description: "part and measure, such as total:money or region=France:units"}},
	{Column: table.Column{Name: "period", Type: table.Date, Delta: true, Description: "first day of the period: a Monday, or the first of a month"}},
	{Column: table.Column{Name: "actual", Type: table.Float64, Nullable: true, Description: "value of a past period; 0 where nothing was sold; null for periods to come"}},
	{Column: table.Column{Name: "forecast", Type: table.Float64, Nullable: true, Description: "expected value of a period to come; null for the past"}},
	{Column: table.Column{Name: "low", Type: table.Float64, Nullable: true, Description: "lower limit of the interval"}},
	{Column: table.Column{Name: "high", Type: table.Float64, Nullable: true, Description: "upper limit of the interval"}},
	{Column: table.Column{Name: "dimension", Type: table.Text, Dictionary: true, Description: "dimension of the part, or total"}},
	{Column: table.Column{Name: "member", Type: table.Text, Dictionary: true, Nullable: true, Description: "member of the dimension; null for the total"}},
	{Column: table.Column{Name: "measure", Type: table.Text, Dictionary: true, Description: "money (before returns), units, orders, customers (active) or new_customers"}},
}

// The periods.
const (
	week  = "week"
	month = "month"
)

// The measures.
const (
	money        = "money"
	units        = "units"
	orders       = "orders"
	customers    = "customers"
	newCustomers = "new_customers"
)

// Settings are the settings of the step.
type Settings struct {
	Period         string        `yaml:"period" enum:"week,month" doc:"Length of a period: a week from Monday to Sunday, or a month. Whole periods count."`
	Horizon        int           `yaml:"horizon" min:"1" max:"366" doc:"Periods to forecast."`
	By             []string      `yaml:"by" doc:"Parts to forecast: total, and dimensions such as category, region, channel, store, product, or the job's own. Default: total, category and region, as far as columns hold them."`
	Top            int           `yaml:"top" min:"1" max:"10000" doc:"Most members of a dimension: those with the most money."`
	Level          setting.Share `yaml:"level" doc:"Share of the values that the interval is to hold, above 0 and below 1."`
	Measures       []string      `yaml:"measures" enum:"money,units,orders,customers,new_customers" doc:"What is forecast of the total."`
	MemberMeasures []string      `yaml:"member_measures" enum:"money,units" doc:"What is forecast of the members of dimensions."`
	Origins        int           `yaml:"origins" min:"0" max:"100" doc:"Most past days that forecasts are tried on, half a horizon apart."`
	Anonymous      bool          `yaml:"anonymous" doc:"Line items without a customer count as well, for money, units and orders."`
}

// Default returns the default settings of the step.
func Default() Settings {
	return Settings{
		Period: week, Horizon: 4, Top: 20, Level: 0.8, Origins: 8,
		Measures: []string{money, units, orders, customers, newCustomers}, MemberMeasures: []string{money, units},
	}
}

// Check refuses levels that no interval has, and lists with nothing or the same twice.
func (s *Settings) Check() []mining.Fault {
	var faults []mining.Fault
	if !(s.Level > 0 && s.Level < 1) {
		faults = append(faults, mining.Faultf("level", "got %v, want a share above 0 and below 1, such as 80%%", float64(s.Level)))
	}
	for _, list := range []struct {
		field string
		names []string
	}{{"by", s.By}, {"measures", s.Measures}, {"member_measures", s.MemberMeasures}} {
		if len(list.names) == 0 && list.field != "by" {
			faults = append(faults, mining.Faultf(list.field, "got an empty list, want at least one measure"))
		}
		for i, name := range list.names {
			if slices.Contains(list.names[:i], name) {
				faults = append(faults, mining.Faultf(list.field, "got %s twice, want each name once", name))
			}
		}
	}
	return faults
}

// Needs returns none.
func (s *Settings) Needs() []string { return nil }

// WantsAnonymous reports whether line items without a customer count.
func (s *Settings) WantsAnonymous() bool { return s.Anonymous }

// Plan makes the task.
func (s *Settings) Plan(r *mining.Run) (mining.Task, []mining.Fault) {
	total, dimensions, faults := s.parts(r)
	var members []int
	for _, d := range dimensions {
		members = append(members, r.Dictionary(d.of).Len())
	}
	return &task{
		set: *s, asOf: r.AsOf, calendar: newCalendar(s.Period, r.First, r.AsOf), total: total, dimensions: dimensions, members: members,
		priced: r.Priced(), counted: r.Counted(),
	}, faults
}
