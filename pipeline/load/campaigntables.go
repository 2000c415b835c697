package load

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

// readCampaigns reads the files of campaigns, if the job names such files. The table may
// take a quarter of the memory budget, and the memory taken is deducted until the run
// ends.
func (d *Data) readCampaigns(ctx context.Context, sources []ingest.CampaignSource) error {
	if len(sources) == 0 {
		return nil
	}
	zone, err := d.Job.Zone()
	if err != nil {
		return exit.With(exit.Usage, err)
	}
	var read *ingest.TableReport
	err = d.Watch.Stage(campaignsTable, 0, "rows", func() (err error) {
		d.Campaigns, read, err = ingest.ReadCampaigns(ctx, sources, zone, d.identities, d.Budget/tableShare, func(rows int64) {
			d.Watch.Advance(campaignsTable, rows)
		})
		return err
	})
	if err != nil {
		return err
	}
	return d.takeTable(campaignsTable, read)
}

// readProspects does the same for the files of prospects.
func (d *Data) readProspects(ctx context.Context, sources []ingest.AttributeSource) error {
	if len(sources) == 0 {
		return nil
	}
	var read *ingest.TableReport
	err := d.Watch.Stage(prospectsTable, 0, "rows", func() (err error) {
		d.Prospects, read, err = ingest.ReadAttributes(ctx, sources, d.identities, d.Budget/tableShare, func(rows int64) {
			d.Watch.Advance(prospectsTable, rows)
		})
		return err
	})
	if err != nil {
		return err
	}
	for k, a := range d.Prospects.List() {
		if n := d.Prospects.Disagreeing(k); n > 0 {
			d.Warn("attributes_disagree", int(n), "%s differs between the rows of %d prospects and is missing for them", a.Name, n)
		}
	}
	return d.takeTable(prospectsTable, read)
}

// campaignWords describes the campaigns in the files.
func (d *Data) campaignWords() []string {
	return []string{fmt.Sprintf("%d customers in %d campaigns", d.Campaigns.Customers(), d.Campaigns.Names())}
}
