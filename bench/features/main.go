// Command features times the way from a file of line items to all features of
// all customers, in memory, and prints one JSON line: seconds, customers, peak
// resident memory.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"time"

	"github.com/quintile-dev/quintile/bench/process"
	"github.com/quintile-dev/quintile/datasets/csvio"
	"github.com/quintile-dev/quintile/datasets/history"
	"github.com/quintile-dev/quintile/datasets/ingest"
	"github.com/quintile-dev/quintile/datasets/offheap"
	"github.com/quintile-dev/quintile/features"
)

func main() {
	path := flag.String("in", "", "file of line items: order_id, customer_id, time, product, quantity, unit_price")
	workers := flag.Int("workers", runtime.GOMAXPROCS(0), "workers")
	profile := flag.String("cpuprofile", "", "write a CPU profile to this file")
	flag.Parse()
	if err := run(*path, *workers, *profile); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(path string, workers int, profile string) error {
	if profile != "" {
		file, err := os.Create(profile)
		if err != nil {
			return err
		}
		defer file.Close()
		if err := pprof.StartCPUProfile(file); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	ctx, start := context.Background(), time.Now()
	blocks := offheap.NewBlocks(1 << 30)
	table, load, err := build(ctx, path, workers, blocks)
	if err != nil {
		return err
	}
	seconds := time.Since(start).Seconds()
	out := map[string]any{
		"work": "features", "in": path, "seconds": seconds, "load_seconds": load, "workers": workers,
		"customers": table.Len(), "features": len(table.Names()), "peak_rss_mb": process.PeakMB(), "cpu_seconds": process.CPUSeconds(),
	}
	return errors.Join(json.NewEncoder(os.Stdout).Encode(out), table.Close(), blocks.Close())
}

// build loads the file and computes every feature of every customer.
func build(ctx context.Context, path string, workers int, blocks *offheap.Blocks) (*features.Table, float64, error) {
	start := time.Now()
	c := ingest.Config{Zone: time.UTC, Workers: workers, Sources: []ingest.Source{{
		Path: path, CSV: csvio.DefaultOptions(), Decimal: '.',
		Columns: map[ingest.Role]string{
			ingest.Customer: "customer_id", ingest.Time: "time", ingest.Order: "order_id", "product": "product",
			ingest.Quantity: "quantity", ingest.UnitPrice: "unit_price",
		},
	}}}
	b := history.NewBuilder(history.Config{Columns: c.Columns(), Workers: workers, Blocks: blocks})
	if _, err := ingest.Load(ctx, c, b); err != nil {
		return nil, 0, err
	}
	store, err := b.Seal()
	if err != nil {
		return nil, 0, err
	}
	load := time.Since(start).Seconds()
	_, last, _ := store.Span()
	selected := features.Available(features.Mapped(store.Columns(), store.Clock()))
	names := make([]string, len(selected))
	for i, f := range selected {
		names[i] = f.Name
	}
	config := features.DefaultTable(names, history.Partitions)
	config.Blocks = blocks
	table, err := features.NewTable(config)
	if err != nil {
		return nil, 0, err
	}
	calculators := make([]*features.Calculator, workers)
	for w := range calculators {
		calculators[w] = features.NewCalculator(selected)
	}
	err = store.Scan(ctx, func(worker int, b *history.Bucket) error {
		rows := table.Bucket(b.Index, worker)
		rows.Expect(b.Customers.Len())
		for i := range b.Customers.Len() {
			row, err := rows.Next(b.Customers.At(i))
			if err != nil {
				return err
			}
			ev := b.Of(i)
			if err := calculators[worker].Compute(row, &ev, last.Day()+1); err != nil {
				return err
			}
		}
		return rows.Close()
	})
	if err != nil {
		return nil, 0, err
	}
	return table, load, errors.Join(table.Seal(ctx), store.Close())
}
