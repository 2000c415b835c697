package pipeline

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/parquetio"
	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining/churn"
	"github.com/quintile-dev/quintile/mining/featuretable"
	"github.com/quintile-dev/quintile/mining/segments"
	"github.com/quintile-dev/quintile/pipeline/config"
	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/publish"
)

// kiosk are line items of two customers. Brands differ within an order, payment
// does not; some of both are missing.
const kiosk = `customer,time,order,product,quantity,price,Brand,How paid
ann,2024-01-01,1,p1,1,2,acme,card
ann,2024-01-01,1,p2,1,3,zeta,card
ann,2024-01-01,1,p3,1,3,acme,card
ann,2024-01-08,2,p2,1,3,zeta,card
ann,2024-01-09,3,p4,1,5,n/a,cash
bob,2024-01-03,4,p4,2,5,n/a,
bob,2024-01-03,4,p9,2,5,rude,
`

// kioskJob is a job over files of the kiosk, with more settings of its entry.
func kioskJob(t *testing.T, path, entry, steps string) config.Job {
	t.Helper()
	return parse(t, `
job: kiosk
as_of: 2024-02-01
output: out
inputs:
  transactions:
    - path: `+path+`
      columns: {customer: customer, time: time, order: order, product: product, quantity: quantity, unit_price: price}
      missing: [n/a]
`+entry+`
steps: `+steps+`
`)
}

const kioskDimensions = "      dimensions: {brand: Brand, payment_method: How paid}\n      set_aside: [{name: rude, column: brand, equals: rude}]"

// cells returns a column of a Parquet file as texts, nulls as "".
func cells(t *testing.T, path, name string) []string {
	t.Helper()
	r, err := parquetio.Open(path)
	must(t, err)
	defer func() { must(t, r.Close()) }()
	at := slices.IndexFunc(r.Fields(), func(f datasets.Field) bool { return f.Name == name })
	if at < 0 {
		t.Fatalf("%s: got no column %s", path, name)
	}
	must(t, r.Select([]int{at}))
	var out []string
	var frame datasets.Frame
	for {
		part, err := r.Next(context.Background())
		if errors.Is(err, io.EOF) {
			return out
		}
		must(t, err)
		must(t, part.Decode(&frame))
		for i := range frame.Rows {
			out = append(out, string(frame.Columns[0].AppendText(nil, i)))
		}
	}
}

