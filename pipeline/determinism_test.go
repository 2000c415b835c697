package pipeline

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/datasets/synth"
	"github.com/quintile-dev/quintile/pipeline/config"
)

// retailer writes a synthetic retailer of two years as CSV and as Parquet.
func retailer(t *testing.T, customers, lines int) (csv, parquet string) {
	t.Helper()
	c := synth.Default()
	c.Customers, c.Lines, c.Columns = customers, lines, synth.Full
	r, err := synth.New(c)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	csv, parquet = filepath.Join(folder, "lines.csv"), filepath.Join(folder, "lines.parquet")
	file, err := os.Create(csv)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.WriteCSV(context.Background(), file); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	if err := r.WriteParquet(context.Background(), parquet); err != nil {
		t.Fatal(err)
	}
	return csv, parquet
}

// synthJob is a job of all steps over files of the synthetic retailer.
func synthJob(t *testing.T, path string) config.Job {
	t.Helper()
	return parse(t, `
job: synth
as_of: 2025-07-01
inputs:
  transactions:
    - path: `+path+`
      columns: {customer: customer_id, time: time, order: order_id, product: product, quantity: quantity,
                unit_price: unit_price, category: category, channel: channel, region: region, discount: discount, cost: cost}
      dimensions: {shelf: category, area: region}
steps:
  rfm: {}
  features: {}
  segments: {k: auto, max_k: 5}
  classify: {}
  rules: {min_support: 0.005, min_confidence: 0.2, anonymous_baskets: true}
  churn: {}
`)
}

// split writes the lines of a file, in the order given, to n files with its
// header in a folder of their own.
func split(t *testing.T, header string, lines []string, n int) string {
	t.Helper()
	folder := t.TempDir()
	for i := range n {
		part := lines[i*len(lines)/n : (i+1)*len(lines)/n]
		writeFile(t, folder, fmt.Sprintf("part-%d.csv", i), header+"\n"+strings.Join(part, "\n")+"\n")
	}
	return folder
}

// Each of these changes how the same line items come in or are worked on, and
// must not change a byte of what comes out.
func TestSameLinesGiveTheSameBytes(t *testing.T) {
	csv, parquet := retailer(t, 1500, 40_000)
	base := synthJob(t, csv)
	base.Workers = 1
	want := mustRun(t, base)
	for step, report := range want.Manifest.Steps {
		if report["state"] != "ok" && (step != "segments" || report["state"] != "weak_structure") {
			t.Errorf("%s: got the state %v, want ok: the comparison shows too little", step, report["state"])
		}
	}
	check := func(name string, change func(*config.Job)) {
		t.Run(name, func(t *testing.T) {
			job := synthJob(t, csv)
			change(&job)
			got := mustRun(t, job)
			same(t, name, got.Folder, want.Folder)
			for step := range want.Manifest.Steps {
				if a, b := fmt.Sprint(got.Manifest.Steps[step]), fmt.Sprint(want.Manifest.Steps[step]); a != b {
					t.Errorf("%s: the manifest differs in %s:\ngot  %s\nwant %s", name, step, a, b)
				}
			}
		})
	}
	text, err := os.ReadFile(csv)
	if err != nil {
		t.Fatal(err)
	}
	header, rest, _ := strings.Cut(string(text), "\n")
	lines := strings.Split(strings.TrimSuffix(rest, "\n"), "\n")
	shuffled := append([]string(nil), lines...)
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })

	check("2 workers", func(j *config.Job) { j.Workers = 2 })
	check("8 workers", func(j *config.Job) { j.Workers = 8 })
	check("rows shuffled", func(j *config.Job) { j.Inputs.Transactions[0].Path = split(t, header, shuffled, 1) })
	check("split in 7", func(j *config.Job) { j.Inputs.Transactions[0].Path = split(t, header, lines, 7) })
	check("parquet", func(j *config.Job) { j.Inputs.Transactions[0].Path = parquet })
	check("spilled", func(j *config.Job) { j.Workers, j.Memory = 2, config.Size{Bytes: 4 << 20} })
	check("incremental", func(j *config.Job) {
		folder := split(t, header, lines, 3)
		j.History = t.TempDir()
		for i := range 3 {
			j.Inputs.Transactions[0].Path = filepath.Join(folder, fmt.Sprintf("part-%d.csv", i))
			if i < 2 {
				mustRun(t, *j)
			}
		}
	})
}
