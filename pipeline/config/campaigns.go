package config

import (
	"slices"

	"github.com/quintile-dev/quintile/datasets/ingest"
	"github.com/quintile-dev/quintile/datasets/text"
)

// Campaigns is one entry of the campaigns: files with a row for each customer drawn into a
// campaign.
type Campaigns struct {
	Path       string            `yaml:"path" doc:"File, glob or folder, as for transactions."`
	Columns    map[string]string `yaml:"columns" of:"role" doc:"Which column of the files holds what. Roles: customer, campaign, time, which are required, and arm, cost, response. time is when the customer was contacted or, for those held out, would have been."`
	Treated    []string          `yaml:"treated" doc:"Texts of the column arm that stand for customers who were contacted, beside treated, treatment, test, 1, true and yes."`
	Control    []string          `yaml:"control" doc:"Texts that stand for customers who were held out, beside control, holdout, hold-out, 0, false and no."`
	TimeFormat string            `yaml:"time_format" doc:"Format of the times, as for transactions."`
	TextFiles  `yaml:",inline"`
}

// Prospects is one entry of the prospects: files with a row for each person.
type Prospects struct {
	Path       string            `yaml:"path" doc:"File, glob or folder, as for transactions."`
	Columns    map[string]string `yaml:"columns" of:"role" doc:"Which column of the files holds what. The one role is prospect, the id, which is required."`
	Numbers    map[string]string `yaml:"numbers" of:"name" doc:"Attributes that are numbers: which column of the files holds which. Each stands under numbers of an entry of the customers as well."`
	Categories map[string]string `yaml:"categories" of:"name" doc:"Attributes that are texts, likewise."`
	TextFiles  `yaml:",inline"`
}

// prospectRole is the role of the column of prospects' ids.
const prospectRole = "prospect"

// DefaultCampaigns returns an entry of the campaigns with every default set.
func DefaultCampaigns() Campaigns { return Campaigns{TextFiles: defaultTextFiles()} }

// DefaultProspects returns an entry of the prospects with every default set.
func DefaultProspects() Prospects { return Prospects{TextFiles: defaultTextFiles()} }

// Campaigns returns the files of campaigns in the form for the loader.
func (j *Job) Campaigns() []ingest.CampaignSource {
	var all []ingest.CampaignSource
	for _, c := range j.Inputs.Campaigns {
		s := ingest.CampaignSource{
			Source: c.source(c.Path), Customer: c.Columns[customerRole], Campaign: c.Columns["campaign"], Time: c.Columns["time"],
			Arm: c.Columns["arm"], Cost: c.Columns["cost"], Response: c.Columns["response"], TreatedAs: c.Treated, ControlAs: c.Control,
		}
		s.TimeFormat = c.TimeFormat
		all = append(all, s)
	}
	return all
}

// Prospects returns the files of prospects in the form for the loader.
func (j *Job) Prospects() []ingest.AttributeSource {
	var all []ingest.AttributeSource
	for _, p := range j.Inputs.Prospects {
		all = append(all, ingest.AttributeSource{
			Source: p.source(p.Path), Customer: p.Columns[prospectRole], IDRole: prospectRole, Numbers: p.Numbers, Categories: p.Categories,
		})
	}
	return all
}

// checkCampaigns finds the faults of an entry of the campaigns.
func (d *decoder) checkCampaigns(c *Campaigns, i int, root *node) {
	name, n := d.entryOf("campaigns", i, c.Path, root)
	d.checkTextFiles(&c.TextFiles, name, n)
	columns := find(n, "columns")
	d.checkRoles(c.Columns, []string{customerRole, "campaign", "time"}, "the roles are customer, campaign, time, arm, cost, response",
		name+".columns", columns, "arm", "cost", "response")
	if c.TimeFormat != "" {
		if _, err := text.CompileTime(c.TimeFormat); err != nil {
			d.fault(find(n, "time_format"), name+".time_format", "got %q, want a format of strftime: %v", c.TimeFormat, err)
		}
	}
	for _, word := range c.Control {
		if slices.Contains(c.Treated, word) {
			d.fault(find(n, "control"), name+".control", "got %q, which stands under treated as well; want each text once", word)
		}
	}
	if len(c.Treated)+len(c.Control) > 0 && c.Columns["arm"] == "" {
		d.fault(n, name, "got texts of arms and no column for arm, want one under columns")
	}
}

// checkProspects finds the faults of an entry of the prospects. kinds holds the kinds
// of the attributes of customers.
func (d *decoder) checkProspects(p *Prospects, i int, root *node, kinds map[string]string) {
	name, n := d.entryOf("prospects", i, p.Path, root)
	d.checkTextFiles(&p.TextFiles, name, n)
	d.checkRoles(p.Columns, []string{prospectRole}, "the one role is prospect, attributes go under numbers or categories", name+".columns", find(n, "columns"))
	if len(p.Numbers)+len(p.Categories) == 0 {
		d.fault(n, name, "got no attribute, want at least one under numbers or categories")
	}
	d.checkShared(p.Numbers, name, "numbers", n, kinds)
	d.checkShared(p.Categories, name, "categories", n, kinds)
}

// checkShared refuses attributes of prospects unknown for customers.
func (d *decoder) checkShared(attributes map[string]string, name, kind string, n *node, kinds map[string]string) {
	for _, e := range find(n, kind).entries {
		column, read := attributes[e.key]
		at := &node{line: e.line, column: e.column}
		switch {
		case !read:
		case kinds[e.key] != kind:
			d.fault(at, name+"."+kind, "got %q, want an attribute that stands under %s of an entry of the customers: prospects are compared with them by what both have",
				e.key, kind)
		case column == "":
			d.fault(at, name+"."+kind, "got no column for %s, want one", e.key)
		}
	}
}
