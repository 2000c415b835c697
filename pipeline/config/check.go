package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/quintile-dev/quintile/datasets/ingest"
	"github.com/quintile-dev/quintile/datasets/pgio"
	"github.com/quintile-dev/quintile/datasets/text"
)

// jobName is the form of a job's name: the name of a folder.
var jobName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

// check finds the faults beyond a single word.
func (d *decoder) check(j *Job, root *node) {
	at := func(path ...string) *node { return find(root, path...) }
	switch {
	case j.Job == "":
		d.fault(at("job"), "job", "got no name, want one such as online-retail")
	case !jobName.MatchString(j.Job):
		d.fault(at("job"), "job", "got %q, want letters, digits, dot, dash and underscore", j.Job)
	}
	if _, err := time.LoadLocation(j.TimeZone); err != nil {
		d.fault(at("time_zone"), "time_zone", "got %q, want the name of a zone such as Europe/London", j.TimeZone)
	}
	if j.Output == "" {
		d.fault(at("output"), "output", "got no folder, want one; remove the field to use out")
	}
	if _, _, err := j.Place(); err != nil {
		d.fault(at("output"), "output", "%v", err)
	}
	if IsURL(j.History) {
		d.fault(at("history"), "history", "got a URL, want a local folder: only inputs and output may be in an object store")
	}
	if len(j.Inputs.Transactions) == 0 && len(d.faults) == 0 {
		d.fault(at("inputs"), "inputs.transactions", "got no files, want at least one entry with path and columns")
	}
	for i := range j.Inputs.Transactions {
		d.checkTransactions(&j.Inputs.Transactions[i], i, root, j.History != "")
	}
	d.checkNumberOfDimensions(j, root)
	for i := range j.Inputs.Identities {
		d.checkIdentities(&j.Inputs.Identities[i], i, root)
	}
	kinds := d.checkCustomers(j, root)
	for i := range j.Inputs.Campaigns {
		d.checkCampaigns(&j.Inputs.Campaigns[i], i, root)
	}
	for i := range j.Inputs.Prospects {
		d.checkProspects(&j.Inputs.Prospects[i], i, root, kinds)
	}
	d.checkRates(j, root)
	d.checkLookups(j, root)
	d.checkSteps(j, root)
	d.checkCRM(j, root)
	d.checkPrivacy(j, root)
}

// find returns the node at a path of keys, or the nearest block above it.
func find(n *node, path ...string) *node {
	for _, key := range path {
		e := n.get(key)
		if e == nil {
			return n
		}
		n = e.value
	}
	return n
}

// entryOf returns the name and the node of an entry of the inputs, after
// checking its path.
func (d *decoder) entryOf(list string, i int, path string, root *node) (name string, n *node) {
	name = fmt.Sprintf("inputs.%s[%d]", list, i)
	n = find(root, "inputs", list)
	if i < len(n.items) {
		n = n.items[i]
	}
	if path == Gap {
		d.fault(find(n, "path"), name+".path", "got %q, a gap that init left, want a file, a glob or a folder", Gap)
	}
	if path == "" {
		d.fault(n, name+".path", "got no path, want a file, a glob or a folder")
	}
	if pgio.IsURL(path) && !variable.MatchString(path) {
		if _, _, err := pgio.SplitPassword(path); err != nil {
			d.fault(find(n, "path"), name+".path", "%v", err)
		}
	}
	if IsURL(path) && !pgio.IsURL(path) {
		if _, err := ParseInput(path); err != nil {
			d.fault(find(n, "path"), name+".path", "%v", err)
		}
	}
	return name, n
}

func (d *decoder) checkIdentities(x *Identities, i int, root *node) {
	name, n := d.entryOf("identities", i, x.Path, root)
	d.checkTextFiles(&x.TextFiles, name, n)
	columns := find(n, "columns")
	d.checkRoles(x.Columns, []string{aliasRole, customerRole}, "the roles are alias, customer", name+".columns", columns)
	if a := x.Columns[aliasRole]; a != "" && a == x.Columns[customerRole] {
		d.fault(columns, name+".columns", "got the column %q for alias and for customer, want two columns", a)
	}
}

// checkRoles finds the faults of the columns of a table; all roles are required except the
// optional roles. known holds the possible roles.
func (d *decoder) checkRoles(got map[string]string, roles []string, known, name string, n *node, optional ...string) {
	for _, e := range n.entries {
		if _, read := got[e.key]; read && !slices.Contains(roles, e.key) && !slices.Contains(optional, e.key) {
			d.fault(&node{line: e.line, column: e.column}, name, "unknown role %q; %s", e.key, known)
		}
	}
	for _, role := range roles {
		if got[role] == "" {
			d.fault(n, name, "got no column for %s, want one", role)
		}
	}
}

