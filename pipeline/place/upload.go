package place

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/manifest"
	"github.com/quintile-dev/quintile/pipeline/progress"
)

// Names in the place of a job in a bucket, besides those of publish.go.
const (
	asideFolder = ".replaced/"  // holds a published folder while it is being replaced
	journalName = ".publishing" // its text is the name of the folder that is being changed
)

// sideBySide calls do with the numbers below n, several at a time, and returns
// the first error. After an error no call is begun, but calls in progress are
// completed: the store may still carry out an abandoned request, later than the
// request meant to undo it.
func sideBySide(n int, do func(i int) error) error {
	const atOnce = 4
	var failed atomic.Bool
	var g errgroup.Group
	g.SetLimit(atOnce)
	for i := range n {
		g.Go(func() error {
			if failed.Load() {
				return nil
			}
			err := do(i)
			if err != nil {
				failed.Store(true)
			}
			return err
		})
	}
	return g.Wait()
}

// outgoing is a file to be published.
type outgoing struct {
	name string // in the published folder
	path string
	size int64
	sum  string // SHA-256
}

// Publish publishes a stage in the mirror, and sends it to the store.
func (m *remote) Publish(ctx context.Context, s *Stage, watch *progress.Stages) (string, error) {
	folder, err := publishStage(s, m.log)
	if err != nil {
		return "", err
	}
	return folder, watch.Stage("upload", s.bytes(), "bytes", func() error {
		return m.send(ctx, s.Name, func(n int64) { watch.Advance("upload", n) })
	})
}

// send sends a folder of the mirror to the store.
//
// A store has no step that makes a folder visible at once, so the commit is
// latest, a single object written after all others. Where latest names a newer
// day and stays, the commit is the removal of the journal. Earlier steps can be
// rolled back, by mend: the replaced folder is first backed up, and latest, if
// naming the folder, points to the backup meanwhile. In the folder itself,
// _SUCCESS is removed first and written last. Where the folder has the same
// contents already, and only the manifest is new, only the manifest is sent.
func (m *remote) send(ctx context.Context, name string, advance func(n int64)) error {
	files, err := outgoingFiles(filepath.Join(m.folder, name))
	if err != nil {
		return err
	}
	there, err := m.sizes(ctx, name)
	if err != nil {
		return err
	}
	changed, err := m.changed(ctx, name, files, there)
	if err != nil {
		return err
	}
	stays, err := m.namesNewer(ctx, name)
	if err != nil {
		return err
	}
	if err := m.claim.check(ctx); err != nil {
		return err
	}
	same := len(changed) == 0 && len(stale(there, files)) == 0
	if same {
		err = m.sendSealed(ctx, name, files, manifest.Name)
	} else {
		err = m.replace(ctx, name, files, changed, there, advance)
	}
	switch {
	case err != nil:
	case !stays:
		err = m.commit(ctx, name)
	case !same:
		err = m.commitOlder(ctx)
	}
	if err != nil {
		return m.takeBack(ctx, name, err)
	}
	graced, cancel := withGrace(ctx)
	defer cancel()
	if err := m.clear(graced, !same && !stays); err != nil {
		m.log.Warn().Err(err).Msg("what was replaced is left for the next run to remove")
	}
	return nil
}

// outgoingFiles lists the files of a published folder.
func outgoingFiles(folder string) ([]outgoing, error) {
	var files []outgoing
	err := filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		name, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		size, sum, err := Digest(path)
		files = append(files, outgoing{filepath.ToSlash(name), path, size, sum})
		return err
	})
	return files, err
}

// sealed reports whether a file is the mark of a complete folder: the last file
// to be written and the first to be removed.
func sealed(name string) bool { return name == manifest.Name || name == manifest.Success }

// stale returns the names of objects that the new folder does not have.
func stale(there map[string]int64, files []outgoing) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(there)) {
		if !slices.ContainsFunc(files, func(f outgoing) bool { return f.name == name }) {
			names = append(names, name)
		}
	}
	return names
}

