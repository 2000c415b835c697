// Package crm writes the files of a run for CRM systems, and finds the bases of their deltas.
package crm

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
	"github.com/quintile-dev/quintile/pipeline/guard"
	"github.com/quintile-dev/quintile/pipeline/place"
	"github.com/quintile-dev/quintile/pipeline/steps"
)

// folderOfAll holds a folder for each system.
const folderOfAll = "crm/"

// Config holds the contents and the recipients of the files.
type Config struct {
	Job        *config.Job
	Guard      *guard.Guard
	Attributes *datasets.Attributes // of customers; nil: the job names none
	AsOf       datasets.Day
	Key        table.Column       // the id of the customer
	Bases      []place.Base       // what the deltas compare with, in the order of the systems
	Targets    *mining.TargetList // of the next campaign; nil: there is none
}

// Files are the files for CRM systems, written from the scores.
type Files struct {
	stage      *place.Stage
	attributes []attribute
	columns    []table.Column
	out        []target
	drawn      *mining.TargetList // of the next campaign; nil: there is none
	lists      []list
}

// target is the files of one system.
type target struct {
	folder string
	*export.Writer
}

// Attributes returns the names of the attributes used in the files.
func (c *Files) Attributes() []string {
	names := make([]string, len(c.attributes))
	for i, a := range c.attributes {
		names[i] = a.name
	}
	return names
}

// New begins the files in a stage, from the given columns of scores and from the attributes named
// in the job for these files.
func New(r Config, s *place.Stage, scores []mining.Column) (*Files, error) {
	c := &Files{stage: s, attributes: r.used()}
	var usual []string
	c.columns = []table.Column{r.Key}
	for _, column := range scores {
		c.columns = append(c.columns, column.Column)
		if column.CRM {
			usual = append(usual, column.Name)
		}
	}
	for _, a := range c.attributes {
		c.columns = append(c.columns, a.column)
	}
	for i, entry := range r.Job.CRM() {
		t, err := r.openTarget(s, entry, entry.Target(c.columns, usual), c.columns, r.Bases[i])
		if err != nil {
			c.abandon()
			return nil, err
		}
		c.out = append(c.out, t)
	}
	var err error
	c.drawn = r.Targets
	if c.lists, err = r.openTargets(s, c.columns, usual); err != nil {
		c.abandon()
		return nil, err
	}
	return c, nil
}

// openTarget begins the files of one system.
func (r *Config) openTarget(s *place.Stage, entry config.CRM, t export.Target, columns []table.Column, before place.Base) (target, error) {
	r.Guard.Protect(&t)
	folder := folderOfAll + entry.Folder()
	path, err := s.Create(folder + "/" + export.ManifestName)
	if err != nil {
		return target{}, err
	}
	o := export.Options{Before: before.Path, Workers: r.Job.Workers, AsOf: r.AsOf.String()}
	if before.Account != nil {
		o.Since = before.Account.AsOf
	}
	if before.Path != "" && entry.FullEvery > 1 {
		m, err := export.ReadManifest(filepath.Dir(before.Path))
		if err != nil {
			return target{}, exit.With(exit.BadInput, err)
		}
		if m != nil {
			o.LastOne = m.FullAsOf
		}
	}
	o.Full = r.fullDue(o.LastOne, entry.FullEvery)
	w, err := export.New(filepath.Dir(path), t, columns, t.Base(entry.FullEvery == 1), o)
	if err != nil {
		return target{}, exit.Errorf(exit.NotWritten, "writing %s: %w", folder, err)
	}
	return target{folder, w}, nil
}

// fullDue reports whether a full file is due so many days after the last full
// file.
func (r *Config) fullDue(last string, every int) bool {
	day, err := datasets.ParseDay(last)
	return err != nil || int(r.AsOf-day) >= every
}

// attribute is an attribute of customers in files for CRM systems.
type attribute struct {
	name   string
	column table.Column
	texts  *datasets.Strings // of a category; nil: a number
}

// used returns the attributes named in the job for CRM systems, in the order of
// the run.
func (r *Config) used() (used []attribute) {
	if r.Attributes == nil {
		return nil
	}
	var names []string
	for _, entry := range r.Job.CRM() {
		names = append(names, entry.Uses()...)
	}
	for k, a := range r.Attributes.List() {
		if !slices.Contains(names, a.Name) {
			continue
		}
		u := attribute{name: a.Name, column: table.Column{Name: a.Name, Type: table.Text, Nullable: true}}
		if a.Category {
			u.texts, u.column.Dictionary = r.Attributes.Categories(k), true
		}
		used = append(used, u)
	}
	return used
}

// values returns the attribute of the customers of a batch.
func (a *attribute) values(b *mining.Batch) table.Values {
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

// Write adds a batch of customers.
func (c *Files) Write(ctx context.Context, b *steps.Scored) error {
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
	if c.drawn == nil {
		return nil
	}
	return writeLists(ctx, c.lists, append(values, campaignValues(c.drawn, b.Batch)), b.Rows)
}

func (c *Files) abandon() {
	_ = closeLists(c.stage, c.lists, true)
	for _, t := range c.out {
		_ = t.Abandon() // what went wrong before is what matters
	}
}

// Finish closes the files and, unless writing has failed, reads the files back
// and enters them into the manifest.
func (c *Files) Finish(ctx context.Context, failed bool) error {
	if failed {
		c.abandon()
		return nil
	}
	all := closeLists(c.stage, c.lists, false)
	for _, t := range c.out {
		if err := t.Close(ctx); err != nil {
			all = errors.Join(all, exit.Errorf(exit.NotWritten, "writing %s: %w", t.folder, err))
			continue
		}
		for _, f := range t.Files() {
			all = errors.Join(all, c.seal(t.folder+"/"+f.Path, f))
		}
		all = errors.Join(all, c.stage.Seal(t.folder+"/"+export.ManifestName, -1, nil))
	}
	return all
}

func (c *Files) seal(name string, f export.File) error {
	return c.stage.Seal(name, f.Rows, func(path string, rows int64) error {
		if f.Path == export.BaseName {
			return c.stage.CheckParquet(path, rows)
		}
		return c.stage.CheckCSV(path, f.Columns, rows)
	})
}
