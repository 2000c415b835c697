package pipeline

import (
	"context"
	"slices"

	"github.com/quintile-dev/quintile/datasets/history"
	"github.com/quintile-dev/quintile/datasets/ingest"
	"github.com/quintile-dev/quintile/pipeline/config"
	"github.com/quintile-dev/quintile/pipeline/exit"
)

// inputs is what a job reads: its line items, and the tables beside them.
type inputs struct {
	lines      ingest.Config
	aliases    []ingest.AliasSource
	attributes []ingest.AttributeSource
	campaigns  []ingest.CampaignSource
	prospects  []ingest.AttributeSource
	rates      []ingest.RateSource
}

// openInputs says what the job reads, and fetches what of it is in an object store.
func (r *run) openInputs(ctx context.Context, folder *history.Folder) (*inputs, error) {
	lines, err := r.ingestConfig()
	if err != nil {
		return nil, err
	}
	in := &inputs{lines: lines, aliases: r.job.Identities(), attributes: r.job.Customers(),
		campaigns: r.job.Campaigns(), prospects: r.job.Prospects()}
	rates, rateFiles, err := r.job.Rates()
	if err != nil {
		return nil, exit.With(exit.Usage, err)
	}
	in.rates = rateFiles
	for i := range lines.Sources {
		lines.Sources[i].Rates = rates
	}
	r.guard.erase(append(in.lineSources(), in.tables()...))
	return in, r.fetchInputs(ctx, in, folder)
}

// refusedShare is the part of the memory budget, an eighth, that refused rows may
// take.
const refusedShare = 8

// lineShare is the part, an eighth, that may be remembered of lines and orders, where a job asks for that.
const lineShare = 8

func (r *run) ingestConfig() (ingest.Config, error) {
	zone, err := r.job.Zone()
	if err != nil {
		return ingest.Config{}, exit.With(exit.Usage, err)
	}
	return ingest.Config{
		Sources: r.job.Sources(), Zone: zone, Workers: r.job.Workers, RefusedMemory: r.budget / refusedShare, LineMemory: r.budget / lineShare,
		AnonymousBaskets: r.job.Steps.WantAnonymous(),
		Progress:         func(rows, _ int64) { r.watch.Advance("load", rows) },
	}, nil
}

// fetchInputs fetches the files of the inputs that are in an object store, but for
// those line items that the kept history has taken in.
func (r *run) fetchInputs(ctx context.Context, in *inputs, folder *history.Folder) error {
	var known func(*ingest.File) string
	if folder != nil {
		known = knownTo(manifestInputs("", folder.Inputs()))
	}
	if err := r.fetchQueries(ctx, append(in.tables(), in.lineSources()...), folder); err != nil {
		return err
	}
	if err := r.fetchSources(ctx, in.tables(), nil); err != nil {
		return err
	}
	return r.fetchSources(ctx, in.lineSources(), known)
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
	for i := range in.rates {
		all = append(all, &in.rates[i].Source)
	}
	for i := range in.prospects {
		all = append(all, &in.prospects[i].Source)
	}
	return all
}

// fetchSources fetches the files of sources that are in an object store, but for
// those that are known.
func (r *run) fetchSources(ctx context.Context, sources []*ingest.Source, known func(*ingest.File) string) error {
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
	files, err := r.fetcher.files(ctx, paths, known)
	if err != nil {
		return err
	}
	for i := range sources {
		sources[i].Files = files[i]
	}
	return nil
}

// entries are the paths that a job gives for a table.
type entries struct {
	table string // as a ManifestInput has it
	paths []string
}

// entries returns the paths of the job's inputs: those of line items, then those of
// each table beside them.
func (r *run) entries() []entries {
	lines, aliases, attributes := entries{}, entries{table: identitiesTable}, entries{table: customersTable}
	for _, t := range r.job.Inputs.Transactions {
		lines.paths = append(lines.paths, t.Path)
	}
	for _, x := range r.job.Inputs.Identities {
		aliases.paths = append(aliases.paths, x.Path)
	}
	for _, c := range r.job.Inputs.Customers {
		attributes.paths = append(attributes.paths, c.Path)
	}
	campaigns, prospects := entries{table: campaignsTable}, entries{table: prospectsTable}
	for _, c := range r.job.Inputs.Campaigns {
		campaigns.paths = append(campaigns.paths, c.Path)
	}
	for _, p := range r.job.Inputs.Prospects {
		prospects.paths = append(prospects.paths, p.Path)
	}
	rates := entries{table: ratesTable}
	for _, x := range r.job.Inputs.Rates {
		if x.Path != "" {
			rates.paths = append(rates.paths, x.Path)
		}
	}
	return []entries{lines, aliases, attributes, campaigns, rates, prospects}
}
