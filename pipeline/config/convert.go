package config

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"github.com/quintile-dev/quintile/datasets/csvio"
	"github.com/quintile-dev/quintile/datasets/ingest"
	"github.com/quintile-dev/quintile/datasets/text"
)

// Sources returns the inputs in the form for the loader.
func (j *Job) Sources() []ingest.Source {
	var all []ingest.Source
	for _, t := range j.Inputs.Transactions {
		s := t.source(t.Path)
		s.Columns, s.Further, s.TimeFormat = map[ingest.Role]string{}, t.Dimensions, t.TimeFormat
		for role, column := range t.Columns {
			s.Columns[ingest.Role(role)] = column
		}
		s.Since = t.Since
		s.Duplicates, s.FillDown, s.Currency = ingest.Duplicates(t.Duplicates), t.FillDown, j.Currency
		for _, role := range t.PerOrder {
			s.PerOrder = append(s.PerOrder, ingest.Role(role))
		}
		if t.Returns != nil {
			r := t.Returns.rule("returns")
			s.Returns = &r
		}
		for _, r := range t.SetAside {
			s.SetAside = append(s.SetAside, r.rule(r.Name))
		}
		all = append(all, s)
	}
	return all
}

// Identities returns the files of aliases in the form for the loader.
func (j *Job) Identities() []ingest.AliasSource {
	var all []ingest.AliasSource
	for _, x := range j.Inputs.Identities {
		all = append(all, ingest.AliasSource{Source: x.source(x.Path), Alias: x.Columns[aliasRole], Customer: x.Columns[customerRole]})
	}
	return all
}

// source returns the settings needed to open files.
func (t *TextFiles) source(path string) ingest.Source {
	return ingest.Source{
		Path: path, Sheet: t.Sheet, Table: t.Table, Query: t.Query, CSV: t.csv(), Decimal: t.Decimal[0], Thousands: text.GroupMark(t.Thousands), Signs: t.Signs, NumbersSet: t.numbersSet,
		NumericIDs: t.ID == "number", Missing: t.Missing,
	}
}

func (t *TextFiles) csv() csvio.Options {
	o := csvio.DefaultOptions()
	o.Header, o.Names, o.Encoding = t.Header, t.Names, t.Encoding
	o.Skip, o.NoQuotes, o.Escape, o.Comment = t.Skip, t.NoQuotes, character(t.Escape), character(t.Comment)
	switch t.Delimiter {
	case "":
	case "tab":
		o.Delimiter = '\t'
	case "whitespace":
		o.Delimiter = csvio.Whitespace
	default:
		o.Delimiter = t.Delimiter[0]
	}
	return o
}

// character returns the one byte of a text; 0 for none.
func character(s string) byte {
	if s == "" {
		return 0
	}
	return s[0]
}

func (r *Rule) rule(name string) ingest.Rule {
	return ingest.Rule{
		Name: name, Column: r.Column, Prefix: r.Prefix, Equals: r.Equals, Missing: r.Missing,
		Min: (*int64)(r.Min), Max: (*int64)(r.Max), ByOrder: r.By == "order",
	}
}

// Zone returns the time zone of the job.
func (j *Job) Zone() (*time.Location, error) { return time.LoadLocation(j.TimeZone) }

// Digest returns the SHA-256 of the effective job: equal digests give equal
// results from equal inputs.
func (j *Job) Digest() (string, error) {
	effective, err := json.Marshal(j)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(effective)
	return hex.EncodeToString(sum[:]), nil
}

// MappingDigest returns the SHA-256 of the settings that shape line items: a
// kept history must have been made with the same settings. Paths are left out,
// since later files have other names.
func (j *Job) MappingDigest() (string, error) {
	inputs := make([]Transactions, len(j.Inputs.Transactions))
	for i, t := range j.Inputs.Transactions {
		t.Path = ""
		inputs[i] = t
	}
	rates, base := slices.Clone(j.Inputs.Rates), ""
	for i := range rates {
		rates[i].Path = ""
	}
	if len(rates) > 0 {
		base = j.Currency
	}
	lookups := slices.Clone(j.Inputs.Lookups)
	for i := range lookups {
		lookups[i].Path = ""
	}
	mapping, err := json.Marshal(struct {
		Inputs    []Transactions
		Zone      string
		Anonymous bool
		Rates     []Rates   `json:",omitempty"`
		Currency  string    `json:",omitempty"`
		Lookups   []Lookups `json:",omitempty"`
	}{inputs, j.TimeZone, j.Steps.WantAnonymous(), rates, base, lookups})
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(mapping)
	return hex.EncodeToString(sum[:]), nil
}
