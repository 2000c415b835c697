// Command kmeans is our side of the k-means benchmark: the command runs one
// work on the data written by peer.py, and prints one JSON line per repetition.
//
//	kmeans [-repeat 5] DIR WORK
//
// See peer.py for the works and the fields, and docs/methods/cluster.md for the
// figures.
package main

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/quintile-dev/quintile/bench/process"
	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/models/cluster"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// line is the printed result.
type line struct {
	Tool       string  `json:"tool"`
	Work       string  `json:"work"`
	Seconds    float64 `json:"seconds"`
	CPU        float64 `json:"cpu"`
	Inertia    float64 `json:"inertia"`
	Iterations int     `json:"iterations"`
	PeakRSSMB  float64 `json:"peak_rss_mb"`
}

func run(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("kmeans", flag.ContinueOnError)
	repeat := flags.Int("repeat", 1, "how often to run the work")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 2 {
		return fmt.Errorf("kmeans: got %d arguments, want DIR and WORK", flags.NArg())
	}
	dir, work := flags.Arg(0), flags.Arg(1)
	c, x, err := load(dir, work)
	if err != nil {
		return err
	}
	for range *repeat {
		wall, cpu := time.Now(), process.CPUSeconds()
		_, report, err := c.Fit(context.Background(), x, nil)
		if err != nil {
			return err
		}
		l := line{Tool: "quintile", Work: work, Inertia: report.Inertia, Iterations: report.Iterations}
		l.Seconds = time.Since(wall).Seconds()
		l.CPU = process.CPUSeconds() - cpu
		l.PeakRSSMB = process.PeakMB()
		if err := json.NewEncoder(out).Encode(l); err != nil {
			return err
		}
	}
	return nil
}

// load returns the configuration and the data of a work.
func load(dir, work string) (cluster.KMeansConfig, models.Matrix, error) {
	c := cluster.DefaultKMeans()
	name, cols := "restarts", 6
	c.K = 8
	if strings.HasPrefix(work, "start") {
		name, cols, c.K = "start", 16, 16
		c.Tol = 0
		if strings.Contains(work, "tol") {
			c.Tol = 1e-4
		}
	}
	if strings.HasSuffix(work, "-flat") {
		name += "-flat"
	}
	x, err := readFloats(filepath.Join(dir, name+".f32"), cols)
	if err != nil || c.K == 8 {
		return c, models.Matrix{Cols: x}, err
	}
	start, err := readFloats(filepath.Join(dir, name+".start.f32"), cols)
	for i := range c.K {
		row := make([]float64, cols)
		for j := range row {
			row[j] = float64(start[j][i])
		}
		c.Start = append(c.Start, row)
	}
	return c, models.Matrix{Cols: x}, err
}

// readFloats reads rows of cols float32 into columns.
func readFloats(path string, cols int) ([][]float32, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	rows := len(data) / 4 / cols
	x := make([][]float32, cols)
	for j := range x {
		x[j] = make([]float32, rows)
		for i := range x[j] {
			x[j][i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*(i*cols+j):]))
		}
	}
	return x, nil
}
