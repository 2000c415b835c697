package pipeline

import (
	"cmp"
	"context"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/history"
	"github.com/quintile-dev/quintile/datasets/ingest"
)

// sideTable is what a run read of a table that stands beside the transactions. It
// is read anew in each run: no history keeps it.
type sideTable struct {
	name   string // of its block under inputs; it stands in the manifest
	report *ingest.TableReport
}

// The names of the tables.
const tableOfIdentities = "identities"

// addTable takes the report of a table that was read, and stops the run where too
// many of its rows did not fit.
func (r *run) addTable(name string, report *ingest.TableReport) error {
	r.tables = append(r.tables, sideTable{name, report})
	slices.SortFunc(r.tables, func(a, b sideTable) int { return cmp.Compare(a.name, b.name) })
	read, refused := report.Rows()
	return r.gate("inputs."+name+": ", read, refused, report.Faults)
}

// tableInputs returns the files of the tables, table by table.
func (r *run) tableInputs() []history.Input {
	var all []history.Input
	for _, t := range r.tables {
		all = append(all, t.report.Inputs...)
	}
	return all
}

// manifestInputs returns the files that were read: those of the transactions, then
// those of the tables.
func (r *run) manifestInputs() []ManifestInput {
	all := []ManifestInput{}
	add := func(table string, inputs []history.Input) {
		for _, in := range inputs {
			all = append(all, ManifestInput{Path: in.Path, Bytes: in.Bytes, SHA256: in.SHA256, Rows: in.Rows, Table: table})
		}
	}
	add("", r.inputs)
	for _, t := range r.tables {
		add(t.name, t.report.Inputs)
	}
	return all
}

// allRefused returns the refused rows of all inputs.
func (r *run) allRefused() []datasets.Fault {
	all := slices.Clone(r.refused)
	for _, t := range r.tables {
		all = append(all, t.report.Faults...)
	}
	slices.SortStableFunc(all, ingest.CompareFaults)
	return all
}

// readIdentities reads the aliases, nil where the job names none. Their memory is
// taken off the budget.
func (r *run) readIdentities(ctx context.Context) (*datasets.Identities, error) {
	sources := r.job.Identities()
	if len(sources) == 0 {
		return nil, nil
	}
	x, report, err := ingest.ReadAliases(ctx, sources, r.budget/tableShare, func(n int64) { r.env.Progress.Advance("load", n) })
	if err != nil {
		return nil, err
	}
	r.budget -= x.Bytes()
	return x, r.addTable(tableOfIdentities, report)
}

// tableShare is the part of the memory budget, a fourth, that a table may take.
const tableShare = 4
