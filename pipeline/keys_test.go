package pipeline

import (
	"context"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/parquetio"
	"github.com/quintile-dev/quintile/pipeline/manifest"
)

// The figures of these tests are the answer keys of the data: published, or
// computed with established tools.

const exampleSteps = `
steps:
  rfm: {bins: 5, method: independent, monetary: gross}
  segments: {k: 4, features: [recency_days, frequency, monetary], transform: log, scale: standard}
  classify: {target: rfm_segment}
  rules: {min_support: 0.01, min_confidence: 0.5}
  churn: {horizon_days: 90}
`

func TestOnlineRetailWithCancellationsSetAside(t *testing.T) {
	job := parse(t, onlineRetail(shared(t, "online-retail/online-retail.csv.gz"), withoutReturns)+exampleSteps)
	result := mustRun(t, job)
	m := result.Manifest
	if m.Rows.Read != 541_909 || m.Rows.SetAside["no_customer"] != 135_080 || m.Rows.Kept != 397_884 {
		t.Errorf("rows: got %+v, want 541909 read, 135080 without a customer, 397884 kept", m.Rows)
	}
	if m.Customers != 4_338 || m.Orders != 18_532 || *m.Products != 3_665 || m.ReturnOrders != 0 {
		t.Errorf("got %d customers, %d orders, %d products, %d returns; want 4338, 18532, 3665, 0", m.Customers, m.Orders, *m.Products, m.ReturnOrders)
	}
	if m.Money.Gross != "8911407.904" || m.Money.Returns != "0.000" || m.Money.Net != "8911407.904" {
		t.Errorf("money: got %+v, want 8911407.904 gross and net", m.Money)
	}
	if got := metric(t, m, "segments", "inertia"); got > 3930.3975 || got < 3930.39 {
		t.Errorf("k-means: got inertia %v, want at most 3930.3975 and no less than 3930.39", got)
	}
	if sets, rules := metric(t, m, "rules", "itemsets"), metric(t, m, "rules", "rules"); sets != 1_031 || rules != 313 {
		t.Errorf("got %v item sets and %v rules, want 1031 and 313", sets, rules)
	}
	checkRFM(t, filepath.Join(result.Folder, "segments.parquet"))
}

// The share of customers with one order falls from 40.4 to 34.4 %; with cuts they
// score 1 on both days.
func TestOneTimeBuyersScoreOneWhateverTheirShare(t *testing.T) {
	for asOf, want := range map[string][]int{"2011-09-10": {1_362, 0, 669, 825, 514}, "2011-12-10": {1_493, 835, 508, 802, 700}} {
		text := onlineRetail(shared(t, "online-retail/online-retail.csv.gz"), withoutReturns) + "steps: {rfm: {}}\n"
		job := parse(t, strings.Replace(text, "as_of: 2011-12-10", "as_of: "+asOf, 1))
		got := make([]int, 5)
		for _, score := range readColumn(t, filepath.Join(mustRun(t, job).Folder, "segments.parquet"), "f_score") {
			got[int(score)-1]++
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %v customers of the F scores 1 to 5, want %v", asOf, got, want)
		}
	}
}

// checkRFM compares the columns of recency, frequency and money with the key.
func checkRFM(t *testing.T, path string) {
	t.Helper()
	r := readColumn(t, path, "recency_days")
	f := readColumn(t, path, "frequency")
	m := readColumn(t, path, "monetary")
	near := func(what string, got, want, tolerance float64) {
		t.Helper()
		if math.Abs(got-want) > tolerance {
			t.Errorf("%s: got %v, want %v", what, got, want)
		}
	}
	const printed = 0.5e-4 // half of the last place of the key
	near("mean R", mean(r), 93.0595, printed)
	near("mean F", mean(f), 4.2720, printed)
	near("mean M", mean(m), 2054.2665, printed)
	once, most := 0, 0.0
	for i := range f {
		if f[i] == 1 {
			once++
		}
		most = max(most, m[i])
	}
	if once != 1_493 {
		t.Errorf("got %d customers with one order, want 1493", once)
	}
	near("largest M", most, 280_206.02, 1e-6)
}

func mean(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum / float64(len(v))
}

