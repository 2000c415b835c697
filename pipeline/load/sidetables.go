package load

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/history"
	"github.com/quintile-dev/quintile/datasets/ingest"
	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/manifest"
)

// sideTable is the data read from a table beside the line items. Such tables are
// read anew in each run: no history keeps them.
type sideTable struct {
	name   string // of its block under inputs
	report *ingest.TableReport
}

// IdentitiesTable is the name of the table of aliases.
const IdentitiesTable = "identities"

// tableShare is the part of the memory budget, a fourth, that a table may take.
const tableShare = 4

// readTables reads the tables: first the aliases, then the facts about customers.
func (d *Data) readTables(ctx context.Context, in *inputs, folder *history.Folder) error {
	if err := d.readIdentities(ctx, in.aliases, folder); err != nil {
		return err
	}
	d.Guard.Resolve(d.identities)
	if err := d.readAttributes(ctx, in.attributes, d.identities); err != nil {
		return err
	}
	if err := d.readCampaigns(ctx, in.campaigns); err != nil {
		return err
	}
	if err := d.readRates(ctx, in); err != nil {
		return err
	}
	if err := d.readLookups(ctx, in); err != nil {
		return err
	}
	return d.readProspects(ctx, in.prospects)
}

// lookupsTable is the name of the tables that give lines more columns.
const lookupsTable = "lookups"

// readLookups reads the lookups, if the job names any. All may take a quarter of the memory budget.
func (d *Data) readLookups(ctx context.Context, in *inputs) error {
	free := d.Budget / tableShare
	for i := range in.lookups {
		l := in.lines.Sources[0].Lookups[i]
		var report *ingest.TableReport
		err := d.Watch.Stage(lookupsTable, 0, "rows", func() (err error) {
			report, err = ingest.ReadLookup(ctx, in.lookups[i], l, free, func(rows int64) { d.Watch.Advance(lookupsTable, rows) })
			return err
		})
		if err == nil {
			free -= l.Bytes()
			err = d.takeTable(lookupsTable, report)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// ratesTable is the name of the table of what currencies are worth.
const ratesTable = "rates"

// readRates reads the files of rates, if the job names any, into the rates of all sources.
func (d *Data) readRates(ctx context.Context, in *inputs) error {
	if len(in.rates) == 0 {
		return nil
	}
	var report *ingest.TableReport
	err := d.Watch.Stage(ratesTable, 0, "rows", func() (err error) {
		report, err = ingest.ReadRates(ctx, in.rates, in.lines.Sources[0].Rates, func(rows int64) { d.Watch.Advance(ratesTable, rows) })
		return err
	})
	if err != nil {
		return err
	}
	return d.takeTable(ratesTable, report)
}

// readIdentities reads the aliases, if the job names such files, and gives the
// aliases to the kept history. Their memory is deducted from the budget until line
// items are read.
func (d *Data) readIdentities(ctx context.Context, sources []ingest.AliasSource, folder *history.Folder) error {
	if len(sources) > 0 {
		var report *ingest.TableReport
		err := d.Watch.Stage(IdentitiesTable, 0, "rows", func() (err error) {
			d.identities, report, err = ingest.ReadAliases(ctx, sources, d.Budget/tableShare, func(rows int64) {
				d.Watch.Advance(IdentitiesTable, rows)
			})
			return err
		})
		if err == nil {
			err = d.takeTable(IdentitiesTable, report)
		}
		if err != nil {
			return err
		}
	}
	if folder == nil {
		return nil
	}
	return exit.With(exit.BadInput, folder.Identify(ctx, d.identities))
}

// FreeBudget returns the memory budget beyond the tables.
func (d *Data) FreeBudget() int64 {
	return d.Budget - d.identities.Bytes() - d.Attributes.Bytes() - d.Campaigns.Bytes() - d.Prospects.Bytes()
}

// takeTable notes the data read from a table, and stops the run where too many rows
// of the table do not fit.
func (d *Data) takeTable(name string, report *ingest.TableReport) error {
	d.side = append(d.side, sideTable{name, report})
	return d.gateOf("inputs."+name+": ", report.Inputs, report.Faults)
}

// gateOf stops the run where too many rows of inputs did not fit.
func (d *Data) gateOf(what string, inputs []history.Input, refused []datasets.Fault) error {
	var read, bad int64
	for _, in := range inputs {
		read += in.Rows
		bad += in.Quarantined
	}
	allowed := float64(d.Job.Quality.MaxQuarantined)
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

// AllRefused returns the rows refused of all files, sorted.
func (d *Data) AllRefused() []datasets.Fault {
	n := 0
	for _, t := range d.side {
		n += len(t.report.Faults)
	}
	if n == 0 { // as a rule; there may be many
		return d.Refused
	}
	all := slices.Clone(d.Refused)
	for _, t := range d.side {
		all = append(all, t.report.Faults...)
	}
	slices.SortStableFunc(all, ingest.CompareFaults)
	return all
}

// AllInputs returns the files that the results come from, in this order: the files of line items, the files of each
// table beside the line items, the published lists of campaigns, and the files of the run before.
func (d *Data) AllInputs() []manifest.Input {
	all := manifest.Inputs("", d.Inputs)
	for _, t := range d.side {
		all = append(all, manifest.Inputs(t.name, t.report.Inputs)...)
	}
	if d.listsFrom != nil {
		all = append(all, *d.listsFrom)
	}
	return append(all, d.Before...)
}

// rounded returns how many numbers of all files were rounded.
func (d *Data) rounded() int64 {
	n := int64(0)
	for _, in := range d.Inputs {
		n += in.Rounded
	}
	for _, t := range d.side {
		for _, in := range t.report.Inputs {
			n += in.Rounded
		}
	}
	return n
}

// Table holds the findings of a check about a table beside the line items.
type Table struct {
	Name   string
	Inputs []history.Input
	Faults []datasets.Fault
	Found  []string // in words
}

// CheckedTables returns the findings about the tables.
func (d *Data) CheckedTables() []Table {
	var all []Table
	for _, t := range d.side {
		c := Table{Name: t.name, Inputs: t.report.Inputs, Faults: t.report.Faults}
		switch t.name {
		case customersTable:
			c.Found = attributeWords(d.Attributes)
		case campaignsTable:
			c.Found = d.campaignWords()
		case prospectsTable:
			c.Found = attributeWords(d.Prospects)
		}
		all = append(all, c)
	}
	return all
}
