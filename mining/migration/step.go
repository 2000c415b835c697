// Package migration is the step that shows the movements since an earlier day: between the groups of each grouping, and
// in the features.
package migration

import (
	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/setting"
)

// Step declares the step.
var Step = mining.Step{
	Name:    "migration",
	Chapter: mining.AboutMovement,
	Doc:     "What moved since the last run: customers between groups, and the features.",
	Example: "{against: latest}",

	Default: func() mining.Settings { return new(Default()) },

	Columns: columns(),
	Files: []mining.File{
		{Name: matrixFile, Text: "Customers and money by the way from a group of the reference to a group of this run, both by the limits of the reference.", Columns: matrixColumns},
		{Name: driftFile, Text: "How far each feature has moved since the reference.", Columns: driftColumns},
	},
	Figures: []mining.Doc{
		{Name: "against", Text: "scoring date of the reference"},
		{Name: "made", Text: "the reference is the same history at an earlier day, and no run that was published"},
		{Name: "customers", Text: "customers of the reference and of this run, those in both, those who came and those who are gone"},
		{Name: "limits", Text: "by grouping: reference, or own where the reference has left no limits that score customers later"},
		{Name: "stayed_share", Text: "by grouping, of the customers with a group in both runs, those in the same"},
		{Name: "psi", Text: "by grouping, population stability index of the shares of the groups"},
		{Name: "js", Text: "by grouping, Jensen–Shannon divergence of the same, in nats"},
		{Name: "ari", Text: "by grouping, adjusted Rand index of the groups of the customers in both runs"},
		{Name: "own", Text: "by grouping, the same four where each run is taken as it ranked its customers itself"},
		{Name: "newly_at_risk", Text: "customers and money: now in at_risk, cant_lose, about_to_sleep or hibernating of rfm_segment, before in none of them"},
		{Name: "newly_won", Text: "customers and money: now in loyal or champions, before not"},
		{Name: "lost", Text: "customers and money: now hibernating, before in another segment"},
		{Name: "woken", Text: "customers and money: before in at_risk, cant_lose, about_to_sleep or hibernating, now in none of them"},
		{Name: "drifted", Text: "features with a PSI of 0.25 or more, the highest first"},
	},
	Warnings: []mining.Doc{
		{Name: "drift", Text: "the shares of the groups, or a feature that groups are made of, have moved by a PSI of 0.25 or more since the reference",
			Mend: "look for the cause: other prices, another range, a season, missing files. Models that were learned before may no longer hold"},
		{Name: "own_limits", Text: "the reference has left no limits of a grouping, which is compared as each run ranked its customers",
			Mend: "nothing, where the grouping has no model; else the next run has a reference"},
		{Name: "not_known_then", Text: "a grouping needs attributes of customers, of which an earlier day is not known",
			Mend: "compare with a published run: `against: latest`"},
	},
	Unlearned: true,
}

const (
	matrixFile = "migration.parquet"
	driftFile  = "drift.parquet"
)

// NoReference is the state of a first run.
const NoReference mining.State = "no_reference"

var matrixColumns = []mining.Column{
	{Column: table.Column{Name: "grouping", Type: table.Text, Description: "the grouping: the column of segments.parquet that says which group a customer is in"}},
	{Column: table.Column{Name: "from", Type: table.Text, Description: "group in the reference; (none) for those who were not there or had none"}},
	{Column: table.Column{Name: "to", Type: table.Text, Description: "group now, by the limits of the reference; (none) for those who are gone or have none"}},
	{Column: table.Column{Name: "customers", Type: table.Int64, Unit: "customers", Description: "who went this way"}},
	{Money: true, Column: table.Column{Name: "money", Type: table.Float64, Nullable: true, Unit: "currency", Description: "money spent by them up to now; up to then, where they are gone"}},
	{Column: table.Column{Name: "share", Type: table.Float64, Unit: "share", Description: "of the customers who come from that group"}},
}

var driftColumns = []mining.Column{
	{Column: table.Column{Name: "feature", Type: table.Text, Description: "name of the feature"}},
	{Column: table.Column{Name: "psi", Type: table.Float64, Nullable: true, Description: "population stability index on ten bins of the reference: stable below 0.10, a major shift from 0.25 on"}},
	{Column: table.Column{Name: "js", Type: table.Float64, Nullable: true, Unit: "nats", Description: "Jensen–Shannon divergence on the same bins"}},
	{Column: table.Column{Name: "ks", Type: table.Float64, Nullable: true, Unit: "share", Description: "Kolmogorov–Smirnov distance"}},
	{Column: table.Column{Name: "ks_exact", Type: table.Bool, Description: "of the values; else of the bins, which may show less"}},
	{Column: table.Column{Name: "makes_groups", Type: table.Bool, Description: "a grouping is made of the feature"}},
}

// Settings are the settings of the step.
type Settings struct {
	Against setting.Past `yaml:"against" doc:"What to compare with: latest, the newest run of an earlier day in the same output folder, or a day, as the same history knows it."`
	MaxPSI  *float64     `yaml:"max_psi" min:"0" max:"100" doc:"Highest PSI of a grouping, or of a feature that groups are made of. Beyond it the run fails with exit code 5 and publishes nothing. Default: no bar."`
}

// Default returns the default settings of the step.
func Default() Settings { return Settings{Against: setting.Past{Latest: true}} }

// Check has nothing to compare.
func (s *Settings) Check() []mining.Fault { return nil }

// Needs returns none: whatever groupings the job has are followed.
func (s *Settings) Needs() []string { return nil }

// Compares returns the day to compare with, and whether the reference is made from the history at the day.
func (s *Settings) Compares() (day datasets.Day, made bool) { return s.Against.Day, !s.Against.Latest }

// Plan makes the task. A day that is not before the scoring date is refused.
func (s *Settings) Plan(r *mining.Run) (mining.Task, []mining.Fault) {
	if day, made := s.Compares(); made && day >= r.AsOf {
		return nil, []mining.Fault{mining.Faultf("against", "got %s, want a day before the scoring date %s", day, r.AsOf)}
	}
	return &task{*s}, nil
}

type task struct{ set Settings }

// Memory covers the groups of all customers, and one feature then and now.
func (t *task) Memory(customers int) int64 {
	return int64(customers) * int64(8*len(groupings)+4*8)
}
