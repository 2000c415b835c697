package pipeline

import (
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/parquetio"
	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/rules"
	"github.com/quintile-dev/quintile/pipeline/config"
	"github.com/quintile-dev/quintile/pipeline/publish"
	"github.com/quintile-dev/quintile/pipeline/steps"
)

// documented returns the part of docs/outputs.md under a heading.
func documented(t *testing.T, heading string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "docs", "outputs.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, part, found := strings.Cut(string(text), "\n## `"+heading+"`\n")
	if !found {
		t.Fatalf("docs/outputs.md: got no heading for %s", heading)
	}
	part, _, _ = strings.Cut(part, "\n## ")
	return part
}

// firstCells returns the first column of the first table whose head begins with
// name.
func firstCells(t *testing.T, part, name string) []string {
	t.Helper()
	_, table, found := strings.Cut(part, "\n| "+name+" |")
	if !found {
		t.Fatalf("got no table of %s", name)
	}
	var out []string
	for _, row := range strings.Split(table, "\n")[2:] {
		cells := strings.Split(row, "|")
		if len(cells) < 3 {
			break
		}
		out = append(out, strings.Trim(cells[1], " `"))
	}
	return out
}

// columnsOf returns the names of columns, and a fault for each that says nothing
// of itself.
func columnsOf(t *testing.T, columns []table.Column) []string {
	t.Helper()
	var out []string
	for _, c := range columns {
		if c.Description == "" {
			t.Errorf("got column %s without a description", c.Name)
		}
		out = append(out, c.Name)
	}
	return out
}

// checkFile compares the columns of a file with those described. Its reader
// delivers flat columns in order, and names the lists.
func checkFile(t *testing.T, path string, columns []table.Column) {
	t.Helper()
	r, err := parquetio.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}()
	var flat, lists, gotFlat, gotLists []string
	for _, c := range columns {
		if c.Type == table.TextList {
			lists = append(lists, c.Name)
		} else {
			flat = append(flat, c.Name)
		}
	}
	for _, f := range r.Fields() {
		gotFlat = append(gotFlat, f.Name)
	}
	for _, s := range r.Skipped() {
		name, _, _ := strings.Cut(s.Name, ".")
		gotLists = append(gotLists, name)
	}
	if !slices.Equal(gotFlat, flat) || !slices.Equal(gotLists, lists) {
		t.Errorf("%s: got the columns\n%q and the lists %q, want\n%q and %q", filepath.Base(path), gotFlat, gotLists, flat, lists)
	}
}

// csvHeader returns the names in the first line of a file.
func csvHeader(t *testing.T, path string) []string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	head, err := csv.NewReader(f).Read()
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	return head
}

// smallShopColumns are the optional columns that smallShop maps.
var smallShopColumns = datasets.Columns{Order: true, Amount: true, Quantity: true, Dims: [datasets.Dimensions]bool{datasets.Product: true, datasets.Description: true}}

// smallShop publishes a run that has something of everything: groups, rules,
// descriptions, and a row that is refused.
func smallShop(t *testing.T) (job config.Job, folder string) {
	t.Helper()
	var b strings.Builder
	b.WriteString("customer,time,order,product,description,quantity,price\n")
	for i := range 240 {
		customer := i % 60
		day := fmt.Sprintf("2024-%02d-%02d", 1+i/60+customer%3, 1+customer%28)
		for _, p := range []string{"bread", "butter"}[:1+i%2] {
			fmt.Fprintf(&b, "c%02d,%s,o%03d,%s,the %s,1,%d\n", customer, day, i, p, p, 1+customer%7)
		}
	}
	b.WriteString("c99,not a day,o999,bread,bread,1,1\n")
	job = parse(t, fmt.Sprintf(`
job: small
as_of: 2024-07-01
output: out
inputs:
  transactions:
    - path: %s
      columns: {customer: customer, time: time, order: order, product: product, description: description, quantity: quantity, unit_price: price}
      time_format: "%%Y-%%m-%%d"
quality: {max_quarantined: 5%%}
steps: {rfm: {}, features: {}, segments: {k: 2}, rules: {min_support: 0.05, min_confidence: 0.3}}
`, writeFile(t, t.TempDir(), "shop.csv", b.String())))
	return job, mustRun(t, job).Folder
}

// TestDocsListEveryColumn compares the tables of docs/outputs.md with the files
// of a run: the same columns, in the same order.
func TestDocsListEveryColumn(t *testing.T) {
	job, folder := smallShop(t)
	r := &publish.Results{Job: &job}
	var learned []string
	for _, f := range features.Available(features.Mapped(smallShopColumns, false)) {
		if f.Kind != features.Code {
			learned = append(learned, f.Name)
		}
	}
	for _, file := range []struct {
		name    string
		columns []table.Column
	}{
		{"segments.parquet", r.Resolve(append([]mining.Column{publish.Key}, r.NewScorer().Columns()...))},
		{"rules.parquet", r.Resolve(rules.Columns(true))},
		{"profiles.parquet", r.Resolve(publish.ProfileColumns(learned))},
		{"quarantine.parquet", publish.QuarantineColumns},
	} {
		want := firstCells(t, documented(t, file.name), "column")
		checkFile(t, filepath.Join(folder, file.name), file.columns)
		got := columnsOf(t, file.columns)
		if file.name == "segments.parquet" { // the columns of the steps have a table of their own
			for _, step := range steps.Table() {
				for _, c := range step.Columns {
					want = append(want, c.Name)
				}
			}
		}
		if n := len(want) - 1; want[n] == "mean_<feature>" {
			want = want[:n]
			for _, name := range learned {
				want = append(want, "mean_"+name)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got the columns\n%q, documented are\n%q", file.name, got, want)
		}
	}

	prose := documented(t, "crm/generic/")
	full := []string{"customer", "recency_days", "frequency", "monetary"}
	for _, name := range full {
		if !strings.Contains(prose, "`"+name+"`") {
			t.Errorf("crm/generic/: %s is not documented", name)
		}
	}
	for _, step := range steps.Table() {
		for _, c := range step.Columns {
			if c.CRM {
				full = append(full, c.Name)
			}
		}
	}
	full = append(full, firstCells(t, prose, "column")...)
	if got := csvHeader(t, filepath.Join(folder, "crm", "generic", "segments.csv")); !slices.Equal(got, full) {
		t.Errorf("segments.csv: got the columns\n%q, documented are\n%q", got, full)
	}
	delta := append([]string{"op"}, full...)
	if got := csvHeader(t, filepath.Join(folder, "crm", "generic", "delta.csv")); !slices.Equal(got, delta) {
		t.Errorf("delta.csv: got the columns\n%q, want\n%q", got, delta)
	}
}
