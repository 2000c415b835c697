package history

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/parquetio"
)

// Folder is a history kept between runs:
//
//	ledger.json                    the inputs loaded, and the valid files
//	bucket=NN/run-000001.parquet   the line items of one run, sorted by customer
//	quarantine/run-000001.json     the rows refused by the run
//	identities/run-000001.parquet  the aliases in use when the line items were loaded, if any
//	journal.json                   the files that the current run may leave behind
//	.lock                          held by the current run
//
// The ledger has the size, the rows, the money and the checksum of each file, and
// is replaced in one step after every file is on disk. An earlier end of a run
// leaves files outside the ledger; the journal names these files, and the next
// run removes them. No other file in the folder is ever removed or overwritten.
//
// A folder is open for one run at a time, from OpenFolder to Close.
type Folder struct {
	path    string
	disk    disk
	release func() error // nil once closed

	ledger Ledger
	stored []byte // text of the ledger on disk; nil where there is none
	run    int    // number of the run at work
	whole  bool   // the run is written with all line items, to replace the earlier ones

	identities *datasets.Identities // of the run
	newAliases bool                 // they are not those that the ledger names

	mu      sync.Mutex
	begun   bool   // the journal of the run is on disk
	written []File // line items of the run
}

// maxRuns is the number of runs after which the next one rewrites the whole
// history, so that a bucket never has more than a handful of files.
const maxRuns = 16

// ErrForeign is the cause of an error where a folder holds files and no ledger.
var ErrForeign = errors.New("a folder that is no history")

// OpenFolder opens the kept history at a path, makes the folder if absent, and
// removes the files left by an interrupted run. mapping is the digest of the
// settings that shape line items: a history with another digest is refused, since
// the rows would not be comparable. The folder must be closed.
//
// Errors: ErrForeign for a folder with files but no ledger, which is left untouched;
// ErrLocked while another run has the folder open; a *datasets.FileError where the
// history is damaged: an unreadable ledger, a missing file, or a file whose size
// differs from the ledger.
func OpenFolder(path, mapping string) (*Folder, error) { return openFolder(osDisk{}, path, mapping) }

func openFolder(d disk, path, mapping string) (*Folder, error) {
	f := &Folder{path: path, disk: d}
	if err := d.Mkdir(path); err != nil {
		return nil, fmt.Errorf("opening the history: %w", err)
	}
	if err := f.refuseForeign(); err != nil { // before there is a lock in it
		return nil, err
	}
	release, err := lockFolder(path)
	if err != nil {
		return nil, err
	}
	f.release = release
	if err := f.open(mapping); err != nil {
		return nil, errors.Join(err, f.unlock())
	}
	return f, nil
}

// refuseForeign refuses a folder without a ledger but with files other than
// those made by opening a history.
func (f *Folder) refuseForeign() error {
	entries, err := f.disk.ReadDir(f.path)
	if err != nil {
		return fmt.Errorf("opening the history: %w", err)
	}
	var foreign []string
	for _, e := range entries {
		switch e.Name() {
		case ledgerName:
			return nil
		case lockName, ledgerName + stagedSuffix:
		default:
			foreign = append(foreign, e.Name())
		}
	}
	if len(foreign) == 0 {
		return nil
	}
	const shown = 3
	what := strings.Join(foreign[:min(shown, len(foreign))], ", ")
	if more := len(foreign) - shown; more > 0 {
		what += fmt.Sprintf(" and %d more", more)
	}
	return fmt.Errorf("%s: got %w, with %s in it and no %s, want an empty folder, or a new one; name another folder under history",
		f.path, ErrForeign, what, ledgerName)
}

// open reads the ledger and prepares a run. The folder is locked.
func (f *Folder) open(mapping string) error {
	if err := f.refuseForeign(); err != nil {
		return err
	}
	if err := f.readLedger(mapping); err != nil {
		return err
	}
	if err := f.recover(); err != nil {
		return err
	}
	if err := f.checkFiles(); err != nil {
		return err
	}
	last, err := f.lastRun()
	if err != nil {
		return err
	}
	f.run = max(last, f.ledger.Next) + 1
	f.whole = f.ledger.Version != ledgerVersion || len(f.Runs()) >= maxRuns
	f.newAliases = f.ledger.Version != ledgerVersion && len(f.ledger.Identities) > 0
	return nil
}