// readColumn reads a column of numbers from a Parquet file.
func readColumn(t *testing.T, path, name string) []float64 {
	t.Helper()
	r, err := parquetio.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	at := -1
	for i, f := range r.Fields() {
		if f.Name == name {
			at = i
		}
	}
	if err := r.Select([]int{at}); err != nil {
		t.Fatal(err)
	}
	var out []float64
	var frame datasets.Frame
	for {
		part, err := r.Next(context.Background())
		if err != nil {
			return out
		}
		if err := part.Decode(&frame); err != nil {
			t.Fatal(err)
		}
		c := &frame.Columns[0]
		for i := range frame.Rows {
			if c.Kind == datasets.Float {
				out = append(out, c.Floats[i])
			} else {
				out = append(out, float64(c.Ints[i]))
			}
		}
	}
}

func TestOnlineRetailWithReturns(t *testing.T) {
	job := parse(t, onlineRetail(shared(t, "online-retail/online-retail.csv.gz"), withReturns)+exampleSteps)
	m := mustRun(t, job).Manifest
	if m.Rows.Kept != 406_789 || m.Rows.SetAside["free"] != 40 {
		t.Errorf("rows: got %+v, want 406789 kept and 40 free", m.Rows)
	}
	if m.Customers != 4_371 || m.Orders != 18_532 || m.ReturnOrders != 3_654 {
		t.Errorf("got %d customers, %d orders, %d returns; want 4371, 18532, 3654", m.Customers, m.Orders, m.ReturnOrders)
	}
	want := manifest.Money{Gross: "8911407.904", Returns: "-611342.090", Net: "8300065.814"}
	if *m.Money != want {
		t.Errorf("money: got %+v, want %+v", m.Money, want)
	}
	if w := m.Warnings[0]; w.Code != "returns_only" || w.Count != 33 {
		t.Errorf("got %+v, want a warning of 33 customers who only returned", w)
	}
}

func TestOnlineRetailLongRules(t *testing.T) {
	job := parse(t, onlineRetail(shared(t, "online-retail/online-retail.csv.gz"), withoutReturns)+`
steps:
  rules: {min_support: 0.005, min_confidence: 0.8, max_length: 10}
`)
	result := mustRun(t, job)
	if sets, rules := metric(t, result.Manifest, "rules", "itemsets"), metric(t, result.Manifest, "rules", "rules"); sets != 4_455 || rules != 588 {
		t.Errorf("got %v item sets and %v rules, want 4455 and 588", sets, rules)
	}
}

func TestOnlineRetailBestRule(t *testing.T) {
	job := parse(t, onlineRetail(shared(t, "online-retail/online-retail.csv.gz"), withoutReturns)+`
steps:
  rules: {min_support: 0.01, min_confidence: 0.8}
`)
	result := mustRun(t, job)
	path := filepath.Join(result.Folder, "rules.parquet")
	lift, confidence, support, count := readColumn(t, path, "lift"), readColumn(t, path, "confidence"), readColumn(t, path, "support"), readColumn(t, path, "count")
	if len(lift) != 19 {
		t.Fatalf("got %d rules, want 19", len(lift))
	}
	if math.Abs(lift[0]-61.89590) > 1e-5 || math.Abs(confidence[0]-0.9017857) > 1e-7 || math.Abs(support[0]-0.01090006) > 1e-8 || count[0] != 202 {
		t.Errorf("got lift %v, confidence %v, support %v, count %v; want 61.89590, 0.9017857, 0.01090006, 202", lift[0], confidence[0], support[0], count[0])
	}
}

// Baskets without customers, money or days are no job for the pipeline, but
// CDNOW, without orders and products, is.
func TestCDNOW(t *testing.T) {
	job := parse(t, `
job: cdnow
as_of: 1998-07-01
inputs:
  transactions:
    - path: `+shared(t, "cdnow/CDNOW_master.txt")+`
      delimiter: whitespace
      header: false
      names: [customer, day, cds, dollars]
      columns: {customer: customer, time: day, quantity: cds, amount: dollars}
`)
	m := mustRun(t, job).Manifest
	if m.Customers != 23_570 || m.Rows.Kept != 69_659 || m.Money.Gross != "2500315.630" {
		t.Errorf("got %d customers, %d rows, %s; want 23570, 69659, 2500315.630", m.Customers, m.Rows.Kept, m.Money.Gross)
	}
	if state := m.Steps["rules"]["state"]; state != "insufficient_data" {
		t.Errorf("rules without products: got the state %v, want insufficient_data", state)
	}
}
