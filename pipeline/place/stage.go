package place

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/fetch"
	"github.com/quintile-dev/quintile/pipeline/manifest"
)

// The names in the folder of a job.
const (
	stagePrefix = ".staging-"
	oldPrefix   = ".replaced-"
	latestName  = "latest"
)

// Stage is the folder in which a run's output is assembled, beside the place of
// publication. No part is visible before publish.
type Stage struct {
	job     string // folder of the job
	Name    string // of the published folder
	Path    string
	workers int

	left error // of what was replaced and could not be removed

	mu      sync.Mutex        // tables are sealed side by side
	Outputs []manifest.Output // sorted by path
}

// OpenStage makes an empty stage, after recovering from a killed run. The given
// number of workers write and check a table.
func OpenStage(jobFolder string, asOf datasets.Day, workers int) (*Stage, error) {
	if err := Recover(jobFolder); err != nil {
		return nil, exit.Errorf(exit.NotWritten, "clearing what an unfinished run left: %w", err)
	}
	name := manifest.DayFolder(asOf.String())
	path := filepath.Join(jobFolder, stagePrefix+name)
	if err := os.Mkdir(path, 0o700); err != nil {
		return nil, exit.Errorf(exit.NotWritten, "making the staging folder: %w", err)
	}
	return &Stage{job: jobFolder, Name: name, Path: path, workers: workers}, nil
}

// Recover removes stages and fetched inputs, restores or removes a folder in the middle of replacement, and moves
// latest to the newest day. recoverFolder is called under the lock, while no inputs are in use.
func Recover(jobFolder string) error {
	entries, err := os.ReadDir(jobFolder)
	if err != nil {
		return err
	}
	for _, e := range entries {
		path := filepath.Join(jobFolder, e.Name())
		switch {
		case strings.HasPrefix(e.Name(), stagePrefix), strings.HasPrefix(e.Name(), fetch.Prefix):
			err = os.RemoveAll(path)
		case strings.HasPrefix(e.Name(), oldPrefix):
			target := filepath.Join(jobFolder, strings.TrimPrefix(e.Name(), oldPrefix))
			if _, missing := os.Stat(target); errors.Is(missing, fs.ErrNotExist) {
				err = os.Rename(path, target)
			} else {
				err = os.RemoveAll(path)
			}
		}
		if err != nil {
			return err
		}
	}
	return mendLatest(jobFolder)
}

// Create makes a file of the output, and its folder, and returns its path.
func (s *Stage) Create(name string) (string, error) {
	path := filepath.Join(s.Path, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", exit.Errorf(exit.NotWritten, "writing %s: %w", name, err)
	}
	return path, nil
}

// Write makes a file with the given contents.
func (s *Stage) Write(name string, text []byte) error {
	path, err := s.Create(name)
	if err != nil {
		return err
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		return exit.Errorf(exit.NotWritten, "writing %s: %w", name, err)
	}
	return nil
}

// Seal reads a finished file back, checks the contents and enters the file into
// the manifest. rows is the number of rows written, -1 for a file without rows.
func (s *Stage) Seal(name string, rows int64, check func(path string, rows int64) error) error {
	path := filepath.Join(s.Path, filepath.FromSlash(name))
	var size int64
	var sum string
	err := bothOf(
		func() error {
			if check == nil {
				return nil
			}
			return check(path, rows)
		},
		func() (err error) {
			size, sum, err = Digest(path)
			return err
		},
	)
	if err != nil {
		return exit.Errorf(exit.NotWritten, "reading back %s: %w", name, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Outputs = append(s.Outputs, manifest.Output{Path: name, Rows: max(rows, 0), Bytes: size, SHA256: sum})
	slices.SortFunc(s.Outputs, func(a, b manifest.Output) int { return strings.Compare(a.Path, b.Path) })
	return nil
}

// bothOf does two things side by side and returns what went wrong with either.
func bothOf(one, other func() error) error {
	failed := make(chan error, 1)
	go func() { failed <- other() }()
	err := one()
	return errors.Join(err, <-failed)
}

// bytes returns the size of all outputs together.
func (s *Stage) bytes() int64 {
	total := int64(0)
	for _, o := range s.Outputs {
		total += o.Bytes
	}
	return total
}

// Digest flushes a file to disk and returns its size and SHA-256.
func Digest(path string) (size int64, sum string, err error) {
	file, err := os.Open(path)
	if err != nil {
		return 0, "", err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if err := file.Sync(); err != nil {
		return 0, "", err
	}
	h := sha256.New()
	if size, err = io.Copy(h, file); err != nil {
		return 0, "", err
	}
	return size, hex.EncodeToString(h.Sum(nil)), nil
}

// publish makes the staged folder visible under its name in one step, in place of
// an earlier folder, and points latest at the newest day.
//
// Errors: an error before the step leaves everything unchanged. An error after the
// step, possible only for renames and flushes, tells the published and the
// unpublished parts.
func (s *Stage) publish() (string, error) {
	for _, folder := range s.folders() {
		if err := syncFolder(folder); err != nil {
			return "", exit.Errorf(exit.NotWritten, "publishing: %w", err)
		}
	}
	target := filepath.Join(s.job, s.Name)
	latest, err := newest(s.job)
	if err != nil {
		return "", exit.Errorf(exit.NotWritten, "publishing %s: %w", target, err)
	}
	staged, err := stageLatest(s.job, max(latest, s.Name))
	if err != nil {
		return "", exit.Errorf(exit.NotWritten, "publishing %s: %w", target, err)
	}
	if err := s.replace(target, filepath.Join(s.job, oldPrefix+s.Name)); err != nil {
		return "", exit.Errorf(exit.NotWritten, "publishing %s: %w", target, errors.Join(err, os.Remove(staged)))
	}
	if err := pointLatest(s.job, staged); err != nil {
		return "", exit.Errorf(exit.NotWritten, "%s is published and whole, but pointing %s to it: %w; the next run of the job does it",
			target, filepath.Join(s.job, latestName), err)
	}
	return target, nil
}

func (s *Stage) folders() []string {
	var all []string
	_ = filepath.WalkDir(s.Path, func(path string, e fs.DirEntry, err error) error { // errors show when syncing
		if err == nil && e.IsDir() {
			all = append(all, path)
		}
		return nil
	})
	slices.Reverse(all)
	return all
}

// replace puts the stage at target. Where the system can, an earlier target is swapped
// out in one step. Otherwise, a kill between two renames leaves the earlier folder
// under another name, and the next run restores the name. Parts of the earlier folder
// that cannot be removed are noted in s.left, for the next run to remove.
func (s *Stage) replace(target, aside string) error {
	_, err := os.Stat(target)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return os.Rename(s.Path, target)
	case err != nil:
		return err
	case exchange(s.Path, target) == nil:
		s.left = os.RemoveAll(s.Path) // the earlier one, now
		return nil
	}
	if err := os.Rename(target, aside); err != nil {
		return err
	}
	if err := os.Rename(s.Path, target); err != nil {
		return errors.Join(err, os.Rename(aside, target))
	}
	s.left = os.RemoveAll(aside)
	return nil
}

// Discard removes a stage that will not be published.
func (s *Stage) Discard() error { return os.RemoveAll(s.Path) }

func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
