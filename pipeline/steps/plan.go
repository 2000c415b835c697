package steps

import (
	"slices"

	"github.com/quintile-dev/quintile/mining"
)

// Planned is a step to be done next.
type Planned struct {
	Step  *mining.Step
	Task  mining.Task
	Needs []*mining.Step // steps of the plan that are done before
}

// Fault is a fault of the settings of a step.
type Fault struct {
	Step string
	mining.Fault
}

// Plan makes the tasks of the steps of a job, in the order of the table, and returns
// all faults of the settings.
func Plan(table []*mining.Step, wanted []Wanted, run *mining.Run) (plan []Planned, faults []Fault) {
	has := map[string]bool{}
	for _, w := range wanted {
		has[w.Step.Name] = true
	}
	for _, w := range wanted {
		task, found := w.Settings.Plan(run)
		for _, f := range found {
			faults = append(faults, Fault{w.Step.Name, f})
		}
		p := Planned{Step: w.Step, Task: task}
		for _, need := range w.Settings.Needs() {
			if s := Finder(table, need); s != nil && has[s.Name] {
				p.Needs = append(p.Needs, s)
			}
		}
		if _, ok := w.Settings.(mining.Comparer); ok {
			for _, other := range wanted {
				if len(other.Step.Groupings) > 0 {
					p.Needs = append(p.Needs, other.Step)
				}
			}
		}
		if reader, ok := w.Settings.(mining.ColumnReader); ok {
			for _, use := range reader.ReadsColumns() {
				s, _ := Filler(table, use.Column)
				if s == nil { // a feature that the mapped columns may not give
					_, lacking := run.SelectAny(use.Field, []string{use.Column})
					for _, f := range lacking {
						faults = append(faults, Fault{w.Step.Name, f})
					}
				}
				if s != nil && has[s.Name] && s != w.Step && !slices.Contains(p.Needs, s) {
					p.Needs = append(p.Needs, s)
				}
			}
		}
		plan = append(plan, p)
	}
	return plan, faults
}
