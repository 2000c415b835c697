package config

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/datasets/ingest"
	"github.com/quintile-dev/quintile/mining/churn"
	"github.com/quintile-dev/quintile/mining/rfm"
	"github.com/quintile-dev/quintile/mining/segments"
	"github.com/quintile-dev/quintile/mining/setting"
	"github.com/quintile-dev/quintile/pipeline/steps"
)

var update = flag.Bool("update", false, "write docs/config.md anew")

// example is the job of the documentation; every line of it must go on working.
const example = `
job: online-retail              # names the output folder
as_of: 2011-12-10               # a day; default: the day after the last event
time_zone: Europe/London        # of naive timestamps, and of day boundaries; default UTC
currency: GBP
seed: 1
output: out                     # folder or bucket URL; also --output
# history: state/online-retail  # keep the history store: incremental runs
# memory: 4GiB                  # also --memory
# workers: 2                    # default all cores; also --workers
inputs:
  transactions:
    - path: data/online-retail.csv.gz       # file, glob or folder; .csv .tsv .parquet .arrow, with .gz or .zst
      columns: {order: InvoiceNo, product: StockCode, description: Description, quantity: Quantity,
                time: InvoiceDate, unit_price: UnitPrice, customer: CustomerID, region: Country}
      time_format: "%m/%d/%Y %H:%M"         # strftime; default: detected, ambiguity is an error
      returns: {column: order, prefix: C}   # these rows are returns: kept, signed, outside baskets
      set_aside:                            # left out by rule, counted under the name, first match wins
        - {name: adjustment, column: order, prefix: A}
        - {name: free, column: unit_price, max: 0}
quality: {max_quarantined: 1%}
steps:                                      # a step named is a step run; a missing steps runs the default set
  rfm: {bins: 5, method: independent, monetary: gross}
  segments: {k: 4, features: [recency_days, frequency, monetary], transform: log, scale: standard}
  classify: {target: rfm_segment}
  rules: {min_support: 0.01, min_confidence: 0.5}
  churn: {horizon_days: 90}
`

