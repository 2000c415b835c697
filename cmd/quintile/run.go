package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/quintile-dev/quintile/pipeline"
	"github.com/quintile-dev/quintile/pipeline/config"
)

// overrides are the settings of a job that the command line can set.
type overrides struct {
	output, memory, asOf string
	workers              int
}

func (o *overrides) flags(c *cobra.Command) {
	c.Flags().StringVar(&o.output, "output", "", "folder of the results, instead of the job's")
	c.Flags().StringVar(&o.memory, "memory", "", "memory budget such as 2GiB or 50%, instead of the job's")
	c.Flags().IntVar(&o.workers, "workers", 0, "number of workers, instead of the job's")
	c.Flags().StringVar(&o.asOf, "as-of", "", "scoring date such as 2011-12-10, instead of the job's")
}

// apply puts the settings that were given into the job.
func (o *overrides) apply(c *cobra.Command, job *config.Job) error {
	if o.output != "" {
		job.Output = o.output
	}
	if o.memory != "" {
		if want, ok := job.Memory.Set(o.memory); !ok {
			return usage(fmt.Errorf("--memory: got %q, want %s", o.memory, want))
		}
	}
	if c.Flags().Changed("workers") {
		if o.workers < 1 || o.workers > 1024 {
			return usage(fmt.Errorf("--workers: got %d, want an integer from 1 to 1024", o.workers))
		}
		job.Workers = o.workers
	}
	if o.asOf != "" {
		day := new(config.Day)
		if want, ok := day.Set(o.asOf); !ok {
			return usage(fmt.Errorf("--as-of: got %q, want %s", o.asOf, want))
		}
		job.AsOf = day
	}
	return nil
}

func newRun(t *terminal) *cobra.Command {
	var o overrides
	c := &cobra.Command{
		Use:   "run JOB.yaml",
		Short: "Run a job and publish its results",
		Long: "Run a job and publish its results.\n\nThe last line of standard output is the published folder. " +
			"A run that fails publishes nothing, and leaves what was published before as it is.",
		Args: exactArgs(1, "one job file"),
		RunE: func(c *cobra.Command, args []string) error {
			job, err := o.job(c, args[0])
			if err != nil {
				return err
			}
			return runJob(c.Context(), t, job, nil)
		},
	}
	o.flags(c)
	return c
}

func newScore(t *terminal) *cobra.Command {
	var o overrides
	c := &cobra.Command{
		Use:   "score JOB.yaml RUN",
		Short: "Score customers with the models of an earlier run",
		Long: "Score customers with the models of an earlier run: RUN is its published folder.\n\n" +
			"The job names the data to score. Nothing is fitted; the results are published like those of a run.",
		Args: exactArgs(2, "a job file and the folder of a published run"),
		RunE: func(c *cobra.Command, args []string) error {
			job, err := o.job(c, args[0])
			if err != nil {
				return err
			}
			models, err := pipeline.ReadModels(args[1])
			if err != nil {
				return err
			}
			return runJob(c.Context(), t, job, models)
		},
	}
	o.flags(c)
	return c
}

// job reads a job file and puts the settings of the command line into it.
func (o *overrides) job(c *cobra.Command, path string) (config.Job, error) {
	job, err := config.Read(path)
	if err != nil {
		return job, usage(err)
	}
	return job, o.apply(c, &job)
}

// runJob runs or scores a job and says where the results are.
func runJob(ctx context.Context, t *terminal, job config.Job, models *pipeline.Models) error {
	screen, log := t.open()
	env := pipeline.Env{Log: log, Progress: screen, Now: time.Now, Version: version()}
	var result *pipeline.Result
	var err error
	if models != nil {
		result, err = pipeline.Score(ctx, job, models, env)
	} else {
		result, err = pipeline.Run(ctx, job, env)
	}
	screen.close()
	if err != nil {
		return err
	}
	if t.isTerminal() && !t.quiet {
		summarise(t.out, result.Manifest)
	}
	_, err = fmt.Fprintln(t.out, result.Folder)
	return err
}
