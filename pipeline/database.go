package pipeline

import (
	"context"
	"os"
	"path/filepath"
	"strconv"

	"github.com/quintile-dev/quintile/datasets/history"
	"github.com/quintile-dev/quintile/datasets/ingest"
	"github.com/quintile-dev/quintile/datasets/pgio"
	"github.com/quintile-dev/quintile/pipeline/exit"
)

// fetchQueries reads what sources name of a server into files of the run.
func (r *run) fetchQueries(ctx context.Context, sources []*ingest.Source, folder *history.Folder) error {
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
		q := pgio.Query{URL: s.Path, Password: r.job.Password(s.Path), Table: s.Table, SQL: s.Query, Since: s.Since}
		file, rows, err := r.fetcher.query(ctx, q, names)
		if err != nil {
			return err
		}
		if s.Files = []ingest.File{file}; rows == 0 && s.Since != "" { // nothing is new
			s.Files = []ingest.File{}
		}
	}
	return nil
}

// query reads a query into a file of the temporary folder, but for the rows that are known by their names.
//
// Errors: of the code BadInput where the server cannot be reached or does not understand; NotWritten where there is no room.
func (f *fetcher) query(ctx context.Context, q pgio.Query, names []string) (file ingest.File, rows int64, err error) {
	if err := f.makeRoom(0); err != nil {
		return file, 0, err
	}
	f.made++
	path := filepath.Join(f.scratch.Path, strconv.Itoa(f.made))
	var got pgio.Fetched
	err = f.watch.Stage("fetch", 0, "rows", func() error {
		got, err = q.Fetch(ctx, path, q.Read(names), func(n int64) { f.watch.Advance("fetch", n) })
		return err
	})
	switch {
	case exit.Unwritable(err):
		return file, 0, exit.Errorf(exit.NotWritten, "fetching %s: %w; %s", q.Name(), err, moreRoom)
	case err != nil:
		return file, 0, exit.With(exit.BadInput, err)
	}
	file = ingest.File{Path: path, Name: got.Name}
	if info, err := os.Stat(path); err == nil {
		file.Bytes = info.Size()
	}
	return file, got.Rows, nil
}
