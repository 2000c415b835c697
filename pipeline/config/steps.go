package config

import (
	"bytes"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/filter"
	"github.com/quintile-dev/quintile/pipeline/steps"
)

// Steps are the steps of a job, with settings, in the order of the table of steps. The
// zero value has no steps.
type Steps struct{ wanted []steps.Wanted }

// allSteps wants every step, with its default settings.
func allSteps() Steps {
	var s Steps
	for _, step := range steps.Table() {
		s.wanted = append(s.wanted, steps.Wanted{Step: step, Settings: step.Default()})
	}
	return s
}

// Wanted returns the steps in the order of the table.
func (s Steps) Wanted() []steps.Wanted { return s.wanted }

// Get returns the settings of a step, nil if not wanted.
func (s Steps) Get(name string) mining.Settings {
	for _, w := range s.wanted {
		if w.Step.Name == name {
			return w.Settings
		}
	}
	return nil
}

// SettingsOf returns the settings of this type, nil where no step of the job has such
// settings.
func SettingsOf[T any](s Steps) *T {
	for _, w := range s.wanted {
		if set, ok := any(w.Settings).(*T); ok {
			return set
		}
	}
	return nil
}

// WantAnonymous reports whether a step has a use for line items without a customer.
func (s Steps) WantAnonymous() bool {
	return slices.ContainsFunc(s.wanted, func(w steps.Wanted) bool {
		a, ok := w.Settings.(mining.Anonymous)
		return ok && a.WantsAnonymous()
	})
}

// With returns the steps with new settings for one step, and all other steps unchanged;
// nil settings remove the step.
func (s Steps) With(name string, settings mining.Settings) Steps {
	step := steps.Lookup(steps.Table(), name)
	if step == nil {
		panic(fmt.Sprintf("config: BUG: there is no step %s", name))
	}
	out := Steps{wanted: slices.DeleteFunc(slices.Clone(s.wanted), func(w steps.Wanted) bool { return w.Step.Name == name })}
	if settings != nil {
		out.wanted = append(out.wanted, steps.Wanted{Step: step, Settings: settings})
	}
	out.sort()
	return out
}

// sort puts the steps into the order of the table.
func (s *Steps) sort() {
	table := steps.Table()
	slices.SortStableFunc(s.wanted, func(a, b steps.Wanted) int {
		return slices.Index(table, a.Step) - slices.Index(table, b.Step)
	})
}

// stepsType is a special case: its fields come from the table of steps.
var stepsType = reflect.TypeFor[Steps]()

// decodeSteps reads the block of steps.
func (d *decoder) decodeSteps(n *node, v reflect.Value, name string) {
	if n.kind == null {
		return
	}
	if n.kind != mapping {
		d.fault(n, name, "got %s, want a block of fields", n.kind)
		return
	}
	var s Steps
	table := steps.Table()
	var fields []field
	for _, step := range table {
		fields = append(fields, field{name: step.Name})
	}
	for _, e := range n.entries {
		step := steps.Lookup(table, e.key)
		if step == nil {
			d.unknown(e, name, fields)
			continue
		}
		settings := step.Default()
		if e.value.kind != null { // "rfm:" alone asks for the defaults
			d.decode(e.value, reflect.ValueOf(settings).Elem(), join(name, e.key), field{})
		}
		s.wanted = append(s.wanted, steps.Wanted{Step: step, Settings: settings})
	}
	s.sort()
	v.Set(reflect.ValueOf(s))
}

// checkSteps finds the faults of settings beyond a single word.
func (d *decoder) checkSteps(j *Job, root *node) {
	table := steps.Table()
	for _, w := range j.Steps.wanted {
		at := "steps." + w.Step.Name
		block := find(root, "steps", w.Step.Name)
		for _, f := range w.Settings.Check() {
			field, _, _ := strings.Cut(f.Field, "[") // of an entry of a list, the place is that of the list
			d.fault(find(block, strings.Split(field, ".")...), join(at, f.Field), "%s", f.Message)
		}
		field := ""
		if named, ok := w.Settings.(mining.NeedsField); ok {
			field = named.NeedsField()
		}
		for _, need := range w.Settings.Needs() {
			step := steps.Finder(table, need)
			place := strings.TrimSuffix(join(at, field), ".")
			switch {
			case step == nil && !j.hasCategory(need):
				d.fault(find(block, field), place, "got %q, want %s", need, j.groupingsWanted(need))
			case step != nil && j.Steps.Get(step.Name) == nil:
				d.fault(find(block, field), place, "got %s, want the step %s to be named as well", need, step.Name)
			}
		}
		d.checkColumnUses(j, w, block)
	}
}

// checkColumnUses finds the faults of columns named in settings.
func (d *decoder) checkColumnUses(j *Job, w steps.Wanted, block *node) {
	reader, ok := w.Settings.(mining.ColumnReader)
	if !ok {
		return
	}
	for _, use := range reader.ReadsColumns() {
		at, place := find(block, strings.Split(use.Field, ".")...), "steps."+w.Step.Name+"."+use.Field
		step, kind := j.columnOf(use.Column)
		switch {
		case step == w.Step:
			d.fault(at, place, "got %s, which the step itself fills, want a column of another step, a feature or an attribute", use.Column)
		case step != nil && j.Steps.Get(step.Name) == nil:
			d.fault(at, place, "got %s, want the step %s to be named as well", use.Column, step.Name)
		case kind == noColumn:
			d.fault(at, place, "got %q, want a column of a step, a feature or an attribute of customers%s", use.Column, j.nearColumn(use.Column))
		case kind == codes:
			d.fault(at, place, "got %s, which is a name in the guise of a number or a list, want a column of numbers or texts", use.Column)
		case kind == texts && use.Kind == filter.Number:
			d.fault(at, place, "got %s, which holds texts, want a column of numbers", use.Column)
		case kind == numbers && use.Kind == filter.Text:
			d.fault(at, place, "got %s, which holds numbers, compared with a text; want a number", use.Column)
		}
	}
}

