package history

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/parquetio"
)

// Folder is a history kept between runs:
//
//	ledger.json                    what has been taken in, and which files count
//	bucket=NN/run-000001.parquet   the line items of one run, sorted by customer
//	quarantine/run-000001.json     the rows that the run refused
//	identities/run-000001.parquet  the aliases that line items were taken in with, where there are any
//
// The ledger is replaced in one step after everything it names is on disk; a
// file that it does not name is left over from a run that did not end and is
// removed when the folder is next opened. One run at a time may use a folder:
// the caller holds a lock.
type Folder struct {
	path   string
	ledger Ledger
	run    string // name of the run being written
	whole  bool   // the run is written with all line items, to replace the earlier ones

	identities *datasets.Identities // of the run
	newAliases bool                 // they are not those that the ledger names
}

// Ledger is the table of contents of a kept history.
type Ledger struct {
	Version int      `json:"version"`
	Mapping string   `json:"mapping"`    // digest of the settings that shaped the line items
	Runs    []string `json:"runs"`       // files of line items
	Refused []string `json:"quarantine"` // files of refused rows
	// Identities is the file of aliases, "" for none.
	Identities string  `json:"identities,omitempty"`
	Next       int     `json:"next"`
	Inputs     []Input `json:"inputs"`
}

// Input is one file that the history has taken in, with the fate of its rows.
type Input struct {
	Path        string           `json:"path"`
	Bytes       int64            `json:"bytes"`
	SHA256      string           `json:"sha256"`
	ETag        string           `json:"etag,omitempty"` // what its place said of the contents; "" for a local file
	Rows        int64            `json:"rows"`
	Kept        int64            `json:"kept"`
	Quarantined int64            `json:"quarantined"`
	Rounded     int64            `json:"rounded,omitempty"` // numbers with more decimal places than are kept
	SetAside    map[string]int64 `json:"set_aside,omitempty"`
}

const (
	ledgerVersion  = 1
	ledgerName     = "ledger.json"
	quarantineName = "quarantine"
	identitiesName = "identities"
	// maxRuns is the number of runs after which the next one rewrites the whole
	// history, so that a bucket never is more than a handful of files.
	maxRuns = 16
)

// OpenFolder opens the kept history at path, making it where there is none.
// mapping is the digest of the settings that shape line items: a history made
// with others is refused, since its rows would not be comparable.
func OpenFolder(path, mapping string) (*Folder, error) {
	f := &Folder{path: path, ledger: Ledger{Version: ledgerVersion, Mapping: mapping}}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("opening the history: %w", err)
	}
	text, err := os.ReadFile(filepath.Join(path, ledgerName))
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, fmt.Errorf("opening the history: %w", err)
	default:
		if err := f.parse(text, mapping); err != nil {
			return nil, err
		}
	}
	f.ledger.Next++
	f.run = fmt.Sprintf("run-%06d.parquet", f.ledger.Next)
	f.whole = len(f.ledger.Runs) >= maxRuns
	return f, f.sweep()
}

func (f *Folder) parse(text []byte, mapping string) error {
	at := filepath.Join(f.path, ledgerName)
	if err := json.Unmarshal(text, &f.ledger); err != nil {
		return fmt.Errorf("%s: got a damaged ledger, want JSON; restore the folder, or remove it and load all files again: %w", at, err)
	}
	if f.ledger.Version != ledgerVersion {
		return fmt.Errorf("%s: got version %d, want %d; remove the folder and load all files again", at, f.ledger.Version, ledgerVersion)
	}
	if f.ledger.Mapping != mapping {
		return fmt.Errorf("%s: got a history made with other columns, rules or time zone, want the settings of this job; "+
			"put them back, or name another folder under history and load all files again", at)
	}
	return nil
}

// sweep removes the files that the ledger does not name.
func (f *Folder) sweep() error {
	for _, of := range []struct {
		pattern string
		named   []string
	}{
		{filepath.Join("bucket=*", "*"), f.ledger.Runs},
		{filepath.Join(quarantineName, "*"), f.ledger.Refused},
		{filepath.Join(identitiesName, "*"), []string{f.ledger.Identities}},
		{ledgerName + ".tmp", nil},
	} {
		found, err := filepath.Glob(filepath.Join(f.path, of.pattern))
		if err != nil {
			return err
		}
		for _, file := range found {
			if slices.Contains(of.named, filepath.Base(file)) {
				continue
			}
			if err := os.Remove(file); err != nil {
				return fmt.Errorf("clearing what an unfinished run left in the history: %w", err)
			}
		}
	}
	return nil
}

