package load

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/text"
)

// refusal is the set of rows refused for one reason in one column.
type refusal struct {
	column  string // "": the whole row
	reason  datasets.Reason
	count   int
	samples [][]byte // the first cells that may be shown
}

// refusalSamples bounds the cells of a refusal whose form is examined.
const refusalSamples = 1000

// refusals groups the refused rows, sorted by column and reason. Faults are sorted,
// so that the samples do not depend on the workers.
func refusals(faults []datasets.Fault) []*refusal {
	type key struct {
		column string
		reason datasets.Reason
	}
	found := map[key]*refusal{}
	var all []*refusal
	for i := range faults {
		f := &faults[i]
		k := key{f.Pos.Column, f.Reason}
		r := found[k]
		if r == nil {
			r = &refusal{column: k.column, reason: k.reason}
			found[k] = r
			all = append(all, r)
		}
		r.count++
		if f.Shown && f.Got != "" && len(r.samples) < refusalSamples {
			r.samples = append(r.samples, []byte(f.Got))
		}
	}
	slices.SortFunc(all, func(a, b *refusal) int {
		return cmp.Or(cmp.Compare(a.column, b.column), cmp.Compare(a.reason, b.reason))
	})
	return all
}

// String names the refused cells, and the setting to read them.
func (r *refusal) String() string {
	where := "whole rows"
	if r.column != "" {
		where = fmt.Sprintf("column %q", r.column)
	}
	rows := "rows were"
	if r.count == 1 {
		rows = "row was"
	}
	s := fmt.Sprintf("%s: %d %s refused as %s", where, r.count, rows, r.reason)
	if advice := r.advice(); advice != "" {
		s += "; " + advice
	}
	return s
}

// otherForms are forms of numbers refused unless the job names the form.
var otherForms = []struct {
	form   *regexp.Regexp
	advice string
}{
	{regexp.MustCompile(`^[+-]?\d{1,3}(\.\d{3})+,\d+$`), `they look like numbers with a decimal comma and points between thousands: set decimal: "," and thousands: "."`},
	{regexp.MustCompile(`^[+-]?\d{1,3}(,\d{3})+\.\d+$`), `they look like numbers with commas between thousands: set thousands: ","`},
	{regexp.MustCompile(`^[+-]?\d+,\d+$`), `they look like numbers with a decimal comma, or with commas between thousands: set decimal: "," or thousands: ","`},
	{regexp.MustCompile(`^[-(]?\s*(\p{Sc}|[A-Z]{3}\s?)[-(]?\d[\d.,' \x{a0}\x{202f}]*\)?-?$|^[-(]?\d[\d.,' \x{a0}\x{202f}]*\)?-?\s?(\p{Sc}|[A-Z]{3})\)?$`), `they look like numbers with the sign or the code of a currency: set currency_signs`},
	{regexp.MustCompile(`^[+-]?\d+\.\d+$`), `they look like numbers with a decimal point: set decimal: "."`},
	{regexp.MustCompile(`^[+-]?\d{1,3}([ '\x{a0}\x{202f}]\d{3})+([.,]\d+)?$`), `they look like numbers with blanks or apostrophes between thousands: set thousands to that character`},
	{regexp.MustCompile(`^(?i:n/?a|null|none|nil|nan|-+|\?+|#n/a|unknown)$`), `they look like marks for a missing value: name them under missing`},
}

// advice names the setting for reading the cells, "" where no setting reads half of
// the cells.
func (r *refusal) advice() string {
	n := len(r.samples)
	if n == 0 {
		return ""
	}
	if r.reason == datasets.BadTime {
		if good := text.Readable(r.samples); 2*len(good) >= n {
			if layouts := text.DetectTime(good); len(layouts) > 0 {
				return fmt.Sprintf("they look like times in the format %q: read files of that form as an entry of their own with time_format", layouts[0])
			}
		}
	}
	for _, other := range otherForms {
		fitting := 0
		for _, s := range r.samples {
			if other.form.Match(s) {
				fitting++
			}
		}
		if 2*fitting >= n {
			return other.advice
		}
	}
	return ""
}

// warnQuarantined warns of the rows refused by the run.
func (d *Data) warnQuarantined() {
	for _, f := range refusals(d.AllRefused()) {
		d.Warn("quarantined", f.count, "%s", f)
	}
}
