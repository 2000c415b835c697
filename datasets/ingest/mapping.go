package ingest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/text"
)

// mapping says how the frames of one file become transactions. It is shared by
// the workers and does not change.
type mapping struct {
	path      string
	source    *Source
	fields    []datasets.Field // the columns of a frame: first those selected, then the constants
	selected  []int            // index of each selected column in the file
	constants []string         // values of the columns that the path holds

	overlap *overlap            // finds lines that stand in several files; nil: not asked
	guessed bool                // nobody has said which columns have which roles
	roles   map[Role]int        // → index of a frame's column
	dims    [datasets.Slots]int // → index of a frame's column, or -1; numbered as in the history
	rules   []boundRule
	ret     *boundRule
	layout  *text.TimeLayout // nil where the column holds times, not texts
}

// boundRule is a rule with its column found in the file.
type boundRule struct {
	*Rule
	column int
}

// bind finds the columns of the source in a file. columns are those of the
// history, which number the further dimensions.
func bind(s *Source, path string, fields []datasets.Field, columns datasets.Columns) (*mapping, error) {
	m := &mapping{path: path, source: s, roles: map[Role]int{}}
	names, values := partitionsOf(path)
	b := binder{m: m, file: fields, names: names, values: values}
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
	for i := range s.SetAside {
		m.rules = append(m.rules, b.rule(&s.SetAside[i], "set_aside "+s.SetAside[i].Name))
	}
	if s.Returns != nil {
		r := b.rule(s.Returns, "returns")
		m.ret = &r
	}
	if len(b.missing) > 0 {
		return nil, b.notFound()
	}
	return m, nil
}

// at returns the index of the role's column, or -1.
func (m *mapping) at(r Role) int {
	if i, ok := m.roles[r]; ok {
		return i
	}
	return -1
}

// shown reports whether messages may show what stands in a column: it is mapped to
// a time, a quantity or money, and to nothing that can be personal.
func (m *mapping) shown(column int) bool {
	harmless := false
	for role, at := range m.roles {
		if at != column {
			continue
		}
		switch role {
		case Time, Quantity, UnitPrice, Amount, Cost, Discount:
			harmless = true
		default:
			return false
		}
	}
	return harmless && !slices.Contains(m.dims[:], column)
}

// binder looks names up and remembers those it did not find.
type binder struct {
	m             *mapping
	file          []datasets.Field
	names, values []string // key=value folders of the path
	missing       []string
	wanted        []string
}

func (b *binder) rule(r *Rule, what string) boundRule {
	name := r.Column
	if mapped, ok := b.m.source.Columns[Role(name)]; ok {
		name = mapped
	} else if mapped, ok := b.m.source.Further[name]; ok {
		name = mapped
	}
	return boundRule{r, b.column(name, what)}
}

// column returns the index in the frame of the file's column with that name,
// selecting it if it is not yet.
func (b *binder) column(name, what string) int {
	m := b.m
	if i := slices.IndexFunc(m.fields, func(f datasets.Field) bool { return f.Name == name }); i >= 0 {
		return i
	}
	for i, f := range b.file {
		if f.Name == name {
			// Constants follow the selected columns in a frame, and are
			// looked up last; see bindConstants.
			m.fields = slices.Insert(m.fields, len(m.selected), f)
			m.selected = append(m.selected, i)
			return len(m.selected) - 1
		}
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
