package deviation_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/parquetio"
	"github.com/quintile-dev/quintile/mining/stepcheck"
	"github.com/quintile-dev/quintile/pipeline"
	"github.com/quintile-dev/quintile/pipeline/config"
)

// runLines runs the step on lines of customer, time, order, product, price and region, in
// 2024, scored on the day of the last line.
func runLines(t *testing.T, lines []string) *pipeline.Result {
	t.Helper()
	path := filepath.Join(t.TempDir(), "lines.csv")
	text := "customer,time,order,product,price,region\n" + strings.Join(lines, "\n") + "\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	job, err := config.Parse("job.yaml", []byte(fmt.Sprintf(`
job: lines
output: %s
inputs:
  transactions:
    - path: %s
      columns: {customer: customer, time: time, order: order, product: product, amount: price, region: region}
steps: {deviation: {}}
`, t.TempDir(), path)))
	if err != nil {
		t.Fatal(err)
	}
	r, err := pipeline.Run(context.Background(), job, pipeline.Env{Now: func() time.Time { return time.Unix(0, 0) }, Version: "check"})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// date returns a day of 2024, counted from Monday 1 January as 0.
func date(day int) string {
	return time.Date(2024, 1, 1+day, 10, 0, 0, 0, time.UTC).Format("2006-01-02T15:04:05")
}

// Forty customers who buy for 10 every fifth day: customers of odd numbers in the region south up to day
// 272, else in the north. The file of day 150 came twice.
func alike() []string {
	var lines []string
	for day := range 301 {
		for c := range 40 {
			if (day+c)%5 != 0 {
				continue
			}
			region := "north"
			if c%2 == 1 && day < 273 {
				region = "south"
			}
			for p := range 2 {
				line := fmt.Sprintf("c%02d,%s,%d,p%d,5.00,%s", c, date(day), 1000*day+c, p, region)
				lines = append(lines, line)
				if day == 150 {
					lines = append(lines, line)
				}
			}
		}
	}
	return lines
}

func TestFaultsOfTheDataAreTold(t *testing.T) {
	r := runLines(t, alike())
	got := map[string]string{}
	for _, w := range r.Manifest.Warnings {
		got[w.Code] = w.Message
	}
	for code, words := range map[string]string{
		"deviation.day_twice": "2024-05-30", "deviation.stopped_reporting": "region south", "deviation.no_spread": "nobody is scored",
	} {
		if !strings.Contains(got[code], words) {
			t.Errorf("got the warning %q of %s, want it to say %q", got[code], code, words)
		}
	}
	if state := fmt.Sprint(r.Manifest.Steps["deviation"]["state"]); state != "insufficient_data" {
		t.Errorf("got the state %s of customers who are all alike, want insufficient_data", state)
	}
	for _, score := range stepcheck.Cells(t, r.Folder, "deviation_score") {
		if score != "" {
			t.Errorf("got the score %s, want none", score)
		}
	}
	rows := deviations(t, r.Folder)
	for _, want := range []string{
		"data total 2024-05-30 2024-05-30 money 160 twice",
		"data region south 2024-09-30 2024-10-27 money 0 1120 stopped",
	} {
		if !slices.Contains(rows, want) {
			t.Errorf("got %q, want %q among them", rows, want)
		}
	}
}

// deviations returns the rows of deviations.parquet, without change and p-values.
func deviations(t *testing.T, folder string) []string {
	t.Helper()
	r, err := parquetio.Open(filepath.Join(folder, "deviations.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var at []int
	for k, f := range r.Fields() {
		if !slices.Contains([]string{"change", "p_value", "q_value"}, f.Name) {
			at = append(at, k)
		}
	}
	if err := r.Select(at); err != nil {
		t.Fatal(err)
	}
	var out []string
	var frame datasets.Frame
	for {
		part, err := r.Next(context.Background())
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := part.Each(&frame, func() error {
			for i := range frame.Rows {
				var cells []string
				for k := range frame.Columns {
					if text := cell(&frame.Columns[k], i); text != "" {
						cells = append(cells, text)
					}
				}
				out = append(out, strings.Join(cells, " "))
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
}

func cell(c *datasets.Column, i int) string {
	switch {
	case c.Valid != nil && !c.Valid.Get(i):
		return ""
	case c.Codes != nil:
		return string(c.Dict.At(int(c.Codes[i])))
	case c.Ints != nil:
		return datasets.Day(c.Ints[i]).String()
	case c.Floats != nil:
		return fmt.Sprintf("%.6g", c.Floats[i])
	}
	return string(c.Texts.At(i))
}
