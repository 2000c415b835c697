package history

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/quintile-dev/quintile/datasets"
)

// Ledger is the table of contents of a kept history.
type Ledger struct {
	Version    int     `json:"version"`
	Mapping    string  `json:"mapping"`    // digest of the settings that shaped the line items
	Next       int     `json:"next"`       // number of the last run that wrote files
	Lines      []File  `json:"line_items"` // files of line items, by run and bucket
	Refused    []File  `json:"quarantine"` // files of refused rows, by run
	Identities []File  `json:"identities"` // the file of aliases; none where no id is an alias
	Inputs     []Input `json:"inputs"`
	// SHA256 is the checksum of the ledger with "" in this field: a ledger changed
	// by other hands is refused.
	SHA256 string `json:"sha256"`
}

// File is a file of the history, in its state after writing.
type File struct {
	Name   string `json:"name"` // relative to the folder, with slashes
	Bytes  int64  `json:"bytes"`
	Rows   int64  `json:"rows"`
	Money  string `json:"money,omitempty"` // sum of the amounts of line items, in units of the currency
	SHA256 string `json:"sha256"`          // "" where a ledger of version 1 does not know it, nor the figures
}

// Input is one file loaded into the history, with the fate of its rows.
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

// CompareInputs orders inputs by path, then by checksum.
func CompareInputs(a, b Input) int {
	return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.SHA256, b.SHA256))
}

const ledgerVersion = 2

// files returns all files that the ledger names.
func (l *Ledger) files() []File { return slices.Concat(l.Lines, l.Refused, l.Identities) }

// names returns their names.
func (l *Ledger) names() map[string]bool {
	names := map[string]bool{}
	for _, f := range l.files() {
		names[f.Name] = true
	}
	return names
}

// encode returns the text of the ledger, with its checksum.
func (l Ledger) encode() ([]byte, error) {
	l.SHA256 = ""
	text, err := json.MarshalIndent(l, "", "  ")
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(text)
	l.SHA256 = hex.EncodeToString(sum[:])
	if text, err = json.MarshalIndent(l, "", "  "); err != nil {
		return nil, err
	}
	return append(text, '\n'), nil
}

// rebuild is how to mend a history that is damaged.
const rebuild = "restore the history's folder from a copy, or remove it and load all files again"

// parseLedger reads the ledger at a path.
//
// Errors: a *datasets.FileError.
func parseLedger(at string, text []byte) (*Ledger, error) {
	fault := func(got, want string, err error) error {
		return &datasets.FileError{Path: at, Got: got, Want: want, Hint: rebuild, Err: err}
	}
	var version struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(text, &version); err != nil {
		return nil, fault("a damaged ledger", "JSON", err)
	}
	switch version.Version {
	case 1:
		return parseFirst(text, fault)
	case ledgerVersion:
	default:
		return nil, fault(fmt.Sprintf("version %d", version.Version), fmt.Sprintf("version %d, or 1", ledgerVersion), nil)
	}
	var l Ledger
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&l); err != nil {
		return nil, fault("a damaged ledger", "the ledger of a history", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fault("a damaged ledger", "nothing after its end", nil)
	}
	again, err := l.encode()
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(again, text) {
		return nil, fault("a ledger that was changed", "the one that the last run wrote", nil)
	}
	return &l, l.check(fault)
}

// check finds what no run writes.
func (l *Ledger) check(fault func(got, want string, err error) error) error {
	seen := map[string]bool{}
	for i, list := range [...][]File{l.Lines, l.Refused, l.Identities} {
		for _, f := range list {
			_, ours := runOf(f.Name)
			_, lines := bucketOf(f.Name)
			want := [...]bool{lines, path.Dir(f.Name) == quarantineName, path.Dir(f.Name) == identitiesName}[i]
			switch {
			case !ours || !want:
				return fault(fmt.Sprintf("the file name %q", f.Name), "a name that a run gives", nil)
			case seen[f.Name]:
				return fault(f.Name+" a second time", "each file once", nil)
			}
			seen[f.Name] = true
		}
	}
	if len(l.Identities) > 1 {
		return fault(fmt.Sprintf("%d files of aliases", len(l.Identities)), "one", nil)
	}
	return nil
}

// ledgerOne is a ledger of version 1, which names runs, not files.
type ledgerOne struct {
	Version    int      `json:"version"`
	Mapping    string   `json:"mapping"`
	Runs       []string `json:"runs"`
	Refused    []string `json:"quarantine"`
	Identities string   `json:"identities"`
	Next       int      `json:"next"`
	Inputs     []Input  `json:"inputs"`
}

// parseFirst reads a ledger of version 1. Each run may have a file in any bucket;
// nothing is known of sizes and checksums.
func parseFirst(text []byte, fault func(got, want string, err error) error) (*Ledger, error) {
	var one ledgerOne
	if err := json.Unmarshal(text, &one); err != nil {
		return nil, fault("a damaged ledger", "the ledger of a history", err)
	}
	l := &Ledger{Version: 1, Mapping: one.Mapping, Next: one.Next, Inputs: one.Inputs}
	for _, run := range one.Runs {
		for bucket := range Buckets {
			l.Lines = append(l.Lines, File{Name: fmt.Sprintf("bucket=%02d/%s", bucket, run)})
		}
	}
	for _, name := range one.Refused {
		l.Refused = append(l.Refused, File{Name: path.Join(quarantineName, name)})
	}
	if one.Identities != "" {
		l.Identities = []File{{Name: path.Join(identitiesName, one.Identities)}}
	}
	return l, l.check(fault)
}

// runs returns the names of the runs that wrote line items.
func (l *Ledger) runs() []string {
	var names []string
	for _, f := range l.Lines {
		names = append(names, strings.TrimSuffix(path.Base(f.Name), ".parquet"))
	}
	slices.Sort(names)
	return slices.Compact(names)
}
