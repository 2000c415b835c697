package fetch

import (
	"context"
	"os"
	"path/filepath"
	"strconv"

	"github.com/quintile-dev/quintile/datasets/ingest"
	"github.com/quintile-dev/quintile/datasets/pgio"
	"github.com/quintile-dev/quintile/pipeline/exit"
)

// Query reads a query into a file of the temporary folder, but for the rows that are known by their names.
//
// Errors: of the code BadInput where the server cannot be reached or does not understand; NotWritten where there is
// no room.
func (f *Fetcher) Query(ctx context.Context, q pgio.Query, names []string) (file ingest.File, rows int64, err error) {
	path, err := f.Place()
	if err != nil {
		return file, 0, err
	}
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

// Place returns the path of a new file of the temporary folder.
func (f *Fetcher) Place() (string, error) {
	if err := f.makeRoom(0); err != nil {
		return "", err
	}
	f.made++
	return filepath.Join(f.scratch.Path, strconv.Itoa(f.made)), nil
}
