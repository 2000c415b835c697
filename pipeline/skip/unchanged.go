// Package skip tells whether a run would publish the same again.
package skip

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"github.com/quintile-dev/quintile/pipeline/before"
	"github.com/quintile-dev/quintile/pipeline/config"
	"github.com/quintile-dev/quintile/pipeline/crm"
	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/fetch"
	"github.com/quintile-dev/quintile/pipeline/guard"
	"github.com/quintile-dev/quintile/pipeline/manifest"
	"github.com/quintile-dev/quintile/pipeline/place"
	"github.com/quintile-dev/quintile/pipeline/progress"
	"github.com/quintile-dev/quintile/pipeline/targets"
)

// Run describes the publication of a run, as far as is known before the run.
type Run struct {
	Job     *config.Job
	Version string // of the program
	Watch   *progress.Stages
	Place   place.Place
	Fetcher *fetch.Fetcher
	Before  []string // files of the run before that the run would read
}

// Reason is why a run must be done.
type Reason struct{ Text string }

func (r *Reason) Error() string { return r.Text }

func because(format string, args ...any) error { return &Reason{fmt.Sprintf(format, args...)} }

// Unchanged returns the published folder that a run would make anew, byte by byte but for the
// manifest. The error is a *Reason where the run must be done.
func (c *Run) Unchanged(ctx context.Context) (string, error) {
	// A kill may have left the folder under its other name.
	if err := place.Recover(c.Place.Folder()); err != nil {
		return "", because("clearing what an unfinished run left: %v", err)
	}
	candidates, err := c.replaced(ctx, c.Place.Folder())
	if err != nil {
		return "", err
	}
	var first error
	for _, folder := range candidates {
		err := c.unchangedSince(ctx, folder)
		var why *Reason
		if err == nil || !errors.As(err, &why) {
			return folder, err
		}
		if first == nil {
			first = err // of the publication that latest names
		}
	}
	return "", first
}

// unchangedSince looks whether a run would make a published folder anew. The error is a *Reason
// where the run would make another folder.
func (c *Run) unchangedSince(ctx context.Context, folder string) error {
	size, err := c.Place.FetchPublished(ctx, filepath.Base(folder))
	if err != nil {
		return exit.With(exit.NotWritten, err)
	}
	p, err := manifest.Read(folder)
	if err != nil {
		return because("%v", err)
	}
	if err := p.Check(folder, size); err != nil {
		return because("%v", err)
	}
	if err := c.madeAlike(ctx, p); err != nil {
		return err
	}
	if err := c.sameBefore(ctx, p); err != nil {
		return err
	}
	whole := p.Inputs // the outputs are verified against the manifest as it is
	p.Inputs, _ = before.Split(p.Inputs)
	err = c.sameInputs(ctx, p)
	p.Inputs = whole
	if err != nil {
		return err
	}
	if err := c.Place.Verify(ctx, folder, p); err != nil {
		return because("%v", err)
	}
	return nil
}

// sameBefore reports whether a run would go on from the same files as a publication did.
func (c *Run) sameBefore(ctx context.Context, p *manifest.Published) error {
	_, then := before.Split(p.Inputs)
	var now []manifest.Input
	if len(c.Before) > 0 {
		found, err := before.Find(ctx, c.Place, manifest.DayFolder(p.AsOf), c.Before, false)
		if err != nil {
			return because("%v", err)
		}
		if found != nil {
			now = found.Inputs
		}
	}
	if !slices.Equal(then, now) {
		return because("the run of an earlier day that this one goes on from has changed")
	}
	return nil
}

// replaced returns the published folders that the run could replace. With a scoring date in the
// job, this is the folder of the date. Without, the list has the folder that latest names, and
// then all other folders, the newest first. The line items decide the day in this case, and the
// day may be older than latest: a backfill leaves latest on a newer day.
func (c *Run) replaced(ctx context.Context, jobFolder string) ([]string, error) {
	latest, err := place.Latest(jobFolder)
	if err != nil {
		return nil, because("%v", err)
	}
	if latest == "" {
		return nil, because("nothing is published yet")
	}
	if asOf, named := c.Job.AsOfDay(); named {
		name := manifest.DayFolder(asOf.String())
		if filepath.Base(latest) < name {
			// A run was killed just before its end, or was never done: either way latest has
			// yet to move on to this day.
			return nil, because("the latest publication is of an earlier day, %s", filepath.Base(latest))
		}
		return []string{filepath.Join(jobFolder, name)}, nil
	}
	days, err := c.Place.Days(ctx)
	if err != nil {
		return nil, exit.With(exit.NotWritten, err)
	}
	folders := []string{latest}
	for _, name := range slices.Backward(days) {
		if name != filepath.Base(latest) {
			folders = append(folders, filepath.Join(jobFolder, name))
		}
	}
	return folders, nil
}

// madeAlike compares all that went into a publication, except the inputs.
func (c *Run) madeAlike(ctx context.Context, p *manifest.Published) error {
	sum, err := c.Job.Digest()
	if err != nil {
		return err
	}
	if p.ConfigSHA256 != sum {
		return because("the job has changed")
	}
	if p.Version != c.Version {
		return because("the program has changed: got version %s, published with %s", c.Version, p.Version)
	}
	g, err := guard.Open(ctx, c.Job.Privacy)
	if err != nil {
		return because("%v", err)
	}
	if !slices.Equal(g.Account.Digests(), p.Privacy.Digests()) {
		return because("a list of customers or the key of pseudonyms has changed")
	}
	bases, err := crm.Bases(ctx, c.Job, g, c.Place, manifest.DayFolder(p.AsOf), false)
	if err != nil {
		return because("%v", err)
	}
	_, lists, err := targets.Find(ctx, c.Job, c.Place, p.AsOf, false)
	if err != nil {
		return because("%v", err)
	}
	now := ""
	if lists != nil {
		now = lists.SHA256
	}
	if targets.Digest(p.Inputs) != now {
		return because("the lists of campaigns that an earlier run has drawn have changed")
	}
	one, each := crm.Accounts(c.Job, bases)
	if !one.Same(p.DeltaBase) || !maps.EqualFunc(each, p.DeltaBases, (*manifest.DeltaBase).Same) {
		return because("the run of an earlier day that the delta compares with has changed")
	}
	return nil
}
