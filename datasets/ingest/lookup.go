package ingest

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/text"
)

// DayKey is the key of a lookup by the day of a line.
const DayKey = "day"

// LookupSource is one entry of a job's lookups: files with a row for each key, and what is to be known of it.
type LookupSource struct {
	Source                     // of which the path counts, and how text is read
	Key      string            // a role of the line items, the name of a further dimension, or DayKey
	KeyIn    string            // name of the column of keys in the files
	Values   map[string]string // role of a dimension, or name of a further dimension → name of the column in the files
	UnitCost string            // name of the column of what one piece costs; "": none
}

// Lookup is a table that gives lines columns by a key. It is filled by ReadLookup before lines are read, and does not
// change while they are.
type Lookup struct {
	Key     string
	Names   []string // roles of dimensions and names of further ones, sorted
	HasCost bool
	name    string // of the first file, for messages
	entries map[string]int32
	values  []lookupValues // by name
	costs   []datasets.Money
	bytes   int64
}

// lookupValues are the texts of a column: entry i has code codes[i], and none where that is noCode.
type lookupValues struct {
	codes []uint32
	dict  datasets.Strings
	id    *datasets.DictID
	known map[string]uint32
}

const noCode = 1<<32 - 1

// Lookup returns the table of a source, empty as yet.
func (s *LookupSource) Lookup() *Lookup {
	l := &Lookup{Key: s.Key, HasCost: s.UnitCost != "", entries: map[string]int32{}, name: s.Path}
	for name := range s.Values {
		l.Names = append(l.Names, name)
	}
	slices.Sort(l.Names)
	for range l.Names {
		l.values = append(l.values, lookupValues{id: &datasets.DictID{}, known: map[string]uint32{}})
	}
	return l
}

// Bytes returns about the memory that the table takes.
func (l *Lookup) Bytes() int64 { return l.bytes }

// ReadLookup fills the table of a source. most is the memory in bytes that it may take.
//
// Errors: those of ReadTable; *datasets.FileError where two rows of a key differ, or the table takes more than most.
func ReadLookup(ctx context.Context, s LookupSource, l *Lookup, most int64, advance func(rows int64)) (*TableReport, error) {
	t := TableSource{Source: s.Source, Columns: []TableColumn{{Name: s.KeyIn, For: "key: " + s.Key, ID: s.Key == string(Customer)}}}
	if s.Key == DayKey {
		layout, err := text.CompileTime(cmp.Or(s.TimeFormat, "iso8601"))
		if err != nil {
			return nil, err
		}
		t.layout = layout
	}
	for _, name := range l.Names {
		t.Columns = append(t.Columns, TableColumn{Name: s.Values[name], For: "columns: " + name})
	}
	if l.HasCost {
		t.Columns = append(t.Columns, TableColumn{Name: s.UnitCost, For: "columns: cost"})
	}
	return readTable(ctx, []TableSource{t}, max(most/2, 1), advance, func(_ int, rows *TableRows) error { return l.take(rows, most) })
}

func (l *Lookup) take(rows *TableRows, most int64) error {
	for i := range rows.Len {
		cost, known := int64(0), false
		if l.HasCost {
			if cost, known = rows.Number(i, 1+len(l.Names)); rows.Refused(i) {
				continue
			}
		}
		key := l.keyOf(rows, i)
		if key == "" {
			rows.Refuse(i, 0, datasets.MissingKey, "a key")
			continue
		}
		at, seen := l.entries[key]
		if !seen {
			at = int32(len(l.entries))
			l.entries[key] = at
			l.bytes += int64(len(key)) + 40 + int64(len(l.Names))*4
		}
		differs := false
		for k := range l.Names {
			differs = l.values[k].set(at, seen, rows.Text(i, k+1), &l.bytes) || differs
		}
		if l.HasCost {
			money := datasets.NoMoney
			if known {
				money = datasets.Money(cost)
			}
			if !seen {
				l.costs, l.bytes = append(l.costs, money), l.bytes+8
			}
			differs = differs || l.costs[at] != money
		}
		if differs {
			return &datasets.CellError{Pos: rows.Position(i, 0), Personal: true, Want: "a key once, or the same of it in each row", Hint: "keep one of the rows"}
		}
	}
	if l.bytes > most {
		return &datasets.FileError{Path: rows.Path(), Got: fmt.Sprintf("a lookup that takes more than %d MiB", most>>20),
			Want: "a table that fits a quarter of the memory budget", Hint: "raise memory, or look up fewer columns"}
	}
	return nil
}