// changed returns the files not yet in the store with the same contents; nil
// where only the manifest is new. A file that may be the same is read.
func (m *remote) changed(ctx context.Context, name string, files []outgoing, there map[string]int64) ([]outgoing, error) {
	known := m.knownSums(ctx, name, there)
	differs := make([]bool, len(files))
	err := sideBySide(len(files), func(i int) error {
		f := files[i]
		size, has := there[f.name]
		sum, told := known[f.name]
		if has && f.name == manifest.Name {
			return nil
		}
		if !has || size != f.size || told && sum != f.sum {
			differs[i] = true
			return nil
		}
		got, _, err := m.remoteSum(ctx, name+"/"+f.name)
		differs[i] = got != f.sum
		return err
	})
	if err != nil {
		return nil, err
	}
	var changed []outgoing
	for i, f := range files {
		if differs[i] {
			changed = append(changed, f)
		}
	}
	return changed, nil
}

// knownSums returns the checksums of the published manifest, for finding changed
// files without reading them; none where the manifest cannot be read.
func (m *remote) knownSums(ctx context.Context, name string, there map[string]int64) map[string]string {
	sums := map[string]string{}
	if _, has := there[manifest.Name]; !has {
		return sums
	}
	text, err := m.bucket.Text(ctx, name+"/"+manifest.Name)
	var p manifest.Published
	if err != nil || json.Unmarshal([]byte(text), &p) != nil {
		return sums
	}
	for _, o := range p.Outputs {
		sums[o.Path] = o.SHA256
	}
	return sums
}

// remoteSum returns the SHA-256 and the size of an object, by reading it.
func (m *remote) remoteSum(ctx context.Context, key string) (sum string, size int64, err error) {
	h := sha256.New()
	size, err = m.bucket.Read(ctx, key, h)
	return hex.EncodeToString(h.Sum(nil)), size, err
}

// sendFile puts a file into the store and reads it back.
func (m *remote) sendFile(ctx context.Context, name string, f outgoing) error {
	key := name + "/" + f.name
	if err := m.bucket.Put(ctx, key, f.path); err != nil {
		return err
	}
	sum, size, err := m.remoteSum(ctx, key)
	if err == nil && (sum != f.sum || size != f.size) {
		err = fmt.Errorf("%s: reading back: got %d bytes with the SHA-256 %s, want %d with %s; run again, and have the store looked at",
			m.bucket.URL(key), size, sum, f.size, f.sum)
	}
	return err
}

// sendSealed sends the files with the given names, in the given order.
func (m *remote) sendSealed(ctx context.Context, name string, files []outgoing, names ...string) error {
	for _, want := range names {
		at := slices.IndexFunc(files, func(f outgoing) bool { return f.name == want })
		if at < 0 {
			return fmt.Errorf("BUG: no %s to publish", want)
		}
		if err := m.sendFile(ctx, name, files[at]); err != nil {
			return err
		}
	}
	return nil
}

// replace makes the folder in the store equal to the folder in the mirror.
func (m *remote) replace(ctx context.Context, name string, files, changed []outgoing, there map[string]int64, advance func(n int64)) error {
	if err := m.putAside(ctx, name, there); err != nil {
		return err
	}
	if err := m.unseal(ctx, name, there); err != nil {
		return err
	}
	err := sideBySide(len(changed), func(i int) error {
		f := changed[i]
		if sealed(f.name) {
			return nil
		}
		if err := m.sendFile(ctx, name, f); err != nil {
			return err
		}
		advance(f.size)
		return nil
	})
	if err != nil {
		return err
	}
	for _, old := range stale(there, files) {
		if err := m.bucket.Delete(ctx, name+"/"+old); err != nil {
			return err
		}
	}
	if err := m.sendSealed(ctx, name, files, manifest.Name, manifest.Success); err != nil {
		return err
	}
	want := map[string]int64{}
	for _, f := range files {
		want[f.name] = f.size
	}
	return m.sameSizes(ctx, name, want)
}