func parseExample(t *testing.T, text string) Job {
	t.Helper()
	job, err := Parse("job.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return job
}

func TestExampleReadsAsWritten(t *testing.T) {
	job := parseExample(t, example)
	if job.Job != "online-retail" || job.AsOf.String() != "2011-12-10" || job.Currency != "GBP" || job.Steps.Get("features") != nil {
		t.Errorf("got %+v", job)
	}
	in := job.Inputs.Transactions[0]
	if !in.Header || in.Encoding != "utf-8" || in.Decimal != "." || in.Columns["customer"] != "CustomerID" {
		t.Errorf("got %+v, want the mapping with the defaults of an entry", in)
	}
	if *in.Returns.Prefix != "C" || len(in.SetAside) != 2 || *in.SetAside[1].Max != 0 || in.SetAside[1].Min != nil {
		t.Errorf("got the rules %+v %+v", in.Returns, in.SetAside)
	}
	if s := SettingsOf[segments.Settings](job.Steps); s.K != 4 || s.MaxK != 10 || s.Transform != "log" {
		t.Errorf("got %+v, want k 4 and the other defaults", s)
	}
	if s := SettingsOf[churn.Settings](job.Steps); job.Quality.MaxQuarantined != 0.01 || s.HorizonDays != 90 || s.Cutoffs != 3 {
		t.Errorf("got %+v %+v", job.Quality, s)
	}
}

func TestMissingStepsRunTheDefaultSet(t *testing.T) {
	head, _, _ := strings.Cut(example, "steps:")
	s := parseExample(t, head).Steps
	for _, step := range steps.Table() {
		if s.Get(step.Name) == nil {
			t.Errorf("got no %s, want every step", step.Name)
		}
	}
	s = parseExample(t, head+"steps: {rfm: }\n").Steps
	if set := SettingsOf[rfm.Settings](s); set == nil || set.Bins != 5 || len(s.Wanted()) != 1 {
		t.Errorf("got %+v, want rfm with its defaults and nothing else", s)
	}
}

func TestFaultsNamePlaceAndMend(t *testing.T) {
	f := func(text string, want ...string) {
		t.Helper()
		_, err := Parse("job.yaml", []byte(text))
		if err == nil {
			t.Errorf("%q: got no error", text)
			return
		}
		for _, w := range want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("got %q, want %q in it", err, w)
			}
		}
	}
	const head = "job: a\ninputs: {transactions: [{path: a.csv, columns: {customer: c, time: t}}]}\n"
	f("", "job.yaml: got an empty file")
	f("a: [", "job.yaml:1:", "not YAML")
	f("job: a\njob: b\n", `job.yaml:2:1: got text that is not YAML: mapping key "job" already defined`)
	f("- a\n", "job.yaml:1:1: got a list, want a block of fields")
	f(head+"as_of: 2011-13-01\n", `job.yaml:3:8: as_of: got "2011-13-01", want a day such as 2011-12-10`)
	f(head+"memory: lots\n", `memory: got "lots", want a size such as 4GiB, 500MB or 60%`)
	f(head+"workers: 0\n", `workers: got "0", want an integer from 1 to 1024`)
	f(head+"time_zone: Mars/Olympus\n", `time_zone: got "Mars/Olympus", want the name of a zone`)
	f(head+"steps: {rfm: {bins: 99}}\n", `steps.rfm.bins: got "99", want an integer from 2 to 9`)
	f(head+"steps: {classify: {}}\n", "steps.classify.target: got rfm_segment, want the step rfm to be named as well")
	f(head+"steps: {churn: {min_auc: 1.01}}\n", `job.yaml:3:26: steps.churn.min_auc: got "1.01", want a number from 0 to 1`)
	f(head+"steps: {churn: {min_auc: -0.1}}\n", `steps.churn.min_auc: got "-0.1", want a number from 0 to 1`)
	f(head+"steps: {churn: {min_auc: NaN}}\n", `steps.churn.min_auc: got "NaN", want a number from 0 to 1`)
	f(head+"steps: {churn: {min_auc: 65%}}\n", `steps.churn.min_auc: got "65%", want a number from 0 to 1`)
	f(head+"outptu: x\n", `unknown field "outptu"; did you mean "output"?`)
	f("job: a\ninputs: {transactions: [{path: a, columns: {customer: c, time: t, amount: a, unit_price: p}}]}\n", "got both amount and unit_price")
	f("job: a\ninputs: {transactions: [{path: a, columns: {customer: c, time: t}, set_aside: [{name: x, column: order}]}]}\n", "got 0 tests, want exactly one")
	f("job: a\ninputs: {transactions: [{path: a, columns: {customer: c, time: t}, set_aside: [{name: no_customer, column: order, prefix: A}]}]}\n", "want a name other than the built-in")
}

// A job without a bar is the same job as before there were bars: its digest, by
// which runs are compared, has no trace of the field.
func TestBarIsNoneByDefault(t *testing.T) {
	job := parseExample(t, example)
	text, err := json.Marshal(job)
	if err != nil {
		t.Fatal(err)
	}
	if bar := SettingsOf[churn.Settings](job.Steps).MinAUC; bar != nil || bytes.Contains(text, []byte("min_auc")) {
		t.Errorf("got the bar %v in %s, want none", bar, text)
	}
	without, err := job.Digest()
	if err != nil {
		t.Fatal(err)
	}
	for _, bar := range []string{"0", "0.65", "1"} {
		barred := parseExample(t, strings.Replace(example, "horizon_days: 90", "horizon_days: 90, min_auc: "+bar, 1))
		if got := SettingsOf[churn.Settings](barred.Steps).MinAUC; got == nil || strconv.FormatFloat(*got, 'f', -1, 64) != bar {
			t.Errorf("got the bar %v, want %s", got, bar)
		}
		if with, err := barred.Digest(); err != nil || with == without {
			t.Errorf("bar %s: got the digest of the job without it, %v", bar, err)
		}
		readsBack(t, barred)
	}
}

// withDimensions is the example with further dimensions.
func withDimensions(list string) string {
	return strings.Replace(example, "      time_format:", "      dimensions: {"+list+"}\n      time_format:", 1)
}

