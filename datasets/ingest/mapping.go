package ingest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/text"
)

// mapping is the way from the frames of one file to transactions. The workers
// share a mapping, and it does not change.
type mapping struct {
	path      string
	source    *Source
	fields    []datasets.Field // the columns of a frame: first those selected, then the constants
	selected  []int            // index of each selected column in the file
	constants []string         // values of the columns that the path holds

	duplicates *duplicates // leaves out lines that stand in several files, or several times; nil: not asked
	number     uint32      // of the file among those of its source, where duplicates are left out

	overlap *overlap            // finds lines that stand in several files; nil: not asked
	guessed bool                // nobody has said which columns have which roles
	roles   map[Role]int        // → index of a frame's column
	dims    [datasets.Slots]int // → index of a frame's column, or -1; numbered as in the history
	rules   []boundRule
	ret     *boundRule

	lookups    []boundLookup
	pieceCosts bool             // the costs are of one piece
	layout     *text.TimeLayout // nil where the column holds times, not texts
}

// boundRule is a rule with its column found in the file.
type boundRule struct {
	*Rule
	column int
	orders orderSet // those of which a line matches, where the rule takes whole orders
}

// bind finds the columns of the source in a file. columns are the columns of
// the history, with the numbers of the custom dimensions.
func bind(s *Source, path string, fields []datasets.Field, columns datasets.Columns) (*mapping, error) {
	m := &mapping{path: path, source: s, roles: map[Role]int{}}
	names, values := partitionsOf(path)
	b := binder{m: m, file: fields, names: names, values: values}
	for range 2 { // once more for their places, since constants move when a column of the file is selected
		if err := b.all(columns); err != nil {
			return nil, err
		}
	}
	m.bindLookups(columns)
	return m, nil
}

// all looks up all columns that the source names.
func (b *binder) all(columns datasets.Columns) error {
	m, s := b.m, b.m.source
	for _, role := range Roles() {
		if name := s.Columns[role]; name != "" {
			m.roles[role] = b.column(name, fmt.Sprintf("columns: %s", role))
		}
	}
	for d := range m.dims {
		m.dims[d] = -1
		if d < datasets.Dimensions {
			m.dims[d] = m.at(Role(datasets.Dimension(d).String()))
		} else if name := columns.Name(datasets.Dimension(d)); s.Further[name] != "" {
			m.dims[d] = b.column(s.Further[name], "dimensions: "+name)
		}
	}
	m.rules = nil
	for i := range s.SetAside {
		m.rules = append(m.rules, b.rule(&s.SetAside[i], "set_aside "+s.SetAside[i].Name))
	}
	if s.Returns != nil {
		r := b.rule(s.Returns, "returns")
		m.ret = &r
	}
	for _, name := range s.FillDown {
		b.fillDown(name)
	}
	return b.err()
}

// at returns the index of the role's column, or -1.
func (m *mapping) at(r Role) int {
	if i, ok := m.roles[r]; ok {
		return i
	}
	return -1
}

// shown reports whether messages may show the contents of a column: only a column
// mapped to a time, a quantity or money, and to nothing possibly personal.
func (m *mapping) shown(column int) bool {
	harmless := false
	for role, at := range m.roles {
		if at != column {
			continue
		}
		switch role {
		case Time, Quantity, UnitPrice, Amount, Cost, Discount, Currency, moreDiscounts[0], moreDiscounts[1], moreDiscounts[2]:
			harmless = true
		default:
			return false
		}
	}
	return harmless && !slices.Contains(m.dims[:], column)
}

// binder looks names up and remembers the names not found.
type binder struct {
	m             *mapping
	file          []datasets.Field
	names, values []string // key=value folders of the path
	missing       []string
	wanted        []string
	ambiguous     []string // what is wrong with names that several columns have
}

// fillDown looks up a column to be filled down: the column must be in the file, and is read only where needed.
func (b *binder) fillDown(name string) {
	if b.m.indexOf(name) < 0 && b.find(name) < 0 {
		b.missing, b.wanted = append(b.missing, name), append(b.wanted, "fill_down")
	}
}

// find returns the index in the file of the column meant by a name, or −1: #4 is the fourth column, unless a column
// has this name.
func (b *binder) find(name string) int {
	if i := slices.IndexFunc(b.file, func(f datasets.Field) bool { return f.Name == name }); i >= 0 {
		return i
	}
	if number, ok := strings.CutPrefix(name, "#"); ok {
		if i, err := strconv.Atoi(number); err == nil && i >= 1 && i <= len(b.file) {
			return i - 1
		}
	}
	return -1
}

