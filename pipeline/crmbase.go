package pipeline

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/quintile-dev/quintile/pipeline/config"
	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/export"
)

// deltaBase is the file that a delta compares with, "" for none, and how
// the manifest names it.
type deltaBase struct {
	path    string
	account *DeltaBase
}

// baseFiles returns the file of an earlier run that the delta of a system compares with, and
// what else of that run it needs.
func (r *run) baseFiles(entry config.CRM) (file string, beside []string) {
	folder := crmFolder + entry.Folder() + "/"
	t := entry.Target(nil, nil)
	r.guard.protect(&t) // pseudonyms need a file of their own
	if entry.FullEvery > 1 {
		beside = []string{folder + export.ManifestName}
	}
	return folder + t.Base(entry.FullEvery == 1), beside
}

// findBases finds what the deltas of the folder called name compare with, in the order of
// the systems. Where they are not to be read, only the account of them is right for an object store.
func (r *run) findBases(ctx context.Context, jobFolder, name string, read bool) ([]deltaBase, error) {
	var all []deltaBase
	for _, entry := range r.job.CRM() {
		file, beside := r.baseFiles(entry)
		if r.remote != nil {
			if err := r.remote.fetchBase(ctx, name, file, beside, read); err != nil {
				return nil, exit.With(exit.NotWritten, err)
			}
		}
		base, err := findBase(ctx, jobFolder, name, file, beside, read)
		if err != nil {
			return nil, err
		}
		all = append(all, base)
	}
	return all, nil
}

// findBase finds it in the folder of a job, and compares it with its checksum if it
// is to be read.
func findBase(ctx context.Context, jobFolder, name, file string, beside []string, read bool) (deltaBase, error) {
	path, err := earlierFile(jobFolder, name, file)
	if err != nil {
		return deltaBase{}, exit.Errorf(exit.NotWritten, "finding the run before: %w", err)
	}
	if path == "" {
		return deltaBase{}, nil
	}
	folder := strings.TrimSuffix(path, filepath.FromSlash("/"+file))
	account := &DeltaBase{AsOf: strings.TrimPrefix(filepath.Base(folder), dayPrefix)}
	p, err := readPublication(folder)
	if err != nil {
		return deltaBase{}, exit.Errorf(exit.BadInput, "the run that the delta compares with: %w; restore its folder from a copy, or remove it", err)
	}
	var needed []Output
	for _, name := range append([]string{file}, beside...) {
		o, ok := p.output(name)
		if !ok {
			return deltaBase{}, exit.Errorf(exit.BadInput, "%s: got a file that the manifest of that run does not have; restore the folder from a copy, or remove it",
				filepath.Join(folder, filepath.FromSlash(name)))
		}
		needed = append(needed, o)
	}
	account.SHA256 = needed[0].SHA256
	if read {
		if err := p.verify(ctx, folder, needed...); err != nil {
			return deltaBase{}, exit.With(exit.BadInput, fmt.Errorf("the run that the delta compares with: %w", err))
		}
	}
	return deltaBase{path, account}, nil
}

// accounts returns how a manifest names what the deltas compare with: for a job that names
// no systems the one, else each by its folder.
func (r *run) accounts(bases []deltaBase) (one *DeltaBase, each map[string]*DeltaBase) {
	if r.job.Publish.CRM == nil {
		return bases[0].account, nil
	}
	each = map[string]*DeltaBase{}
	for i, entry := range r.job.CRM() {
		each[entry.Folder()] = bases[i].account
	}
	return nil, each
}

// earlierFile returns a file of the newest run of an earlier day that is
// published, "" where there is none. Runs of the same day do not count: a run
// that is repeated compares with what its first try compared with.
func earlierFile(jobFolder, name, file string) (string, error) {
	entries, err := os.ReadDir(jobFolder)
	if err != nil {
		return "", err
	}
	var days []string
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), dayPrefix) && e.Name() < name {
			days = append(days, e.Name())
		}
	}
	slices.Sort(days)
	for _, day := range slices.Backward(days) {
		path := filepath.Join(jobFolder, day, filepath.FromSlash(file))
		_, err := os.Stat(path)
		if err == nil {
			return path, nil
		}
		if !errors.Is(err, os.ErrNotExist) {
			return "", err
		}
	}
	return "", nil
}
