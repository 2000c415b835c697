package load

import (
	"context"

	"github.com/quintile-dev/quintile/datasets/history"
	"github.com/quintile-dev/quintile/datasets/ingest"
	"github.com/quintile-dev/quintile/datasets/pgio"
)

// fetchQueries reads tables and queries of servers into files of the run.
func (d *Data) fetchQueries(ctx context.Context, sources []*ingest.Source, folder *history.Folder) error {
	var names []string // of what a kept history has taken in
	if folder != nil {
		for _, in := range folder.Inputs() {
			names = append(names, in.Path)
		}
	}
	for _, s := range sources {
		if !pgio.IsURL(s.Path) {
			continue
		}
		q := pgio.Query{URL: s.Path, Password: d.Job.Password(s.Path), Table: s.Table, SQL: s.Query, Since: s.Since}
		file, rows, err := d.Fetcher.Query(ctx, q, names)
		if err != nil {
			return err
		}
		if s.Files = []ingest.File{file}; rows == 0 && s.Since != "" { // nothing is new
			s.Files = []ingest.File{}
		}
	}
	return nil
}
