package pipeline

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/pipeline/config"
	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/export"
	"github.com/quintile-dev/quintile/pipeline/steps"
)

// crmFolder holds a folder for each system.
const crmFolder = "crm/"

// crm writes the files for CRM systems from the scores.
type crm struct {
	stage      *stage
	attributes []crmAttribute
	columns    []table.Column
	out        []crmTarget
}

// crmTarget is the files of one system.
type crmTarget struct {
	folder string
	*export.Writer
}

// newCRM begins the files, which are made of these columns of scores and of the attributes
// that the job names for them.
func (r *run) newCRM(s *stage, scores []mining.Column) (*crm, error) {
	c := &crm{stage: s, attributes: r.crmAttributes()}
	var usual []string
	c.columns = []table.Column{keyColumn.Column}
	for _, column := range scores {
		c.columns = append(c.columns, column.Column)
		if column.CRM {
			usual = append(usual, column.Name)
		}
	}
	for _, a := range c.attributes {
		c.columns = append(c.columns, a.column)
	}
	for i, entry := range r.job.CRM() {
		t, err := r.openTarget(s, entry, entry.Target(c.columns, usual), c.columns, r.bases[i])
		if err != nil {
			c.abandon()
			return nil, err
		}
		c.out = append(c.out, t)
	}
	return c, nil
}

// openTarget begins the files of one system.
func (r *run) openTarget(s *stage, entry config.CRM, t export.Target, columns []table.Column, before deltaBase) (crmTarget, error) {
	r.guard.protect(&t)
	folder := crmFolder + entry.Folder()
	path, err := s.create(folder + "/" + export.ManifestName)
	if err != nil {
		return crmTarget{}, err
	}
	o := export.Options{Before: before.path, Workers: r.job.Workers, AsOf: r.asOf.String()}
	if before.account != nil {
		o.Since = before.account.AsOf
	}
	if before.path != "" && entry.FullEvery > 1 {
		m, err := export.ReadManifest(filepath.Dir(before.path))
		if err != nil {
			return crmTarget{}, exit.With(exit.BadInput, err)
		}
		if m != nil {
			o.LastOne = m.FullAsOf
		}
	}
	o.Full = r.fullDue(o.LastOne, entry.FullEvery)
	w, err := export.New(filepath.Dir(path), t, columns, t.Base(entry.FullEvery == 1), o)
	if err != nil {
		return crmTarget{}, exit.Errorf(exit.NotWritten, "writing %s: %w", folder, err)
	}
	return crmTarget{folder, w}, nil
}

// fullDue reports whether a full file is due so many days after the last one.
func (r *run) fullDue(last string, every int) bool {
	day, err := datasets.ParseDay(last)
	return err != nil || int(r.asOf-day) >= every
}

// crmAttribute is an attribute of customers that files for CRM systems have.
type crmAttribute struct {
	name   string
	column table.Column
	texts  *datasets.Strings // of a category; nil: a number
}

// crmAttributes returns the attributes that the job names for CRM systems, in the order in
// which the run knows them.
func (r *run) crmAttributes() (used []crmAttribute) {
	if r.attributes == nil {
		return nil
	}
	var names []string
	for _, entry := range r.job.CRM() {
		names = append(names, entry.Uses()...)
	}
	for k, a := range r.attributes.List() {
		if !slices.Contains(names, a.Name) {
			continue
		}
		u := crmAttribute{name: a.Name, column: table.Column{Name: a.Name, Type: table.Text, Nullable: true}}
		if a.Category {
			u.texts, u.column.Dictionary = r.attributes.Categories(k), true
		}
		used = append(used, u)
	}
	return used
}

// values returns the attribute of the customers of a batch.
func (a *crmAttribute) values(b *mining.Batch) table.Values {
	column := b.Column(a.name)
	v := table.Values{Valid: datasets.NewBitmap(len(column))}
	if a.texts != nil {
		v.Codes, v.Dict = make([]uint32, len(column)), *a.texts
	}
	var text []byte
	for i, x := range column {
		known := x == x
		if known {
			v.Valid.Set(i)
		}
		switch {
		case a.texts == nil && known:
			text = strconv.AppendFloat(text[:0], x, 'f', -1, 64)
			v.Texts.Append(text)
		case a.texts == nil:
			v.Texts.Append(nil)
		case known:
			v.Codes[i] = uint32(x)
		}
	}
	return v
}

// write adds a batch of customers.
func (c *crm) write(ctx context.Context, b *steps.Scored) error {
	values := []table.Values{{Texts: b.IDs}}
	for _, column := range b.Columns {
		values = append(values, column.Values)
	}
	for i := range c.attributes {
		values = append(values, c.attributes[i].values(b.Batch))
	}
	for _, t := range c.out {
		if err := t.Write(ctx, values, b.Rows); err != nil {
			return exit.With(exit.NotWritten, fmt.Errorf("writing %s: %w", t.folder, err))
		}
	}
	return nil
}

func (c *crm) abandon() {
	for _, t := range c.out {
		_ = t.Abandon() // what went wrong before is what matters
	}
}

// finish closes the files and, unless writing has failed, reads them back and
// enters them into the manifest.
func (c *crm) finish(ctx context.Context, failed bool) error {
	if failed {
		c.abandon()
		return nil
	}
	var all error
	for _, t := range c.out {
		if err := t.Close(ctx); err != nil {
			all = errors.Join(all, exit.Errorf(exit.NotWritten, "writing %s: %w", t.folder, err))
			continue
		}
		for _, f := range t.Files() {
			all = errors.Join(all, c.seal(t.folder+"/"+f.Path, f))
		}
		all = errors.Join(all, c.stage.seal(t.folder+"/"+export.ManifestName, -1, nil))
	}
	return all
}

func (c *crm) seal(name string, f export.File) error {
	return c.stage.seal(name, f.Rows, func(path string, rows int64) error {
		if f.Path == export.BaseName {
			return c.stage.checkParquet(path, rows)
		}
		return c.stage.checkCSV(path, f.Columns, rows)
	})
}
