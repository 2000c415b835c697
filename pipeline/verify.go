package pipeline

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/quintile-dev/quintile/pipeline/bucket"
	"github.com/quintile-dev/quintile/pipeline/config"
	"github.com/quintile-dev/quintile/pipeline/exit"
)

// What is read of an earlier run is compared with the checksums of its manifest
// first: a disk, a copy or a hand may have changed it since.

// output returns what the manifest says of a file.
func (p *publication) output(name string) (Output, bool) {
	at := slices.IndexFunc(p.Outputs, func(o Output) bool { return o.Path == name })
	if at < 0 {
		return Output{}, false
	}
	return p.Outputs[at], true
}

// same compares the size and checksum of a file, which is called where, with those
// of the manifest.
func (o Output) same(where string, size int64, sum string) error {
	if size == o.Bytes && sum == o.SHA256 {
		return nil
	}
	return fmt.Errorf("%s: got %d bytes with the SHA-256 %s, want %d with %s as in the manifest of that run; "+
		"restore the folder from a copy, or remove it", where, size, sum, o.Bytes, o.SHA256)
}

// verify compares the files of a published folder with the checksums of the
// manifest.
func (p *publication) verify(ctx context.Context, folder string, outputs ...Output) error {
	for _, o := range outputs {
		if err := ctx.Err(); err != nil {
			return err
		}
		path := filepath.Join(folder, filepath.FromSlash(o.Path))
		size, sum, err := sumOf(path)
		if err == nil {
			err = o.same(path, size, sum)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// sumOf returns the size and SHA-256 of a file.
func sumOf(path string) (size int64, sum string, err error) {
	file, err := os.Open(path)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = file.Close() }() // was read only
	h := sha256.New()
	size, err = io.Copy(h, file)
	return size, hex.EncodeToString(h.Sum(nil)), err
}

// earlierRun reads the files of a run that was published, verified.
type earlierRun struct {
	name string // the folder, or its URL
	read func(name string) ([]byte, error)
	publication
}

// openEarlier opens the published folder of a run, or its URL in an object store.
//
// Errors: where there is none, or its manifest is damaged.
func openEarlier(ctx context.Context, folder string) (*earlierRun, error) {
	e := &earlierRun{name: folder}
	e.read = func(name string) ([]byte, error) { return os.ReadFile(filepath.Join(folder, filepath.FromSlash(name))) }
	if config.IsURL(folder) {
		place, err := config.ParsePlace(folder)
		if err != nil {
			return nil, exit.Errorf(exit.Usage, "the published run: %w", err)
		}
		b, err := bucket.Open(ctx, place.Bucket, place.Prefix)
		if err != nil {
			return nil, exit.With(exit.BadInput, err)
		}
		e.read = func(name string) ([]byte, error) {
			text, err := b.Text(ctx, name)
			return []byte(text), err
		}
	}
	text, err := e.read(manifestName)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, exit.Errorf(exit.BadInput, "%s: got no %s, want the folder of a published run", folder, manifestName)
	case err != nil:
		return nil, exit.With(exit.BadInput, err)
	}
	if err := json.Unmarshal(text, &e.publication); err != nil {
		return nil, exit.Errorf(exit.BadInput, "%s/%s: got damaged JSON, want the manifest of a run; restore it from a copy: %w", folder, manifestName, err)
	}
	return e, nil
}

// file returns the contents of a file of the run, verified; its error is
// fs.ErrNotExist where the run has published none of that name.
func (e *earlierRun) file(name string) ([]byte, error) {
	o, ok := e.output(name)
	where := e.name + "/" + name
	text, err := e.read(name)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !ok:
		return nil, fs.ErrNotExist
	case errors.Is(err, fs.ErrNotExist):
		return nil, exit.Errorf(exit.BadInput, "%s: got no such file, want the %d bytes of the manifest; restore the folder from a copy", where, o.Bytes)
	case err != nil:
		return nil, exit.With(exit.BadInput, err)
	case !ok:
		return nil, exit.Errorf(exit.BadInput, "%s: got a file that the manifest of that run does not have; restore the folder from a copy", where)
	}
	sum := sha256.Sum256(text)
	return text, exit.With(exit.BadInput, o.same(where, int64(len(text)), hex.EncodeToString(sum[:])))
}