// keyOf returns the key of a row; of a day, its date.
func (l *Lookup) keyOf(rows *TableRows, i int) string {
	if l.Key != DayKey {
		return string(rows.Text(i, 0))
	}
	t, ok := rows.Moment(i, 0)
	if !ok {
		return ""
	}
	return t.Day().String()
}

// set enters the text of an entry, and reports whether the entry had another.
func (v *lookupValues) set(at int32, seen bool, cell []byte, bytes *int64) (differs bool) {
	code := uint32(noCode)
	if len(cell) > 0 {
		known, has := v.known[string(cell)]
		if !has {
			known = uint32(v.dict.Len())
			v.known[string(cell)] = known
			v.dict.Append(cell)
			v.dict.Trimmed = true
			*bytes += int64(len(cell))*2 + 40
		}
		code = known
	}
	if !seen {
		v.codes = append(v.codes, code)
		return false
	}
	return v.codes[at] != code
}

// boundLookup is a lookup with its place in the frames of a file.
type boundLookup struct {
	*Lookup
	key   int   // column of the frame; −1 for the day of the line
	at    []int // columns that it gives, by name; −1 where the file has its own
	costs int   // likewise
}

// bindLookups adds the columns that lookups give to those of a frame, after all others.
func (m *mapping) bindLookups(columns datasets.Columns) {
	for _, l := range m.source.Lookups {
		b := boundLookup{Lookup: l, key: -1, costs: -1}
		if l.Key != DayKey {
			if b.key = m.indexOf(l.Key); b.key < 0 {
				continue // the files of this entry do not have it
			}
		}
		for _, name := range l.Names {
			b.at = append(b.at, m.give(Role(name), columns))
		}
		if l.HasCost && m.at(Cost) < 0 {
			b.costs = len(m.fields)
			m.fields = append(m.fields, datasets.Field{Name: "cost", Kind: datasets.Decimal, Scale: 6})
			m.roles[Cost] = b.costs
			m.pieceCosts = true
		}
		m.lookups = append(m.lookups, b)
	}
	for i := range m.rules {
		m.rules[i].givenBy(m)
	}
	if m.ret != nil {
		m.ret.givenBy(m)
	}
}

// givenBy finds the column of a rule that a lookup gives.
func (r *boundRule) givenBy(m *mapping) {
	if r.column >= 0 {
		return
	}
	for d := range m.dims {
		if r.Column == datasets.Dimension(d).String() && m.dims[d] >= 0 {
			r.column = m.dims[d]
		}
	}
	if at, has := m.roles[Role(r.Column)]; has {
		r.column = at
	}
}

// givenByLookup reports whether a lookup gives what a rule names, and the files do not.
func (s *Source) givenByLookup(name string) bool {
	if s.Columns[Role(name)] != "" || s.Further[name] != "" {
		return false
	}
	return slices.ContainsFunc(s.Lookups, func(l *Lookup) bool { return slices.Contains(l.Names, name) || l.HasCost && name == string(Cost) })
}

// give returns the column of a dimension that a lookup gives, −1 where the file has its own.
func (m *mapping) give(name Role, columns datasets.Columns) int {
	for d := range m.dims {
		if string(name) != columns.Name(datasets.Dimension(d)) && string(name) != datasets.Dimension(d).String() {
			continue
		}
		if m.dims[d] >= 0 {
			return -1
		}
		m.dims[d] = len(m.fields)
		m.roles[name] = len(m.fields)
		m.fields = append(m.fields, datasets.Field{Name: string(name), Kind: datasets.Text})
		return m.dims[d]
	}
	return -1
}

