package main

import (
	"github.com/spf13/cobra"

	"github.com/quintile-dev/quintile/pipeline/config"
)

func newSchema(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON schema of a job file, for editors",
		Args:  exactArgs(0, "none"),
		RunE:  func(*cobra.Command, []string) error { return config.WriteSchema(t.out) },
	}
}
