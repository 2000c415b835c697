package main

import (
	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// newManual is the command that writes the pages of the manual, for packages. The date of the
// pages is SOURCE_DATE_EPOCH, so that two builds give the same bytes.
func newManual() *cobra.Command {
	return &cobra.Command{
		Use:    "manual FOLDER",
		Short:  "Write the pages of the manual, one for each command",
		Hidden: true,
		Args:   exactArgs(1, "a folder"),
		RunE: func(c *cobra.Command, args []string) error {
			root := c.Root()
			root.DisableAutoGenTag = true
			return doc.GenManTree(root, &doc.GenManHeader{Title: "QUINTILE", Section: "1", Source: "quintile " + version(), Manual: "Quintile"}, args[0])
		},
	}
}