// addLookups appends the columns that lookups give.
func (w *mapper) addLookups() {
	for k := range w.m.lookups {
		l := &w.m.lookups[k]
		entries := w.entriesOf(l)
		for n, at := range l.at {
			if at < 0 {
				continue
			}
			v := &l.values[n]
			c := datasets.Column{Field: w.m.fields[at], Codes: make([]uint32, w.frame.Rows), Dict: v.dict, DictID: v.id, Valid: datasets.NewBitmap(w.frame.Rows)}
			if c.Dict.Len() == 0 { // a code must be in range
				c.Dict.Append(nil)
			}
			for i, e := range entries {
				if e >= 0 && v.codes[e] != noCode {
					c.Codes[i] = v.codes[e]
					c.Valid.Set(i)
				}
			}
			w.frame.Columns = append(w.frame.Columns[:at], c)
		}
		if l.costs >= 0 {
			c := datasets.Column{Field: w.m.fields[l.costs], Ints: make([]int64, w.frame.Rows), Valid: datasets.NewBitmap(w.frame.Rows)}
			for i, e := range entries {
				if e >= 0 && l.Lookup.costs[e] != datasets.NoMoney {
					c.Ints[i] = int64(l.Lookup.costs[e])
					c.Valid.Set(i)
				}
			}
			w.frame.Columns = append(w.frame.Columns[:l.costs], c)
		}
	}
}

// entriesOf returns the entry of each row, −1 where there is none.
func (w *mapper) entriesOf(l *boundLookup) []int32 {
	entries := resize(w.entries, w.frame.Rows)
	w.entries = entries
	at := l.key
	if at < 0 {
		at = w.m.at(Time)
	}
	c := &w.frame.Columns[at]
	for i := range entries {
		entries[i] = -1
		if w.isMissing(c, i) {
			continue
		}
		var key []byte
		if l.key >= 0 {
			key = w.textOf(c, uint32(i))
		} else {
			t, ok := w.moment(c, uint32(i))
			if !ok || t < firstMoment || t > lastMoment {
				continue
			}
			key = append(w.dayText[:0], t.Day().String()...)
			w.dayText = key
		}
		if e, known := l.entries[string(key)]; known {
			entries[i] = e
			continue
		}
		if w.counts.unmatched == nil {
			w.counts.unmatched = map[*Lookup]*unmatched{}
		}
		u := w.counts.unmatched[l.Lookup]
		if u == nil {
			u = &unmatched{keys: map[uint64]struct{}{}}
			w.counts.unmatched[l.Lookup] = u
		}
		u.lines++
		if len(u.keys) < maxUnmatched {
			u.keys[hashBytes(key)] = struct{}{}
		}
	}
	return entries
}

// unmatched counts lines whose key a lookup does not have.
type unmatched struct {
	lines int64
	keys  map[uint64]struct{} // hashes of the keys
}

// maxUnmatched bounds the keys that are told apart.
const maxUnmatched = 1_000_000

// noteUnmatched notes lines whose key no lookup has.
func (c *Config) noteUnmatched(files []*file, report *Report) {
	var order []*Lookup
	for i := range c.Sources {
		for _, l := range c.Sources[i].Lookups {
			if !slices.Contains(order, l) {
				order = append(order, l)
			}
		}
	}
	for n, l := range order {
		all := unmatched{keys: map[uint64]struct{}{}}
		for _, f := range files {
			for k := range f.counts {
				if u := f.counts[k].unmatched[l]; u != nil {
					all.lines += u.lines
					for key := range u.keys {
						all.keys[key] = struct{}{}
					}
				}
			}
		}
		if all.lines > 0 {
			report.Notes = append(report.Notes, Note{Code: "lookup_unmatched", Count: int(all.lines), Message: fmt.Sprintf(
				"%d lines have a %s that lookup %d does not have, %d different ones; what it would give them is missing", all.lines, l.Key, n+1, len(all.keys))})
		}
	}
}
