// Command tree measures models/tree on the data and the work of peer.py, which
// does the same with scikit-learn. See docs/methods/tree.md for results.
//
//	python peer.py DATA write
//	go run ./bench/tree DATA WORK [RUNS]
//
// WORK is classify, classify-exact, regress or predict. It prints one JSON line a run.
package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"time"

	"github.com/quintile-dev/quintile/bench/process"
	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/models/tree"
)

const (
	trainRows, testRows = 1_000_000, 200_000
	columns, classes    = 20, 4
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "tree:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) < 2 {
		return fmt.Errorf("got %d arguments, want DATA WORK [RUNS]", len(args))
	}
	runs := 1
	if len(args) > 2 {
		var err error
		if runs, err = strconv.Atoi(args[2]); err != nil {
			return err
		}
	}
	d, err := read(args[0])
	if err != nil {
		return err
	}
	for range runs {
		r, err := d.measure(args[1])
		if err != nil {
			return err
		}
		if err := json.NewEncoder(os.Stdout).Encode(r); err != nil {
			return err
		}
	}
	return nil
}

type data struct {
	x     models.Matrix
	class []int32
	value []float64
}

func read(path string) (*data, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r := bufio.NewReaderSize(f, 1<<20)
	n := trainRows + testRows
	d := &data{class: make([]int32, n), value: make([]float64, n)}
	for range columns {
		col := make([]float32, n)
		if err := words(r, n, func(i int, w uint32) { col[i] = math.Float32frombits(w) }); err != nil {
			return nil, err
		}
		d.x.Cols = append(d.x.Cols, col)
	}
	if err := words(r, n, func(i int, w uint32) { d.class[i] = int32(w) }); err != nil {
		return nil, err
	}
	return d, words(r, n, func(i int, w uint32) { d.value[i] = float64(math.Float32frombits(w)) })
}

func words(r io.Reader, n int, set func(i int, w uint32)) error {
	var b [4]byte
	for i := range n {
		if _, err := io.ReadFull(r, b[:]); err != nil {
			return err
		}
		set(i, binary.LittleEndian.Uint32(b[:]))
	}
	return nil
}

type result struct {
	Work     string  `json:"work"`
	Seconds  float64 `json:"seconds"`
	CPU      float64 `json:"cpu_seconds"`
	Accuracy float64 `json:"accuracy"`
	PeakRSS  float64 `json:"peak_rss_mb"`
}

func (d *data) measure(work string) (result, error) {
	c := tree.Default()
	c.MaxDepth, c.MinLeafRows, c.Folds = 6, 1, 0
	if work == "classify-exact" {
		c.MaxBins = 0
	}
	train, test := d.x.Slice(0, trainRows), d.x.Slice(trainRows, trainRows+testRows)
	start, cpu := time.Now(), process.CPUSeconds()
	var t *tree.Tree
	var err error
	if work == "regress" {
		t, _, err = c.FitValues(context.Background(), train, d.value[:trainRows], nil)
	} else {
		t, _, err = c.FitClasses(context.Background(), train, d.class[:trainRows], classes, nil)
	}
	if err != nil {
		return result{}, err
	}
	if work == "predict" {
		dst := make([]int32, trainRows)
		start, cpu = time.Now(), process.CPUSeconds()
		if err := t.PredictClassTo(dst, train); err != nil {
			return result{}, err
		}
	}
	r := result{Work: work, Seconds: time.Since(start).Seconds(), CPU: process.CPUSeconds() - cpu}
	if r.Accuracy, err = d.accuracy(t, test); err != nil {
		return result{}, err
	}
	r.PeakRSS = process.PeakMB()
	return r, nil
}

// accuracy returns the share of test rows predicted right, or R².
func (d *data) accuracy(t *tree.Tree, test models.Matrix) (float64, error) {
	if t.Classes() > 0 {
		dst := make([]int32, testRows)
		err := t.PredictClassTo(dst, test)
		right := 0
		for i, c := range dst {
			if c == d.class[trainRows+i] {
				right++
			}
		}
		return float64(right) / testRows, err
	}
	dst := make([]float64, testRows)
	if err := t.PredictTo(dst, test); err != nil {
		return 0, err
	}
	truth := d.value[trainRows:]
	mean := 0.0
	for _, v := range truth {
		mean += v / testRows
	}
	var rest, all float64
	for i, v := range truth {
		rest += (v - dst[i]) * (v - dst[i])
		all += (v - mean) * (v - mean)
	}
	return 1 - rest/all, nil
}
