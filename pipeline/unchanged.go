package pipeline

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"github.com/quintile-dev/quintile/pipeline/config"
	"github.com/quintile-dev/quintile/pipeline/exit"
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
	return r.locked(ctx, func(jobFolder string) (*Result, error) {
		folder, err := r.unchanged(ctx, jobFolder)
		var why *reason
		switch {
		case errors.As(err, &why):
			r.env.Log.Info().Str("reason", why.text).Msg("something to do")
			return r.do(ctx, jobFolder)
		case err != nil:
			return nil, err
		}
		folder = r.published(folder)
		r.env.Log.Info().Str("folder", folder).Msg(UnchangedMessage)
		return &Result{Folder: folder, Unchanged: true}, nil
	})
}

// reason is why a run must be done.
type reason struct{ text string }

func (r *reason) Error() string { return r.text }

func because(format string, args ...any) error { return &reason{fmt.Sprintf(format, args...)} }

// unchanged returns the published folder that a run would make anew, byte by
// byte but for the manifest. Its error is a *reason where the run must be done.
func (r *run) unchanged(ctx context.Context, jobFolder string) (string, error) {
	// A kill may have left the folder under its other name.
	if err := recoverFolder(jobFolder); err != nil {
		return "", because("clearing what an unfinished run left: %v", err)
	}
	folder, err := r.replaced(jobFolder)
	if err != nil {
		return "", err
	}
	size := sizesIn(folder)
	if r.remote != nil {
		if size, err = r.remote.fetchPublication(ctx, filepath.Base(folder)); err != nil {
			return "", exit.With(exit.NotWritten, err)
		}
	}
	p, err := readPublication(folder)
	if err != nil {
		return "", because("%v", err)
	}
	if err := p.check(folder, size); err != nil {
		return "", because("%v", err)
	}
	if r.remote == nil { // the store has checksums of its own
		if err := p.verify(ctx, folder, p.Outputs...); err != nil {
			return "", because("%v", err)
		}
	}
	if err := r.madeAlike(ctx, p, jobFolder); err != nil {
		return "", err
	}
	return folder, r.sameInputs(ctx, p)
}

// replaced returns the published folder that the run would replace.
func (r *run) replaced(jobFolder string) (string, error) {
	latest, err := Latest(jobFolder)
	if err != nil {
		return "", because("%v", err)
	}
	if latest == "" {
		return "", because("nothing is published yet")
	}
	asOf, named := r.job.AsOfDay()
	if !named {
		return latest, nil
	}
	name := dayName(asOf.String())
	if filepath.Base(latest) < name {
		// A run that was killed just before its end, or was never done: either
		// way latest has yet to move on to this day.
		return "", because("the latest publication is of an earlier day, %s", filepath.Base(latest))
	}
	return filepath.Join(jobFolder, name), nil
}

// madeAlike compares what went into a publication beside its inputs.
func (r *run) madeAlike(ctx context.Context, p *publication, jobFolder string) error {
	sum, err := r.job.Digest()
	if err != nil {
		return err
	}
	if p.ConfigSHA256 != sum {
		return because("the job has changed")
	}
	if p.Version != r.env.Version {
		return because("the program has changed: got version %s, published with %s", r.env.Version, p.Version)
	}
	if r.guard, err = r.openGuard(ctx); err != nil {
		return because("%v", err)
	}
	if !slices.Equal(r.guard.account.digests(), p.Privacy.digests()) {
		return because("a list of customers or the key of pseudonyms has changed")
	}
	bases, err := r.findBases(ctx, jobFolder, dayName(p.AsOf), false)
	if err != nil {
		return because("%v", err)
	}
	one, each := r.accounts(bases)
	if !one.same(p.DeltaBase) || !maps.EqualFunc(each, p.DeltaBases, (*DeltaBase).same) {
		return because("the run of an earlier day that the delta compares with has changed")
	}
	return nil
}

// same reports whether two deltas compare with the same.
func (b *DeltaBase) same(other *DeltaBase) bool {
	if b == nil || other == nil {
		return b == other
	}
	return *b == *other && b.SHA256 != ""
}
