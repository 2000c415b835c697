// Command boost measures package models/boost on the same file as peer.py uses
// for LightGBM, XGBoost and scikit-learn.
//
//	go run ./bench/boost -make data.bin [-rows 1250000] [-cols 20]
//	go run ./bench/boost [-workers 2] [-repeats 1] data.bin
//
// The output is one JSON line per piece of work: {"work", "seconds",
// "cpu_seconds", "auc", "peak_rss_mb"}. Fitting takes the first 80 % of the
// rows, the AUC is measured on the rest, scoring takes all rows, and explaining
// the first 20,000.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/quintile-dev/quintile/bench/process"
	"github.com/quintile-dev/quintile/models/boost"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "boost:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("boost", flag.ContinueOnError)
	makeFile := flags.String("make", "", "write synthetic data to this file and stop")
	rows := flags.Int("rows", 1_250_000, "rows to make")
	cols := flags.Int("cols", 20, "columns to make")
	workers := flags.Int("workers", 2, "goroutines")
	repeats := flags.Int("repeats", 1, "times to measure")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *makeFile != "" {
		return synthesise(*rows, *cols, 1).write(*makeFile)
	}
	if flags.NArg() != 1 {
		return errors.New("got no data file, want one; make it with -make")
	}
	t, err := read(flags.Arg(0))
	if err != nil {
		return err
	}
	for range *repeats {
		if err := measure(t, *workers, out); err != nil {
			return err
		}
	}
	return nil
}

// explained is the number of rows used to measure Shapley values.
const explained = 20_000

// measure fits, scores and explains t once.
func measure(t table, workers int, out io.Writer) error {
	ctx := context.Background()
	train, test := t.split()
	c := boost.Default()
	c.Workers = workers

	clock := begin("fit")
	m, _, err := c.Fit(ctx, train.x, train.target, nil)
	if err != nil {
		return err
	}
	fit := clock.end()
	scores := make([]float64, len(t.target))
	if err := m.ScoreTo(ctx, scores[:len(test.target)], test.x, workers); err != nil {
		return err
	}
	fit.AUC = auc(scores[:len(test.target)], test.target)

	clock = begin("score")
	if err := m.ScoreTo(ctx, scores, t.x, workers); err != nil {
		return err
	}
	score := clock.end()
	score.AUC = fit.AUC

	rows, cols := t.x.Dims()
	some := t.x.Slice(0, min(rows, explained))
	why := make([]float64, min(rows, explained)*cols)
	clock = begin("explain")
	if err := m.ShapTo(ctx, why, some, workers); err != nil {
		return err
	}
	explain := clock.end()
	explain.AUC = fit.AUC
	return errors.Join(fit.print(out), score.print(out), explain.print(out))
}

// result is one line of output.
type result struct {
	Work    string  `json:"work"`
	Seconds float64 `json:"seconds"`
	CPU     float64 `json:"cpu_seconds"`
	AUC     float64 `json:"auc"`
	PeakRSS float64 `json:"peak_rss_mb"`
}

func (r result) print(out io.Writer) error { return json.NewEncoder(out).Encode(r) }

type clock struct {
	work  string
	start time.Time
	cpu   float64
}

func begin(work string) clock {
	return clock{work: "quintile " + work, start: time.Now(), cpu: process.CPUSeconds()}
}

func (c clock) end() result {
	wall := time.Since(c.start).Seconds()
	return result{Work: c.work, Seconds: wall, CPU: process.CPUSeconds() - c.cpu, PeakRSS: process.PeakMB()}
}

// auc returns the share of pairs of a positive and a negative ordered rightly
// by score, ties counting half.
func auc(scores, target []float64) float64 {
	order := make([]int, len(scores))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		switch {
		case scores[a] < scores[b]:
			return -1
		case scores[a] > scores[b]:
			return 1
		}
		return 0
	})
	var rankSum, ones float64
	for i := 0; i < len(order); {
		j := i
		for j < len(order) && scores[order[j]] == scores[order[i]] {
			j++
		}
		for _, k := range order[i:j] {
			if target[k] == 1 {
				rankSum += float64(i+1+j) / 2
				ones++
			}
		}
		i = j
	}
	zeros := float64(len(order)) - ones
	return (rankSum - ones*(ones+1)/2) / (ones * zeros)
}
