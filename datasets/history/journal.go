package history

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
)

// journal names the files that may be in the folder but not in the valid
// ledger: the files of the current run and, after its commit, the replaced
// files.
type journal struct {
	Files []string `json:"files"`
}

// begin makes the folder ready for the files of the run: from then on, a killed run
// leaves only files known to the next run. Only the first call has an effect.
func (f *Folder) begin() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.begun {
		return nil
	}
	if f.stored == nil {
		text, err := f.ledger.encode()
		if err != nil {
			return err
		}
		if err := replaceFile(f.disk, f.at(ledgerName), text); err != nil {
			return err
		}
		f.stored = text
	}
	j := journal{Files: namesOfRun(f.run)}
	for _, file := range f.ledger.files() {
		j.Files = append(j.Files, file.Name)
	}
	text, err := json.Marshal(j)
	if err != nil {
		return err
	}
	if err := replaceFile(f.disk, f.at(journalName), append(text, '\n')); err != nil {
		return err
	}
	f.begun = true
	return nil
}

// recover removes the files that a journal names and the ledger does not, and then
// the journal.
func (f *Folder) recover() error {
	for _, name := range []string{ledgerName, journalName} {
		if err := f.removeIfThere(name + stagedSuffix); err != nil {
			return err
		}
	}
	at := f.at(journalName)
	text, err := f.disk.ReadFile(at)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("clearing what an unfinished run left in the history: %w", err)
	}
	var j journal
	if err := json.Unmarshal(text, &j); err != nil {
		return &datasets.FileError{
			Path: at, Got: "a damaged journal", Want: "the files of a run that did not end", Err: err,
			Hint: "remove it: files that the ledger does not name do not count",
		}
	}
	counts := f.ledger.names()
	for _, name := range j.Files {
		if _, ours := runOf(name); !ours || counts[name] {
			continue
		}
		if err := f.removeIfThere(name); err != nil {
			return err
		}
	}
	if err := f.removeIfThere(journalName); err != nil {
		return err
	}
	f.begun = false
	return f.disk.SyncFolder(f.path)
}

func (f *Folder) removeIfThere(name string) error {
	err := f.disk.Remove(f.at(name))
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return fmt.Errorf("clearing what an unfinished run left in the history: %w", err)
}

// create makes a file of the run, whose name is in the journal.
func (f *Folder) create(name string) (writeFile, error) {
	if err := f.begin(); err != nil {
		return nil, err
	}
	path := f.at(name)
	if err := f.disk.Mkdir(filepath.Dir(path)); err != nil {
		return nil, err
	}
	return f.disk.Create(path)
}

// seal flushes and closes a written file, reads the file back and returns the entry
// for the ledger.
func (f *Folder) seal(file writeFile, name string, rows int64) (File, error) {
	err := file.Sync()
	if err := errors.Join(err, file.Close()); err != nil {
		return File{}, err
	}
	path := f.at(name)
	if err := f.disk.SyncFolder(filepath.Dir(path)); err != nil {
		return File{}, err
	}
	size, sum, err := digest(f.disk, path)
	return File{Name: name, Bytes: size, Rows: rows, SHA256: sum}, err
}

// take enters a file of line items.
func (f *Folder) take(file File) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.written = append(f.written, file)
}

// taken returns the files of line items of the run, by bucket.
func (f *Folder) taken() []File {
	f.mu.Lock()
	defer f.mu.Unlock()
	slices.SortFunc(f.written, func(a, b File) int {
		x, _ := bucketOf(a.Name)
		y, _ := bucketOf(b.Name)
		return x - y
	})
	return slices.Clone(f.written)
}