func (f *Folder) readLedger(mapping string) error {
	at := f.at(ledgerName)
	text, err := f.disk.ReadFile(at)
	if errors.Is(err, fs.ErrNotExist) {
		f.ledger = Ledger{Version: ledgerVersion, Mapping: mapping}
		return nil
	}
	if err != nil {
		return fmt.Errorf("opening the history: %w", err)
	}
	l, err := parseLedger(at, text)
	if err != nil {
		return err
	}
	if l.Mapping != mapping {
		return &datasets.FileError{
			Path: at, Got: "a history made with other columns, rules or time zone", Want: "the settings of this job",
			Hint: "put them back, or name another folder under history and load all files again",
		}
	}
	f.ledger, f.stored = *l, text
	return nil
}

// checkFiles compares the names and sizes of the files with the ledger. A ledger of
// version 1 does not name the buckets in which a run has a file: its list is cut to
// the existing files.
func (f *Folder) checkFiles() error {
	first := f.ledger.Version != ledgerVersion
	for _, file := range f.ledger.files() {
		info, err := f.disk.Stat(f.at(file.Name))
		switch _, lines := bucketOf(file.Name); {
		case errors.Is(err, fs.ErrNotExist) && first && lines:
			f.ledger.Lines = slices.DeleteFunc(f.ledger.Lines, func(l File) bool { return l.Name == file.Name })
		case errors.Is(err, fs.ErrNotExist):
			return f.damaged(file.Name, "no such file", "one of "+fmt.Sprint(file.Bytes)+" bytes", nil)
		case err != nil:
			return f.damaged(file.Name, "", "", err)
		case !info.Mode().IsRegular():
			return f.damaged(file.Name, info.Mode().Type().String(), "a file", nil)
		case !first && info.Size() != file.Bytes:
			return f.damaged(file.Name, fmt.Sprintf("%d bytes", info.Size()), fmt.Sprintf("the %d that a run wrote", file.Bytes), nil)
		}
	}
	return nil
}

// damaged returns the error of a file that differs from the file written by a
// run.
func (f *Folder) damaged(name, got, want string, err error) error {
	return &datasets.FileError{Path: f.at(name), Got: got, Want: want, Err: err, Hint: rebuild}
}

// lastRun returns the highest number of a run with any file in the folder, in the
// ledger or not, so that the current run gets free names.
func (f *Folder) lastRun() (int, error) {
	last := 0
	folders, err := f.disk.ReadDir(f.path)
	if err != nil {
		return 0, fmt.Errorf("opening the history: %w", err)
	}
	for _, folder := range folders {
		if !folder.IsDir() || !runFolder.MatchString(folder.Name()) {
			continue
		}
		entries, err := f.disk.ReadDir(f.at(folder.Name()))
		if err != nil {
			return 0, fmt.Errorf("opening the history: %w", err)
		}
		for _, e := range entries {
			if run, ours := runOf(path.Join(folder.Name(), e.Name())); ours {
				last = max(last, run)
			}
		}
	}
	return last, nil
}

// Close ends the work on the folder: files of the run without a commit are
// removed, and the next run may begin. Close may be called on nil, and again.
func (f *Folder) Close() error {
	if f == nil || f.release == nil {
		return nil
	}
	var err error
	if f.begun {
		err = f.recover()
	}
	return errors.Join(err, f.unlock())
}

func (f *Folder) unlock() error {
	release := f.release
	f.release = nil
	return release()
}

// Inputs returns the files loaded into the history, in the order of their paths
// and checksums.
func (f *Folder) Inputs() []Input { return f.ledger.Inputs }

// Knows reports whether a file with this checksum has been taken in.
func (f *Folder) Knows(sha256 string) bool {
	return slices.ContainsFunc(f.ledger.Inputs, func(i Input) bool { return i.SHA256 == sha256 })
}

// Runs returns the names of the runs that the ledger counts.
func (f *Folder) Runs() []string { return f.ledger.runs() }

// Path returns the folder.
func (f *Folder) Path() string { return f.path }

// at returns the path of a name in the folder.
func (f *Folder) at(name string) string { return filepath.Join(f.path, filepath.FromSlash(name)) }

// options says how the files of a history are written.
func options() parquetio.Options {
	o := parquetio.DefaultOptions()
	o.SortedBy = []string{"customer"}
	return o
}
