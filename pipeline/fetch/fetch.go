// Package fetch makes the files that the paths of a job stand for files of this machine.
package fetch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/quintile-dev/quintile/datasets/ingest"
	"github.com/quintile-dev/quintile/pipeline/bucket"
	"github.com/quintile-dev/quintile/pipeline/config"
	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/manifest"
	"github.com/quintile-dev/quintile/pipeline/progress"
	"github.com/quintile-dev/quintile/pipeline/tempdir"
)

// The beginnings of the names of folders with fetched files: in the folder of a
// job, and in a shared folder.
const (
	Prefix       = ".inputs-"
	SharedPrefix = "quintile-inputs-"
)

// fetchedAtOnce is the number of objects fetched side by side: a single connection is
// slower than most networks and stores.
const fetchedAtOnce = 8

// Fetcher turns the paths of a job into local files. Files in an object store
// are copied into a temporary folder, each once, and are named by their URLs.
// One goroutine uses a fetcher.
type Fetcher struct {
	watch  *progress.Stages
	parent string        // of the temporary folder
	prefix string        // of its name
	age    time.Duration // from which others of that prefix are of killed runs
	free   func(folder string) (bytes int64, known bool)

	scratch *tempdir.Folder // nil until something is fetched
	made    int             // names of files in it
	fetched map[version]ingest.File
	buckets map[string]*bucket.Bucket
}

// version names the contents of an object: what has the same name, ETag and size
// has the same contents.
type version struct {
	name, etag string
	bytes      int64
}

func versionOf(f *ingest.File) version { return version{f.Name, f.ETag, f.Bytes} }

// New returns a fetcher with a temporary folder in parent, a folder of this run
// alone or of the system.
func New(watch *progress.Stages, parent string, alone bool) *Fetcher {
	f := &Fetcher{
		watch: watch, parent: parent, prefix: Prefix, free: tempdir.Free,
		fetched: map[version]ingest.File{}, buckets: map[string]*bucket.Bucket{},
	}
	if !alone {
		f.prefix, f.age = SharedPrefix, tempdir.Young
	}
	return f
}

// Files returns, for each of the paths, the matching files, fetched if in an
// object store. known returns the SHA-256 of a file already loaded by an
// earlier run, "" otherwise: a known file is not fetched, and has no Path.
// known may be nil. Fetched files stay until close.
//
// Errors: the errors of find for all paths, joined, and the errors of fetch.
func (f *Fetcher) Files(ctx context.Context, paths []string, known func(*ingest.File) string) ([][]ingest.File, error) {
	all := make([][]ingest.File, len(paths))
	var faults []error
	for i, path := range paths {
		var err error
		if all[i], err = f.Find(ctx, path); err != nil {
			faults = append(faults, err)
		}
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	var wanted []*ingest.File
	for i := range all {
		for j := range all[i] {
			file := &all[i][j]
			if file.Path == "" && known != nil {
				file.SHA256 = known(file)
			}
			if file.Path == "" && file.SHA256 == "" {
				wanted = append(wanted, file)
			}
		}
	}
	return all, f.All(ctx, wanted)
}

// All is Fetch as a stage of a run, where there is something to fetch.
func (f *Fetcher) All(ctx context.Context, files []*ingest.File) error {
	if len(files) == 0 {
		return nil
	}
	total := int64(0)
	for _, file := range files {
		total += file.Bytes
	}
	return f.watch.Stage("fetch", total, "bytes", func() error {
		return f.Fetch(ctx, files, func(n int64) { f.watch.Advance("fetch", n) })
	})
}

// Fetch copies the files returned by find, several at a time, and sets Path and
// SHA256.
//
// Errors: with the code BadInput where an object cannot be read, has changed
// since find, or arrives with another length; NotWritten where the disk has no
// space, or the store is busy or does not answer.
func (f *Fetcher) Fetch(ctx context.Context, files []*ingest.File, advance func(n int64)) error {
	var order []version
	alike := map[version][]*ingest.File{} // two paths may stand for one file
	total := int64(0)
	for _, file := range files {
		v := versionOf(file)
		if len(alike[v]) == 0 {
			order = append(order, v)
			total += file.Bytes
		}
		alike[v] = append(alike[v], file)
	}
	if err := f.makeRoom(total); err != nil {
		return err
	}
	g, some := errgroup.WithContext(ctx)
	g.SetLimit(fetchedAtOnce)
	for _, v := range order {
		if some.Err() != nil {
			break
		}
		f.made++
		path := filepath.Join(f.scratch.Path, strconv.Itoa(f.made))
		g.Go(func() error { return f.fetchOne(some, alike[v][0], path, advance) })
	}
	if err := errors.Join(g.Wait(), ctx.Err()); err != nil {
		return err
	}
	for _, v := range order {
		for _, file := range alike[v] {
			*file = *alike[v][0]
		}
		if v.etag != "" {
			f.fetched[v] = *alike[v][0]
		}
	}
	return nil
}

// makeRoom makes the temporary folder, and checks the space for so many more
// bytes, where the free space is known.
func (f *Fetcher) makeRoom(bytes int64) (err error) {
	if f.scratch == nil {
		f.scratch, err = tempdir.Open(f.parent, f.prefix, f.watch.Now(), f.age)
		if err != nil {
			return err
		}
	}
	if free, known := f.free(f.scratch.Path); known && free < bytes {
		return exit.Errorf(exit.NotWritten, "fetching the inputs into %s: got room for %d bytes, want it for %d; %s", f.parent, free, bytes, moreRoom)
	}
	return nil
}

const moreRoom = "free space there, or choose another place: a local folder under output, or TMPDIR where there is none"

// fetchOne copies one object, and sets Path and SHA256.
func (f *Fetcher) fetchOne(ctx context.Context, file *ingest.File, path string, advance func(n int64)) (err error) {
	at, err := config.ParseInput(file.Name)
	if err != nil {
		return err
	}
	out, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return exit.Errorf(exit.NotWritten, "fetching %s: %w", file.Name, err)
	}
	h := sha256.New()
	object := bucket.Object{Key: at.Key, Size: file.Bytes, ETag: file.ETag}
	err = f.buckets[at.Bucket].ReadSame(ctx, object, io.MultiWriter(out, h, advancer(advance)))
	if closing := out.Close(); err == nil {
		err = closing
	}
	fault := (*bucket.Error)(nil)
	switch {
	case err == nil:
		file.Path, file.SHA256 = path, hex.EncodeToString(h.Sum(nil))
		return nil
	case errors.As(err, &fault), ctx.Err() != nil:
		return inputFault(err)
	}
	return exit.Errorf(exit.NotWritten, "fetching %s: %w; %s", file.Name, err, moreRoom)
}

// advancer reports the progress of writing.
type advancer func(n int64)

func (a advancer) Write(p []byte) (int, error) {
	a(int64(len(p)))
	return len(p), nil
}

// Close removes the fetched files. close may be called on nil, and again.
func (f *Fetcher) Close() error {
	if f == nil {
		return nil
	}
	clear(f.fetched)
	s := f.scratch
	f.scratch = nil
	return s.Close()
}

// Known returns a function from the versions of files to the SHA-256 of earlier
// inputs.
func Known(inputs []manifest.Input) func(*ingest.File) string {
	sums := map[version]string{}
	for _, in := range inputs {
		if in.ETag != "" {
			sums[version{in.Path, in.ETag, in.Bytes}] = in.SHA256
		}
	}
	return func(f *ingest.File) string { return sums[versionOf(f)] }
}
