package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"github.com/quintile-dev/quintile/datasets/csvio"
	"github.com/quintile-dev/quintile/datasets/ingest"
	"github.com/quintile-dev/quintile/datasets/text"
	"github.com/quintile-dev/quintile/pipeline"
	"github.com/quintile-dev/quintile/pipeline/config"
	"github.com/quintile-dev/quintile/pipeline/initjob"
	"github.com/quintile-dev/quintile/pipeline/progress"
)

func newInit(t *terminal) *cobra.Command {
	var out string
	var wishes initFlags
	c := &cobra.Command{
		Use:   "init FILE...",
		Short: "Look at files and write a job for them",
		Long: "Look at files and write a commented job for them: which column holds what, the format of times, " +
			"how numbers, times and the file itself are written, how returns are marked. What cannot be told is marked as a gap, with the columns that may be meant. " +
			"A glob or a folder becomes one entry where its files are alike. A file may be an object of a bucket, such as s3://bucket/sales.csv.gz, a PostgreSQL server " +
			"with --table or --query, or - for standard input.\n\nThe job is checked on a sample. What was decided, and what to look at, goes to standard error; " +
			"the job to standard output, or to the file that --write names.",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage(fmt.Errorf("init: got no files, want at least one; see %s --help", c.CommandPath()))
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			folder := ""
			if out != "" {
				folder = filepath.Dir(out)
			}
			w, err := wishes.wishes(c)
			if err != nil {
				return usage(err)
			}
			w.Input = t.in
			screen, log := t.open()
			p, err := initjob.Propose(c.Context(), args, w, folder, progress.New(screen, time.Now, log), checkQuietly)
			screen.close()
			if err != nil {
				return err
			}
			if !t.quiet {
				tell(t, p)
			}
			if out == "" {
				_, err = fmt.Fprint(t.out, p.Text)
				return err
			}
			if err := writeNew(out, p.Text); err != nil {
				return err
			}
			_, err = fmt.Fprintf(t.out, "wrote %s; look it over, then: quintile check %s && quintile run %s\n", out, out, out)
			return err
		},
	}
	c.Flags().StringVarP(&out, "write", "w", "", "file to write the job to; it must not exist yet")
	wishes.flags(c)
	return c
}

// checkQuietly checks a job that init wrote.
func checkQuietly(ctx context.Context, job config.Job) (*initjob.Found, error) {
	got, err := pipeline.Check(ctx, job, pipeline.Env{Log: zerolog.Nop(), Now: time.Now, Version: version()})
	if got == nil {
		return nil, err
	}
	return &initjob.Found{Read: got.Rows.Read, Kept: got.Rows.Kept, Quarantined: got.Rows.Quarantined, Faults: got.Faults, Notes: got.Notes}, err
}

// tell says what was decided, and what a person should look at.
func tell(t *terminal, p *initjob.Proposal) {
	for _, n := range p.Notes {
		fmt.Fprintln(t.err, n)
	}
	switch of := map[bool]string{false: "all rows", true: "a sample"}[p.Sampled]; {
	case p.Gaps > 0:
		fmt.Fprintf(t.err, "not checked: %d places of the job are open, marked GAP\n", p.Gaps)
	case p.Checked != nil:
		r := p.Checked
		fmt.Fprintf(t.err, "checked on %s: %d read, %d kept, %d quarantined\n", of, r.Read, r.Kept, r.Quarantined)
		for _, n := range p.Checked.Notes {
			fmt.Fprintf(t.err, "look at: %s (%s)\n", n.Message, n.Code)
		}
		for i, f := range p.Checked.Faults {
			if i == initFaults {
				fmt.Fprintf(t.err, "and %d more\n", len(p.Checked.Faults)-i)
				break
			}
			fmt.Fprintf(t.err, "look at: %s (%s)\n", f.Cell(), f.Reason)
		}
	case p.Failure == nil:
		fmt.Fprintln(t.err, "not checked: the file is large; run quintile check")
	}
	if p.Failure != nil {
		fmt.Fprintf(t.err, "the check says: %v\n", p.Failure)
	}
}

// initFaults is the number of refused rows that init shows.
const initFaults = 5

// initFlags are what the command line says of the files.
type initFlags struct {
	encoding, delimiter, escape, comment string
	decimal, thousands, timeFormat       string
	noHeader, noQuotes                   bool
	skip                                 int
	signs, missing                       []string
	sheet, table, query                  string
	roles                                map[ingest.Role]*string
}