func TestDimensionsOfTheJobsOwnAreRead(t *testing.T) {
	job := parseExample(t, withDimensions("brand: Brand, payment_method: How paid, line2: x"))
	source := job.Sources()[0]
	if len(source.Further) != 3 || source.Further["payment_method"] != "How paid" || source.Columns["brand"] != "" {
		t.Errorf("got %+v", source)
	}
	columns := ingest.Config{Sources: job.Sources()}.Columns()
	if got := columns.FurtherNames(); !slices.Equal(got, []string{"brand", "line2", "payment_method"}) {
		t.Errorf("got the dimensions %q", got)
	}
	readsBack(t, job)
}

func TestNamesOfDimensionsAreChecked(t *testing.T) {
	f := func(list string, want ...string) {
		t.Helper()
		_, err := Parse("job.yaml", []byte(withDimensions(list)))
		if err == nil {
			t.Errorf("%s: got no error", list)
			return
		}
		for _, w := range want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: got %q, want %q in it", list, err, w)
			}
		}
	}
	f("Brand: B", `job.yaml:16:20: inputs.transactions[0].dimensions: got the name "Brand", want lower-case letters`)
	f("my-brand: B, _b: B, b__c: B, 1b: B", `"my-brand"`, `"_b"`, `"b__c"`, `"1b"`)
	f(strings.Repeat("a", 41)+": B", "at most 40 characters")
	f("region: R", `got the name "region", which is a role; map it under columns`)
	f("unit_price: R", `which is a role`)
	f("stores: S", `got the name "stores", which would clash with the feature stores_distinct; choose another name`)
	f("monetary: S", `clash with the feature monetary`)
	f("class: C", `got the name "class", which is that of a column of the outputs; choose another name, such as my_class`)
	f("return: C", `that of a column`)
	f(`brand: ""`, `got no column for brand, want one`)
	f("brand: ", `dimensions.brand: got nothing, want the name of a column`)
	f("brand: {a: b}", `dimensions.brand: got a block of fields, want the name of a column`)
	f("a: A, b: A, c: A, d: A, e: A, f: A, g: A, h: A, i: A", "inputs.transactions: got 9 dimensions (a, b, c, d, e, f, g, h, i), want at most 8 over all entries; remove some")
	parseExample(t, withDimensions("a: A, b: A, c: A, d: A, e: A, f: A, g: A, h: A"))
}

// The bound is one over all entries: the history has them all.
func TestDimensionsAreBoundedOverAllEntries(t *testing.T) {
	entry := "{path: x, columns: {customer: c, time: t}, dimensions: {%s}}"
	text := "job: a\ninputs: {transactions: [" + fmt.Sprintf(entry, "a: A, b: A, c: A, d: A, e: A") + ", " + fmt.Sprintf(entry, "d: A, e: A, f: A, g: A, h: A%s") + "]}\n"
	parseExample(t, fmt.Sprintf(text, ""))
	if _, err := Parse("job.yaml", []byte(fmt.Sprintf(text, ", i: A"))); err == nil || !strings.Contains(err.Error(), "got 9 dimensions") {
		t.Errorf("got %v, want the fault of nine dimensions", err)
	}
}

// A slip in the name of a role is never taken for a dimension.
func TestUnknownRolesStayErrors(t *testing.T) {
	for role, want := range map[string]string{"regin": `unknown role "regin"; did you mean "region"?`, "brand": "a dimension of your own goes under dimensions"} {
		text := strings.Replace(example, "region: Country", role+": Country", 1)
		if _, err := Parse("job.yaml", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q in it", role, err, want)
		}
	}
}

