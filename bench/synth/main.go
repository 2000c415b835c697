// Command synth makes the input of benchmarks: a synthetic retailer of any size.
//
//	synth -customers 336000 -lines 10000000 -columns minimal -out lines.parquet
//
// The ending of the file names its format, .csv or .parquet.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/quintile-dev/quintile/bench/process"
	"github.com/quintile-dev/quintile/datasets/synth"
)

func main() {
	if err := run(os.Args[1:], os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "synth:", err)
		os.Exit(1)
	}
}

func run(args []string, log io.Writer) error {
	c := synth.Default()
	flags := flag.NewFlagSet("synth", flag.ContinueOnError)
	flags.IntVar(&c.Customers, "customers", c.Customers, "number of customers")
	flags.IntVar(&c.Lines, "lines", c.Lines, "exact number of line items")
	flags.IntVar(&c.Products, "products", c.Products, "number of products")
	flags.Uint64Var(&c.Seed, "seed", c.Seed, "seed of everything random")
	flags.Float64Var(&c.AnonymousShare, "anonymous", c.AnonymousShare, "share of lines without a customer")
	columns := flags.String("columns", "minimal", "minimal or full")
	out := flags.String("out", "", "file to write, .csv or .parquet")
	if err := flags.Parse(args); err != nil {
		return err
	}
	var err error
	if c.Columns, err = synth.ParseColumns(*columns); err != nil {
		return err
	}
	began := time.Now()
	r, err := synth.New(c)
	if err != nil {
		return err
	}
	if err := write(r, *out); err != nil {
		return err
	}
	seconds := time.Since(began).Seconds()
	_, err = fmt.Fprintf(log, "%s: %d lines, %.1f s, %.1f s of processor time, %.0f lines a second, peak %.0f MB\n", *out, c.Lines,
		seconds, process.CPUSeconds(), float64(c.Lines)/seconds, process.PeakMB())
	return err
}

func write(r *synth.Retailer, path string) error {
	ctx := context.Background()
	switch {
	case strings.HasSuffix(path, ".parquet"):
		return r.WriteParquet(ctx, path)
	case strings.HasSuffix(path, ".csv"):
		file, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		return errors.Join(r.WriteCSV(ctx, file), file.Close())
	}
	return fmt.Errorf("out: got %q, want a file that ends in .csv or .parquet", path)
}
