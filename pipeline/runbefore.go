package pipeline

import (
	"context"

	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/pipeline/before"
	"github.com/quintile-dev/quintile/pipeline/manifest"
)

// askedOfBefore returns the files of the run before that the run reads.
func (r *run) askedOfBefore() []string {
	if r.env.FromScratch {
		return nil
	}
	return before.Asked(r.Job.Steps.Wanted(), func(step string) bool { return r.Models[step] != nil })
}

// findBefore finds the run before, and reads the requested models of the run before.
func (r *run) findBefore(ctx context.Context) error {
	files := r.askedOfBefore()
	if len(files) == 0 || r.place == nil { // a check has no place
		return nil
	}
	found, err := before.Find(ctx, r.place, manifest.DayFolder(r.AsOf.String()), files, true)
	if err != nil || found == nil {
		return err
	}
	unread := func(file string, err error) {
		r.Data.Warn("before_not_read", 1, "%s of the run before, of %s, cannot be gone on from: %v", file, found.AsOf, err)
	}
	models, err := found.Models(unread)
	if err != nil {
		return err
	}
	if r.spreadBefore, err = found.Reference(unread); err != nil {
		return err
	}
	r.before, r.Data.Before = found, found.Inputs
	r.Known.Before = &mining.Before{AsOf: found.AsOf, Models: models}
	return nil
}
