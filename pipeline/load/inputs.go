package load

import (
	"context"
	"slices"

	"github.com/quintile-dev/quintile/datasets/history"
	"github.com/quintile-dev/quintile/datasets/ingest"
	"github.com/quintile-dev/quintile/pipeline/config"
	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/fetch"
	"github.com/quintile-dev/quintile/pipeline/manifest"
)

// inputs are the inputs of a job: the line items, and the tables beside them.
type inputs struct {
	lines      ingest.Config
	aliases    []ingest.AliasSource
	attributes []ingest.AttributeSource
	campaigns  []ingest.CampaignSource
	prospects  []ingest.AttributeSource
	rates      []ingest.RateSource
	lookups    []ingest.LookupSource
}

// openInputs collects the inputs of the job, and fetches the inputs in an object
// store.
func (d *Data) openInputs(ctx context.Context, folder *history.Folder) (*inputs, error) {
	lines, err := d.ingestConfig()
	if err != nil {
		return nil, err
	}
	in := &inputs{lines: lines, aliases: d.Job.Identities(), attributes: d.Job.Customers(),
		campaigns: d.Job.Campaigns(), prospects: d.Job.Prospects()}
	rates, rateFiles, err := d.Job.Rates()
	if err != nil {
		return nil, exit.With(exit.Usage, err)
	}
	in.rates, in.lookups = rateFiles, d.Job.Lookups()
	var lookups []*ingest.Lookup
	for i := range in.lookups {
		lookups = append(lookups, in.lookups[i].Lookup())
	}
	for i := range lines.Sources {
		lines.Sources[i].Rates, lines.Sources[i].Lookups = rates, lookups
	}
	d.Guard.Erase(append(in.lineSources(), in.tables()...))
	return in, d.fetchInputs(ctx, in, folder)
}

// refusedShare is the part of the memory budget, an eighth, for refused rows.
const refusedShare = 8

// lineShare is the part of the budget, an eighth, for remembering lines and orders, if required by the
// job.
const lineShare = 8

func (d *Data) ingestConfig() (ingest.Config, error) {
	zone, err := d.Job.Zone()
	if err != nil {
		return ingest.Config{}, exit.With(exit.Usage, err)
	}
	return ingest.Config{
		Sources: d.Job.Sources(), Zone: zone, Workers: d.Job.Workers, RefusedMemory: d.Budget / refusedShare, LineMemory: d.Budget / lineShare,
		AnonymousBaskets: d.Job.Steps.WantAnonymous(),
		Progress:         func(rows, _ int64) { d.Watch.Advance("load", rows) },
	}, nil
}

// fetchInputs fetches the files of the inputs in an object store, except line
// items already loaded into the kept history.
func (d *Data) fetchInputs(ctx context.Context, in *inputs, folder *history.Folder) error {
	var known func(*ingest.File) string
	if folder != nil {
		known = fetch.Known(manifest.Inputs("", folder.Inputs()))
	}
	if err := d.fetchQueries(ctx, append(in.tables(), in.lineSources()...), folder); err != nil {
		return err
	}
	if err := d.fetchSources(ctx, in.tables(), nil); err != nil {
		return err
	}
	return d.fetchSources(ctx, in.lineSources(), known)
}

// lineSources returns the sources of the line items.
func (in *inputs) lineSources() []*ingest.Source {
	lines := make([]*ingest.Source, len(in.lines.Sources))
	for i := range lines {
		lines[i] = &in.lines.Sources[i]
	}
	return lines
}

// tables returns the sources of the tables beside the line items.
func (in *inputs) tables() []*ingest.Source {
	var all []*ingest.Source
	for i := range in.aliases {
		all = append(all, &in.aliases[i].Source)
	}
	for i := range in.attributes {
		all = append(all, &in.attributes[i].Source)
	}
	for i := range in.campaigns {
		all = append(all, &in.campaigns[i].Source)
	}
	for i := range in.lookups {
		all = append(all, &in.lookups[i].Source)
	}
	for i := range in.rates {
		all = append(all, &in.rates[i].Source)
	}
	for i := range in.prospects {
		all = append(all, &in.prospects[i].Source)
	}
	return all
}

// fetchSources fetches the files of sources in an object store, except known
// files.
func (d *Data) fetchSources(ctx context.Context, sources []*ingest.Source, known func(*ingest.File) string) error {
	sources = slices.DeleteFunc(slices.Clone(sources), func(s *ingest.Source) bool { return s.Files != nil })
	paths := make([]string, len(sources))
	elsewhere := false
	for i, s := range sources {
		paths[i] = s.Path
		elsewhere = elsewhere || config.IsURL(s.Path)
	}
	if !elsewhere {
		return nil
	}
	files, err := d.Fetcher.Files(ctx, paths, known)
	if err != nil {
		return err
	}
	for i := range sources {
		sources[i].Files = files[i]
	}
	return nil
}

// Entries are the paths of a table in a job.
type Entries struct {
	Table string // as a ManifestInput has it
	Paths []string
}

// EntriesOf returns the paths of the job's inputs: the paths of line items, then the
// paths of each table beside them.
func EntriesOf(job *config.Job) []Entries {
	lines, aliases, attributes := Entries{}, Entries{Table: IdentitiesTable}, Entries{Table: customersTable}
	for _, t := range job.Inputs.Transactions {
		lines.Paths = append(lines.Paths, t.Path)
	}
	for _, x := range job.Inputs.Identities {
		aliases.Paths = append(aliases.Paths, x.Path)
	}
	for _, c := range job.Inputs.Customers {
		attributes.Paths = append(attributes.Paths, c.Path)
	}
	campaigns, prospects := Entries{Table: campaignsTable}, Entries{Table: prospectsTable}
	for _, c := range job.Inputs.Campaigns {
		campaigns.Paths = append(campaigns.Paths, c.Path)
	}
	for _, p := range job.Inputs.Prospects {
		prospects.Paths = append(prospects.Paths, p.Path)
	}
	rates := Entries{Table: ratesTable}
	for _, x := range job.Inputs.Rates {
		if x.Path != "" {
			rates.Paths = append(rates.Paths, x.Path)
		}
	}
	lookups := Entries{Table: lookupsTable}
	for _, x := range job.Inputs.Lookups {
		lookups.Paths = append(lookups.Paths, x.Path)
	}
	return []Entries{lines, aliases, attributes, campaigns, rates, lookups, prospects}
}
