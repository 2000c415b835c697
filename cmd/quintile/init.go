package main

import (
	"fmt"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/quintile-dev/quintile/pipeline/initjob"
	"github.com/quintile-dev/quintile/pipeline/progress"
)

func newInit(t *terminal) *cobra.Command {
	var out string
	c := &cobra.Command{
		Use:   "init FILE...",
		Short: "Look at files and write a job for them",
		Long: "Look at files and write a commented job for them: which column holds what, the format of times, " +
			"how numbers, times and the file itself are written, how returns are marked. What cannot be told is marked as a gap, with the columns that may be meant. " +
			"A glob or a folder becomes one entry where its files are alike. A file may be an object of a bucket, such as s3://bucket/sales.csv.gz.\n\nThe job goes to standard output, or to the file that --write names.",
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
			screen, log := t.open()
			text, err := initjob.Propose(c.Context(), args, folder, progress.New(screen, time.Now, log))
			screen.close()
			if err != nil {
				return err
			}
			if out == "" {
				_, err = fmt.Fprint(t.out, text)
				return err
			}
			if err := writeNew(out, text); err != nil {
				return err
			}
			_, err = fmt.Fprintf(t.out, "wrote %s; look it over, then: quintile check %s && quintile run %s\n", out, out, out)
			return err
		},
	}
	c.Flags().StringVarP(&out, "write", "w", "", "file to write the job to; it must not exist yet")
	return c
}