// checkRepeated notes a name that several columns have.
func (b *binder) checkRepeated(name, what string) {
	if said := Ambiguity(b.file, name); said != "" {
		b.ambiguous = append(b.ambiguous, fmt.Sprintf("%s (%s)", said, what))
	}
}

// Ambiguity lists the columns of a file with the same name; "" where the name is unique.
func Ambiguity(fields []datasets.Field, name string) string {
	at := ColumnsNamed(fields, name)
	if len(at) < 2 {
		return ""
	}
	return fmt.Sprintf("%q is the name of the columns %s", name, inWords(at, "", " and "))
}

// ColumnsNamed returns the numbers, counted from 1, of the columns with a given name in the header of a file.
func ColumnsNamed(fields []datasets.Field, name string) []int {
	var at []int
	for i, f := range fields {
		if f.Repeated == name && name != "" {
			at = append(at, i+1)
		}
	}
	return at
}

// inWords lists numbers: 4, 6 and 7.
func inWords(numbers []int, mark, last string) string {
	var b strings.Builder
	for i, n := range numbers {
		switch {
		case i > 0 && i == len(numbers)-1:
			b.WriteString(last)
		case i > 0:
			b.WriteString(", ")
		}
		if mark != "" {
			fmt.Fprintf(&b, "%q", mark+strconv.Itoa(n))
			continue
		}
		b.WriteString(strconv.Itoa(n))
	}
	return b.String()
}

func (b *binder) rule(r *Rule, what string) boundRule {
	name := r.Column
	if b.m.source.givenByLookup(name) {
		return boundRule{Rule: r, column: -1}
	}
	if mapped, ok := b.m.source.Columns[Role(name)]; ok {
		name = mapped
	} else if mapped, ok := b.m.source.Further[name]; ok {
		name = mapped
	}
	return boundRule{Rule: r, column: b.column(name, what)}
}

// column returns the index in the frame of the file's column with the given
// name, and selects the column if necessary.
func (b *binder) column(name, what string) int {
	m := b.m
	if i := b.find(name); i >= 0 {
		b.checkRepeated(name, what)
		if at := slices.Index(m.selected, i); at >= 0 {
			return at
		}
		// Constants follow the selected columns in a frame, and are
		// looked up last; see bindConstants.
		m.fields = slices.Insert(m.fields, len(m.selected), b.file[i])
		m.selected = append(m.selected, i)
		return len(m.selected) - 1
	}
	if i := slices.IndexFunc(m.fields, func(f datasets.Field) bool { return f.Name == name }); i >= 0 {
		return i
	}
	if i := slices.Index(b.names, name); i >= 0 {
		m.fields = append(m.fields, datasets.Field{Name: name, Kind: datasets.Text})
		m.constants = append(m.constants, b.values[i])
		return len(m.fields) - 1
	}
	b.missing = append(b.missing, name)
	b.wanted = append(b.wanted, what)
	return -1
}

// err returns the faults of the names looked up.
func (b *binder) err() error {
	switch {
	case len(b.missing) > 0:
		return b.notFound()
	case len(b.ambiguous) > 0:
		return &datasets.FileError{Path: b.m.path, Got: strings.Join(b.ambiguous, ", "), Want: "a name that means one column",
			Hint: `write its number in place of the name, such as "#` + firstNumber(b.ambiguous[0]) + `"`}
	}
	return nil
}

// firstNumber returns the first number in the text of Ambiguity.
func firstNumber(said string) string {
	rest := said[strings.LastIndex(said, "columns ")+len("columns "):]
	end := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
	return rest[:end]
}

func (b *binder) notFound() error {
	have, hint := namesOf(b.m.path, b.m.source, b.file)
	for _, n := range b.names {
		have = append(have, fmt.Sprintf("%q (folder)", n))
	}
	var lost []string
	for i, name := range b.missing {
		lost = append(lost, fmt.Sprintf("column %q not found (%s)", name, b.wanted[i]))
	}
	if len(have) == 1 && hint == "" {
		return &datasets.FileError{Path: b.m.path, Got: strings.Join(lost, ", ") + "; the file has the one column " + have[0],
			Hint: `if the fields are separated by another character, set "delimiter"`}
	}
	if hint == "" {
		hint = `map it with "columns"`
	}
	return &datasets.FileError{Path: b.m.path, Got: strings.Join(lost, ", ") + "; the file has " + strings.Join(have, ", "), Hint: hint}
}
