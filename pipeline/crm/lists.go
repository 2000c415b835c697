package crm

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/pipeline/config"
	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/export"
	"github.com/quintile-dev/quintile/pipeline/place"
)

// The columns of a list of targets beyond segments.parquet, or also in it.
const (
	campaignColumn = "campaign"
	armColumn      = "campaign_arm"
)

// list is a file of some people for one system.
type list struct {
	name string // within the published folder
	*export.List
}

// openTargets begins the list of the next campaign for each system. Systems with a column of the arm get both
// arms; all other systems get only the people to contact.
func (r *Config) openTargets(s *place.Stage, columns []table.Column, usual []string) (all []list, err error) {
	drawn := r.Targets
	if drawn == nil {
		return nil, nil
	}
	columns = append(slices.Clone(columns), table.Column{Name: campaignColumn, Type: table.Text, Dictionary: true})
	for _, entry := range r.Job.CRM() {
		t := entry.Target(columns, usual)
		t.Only = append(t.Only, export.Gate{Column: campaignColumn, In: []string{drawn.Campaign}})
		named := func(name string) bool {
			return slices.ContainsFunc(t.Fields, func(f export.Field) bool { return f.Column == name })
		}
		if open := !t.Profile.Closed && !t.Profile.Audience && !t.Profile.Object; open {
			for _, name := range []string{campaignColumn, armColumn} {
				if !named(name) {
					t.Fields = append(t.Fields, export.Field{Column: name})
				}
			}
		}
		if !named(armColumn) {
			t.Only = append(t.Only, export.Gate{Column: armColumn, In: []string{"treated"}})
		}
		t.ChangedBy = nil
		l, err := r.openList(s, entry, "targets.csv", t, columns)
		if err != nil {
			return all, err
		}
		all = append(all, l)
	}
	return all, nil
}

// openList begins one file.
func (r *Config) openList(s *place.Stage, entry config.CRM, file string, t export.Target, columns []table.Column) (list, error) {
	r.Guard.Protect(&t)
	name := folderOfAll + entry.Folder() + "/" + file
	path, err := s.Create(name)
	if err != nil {
		return list{}, err
	}
	l, err := export.NewList(filepath.Dir(path), file, t, columns, r.Job.Workers)
	if err != nil {
		return list{}, exit.Errorf(exit.NotWritten, "writing %s: %w", name, err)
	}
	return list{name, l}, nil
}

// openPeople begins the file of a table of people who are no customers, for each system with customer ids as keys
// and without its own names of columns.
func (r *Config) openPeople(s *place.Stage, t mining.Table) (all []list, err error) {
	columns := make([]table.Column, len(t.Columns))
	var fields []export.Field
	for i, c := range t.Columns {
		columns[i] = c.Column
		if c.Name == t.People {
			columns[i].Name = export.CustomerColumn
		} else if c.CRM {
			fields = append(fields, export.Field{Column: c.Name})
		}
	}
	for _, entry := range r.Job.CRM() {
		known := entry.Target(nil, nil)
		if known.Profile.Closed || known.Profile.Audience || known.Profile.Object || entry.Key.Column != export.CustomerColumn {
			continue
		}
		header := entry.Key.Header
		if header == "" && known.Profile.KeyHeaders == nil {
			header = t.People
		}
		target := export.Target{
			Profile: known.Profile, Key: export.Field{Column: export.CustomerColumn, Header: header}, Fields: fields, Missing: entry.Missing,
		}
		l, err := r.openList(s, entry, strings.TrimSuffix(t.Name, ".parquet")+".csv", target, columns)
		if err != nil {
			return all, err
		}
		all = append(all, l)
	}
	return all, nil
}

// closeLists closes files and, unless writing has failed, reads the files back and enters them into the
// manifest.
func closeLists(s *place.Stage, lists []list, failed bool) error {
	var all error
	for _, l := range lists {
		f, err := l.Close()
		switch {
		case failed:
		case err != nil:
			all = errors.Join(all, exit.Errorf(exit.NotWritten, "writing %s: %w", l.name, err))
		default:
			all = errors.Join(all, s.Seal(l.name, f.Rows, func(path string, rows int64) error { return s.CheckCSV(path, f.Columns, rows) }))
		}
	}
	return all
}

// writeLists adds a batch.
func writeLists(ctx context.Context, lists []list, values []table.Values, rows int) error {
	for _, l := range lists {
		if err := l.Write(ctx, values, rows); err != nil {
			return exit.Errorf(exit.NotWritten, "writing %s: %w", l.name, err)
		}
	}
	return nil
}

// campaignValues returns the campaign of the customers of a batch who are on the list.
func campaignValues(drawn *mining.TargetList, b *mining.Batch) table.Values {
	v := table.Values{Codes: make([]uint32, b.Rows), Valid: datasets.NewBitmap(b.Rows)}
	v.Dict.Append([]byte(drawn.Campaign))
	for i := range b.Rows {
		if drawn.Arms[b.First+i] != datasets.NoArm {
			v.Valid.Set(i)
		}
	}
	return v
}

// People are the files made of a table of people who are no customers.
type People struct {
	stage *place.Stage
	lists []list
}

// NewPeople begins the files of a table with named people.
func NewPeople(r Config, s *place.Stage, t mining.Table) (*People, error) {
	lists, err := r.openPeople(s, t)
	if err != nil {
		return nil, errors.Join(err, closeLists(s, lists, true))
	}
	return &People{s, lists}, nil
}

// Write adds rows of the table.
func (p *People) Write(ctx context.Context, values []table.Values, rows int) error {
	return writeLists(ctx, p.lists, values, rows)
}

// Finish closes the files and, unless writing has failed, reads the files back and enters them into the
// manifest.
func (p *People) Finish(failed bool) error { return closeLists(p.stage, p.lists, failed) }
