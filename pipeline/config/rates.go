package config

import (
	"cmp"
	"fmt"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/ingest"
	"github.com/quintile-dev/quintile/datasets/text"
)

// Rates is one entry of the rates: the worth of one currency, or files with rates.
type Rates struct {
	Currency   string            `yaml:"currency" doc:"Code of a currency, as it stands in the files." json:",omitempty"`
	Rate       string            `yaml:"rate" doc:"What one unit of it is worth in the currency of the job, such as 0.0067: at most 12 decimal places." json:",omitempty"`
	From       *Day              `yaml:"from" doc:"First day on which the rate holds, until the next rate of the currency. Default: always." json:",omitempty"`
	Path       string            `yaml:"path" doc:"In place of currency and rate: file, glob or folder, as for transactions." json:",omitempty"`
	Columns    map[string]string `yaml:"columns" of:"role" doc:"Which column of the files holds what. Roles: currency, rate, which are required, and day, from which the rate holds." json:",omitempty"`
	TimeFormat string            `yaml:"time_format" doc:"Format of the days, as for transactions. Default: iso8601." json:",omitempty"`
	TextFiles  `yaml:",inline"`
}

// DefaultRates returns an entry of the rates with every default set.
func DefaultRates() Rates { return Rates{TextFiles: defaultTextFiles()} }

// Rates returns the rates in the job itself, and the files with more rates; nil where the job has no rates.
func (j *Job) Rates() (*ingest.Rates, []ingest.RateSource, error) {
	if len(j.Inputs.Rates) == 0 {
		return nil, nil, nil
	}
	rates := &ingest.Rates{}
	var files []ingest.RateSource
	for i, r := range j.Inputs.Rates {
		if r.Path != "" {
			files = append(files, ingest.RateSource{
				Source: r.source(r.Path), Code: r.Columns["currency"], Rate: r.Columns["rate"], Day: r.Columns["day"], DayFormat: r.TimeFormat,
			})
			continue
		}
		v, err := ingest.ParseRate(r.Rate, '.')
		if err == nil {
			err = rates.Add(r.Currency, (*datasets.Day)(r.From), v)
		}
		if err != nil {
			return nil, nil, fmt.Errorf("inputs.rates[%d]: %w", i, err)
		}
	}
	return rates, files, nil
}

// checkRates finds the faults of the rates, and of amounts with a mapped currency.
func (d *decoder) checkRates(j *Job, root *node) {
	for i := range j.Inputs.Rates {
		r := &j.Inputs.Rates[i]
		if r.Path != "" {
			name, n := d.entryOf("rates", i, r.Path, root)
			d.checkTextFiles(&r.TextFiles, name, n)
			d.checkRoles(r.Columns, []string{"currency", "rate"}, "the roles are currency, rate, day", name+".columns", find(n, "columns"), "day")
			if _, err := text.CompileTime(cmp.Or(r.TimeFormat, "iso8601")); err != nil {
				d.fault(find(n, "time_format"), name+".time_format", "got %q, want a format of strftime: %v", r.TimeFormat, err)
			}
			if r.Currency != "" || r.Rate != "" || r.From != nil {
				d.fault(n, name, "got a path beside currency, rate or from, want one or the other")
			}
			continue
		}
		name := fmt.Sprintf("inputs.rates[%d]", i)
		n := find(root, "inputs", "rates")
		if i < len(n.items) {
			n = n.items[i]
		}
		if r.Currency == "" || r.Rate == "" {
			d.fault(n, name, "got no currency, rate or path, want currency and rate, or a path")
			continue
		}
		if _, err := ingest.ParseRate(r.Rate, '.'); err != nil {
			d.fault(find(n, "rate"), name+".rate", "%v", err)
		}
	}
	mapped := false
	for _, t := range j.Inputs.Transactions {
		mapped = mapped || t.Columns[string(ingest.Currency)] != ""
	}
	switch {
	case mapped && j.Currency == "":
		d.fault(find(root, "currency"), "currency", "got none, want the currency that amounts are in, or are converted to, such as EUR: a column is mapped to currency")
	case !mapped && len(j.Inputs.Rates) > 0:
		d.fault(find(root, "inputs", "rates"), "inputs.rates", "got rates, and no column that is mapped to currency, want one under columns of the transactions")
	}
}
