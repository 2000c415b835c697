package config

import (
	"fmt"
	"maps"
	"slices"

	"github.com/quintile-dev/quintile/datasets/ingest"
	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining"
)

// Customers is one entry of the customers: files with a row for each.
type Customers struct {
	Path       string            `yaml:"path" doc:"File, glob or folder, as for transactions."`
	Columns    map[string]string `yaml:"columns" of:"role" doc:"Which column of the files holds what. The one role is customer, which is required."`
	Numbers    map[string]string `yaml:"numbers" of:"name" doc:"Attributes that are numbers, such as {age: Age, sales_target: Target}: which column of the files holds which. Each becomes a feature of that name, as docs/features.md says. Names are as those of dimensions, and not taken by one, nor by a feature. The same name in several entries is the same attribute."`
	Categories map[string]string `yaml:"categories" of:"name" doc:"Attributes that are texts, such as {gender: Gender, city: City}, likewise. At most 65,534 different texts each."`
	TextFiles  `yaml:",inline"`
}

// DefaultCustomers returns an entry of the customers with every default set.
func DefaultCustomers() Customers { return Customers{TextFiles: defaultTextFiles()} }

// Customers returns the files of attributes in the form for the loader.
func (j *Job) Customers() []ingest.AttributeSource {
	var all []ingest.AttributeSource
	for _, c := range j.Inputs.Customers {
		all = append(all, ingest.AttributeSource{
			Source: c.source(c.Path), Customer: c.Columns[customerRole], Numbers: c.Numbers, Categories: c.Categories,
		})
	}
	return all
}

// CheckAttribute returns the fault of a name for an attribute of customers, or
// "".
func CheckAttribute(name string) string {
	if fault := checkName(name); fault != "" {
		return fault
	}
	if slices.Contains(ingest.Roles(), ingest.Role(name)) {
		return fmt.Sprintf("got the name %q, which is a role of transactions; choose another name, such as my_%s", name, name)
	}
	if feature, clashes := features.AttributeClash(name); clashes {
		return fmt.Sprintf("got the name %q, which would be taken for the feature %s; choose another name, such as my_%s", name, feature, name)
	}
	return checkTaken(name)
}

// checkCustomers finds the faults of all entries of the customers. It returns the kind of
// each attribute, and of each custom dimension.
func (d *decoder) checkCustomers(j *Job, root *node) (kinds map[string]string) {
	kinds = map[string]string{}
	for _, t := range j.Inputs.Transactions {
		for name := range t.Dimensions {
			kinds[name] = "dimensions"
		}
	}
	for i := range j.Inputs.Customers {
		c := &j.Inputs.Customers[i]
		name, n := d.entryOf("customers", i, c.Path, root)
		d.checkRoles(c.Columns, []string{customerRole}, "the one role is customer, attributes go under numbers or categories", name+".columns", find(n, "columns"))
		if len(c.Numbers)+len(c.Categories) == 0 {
			d.fault(n, name, "got no attribute, want at least one under numbers or categories")
		}
		d.checkAttributes(c.Numbers, name, "numbers", n, kinds)
		d.checkAttributes(c.Categories, name, "categories", n, kinds)
		d.checkTextFiles(&c.TextFiles, name, n)
	}
	d.checkPastFeatures(j, root, kinds)
	return kinds
}

// checkAttributes finds the faults of the attributes of one kind of an entry.
func (d *decoder) checkAttributes(attributes map[string]string, name, kind string, n *node, kinds map[string]string) {
	for _, key := range slices.Sorted(maps.Keys(attributes)) {
		at := find(n, kind)
		if e := at.get(key); e != nil {
			at = &node{line: e.line, column: e.column}
		}
		other, taken := kinds[key]
		switch fault := CheckAttribute(key); {
		case fault != "":
			d.fault(at, name+"."+kind, "%s", fault)
		case attributes[key] == "":
			d.fault(at, name+"."+kind, "got no column for %s, want one", key)
		case taken && other != kind:
			d.fault(at, name+"."+kind, "got the name %q, which stands under %s as well; choose another name", key, other)
		}
		if !taken {
			kinds[key] = kind
		}
	}
}

// checkPastFeatures refuses attributes among the features of steps that learn from past
// days.
func (d *decoder) checkPastFeatures(j *Job, root *node, kinds map[string]string) {
	for _, w := range j.Steps.wanted {
		learner, ok := w.Settings.(mining.PastFeatures)
		if !ok {
			continue
		}
		field, names := learner.PastFeatures()
		for i, name := range names {
			if kind := kinds[name]; kind != "numbers" && kind != "categories" {
				continue
			}
			n := find(root, "steps", w.Step.Name, field)
			if i < len(n.items) {
				n = n.items[i]
			}
			d.fault(n, "steps."+w.Step.Name+"."+field, "got %s, which is an attribute of customers, want features of their purchases: "+
				"%s learns from past days, and what the files say now nobody knew then; remove it", name, w.Step.Name)
		}
	}
}
