package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"text/template"

	"github.com/spf13/cobra"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/synth"
	"github.com/quintile-dev/quintile/pipeline"
	"github.com/quintile-dev/quintile/pipeline/config"
)

// The sizes of a demo: below the smallest there are too few customers to learn
// churn from.
const (
	fewestDemoCustomers = 1_000
	mostDemoCustomers   = 50_000_000
	demoLinesEach       = 30
)

func newDemo(t *terminal) *cobra.Command {
	var o overrides
	retailer := synth.Default()
	c := &cobra.Command{
		Use:   "demo",
		Short: "Make a synthetic retailer and run every step on it",
		Long: "Make a synthetic retailer and run every step on it; no other file is needed.\n\n" +
			"The transactions and a commented job for them go to the folder demo-data below the output. " +
			"The last line of standard output is the published folder.",
		Args: exactArgs(0, "none"),
		RunE: func(c *cobra.Command, _ []string) error {
			if n := retailer.Customers; n < fewestDemoCustomers || n > mostDemoCustomers {
				return usage(fmt.Errorf("--customers: got %d, want an integer from %d to %d", n, fewestDemoCustomers, mostDemoCustomers))
			}
			if config.IsURL(o.output) {
				return usage(errors.New("demo: --output: got a URL, want a local folder: the demo keeps its data beside its results"))
			}
			retailer.Lines = demoLinesEach * retailer.Customers
			path, err := writeDemo(c.Context(), t, o.output, retailer)
			if err != nil {
				return err
			}
			job, err := o.job(c, path)
			if err != nil {
				return err
			}
			return runJob(c.Context(), t, job, pipeline.Run)
		},
	}
	o.flags(c)
	output := c.Flags().Lookup("output")
	output.DefValue, output.Usage = "out", "folder of the demo and of its results"
	o.output = output.DefValue
	c.Flags().IntVar(&retailer.Customers, "customers", retailer.Customers, "number of customers; each has some 30 line items")
	c.Flags().Uint64Var(&retailer.Seed, "seed", retailer.Seed, "seed of the retailer and of the job")
	return c
}

// writeDemo writes the transactions and the job, says where they are, and
// returns the path of the job.
func writeDemo(ctx context.Context, t *terminal, output string, c synth.Config) (string, error) {
	r, err := synth.New(c)
	if err != nil {
		return "", usage(err)
	}
	folder := filepath.Join(output, "demo-data")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", notWritten(err)
	}
	lines, job := filepath.Join(folder, "transactions.csv"), filepath.Join(folder, "job.yaml")
	err = replaceFile(lines, func(file *os.File) error { return r.WriteCSV(ctx, file) })
	if err != nil {
		return "", err
	}
	facts := demoFacts{
		Path: strconv.Quote(filepath.Base(lines)), Output: strconv.Quote(".."), Job: job, Seed: c.Seed,
		Customers: c.Customers, Lines: c.Lines, First: c.Start, AsOf: c.Start + datasets.Day(c.Days),
	}
	if err := replaceFile(job, func(file *os.File) error { return demoJob.Execute(file, facts) }); err != nil {
		return "", err
	}
	if !t.quiet {
		fmt.Fprintf(t.out, "wrote %s: %d line items of %d customers\n", lines, c.Lines, c.Customers)
		fmt.Fprintf(t.out, "wrote %s: change it, then: quintile run %s\n", job, job)
	}
	return job, nil
}

// replaceFile makes or replaces a file, whole or not at all.
func replaceFile(path string, write func(*os.File) error) error {
	part := path + ".part"
	file, err := os.OpenFile(part, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return notWritten(err)
	}
	err = errors.Join(write(file), file.Close())
	if err == nil {
		err = os.Rename(part, path)
	}
	if err != nil {
		return notWritten(errors.Join(err, os.Remove(part)))
	}
	return nil
}

// notWritten gives an error the exit code of results that could not be written,
// unless it is that of an interruption.
func notWritten(err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	return &pipeline.Error{Code: pipeline.NotWritten, Err: err}
}

// demoFacts are what the job of a demo says of the retailer.
type demoFacts struct {
	Path, Output, Job string
	Seed              uint64
	Customers, Lines  int
	First, AsOf       datasets.Day
}

// demoJob is the job of a demo, as one would write it.
var demoJob = template.Must(template.New("job").Parse(`# A synthetic retailer: {{.Customers}} customers, {{.Lines}} line items since {{.First}}.
# Change what you like, then: quintile run {{.Job}}
job: demo                    # names the output folder
as_of: {{.AsOf}}            # scoring date; default: the day after the last event
time_zone: Europe/London     # of times that name none, and of day boundaries
currency: GBP
seed: {{.Seed}}
output: {{.Output}}
inputs:
  transactions:
    - path: {{.Path}}
      columns:
        customer: customer_id
        time: time
        order: order_id
        product: product
        quantity: quantity
        unit_price: unit_price
        category: category
        channel: channel
        region: region
        discount: discount
        cost: cost
      time_format: "%Y-%m-%d %H:%M:%S"
      returns: {column: order, prefix: C}   # these rows are returns: kept, signed, outside baskets
quality: {max_quarantined: 1%}              # beyond it the run fails
steps:                                      # a step that is named is run
  rfm: {bins: 5, method: independent, monetary: gross}
  features: {}                              # all that the columns allow
  segments: {k: auto, min_k: 4, max_k: 8, features: [recency_days, frequency, monetary], transform: log, scale: standard}
  classify:
    target: rfm_segment                     # what tells them apart, besides the recency and frequency that define them?
    features: [tenure_days, gap_median, gap_cv, order_value_mean, basket_lines_mean, unit_price_mean, product_repeat_share,
               discount_line_share, returns_share, weekend_share, year_end_share]
  rules: {min_support: 0.01, min_confidence: 0.5, anonymous_baskets: true}
  churn: {horizon_days: 90, reasons: 3}     # who will buy nothing in the next 90 days
`))
