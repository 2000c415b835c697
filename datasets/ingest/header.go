package ingest

import (
	"fmt"
	"strings"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/csvio"
)

// namesOf lists the columns of a file for a message. The first line of a text file
// without a header would be taken for names, though the cells are somebody's data:
// where a name looks like data, no name is shown, and hint gives the possible cause.
func namesOf(path string, s *Source, fields []datasets.Field) (names []string, hint string) {
	hidden := s.CSV.Header && len(s.CSV.Names) == 0 && looksLikeData(path, fields)
	for i, f := range fields {
		if hidden {
			names = append(names, fmt.Sprintf("column %d", i+1))
			continue
		}
		names = append(names, fmt.Sprintf("%q", f.Name))
	}
	if hidden {
		hint = `the first line looks like data, so its text is hidden; if it is no header, set "header: false"`
	}
	return names, hint
}

// ColumnNames returns the names of the file's columns, reading a text file in the dialect found at its beginning, where
// the options leave the dialect open.
//
// Errors: *datasets.FileError where the file cannot be read.
func (f File) ColumnNames(options csvio.Options) ([]string, error) {
	g := &Guess{}
	if err := g.open(f, &options); err != nil {
		return nil, err
	}
	names := make([]string, len(g.Fields))
	for i, field := range g.Fields {
		names[i] = field.Name
	}
	return names, nil
}

// looksLikeData reports whether one of the names in the first line of a text file is
// rather a value: a number, a time or an address.
func looksLikeData(path string, fields []datasets.Field) bool {
	switch formatOf(path) {
	case parquetFormat, arrowFormat, jsonFormat:
		return false
	}
	for i, f := range fields {
		switch name := strings.TrimLeft(f.Name, "+-.,$€£ "); {
		case f.Kind != datasets.Text:
			return false
		case name == fmt.Sprint(i+1): // what an empty name is replaced by
		case strings.Contains(name, "@"), name != "" && name[0] >= '0' && name[0] <= '9':
			return true
		}
	}
	return false
}
