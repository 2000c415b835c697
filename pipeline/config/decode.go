package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/quintile-dev/quintile/datasets/ingest"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/setting"
)

// Read reads a job file.
//
// Relative paths start at the folder of the file, and ${NAME} in a path is the value of a variable of the environment.
//
// sets are settings that come over those of the file, such as steps.churn.horizon_days=60.
//
// Errors: *Faults with every fault of the file, each with line and column.
func Read(path string, sets ...string) (Job, error) {
	data, err := readBounded(path)
	if err != nil {
		return Job{}, fmt.Errorf("reading the job: %w; write one with: quintile init FILE", err)
	}
	job, err := parseWith(path, data, sets)
	if err != nil {
		return job, err
	}
	return job, job.resolvePaths(filepath.Dir(path), os.LookupEnv)
}

// Parse reads a job from text; path stands in its messages.
func Parse(path string, data []byte) (Job, error) { return parseWith(path, data, nil) }

// parseWith is Parse with settings that come over those of the text.
func parseWith(path string, data []byte, sets []string) (Job, error) {
	job := Default()
	job.Path = path
	root, err := parse(path, data)
	if err != nil {
		return job, err
	}
	for _, text := range sets {
		s, err := parseSetting(text)
		if err == nil {
			err = s.put(root)
		}
		if err != nil {
			return job, err
		}
	}
	d := &decoder{path: path}
	if root.kind == mapping && root.get("steps") != nil {
		job.Steps = Steps{}
	}
	d.decode(root, reflect.ValueOf(&job).Elem(), "", field{})
	d.check(&job, root)
	return job, d.err()
}

// Faults is every fault of a job file.
type Faults struct{ list []Fault }

// Fault is one fault of a job file.
type Fault struct {
	Path         string
	Line, Column int // 1-based; 0 where the fault is of no one place
	Field        string
	Message      string
}

func (f Fault) String() string {
	at := f.Path
	if f.Line > 0 {
		at += fmt.Sprintf(":%d:%d", f.Line, f.Column)
	}
	if f.Field != "" {
		at += ": " + f.Field
	}
	return at + ": " + f.Message
}

func (f *Faults) Error() string {
	lines := make([]string, len(f.list))
	for i, fault := range f.list {
		lines[i] = fault.String()
	}
	return strings.Join(lines, "\n")
}

// List returns the faults in the order of the file.
func (f *Faults) List() []Fault { return f.list }

type decoder struct {
	path   string
	faults []Fault
}

func (d *decoder) fault(n *node, name, format string, args ...any) {
	f := Fault{Path: d.path, Field: name, Message: fmt.Sprintf(format, args...)}
	if n != nil {
		f.Line, f.Column = n.line, n.column
	}
	d.faults = append(d.faults, f)
}

