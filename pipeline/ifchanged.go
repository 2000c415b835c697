package pipeline

import (
	"context"
	"errors"

	"github.com/quintile-dev/quintile/pipeline/config"
	"github.com/quintile-dev/quintile/pipeline/skip"
)

// UnchangedMessage says why there is nothing to do.
const UnchangedMessage = "nothing to do: what is published was made from the same job and input files"

// RunIfChanged does the job like Run, unless a run would publish the same again:
// then nothing is loaded, the publication stays unchanged, and its folder is
// returned with Unchanged set.
//
// The comparison is with the publication of the job's scoring date or, without
// such a date in the job, with the latest. A publication is the same if it is
// complete and was made by this version of the program, with the same effective
// job, from files with the same contents under any names, and with the same base
// for its delta. With a kept history, the publication must include all data of
// the history, and the history must know every file. Any doubt is a reason to
// run, and faults are left for the run to report.
//
// Errors: those of Run.
//
// Cost: each file is read once for its checksum, and no file is read where the
// job, the number of files or the size of a file decides already. From an object
// store, only files with a name, size or ETag unknown to the publication are
// fetched.
func RunIfChanged(ctx context.Context, job config.Job, env Env) (*Result, error) {
	r := newRun(job, env)
	return r.locked(ctx, func() (*Result, error) {
		c := skip.Run{Job: r.Job, Version: env.Version, Watch: r.Watch, Place: r.place, Fetcher: r.Data.Fetcher, Before: r.askedOfBefore()}
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
