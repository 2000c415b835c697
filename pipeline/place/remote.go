package place

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"github.com/quintile-dev/quintile/pipeline/bucket"
	"github.com/quintile-dev/quintile/pipeline/config"
	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/manifest"
	"github.com/quintile-dev/quintile/pipeline/tempdir"
)

// remote is the place of a job in an object store and its mirror: a temporary
// folder in which a run works as in the job's own folder. Published files are
// fetched into the mirror when needed.
type remote struct {
	bucket *bucket.Bucket  // below <output>/<job>/
	folder string          // the mirror
	mirror *tempdir.Folder // the same
	claim  *claim
	log    zerolog.Logger
}

// openRemote takes the lease of a job's place for this run, recovers from a
// killed run, and makes the mirror.
func openRemote(ctx context.Context, place config.Place, job string, now time.Time, log zerolog.Logger) (*remote, error) {
	b, err := bucket.Open(ctx, place.Bucket, path.Join(place.Prefix, job))
	if err != nil {
		return nil, exit.With(exit.NotWritten, err)
	}
	m := &remote{bucket: b, log: log}
	if m.claim, err = takeClaim(ctx, b, now, log); err != nil {
		return nil, exit.With(exit.NotWritten, err)
	}
	err = m.mend(ctx)
	if err == nil {
		m.mirror, err = tempdir.Open(os.TempDir(), m.mirrorPrefix(), now, tempdir.Young)
	}
	if err == nil {
		m.folder = m.mirror.Path
		err = m.fetchIfThere(ctx, latestName)
	}
	if err != nil {
		return nil, exit.With(exit.NotWritten, errors.Join(err, m.Close(ctx)))
	}
	return m, nil
}

// Close gives the place up and removes the mirror.
func (m *remote) Close(ctx context.Context) error {
	m.claim.release(ctx)
	return m.mirror.Close()
}

// mirrorPrefix begins the names of the mirrors of a place.
func (m *remote) mirrorPrefix() string {
	sum := sha256.Sum256([]byte(m.bucket.URL("")))
	return "quintile-" + hex.EncodeToString(sum[:6]) + "-"
}

// Folder returns the mirror.
func (m *remote) Folder() string { return m.folder }

// Name returns where a folder of the mirror is, or will be, in the store.
func (m *remote) Name(folder string) string { return m.bucket.URL(filepath.Base(folder)) }

// local returns the path of a key in the mirror, and makes its folder.
func (m *remote) local(key string) (string, error) {
	path := filepath.Join(m.folder, filepath.FromSlash(key))
	return path, os.MkdirAll(filepath.Dir(path), 0o700)
}

// fetchIfThere copies an object into the mirror.
func (m *remote) fetchIfThere(ctx context.Context, key string) error {
	path, err := m.local(key)
	if err != nil {
		return err
	}
	err = m.bucket.Fetch(ctx, key, path)
	if errors.Is(err, fs.ErrNotExist) {
		return os.Remove(path)
	}
	return err
}

// sizes returns the sizes of the objects of a folder, by name within the
// folder.
func (m *remote) sizes(ctx context.Context, folder string) (map[string]int64, error) {
	objects, err := m.bucket.List(ctx, folder+"/")
	if err != nil {
		return nil, err
	}
	sizes := map[string]int64{}
	for _, o := range objects {
		sizes[strings.TrimPrefix(o.Key, folder+"/")] = o.Size
	}
	return sizes, nil
}

// FetchPublished brings a manifest into the mirror; sizes are those of the objects.
func (m *remote) FetchPublished(ctx context.Context, name string) (manifest.SizeOf, error) {
	sizes, err := m.sizes(ctx, name)
	if err != nil {
		return nil, err
	}
	if err := m.fetchIfThere(ctx, name+"/"+manifest.Name); err != nil {
		return nil, err
	}
	return func(file string) (int64, error) {
		size, there := sizes[file]
		if !there {
			return 0, fmt.Errorf("%s: %w", m.bucket.URL(name+"/"+file), fs.ErrNotExist)
		}
		return size, nil
	}, nil
}

// Days lists the published folders in the store.
func (m *remote) Days(ctx context.Context) ([]string, error) {
	names, err := m.bucket.Folders(ctx)
	return daysAmong(names), err
}

// Verify has nothing to do: the store has checksums of its own.
func (m *remote) Verify(context.Context, string, *manifest.Published) error { return nil }

// FetchBase brings a file of an earlier run into the mirror.
func (m *remote) FetchBase(ctx context.Context, name, file string, beside []string, whole bool) error {
	folders, err := m.bucket.Folders(ctx)
	if err != nil {
		return err
	}
	for _, day := range slices.Backward(folders) {
		if !strings.HasPrefix(day, manifest.DayPrefix) || day >= name {
			continue
		}
		sizes, err := m.sizes(ctx, day)
		if err != nil {
			return err
		}
		size, has := sizes[file]
		if _, done := sizes[manifest.Success]; !has || !done {
			continue
		}
		if err := m.fetchIfThere(ctx, day+"/"+manifest.Name); err != nil {
			return err
		}
		for _, name := range beside {
			if err := m.fetchIfThere(ctx, day+"/"+name); err != nil {
				return err
			}
		}
		path, err := m.local(day + "/" + file)
		if err != nil {
			return err
		}
		if !whole {
			return os.WriteFile(path, nil, 0o600)
		}
		return m.fetchWhole(ctx, day+"/"+file, path, size)
	}
	return nil
}

// fetchWhole fetches an object and checks its size.
func (m *remote) fetchWhole(ctx context.Context, key, path string, want int64) error {
	if err := m.bucket.Fetch(ctx, key, path); err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err == nil && info.Size() != want {
		err = fmt.Errorf("%s: got %d bytes, want %d", m.bucket.URL(key), info.Size(), want)
	}
	return err
}

// Probe reports a place without write access, by writing, reading back and
// removing a small object.
func Probe(ctx context.Context, place config.Place, job string) (url string, err error) {
	b, err := bucket.Open(ctx, place.Bucket, path.Join(place.Prefix, job))
	if err != nil {
		return "", exit.With(exit.NotWritten, err)
	}
	key, text := ".check-"+randomName(), thisProcess()
	if err := b.PutText(ctx, key, text); err != nil {
		return "", exit.With(exit.NotWritten, err)
	}
	got, err := b.Text(ctx, key)
	if err == nil && got != text {
		err = fmt.Errorf("%s: reading back: got %q, want %q; check what AWS_ENDPOINT_URL leads to", b.URL(key), got, text)
	}
	listed, listing := b.List(ctx, key)
	if listing == nil && len(listed) != 1 {
		listing = fmt.Errorf("%s: listing: got %d objects right after writing one, want it listed; use a store that lists at once", b.URL(key), len(listed))
	}
	graced, cancel := withGrace(ctx)
	defer cancel()
	return b.URL(""), exit.With(exit.NotWritten, errors.Join(err, listing, b.Delete(graced, key)))
}
