package crm

import (
	"context"

	"github.com/quintile-dev/quintile/pipeline/config"
	"github.com/quintile-dev/quintile/pipeline/export"
	"github.com/quintile-dev/quintile/pipeline/guard"
	"github.com/quintile-dev/quintile/pipeline/manifest"
	"github.com/quintile-dev/quintile/pipeline/place"
)

// baseFiles returns the file of an earlier run compared with by the delta of a system, and
// the other files of the run that the delta needs.
func baseFiles(entry config.CRM, g *guard.Guard) (file string, beside []string) {
	folder := folderOfAll + entry.Folder() + "/"
	t := entry.Target(nil, nil)
	g.Protect(&t) // pseudonyms need a file of their own
	if entry.FullEvery > 1 {
		beside = []string{folder + export.ManifestName}
	}
	return folder + t.Base(entry.FullEvery == 1), beside
}

// Bases finds the bases of the deltas in the folder called name, in the order of the systems of
// a job. If the bases are not read, only their account is valid for an object store.
func Bases(ctx context.Context, job *config.Job, g *guard.Guard, at place.Place, name string, read bool) ([]place.Base, error) {
	var all []place.Base
	for _, entry := range job.CRM() {
		file, beside := baseFiles(entry, g)
		base, err := place.FindBase(ctx, at, name, file, beside, read, "the delta compares with")
		if err != nil {
			return nil, err
		}
		all = append(all, base)
	}
	return all, nil
}

// Accounts returns the names of the bases in a manifest: a single base for a job without
// systems, else each base by its folder.
func Accounts(job *config.Job, bases []place.Base) (one *manifest.DeltaBase, each map[string]*manifest.DeltaBase) {
	if job.Publish.CRM == nil {
		return bases[0].Account, nil
	}
	each = map[string]*manifest.DeltaBase{}
	for i, entry := range job.CRM() {
		each[entry.Folder()] = bases[i].Account
	}
	return nil, each
}
