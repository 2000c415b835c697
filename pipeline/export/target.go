package export

import (
	"fmt"
	"slices"
	"strings"

	"github.com/quintile-dev/quintile/datasets/table"
)

// Target holds the settings of a job for one system.
type Target struct {
	Profile *Profile
	Object  string  // of Salesforce, such as Contact
	Key     Field   // the column "customer" by default, under the header that the system knows
	Fields  []Field // beside the key, in their order; a field without a header has its column's name

	// ChangedBy names the columns whose change makes an update. Nil: the fields with names of
	// groups or scores in steps; without such fields, and in audiences, every field.
	ChangedBy []string

	Only        []Gate // who is written: those who pass every gate
	Consent     *Gate  // likewise, counted by itself; nil: not asked for
	Missing     string // written for a text that is missing; "": as the system has it
	PhonePrefix string // country code of phone numbers without one, such as 49; "": such numbers are left out

	// Suppressed reports whether a customer must not be written. Nil: nobody. It is called by
	// several goroutines at once.
	Suppressed func(id []byte) bool
	// Pseudonym appends what stands for the id of a customer. Nil: the id. Likewise.
	Pseudonym func(dst, id []byte) []byte
}

// Field is a column of the customers with its header in the file.
type Field struct{ Column, Header string }

// Gate lets customers pass if a column has a permitted value. A missing value does not
// pass.
type Gate struct {
	Column string
	In     []string
}

// CustomerColumn is the name of the column that holds the ids of customers.
const CustomerColumn = "customer"

// field is a field as it is written.
type field struct {
	Field
	at      int // of its column
	rule    Rule
	id      bool // of an audience: enough to find a person by
	guarded bool
	text    bool // Target.Missing stands for a missing value
}

// plan is a target that fits the columns at hand.
type plan struct {
	Target
	columns  []table.Column
	customer int     // column of the ids
	fields   []field // the key first
	gates    []gate
	consent  *gate
	compare  []int // fields whose change makes an update
}

type gate struct {
	at int
	in []string
}

// newPlan fits a target to columns.
func newPlan(t Target, columns []table.Column) (*plan, error) {
	p := &plan{Target: t, columns: columns}
	var err error
	if p.customer, err = p.find(CustomerColumn); err != nil {
		return nil, err
	}
	key := t.Key
	if key.Column == "" {
		key.Column = CustomerColumn
	}
	if key.Header == "" && len(t.Profile.KeyHeaders) > 0 {
		key.Header = t.Profile.KeyHeaders[0]
	}
	for _, f := range append([]Field{key}, t.Fields...) {
		if err := p.add(f); err != nil {
			return nil, err
		}
	}
	if err := p.check(); err != nil {
		return nil, err
	}
	for _, g := range t.Only {
		at, err := p.find(g.Column)
		if err != nil {
			return nil, err
		}
		p.gates = append(p.gates, gate{at, g.In})
	}
	if t.Consent != nil {
		at, err := p.find(t.Consent.Column)
		if err != nil {
			return nil, err
		}
		p.consent = &gate{at, t.Consent.In}
	}
	return p, p.comparing()
}

// Check finds what is wrong with a target, as New does.
func Check(t Target, columns []table.Column) error {
	_, err := newPlan(t, columns)
	return err
}

func (p *plan) find(name string) (int, error) {
	at := slices.IndexFunc(p.columns, func(c table.Column) bool { return c.Name == name })
	if at < 0 {
		var names []string
		for _, c := range p.columns {
			names = append(names, c.Name)
		}
		return 0, fmt.Errorf("%s: got the column %q, want one of %s", p.Profile.Name, name, strings.Join(names, ", "))
	}
	return at, nil
}

func (p *plan) add(f Field) error {
	at, err := p.find(f.Column)
	if err != nil {
		return err
	}
	if f.Header == "" {
		f.Header = f.Column
	}
	known, ok := p.Profile.header(f.Header)
	if !ok && p.Profile.Closed {
		var names []string
		for _, h := range p.Profile.Headers {
			names = append(names, h.Name)
		}
		return fmt.Errorf("%s: got the header %q, want one of %s", p.Profile.Name, f.Header, strings.Join(names, ", "))
	}
	text := p.columns[at].Type == table.Text || p.columns[at].Type == table.TextList
	free := known.Rule.Form == Free
	p.fields = append(p.fields, field{
		Field: f, at: at, rule: known.Rule, id: known.Identity,
		guarded: text && free && len(p.fields) > 0, text: text && free,
	})
	return nil
}

// check finds what the system would refuse.
func (p *plan) check() error {
	name, key := p.Profile.Name, p.fields[0].Header
	if !slices.Contains(p.Profile.KeyHeaders, key) && p.Profile.KeyHeaders != nil {
		return fmt.Errorf("%s: got the key header %q, want one of %s", name, key, strings.Join(p.Profile.KeyHeaders, ", "))
	}
	if p.Profile.Object && p.Object == "" {
		return fmt.Errorf("%s: got no object, want one such as Contact", name)
	}
	if n := len(p.fields); p.Profile.MaxColumns > 0 && n > p.Profile.MaxColumns {
		return fmt.Errorf("%s: got %d columns, want at most %d", name, n, p.Profile.MaxColumns)
	}
	seen := map[string]bool{}
	for _, h := range p.header() {
		lower := strings.ToLower(h)
		if h == "" || strings.TrimSpace(h) != h || strings.ContainsAny(h, "\r\n") {
			return fmt.Errorf("%s: got the header %q, want a name without blanks around it", name, h)
		}
		if seen[lower] {
			return fmt.Errorf("%s: got the header %q twice, want each once", name, h)
		}
		seen[lower] = true
	}
	return nil
}

// comparing finds the fields whose change makes an update.
func (p *plan) comparing() error {
	for _, name := range p.ChangedBy {
		at := slices.IndexFunc(p.fields, func(f field) bool { return f.Column == name })
		if at < 0 {
			return fmt.Errorf("%s: got %q in changed_by, want a column that is written", p.Profile.Name, name)
		}
		p.compare = append(p.compare, at)
	}
	if p.ChangedBy != nil {
		return nil
	}
	for i, f := range p.fields {
		if i > 0 && !p.Profile.Audience && InSteps(p.columns[f.at]) {
			p.compare = append(p.compare, i)
		}
	}
	if p.compare == nil {
		for i := range p.fields {
			p.compare = append(p.compare, i)
		}
	}
	return nil
}

// InSteps reports whether a column names a group or is a score in steps, so that a
// person would act on a change.
func InSteps(c table.Column) bool {
	switch c.Type {
	case table.Bool:
		return true
	case table.Text:
		return c.Dictionary
	case table.Int32:
		return c.Unit == "" || c.Unit == "score"
	}
	return false
}

// header returns the first row of a full file.
func (p *plan) header() []string {
	var names []string
	for _, f := range p.fields {
		names = append(names, f.Header)
	}
	if p.Profile.Ops {
		names = append(names, hashHeader)
	}
	return names
}

// keyed reports whether the key is one customer's by itself.
func (p *plan) keyed() bool { return p.fields[0].Column == CustomerColumn || p.Profile.Audience }