func (d *decoder) checkTransactions(t *Transactions, i int, root *node, keepsHistory bool) {
	name, n := d.entryOf("transactions", i, t.Path, root)
	d.checkColumns(t, name+".columns", n)
	d.checkDimensions(t, name+".dimensions", find(n, "dimensions"))
	d.checkTextFiles(&t.TextFiles, name, n)
	if t.TimeFormat != "" {
		if _, err := text.CompileTime(t.TimeFormat); err != nil {
			d.fault(find(n, "time_format"), name+".time_format", "got %q, want a format of strftime: %v", t.TimeFormat, err)
		}
	}
	if t.Returns != nil {
		d.checkRule(t.Returns, name+".returns", find(n, "returns"))
	}
	d.checkOrders(t, name, n)
	switch server := pgio.IsURL(t.Path); {
	case t.Since != "" && !server:
		d.fault(find(n, "since"), name+".since", "got a column, and a path that is no server: files are told apart by their contents")
	case server && t.Since == "" && keepsHistory:
		d.fault(n, name, "got a server beside history, and no since: all rows would be taken in again; name a column that grows with each row")
	}
	seen := map[string]bool{}
	for r := range t.SetAside {
		at := find(n, "set_aside")
		if r < len(at.items) {
			at = at.items[r]
		}
		d.checkNamedRule(&t.SetAside[r], fmt.Sprintf("%s.set_aside[%d]", name, r), at, seen)
	}
}

// checkOrders finds the faults of the settings about the lines of an order.
func (d *decoder) checkOrders(t *Transactions, name string, n *node) {
	needs := func(field string, asked bool) {
		if asked && t.Columns[string(ingest.Order)] == "" {
			d.fault(find(n, field), name+"."+field, "got lines of orders, and no column for order, want one under columns")
		}
	}
	byOrder := t.Returns != nil && t.Returns.By != ""
	for _, r := range t.SetAside {
		byOrder = byOrder || r.By != ""
	}
	if t.Duplicates != "" && t.Duplicates != string(ingest.AcrossFiles) && t.Duplicates != string(ingest.ExactDuplicates) {
		d.fault(find(n, "duplicates"), name+".duplicates", "got %q, want %s or %s", t.Duplicates, ingest.AcrossFiles, ingest.ExactDuplicates)
	}
	needs("duplicates", t.Duplicates == string(ingest.AcrossFiles))
	needs("fill_down", len(t.FillDown) > 0)
	needs("per_order", len(t.PerOrder) > 0)
	needs("set_aside", byOrder)
	for _, role := range t.PerOrder {
		switch {
		case !slices.Contains([]string{string(ingest.Amount), string(ingest.Cost), string(ingest.Discount)}, role):
			d.fault(find(n, "per_order"), name+".per_order", "got %q, want amount, cost or discount", role)
		case t.Columns[role] == "":
			d.fault(find(n, "per_order"), name+".per_order", "got %q, and no column for it, want one under columns", role)
		}
	}
}

// checkServer finds the faults of tables and queries of a server.
func (d *decoder) checkServer(path string, t *TextFiles, name string, n *node) {
	server := pgio.IsURL(path)
	switch {
	case server && (t.Table == "") == (t.Query == ""):
		d.fault(n, name, "got a server, and neither or both of table and query, want one of them")
	case !server && t.Table+t.Query != "":
		d.fault(n, name, "got a table or a query, and a path that is no server, want one such as postgres://user@host:5432/database")
	}
}

