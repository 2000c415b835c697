package ingest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/arrowio"
	"github.com/quintile-dev/quintile/datasets/csvio"
	"github.com/quintile-dev/quintile/datasets/jsonio"
	"github.com/quintile-dev/quintile/datasets/parquetio"
	"github.com/quintile-dev/quintile/datasets/xlsxio"
)

// Resolve returns the files matched by a path, sorted: a file itself, the
// matches of a glob, or all data files below a folder. In folders and globs,
// names that begin with a dot or an underscore are left out, as Spark and Hive
// do.
func Resolve(path string) ([]string, error) {
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return filesBelow(path)
	case err == nil:
		if _, err := statFile(path, path); err != nil {
			return nil, err
		}
		return []string{path}, nil
	case !IsGlob(path):
		return nil, &datasets.FileError{Path: path, Err: err, Hint: "check the path; a relative one in a job starts at the folder of the job file"}
	}
	matches, err := filepath.Glob(path)
	if err != nil {
		return nil, notWellFormed(path, err)
	}
	var files []string
	for _, m := range matches {
		if hidden(filepath.Base(m)) {
			continue
		}
		below, err := Resolve(m)
		if err != nil {
			return nil, err
		}
		files = append(files, below...)
	}
	if len(files) == 0 {
		return nil, noMatch(path)
	}
	slices.Sort(files)
	return files, nil
}

func hidden(name string) bool { return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") }

func filesBelow(folder string) ([]string, error) {
	var files []string
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if path != folder && hidden(entry.Name()) {
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if !entry.IsDir() && formatOf(path) != unknownFormat {
			files = append(files, path)
		}
		return nil
	})
	if err != nil {
		return nil, &datasets.FileError{Path: folder, Err: err}
	}
	if len(files) == 0 {
		return nil, noDataFile(folder)
	}
	slices.Sort(files)
	return files, nil
}

func notWellFormed(path string, err error) error {
	return &datasets.FileError{Path: path, Got: "a glob that is not well formed", Want: `a pattern such as "orders/2011-*.csv.gz"`, Err: err}
}

func noMatch(path string) error {
	return &datasets.FileError{Path: path, Got: "no file that matches", Want: "at least one", Hint: "check the pattern"}
}

func noDataFile(folder string) error {
	return &datasets.FileError{Path: folder, Got: "no data file below this folder", Want: ".csv, .tsv, .txt, .parquet, .arrow, .jsonl or .xlsx files"}
}

type format uint8

const (
	unknownFormat format = iota
	textFormat
	parquetFormat
	arrowFormat
	jsonFormat
	excelFormat
)

// formatOf tells the format from the name, whatever its compression.
func formatOf(path string) format {
	name := strings.ToLower(filepath.Base(path))
	for _, suffix := range []string{".gz", ".zst", ".zstd"} {
		name = strings.TrimSuffix(name, suffix)
	}
	switch filepath.Ext(name) {
	case ".csv", ".tsv", ".tab", ".txt", ".dat", ".psv":
		return textFormat
	case ".parquet", ".pq", ".parq":
		return parquetFormat
	case ".arrow", ".feather", ".ipc", ".arrows":
		return arrowFormat
	case ".jsonl", ".ndjson", ".json":
		return jsonFormat
	case ".xlsx", ".xlsm":
		return excelFormat
	}
	return unknownFormat
}

// File is a file to be read.
type File struct {
	Path   string // where it is read from; "" for one that is not at hand, since it will be passed over
	Name   string // how it is called: in messages and reports, and where names tell a format or hold columns
	Bytes  int64  // its size
	SHA256 string // of its contents; "" where nobody has read it yet
	Sheet  string // of an Excel workbook; "": the one that has rows
	ETag   string // what its place said of its contents: other contents under this name have another; "" for none

	seen fs.FileInfo // what it was before it was read
}

// Found is Resolve, with the size of each file.
func Found(path string) ([]File, error) {
	paths, err := Resolve(path)
	if err != nil {
		return nil, err
	}
	files := make([]File, len(paths))
	for i, p := range paths {
		info, err := statFile(p, p)
		if err != nil {
			return nil, err
		}
		files[i] = File{Path: p, Name: p, Bytes: info.Size(), seen: info}
	}
	return files, nil
}

