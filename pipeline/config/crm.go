package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/pipeline/export"
	"github.com/quintile-dev/quintile/pipeline/steps"
)

// CRM is one system that receives files.
type CRM struct {
	Profile     string            `yaml:"profile" enum:"generic,salesforce,hubspot,braze,klaviyo,google_customer_match,meta_audience,x_audience,tiktok_audience" doc:"Whose rules the files obey; see docs/crm.md."`
	Name        string            `yaml:"name" doc:"Name of the folder below crm. Default: the profile. Two entries of one profile need names." json:",omitempty"`
	Object      string            `yaml:"object" doc:"Object of Salesforce that the file is of, such as Contact." json:",omitempty"`
	Key         CRMKey            `yaml:"key" doc:"By what the system knows a customer."`
	Columns     map[string]string `yaml:"columns" of:"column" doc:"Columns of segments.parquet and attributes of customers, each with the name that the system has for it. Default: the scores, under their own names; for salesforce, which has other names, there is no default; for audiences, none." json:",omitempty"`
	ChangedBy   []string          `yaml:"changed_by" doc:"Columns whose change makes an update. Default: names of groups, scores in steps and attributes that are texts." json:",omitempty"`
	Only        []CRMGate         `yaml:"only" doc:"Who is written: those who have, in each of these columns, one of its values. Default: all." json:",omitempty"`
	Consent     *CRMConsent       `yaml:"consent" doc:"Who has agreed to the purpose. Audiences need it." json:",omitempty"`
	Missing     string            `yaml:"missing" doc:"Text for a missing text, for systems that keep the old one where a cell is empty. Default: none." json:",omitempty"`
	FullEvery   int               `yaml:"full_every" min:"1" max:"3650" doc:"Days from one full file to the next. The delta is written in each run."`
	PhonePrefix string            `yaml:"phone_prefix" doc:"Country code, in digits, of phone numbers without one. Default: such numbers are left out." json:",omitempty"`
}

// CRMKey is the key by which a system knows a customer.
type CRMKey struct {
	Column string `yaml:"column" doc:"The column customer, or an attribute of customers."`
	Header string `yaml:"header" doc:"The name that the system has for it. Default: that of the profile." json:",omitempty"`
}

// CRMGate lets customers pass by one column.
type CRMGate struct {
	Column string   `yaml:"column" doc:"A column of segments.parquet, or an attribute of customers."`
	In     []string `yaml:"in" doc:"Values that pass. A missing value does not."`
}

// CRMConsent says who has agreed.
type CRMConsent struct {
	Column string   `yaml:"column" doc:"Attribute of customers that holds the answer." json:",omitempty"`
	In     []string `yaml:"in" doc:"Answers that agree. Anything else does not, nor does none."`
	Given  bool     `yaml:"given" doc:"All customers have agreed, which no column has to say." json:",omitempty"`
}

// DefaultCRM returns an entry of publish.crm with every default set.
func DefaultCRM() CRM { return CRM{Key: CRMKey{Column: export.CustomerColumn}, FullEvery: 1} }

// DefaultConsent returns a consent with every default set.
func DefaultConsent() CRMConsent { return CRMConsent{In: []string{"yes", "true", "1"}} }

// CRM returns the systems that receive files: one entry of the profile generic where the job names
// no system.
func (j *Job) CRM() []CRM {
	if j.Publish.CRM != nil {
		return j.Publish.CRM
	}
	c := DefaultCRM()
	c.Profile = "generic"
	return []CRM{c}
}

// Folder returns the name of the folder below crm.
func (c *CRM) Folder() string {
	if c.Name != "" {
		return c.Name
	}
	return c.Profile
}

// Target returns the target of the entry for the writer. columns holds all possible columns, in
// the order of writing; usual holds the names of the columns written by default.
func (c *CRM) Target(columns []table.Column, usual []string) export.Target {
	t := export.Target{
		Profile: export.Lookup(c.Profile), Object: c.Object, Key: export.Field{Column: c.Key.Column, Header: c.Key.Header},
		ChangedBy: c.ChangedBy, Missing: c.Missing, PhonePrefix: c.PhonePrefix,
	}
	for _, column := range columns {
		header, named := c.Columns[column.Name]
		if named || c.Columns == nil && t.Profile != nil && !t.Profile.Audience && slices.Contains(usual, column.Name) {
			t.Fields = append(t.Fields, export.Field{Column: column.Name, Header: header})
		}
	}
	for _, g := range c.Only {
		t.Only = append(t.Only, export.Gate{Column: g.Column, In: g.In})
	}
	if c.Consent != nil && !c.Consent.Given {
		t.Consent = &export.Gate{Column: c.Consent.Column, In: c.Consent.In}
	}
	return t
}

