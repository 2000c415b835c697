// Package steps holds the table of steps and runs the steps: in the order of their needs,
// and within the memory of the run.
package steps

import (
	"slices"

	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/campaign"
	"github.com/quintile-dev/quintile/mining/churn"
	"github.com/quintile-dev/quintile/mining/classify"
	"github.com/quintile-dev/quintile/mining/deviation"
	"github.com/quintile-dev/quintile/mining/featuretable"
	"github.com/quintile-dev/quintile/mining/forecast"
	"github.com/quintile-dev/quintile/mining/lifecycle"
	"github.com/quintile-dev/quintile/mining/loyalty"
	"github.com/quintile-dev/quintile/mining/migration"
	"github.com/quintile-dev/quintile/mining/performance"
	"github.com/quintile-dev/quintile/mining/portfolio"
	"github.com/quintile-dev/quintile/mining/profit"
	"github.com/quintile-dev/quintile/mining/prospect"
	"github.com/quintile-dev/quintile/mining/quadrant"
	"github.com/quintile-dev/quintile/mining/recommend"
	"github.com/quintile-dev/quintile/mining/rfm"
	"github.com/quintile-dev/quintile/mining/rules"
	"github.com/quintile-dev/quintile/mining/segments"
	"github.com/quintile-dev/quintile/mining/value"
)

// Table lists the steps. The order of the table is the order of all outputs: the columns of
// segments.parquet, the sections of the report, warnings, documents. To add a step, add its
// package below mining and a line here.
func Table() []*mining.Step {
	return []*mining.Step{
		&rfm.Step,
		&featuretable.Step,
		&segments.Step,
		&classify.Step,
		&rules.Step,
		&churn.Step,
		&value.Step,
		&profit.Step,
		&quadrant.Step,
		&portfolio.Step,
		&lifecycle.Step,
		&loyalty.Step,
		&performance.Step,
		&forecast.Step,
		&deviation.Step,
		&recommend.Step,
		&prospect.Step,
		&campaign.Step,
		&migration.Step,
	}
}

// Lookup returns the step with a name in a table, nil if unknown.
func Lookup(table []*mining.Step, name string) *mining.Step {
	at := slices.IndexFunc(table, func(s *mining.Step) bool { return s.Name == name })
	if at < 0 {
		return nil
	}
	return table[at]
}

// Finder returns the step of a table named by a need: by its own name, or by a
// grouping of the step; nil without such a step.
func Finder(table []*mining.Step, need string) *mining.Step {
	for _, s := range table {
		if s.Name == need || slices.Contains(s.Groupings, need) {
			return s
		}
	}
	return nil
}

// Filler returns the step of a table that fills a column, with the column; nil if
// unknown.
func Filler(table []*mining.Step, name string) (*mining.Step, mining.Column) {
	for _, s := range table {
		for _, c := range s.Columns {
			if c.Name == name {
				return s, c
			}
		}
	}
	return nil, mining.Column{}
}

// Wanted is a step of a job, with its settings.
type Wanted struct {
	Step     *mining.Step
	Settings mining.Settings
}
