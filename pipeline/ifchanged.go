package pipeline

import (
	"context"
	"errors"

	"github.com/quintile-dev/quintile/pipeline/config"
	"github.com/quintile-dev/quintile/pipeline/skip"
)

// UnchangedMessage says why there is nothing to do.
const UnchangedMessage = "nothing to do: what is published was made from the same job and input files"

// RunIfChanged does the job as Run does, unless that would publish the same
// again: then it loads nothing, leaves what is published as it is, and returns
// its folder with Unchanged set.
//
// Compared is with the publication of the job's scoring date or, where the job
// names none, with the latest. It is the same if it is whole and was made by
// this version of the program, with the same effective job, from files with the
// same contents under whatever names, and compared with the same earlier run for
// its delta. With a kept history, all that the history holds must be in it, and
// the history must know every file. Whatever cannot be told is a reason to run,
// and a fault that a run would find is left for the run to report.
//
// Errors: those of Run.
//
// Cost: reads each file once for its checksum, and none where the job, the
// number of files or the size of one tells already. Of files in an object store
// those alone are fetched whose name, size and ETag the publication has not.
func RunIfChanged(ctx context.Context, job config.Job, env Env) (*Result, error) {
	r := newRun(job, env)
	return r.locked(ctx, func() (*Result, error) {
		c := skip.Run{Job: r.Job, Version: env.Version, Watch: r.Watch, Place: r.place, Fetcher: r.Data.Fetcher}
		folder, err := c.Unchanged(ctx)
		var why *skip.Reason
		switch {
		case errors.As(err, &why):
			r.env.Log.Info().Str("reason", why.Text).Msg("something to do")
			return r.do(ctx)
		case err != nil:
			return nil, err
		}
		folder = r.place.Name(folder)
		r.env.Log.Info().Str("folder", folder).Msg(UnchangedMessage)
		return &Result{Folder: folder, Unchanged: true}, nil
	})
}
