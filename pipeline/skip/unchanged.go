// Package skip tells whether a run would repeat the present publication.
package skip

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

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

// Run describes the results of a run, as far as known beforehand.
type Run struct {
	Job     *config.Job
	Version string // of the program
	Watch   *progress.Stages
	Place   place.Place
	Fetcher *fetch.Fetcher
}

// Reason is why a run must be done.
type Reason struct{ Text string }

func (r *Reason) Error() string { return r.Text }

func because(format string, args ...any) error { return &Reason{fmt.Sprintf(format, args...)} }

// Unchanged returns the published folder that a run would repeat byte by byte,
// except the manifest. The error is a *reason where the run must be done.
func (c *Run) Unchanged(ctx context.Context) (string, error) {
	// A kill may have left the folder under another name.
	if err := place.Recover(c.Place.Folder()); err != nil {
		return "", because("clearing what an unfinished run left: %v", err)
	}
	folder, err := c.replaced(c.Place.Folder())
	if err != nil {
		return "", err
	}
	size, err := c.Place.FetchPublished(ctx, filepath.Base(folder))
	if err != nil {
		return "", exit.With(exit.NotWritten, err)
	}
	p, err := manifest.Read(folder)
	if err != nil {
		return "", because("%v", err)
	}
	if err := p.Check(folder, size); err != nil {
		return "", because("%v", err)
	}
	if err := c.Place.Verify(ctx, folder, p); err != nil {
		return "", because("%v", err)
	}
	if err := c.madeAlike(ctx, p); err != nil {
		return "", err
	}
	return folder, c.sameInputs(ctx, p)
}

// replaced returns the published folder to be replaced by the run.
func (c *Run) replaced(jobFolder string) (string, error) {
	latest, err := place.Latest(jobFolder)
	if err != nil {
		return "", because("%v", err)
	}
	if latest == "" {
		return "", because("nothing is published yet")
	}
	asOf, named := c.Job.AsOfDay()
	if !named {
		return latest, nil
	}
	name := manifest.DayFolder(asOf.String())
	if filepath.Base(latest) < name {
		// The run was killed just before its end, or never done: in both cases
		// latest must still move to this day.
		return "", because("the latest publication is of an earlier day, %s", filepath.Base(latest))
	}
	return filepath.Join(jobFolder, name), nil
}

// madeAlike compares the data that shaped a publication beside the inputs.
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
