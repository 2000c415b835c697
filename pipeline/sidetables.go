package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/history"
	"github.com/quintile-dev/quintile/datasets/ingest"
	"github.com/quintile-dev/quintile/pipeline/exit"
)

// sideTable is what a run read of a table that stands beside the line items. It is
// read anew in each run: no history keeps it.
type sideTable struct {
	name   string // of its block under inputs
	report *ingest.TableReport
}

// identitiesTable is the name of the table of aliases.
const identitiesTable = "identities"

// tableShare is the part of the memory budget, a fourth, that a table may take.
const tableShare = 4

// readTables reads the tables: the aliases, and then what is said of those whom they
// stand for.
func (r *run) readTables(ctx context.Context, in *inputs, folder *history.Folder) error {
	if err := r.readIdentities(ctx, in.aliases, folder); err != nil {
		return err
	}
	r.guard.resolve(r.identities)
	if err := r.readAttributes(ctx, in.attributes, r.identities); err != nil {
		return err
	}
	if err := r.readCampaigns(ctx, in.campaigns); err != nil {
		return err
	}
	if err := r.readRates(ctx, in); err != nil {
		return err
	}
	return r.readProspects(ctx, in.prospects)
}

// ratesTable is the name of the table of what currencies are worth.
const ratesTable = "rates"

// readRates reads the files of rates, if the job names any, into the rates of all sources.
func (r *run) readRates(ctx context.Context, in *inputs) error {
	if len(in.rates) == 0 {
		return nil
	}
	var report *ingest.TableReport
	err := r.watch.Stage(ratesTable, 0, "rows", func() (err error) {
		report, err = ingest.ReadRates(ctx, in.rates, in.lines.Sources[0].Rates, func(rows int64) { r.watch.Advance(ratesTable, rows) })
		return err
	})
	if err != nil {
		return err
	}
	return r.takeTable(ratesTable, report)
}

// readIdentities reads the aliases, if the job names any, and tells the kept history
// of them. What they take is out of the memory budget until line items are read.
func (r *run) readIdentities(ctx context.Context, sources []ingest.AliasSource, folder *history.Folder) error {
	if len(sources) > 0 {
		var report *ingest.TableReport
		err := r.watch.Stage(identitiesTable, 0, "rows", func() (err error) {
			r.identities, report, err = ingest.ReadAliases(ctx, sources, r.budget/tableShare, func(rows int64) {
				r.watch.Advance(identitiesTable, rows)
			})
			return err
		})
		if err == nil {
			err = r.takeTable(identitiesTable, report)
		}
		if err != nil {
			return err
		}
	}
	if folder == nil {
		return nil
	}
	return exit.With(exit.BadInput, folder.Identify(ctx, r.identities))
}

// freeBudget returns what the memory budget holds beside the tables.
func (r *run) freeBudget() int64 {
	return r.budget - r.identities.Bytes() - r.attributes.Bytes() - r.campaigns.Bytes() - r.prospects.Bytes()
}

// takeTable notes what was read of a table, and stops the run where too many of its
// rows do not fit.
func (r *run) takeTable(name string, report *ingest.TableReport) error {
	r.side = append(r.side, sideTable{name, report})
	return r.gateOf("inputs."+name+": ", report.Inputs, report.Faults)
}

// gateOf stops the run where too many rows of inputs did not fit.
func (r *run) gateOf(what string, inputs []history.Input, refused []datasets.Fault) error {
	var read, bad int64
	for _, in := range inputs {
		read += in.Rows
		bad += in.Quarantined
	}
	allowed := float64(r.job.Quality.MaxQuarantined)
	if read == 0 || float64(bad) <= allowed*float64(read) {
		return nil
	}
	err := fmt.Errorf("%s%d of %d rows do not fit (%.2f %%, want at most %.2f %%, quality.max_quarantined); mend the mapping or the source",
		what, bad, read, 100*float64(bad)/float64(read), 100*allowed)
	for _, f := range refusals(refused) {
		err = errors.Join(err, errors.New(f.String()))
	}
	for _, f := range refused[:min(len(refused), maxFaultsShown)] {
		err = errors.Join(err, f.Cell())
	}
	return exit.With(exit.BadData, err)
}

// allRefused returns the rows refused of all files, sorted.
func (r *run) allRefused() []datasets.Fault {
	n := 0
	for _, t := range r.side {
		n += len(t.report.Faults)
	}
	if n == 0 { // as a rule; there may be many
		return r.refused
	}
	all := slices.Clone(r.refused)
	for _, t := range r.side {
		all = append(all, t.report.Faults...)
	}
	slices.SortStableFunc(all, ingest.CompareFaults)
	return all
}

// allInputs returns the files that the results come from: those of line items, then
// those of each table beside them.
func (r *run) allInputs() []ManifestInput {
	all := manifestInputs("", r.inputs)
	for _, t := range r.side {
		all = append(all, manifestInputs(t.name, t.report.Inputs)...)
	}
	return all
}

// rounded returns how many numbers of all files were rounded.
func (r *run) rounded() int64 {
	n := int64(0)
	for _, in := range r.inputs {
		n += in.Rounded
	}
	for _, t := range r.side {
		for _, in := range t.report.Inputs {
			n += in.Rounded
		}
	}
	return n
}

// checkedTables says what was found in the tables.
func (r *run) checkedTables() []CheckedTable {
	var all []CheckedTable
	for _, t := range r.side {
		c := CheckedTable{Name: t.name, Inputs: t.report.Inputs, Faults: t.report.Faults}
		switch t.name {
		case customersTable:
			c.Found = attributeWords(r.attributes)
		case campaignsTable:
			c.Found = r.campaignWords()
		case prospectsTable:
			c.Found = attributeWords(r.prospects)
		}
		all = append(all, c)
	}
	return all
}