func (d *decoder) err() error {
	if len(d.faults) == 0 {
		return nil
	}
	slices.SortStableFunc(d.faults, func(a, b Fault) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	return &Faults{d.faults}
}

// field holds the tags of one field.
type field struct {
	name, doc string
	of        string // what the keys of a map are
	enum      []string
	min, max  *float64
}

// fieldsOf returns the fields of a struct with their indexes, including the
// fields of inlined structs.
func fieldsOf(t reflect.Type) (fields []field, indexes [][]int) {
	for i := range t.NumField() {
		f := t.Field(i)
		name := f.Tag.Get("yaml")
		switch name {
		case "", "-":
			continue
		case ",inline":
			inner, at := fieldsOf(f.Type)
			fields = append(fields, inner...)
			for _, a := range at {
				indexes = append(indexes, append([]int{i}, a...))
			}
			continue
		}
		got := field{name: name, doc: f.Tag.Get("doc"), of: f.Tag.Get("of"), min: bound(f.Tag.Get("min")), max: bound(f.Tag.Get("max"))}
		if e := f.Tag.Get("enum"); e != "" {
			got.enum = strings.Split(e, ",")
			if name == "decimal" {
				got.enum = strings.Split(e, "|")
			}
		}
		fields, indexes = append(fields, got), append(indexes, []int{i})
	}
	return fields, indexes
}

func bound(tag string) *float64 {
	if tag == "" {
		return nil
	}
	v, err := strconv.ParseFloat(tag, 64)
	if err != nil {
		panic(fmt.Sprintf("config: BUG: bound %q: %v", tag, err))
	}
	return &v
}

// decode sets v, the field at name, from a node.
func (d *decoder) decode(n *node, v reflect.Value, name string, f field) {
	if s, ok := v.Addr().Interface().(scalar); ok {
		if n.kind != word {
			want, _ := s.Set("")
			d.fault(n, name, "got %s, want %s", n.kind, want)
		} else if want, ok := s.Set(n.text); !ok {
			d.fault(n, name, "got %q, want %s", n.text, want)
		}
		return
	}
	if v.Type() == stepsType {
		d.decodeSteps(n, v, name)
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		d.decodePointer(n, v, name, f)
	case reflect.Struct:
		d.decodeStruct(n, v, name)
	case reflect.Slice:
		d.decodeSlice(n, v, name, f)
	case reflect.Map:
		d.decodeMap(n, v, name, f)
	default:
		d.decodeWord(n, v, name, f)
	}
}

// decodePointer fills the target of an optional field, beginning with the
// defaults.
func (d *decoder) decodePointer(n *node, v reflect.Value, name string, f field) {
	fresh := reflect.New(v.Type().Elem())
	if value, ok := defaultOf(v.Type().Elem()); ok {
		fresh.Elem().Set(value)
	}
	v.Set(fresh)
	if n.kind == null && v.Type().Elem().Kind() == reflect.Struct {
		return // "rfm:" alone asks for the defaults
	}
	d.decode(n, fresh.Elem(), name, f)
}

// defaultOf returns the default value of a block.
func defaultOf(t reflect.Type) (reflect.Value, bool) {
	for _, value := range []any{
		DefaultTransactions(), DefaultIdentities(), DefaultCustomers(), DefaultCRM(), DefaultConsent(), DefaultCampaigns(), DefaultProspects(), DefaultRates(), DefaultLookups(),
	} {
		if reflect.TypeOf(value) == t {
			return reflect.ValueOf(value), true
		}
	}
	return reflect.Value{}, false
}

func (d *decoder) decodeStruct(n *node, v reflect.Value, name string) {
	if n.kind == null {
		return
	}
	if n.kind != mapping {
		d.fault(n, name, "got %s, want a block of fields", n.kind)
		return
	}
	fields, indexes := fieldsOf(v.Type())
	for _, e := range n.entries {
		at := slices.IndexFunc(fields, func(f field) bool { return f.name == e.key })
		if at < 0 {
			d.unknown(e, name, fields)
			continue
		}
		if e.value.kind == null && v.FieldByIndex(indexes[at]).Kind() != reflect.Pointer {
			continue // "seed:" alone leaves the default
		}
		d.decode(e.value, v.FieldByIndex(indexes[at]), join(name, e.key), fields[at])
	}
}

func (d *decoder) unknown(e entry, name string, fields []field) {
	var names []string
	for _, f := range fields {
		names = append(names, f.name)
	}
	at := &node{line: e.line, column: e.column}
	if near := nearest(e.key, names); near != "" {
		d.fault(at, name, "unknown field %q; did you mean %q?", e.key, near)
		return
	}
	d.fault(at, name, "unknown field %q; the fields here are %s", e.key, strings.Join(names, ", "))
}

func (d *decoder) decodeSlice(n *node, v reflect.Value, name string, f field) {
	if n.kind == word && v.Type() == reflect.TypeFor[setting.Names]() {
		v.Set(reflect.ValueOf(setting.Names{n.text}))
		return
	}
	if n.kind != sequence {
		d.fault(n, name, "got %s, want a list", n.kind)
		return
	}
	list := reflect.MakeSlice(v.Type(), 0, len(n.items))
	for i, item := range n.items {
		element := reflect.New(v.Type().Elem()).Elem()
		if value, ok := defaultOf(element.Type()); ok {
			element.Set(value)
		}
		d.decode(item, element, fmt.Sprintf("%s[%d]", name, i), f)
		list = reflect.Append(list, element)
	}
	v.Set(list)
}

func (d *decoder) decodeMap(n *node, v reflect.Value, name string, f field) {
	if n.kind != mapping {
		d.fault(n, name, "got %s, want a block of fields", n.kind)
		return
	}
	v.Set(reflect.MakeMap(v.Type()))
	for _, e := range n.entries {
		if date, clock, ok := twoColumns(e, f); ok && strings.HasPrefix(name, "inputs.transactions") {
			v.SetMapIndex(reflect.ValueOf(e.key), reflect.ValueOf(date))
			v.SetMapIndex(reflect.ValueOf(clockRole), reflect.ValueOf(clock))
			continue
		}
		if columns, ok := severalColumns(e, f); ok && strings.HasPrefix(name, "inputs.transactions") {
			for i, column := range columns {
				role := e.key
				if i > 0 {
					role = fmt.Sprintf("%s_%d", e.key, i+1)
				}
				v.SetMapIndex(reflect.ValueOf(role), reflect.ValueOf(column))
			}
			continue
		}
		if v.Type().Elem().Kind() == reflect.String && e.value.kind != word {
			want := "the name of a column"
			if f.of != "role" && f.of != "name" {
				want = "a text"
			}
			d.fault(e.value, join(name, e.key), "got %s, want %s", e.value.kind, want)
			continue
		}
		element := reflect.New(v.Type().Elem()).Elem()
		d.decode(e.value, element, join(name, e.key), field{min: f.min, max: f.max})
		v.SetMapIndex(reflect.ValueOf(e.key), element)
	}
}

// The roles of a date and of a time of day in two columns.
const (
	timeRole  = string(ingest.Time)
	clockRole = string(ingest.Clock)
)

// twoColumns returns the columns of a date and of a time of day, where an entry names both: time: [Date, Time].
func twoColumns(e entry, f field) (date, clock string, ok bool) {
	if f.of != "role" || e.key != timeRole || e.value.kind != sequence || len(e.value.items) != 2 {
		return "", "", false
	}
	items := e.value.items
	return items[0].text, items[1].text, items[0].kind == word && items[1].kind == word
}

// severalColumns returns the columns of discounts that add up, where an entry names two to four: discount: [A, B].
func severalColumns(e entry, f field) (columns []string, ok bool) {
	if f.of != "role" || e.key != string(ingest.Discount) || e.value.kind != sequence || len(e.value.items) < 2 || len(e.value.items) > 4 {
		return nil, false
	}
	for _, item := range e.value.items {
		if item.kind != word {
			return nil, false
		}
		columns = append(columns, item.text)
	}
	return columns, true
}

// decodeWord sets a text, a number or a switch.
func (d *decoder) decodeWord(n *node, v reflect.Value, name string, f field) {
	want := f.want(v.Kind())
	if n.kind != word {
		d.fault(n, name, "got %s, want %s", n.kind, want)
		return
	}
	ok := true
	switch v.Kind() {
	case reflect.String:
		v.SetString(n.text)
		ok = f.enum == nil || slices.Contains(f.enum, n.text)
	case reflect.Bool:
		ok = n.text == "true" || n.text == "false"
		v.SetBool(n.text == "true")
	case reflect.Int:
		i, err := strconv.ParseInt(n.text, 10, 64)
		ok = err == nil && f.holds(float64(i))
		v.SetInt(i)
	case reflect.Uint64:
		u, err := strconv.ParseUint(n.text, 10, 64)
		ok = err == nil
		v.SetUint(u)
	case reflect.Float64:
		x, err := strconv.ParseFloat(n.text, 64)
		ok = err == nil && f.holds(x)
		v.SetFloat(x)
	default:
		panic(fmt.Sprintf("config: BUG: a field of kind %s", v.Kind()))
	}
	if !ok {
		d.fault(n, name, "got %q, want %s; remove the field to use the default", n.text, want)
	}
}

func (f field) holds(v float64) bool {
	return v == v && (f.min == nil || v >= *f.min) && (f.max == nil || v <= *f.max)
}

// want describes in words the values of a field.
func (f field) want(k reflect.Kind) string {
	switch k {
	case reflect.String:
		if f.enum != nil {
			return "one of " + strings.Join(f.enum, ", ")
		}
		return "a text"
	case reflect.Bool:
		return "true or false"
	case reflect.Uint64:
		return "an integer ≥ 0"
	}
	noun := "a number"
	if k == reflect.Int {
		noun = "an integer"
	}
	if f.min != nil && f.max != nil {
		return fmt.Sprintf("%s from %s to %s", noun, plain(*f.min), plain(*f.max))
	}
	return noun
}

func plain(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

func join(name, key string) string {
	if name == "" {
		return key
	}
	return name + "." + key
}

// nearest returns the name that is at most two changes from key, or "".
func nearest(key string, names []string) string { return mining.Nearest(key, names) }

// AsFaults returns the faults of a job file in err, or nil.
func AsFaults(err error) *Faults {
	var f *Faults
	if errors.As(err, &f) {
		return f
	}
	return nil
}
