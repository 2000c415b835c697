package place

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/quintile-dev/quintile/pipeline/bucket"
	"github.com/quintile-dev/quintile/pipeline/config"
	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/manifest"
)

// Earlier reads the files of a run that was published, verified.
type Earlier struct {
	name string // the folder, or its URL
	read func(name string) ([]byte, error)
	manifest.Published
}

// OpenEarlier opens the published folder of a run, or its URL in an object store.
//
// Errors: where there is none, or its manifest is damaged.
func OpenEarlier(ctx context.Context, folder string) (*Earlier, error) {
	e := &Earlier{name: folder}
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
	text, err := e.read(manifest.Name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, exit.Errorf(exit.BadInput, "%s: got no %s, want the folder of a published run", folder, manifest.Name)
	case err != nil:
		return nil, exit.With(exit.BadInput, err)
	}
	if err := json.Unmarshal(text, &e.Published); err != nil {
		return nil, exit.Errorf(exit.BadInput, "%s/%s: got damaged JSON, want the manifest of a run; restore it from a copy: %w", folder, manifest.Name, err)
	}
	return e, nil
}

// Manifest returns the manifest as it stands.
func (e *Earlier) Manifest() ([]byte, error) { return e.read(manifest.Name) }

// File returns the contents of a file of the run, verified; its error is
// fs.ErrNotExist where the run has published none of that name.
func (e *Earlier) File(name string) ([]byte, error) {
	o, ok := e.Output(name)
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
	return text, exit.With(exit.BadInput, o.Same(where, int64(len(text)), hex.EncodeToString(sum[:])))
}
