package targets

import (
	"context"
	"os"
	"path/filepath"
	"slices"

	"github.com/quintile-dev/quintile/pipeline/config"
	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/manifest"
	"github.com/quintile-dev/quintile/pipeline/place"
)

// table is the name, in a manifest, of the lists read by a run.
const table = "lists"

// keeper is implemented by settings of a step that keeps and measures the lists of campaigns
// drawn by earlier runs of the job.
type keeper interface{ KeepsLists() bool }

// kept reports whether a step of the job does.
func kept(job *config.Job) bool {
	for _, w := range job.Steps.Wanted() {
		if k, ok := w.Settings.(keeper); ok && k.KeepsLists() {
			return true
		}
	}
	return false
}

// Find finds the lists for the run of a day: the lists of the newest folder before, verified if to be read. The input
// is nil without such lists, or if no step of the job keeps lists.
//
// Errors: each error has its exit code.
func Find(ctx context.Context, job *config.Job, at place.Place, day string, read bool) (path string, in *manifest.Input, err error) {
	if !kept(job) {
		return "", nil, nil
	}
	base, err := place.FindBase(ctx, at, manifest.DayFolder(day), Name, nil, read, "the lists of campaigns come from")
	if err != nil || base.Path == "" {
		return "", nil, err
	}
	in = &manifest.Input{Path: filepath.Base(filepath.Dir(base.Path)) + "/" + Name, Table: table, SHA256: base.Account.SHA256}
	if !read {
		return base.Path, in, nil
	}
	info, err := os.Stat(base.Path)
	if err != nil {
		return "", nil, exit.With(exit.BadInput, err)
	}
	in.Bytes = info.Size()
	return base.Path, in, nil
}

// Without returns inputs without the table of lists.
func Without(inputs []manifest.Input) []manifest.Input {
	return slices.DeleteFunc(slices.Clone(inputs), func(in manifest.Input) bool { return in.Table == table })
}

// Digest returns the checksum of the table of lists among inputs, "" for none.
func Digest(inputs []manifest.Input) string {
	at := slices.IndexFunc(inputs, func(in manifest.Input) bool { return in.Table == table })
	if at < 0 {
		return ""
	}
	return inputs[at].SHA256
}
