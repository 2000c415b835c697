package importcheck

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"
)

// Report is the verdict of a file's system on the file.
type Report struct {
	Path   string
	System string
	Rows   int64 // without the header
	Bytes  int64
	Faults []Fault // the first ones
	Count  int64   // of all
}

// Fault is one reason to refuse a file, or a row of a file. A Fault never shows the contents
// of a cell.
type Fault struct {
	Line    int    // 1-based; 0: the whole file
	Column  string // header; "" for the whole row
	Message string
}

func (f Fault) String() string {
	var at []string
	if f.Line > 0 {
		at = append(at, fmt.Sprintf("line %d", f.Line))
	}
	if f.Column != "" {
		at = append(at, fmt.Sprintf("column %q", f.Column))
	}
	if at == nil {
		return f.Message
	}
	return strings.Join(at, ", ") + ": " + f.Message
}

// faultsKept is the number of faults that a report lists.
const faultsKept = 20

// checker reads one file.
type checker struct {
	rules  rules
	report *Report
	header []string
	key    int // −1: there is none
	seed   maphash.Seed
	seen   map[uint64]struct{}
}

// Check reads a CSV file as the system does.
//
// Errors: an unknown system, a file that cannot be opened or read. Faults of the contents
// are in the report.
func Check(path, system string) (*Report, error) {
	r, ok := systems[system]
	if !ok {
		return nil, fmt.Errorf("got the system %q, want one of %s", system, strings.Join(Systems(), ", "))
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // was read only
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	c := &checker{rules: r, report: &Report{Path: path, System: system, Bytes: info.Size()}, seed: maphash.MakeSeed(), seen: map[uint64]struct{}{}}
	if r.maxBytes > 0 && info.Size() > r.maxBytes {
		c.fault(0, "", "got %d bytes, want at most %d", info.Size(), r.maxBytes)
	}
	return c.report, c.read(file)
}

func (c *checker) fault(line int, column, format string, args ...any) {
	if c.report.Count++; len(c.report.Faults) < faultsKept {
		c.report.Faults = append(c.report.Faults, Fault{line, column, fmt.Sprintf(format, args...)})
	}
}

// ends counts the kinds of line ends of the text read.
type ends struct {
	in             io.Reader
	lf, crlf       bool
	last           byte
	mark           bool
	started, inner bool
}

func (e *ends) Read(p []byte) (int, error) {
	n, err := e.in.Read(p)
	if !e.started && n > 0 {
		e.started, e.mark = true, bytes.HasPrefix(p[:n], []byte("\ufeff"))
	}
	for _, b := range p[:n] {
		switch {
		case b == '"':
			e.inner = !e.inner
		case b == '\n' && !e.inner && e.last == '\r':
			e.crlf = true
		case b == '\n' && !e.inner:
			e.lf = true
		}
		e.last = b
	}
	return n, err
}

func (c *checker) read(in io.Reader) error {
	e := &ends{in: in}
	r := csv.NewReader(e)
	r.ReuseRecord = true
	first, err := r.Read()
	if errors.Is(err, io.EOF) {
		c.fault(0, "", "got an empty file, want a header")
		return nil
	}
	if err == nil {
		c.checkHeader(slices.Clone(first))
	}
	for err == nil {
		var row []string
		row, err = r.Read()
		if err != nil {
			break
		}
		line, _ := r.FieldPos(0)
		c.report.Rows++
		c.checkRow(line, row)
	}
	var bad *csv.ParseError
	switch {
	case errors.As(err, &bad):
		c.fault(bad.Line, "", "%v; want rows of %d cells, quoted by RFC 4180", bad.Err, len(c.header))
	case !errors.Is(err, io.EOF):
		return err
	}
	if e.mark {
		c.fault(1, "", "got a byte order mark, which becomes part of the first header")
	}
	if e.lf && e.crlf {
		c.fault(0, "", "got line ends of two kinds, want one")
	}
	if c.rules.maxLines > 0 && c.report.Rows+1 > c.rules.maxLines {
		c.fault(0, "", "got %d lines, want at most %d", c.report.Rows+1, c.rules.maxLines)
	}
	return nil
}

// checkHeader checks the first row and finds the key.
func (c *checker) checkHeader(header []string) {
	c.header = header
	if n := len(header); c.rules.maxColumns > 0 && n > c.rules.maxColumns {
		c.fault(1, "", "got %d columns, want at most %d", n, c.rules.maxColumns)
	}
	if n := utf8.RuneCountInString(strings.Join(header, ",")); c.rules.maxHeader > 0 && n > c.rules.maxHeader {
		c.fault(1, "", "got a header of %d characters, want at most %d", n, c.rules.maxHeader)
	}
	for i, name := range header {
		_, known := c.rules.headers[name]
		switch {
		case strings.TrimSpace(name) != name || name == "":
			c.fault(1, name, "want a name without blanks around it")
		case slices.Contains(header[:i], name) && !c.rules.closed: // advertising lists may have two addresses
			c.fault(1, name, "got the name twice")
		case c.rules.closed && !known:
			c.fault(1, name, "the system knows no such header")
		case c.rules.name != nil && !c.rules.name.MatchString(name):
			c.fault(1, name, "want the API name of a field")
		}
		for _, reserved := range c.rules.reserved {
			if name != reserved && strings.EqualFold(name, reserved) {
				c.fault(1, name, "would become a field of its own; want %q", reserved)
			}
		}
	}
	c.findKey()
}

func (c *checker) findKey() {
	var keys []int
	for i, name := range c.header {
		if slices.Contains(c.rules.keys, name) {
			keys = append(keys, i)
		}
	}
	switch {
	case c.rules.identities != nil:
		c.key = -1
	case c.rules.ops && len(c.header) > 1 && c.header[0] == "op":
		c.key = 1
	case c.rules.keys == nil:
		c.key = 0
	case len(keys) == 0:
		c.key = -1
		c.fault(1, "", "got no key, want one of %s", strings.Join(c.rules.keys, ", "))
	case len(keys) > 1 && c.report.System == "braze":
		c.key = keys[0]
		c.fault(1, "", "got identifiers of two kinds, want one")
	default:
		c.key = keys[0]
	}
	if c.rules.keyFirst && c.key > 0 {
		c.fault(1, c.header[c.key], "want the key in the first column")
	}
	if slices.Contains(c.header, "user_alias_name") && !slices.Contains(c.header, "user_alias_label") {
		c.fault(1, "user_alias_name", "want user_alias_label beside it")
	}
}

// notNumbers are words written by programs in place of a number, and taken for texts by
// systems.
var notNumbers = []string{"NaN", "nan", "Inf", "+Inf", "-Inf", "inf", "NULL", "null", "None", "<nil>", "#N/A"}

func (c *checker) checkRow(line int, row []string) {
	for i, cell := range row {
		if cell == "" {
			continue
		}
		name := c.header[i]
		switch {
		case !utf8.ValidString(cell):
			c.fault(line, name, "want UTF-8")
		case cell != c.rules.null && slices.Contains(notNumbers, cell) && i != c.key:
			c.fault(line, name, "got a word for a missing value that the system takes for a text")
		case c.rules.maxCell > 0 && utf8.RuneCountInString(cell) > c.rules.maxCell:
			c.fault(line, name, "got more than %d characters", c.rules.maxCell)
		}
		if check := c.rules.headers[name]; check != nil {
			if fault := check(cell); fault != "" {
				c.fault(line, name, "%s", fault)
			}
		}
	}
	if c.rules.identities != nil {
		found := false
		for i, name := range c.header {
			found = found || row[i] != "" && slices.Contains(c.rules.identities, name)
		}
		if !found {
			c.fault(line, "", "want one of %s", strings.Join(c.rules.identities, ", "))
		}
	}
	c.checkKey(line, row)
	if c.rules.ops {
		c.checkOp(line, row)
	}
}

func (c *checker) checkKey(line int, row []string) {
	if c.key < 0 {
		return
	}
	key, name := row[c.key], c.header[c.key]
	switch {
	case key == "" || key == c.rules.null:
		c.fault(line, name, "got no key")
		return
	case len(key) > 1 && key[0] == '\'' && strings.IndexByte("=+-@\t\r", key[1]) >= 0:
		c.fault(line, name, "got an apostrophe that was put before the key, which makes it another one")
	}
	if c.rules.repeats {
		return
	}
	sum := maphash.String(c.seed, key)
	if _, twice := c.seen[sum]; twice {
		c.fault(line, name, "got a key twice")
	}
	c.seen[sum] = struct{}{}
}

// checkOp checks what only files of one's own have.
func (c *checker) checkOp(line int, row []string) {
	for i, name := range c.header {
		switch {
		case name == "op" && i == 0 && !slices.Contains([]string{"insert", "update", "delete"}, row[0]):
			c.fault(line, name, "want insert, update or delete")
		case name == "op" && i == 0 && row[0] == "delete" && strings.Join(row[2:], "") != "":
			c.fault(line, "", "want nothing but the key in a row to delete")
		case name == "row_hash" && (c.header[0] != "op" || row[0] != "delete") && (len(row[i]) != 16 || strings.Trim(row[i], "0123456789abcdef") != ""):
			c.fault(line, name, "want 16 hexadecimal digits")
		}
	}
}

// manifest is what a folder of files says of itself.
type manifest struct {
	Profile string
	Files   []struct {
		Path string
		Rows int64
	}
}

// SystemOf returns the system of a file of a run, by the manifest beside the file or in
// the folder above; "" without a manifest.
func SystemOf(path string) (string, error) {
	for _, folder := range []string{filepath.Dir(path), filepath.Dir(filepath.Dir(path))} {
		m, err := readManifest(folder)
		if err != nil || m != nil && m.Profile != "" {
			return profileOf(m), err
		}
	}
	return "", nil
}

func profileOf(m *manifest) string {
	if m == nil {
		return ""
	}
	return m.Profile
}

func readManifest(folder string) (*manifest, error) {
	path := filepath.Join(folder, "manifest.json")
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	m := &manifest{}
	if err := json.Unmarshal(text, m); err != nil {
		return nil, fmt.Errorf("%s: got damaged JSON: %w", path, err)
	}
	return m, nil
}

// CheckFolder checks every CSV file in the manifest of a folder, and the number of rows of
// each.
//
// Errors: those of Check, and a folder without a manifest.
func CheckFolder(folder string) ([]*Report, error) {
	m, err := readManifest(folder)
	if err != nil {
		return nil, err
	}
	if m == nil {
		return nil, fmt.Errorf("%s: got no manifest.json, want the folder of a system such as crm/generic, or a file", folder)
	}
	var all []*Report
	for _, f := range m.Files {
		if filepath.Ext(f.Path) != ".csv" || !filepath.IsLocal(filepath.FromSlash(f.Path)) {
			continue
		}
		r, err := Check(filepath.Join(folder, filepath.FromSlash(f.Path)), m.Profile)
		if err != nil {
			return nil, err
		}
		if r.Rows != f.Rows {
			r.Count++
			r.Faults = append(r.Faults, Fault{Message: fmt.Sprintf("got %d rows, want the %d that the manifest says", r.Rows, f.Rows)})
		}
		all = append(all, r)
	}
	return all, nil
}
