// Package publish makes the published files from the results of a run: tables, models, the report
// and the manifest.
package publish

import (
	"fmt"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/words"
	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/pipeline/config"
	"github.com/quintile-dev/quintile/pipeline/load"
	"github.com/quintile-dev/quintile/pipeline/manifest"
	"github.com/quintile-dev/quintile/pipeline/modelfile"
	"github.com/quintile-dev/quintile/pipeline/progress"
	"github.com/quintile-dev/quintile/pipeline/reference"
	"github.com/quintile-dev/quintile/pipeline/scan"
	"github.com/quintile-dev/quintile/pipeline/steps"
)

// Results holds the results of a run, the source of all published files.
type Results struct {
	Job     *config.Job
	Words   *words.Words // what people read
	Version string       // of the program
	Watch   *progress.Stages
	Data    *load.Data // what was read

	AsOf             datasets.Day
	Known            *mining.Run          // what steps are told
	Scan             *scan.Scan           // nil until it is done
	Buyers           []uint32             // positions of the customers with a purchase; nil: all have
	attributeAccount *manifest.Attributes // of customers, once scanned; nil: the job names none

	OfSteps        map[string]*mining.Result  // by their names
	Models         modelfile.Models           // of an earlier run, that are applied; nil: the steps fit their own
	Applied        string                     // digest of these models
	Prepared       map[string]mining.Prepared // of these models, those that take part in the scan
	Reference      *reference.Reference       // what they know of the customers whom they learned from; nil: nothing
	Shifts         []reference.Shift          // of the features that they read, since then
	PreparedTables map[string][]mining.Table  // and the tables that they publish
}

// Summary is the first fact about a step for a person.
type Summary struct {
	Step    string
	State   string
	Figures []mining.Figure
}

// tables returns the tables of the steps, in the order of the table of steps.
func (r *Results) tables() []mining.Table {
	var all []mining.Table
	for _, s := range steps.Table() {
		if result := r.OfSteps[s.Name]; result != nil {
			all = append(all, result.Tables...)
		}
		all = append(all, r.PreparedTables[s.Name]...)
	}
	return all
}

// fitted returns the models of the run, whether fitted or applied.
func (r *Results) fitted() modelfile.Models {
	if r.Models != nil {
		return r.Models
	}
	m := modelfile.Models{}
	for name, result := range r.OfSteps {
		if result.Model != nil {
			m[name] = result.Model
		}
	}
	return m
}

// Summaries returns the first fact about each step for a person.
func (r *Results) Summaries() []Summary {
	var all []Summary
	for _, s := range steps.Table() {
		switch result := r.OfSteps[s.Name]; {
		case result != nil:
			sum := Summary{Step: s.Name, State: string(result.State)}
			for _, f := range result.Figures {
				if f.Summary {
					sum.Figures = append(sum.Figures, f)
				}
			}
			all = append(all, sum)
		case r.Models[s.Name] != nil:
			all = append(all, Summary{Step: s.Name, State: string(mining.OK)})
		}
	}
	return all
}

// stepReports returns the manifest's report of each step.
func (r *Results) stepReports() map[string]manifest.Step {
	reports := map[string]manifest.Step{}
	for _, kind := range r.Models.Kinds() {
		reports[kind] = manifest.Step{"state": string(mining.OK), "fitted": false}
	}
	for name, result := range r.OfSteps {
		report := manifest.Step{"state": string(result.State)}
		for _, f := range result.Figures {
			report[f.Name] = f.Value
		}
		reports[name] = report
	}
	return reports
}

// AllWarnings returns the warnings of the run and of its steps, in the order of
// the steps; the code of a step's warning begins with its name.
func (r *Results) AllWarnings() []models.Warning {
	all := slices.Clone(r.Data.Warnings)
	if w, ok := r.ReturnsOnly(); ok {
		all = append(all, w)
	}
	if w, ok := r.NoMoney(); ok {
		all = append(all, w)
	}
	if w, ok := r.smallGroups(); ok {
		all = append(all, w)
	}
	for _, s := range steps.Table() {
		result := r.OfSteps[s.Name]
		if result == nil {
			continue
		}
		for _, w := range result.Warnings {
			w.Code = s.Name + "." + w.Code
			all = append(all, w)
		}
	}
	if all == nil {
		all = []models.Warning{}
	}
	return all
}

// priced reports whether a column gives line items a price; also while that is not yet known.
func (r *Results) priced() bool { return r.Known == nil || r.Known.Priced() }

// NoMoney warns of line items that no column gives a price.
func (r *Results) NoMoney() (w models.Warning, ok bool) {
	return models.Warning{Code: "no_money", Count: 1,
		Message: "no column holds money, so that monetary and the money of the manifest are null; map unit_price or amount under columns"}, !r.priced()
}

// ReturnsOnly warns of customers who never bought.
func (r *Results) ReturnsOnly() (w models.Warning, ok bool) {
	if r.Scan == nil || r.Scan.Census.ReturnsOnly == 0 {
		return w, false
	}
	n := r.Scan.Census.ReturnsOnly
	return models.Warning{Code: "returns_only", Count: int(n),
		Message: fmt.Sprintf("%d customers only returned goods; they have no scores and no segment", n)}, true
}
