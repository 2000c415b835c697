// Command job times a whole run with every step, from a file of line items to the
// published folder, and prints one JSON line: seconds of the run and of each stage,
// customers, peak resident memory.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/quintile-dev/quintile/bench/process"
	"github.com/quintile-dev/quintile/pipeline"
	"github.com/quintile-dev/quintile/pipeline/config"
)

func main() {
	path := flag.String("in", "", "file of line items: order_id, customer_id, time, product, quantity, unit_price")
	workers := flag.Int("workers", runtime.GOMAXPROCS(0), "workers")
	memory := flag.String("memory", "2GiB", "memory budget")
	flag.Parse()
	if err := run(*path, *workers, *memory); err != nil {
		fmt.Fprintln(os.Stderr, "job:", err)
		os.Exit(1)
	}
}

func run(path string, workers int, memory string) (err error) {
	if path, err = filepath.Abs(path); err != nil {
		return err
	}
	// Beside the file, since a folder for temporary files may lie in memory.
	output, err := os.MkdirTemp(filepath.Dir(path), "job-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(output)) }()
	job, err := jobOf(path, output, workers, memory)
	if err != nil {
		return err
	}
	start := time.Now()
	result, err := pipeline.Run(context.Background(), job, pipeline.Env{Now: time.Now, Version: "bench"})
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]any{
		"work": "job", "seconds": time.Since(start).Seconds(), "stages": result.Manifest.Timings, "workers": workers,
		"customers": result.Manifest.Customers, "peak_rss_mb": process.PeakMB(), "cpu_seconds": process.CPUSeconds(),
	})
}

// jobOf returns the job as written by a user, with every step at its defaults.
func jobOf(path, output string, workers int, memory string) (config.Job, error) {
	text, err := json.Marshal(map[string]any{ // JSON is YAML
		"job": "bench", "output": output, "workers": workers, "memory": memory,
		"inputs": map[string]any{"transactions": []any{map[string]any{"path": path, "columns": map[string]string{
			"order": "order_id", "customer": "customer_id", "time": "time", "product": "product",
			"quantity": "quantity", "unit_price": "unit_price",
		}}}},
	})
	if err != nil {
		return config.Job{}, err
	}
	return config.Parse("job.yaml", text)
}
