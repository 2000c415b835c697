package xlsxio

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/quintile-dev/quintile/datasets"
)

// workbook is the parts of a workbook.
type workbook struct {
	path    string
	files   map[string]*zip.File
	sheets  []sheet
	from904 bool   // days count from 1904-01-01
	strings string // part of the texts that cells share; "" for none
	dates   []form // by style of cells
}

// sheet is a sheet of cells that can be seen.
type sheet struct{ name, part string }

// relations is a part with the relations between parts.
type relations struct {
	List []struct {
		ID     string `xml:"Id,attr"`
		Type   string `xml:"Type,attr"`
		Target string `xml:"Target,attr"`
	} `xml:"Relationship"`
}

// openWorkbook finds the parts of a workbook.
func openWorkbook(archive *zip.Reader, name string) (*workbook, error) {
	w := &workbook{path: name, files: map[string]*zip.File{}}
	for _, f := range archive.File {
		w.files[strings.ToLower(strings.TrimPrefix(f.Name, "/"))] = f
	}
	main := "xl/workbook.xml"
	var top relations
	if err := w.read("_rels/.rels", &top, true); err != nil {
		return nil, err
	}
	for _, r := range top.List {
		if strings.HasSuffix(r.Type, "/officeDocument") {
			main = resolve("", r.Target)
		}
	}
	var book struct {
		Properties struct {
			From1904 string `xml:"date1904,attr"`
		} `xml:"workbookPr"`
		Sheets []struct {
			Name  string `xml:"name,attr"`
			State string `xml:"state,attr"`
			ID    string `xml:"id,attr"` // of the relation
		} `xml:"sheets>sheet"`
	}
	if err := w.read(main, &book, false); err != nil {
		return nil, err
	}
	if len(book.Sheets) > maxSheets {
		return nil, w.damaged(main, fmt.Errorf("more than %d sheets", maxSheets))
	}
	w.from904 = book.Properties.From1904 == "1" || book.Properties.From1904 == "true"
	folder := path.Dir(main)
	var parts relations
	if err := w.read(path.Join(folder, "_rels", path.Base(main)+".rels"), &parts, false); err != nil {
		return nil, err
	}
	targets := map[string]string{}
	styles := ""
	for _, r := range parts.List {
		target := resolve(folder, r.Target)
		switch {
		case strings.HasSuffix(r.Type, "/worksheet"):
			targets[r.ID] = target
		case strings.HasSuffix(r.Type, "/sharedStrings"):
			w.strings = target
		case strings.HasSuffix(r.Type, "/styles"):
			styles = target
		}
	}
	for _, s := range book.Sheets {
		if target := targets[s.ID]; target != "" && (s.State == "" || s.State == "visible") {
			w.sheets = append(w.sheets, sheet{s.Name, target})
		}
	}
	if styles == "" {
		return w, nil
	}
	return w, w.readStyles(styles)
}

// resolve returns the name of a part named by another part, in a folder.
func resolve(folder, target string) string {
	if strings.HasPrefix(target, "/") {
		return strings.TrimPrefix(path.Clean(target), "/")
	}
	return path.Join(folder, target)
}

// open opens a part.
func (w *workbook) open(part string) (io.ReadCloser, error) {
	f := w.files[strings.ToLower(part)]
	if f == nil {
		return nil, &datasets.FileError{Path: w.path, Got: fmt.Sprintf("no part %s", part), Want: "an Excel workbook (.xlsx)", Hint: "save it again, or save the sheet as CSV"}
	}
	r, err := f.Open()
	if err != nil {
		return nil, w.damaged(part, err)
	}
	return r, nil
}

// read reads a small part.
func (w *workbook) read(part string, v any, optional bool) error {
	if optional && w.files[strings.ToLower(part)] == nil {
		return nil
	}
	r, err := w.open(part)
	if err != nil {
		return err
	}
	defer r.Close()
	tokens := &shallow{xml: xml.NewDecoder(io.LimitReader(r, maxPart))}
	if err := xml.NewTokenDecoder(tokens).Decode(v); err != nil {
		return w.damaged(part, err)
	}
	return nil
}

// shallow passes the tokens of XML on, up to maxDepth elements inside one another: the decoder remembers all that are
// open. A shallow implements xml.TokenReader.
type shallow struct {
	xml   *xml.Decoder
	depth int
}

// Token returns the next token.
func (s *shallow) Token() (xml.Token, error) {
	t, err := s.xml.Token()
	switch t.(type) {
	case xml.StartElement:
		if s.depth++; s.depth > maxDepth {
			return nil, fmt.Errorf("more than %d elements inside one another", maxDepth)
		}
	case xml.EndElement:
		s.depth--
	}
	return t, err
}

func (w *workbook) damaged(part string, err error) error {
	var already *datasets.FileError
	if errors.As(err, &already) {
		return err
	}
	return &datasets.FileError{Path: w.path, At: part, Got: "damaged data", Want: "an Excel workbook (.xlsx)", Err: err, Hint: "save it again, or save the sheet as CSV"}
}

// choose returns the sheet with the given name or, without a name, the only sheet with
// rows.
func (w *workbook) choose(name string) (sheet, error) {
	var names []string
	var filled []sheet
	for _, s := range w.sheets {
		if name != "" && strings.EqualFold(s.name, name) {
			return s, nil
		}
		names = append(names, fmt.Sprintf("%q", s.name))
		if name != "" {
			continue
		}
		has, err := w.hasRows(s)
		if err != nil {
			return s, err
		}
		if has {
			filled = append(filled, s)
		}
	}
	switch {
	case name != "":
		return sheet{}, &datasets.FileError{Path: w.path, Got: fmt.Sprintf("no sheet %q; the workbook has %s", name, strings.Join(names, ", ")),
			Hint: `name one of them with "sheet"`}
	case len(filled) == 0:
		return sheet{}, &datasets.FileError{Path: w.path, Got: "no sheet with rows", Want: "one"}
	case len(filled) > 1:
		names = nil
		for _, s := range filled {
			names = append(names, fmt.Sprintf("%q", s.name))
		}
		return sheet{}, &datasets.FileError{Path: w.path, Got: "several sheets with rows: " + strings.Join(names, ", "), Want: "one", Hint: `name it with "sheet"`}
	}
	return filled[0], nil
}

// hasRows reports whether a cell of a sheet has contents, judged by the first rows.
func (w *workbook) hasRows(s sheet) (bool, error) {
	r, err := w.open(s.part)
	if err != nil {
		return false, err
	}
	defer r.Close()
	head := make([]byte, 256<<10)
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return false, w.damaged(s.part, err)
	}
	m := markup{data: head[:n]}
	for {
		_, t, ok := m.next()
		if !ok {
			return n == len(head), nil
		}
		if name := string(t.name); !t.end && (name == "v" || name == "is") {
			return true, nil
		}
	}
}

// Sheets returns the names of the visible sheets with rows of a workbook.
//
// Errors: *datasets.FileError where the file is no workbook.
func Sheets(file, name string) ([]string, error) {
	archive, err := openArchive(file, name)
	if err != nil {
		return nil, err
	}
	defer archive.Close()
	w, err := openWorkbook(&archive.Reader, name)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, s := range w.sheets {
		has, err := w.hasRows(s)
		if err != nil {
			return nil, err
		}
		if has {
			names = append(names, s.name)
		}
	}
	return names, nil
}