// Inputs returns the files that the history holds, in the order of their paths
// and checksums.
func (f *Folder) Inputs() []Input { return f.ledger.Inputs }

// Knows reports whether a file with this checksum has been taken in.
func (f *Folder) Knows(sha256 string) bool {
	return slices.ContainsFunc(f.ledger.Inputs, func(i Input) bool { return i.SHA256 == sha256 })
}

// Runs returns the names of the runs that the ledger counts.
func (f *Folder) Runs() []string { return f.ledger.Runs }

func (f *Folder) bucketPath(bucket int) string {
	return filepath.Join(f.path, fmt.Sprintf("bucket=%02d", bucket))
}

// Commit makes what the scan wrote part of the history, together with the
// inputs it came from and the rows of theirs that were refused. Until then a
// later run sees nothing of it. It does nothing where there was nothing new.
func (f *Folder) Commit(inputs []Input, refused []datasets.Fault) error {
	if len(inputs) == 0 && !f.whole && !f.newAliases {
		return nil
	}
	next := f.ledger
	if f.newAliases {
		name, err := f.writeIdentities()
		if err != nil {
			return fmt.Errorf("committing the history: %w", err)
		}
		next.Identities = name
	}
	if len(refused) > 0 {
		name, err := f.writeRefused(refused)
		if err != nil {
			return fmt.Errorf("committing the history: %w", err)
		}
		next.Refused = append(slices.Clone(next.Refused), name)
	}
	if f.whole {
		next.Runs = nil
	}
	if len(inputs) > 0 || f.whole {
		next.Runs = append(slices.Clone(next.Runs), f.run)
	}
	next.Inputs = append(slices.Clone(next.Inputs), inputs...)
	slices.SortFunc(next.Inputs, CompareInputs)
	text, err := json.MarshalIndent(next, "", "  ")
	if err != nil {
		return err
	}
	if err := replaceFile(filepath.Join(f.path, ledgerName), append(text, '\n')); err != nil {
		return fmt.Errorf("committing the history: %w", err)
	}
	f.ledger, f.newAliases = next, false
	return f.sweep()
}

// writeRefused writes the refused rows of the run.
func (f *Folder) writeRefused(refused []datasets.Fault) (string, error) {
	name := strings.TrimSuffix(f.run, ".parquet") + ".json"
	text, err := json.Marshal(refused)
	if err != nil {
		return "", err
	}
	folder := filepath.Join(f.path, quarantineName)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", err
	}
	return name, replaceFile(filepath.Join(folder, name), text)
}

// Refused returns the rows that earlier runs refused.
func (f *Folder) Refused() ([]datasets.Fault, error) {
	var all []datasets.Fault
	for _, name := range f.ledger.Refused {
		path := filepath.Join(f.path, quarantineName, name)
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("reading the quarantine of the history: %w", err)
		}
		var faults []datasets.Fault
		if err := json.Unmarshal(text, &faults); err != nil {
			return nil, &datasets.FileError{Path: path, Got: "damaged JSON", Want: "the refused rows of a run", Err: err}
		}
		all = append(all, faults...)
	}
	return all, nil
}

// CompareInputs orders inputs by path, then by checksum.
func CompareInputs(a, b Input) int {
	return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.SHA256, b.SHA256))
}

// replaceFile writes a file in one step: readers see the old or the new one.
func replaceFile(path string, text []byte) error {
	staged := path + ".tmp"
	file, err := os.OpenFile(staged, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	if err == nil {
		err = file.Sync()
	}
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	if err := os.Rename(staged, path); err != nil {
		return err
	}
	return syncFile(filepath.Dir(path))
}

// options says how the files of a history are written.
func options() parquetio.Options {
	o := parquetio.DefaultOptions()
	o.SortedBy = []string{"customer"}
	return o
}
