package load

import (
	"context"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/place"
	"github.com/quintile-dev/quintile/pipeline/targets"
)

// ReadLists reads the lists of campaigns that the newest run of an earlier day has published at a place, where a step
// keeps lists, and joins them with what files say of campaigns. Erased customers are on no list.
//
// Errors: each has the exit code it calls for.
func (d *Data) ReadLists(ctx context.Context, at place.Place, asOf datasets.Day) error {
	path, in, err := targets.Find(ctx, d.Job, at, asOf.String(), true)
	if err != nil || in == nil {
		return err
	}
	if d.Lists, err = targets.Read(ctx, path); err != nil {
		return exit.With(exit.BadInput, err)
	}
	in.Rows = int64(len(d.Lists))
	if erased := d.Guard.Erases(); erased != nil {
		d.Lists = slices.DeleteFunc(d.Lists, func(t mining.Target) bool { return erased([]byte(t.Customer)) })
	}
	d.listsFrom = in
	d.Campaigns = targets.Join(d.Campaigns, d.Lists, d.Guard.Customer)
	return nil
}
