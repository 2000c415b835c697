package config

import (
	"cmp"
	"maps"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/ingest"
	"github.com/quintile-dev/quintile/datasets/text"
)

// Lookups is one entry of the lookups: files with a row for each key, such as a product or a day, and what is to be known
// of it.
type Lookups struct {
	Path       string            `yaml:"path" doc:"File, glob or folder, as for transactions."`
	Key        map[string]string `yaml:"key" of:"role" doc:"By what lines are looked up, and which column of the files holds it: a role of the transactions such as {product: SKU}, a name of dimensions, or {day: Date} for a calendar."`
	Columns    map[string]string `yaml:"columns" of:"role" doc:"Which column of the files gives what: roles of dimensions, such as category and description, and cost, which is of one piece and multiplied by quantity. Entries of the transactions that map the role themselves keep theirs." json:",omitempty"`
	Dimensions map[string]string `yaml:"dimensions" of:"name" doc:"Dimensions of the job's own, as under transactions." json:",omitempty"`
	TimeFormat string            `yaml:"time_format" doc:"Format of the days of a calendar. Default: iso8601." json:",omitempty"`
	TextFiles  `yaml:",inline"`
}

// DefaultLookups returns an entry of the lookups with every default set.
func DefaultLookups() Lookups { return Lookups{TextFiles: defaultTextFiles()} }

// costRole is the role of a lookup's costs.
const costRole = string(ingest.Cost)

// Lookups returns the lookups as the loader takes them.
func (j *Job) Lookups() []ingest.LookupSource {
	var all []ingest.LookupSource
	for _, l := range j.Inputs.Lookups {
		s := ingest.LookupSource{Source: l.source(l.Path), Values: map[string]string{}}
		s.TimeFormat = l.TimeFormat
		for key, column := range l.Key {
			s.Key, s.KeyIn = key, column
		}
		for role, column := range l.Columns {
			if role == costRole {
				s.UnitCost = column
				continue
			}
			s.Values[role] = column
		}
		maps.Copy(s.Values, l.Dimensions)
		all = append(all, s)
	}
	return all
}

// checkLookups finds the faults of the lookups.
func (d *decoder) checkLookups(j *Job, root *node) {
	var roles []string
	for r := range datasets.Dimensions {
		roles = append(roles, datasets.Dimension(r).String())
	}
	given := map[string]bool{}
	for i := range j.Inputs.Lookups {
		l := &j.Inputs.Lookups[i]
		name, n := d.entryOf("lookups", i, l.Path, root)
		d.checkTextFiles(&l.TextFiles, name, n)
		if len(l.Key) != 1 {
			d.fault(n, name+".key", "got %d keys, want one, such as {product: SKU}", len(l.Key))
		}
		for key := range l.Key {
			if key != ingest.DayKey && !slices.Contains(ingest.Roles(), ingest.Role(key)) && !j.hasDimension(key) {
				d.fault(find(n, "key"), name+".key", "got %q, want a role of the transactions, a name of dimensions, or day", key)
			}
		}
		for _, e := range find(n, "columns").entries {
			if _, read := l.Columns[e.key]; read && e.key != costRole && !slices.Contains(roles, e.key) {
				d.fault(&node{line: e.line, column: e.column}, name+".columns", "unknown role %q; a lookup gives %v, cost, and dimensions of the job's own", e.key, roles)
			}
		}
		for _, key := range slices.Sorted(maps.Keys(l.Dimensions)) {
			if fault := CheckDimension(key); fault != "" {
				d.fault(find(n, "dimensions"), name+".dimensions", "%s", fault)
			}
		}
		if len(l.Columns)+len(l.Dimensions) == 0 {
			d.fault(n, name, "got nothing to look up, want columns or dimensions")
		}
		for _, what := range slices.Sorted(maps.Keys(l.Columns)) {
			d.once(given, what, name, n)
		}
		for _, what := range slices.Sorted(maps.Keys(l.Dimensions)) {
			d.once(given, what, name, n)
		}
		if _, err := text.CompileTime(cmp.Or(l.TimeFormat, "iso8601")); err != nil {
			d.fault(find(n, "time_format"), name+".time_format", "got %q, want a format of strftime: %v", l.TimeFormat, err)
		}
	}
}

// once refuses what two lookups give.
func (d *decoder) once(given map[string]bool, what, name string, n *node) {
	if given[what] {
		d.fault(n, name, "got %s, which an earlier lookup gives, want each once", what)
	}
	given[what] = true
}

func (j *Job) hasDimension(name string) bool {
	return slices.ContainsFunc(j.Inputs.Transactions, func(t Transactions) bool { return t.Dimensions[name] != "" })
}