// columnKind is the kind of a column's contents.
type columnKind uint8

const (
	noColumn columnKind = iota
	numbers
	texts
	codes // or lists, of which there are no conditions
)

// columnOf returns the step that fills a column, nil for features and attributes, and the
// kind of the column.
func (j *Job) columnOf(name string) (*mining.Step, columnKind) {
	if step, c := steps.Filler(steps.Table(), name); step != nil {
		switch c.Type {
		case table.Text:
			return step, texts
		case table.TextList:
			return step, codes
		}
		return step, numbers
	}
	for _, c := range j.Inputs.Customers {
		switch {
		case c.Categories[name] != "":
			return nil, texts
		case c.Numbers[name] != "":
			return nil, numbers
		}
	}
	var further []string
	for _, t := range j.Inputs.Transactions {
		further = append(further, slices.Sorted(maps.Keys(t.Dimensions))...)
	}
	at := slices.IndexFunc(features.With(further), mining.Named(name))
	switch {
	case at < 0:
		return nil, noColumn
	case features.With(further)[at].Kind == features.Code:
		return nil, codes
	}
	return nil, numbers
}

// nearColumn proposes the column most similar to a name.
func (j *Job) nearColumn(name string) string {
	var all []string
	for _, s := range steps.Table() {
		for _, c := range s.Columns {
			all = append(all, c.Name)
		}
	}
	for _, f := range features.Catalogue() {
		all = append(all, f.Name)
	}
	for _, c := range j.Inputs.Customers {
		all = append(all, slices.Sorted(maps.Keys(c.Categories))...)
		all = append(all, slices.Sorted(maps.Keys(c.Numbers))...)
	}
	if near := nearest(name, all); near != "" {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	return ""
}

// hasCategory reports whether files of customers hold a categorical attribute with the
// given name.
func (j *Job) hasCategory(name string) bool {
	return slices.ContainsFunc(j.Inputs.Customers, func(c Customers) bool { return c.Categories[name] != "" })
}

// groupingsWanted lists the available groupings, or only the nearest grouping where the
// name looks like a slip.
func (j *Job) groupingsWanted(name string) string {
	var all []string
	for _, s := range steps.Table() {
		all = append(all, s.Groupings...)
	}
	for _, c := range j.Inputs.Customers {
		all = append(all, slices.Sorted(maps.Keys(c.Categories))...)
	}
	if near := nearest(name, all); near != "" {
		return fmt.Sprintf("a grouping; did you mean %q?", near)
	}
	return "a grouping of a step or an attribute under categories: " + strings.Join(all, ", ")
}

// StepFaults puts the faults of a plan, found once the line items are loaded, into the form
// of faults of the job file.
func (j *Job) StepFaults(found []steps.Fault) error {
	if len(found) == 0 {
		return nil
	}
	faults := &Faults{}
	for _, f := range found {
		for _, message := range strings.Split(f.Message, "\n") {
			faults.list = append(faults.list, Fault{Path: j.Path, Field: join("steps."+f.Step, f.Field), Message: message})
		}
	}
	return faults
}

// eachStep calls do with every step of the table and its default settings.
func eachStep(do func(step *mining.Step, defaults reflect.Value)) {
	for _, step := range steps.Table() {
		do(step, reflect.ValueOf(step.Default()).Elem())
	}
}

// stepsSchema describes the block of steps to editors.
func stepsSchema() map[string]any {
	properties := map[string]any{}
	eachStep(func(step *mining.Step, defaults reflect.Value) {
		schema := schemaOf(defaults)
		schema["type"] = []string{"object", "null"}
		schema["description"] = step.Doc
		properties[step.Name] = schema
	})
	return map[string]any{"type": "object", "properties": properties, "additionalProperties": false}
}

// writeSteps writes the effective settings of the steps of a job.
func writeSteps(b *bytes.Buffer, s Steps) error {
	b.WriteByte('{')
	for i, w := range s.wanted {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(b, "%q:", w.Step.Name)
		if err := writeValue(b, reflect.ValueOf(w.Settings).Elem(), w.Step.Name); err != nil {
			return err
		}
	}
	b.WriteByte('}')
	return nil
}

// documentSteps writes the part of docs/config.md on steps.
func documentSteps(b *bytes.Buffer) {
	b.WriteString("\n## `steps`\n\n| field | takes | default | meaning |\n|---|---|---|---|\n")
	eachStep(func(step *mining.Step, _ reflect.Value) {
		fmt.Fprintf(b, "| `%s` | a block |  | %s |\n", step.Name, strings.ReplaceAll(step.Doc, "|", "\\|"))
	})
	eachStep(func(step *mining.Step, defaults reflect.Value) {
		documentBlock(b, defaults, "steps."+step.Name)
	})
}