// found returns the files of a source.
func (s *Source) found() ([]File, error) {
	files := s.Files
	if files == nil {
		var err error
		if files, err = Found(s.Path); err != nil {
			return nil, err
		}
	}
	if s.Sheet != "" {
		files = slices.Clone(files)
		for i := range files {
			files[i].Sheet = s.Sheet
		}
	}
	return files, nil
}

// sniff tells the format of a file from its first bytes, where the file name
// does not tell.
func sniff(path string) format {
	file, err := os.Open(path)
	if err != nil {
		return textFormat // opening it again will tell
	}
	defer file.Close()
	head := make([]byte, 6)
	n, _ := io.ReadFull(file, head)
	switch head = head[:n]; {
	case bytes.HasPrefix(head, []byte("PAR1")):
		return parquetFormat
	case bytes.HasPrefix(head, []byte("ARROW1")), bytes.HasPrefix(head, []byte{0xFF, 0xFF, 0xFF, 0xFF}):
		return arrowFormat
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return excelFormat
	case bytes.HasPrefix(bytes.TrimLeft(head, " \t\r\n"), []byte("{")):
		return jsonFormat
	}
	return textFormat
}

// Open opens the file in the format that its name or its first bytes tell. The
// options are for text files, and which row is the header for workbooks too; a .tsv is split at tabs unless they say
// otherwise. Of f it looks at Path, Name and Sheet alone.
func (f *File) Open(options csvio.Options) (datasets.Reader, error) {
	if _, err := statFile(f.Path, f.Name); err != nil {
		return nil, err
	}
	switch f.kind() {
	case parquetFormat:
		return parquetio.OpenAs(f.Path, f.Name)
	case arrowFormat:
		return arrowio.OpenAs(f.Path, f.Name)
	case jsonFormat:
		return jsonio.OpenAs(f.Path, f.Name)
	case excelFormat:
		return xlsxio.OpenAs(f.Path, f.Name, xlsxio.Options{Sheet: f.Sheet, Header: options.Header, Names: options.Names, Skip: options.Skip})
	}
	return csvio.OpenAs(f.Path, f.Name, options, nil)
}

// kind tells the format of the file from its name, or else from its first bytes.
func (f *File) kind() format {
	if kind := formatOf(f.Name); kind != unknownFormat {
		return kind
	}
	return sniff(f.Path)
}

// partitionsOf returns the key=value folders of a path, Hive's way of keeping a
// column in the names of folders.
func partitionsOf(path string) (names, values []string) {
	for _, folder := range strings.Split(filepath.ToSlash(filepath.Dir(path)), "/") {
		if name, value, ok := strings.Cut(folder, "="); ok && name != "" {
			if value == "__HIVE_DEFAULT_PARTITION__" {
				value = ""
			}
			names, values = append(names, name), append(values, value)
		}
	}
	return names, values
}

// sum computes the size and the SHA-256 of the file, unless it is known.
func (f *File) sum() error {
	if f.SHA256 != "" {
		return nil
	}
	file, err := os.Open(f.Path)
	if err != nil {
		return &datasets.FileError{Path: f.Name, Err: err}
	}
	defer file.Close()
	h := &summer{hash: sha256.New()}
	if _, err := io.CopyBuffer(h, struct{ io.Reader }{file}, make([]byte, 1<<20)); err != nil {
		return &datasets.FileError{Path: f.Name, Err: fmt.Errorf("reading it for its checksum: %w", err)}
	}
	f.Bytes, f.SHA256 = h.size, h.String()
	return nil
}

// summer computes the checksum and the size of the bytes written to it.
type summer struct {
	hash hash.Hash
	size int64
}

func (s *summer) Write(p []byte) (int, error) {
	s.size += int64(len(p))
	return s.hash.Write(p)
}

// String returns the sum so far.
func (s *summer) String() string { return hex.EncodeToString(s.hash.Sum(nil)) }
