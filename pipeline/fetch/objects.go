package fetch

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"strings"

	"github.com/quintile-dev/quintile/datasets/ingest"
	"github.com/quintile-dev/quintile/datasets/pgio"
	"github.com/quintile-dev/quintile/pipeline/bucket"
	"github.com/quintile-dev/quintile/pipeline/config"
	"github.com/quintile-dev/quintile/pipeline/exit"
)

// Find returns the files matched by a path, sorted by name. Files in an object
// store not yet fetched have no Path.
//
// Errors: *datasets.FileError and *bucket.Error, with the code BadInput, or
// NotWritten where the store is busy or does not answer.
func (f *Fetcher) Find(ctx context.Context, where string) ([]ingest.File, error) {
	if !config.IsURL(where) {
		files, err := ingest.Found(where)
		return files, exit.With(exit.BadInput, err)
	}
	if pgio.IsURL(where) {
		return nil, exit.Errorf(exit.BadInput, "%s: tables of a server are read anew in each run", where)
	}
	at, err := config.ParseInput(where)
	if err != nil {
		return nil, exit.With(exit.Usage, err)
	}
	b, err := f.open(ctx, at.Bucket)
	if err != nil {
		return nil, inputFault(err)
	}
	objects, err := candidates(ctx, b, at.Key)
	if err != nil {
		return nil, inputFault(err)
	}
	names, found := make([]string, len(objects)), map[string]ingest.File{}
	for i, o := range objects {
		names[i] = config.Input{Bucket: at.Bucket, Key: o.Key}.URL()
		file := ingest.File{Name: names[i], Bytes: o.Size, ETag: o.ETag}
		if had, has := f.fetched[versionOf(&file)]; has {
			file = had
		}
		found[names[i]] = file
	}
	chosen, err := ingest.Choose(at.URL(), names)
	if err != nil {
		return nil, exit.With(exit.BadInput, err)
	}
	files := make([]ingest.File, len(chosen))
	for i, name := range chosen {
		files[i] = found[name]
	}
	return files, nil
}

// open opens a bucket, once.
func (f *Fetcher) open(ctx context.Context, name string) (*bucket.Bucket, error) {
	if b := f.buckets[name]; b != nil {
		return b, nil
	}
	b, err := bucket.OpenToRead(ctx, name, "")
	if err != nil {
		return nil, err
	}
	f.buckets[name] = b
	return b, nil
}

// candidates returns the objects that may match a key (an object, a glob or a
// folder).
//
// Cost: one request for a file; the listing of all objects below a folder; for
// a glob with a pattern in the last part alone, the listing of one level,
// otherwise of all objects below the first special character.
func candidates(ctx context.Context, b *bucket.Bucket, key string) ([]bucket.Object, error) {
	folder := strings.TrimSuffix(key, "/")
	if !ingest.IsGlob(key) {
		return fileOrFolder(ctx, b, key, folder)
	}
	fixed := folder[:strings.IndexAny(folder, `*?[\`)]
	if strings.Contains(folder[len(fixed):], "/") {
		return b.List(ctx, fixed)
	}
	objects, folders, err := b.Level(ctx, fixed)
	if err != nil {
		return nil, err
	}
	for _, name := range folders {
		if match, err := path.Match(folder, name); name != folder && (!match || err != nil) {
			continue // a pattern that is not well formed is found out about later
		}
		below, err := b.List(ctx, name+"/")
		if err != nil {
			return nil, err
		}
		objects = append(objects, below...)
	}
	return objects, nil
}

// fileOrFolder returns the object of a key, or all objects below it. A file takes
// no right to list the bucket.
func fileOrFolder(ctx context.Context, b *bucket.Bucket, key, folder string) ([]bucket.Object, error) {
	var looking error
	if folder == key && key != "" {
		var o bucket.Object
		if o, looking = b.Stat(ctx, key); looking == nil {
			return []bucket.Object{o}, nil
		}
		if fault := (*bucket.Error)(nil); !errors.As(looking, &fault) || fault.Busy || fault.Mute {
			return nil, looking
		}
	}
	if folder != "" {
		folder += "/"
	}
	objects, err := b.List(ctx, folder) // whose errors say more
	if err == nil && len(objects) == 0 && looking != nil && !errors.Is(looking, fs.ErrNotExist) {
		err = looking // it may be there, for those who may look
	}
	return objects, err
}

// inputFault gives an error of an input store its exit code: where the store and
// not the input is at fault, the code of a store of results.
func inputFault(err error) error {
	if fault := (*bucket.Error)(nil); errors.As(err, &fault) && (fault.Busy || fault.Mute) {
		return exit.With(exit.NotWritten, err)
	}
	return exit.With(exit.BadInput, err)
}
