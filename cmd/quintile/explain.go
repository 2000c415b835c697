package main

import (
	"encoding/json"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/quintile-dev/quintile/pipeline/config"
	"github.com/quintile-dev/quintile/pipeline/explain"
)

func newExplain(t *terminal) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "explain JOB.yaml CUSTOMER",
		Short: "Say why one customer has the scores of the newest run",
		Long: "Say why one customer has the scores of the newest published run of a job: the history of the customer, each score with its place " +
			"among all customers, how the stored models came to the scores, what to offer, and what would change the group.\n\n" +
			"The inputs of the job, or its kept history, are read for the one customer. Nothing is fitted, written or published. " +
			"The id is not repeated in what is printed, nor in any error.",
		Example: "  quintile explain job.yaml 17850\n  quintile explain job.yaml 17850 --json",
		Args:    exactArgs(2, "a job file and the id of a customer"),
		RunE: func(c *cobra.Command, args []string) error {
			job, err := config.Read(args[0])
			if err != nil {
				return usage(err)
			}
			e, err := explain.Explain(c.Context(), job, args[1], time.Now)
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(t.out, e)
			}
			return e.Print(t.out)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON for programs")
	return c
}

// writeJSON prints a value as JSON.
func writeJSON(out io.Writer, v any) error {
	e := json.NewEncoder(out)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