// A job that names no dimensions is the same job as before there were any, and
// goes on with the history it has kept.
func TestJobsWithoutDimensionsAreAsBefore(t *testing.T) {
	job := parseExample(t, example)
	text, err := json.Marshal(job)
	if err != nil {
		t.Fatal(err)
	}
	entries, err := json.Marshal(job.Inputs)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(bytes.ToLower(text), []byte("dimensions")) || bytes.Contains(bytes.ToLower(entries), []byte("dimensions")) {
		t.Errorf("got a trace of dimensions in %s or %s", text, entries)
	}
	before, err := job.MappingDigest()
	if err != nil {
		t.Fatal(err)
	}
	other := parseExample(t, withDimensions("brand: Brand"))
	if after, err := other.MappingDigest(); err != nil || after == before {
		t.Errorf("got the mapping of a job without dimensions, %v", err)
	}
}

func TestSizesAndSharesCarryTheirUnit(t *testing.T) {
	f := func(text string, want Size) {
		t.Helper()
		var s Size
		if _, ok := s.Set(text); !ok || s != want {
			t.Errorf("%s: got %+v, %v; want %+v", text, s, ok, want)
		}
	}
	f("4GiB", Size{Bytes: 4 << 30})
	f("2GB", Size{Bytes: 2e9})
	f("512 MiB", Size{Bytes: 512 << 20})
	f("50%", Size{Share: 0.5})
	var share setting.Share
	if _, ok := share.Set("0.5%"); !ok || share != 0.005 {
		t.Errorf("0.5%%: got %v", share)
	}
}

// The effective job, written as JSON, is a job file itself and means the same.
func TestEffectiveJobReadsBack(t *testing.T) {
	job := parseExample(t, example)
	readsBack(t, job)
}

func readsBack(t *testing.T, job Job) {
	t.Helper()
	text, err := json.Marshal(job)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Parse(job.Path, text)
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	again.Workers, again.Memory = job.Workers, job.Memory // which are no part of it
	second, err := json.Marshal(again)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(text, second) || !reflect.DeepEqual(job.Steps, again.Steps) {
		t.Errorf("got %s, want %s", second, text)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(example)
	f.Add("job: &a b\ninputs: *a\n")
	f.Add("job: a\n<<: {seed: 2}\n")
	f.Add("{job: a, inputs: {transactions: [{path: x, columns: {customer: c, time: t}, dimensions: {brand: B, payment_method: P}}, {path: y, columns: {customer: c, time: t}, dimensions: {}}]}}")
	f.Add("{job: a, inputs: {transactions: [{path: x, columns: {customer: c, time: t}, dimensions: {Brand: B, stores: '', region: r, _: x}}]}}")
	f.Add("{job: a, inputs: {transactions: [{path: x, columns: {customer: c, time: t}}]}}")
	f.Add("{job: a, inputs: {transactions: [{path: 's3://b/k', columns: {customer: c, time: t}}], identities: [{path: x, columns: {alias: a, customer: c}, header: false, names: [a, c]}]}}")
	f.Add("{job: a, inputs: {transactions: [{path: x, columns: {customer: c, time: t}}], customers: [{path: x, columns: {customer: c}, numbers: {age: A}, categories: {city: C}, decimal: ','}]}}")
	f.Fuzz(func(t *testing.T, text string) {
		job, err := Parse("job.yaml", []byte(text))
		if err == nil {
			readsBack(t, job)
		}
	})
}

func TestDocsAreCurrent(t *testing.T) {
	var b bytes.Buffer
	if err := WriteDocs(&b); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("..", "..", "docs", "config.md")
	if *update {
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, b.Bytes()) {
		t.Error("docs/config.md is not what the fields say; write it anew with: make golden")
	}
}

func TestSchemaIsJSON(t *testing.T) {
	var b bytes.Buffer
	if err := WriteSchema(&b); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), `"maxProperties": 8`) || !strings.Contains(b.String(), `"pattern": "^[a-z][a-z0-9]*(_[a-z0-9]+)*$"`) {
		t.Error("got a schema that does not bound dimensions")
	}
	var schema struct {
		Properties map[string]any
	}
	if err := json.Unmarshal(b.Bytes(), &schema); err != nil {
		t.Fatal(err)
	}
	if schema.Properties["steps"] == nil {
		t.Error("got a schema without steps")
	}
}

