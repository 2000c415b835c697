// Command itemset measures the mining of item sets and rules, alone and beside
// peer.py.
//
//	itemset -prepare                  write the data files
//	itemset -work retail-10           one JSON line: {"work","seconds","sets","peak_rss_mb"}
//	itemset -compare -python PYTHON   both, alternately, and the ratios of the medians
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/quintile-dev/quintile/bench/process"
	"github.com/quintile-dev/quintile/models/itemset"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "itemset:", err)
		os.Exit(1)
	}
}

// result is the JSON line printed by both sides.
type result struct {
	Work    string  `json:"work"`
	Tool    string  `json:"tool"`
	Seconds float64 `json:"seconds"`
	CPU     float64 `json:"cpu_seconds"`
	Sets    int     `json:"sets"` // or rules
	Peak    float64 `json:"peak_rss_mb"`
	Note    string  `json:"note,omitempty"`
}

func run(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("itemset", flag.ContinueOnError)
	shared := flags.String("shared", "../shared/data", "folder of the shared data")
	dir := flags.String("data", "bench/data/itemset", "folder of the files to mine")
	doPrepare := flags.Bool("prepare", false, "write the data files")
	name := flags.String("work", "", "what to measure")
	repeat := flags.Int("repeat", 3, "the best of this many runs counts")
	workers := flags.Int("workers", runtime.GOMAXPROCS(0), "goroutines")
	doCompare := flags.Bool("compare", false, "measure beside the peers")
	python := flags.String("python", "python3", "interpreter with the peers installed")
	tools := flags.String("tools", "", "peers to compare with, separated by commas; all where empty")
	rounds := flags.Int("rounds", 5, "rounds of a comparison")
	if err := flags.Parse(args); err != nil {
		return err
	}
	switch {
	case *doPrepare:
		return prepare(*shared, *dir)
	case *doCompare:
		return compare(out, comparison{dir: *dir, python: *python, work: *name, tools: *tools, rounds: *rounds})
	}
	for _, w := range works() {
		if w.name == *name {
			r, err := measure(w, *dir, *repeat, *workers)
			if err != nil {
				return err
			}
			return json.NewEncoder(out).Encode(r)
		}
	}
	return fmt.Errorf("no work %q", *name)
}

// measure times one work in the present process.
func measure(w work, dir string, repeat, workers int) (result, error) {
	baskets, err := load(filepath.Join(dir, w.file))
	if err != nil {
		return result{}, err
	}
	r := result{Work: w.name, Tool: "quintile", Seconds: 1e9}
	for range repeat {
		sets, report, seconds, cpu, err := mine(w, baskets, workers)
		if err != nil {
			return r, err
		}
		r.Sets = sets.Len()
		if report.Partial {
			r.Note = fmt.Sprintf("budget: count raised from %d to %d", report.AskedCount, report.MinCount)
		}
		if w.confidence > 0 {
			r.Sets, seconds, cpu, err = rules(w, sets, workers)
			if err != nil {
				return r, err
			}
		}
		if seconds < r.Seconds {
			r.Seconds, r.CPU = seconds, cpu
		}
	}
	r.Peak = process.PeakMB()
	return r, nil
}

func mine(w work, b itemset.Baskets, workers int) (*itemset.Sets, itemset.Report, float64, float64, error) {
	c := itemset.DefaultConfig()
	c.MinSupport, c.MinCount, c.MaxLength, c.Workers = 0, w.count, w.maxLength, workers
	if w.maxLength == 0 {
		c.MaxLength = itemset.AnyLength
	}
	runtime.GC()
	start, used := time.Now(), process.CPUSeconds()
	sets, report, err := c.Mine(context.Background(), b)
	return sets, report, time.Since(start).Seconds(), process.CPUSeconds() - used, err
}

// rules derives the rules, computes every measure of each rule and adds the
// measures up, so that every measure is used.
func rules(w work, sets *itemset.Sets, workers int) (n int, seconds, cpu float64, err error) {
	c := itemset.DefaultRuleConfig()
	c.MinConfidence, c.MaxConsequent, c.Workers = w.confidence, w.right, workers
	runtime.GC()
	start, used := time.Now(), process.CPUSeconds()
	rules, _, err := sets.Rules(context.Background(), c)
	if err != nil {
		return 0, 0, 0, err
	}
	sum := 0.0
	for _, r := range rules.All() {
		sum += r.Support + r.Confidence + r.Lift + r.Leverage + r.AddedValue + min(r.Conviction, 1e9) + r.Zhang + r.Certainty +
			r.Jaccard + r.Cosine + r.Kulczynski + r.Imbalance + r.OddsRatio + r.ChiSquared + r.Phi +
			r.PValue + r.AdjustedP + r.Improvement + float64(r.Antecedent[0]) + float64(r.Consequent[0])
	}
	seconds, cpu = time.Since(start).Seconds(), process.CPUSeconds()-used
	if math.IsNaN(sum) {
		return 0, 0, 0, errors.New("a measure of a rule is not a number")
	}
	return rules.Len(), seconds, cpu, nil
}

func load(path string) (itemset.Baskets, error) {
	f, err := os.Open(path)
	if err != nil {
		return itemset.Baskets{}, fmt.Errorf("%w; run with -prepare first", err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	var build itemset.Builder
	var basket []uint32
	for lines.Scan() {
		basket = basket[:0]
		for word := range strings.FieldsSeq(lines.Text()) {
			item, err := strconv.ParseUint(word, 10, 32)
			if err != nil {
				return itemset.Baskets{}, err
			}
			basket = append(basket, uint32(item))
		}
		build.Add(basket)
	}
	return build.Baskets(), errors.Join(lines.Err())
}
