package ingest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/text"
)

// CampaignSource is one entry of a job's campaigns: files with a row for each customer
// drawn into a campaign.
type CampaignSource struct {
	Source                      // of which the path counts, how text is read, and the format of times
	Customer, Campaign   string // names of the columns in the files
	Time                 string
	Arm, Cost, Response  string   // likewise; "" where the files have none
	TreatedAs, ControlAs []string // further texts that name an arm
}

// The texts that name an arm and a response, in lower case.
var (
	treatedWords = []string{"treated", "treatment", "test", "1", "true", "yes"}
	controlWords = []string{"control", "holdout", "hold-out", "hold_out", "0", "false", "no"}
	yesWords     = []string{"1", "true", "yes"}
	noWords      = []string{"0", "false", "no"}
)

// ReadCampaigns reads all files of campaigns. zone applies to times without a zone; ids
// maps aliases to customers, nil: no aliases. most is the memory in bytes that the
// contacts may take. advance, if not nil, is called with the number of rows read.
//
// Determinism: the contents of the table depend neither on the order of rows nor on
// their distribution over files.
//
// Errors: those of ReadTable; a *datasets.FileError where the times have no format, or
// several, and where the contacts take more than most.
func ReadCampaigns(ctx context.Context, sources []CampaignSource, zone *time.Location, ids *datasets.Identities, most int64,
	advance func(rows int64)) (*datasets.Campaigns, *TableReport, error) {
	tables := make([]TableSource, len(sources))
	r := campaignReader{table: &datasets.Campaigns{}, ids: ids, sources: sources, most: min(most, math.MaxUint32)}
	for i := range sources {
		layout, err := sources[i].layout(ctx)
		if err != nil {
			return nil, nil, err
		}
		tables[i] = sources[i].bind()
		tables[i].layout, tables[i].zone = layout, zone
	}
	report, err := readTable(ctx, tables, max(most/2, 1), advance, r.take)
	if err != nil {
		return nil, nil, err
	}
	r.table.Settle()
	return r.table, report, nil
}

// The columns of a row of campaigns, in the order of TableSource.
const (
	customerAt = iota
	campaignAt
	timeAt
	optionalAt // those that the files have of arm, cost, response
)

// bind returns the columns that a source needs.
func (s *CampaignSource) bind() TableSource {
	t := TableSource{Source: s.Source, Columns: []TableColumn{
		{s.Customer, "columns: customer", true}, {Name: s.Campaign, For: "columns: campaign"}, {Name: s.Time, For: "columns: time"},
	}}
	for _, c := range []TableColumn{{Name: s.Arm, For: "columns: arm"}, {Name: s.Cost, For: "columns: cost"}, {Name: s.Response, For: "columns: response"}} {
		if c.Name != "" {
			t.Columns = append(t.Columns, c)
		}
	}
	return t
}

// errKnown ends a look at times once their format is known.
var errKnown = errors.New("the format of the times is known")

// layout returns the format of the times of a source, nil where its files hold times and
// no texts.
func (s *CampaignSource) layout(ctx context.Context) (*text.TimeLayout, error) {
	if s.TimeFormat != "" {
		layout, err := text.CompileTime(s.TimeFormat)
		if err != nil {
			return nil, fmt.Errorf("%s: time_format: %w", s.Path, err)
		}
		return layout, nil
	}
	d, path, looked := &detection{hidden: s.Time == s.Customer}, "", false
	only := TableSource{Source: s.Source, Columns: []TableColumn{{Name: s.Time, For: "columns: time"}}}
	_, err := ReadTable(ctx, []TableSource{only}, nil, func(_ int, rows *TableRows) error {
		c := &rows.w.frame.Columns[rows.columns[0]]
		switch c.Kind {
		case datasets.Date, datasets.Timestamp:
			return nil
		case datasets.Float, datasets.Bool, datasets.Decimal:
			return &datasets.FileError{Path: rows.Path(), At: fmt.Sprintf("column %q", s.Time), Got: "values of the type " + c.Kind.String(),
				Want: "times, dates, or texts that hold them", Hint: `map another column to "time"`}
		}
		if !looked {
			path, looked = rows.Path(), true
		}
		d.narrow(samples([]datasets.Column{*c}, rows.Len))
		if len(d.layouts) == 1 {
			return errKnown
		}
		return nil
	})
	if err != nil && !errors.Is(err, errKnown) {
		return nil, err
	}
	if !looked {
		return nil, nil
	}
	if err := d.verdict(path, s.Time); err != nil {
		return nil, err
	}
	return d.layouts[0], nil
}

// campaignReader gathers contacts.
type campaignReader struct {
	table    *datasets.Campaigns
	ids      *datasets.Identities
	sources  []CampaignSource
	most     int64
	customer []byte
	campaign []byte
}

func (r *campaignReader) take(source int, rows *TableRows) error {
	s := &r.sources[source]
	for i := range rows.Len {
		r.row(s, rows, i)
	}
	if r.table.Bytes() > r.most {
		return &datasets.FileError{Path: rows.Path(), Got: fmt.Sprintf("campaigns that take more than %d MiB", r.most>>20),
			Want: "a table that fits a quarter of the memory budget", Hint: "raise memory, or name the files of the last campaigns alone"}
	}
	return nil
}

// row takes a row, or refuses it.
func (r *campaignReader) row(s *CampaignSource, rows *TableRows, i int) {
	r.customer = append(r.customer[:0], rows.Text(i, customerAt)...)
	if len(r.customer) == 0 {
		rows.Refuse(i, customerAt, datasets.MissingKey, "the id of a customer")
		return
	}
	if s.erased(r.customer) {
		return
	}
	r.campaign = append(r.campaign[:0], rows.Text(i, campaignAt)...)
	if len(r.campaign) == 0 {
		rows.Refuse(i, campaignAt, datasets.MissingKey, "the name of a campaign")
		return
	}
	var c datasets.Contact
	known := false
	if c.Time, known = rows.Moment(i, timeAt); !known {
		rows.Refuse(i, timeAt, datasets.MissingKey, "a time")
		return
	}
	k := optionalAt
	if s.Arm != "" {
		c.Arm = s.arm(rows.Text(i, k))
		if c.Arm == datasets.NoArm {
			rows.Refuse(i, k, datasets.UnknownWord, "treated, control, or a text that the job names under treated or control")
		}
		k++
	}
	if s.Cost != "" {
		v, _ := rows.Number(i, k)
		c.Cost = datasets.Money(v)
		if v < 0 {
			rows.Refuse(i, k, datasets.OutOfRange, "a cost ≥ 0")
		}
		k++
	}
	if s.Response != "" {
		switch word := strings.ToLower(string(rows.Text(i, k))); {
		case slices.Contains(yesWords, word):
			c.Response = datasets.Responded
		case slices.Contains(noWords, word):
			c.Response = datasets.Refrained
		case word != "":
			rows.Refuse(i, k, datasets.UnknownWord, "1 or 0, yes or no, or nothing")
		}
	}
	if !rows.Refused(i) {
		r.table.Add(r.ids.Customer(r.customer), r.campaign, c)
	}
}

// arm returns the arm named by a text, NoArm where the text names no arm.
func (s *CampaignSource) arm(word []byte) datasets.Arm {
	lower := strings.ToLower(string(word))
	switch {
	case slices.Contains(s.TreatedAs, string(word)):
		return datasets.Treated
	case slices.Contains(s.ControlAs, string(word)):
		return datasets.Control
	case slices.Contains(treatedWords, lower):
		return datasets.Treated
	case slices.Contains(controlWords, lower):
		return datasets.Control
	}
	return datasets.NoArm
}
