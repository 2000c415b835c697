// Command forecast is our side of the benchmark of forecasts: the command fits and
// forecasts many series from the data written by peer.py, and prints one JSON line.
//
//	forecast [-workers 2] DATA SEASON HORIZON
//
// DATA holds float64 values, series after series, each with the number of periods
// at the end of the file name; the last HORIZON periods are forecast from the rest.
// See peer.py for the fields.
package main

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/quintile-dev/quintile/bench/process"
	"github.com/quintile-dev/quintile/models/forecast"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// line is the printed result.
type line struct {
	Tool      string  `json:"tool"`
	Work      string  `json:"work"`
	Seconds   float64 `json:"seconds"`
	CPU       float64 `json:"cpu"`
	MASE      float64 `json:"mase"`
	PeakRSSMB float64 `json:"peak_rss_mb"`
}

func run(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("forecast", flag.ContinueOnError)
	c := forecast.DefaultConfig()
	flags.IntVar(&c.Workers, "workers", c.Workers, "how many series to fit at once")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 3 {
		return fmt.Errorf("forecast: got %d arguments, want DATA, SEASON and HORIZON", flags.NArg())
	}
	season, err1 := strconv.Atoi(flags.Arg(1))
	horizon, err2 := strconv.Atoi(flags.Arg(2))
	whole, err3 := read(flags.Arg(0))
	if err := errors.Join(err1, err2, err3); err != nil {
		return err
	}
	c.Horizon = horizon
	series := make([]forecast.Series, len(whole))
	for i, y := range whole {
		series[i] = forecast.Series{Values: y[:len(y)-horizon], Season: season}
	}
	wall, cpu := time.Now(), process.CPUSeconds()
	results, err := c.FitAll(context.Background(), series)
	if err != nil {
		return err
	}
	var accuracy forecast.Accuracy
	for i, r := range results {
		f, err := r.Model.Forecast(horizon, nil)
		if err != nil {
			return err
		}
		accuracy.Add(series[i].Values, season, whole[i][len(series[i].Values):], f.Point)
	}
	l := line{Tool: "quintile", Work: filepath.Base(flags.Arg(0)), MASE: accuracy.Measures().MASE}
	l.Seconds, l.CPU = time.Since(wall).Seconds(), process.CPUSeconds()-cpu
	l.PeakRSSMB = process.PeakMB()
	return json.NewEncoder(out).Encode(l)
}

// read returns the series of a file NAME-PERIODS.f64.
func read(path string) ([][]float64, error) {
	name := strings.TrimSuffix(filepath.Base(path), ".f64")
	periods, err := strconv.Atoi(name[strings.LastIndexByte(name, '-')+1:])
	if err != nil {
		return nil, fmt.Errorf("%s: the name does not end in the number of periods: %w", path, err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	all := make([][]float64, len(data)/8/periods)
	for i := range all {
		all[i] = make([]float64, periods)
		for t := range all[i] {
			all[i][t] = math.Float64frombits(binary.LittleEndian.Uint64(data[8*(i*periods+t):]))
		}
	}
	return all, nil
}