// Worked by hand: ann's orders hold acme once, zeta twice, as pairs of order and
// brand; she paid two of three by card. All that is known of bob was set aside.
func TestDimensionsOfTheJobBecomeFeatures(t *testing.T) {
	job := kioskJob(t, writeFile(t, t.TempDir(), "kiosk.csv", kiosk), kioskDimensions, "{features: {}}")
	result := mustRun(t, job)
	path := filepath.Join(result.Folder, "features.parquet")
	for name, want := range map[string][]string{
		"customer":                     {"ann", "bob"},
		"brand_distinct":               {"2", "0"},
		"brand_top_share":              {"0.6666666666666666", ""},
		"brand_main":                   {"zeta", ""},
		"payment_method_distinct":      {"2", "0"},
		"payment_method_main":          {"card", ""},
		"payment_method_concentration": {"0.5555555555555556", ""},
		"brand_concentration":          {"0.5555555555555556", ""},
	} {
		if got := cells(t, path, name); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if n := result.Manifest.Rows.SetAside["rude"]; n != 1 {
		t.Errorf("got %d rows set aside by the brand, want 1", n)
	}
	r := &run{Results: &publish.Results{Job: &job}, mapped: features.Further(0) | features.Further(1), further: []string{"brand", "payment_method"}}
	described := r.Resolve(featuretable.Columns(r.availableFeatures()))
	columnsOf(t, described)
	if c := described[len(described)-1]; c.Name != "payment_method_main" || c.Type != table.Text || !strings.Contains(c.Description, "payment_method") {
		t.Errorf("got the last column %+v, want the main method of payment, as text", c)
	}
}

// Sources may map different columns, and different dimensions; those of the same
// name are one.
func TestSourcesShareTheDimensionsOfTheirNames(t *testing.T) {
	folder := t.TempDir()
	head, rest, _ := strings.Cut(kiosk, "\n")
	lines := strings.SplitAfter(rest, "\n")
	first := writeFile(t, folder, "first.csv", head+"\n"+strings.Join(lines[:3], ""))
	second := writeFile(t, folder, "second.csv", strings.Replace(head, "Brand", "Marke", 1)+"\n"+strings.Join(lines[3:], ""))
	entry := func(path, dimensions string) string {
		return "    - path: " + path + "\n      columns: {customer: customer, time: time, order: order, product: product, quantity: quantity, unit_price: price}\n" +
			"      missing: [n/a]\n      dimensions: {" + dimensions + "}\n"
	}
	job := parse(t, "job: kiosk\nas_of: 2024-02-01\noutput: out\ninputs:\n  transactions:\n"+
		entry(first, "payment_method: How paid, brand: Brand")+entry(second, "brand: Marke, aisle: product")+"steps: {features: {only: [brand_main, brand_distinct, payment_method_distinct, aisle_distinct]}}\n")
	path := filepath.Join(mustRun(t, job).Folder, "features.parquet")
	for name, want := range map[string][]string{
		"brand_main": {"zeta", "rude"}, "brand_distinct": {"2", "1"}, "payment_method_distinct": {"1", "0"}, "aisle_distinct": {"2", "2"},
	} {
		if got := cells(t, path, name); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestStepsTakeFeaturesOfDimensionsByName(t *testing.T) {
	csv, _ := retailer(t, 300, 6000)
	job := synthJob(t, csv)
	job.Steps = stepsOf("segments", "churn")
	edit(t, &job, "segments", func(s *segments.Settings) {
		s.K, s.Features = 2, []string{"shelf_distinct", "area_entropy", "frequency"}
	})
	edit(t, &job, "churn", func(s *churn.Settings) { s.Features = []string{"shelf_top_share", "recency_days"} })
	mustRun(t, job)
	edit(t, &job, "segments", func(s *segments.Settings) { s.Features = []string{"shelf_main", "area_entropy", "frequency"} })
	edit(t, &job, "churn", func(s *churn.Settings) { s.Features = []string{"shop_main", "recency_days"} })
	_, err := Run(context.Background(), job, testEnv())
	for _, want := range []string{
		"steps.segments.features: got shelf_main, which is a name, want features that are numbers",
		`got "shop_main", want a feature of docs/features.md; for a dimension of the job's own, name shop under dimensions`,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q in it", err, want)
		}
	}
}

// A kept history holds the dimensions by name, and is refused by a job that maps
// others.
func TestKeptHistoryHoldsTheDimensions(t *testing.T) {
	folder, history := t.TempDir(), t.TempDir()
	head, rest, _ := strings.Cut(kiosk, "\n")
	lines := strings.SplitAfter(rest, "\n")
	job := kioskJob(t, filepath.Join(folder, "*.csv"), kioskDimensions, "{features: {}}")
	job.History = history
	for i, part := range []string{strings.Join(lines[:4], ""), strings.Join(lines[4:], "")} {
		must(t, os.RemoveAll(filepath.Join(folder, "part.csv")))
		writeFile(t, folder, "part.csv", head+"\n"+part)
		if i == 0 {
			mustRun(t, job)
		}
	}
	pieces := mustRun(t, job)
	whole := kioskJob(t, writeFile(t, t.TempDir(), "kiosk.csv", kiosk), kioskDimensions, "{features: {}}")
	same(t, "in pieces", pieces.Folder, mustRun(t, whole).Folder)

	kept, err := filepath.Glob(filepath.Join(history, "bucket=*", "run-000001.parquet"))
	must(t, err)
	if len(kept) != 1 || !slices.Equal(cells(t, kept[0], "brand"), []string{"acme", "zeta", "acme", "zeta"}) {
		t.Errorf("got the files %q of the first run, want one with ann's brands", kept)
	}
	other := kioskJob(t, filepath.Join(folder, "*.csv"), strings.Replace(kioskDimensions, "payment_method", "payment", 1), "{features: {}}")
	other.History = history
	if _, err := Run(context.Background(), other, testEnv()); exit.Of(err) != exit.BadInput || !strings.Contains(err.Error(), "made with other columns") {
		t.Errorf("got %v, want the refusal of a history with other dimensions", err)
	}
}

func TestDimensionsWithoutTheirColumnAreNamed(t *testing.T) {
	job := kioskJob(t, writeFile(t, t.TempDir(), "kiosk.csv", kiosk), "      dimensions: {brand: Marke}", "{features: {}}")
	_, err := Run(context.Background(), job, testEnv())
	if exit.Of(err) != exit.BadInput || !strings.Contains(err.Error(), `column "Marke" not found (dimensions: brand)`) {
		t.Errorf("got %v, want the missing column with its dimension", err)
	}
}

// The names of dimensions keep clear of the columns of segments.parquet.
func TestNamesOfOutputColumnsAreTaken(t *testing.T) {
	for _, c := range (&publish.Results{Job: &config.Job{}}).NewScorer().Columns() {
		if config.CheckDimension(c.Name) == "" {
			t.Errorf("got a dimension that may be called %s", c.Name)
		}
	}
}
