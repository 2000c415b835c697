package place

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/quintile-dev/quintile/pipeline/manifest"
)

// putAside backs up a published folder, notes in the journal the coming change
// of the folder, and points latest to the copy where latest names the folder.
// The backup of an absent folder is empty.
func (m *remote) putAside(ctx context.Context, name string, there map[string]int64) error {
	aside := asideFolder + name
	if err := m.copyFolder(ctx, name, aside, there); err != nil {
		return err
	}
	if err := m.bucket.PutText(ctx, journalName, name+"\n"); err != nil {
		return err
	}
	latest, err := m.latest(ctx)
	if err != nil || latest != name {
		return err
	}
	return m.bucket.PutText(ctx, latestName, aside+"\n")
}

// copyFolder copies the objects of a folder within the store, the marks of a
// complete folder last, and checks that the copy has exactly the same objects.
func (m *remote) copyFolder(ctx context.Context, from, to string, sizes map[string]int64) error {
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(sizes)), sealed)
	err := sideBySide(len(names), func(i int) error {
		return m.bucket.Copy(ctx, from+"/"+names[i], to+"/"+names[i], sizes[names[i]])
	})
	if err != nil {
		return err
	}
	for _, mark := range []string{manifest.Name, manifest.Success} {
		if size, has := sizes[mark]; has {
			if err := m.bucket.Copy(ctx, from+"/"+mark, to+"/"+mark, size); err != nil {
				return err
			}
		}
	}
	return m.sameSizes(ctx, to, sizes)
}

// mend recovers the place: a publication interrupted before its commit is
// rolled back, and the clean-up of a publication interrupted after its commit
// is finished. mend is called under the lease, and may itself be interrupted
// and called again.
func (m *remote) mend(ctx context.Context) error {
	name, err := m.textIfThere(ctx, journalName)
	if err != nil {
		return err
	}
	latest, err := m.latest(ctx)
	if err != nil {
		return err
	}
	name = strings.TrimSpace(name)
	noted := name != ""
	if !noted {
		name = strings.TrimPrefix(latest, asideFolder) // should somebody have removed the journal
		if name == latest {
			return m.clear(ctx, false)
		}
	}
	if !strings.HasPrefix(name, manifest.DayPrefix) || strings.Contains(name, "/") {
		return fmt.Errorf("%s: got %q, want the name of a published folder; look at what is there, and remove it", m.bucket.URL(journalName), name)
	}
	if latest != name {
		m.log.Warn().Str("folder", m.bucket.URL(name)).Msg("putting back what was published before a run that did not end")
		if err := m.putBack(ctx, name, latest); err != nil {
			return err
		}
	}
	return m.clear(ctx, noted)
}

// putBack rolls a folder back to its state before the change.
func (m *remote) putBack(ctx context.Context, name, latest string) error {
	aside := asideFolder + name
	there, err := m.sizes(ctx, name)
	if err != nil {
		return err
	}
	before, err := m.sizes(ctx, aside)
	if err != nil {
		return err
	}
	if err := m.unseal(ctx, name, there); err != nil {
		return err
	}
	for _, file := range slices.Sorted(maps.Keys(there)) {
		if _, was := before[file]; !was && !sealed(file) {
			if err := m.bucket.Delete(ctx, name+"/"+file); err != nil {
				return err
			}
		}
	}
	if err := m.copyFolder(ctx, aside, name, before); err != nil {
		return err
	}
	if latest != aside {
		return nil
	}
	return m.bucket.PutText(ctx, latestName, name+"\n")
}

// clear removes the journal, if any, then the backup of the replaced folder.
func (m *remote) clear(ctx context.Context, journal bool) error {
	if journal {
		if err := m.bucket.Delete(ctx, journalName); err != nil {
			return err
		}
	}
	left, err := m.bucket.List(ctx, asideFolder)
	if err != nil {
		return err
	}
	for _, o := range left {
		if err := m.bucket.Delete(ctx, o.Key); err != nil {
			return err
		}
	}
	return nil
}

// textIfThere returns the text of an object, "" where there is none.
func (m *remote) textIfThere(ctx context.Context, key string) (string, error) {
	text, err := m.bucket.Text(ctx, key)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return text, err
}
