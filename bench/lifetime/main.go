// Command lifetime measures package models/lifetime on customers that peer.py
// measures the lifetimes package of Python on.
//
//	go run ./bench/lifetime -make data.bin [-rows 1000000]
//	go run ./bench/lifetime [-workers 2] [-rows 1000000] data.bin bg_nbd
//
// The work is bg_nbd, mbg_nbd, pareto_nbd or gamma_gamma: to fit the model to the
// first rows customers, and to forecast each one's purchases in 26 weeks and
// probability of being active, or the money of a purchase. One JSON line is
// printed.
package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"time"

	"github.com/quintile-dev/quintile/bench/process"
	"github.com/quintile-dev/quintile/models/lifetime"
)

const horizonWeeks = 26

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "lifetime:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	flags := flag.NewFlagSet("lifetime", flag.ContinueOnError)
	makeFile := flags.String("make", "", "write synthetic customers to this file and stop")
	rows := flags.Int("rows", 1_000_000, "customers")
	workers := flags.Int("workers", 2, "goroutines")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *makeFile != "" {
		return write(*makeFile, *rows)
	}
	if flags.NArg() != 2 {
		return fmt.Errorf("got %d arguments, want DATA WORK; make the data with -make", flags.NArg())
	}
	c, mean, err := read(flags.Arg(0), *rows)
	if err != nil {
		return err
	}
	r, err := measure(flags.Arg(1), c, mean, *workers)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(r)
}

type result struct {
	Work          string    `json:"work"`
	Seconds       float64   `json:"seconds"`
	CPU           float64   `json:"cpu_seconds"`
	LogLikelihood float64   `json:"log_likelihood"`
	Parameters    []float64 `json:"parameters"`
	PeakRSS       float64   `json:"peak_rss_mb"`
}

func measure(work string, c lifetime.Customers, mean []float64, workers int) (result, error) {
	ctx, n := context.Background(), len(c.X)
	start, cpu := time.Now(), process.CPUSeconds()
	var report lifetime.Report
	var err error
	if work == "gamma_gamma" {
		config := lifetime.DefaultSpend()
		config.Workers = workers
		var s *lifetime.Spend
		if s, report, err = config.Fit(ctx, c.X, mean, nil); err == nil {
			err = s.MeanTo(make([]float64, n), c.X, mean)
		}
	} else {
		report, err = forecast(ctx, work, c, workers)
	}
	if err != nil {
		return result{}, err
	}
	r := result{Work: work, Seconds: time.Since(start).Seconds(), CPU: process.CPUSeconds() - cpu,
		LogLikelihood: report.LogLikelihood, PeakRSS: process.PeakMB()}
	for _, p := range report.Parameters {
		r.Parameters = append(r.Parameters, p.Value)
	}
	return r, nil
}

func forecast(ctx context.Context, work string, c lifetime.Customers, workers int) (lifetime.Report, error) {
	for kind := range lifetime.ParetoNBD + 1 {
		if kind.String() != work {
			continue
		}
		config := lifetime.Default(kind)
		config.Workers = workers
		m, report, err := config.Fit(ctx, c, nil)
		if err != nil {
			return report, err
		}
		f := lifetime.Forecasts{Alive: make([]float64, len(c.X)), Expected: make([]float64, len(c.X))}
		return report, m.ForecastTo(ctx, f, c, lifetime.Ask{Horizon: horizonWeeks}, workers)
	}
	return lifetime.Report{}, fmt.Errorf("work: got %q, want bg_nbd, mbg_nbd, pareto_nbd or gamma_gamma", work)
}

// write makes customers who buy and stop as BG/NBD has it, observed for up to
// 78 weeks in days, and writes four columns of float64: x, tₓ, T in weeks, and the
// mean money.
func write(path string, n int) (err error) {
	rng := rand.New(rand.NewPCG(20111209, 0))
	columns := [4][]float64{}
	for j := range columns {
		columns[j] = make([]float64, n)
	}
	for i := range n {
		rate, stop := gamma(rng, 2)/32, gamma(rng, 1)
		stop /= stop + gamma(rng, 3)
		scale := 20 / gamma(rng, 4)
		x, last, end, money := 0.0, 0.0, float64(rng.IntN(78*7)), 0.0
		for at := rng.ExpFloat64() / rate; at*7 < end; at += rng.ExpFloat64() / rate {
			if day := math.Ceil(at * 7); day > last && day <= end {
				x, last, money = x+1, day, money+math.Round(100*scale*gamma(rng, 6))/100
			}
			if rng.Float64() < stop {
				break
			}
		}
		columns[0][i], columns[1][i], columns[2][i], columns[3][i] = x, last/7, end/7, money/max(1, x)
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := bufio.NewWriter(f)
	for _, column := range columns {
		if err := binary.Write(w, binary.LittleEndian, column); err != nil {
			return err
		}
	}
	return w.Flush()
}

// gamma draws from Gamma(shape, 1) for a whole shape.
func gamma(rng *rand.Rand, shape int) float64 {
	sum := 0.0
	for range shape {
		sum += rng.ExpFloat64()
	}
	return sum
}

// read returns the first rows customers of a file.
func read(path string, rows int) (lifetime.Customers, []float64, error) {
	f, err := os.Open(path)
	if err != nil {
		return lifetime.Customers{}, nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return lifetime.Customers{}, nil, err
	}
	all := make([]float64, info.Size()/8)
	if err := binary.Read(bufio.NewReaderSize(f, 1<<20), binary.LittleEndian, all); err != nil {
		return lifetime.Customers{}, nil, err
	}
	n := len(all) / 4
	rows = min(rows, n)
	return lifetime.Customers{X: all[:rows], Tx: all[n:][:rows], T: all[2*n:][:rows]}, all[3*n:][:rows], nil
}
