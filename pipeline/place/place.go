// Package place is where the results of a job go, a folder of this machine or one in an
// object store: how a run takes it, fills a stage, and makes it visible in one step.
package place

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/rs/zerolog"

	"github.com/quintile-dev/quintile/pipeline/config"
	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/manifest"
	"github.com/quintile-dev/quintile/pipeline/progress"
	"github.com/quintile-dev/quintile/pipeline/tempdir"
)

// Place is where the results of a job go: a folder of this machine, or one in an object
// store. One run at a time holds it, from open to Close. A run works in Folder, whatever
// the place is.
type Place interface {
	// Folder returns the folder in which a run works: the job's own, or a mirror of the
	// one in the store. Of what is published a mirror holds what was asked for.
	Folder() string

	// Name returns how others name a published folder: its path or its URL.
	Name(folder string) string

	// FetchBase brings into Folder what findBase looks at: of the newest folder before
	// name that has the file, this file, those beside it and the manifest. Where whole is
	// not set, an empty file may stand in for it.
	FetchBase(ctx context.Context, name, file string, beside []string, whole bool) error

	// FetchPublished brings the manifest of a published folder into Folder, and returns
	// what tells the sizes of its files.
	FetchPublished(ctx context.Context, name string) (manifest.SizeOf, error)

	// Verify compares the files of a published folder with the checksums of its manifest,
	// unless the place has checksums of its own.
	Verify(ctx context.Context, folder string, p *manifest.Published) error

	// Publish makes a stage visible under its name, and returns its folder. Until then an
	// earlier publication stays as it is.
	Publish(ctx context.Context, s *Stage, watch *progress.Stages) (folder string, err error)

	// PublishFailed leaves the account of a run that failed: the files of a stage with
	// these names, written in their order, in place of those of an earlier one.
	PublishFailed(ctx context.Context, s *Stage, names []string) error

	// RemoveFailed removes the account of a run that failed: the files with these names.
	RemoveFailed(ctx context.Context, names []string) error

	// Close gives the place up.
	Close(ctx context.Context) error
}

// failedName is the folder beside the published ones with the account of the last
// failed run.
const failedName = "failed"

// Open opens the place of a job for one run.
//
// Errors: with the code Locked where another run holds it.
func Open(ctx context.Context, job *config.Job, now time.Time, log zerolog.Logger) (Place, error) {
	where, isURL, err := job.Place()
	switch {
	case err != nil:
		return nil, exit.Errorf(exit.Usage, "output: %w", err)
	case isURL:
		return openRemote(ctx, where, job.Job, now, log)
	}
	folder := filepath.Join(job.Output, job.Job)
	unlock, err := tempdir.Lock(folder)
	if err != nil {
		return nil, err
	}
	return &local{folder: folder, unlock: unlock, log: log}, nil
}

// local is a folder of this machine.
type local struct {
	folder string
	unlock func() error
	log    zerolog.Logger
}

func (l *local) Folder() string { return l.folder }

func (l *local) Name(folder string) string { return folder }

func (l *local) FetchBase(context.Context, string, string, []string, bool) error { return nil }

func (l *local) FetchPublished(_ context.Context, name string) (manifest.SizeOf, error) {
	return manifest.SizesIn(filepath.Join(l.folder, name)), nil
}

func (l *local) Verify(ctx context.Context, folder string, p *manifest.Published) error {
	return p.Verify(ctx, folder, p.Outputs...)
}

func (l *local) Publish(_ context.Context, s *Stage, _ *progress.Stages) (string, error) {
	return publishStage(s, l.log)
}

// publishStage publishes a stage in the folder in which it is.
func publishStage(s *Stage, log zerolog.Logger) (string, error) {
	folder, err := s.publish()
	if err == nil && s.left != nil {
		log.Warn().Err(s.left).Msg("what was replaced is left for the next run to remove")
	}
	return folder, err
}

func (l *local) PublishFailed(_ context.Context, s *Stage, _ []string) error {
	if err := s.replace(filepath.Join(l.folder, failedName), filepath.Join(l.folder, oldPrefix+failedName)); err != nil {
		return err
	}
	return s.left
}

func (l *local) RemoveFailed(context.Context, []string) error {
	return os.RemoveAll(filepath.Join(l.folder, failedName))
}

func (l *local) Close(context.Context) error { return l.unlock() }

// OpenFailed makes an empty stage for the account of a run that failed.
func OpenFailed(folder string, workers int) (*Stage, error) {
	s := &Stage{job: folder, Name: failedName, Path: filepath.Join(folder, stagePrefix+failedName), workers: workers}
	return s, errors.Join(os.RemoveAll(s.Path), os.Mkdir(s.Path, 0o700))
}