// Uses returns the names of the columns read by the entry, in no order.
func (c *CRM) Uses() []string {
	names := slices.Collect(maps.Keys(c.Columns))
	names = append(names, c.Key.Column)
	for _, g := range c.Only {
		names = append(names, g.Column)
	}
	if c.Consent != nil && !c.Consent.Given {
		names = append(names, c.Consent.Column)
	}
	return names
}

// crmColumns returns the columns possible in files for CRM systems, as far as known from the
// job, and the names of the default columns.
func (j *Job) crmColumns() (columns []table.Column, usual []string) {
	add := func(name string, t table.Type) { columns = append(columns, table.Column{Name: name, Type: t}) }
	add(export.CustomerColumn, table.Text)
	for _, name := range []string{"recency_days", "frequency", "monetary"} {
		add(name, table.Float64)
		usual = append(usual, name)
	}
	for _, step := range steps.Table() {
		for _, c := range step.Columns {
			columns = append(columns, c.Column)
			if c.CRM {
				usual = append(usual, c.Name)
			}
		}
	}
	for _, c := range j.Inputs.Customers {
		for _, name := range slices.Sorted(maps.Keys(c.Numbers)) {
			add(name, table.Text)
		}
		for _, name := range slices.Sorted(maps.Keys(c.Categories)) {
			add(name, table.Text)
		}
	}
	return columns, usual
}

// checkCRM finds the faults of the systems that get files.
func (d *decoder) checkCRM(j *Job, root *node) {
	columns, usual := j.crmColumns()
	folders := map[string]bool{}
	for i := range j.Publish.CRM {
		c := &j.Publish.CRM[i]
		n := find(root, "publish", "crm")
		if i < len(n.items) {
			n = n.items[i]
		}
		name := fmt.Sprintf("publish.crm[%d]", i)
		folder := c.Folder()
		switch {
		case c.Profile == "":
			d.fault(n, name+".profile", "got no profile, want one of %s", strings.Join(profileNames(), ", "))
			continue
		case export.Lookup(c.Profile) == nil:
			continue // the reader has said so
		case !jobName.MatchString(folder):
			d.fault(find(n, "name"), name+".name", "got %q, want letters, digits, dot, dash and underscore", folder)
		case folders[folder]:
			d.fault(n, name+".name", "got the folder %q a second time, want a name for each entry", folder)
		}
		folders[folder] = true
		if fault := c.check(columns); fault != "" {
			d.fault(n, name, "%s", fault)
			continue
		}
		if err := export.Check(c.Target(columns, usual), columns); err != nil {
			d.fault(n, name, "%v", err)
		}
	}
}

func profileNames() (names []string) {
	for _, p := range export.Profiles() {
		names = append(names, p.Name)
	}
	return names
}

// check returns what no rule of a system says, or "".
func (c *CRM) check(columns []table.Column) string {
	for _, name := range slices.Sorted(slices.Values(c.Uses())) {
		if !slices.ContainsFunc(columns, func(t table.Column) bool { return t.Name == name }) {
			return fmt.Sprintf("got the column %q, want one of segments.parquet or an attribute under inputs.customers", name)
		}
	}
	if c.Profile == "salesforce" && len(c.Columns) == 0 {
		return "got no columns, want each with the API name of its field, such as {rfm_segment: RFM_Segment__c}"
	}
	if export.Lookup(c.Profile).Audience && c.Consent == nil {
		return "got no consent, want the attribute that holds it, such as {column: ads_consent, in: [yes]}, or {given: true} where all have agreed"
	}
	if c.Consent != nil && c.Consent.Given && c.Consent.Column != "" {
		return "got a consent that is given and a column of it, want one of them"
	}
	if strings.Trim(c.PhonePrefix, "0123456789") != "" || strings.HasPrefix(c.PhonePrefix, "0") || len(c.PhonePrefix) > 3 {
		return fmt.Sprintf("got the phone_prefix %q, want a country code such as 49", c.PhonePrefix)
	}
	return ""
}