func TestOutputMayBeAPlaceInABucket(t *testing.T) {
	f := func(output string, want Place, isURL bool) {
		t.Helper()
		job := Default()
		job.Output = output
		if got, is, err := job.Place(); got != want || is != isURL || err != nil {
			t.Errorf("%s: got %+v, %v, %v; want %+v, %v", output, got, is, err, want, isURL)
		}
	}
	f("s3://lake/", Place{"lake", ""}, true)
	f("s3://lake", Place{"lake", ""}, true)
	f("s3://my.lake-1/crm/segments/", Place{"my.lake-1", "crm/segments"}, true)
	f("s3://lake/année=1/x", Place{"lake", "année=1/x"}, true)
	for _, folder := range []string{"out", "/srv/out", `C:\out`, "C:/out", "c://out", "a:b", "out/s3://x"} {
		f(folder, Place{}, false)
	}
}

func TestPlacesThatCannotBeWrittenToSayWhatWorks(t *testing.T) {
	f := func(output string, wants ...string) {
		t.Helper()
		_, err := Parse("job.yaml", []byte("job: shop\noutput: '"+output+"'\ninputs: {transactions: [{path: x.csv, columns: {customer: a, time: b}}]}\n"))
		if err == nil {
			t.Fatalf("%s: got no error", output)
		}
		for _, want := range append(wants, "job.yaml:2:9: output: got ") {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got %q, want %q in it", output, err, want)
			}
		}
		if strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: got %q, which shows a password", output, err)
		}
	}
	f("gs://lake/x", "want s3://lake/x", "AWS_ENDPOINT_URL=https://storage.googleapis.com")
	f("s3a://lake/x", "want it written s3://lake/x")
	f("S3://lake/x", "want it written s3://lake/x")
	f("s3:/lake/x", "want it written s3://lake/x")
	f("az://lake/x", "Azure has no S3 interface")
	f("file:///srv/out", "without file://")
	f("https://lake.s3.amazonaws.com/x", "AWS_ENDPOINT_URL")
	f("http://localhost:9000/lake", "AWS_ENDPOINT_URL")
	f("ftp://host/x", `the scheme "ftp"`)
	f("s3://key:secret/x@lake/x", "hidden")
	f("s3://", "3 to 63")
	f("s3:///x", "3 to 63")
	f("s3://Lake/x", "3 to 63")
	f("s3://lake_1/x", "3 to 63")
	f("s3://la..ke/x", "3 to 63")
	f("s3://lake//x", "neither empty nor dots")
	f("s3://lake/x/../y", "neither empty nor dots")
	f("s3://lake/a b", "without blanks")
	f("s3://lake/a*", "without blanks")
}

func TestInputsMayBeInABucket(t *testing.T) {
	f := func(url string, want Input) {
		t.Helper()
		text := "job: shop\ninputs: {transactions: [{path: '" + url + "', columns: {customer: a, time: b}}]}\n"
		if _, err := Parse("job.yaml", []byte(text)); err != nil {
			t.Errorf("%s: got %v", url, err)
		}
		if got, err := ParseInput(url); got != want || err != nil {
			t.Errorf("%s: got %+v, %v; want %+v", url, got, err, want)
		}
	}
	f("s3://lake", Input{"lake", ""})
	f("s3://lake/", Input{"lake", ""})
	f("s3://lake/a b/ü@x?.csv", Input{"lake", "a b/ü@x?.csv"})
	f("s3://my.lake-1/daily/2011-*.csv.gz", Input{"my.lake-1", "daily/2011-*.csv.gz"})
	f("s3://lake//x/../y/", Input{"lake", "/x/../y/"})
	for _, url := range []string{"s3://lake", "s3://lake/x/", "s3://lake/x/*.csv"} {
		if got, err := ParseInput(url); got.URL() != url || err != nil {
			t.Errorf("got %s, %v; want %s", got.URL(), err, url)
		}
	}
}

