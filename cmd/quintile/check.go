package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/history"
	"github.com/quintile-dev/quintile/pipeline"
	"github.com/quintile-dev/quintile/pipeline/exit"
)

func newCheck(t *terminal) *cobra.Command {
	var o overrides
	var files crmCheck
	c := &cobra.Command{
		Use:   "check JOB.yaml",
		Short: "Check a job and its data without running it, or files for a CRM system",
		Long: "Check a job and its data without running it: every row is read and mapped, nothing is computed, " +
			"nothing is written, but for a small object that is put into the bucket and removed where the output is one.\n\n" +
			"With --crm, check files for a CRM system or an advertising platform as that system would read them.",
		Args: files.arguments,
		RunE: func(c *cobra.Command, args []string) error {
			if files.path != "" {
				return files.run(t)
			}
			job, err := o.job(c, args[0])
			if err != nil {
				return err
			}
			screen, log := t.open()
			got, err := pipeline.Check(c.Context(), job, pipeline.Env{Log: log, Progress: screen, Now: time.Now, Version: version()})
			screen.close()
			if got != nil {
				show(t, got)
			}
			return err
		},
	}
	o.flags(c)
	files.flags(c)
	return c
}

// show prints what a check has found.
func show(t *terminal, c *pipeline.Checked) {
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	showInputs(w, c.Inputs)
	for path, format := range c.Formats {
		fmt.Fprintf(w, "%s\ttimes read as %q\n", path, format)
	}
	for _, n := range c.Notes {
		fmt.Fprintf(w, "look at\t%s (%s)\n", n.Message, n.Code)
	}
	fmt.Fprintf(w, "rows\t%d read, %d kept, %d quarantined\n", c.Rows.Read, c.Rows.Kept, c.Rows.Quarantined)
	for _, name := range c.SetAside() {
		fmt.Fprintf(w, "set aside\t%s: %d\n", name, c.Rows.SetAside[name])
	}
	for _, t := range c.Tables {
		showInputs(w, t.Inputs)
		for _, found := range t.Found {
			fmt.Fprintf(w, "%s\t%s\n", t.Name, found)
		}
	}
	if c.HasEvents {
		fmt.Fprintf(w, "events\tfrom %s to %s\n", c.First, c.Last)
		fmt.Fprintf(w, "scored at\t%s\n", c.AsOf)
	}
	if c.Place != "" {
		fmt.Fprintf(w, "output\t%s can be written to\n", c.Place)
	}
	_ = w.Flush() // to standard output, whose reader may be gone
	showFaults(t, c.Faults)
	for _, table := range c.Tables {
		showFaults(t, table.Faults)
	}
}

func showInputs(w io.Writer, inputs []history.Input) {
	for _, in := range inputs {
		fmt.Fprintf(w, "%s\t%d rows, %d kept, %d quarantined\n", in.Path, in.Rows, in.Kept, in.Quarantined)
	}
}

func showFaults(t *terminal, faults []datasets.Fault) {
	for i, f := range faults {
		if i == faultsShown {
			fmt.Fprintf(t.out, "and %d more\n", len(faults)-i)
			break
		}
		fmt.Fprintf(t.out, "%s (%s)\n", f.Cell(), f.Reason)
	}
}

// faultsShown is the number of refused rows that a check prints.
const faultsShown = 20

// writeNew writes a file that must not exist yet.
func writeNew(path, text string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, os.ErrExist) {
		return usage(fmt.Errorf("%s: there is a file of that name already; remove it, or name another", path))
	}
	if err != nil {
		return &exit.Error{Code: exit.NotWritten, Err: err}
	}
	_, err = file.WriteString(text)
	if err := errors.Join(err, file.Close()); err != nil {
		return &exit.Error{Code: exit.NotWritten, Err: err}
	}
	return nil
}
