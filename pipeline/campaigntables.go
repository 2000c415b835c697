package pipeline

import (
	"context"
	"fmt"

	"github.com/quintile-dev/quintile/datasets/ingest"
	"github.com/quintile-dev/quintile/pipeline/exit"
)

// The names of the tables of campaigns and of prospects.
const (
	campaignsTable = "campaigns"
	prospectsTable = "prospects"
)

// readCampaigns reads the files of campaigns, if the job names any. The table may take a
// quarter of the memory budget, and what it takes is out of it until the run ends.
func (r *run) readCampaigns(ctx context.Context, sources []ingest.CampaignSource) error {
	if len(sources) == 0 {
		return nil
	}
	zone, err := r.job.Zone()
	if err != nil {
		return exit.With(exit.Usage, err)
	}
	var read *ingest.TableReport
	err = r.watch.Stage(campaignsTable, 0, "rows", func() (err error) {
		r.campaigns, read, err = ingest.ReadCampaigns(ctx, sources, zone, r.identities, r.budget/tableShare, func(rows int64) {
			r.watch.Advance(campaignsTable, rows)
		})
		return err
	})
	if err != nil {
		return err
	}
	return r.takeTable(campaignsTable, read)
}

// readProspects does the same for the files of prospects.
func (r *run) readProspects(ctx context.Context, sources []ingest.AttributeSource) error {
	if len(sources) == 0 {
		return nil
	}
	var read *ingest.TableReport
	err := r.watch.Stage(prospectsTable, 0, "rows", func() (err error) {
		r.prospects, read, err = ingest.ReadAttributes(ctx, sources, r.identities, r.budget/tableShare, func(rows int64) {
			r.watch.Advance(prospectsTable, rows)
		})
		return err
	})
	if err != nil {
		return err
	}
	for k, a := range r.prospects.List() {
		if n := r.prospects.Disagreeing(k); n > 0 {
			r.warn("attributes_disagree", int(n), "%s differs between the rows of %d prospects and is missing for them", a.Name, n)
		}
	}
	return r.takeTable(prospectsTable, read)
}

// campaignWords says what the files tell of campaigns.
func (r *run) campaignWords() []string {
	return []string{fmt.Sprintf("%d customers in %d campaigns", r.campaigns.Customers(), r.campaigns.Names())}
}