func TestInputsThatCannotBeReadSayWhatWorks(t *testing.T) {
	f := func(url string, wants ...string) {
		t.Helper()
		_, err := Parse("job.yaml", []byte("job: shop\ninputs:\n  transactions:\n    - path: '"+url+"'\n      columns: {customer: a, time: b}\n"))
		if err == nil {
			t.Fatalf("%s: got no error", url)
		}
		for _, want := range append(wants, "job.yaml:4:13: inputs.transactions[0].path: got ") {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got %q, want %q in it", url, err, want)
			}
		}
		if strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: got %q, which shows a password", url, err)
		}
	}
	f("gs://lake/x.csv", "want s3://lake/x.csv", "AWS_ENDPOINT_URL=https://storage.googleapis.com")
	f("s3a://lake/x", "want it written s3://lake/x")
	f("az://lake/x", "want s3://bucket/key or a local path", "copy the files into a folder first")
	f("file:///srv/x.csv", "without file://")
	f("https://lake.s3.amazonaws.com/x", "AWS_ENDPOINT_URL")
	f("ftp://host/x", `the scheme "ftp", want s3://bucket/key or a local path`)
	f("s3://KEY:secret/x@lake/x", "hidden")
	f("http://key:secret@lake/x", "hidden")
	f("s3://", "3 to 63")
	f("s3:///x", "3 to 63")
	f("s3://lake*/x", "3 to 63")
}

func TestHistoryIsALocalFolder(t *testing.T) {
	_, err := Parse("job.yaml", []byte("job: shop\nhistory: s3://lake/x\ninputs: {transactions: [{path: x.csv, columns: {customer: a, time: b}}]}\n"))
	if err == nil || !strings.Contains(err.Error(), "job.yaml:2:10: history: got a URL, want a local folder") {
		t.Errorf("got %v, want a fault of history", err)
	}
}

func withIdentities(entry string) string {
	return strings.Replace(example, "quality:", "  identities:\n    - "+entry+"\nquality:", 1)
}

func TestIdentitiesAreReadAndChecked(t *testing.T) {
	job := parseExample(t, withIdentities(`{path: ids.csv, columns: {alias: Web ID, customer: ID}, delimiter: tab, missing: [NA]}`))
	got := job.Identities()
	if len(got) != 1 || got[0].Path != "ids.csv" || got[0].Alias != "Web ID" || got[0].Customer != "ID" || got[0].CSV.Delimiter != '\t' || !slices.Equal(got[0].Missing, []string{"NA"}) {
		t.Errorf("got %+v, want what the entry says", got)
	}
	readsBack(t, job)
	for entry, want := range map[string]string{
		"{columns: {alias: a, customer: c}}":                              "inputs.identities[0].path: got no path",
		"{path: x, columns: {alias: a}}":                                  "inputs.identities[0].columns: got no column for customer, want one",
		"{path: x}":                                                       "inputs.identities[0].columns: got no column for alias, want one",
		"{path: x, columns: {alias: a, customer: a}}":                     `got the column "a" for alias and for customer, want two columns`,
		"{path: x, columns: {alias: a, customer: c, time: t}}":            `unknown role "time"; the roles are alias, customer`,
		"{path: x, columns: {alias: a, customer: c}, thousands: '::'}":    "inputs.identities[0].thousands: got",
		"{path: x, columns: {alias: a, customer: c}, returns: {max: 0}}":  `unknown field "returns"`,
		"{path: x, columns: {alias: a, customer: c}, delimiter: '<tab>'}": "inputs.identities[0].delimiter: got",
	} {
		if _, err := Parse("job.yaml", []byte(withIdentities(entry))); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q in it", entry, err, want)
		}
	}
}

// A history goes on where aliases are told later; those that it was made with, it
// knows itself.
func TestAliasesAreNoPartOfTheMapping(t *testing.T) {
	without, with := parseExample(t, example), parseExample(t, withIdentities(`{path: ids.csv, columns: {alias: a, customer: c}}`))
	a, errA := without.MappingDigest()
	b, errB := with.MappingDigest()
	if errA != nil || errB != nil || a != b {
		t.Errorf("got %s (%v) and %s (%v), want the same", a, errA, b, errB)
	}
	a, errA = without.Digest()
	b, errB = with.Digest()
	if errA != nil || errB != nil || a == b {
		t.Errorf("got the job %s (%v) twice (%v), want two jobs", a, errA, errB)
	}
}
