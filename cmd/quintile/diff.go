package main

import (
	"github.com/spf13/cobra"

	"github.com/quintile-dev/quintile/pipeline/compare"
)

func newDiff(t *terminal) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "diff RUN RUN",
		Short: "Say what changed between two published runs",
		Long: "Say what changed from one published run to another, and how much: rows and money, configuration, groups and who moved between them, scores, features, " +
			"figures of the steps, and models. Runs are published folders, or their URLs in a bucket. Runs whose files all have the same checksums are called equal.",
		Example: "  quintile diff out/shop/as_of=2011-11-10 out/shop/as_of=2011-12-10\n  quintile diff out/shop/as_of=2011-11-10 out/shop/as_of=2011-12-10 --json",
		Args:    exactArgs(2, "the folders of two published runs"),
		RunE: func(c *cobra.Command, args []string) error {
			d, err := compare.Runs(c.Context(), args[0], args[1])
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(t.out, d)
			}
			return d.Print(t.out)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON for programs")
	return c
}