// unseal removes the marks of a folder that is whole.
func (m *remote) unseal(ctx context.Context, name string, there map[string]int64) error {
	for _, mark := range []string{manifest.Success, manifest.Name} {
		if _, has := there[mark]; !has {
			continue
		}
		if err := m.bucket.Delete(ctx, name+"/"+mark); err != nil {
			return err
		}
	}
	return nil
}

// sameSizes checks that a folder has exactly these files.
func (m *remote) sameSizes(ctx context.Context, folder string, want map[string]int64) error {
	got, err := m.sizes(ctx, folder)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if is, has := got[name]; !has || is != want[name] {
			return fmt.Errorf("%s: got %d bytes in the listing, want %d; is another program writing there?", m.bucket.URL(folder+"/"+name), is, want[name])
		}
		delete(got, name)
	}
	if len(got) > 0 {
		return fmt.Errorf("%s: got an object that is not of this run; is another program writing there?", m.bucket.URL(folder+"/"+slices.Sorted(maps.Keys(got))[0]))
	}
	return nil
}

// commit points latest at a folder that is whole.
func (m *remote) commit(ctx context.Context, name string) error {
	if err := m.claim.check(ctx); err != nil {
		return err
	}
	graced, cancel := withGrace(ctx) // from here on a run is published or not
	defer cancel()
	writing := m.bucket.PutText(graced, latestName, name+"\n")
	if writing == nil {
		return nil
	}
	// The answer may have been lost, and not the request.
	switch now, err := m.latest(graced); {
	case err != nil:
		return exit.Errorf(exit.NotWritten, "%s; whether it was written cannot be told now: what latest names is published, and whole", writing.Error())
	case now == name:
		return nil
	}
	return writing
}

// namesNewer reports whether latest names a newer day than the folder, still
// published: then latest stays.
func (m *remote) namesNewer(ctx context.Context, name string) (bool, error) {
	now, err := m.latest(ctx)
	if err != nil || !strings.HasPrefix(now, manifest.DayPrefix) || now <= name {
		return false, err
	}
	there, err := m.sizes(ctx, now)
	_, whole := there[manifest.Success]
	return whole, err
}

// commitOlder publishes a folder of an older day than the day named by latest, by
// removing the journal.
func (m *remote) commitOlder(ctx context.Context) error {
	if err := m.claim.check(ctx); err != nil {
		return err
	}
	graced, cancel := withGrace(ctx)
	defer cancel()
	removing := m.bucket.Delete(graced, journalName)
	if removing == nil {
		return nil
	}
	switch journal, err := m.textIfThere(graced, journalName); {
	case err != nil:
		return exit.Errorf(exit.NotWritten, "%s; whether it was removed cannot be told now: if it was, the new folder is published", removing.Error())
	case journal == "":
		return nil // only the answer was lost
	}
	return removing
}

// takeBack rolls back a failed run, as far as possible now and while this run holds
// the lease. Otherwise the next run does so. The result is the failure, with the
// parts not rolled back.
func (m *remote) takeBack(ctx context.Context, name string, failure error) error {
	err := ctx.Err() // there is no time left
	if err == nil {
		err = m.claim.check(ctx)
	}
	if err == nil {
		err = m.mend(ctx)
	}
	if err != nil {
		m.log.Warn().Err(err).Str("folder", m.bucket.URL(name)).Msg("the next run puts back what was published before")
		if ctx.Err() == nil {
			failure = fmt.Errorf("%w; %s may not be whole until the next run of the job puts back what was published before", failure, m.bucket.URL(name))
		}
	}
	return failure
}

// latest returns what latest names, "" where there is none.
func (m *remote) latest(ctx context.Context) (string, error) {
	text, err := m.textIfThere(ctx, latestName)
	return strings.TrimSpace(text), err
}
