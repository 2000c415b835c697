package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/quintile-dev/quintile/pipeline"
	"github.com/quintile-dev/quintile/pipeline/config"
	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/modelfile"
)

// overrides are the settings of a job that the command line can set.
type overrides struct {
	output, memory, asOf string
	workers              int
	sets                 []string
}

func (o *overrides) flags(c *cobra.Command) {
	c.Flags().StringVar(&o.output, "output", "", "folder or bucket URL of the results, instead of the job's")
	c.Flags().StringVar(&o.memory, "memory", "", "memory budget such as 2GiB or 50%, instead of the job's")
	c.Flags().IntVar(&o.workers, "workers", 0, "number of workers, instead of the job's")
	c.Flags().StringArrayVar(&o.sets, "set", nil, "a setting over the job's, such as steps.churn.horizon_days=60; may be given again")
	c.Flags().StringVar(&o.asOf, "as-of", "", "scoring date such as 2011-12-10, instead of the job's")
}

// apply puts the settings that were given into the job.
func (o *overrides) apply(c *cobra.Command, job *config.Job) error {
	if o.output != "" {
		job.Output = o.output
		if _, _, err := job.Place(); err != nil {
			return usage(fmt.Errorf("--output: %w", err))
		}
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
	var skipUnchanged, fromScratch bool
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
			run := pipeline.Run
			if skipUnchanged {
				run = pipeline.RunIfChanged
			}
			return runJob(c.Context(), t, job, func(ctx context.Context, job config.Job, env pipeline.Env) (*pipeline.Result, error) {
				env.FromScratch = fromScratch
				return run(ctx, job, env)
			})
		},
	}
	o.flags(c)
	c.Flags().BoolVar(&skipUnchanged, "skip-unchanged", false,
		"end with exit code 99 where what is published was made from the same job and input files")
	c.Flags().BoolVar(&fromScratch, "from-scratch", false,
		"pass over the run of an earlier day that steps go on from: groups, their numbers and limits begin anew")
	return c
}

func newScore(t *terminal) *cobra.Command {
	var o overrides
	c := &cobra.Command{
		Use:   "score JOB.yaml RUN",
		Short: "Score customers with the models of an earlier run",
		Long: "Score customers with the models of an earlier run: RUN is its published folder, or the URL of one in a bucket.\n\n" +
			"The job names the data to score. Nothing is fitted; the results are published like those of a run.",
		Args: exactArgs(2, "a job file and the folder of a published run"),
		RunE: func(c *cobra.Command, args []string) error {
			job, err := o.job(c, args[0])
			if err != nil {
				return err
			}
			models, err := modelfile.Read(c.Context(), args[1])
			if err != nil {
				return err
			}
			score := func(ctx context.Context, job config.Job, env pipeline.Env) (*pipeline.Result, error) {
				return pipeline.Score(ctx, job, models, env)
			}
			return runJob(c.Context(), t, job, score)
		},
	}
	o.flags(c)
	return c
}

// job reads a job file and puts the settings of the command line into it.
func (o *overrides) job(c *cobra.Command, path string) (config.Job, error) {
	job, err := config.Read(path, o.sets...)
	if err != nil {
		return job, usage(err)
	}
	return job, o.apply(c, &job)
}

// runJob runs or scores a job and says where the results are.
func runJob(ctx context.Context, t *terminal, job config.Job,
	do func(context.Context, config.Job, pipeline.Env) (*pipeline.Result, error)) error {
	screen, log := t.open()
	env := pipeline.Env{Log: log, Progress: screen, Now: time.Now, Version: version()}
	result, err := do(ctx, job, env)
	screen.close()
	if err != nil {
		return err
	}
	if result.Unchanged && screen.on { // elsewhere the log says it
		fmt.Fprintln(t.err, pipeline.UnchangedMessage)
	}
	if !result.Unchanged && t.isTerminal() && !t.quiet {
		summarise(t.err, result) // so that the output is the folder alone
	}
	if _, err := fmt.Fprintln(t.out, result.Folder); err != nil || !result.Unchanged {
		return err
	}
	return &exit.Error{Code: exit.NothingToDo, Err: errors.New(pipeline.UnchangedMessage)}
}
