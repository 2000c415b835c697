// Package place holds the destination of a job's results, a folder of this machine or
// in an object store: a run takes the place, fills a stage, and makes the stage visible
// in one step.
package place

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"github.com/quintile-dev/quintile/pipeline/config"
	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/manifest"
	"github.com/quintile-dev/quintile/pipeline/progress"
	"github.com/quintile-dev/quintile/pipeline/tempdir"
)

// Place is the destination of a job's results: a folder of this machine, or in an object
// store. One run at a time holds the place, from open to Close. A run always works in
// Folder.
type Place interface {
	// Folder returns the folder in which a run works: the job's own, or a mirror of the
	// folder in the store. A mirror holds only the requested published files.
	Folder() string

	// Name returns the outside name of a published folder: path or URL.
	Name(folder string) string

	// FetchBase brings into Folder the files for FindBase: from the newest folder before
	// name with the file, this file, the files beside it and the manifest. Unless whole
	// is set, an empty file may replace the file.
	FetchBase(ctx context.Context, name, file string, beside []string, whole bool) error

	// FetchPublished brings the manifest of a published folder into Folder, and returns
	// a function for the sizes of its files.
	FetchPublished(ctx context.Context, name string) (manifest.SizeOf, error)

	// Days returns the names of the published folders, the oldest first.
	Days(ctx context.Context) ([]string, error)

	// Verify compares the files of a published folder with the checksums of its manifest,
	// unless the place itself has checksums.
	Verify(ctx context.Context, folder string, p *manifest.Published) error

	// Publish makes a stage visible under its name, and returns its folder. Until then an
	// earlier publication stays unchanged.
	Publish(ctx context.Context, s *Stage, watch *progress.Stages) (folder string, err error)

	// PublishFailed leaves the account of a failed run: the files of a stage with the
	// given names, written in order, in place of the files of an earlier failure.
	PublishFailed(ctx context.Context, s *Stage, names []string) error

	// RemoveFailed removes the account of a failed run: the files with the given names.
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

func (l *local) Days(context.Context) ([]string, error) {
	entries, err := os.ReadDir(l.folder)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return daysAmong(names), nil
}

// daysAmong returns the names that published folders have, the oldest first.
func daysAmong(names []string) []string {
	days := slices.DeleteFunc(names, func(name string) bool { return !strings.HasPrefix(name, manifest.DayPrefix) })
	slices.Sort(days)
	return days
}

func (l *local) Verify(ctx context.Context, folder string, p *manifest.Published) error {
	return p.Verify(ctx, folder, p.Outputs...)
}

func (l *local) Publish(_ context.Context, s *Stage, _ *progress.Stages) (string, error) {
	return publishStage(s, l.log)
}

// publishStage publishes a stage in its present folder.
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
