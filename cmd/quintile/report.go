package main

import (
	"errors"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/published"
	"github.com/quintile-dev/quintile/pipeline/report"
)

func newReport(t *terminal) *cobra.Command {
	output := "-"
	c := &cobra.Command{
		Use:   "report RUN",
		Short: "Write the page of a published run anew",
		Long: "Write the page of a published run anew, from the data that the run has stored in report.json. RUN is its published folder, or the URL of one in a bucket.\n\n" +
			"The page goes to standard output, or to the file of --output. The published folder stays as it is, since its manifest has the checksum of every file.",
		Example: "  quintile report out/shop/as_of=2011-12-10 > page.html\n  quintile report out/shop/as_of=2011-12-10 --output page.html",
		Args:    exactArgs(1, "the folder of a published run"),
		RunE: func(c *cobra.Command, args []string) error {
			run, err := published.Open(c.Context(), args[0])
			if err != nil {
				return err
			}
			text, err := run.File("report.json")
			if errors.Is(err, fs.ErrNotExist) {
				return exit.Errorf(exit.BadInput, "%s: got a run without report.json, want one of a newer version; publish it anew with: quintile run", args[0])
			}
			if err != nil {
				return err
			}
			page, err := report.Decode(text)
			if err != nil {
				return exit.Errorf(exit.BadInput, "%s/report.json: %w", args[0], err)
			}
			html, err := report.Render(page)
			if err != nil {
				return err
			}
			if output == "-" {
				_, err = t.out.Write(html)
				return err
			}
			if err := os.WriteFile(output, html, 0o600); err != nil {
				return exit.With(exit.NotWritten, err)
			}
			return nil
		},
	}
	c.Flags().StringVarP(&output, "output", "o", "-", "file of the page; - is standard output")
	return c
}