func (f *initFlags) flags(c *cobra.Command) {
	s := c.Flags()
	s.StringVar(&f.encoding, "encoding", "", "encoding of text files: "+strings.Join(csvio.Encodings(), ", "))
	s.StringVar(&f.delimiter, "delimiter", "", "what separates fields: one character, tab or whitespace")
	s.BoolVar(&f.noHeader, "no-header", false, "the first row is no header")
	s.IntVar(&f.skip, "skip", 0, "lines, or rows of a sheet, before the header")
	s.BoolVar(&f.noQuotes, "no-quotes", false, "quotes are characters like others")
	s.StringVar(&f.escape, "escape", "", "character before a quote inside quotes")
	s.StringVar(&f.comment, "comment", "", "character that begins lines which are no rows")
	s.StringVar(&f.decimal, "decimal", "", "decimal sign of numbers in text: a point or a comma")
	s.StringVar(&f.thousands, "thousands", "", "character between groups of digits; with --decimal")
	s.StringVar(&f.timeFormat, "time-format", "", "format of the times, such as %d.%m.%Y")
	s.StringSliceVar(&f.signs, "currency-signs", nil, "signs of a currency at numbers, such as £,GBP")
	s.StringSliceVar(&f.missing, "missing", nil, "words for a missing value, such as NULL,N/A")
	s.StringVar(&f.sheet, "sheet", "", "sheet of Excel workbooks")
	s.StringVar(&f.table, "table", "", "table of a PostgreSQL server")
	s.StringVar(&f.query, "query", "", "a SELECT, in place of --table")
	f.roles = map[ingest.Role]*string{}
	for _, role := range ingest.Roles() {
		if strings.HasPrefix(string(role), "discount_") {
			continue
		}
		usage := "column that is the " + string(role) + ", by name or as #4"
		if role == ingest.Clock {
			usage = "column with the time of day, where --time has the day alone"
		}
		f.roles[role] = s.String(strings.ReplaceAll(string(role), "_", "-"), "", usage)
	}
}

// wishes returns what the flags say.
func (f *initFlags) wishes(c *cobra.Command) (initjob.Wishes, error) {
	w := initjob.Wishes{Sheet: f.sheet, Table: f.table, Query: f.query}
	o := csvio.DefaultOptions()
	o.Header, o.NoQuotes, o.Skip = !f.noHeader, f.noQuotes, f.skip
	if f.encoding != "" {
		o.Encoding, w.Encoded = f.encoding, true
	}
	one := func(flag, value string, words map[string]byte) (byte, error) {
		if b, ok := words[value]; ok {
			return b, nil
		}
		if len(value) > 1 {
			return 0, fmt.Errorf("--%s: got %q, want one character", flag, value)
		}
		return (value + "\x00")[0], nil
	}
	var err error
	if o.Delimiter, err = one("delimiter", f.delimiter, map[string]byte{"tab": '\t', `\t`: '\t', "whitespace": csvio.Whitespace}); err != nil {
		return w, err
	}
	if o.Escape, err = one("escape", f.escape, nil); err != nil {
		return w, err
	}
	if o.Comment, err = one("comment", f.comment, nil); err != nil {
		return w, err
	}
	switch f.decimal {
	case "", ".", ",":
		w.Decimal = (f.decimal + "\x00")[0]
	default:
		return w, fmt.Errorf("--decimal: got %q, want a point or a comma", f.decimal)
	}
	if f.thousands != "" {
		if w.Thousands = text.GroupMark(f.thousands); w.Thousands == 0 || w.Decimal == 0 || w.Thousands == w.Decimal {
			return w, fmt.Errorf("--thousands: got %q, want a comma, a point, a blank or an apostrophe, and another --decimal beside it", f.thousands)
		}
	}
	if f.timeFormat != "" {
		if _, err := text.CompileTime(f.timeFormat); err != nil {
			return w, fmt.Errorf("--time-format: %w", err)
		}
	}
	w.CSV, w.Signs, w.Missing, w.TimeFormat, w.Columns = o, f.signs, f.missing, f.timeFormat, map[ingest.Role]string{}
	for role, column := range f.roles {
		if *column != "" {
			w.Columns[role] = *column
		}
	}
	return w, nil
}