// checkTextFiles finds the faults of how text files are read.
func (d *decoder) checkTextFiles(t *TextFiles, name string, n *node) {
	if path := n.get("path"); path != nil {
		d.checkServer(path.value.text, t, name, n)
	}
	if t.Delimiter != "" && t.Delimiter != "whitespace" && t.Delimiter != "tab" && len(t.Delimiter) != 1 {
		d.fault(find(n, "delimiter"), name+".delimiter", "got %q, want one character, tab, or whitespace", t.Delimiter)
	}
	if mark := text.GroupMark(t.Thousands); t.Thousands != "" && (mark == 0 || string(mark) == t.Decimal || mark >= '0' && mark <= '9') {
		d.fault(find(n, "thousands"), name+".thousands", "got %q, want one character other than the decimal sign: a comma, a point, a blank or an apostrophe",
			t.Thousands)
	}
	t.numbersSet = n.get("decimal") != nil || n.get("thousands") != nil
	if t.ID != "" && t.ID != "text" && t.ID != "number" {
		d.fault(find(n, "id"), name+".id", "got %q, want text or number", t.ID)
	}
	for i, sign := range t.Signs {
		if strings.ContainsAny(sign, "0123456789 -+()%") || sign == "" || len(sign) > 8 || sign == "." || sign == "," {
			d.fault(find(n, "currency_signs"), fmt.Sprintf("%s.currency_signs[%d]", name, i), "got %q, want a sign or a code such as £ or GBP", sign)
		}
	}
	for field, s := range map[string]string{"escape": t.Escape, "comment": t.Comment} {
		if len(s) > 1 || s != "" && (s[0] <= ' ' || s[0] >= 0x7F || s == t.Delimiter || s == `"`) {
			d.fault(find(n, field), name+"."+field, "got %q, want one character of ASCII that is neither a quote nor the delimiter", s)
		}
	}
	if t.Header && len(t.Names) > 0 {
		d.fault(find(n, "names"), name+".names", "got names for files with a header, want header: false beside them")
	}
}

func (d *decoder) checkNamedRule(r *NamedRule, name string, n *node, seen map[string]bool) {
	builtIn := []string{ingest.NoCustomer, ingest.AfterAsOf, ingest.Erased, ingest.Duplicate}
	switch {
	case r.Name == "":
		d.fault(n, name+".name", "got no name, want one under which the rows are counted")
	case slices.Contains(builtIn, r.Name):
		d.fault(find(n, "name"), name+".name", "got %q, want a name other than the built-in %s", r.Name, strings.Join(builtIn, ", "))
	case seen[r.Name]:
		d.fault(find(n, "name"), name+".name", "got %q a second time, want a name for each rule", r.Name)
	}
	seen[r.Name] = true
	d.checkRule(&r.Rule, name, n)
}

// Gap is the placeholder, in a job written by init, for a column not found.
const Gap = "???"

func (d *decoder) checkColumns(t *Transactions, name string, n *node) {
	columns := find(n, "columns")
	var roles []string
	for _, r := range ingest.Roles() {
		roles = append(roles, string(r))
	}
	for _, e := range columns.entries {
		if t.Columns[e.key] == Gap {
			d.fault(e.value, name+"."+e.key, "got %q, a gap that init left, want the name of a column", Gap)
		}
		if t.Columns[e.key] == "" || slices.Contains(roles, e.key) {
			continue
		}
		at := &node{line: e.line, column: e.column}
		if near := nearest(e.key, roles); near != "" {
			d.fault(at, name, "unknown role %q; did you mean %q?", e.key, near)
		} else {
			d.fault(at, name, "unknown role %q; the roles are %s; a dimension of your own goes under dimensions", e.key, strings.Join(roles, ", "))
		}
	}
	if c := t.Columns[string(ingest.Clock)]; c != "" && c == t.Columns[string(ingest.Time)] {
		d.fault(columns, name, "got the column %q for the date and for the time of day, want two columns", c)
	}
	for _, r := range []ingest.Role{ingest.Customer, ingest.Time} {
		if t.Columns[string(r)] == "" {
			d.fault(columns, name, "got no column for %s, want one", r)
		}
	}
	if t.Columns[string(ingest.Amount)] != "" && t.Columns[string(ingest.UnitPrice)] != "" {
		d.fault(columns, name, "got both amount and unit_price, want one: amount is taken as it is, unit_price is multiplied by quantity")
	}
}

func (d *decoder) checkRule(r *Rule, name string, n *node) {
	if r.Column == "" {
		d.fault(n, name+".column", "got no column, want a role, a name of dimensions, or the name of a column")
	}
	if r.By != "" && r.By != "order" {
		d.fault(find(n, "by"), name+".by", "got %q, want order", r.By)
	}
	tests := 0
	for _, has := range []bool{r.Prefix != nil, r.Equals != nil, r.Missing, r.Min != nil || r.Max != nil} {
		if has {
			tests++
		}
	}
	if tests != 1 {
		d.fault(n, name, "got %d tests, want exactly one of prefix, equals, missing: true, or min and max", tests)
	}
	if r.Min != nil && r.Max != nil && *r.Min > *r.Max {
		d.fault(find(n, "min"), name, "got min %s above max %s, want a range", r.Min, r.Max)
	}
}
