package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"text/template"

	"github.com/spf13/cobra"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/synth"
	"github.com/quintile-dev/quintile/pipeline"
	"github.com/quintile-dev/quintile/pipeline/config"
	"github.com/quintile-dev/quintile/pipeline/exit"
)

// The sizes of a demo: below the smallest there are too few customers to learn
// churn from.
const (
	fewestDemoCustomers = 1_000
	mostDemoCustomers   = 50_000_000
	demoLinesEach       = 36
)

func newDemo(t *terminal) *cobra.Command {
	var o overrides
	retailer := synth.Demo()
	c := &cobra.Command{
		Use:   "demo",
		Short: "Make a synthetic retailer and run every step on it",
		Long: "Make a synthetic retailer and run every step on it; no other file is needed.\n\n" +
			"The transactions, files of customers, campaigns and prospects, and a commented job for them go to the folder " +
			"demo-data below the output. " +
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

// writeDemo writes the transactions, the side files and the job, prints their place,
// and returns the path of the job.
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
	for _, f := range []struct {
		name  string
		write func(context.Context, io.Writer) error
	}{
		{filepath.Base(lines), r.WriteCSV}, {"customers.csv", r.WriteCustomers}, {"prospects.csv", r.WriteProspects}, {"campaigns.csv", r.WriteCampaigns},
	} {
		if err := replaceFile(filepath.Join(folder, f.name), func(file *os.File) error { return f.write(ctx, file) }); err != nil {
			return "", err
		}
	}
	facts := demoFacts{
		Output: strconv.Quote(".."), Job: job, Seed: c.Seed,
		Customers: c.Customers, Lines: r.Lines(), First: c.Start, AsOf: c.Start + datasets.Day(c.Days),
	}
	if err := replaceFile(job, func(file *os.File) error { return demoJob.Execute(file, facts) }); err != nil {
		return "", err
	}
	if !t.quiet {
		fmt.Fprintf(t.out, "wrote %s: %d line items of %d customers, with customers.csv, prospects.csv and campaigns.csv beside it\n", lines, r.Lines(), c.Customers)
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

// notWritten gives an error the exit code of failed writes, except to an
// interruption.
func notWritten(err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	return &exit.Error{Code: exit.NotWritten, Err: err}
}

// demoFacts are what the job of a demo says of the retailer.
type demoFacts struct {
	Output, Job      string
	Seed             uint64
	Customers, Lines int
	First, AsOf      datasets.Day
}

// demoJob is the job of a demo, in the usual form.
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
    - path: transactions.csv
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
  customers:                                # what is known of customers: it becomes features
    - path: customers.csv
      columns: {customer: id}
      numbers: {age: age, quality: quality, sales_target: sales_target}
      categories: {sex: sex, household: household, business: business, consent: consent}
  campaigns:                                # who was drawn into which campaign, treated or held out
    - path: campaigns.csv
      columns: {customer: customer_id, campaign: campaign, time: sent, arm: arm, cost: cost}
  prospects:                                # people who have not bought yet
    - path: prospects.csv
      columns: {prospect: id}
      numbers: {age: age}
      categories: {sex: sex, household: household, business: business}
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
  value: {horizon_days: 365.25}             # what each customer will be worth
  profit: {cost_per_order: 2.5, cost_per_return: 4}   # besides the cost in the lines
  quadrant: {spend: order_value}
  portfolio: {window_days: 180, target: sales_target, scores: {quality: 1}}
  lifecycle: {map: quintile-lifecycle-v1}
  loyalty: {cohort: month, quality: quality}
  performance: {period: month, window_days: 90}
  forecast: {period: week, horizon: 4}
  deviation: {window_days: 60, past_windows: 5}
  recommend: {top: 10, horizon_days: 30}    # what to offer each customer next
  prospect: {target: top 20% by monetary}   # whom to ask
  campaign:                                 # whether it worked, and whom the next one is to reach
    response_days: 30
    outcome: order
    plan: {name: summer-mailing, from: recency_days <= 365, consent: consent = yes, size: 500, holdout: 20%, not_within_days: 30}
  migration: {against: 2025-04-01}          # what moved since that day; latest: since the last run
`))
