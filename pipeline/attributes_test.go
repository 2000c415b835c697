package pipeline

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
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
	"github.com/quintile-dev/quintile/mining/featuretable"
	"github.com/quintile-dev/quintile/pipeline/config"
	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/publish"
)

// patrons describe the customers of the kiosk: ann in two rows that agree on all
// but the city, and cy, who never bought.
const patrons = `id,Age,City,Since
ann, 41.5 ,York,2019
ann,,Bath,2019
cy,30,Hull,2020
`

// withMembers adds an entry of customers to a job.
func withMembers(t *testing.T, job config.Job, path, numbers, categories string) config.Job {
	t.Helper()
	other := parse(t, "job: x\ninputs:\n  transactions: [{path: x, columns: {customer: c, time: t}}]\n"+
		"  customers: [{path: "+path+", columns: {customer: id}, numbers: {"+numbers+"}, categories: {"+categories+"}}]\nsteps: {}\n")
	job.Inputs.Customers = append(slices.Clone(job.Inputs.Customers), other.Inputs.Customers...)
	return job
}

// patronJob is a job over the kiosk with its patrons.
func patronJob(t *testing.T, steps string) (job config.Job, members string) {
	t.Helper()
	folder := t.TempDir()
	members = writeFile(t, folder, "members.csv", patrons)
	job = kioskJob(t, writeFile(t, folder, "kiosk.csv", kiosk), kioskDimensions, steps)
	return withMembers(t, job, members, "age: Age, joined: Since", "city: City"), members
}

// Worked by hand: rows of ann disagree in the city and in nothing else; bob has no
// row; cy has one and no purchase.
func TestAttributesBecomeFeatures(t *testing.T) {
	job, _ := patronJob(t, "{features: {}}")
	result := mustRun(t, job)
	path := filepath.Join(result.Folder, "features.parquet")
	for name, want := range map[string][]string{
		"customer": {"ann", "bob"}, "age": {"41.5", ""}, "city": {"", ""}, "joined": {"2019", ""}, "brand_main": {"zeta", ""},
	} {
		if got := cells(t, path, name); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	m := result.Manifest
	text, err := json.Marshal(m.Attributes)
	must(t, err)
	const want = `{"customers":2,"with_events":1,"without_events":1,"by_name":{"age":{"known":1,"disagreeing":0},` +
		`"city":{"known":0,"disagreeing":1,"categories":3},"joined":{"known":1,"disagreeing":0}}}`
	if string(text) != want {
		t.Errorf("got %s, want %s", text, want)
	}
	if len(m.Warnings) != 1 || m.Warnings[0].Code != "attributes_disagree" || m.Warnings[0].Count != 1 || !strings.Contains(m.Warnings[0].Message, "city") {
		t.Errorf("got the warnings %+v, want one, of the city", m.Warnings)
	}
	if in := m.Inputs; len(in) != 2 || in[0].Table != "" || in[1].Table != "customers" || in[1].Rows != 3 || m.Rows.Read != 7 {
		t.Errorf("got the inputs %+v and %d rows of line items, want a table beside 7", in, m.Rows.Read)
	}

	r := &publish.Results{Job: &job}
	attributes := []datasets.Attribute{{Name: "age"}, {Name: "city", Category: true}}
	columns := r.Resolve(featuretable.Columns(features.OfAttributes(attributes))[1:])
	columnsOf(t, columns)
	if columns[0].Type != table.Float64 || columns[1].Type != table.Text {
		t.Errorf("got %+v, want a number and a text", columns)
	}
}

func TestAttributesArePublishedByName(t *testing.T) {
	job, members := patronJob(t, "{features: {only: [city, recency_days, age]}}")
	must(t, os.WriteFile(members, []byte(strings.Replace(patrons, "ann,,Bath", "bob,,Bath", 1)), 0o600))
	path := filepath.Join(mustRun(t, job).Folder, "features.parquet")
	if got := cells(t, path, "city"); !slices.Equal(got, []string{"York", "Bath"}) {
		t.Errorf("got the cities %q, want York and Bath", got)
	}
	r, err := parquetio.Open(path)
	must(t, err)
	defer func() { must(t, r.Close()) }()
	if got := len(r.Fields()); got != 4 {
		t.Errorf("got %d columns, want the customer and three features", got)
	}
}

func TestRefusedRowsOfCustomersAreQuarantined(t *testing.T) {
	job, members := patronJob(t, "{features: {}}")
	must(t, os.WriteFile(members, []byte(patrons+"bob,old,York,2019\n"), 0o600))
	_, err := Run(context.Background(), job, testEnv())
	if exit.Of(err) != exit.BadData || !strings.Contains(err.Error(), "inputs.customers: 1 of 4 rows do not fit (25.00 %") {
		t.Errorf("got %v, want the gate of the table, though 1 of 11 rows of all files is less", err)
	}
	job.Quality.MaxQuarantined = 0.25
	folder := mustRun(t, job).Folder
	quarantine := filepath.Join(folder, "quarantine.parquet")
	if got := cells(t, quarantine, "got"); !slices.Equal(got, []string{"old"}) || cells(t, quarantine, "line")[0] != "5" {
		t.Errorf("got the refused rows %q", got)
	}
	if got := cells(t, filepath.Join(folder, "features.parquet"), "joined"); !slices.Equal(got, []string{"2019", ""}) {
		t.Errorf("got %q, want nothing of the row that was refused", got)
	}
}

func TestAttributesOfNobodyAreNoted(t *testing.T) {
	job, members := patronJob(t, "{features: {}, segments: {k: 2, features: [frequency, age]}}")
	must(t, os.WriteFile(members, []byte("id,Age,City,Since\nANN,1,York,3\n"), 0o600))
	m := mustRun(t, job).Manifest
	var codes []string
	for _, w := range m.Warnings {
		codes = append(codes, w.Code)
	}
	if !slices.Contains(codes, "attributes_unmatched") || m.Attributes.WithEvents != 0 {
		t.Errorf("got the warnings %q and %+v, want one that nobody was found", codes, m.Attributes)
	}
}

func TestCheckTellsOfAttributes(t *testing.T) {
	job, _ := patronJob(t, "{features: {}}")
	got, err := Check(context.Background(), job, testEnv())
	must(t, err)
	want := []string{"2 described", "age: 2 have a number", "city: 1 have one of 3 texts, rows disagree for 1", "joined: 2 have a number"}
	if len(got.Tables) != 1 || !slices.Equal(got.Tables[0].Found, want) || got.Tables[0].Inputs[0].Rows != 3 {
		t.Errorf("got %+v, want %q", got.Tables, want)
	}
}

func TestAttributesKeepWithinMemory(t *testing.T) {
	job, members := patronJob(t, "{features: {}}")
	var b bytes.Buffer
	b.WriteString("id,Age,City,Since\n")
	for i := range 40_000 {
		fmt.Fprintf(&b, "c%07d,1,York,2019\n", i)
	}
	must(t, os.WriteFile(members, b.Bytes(), 0o600))
	job.Memory = config.Size{Bytes: 4 << 20}
	_, err := Run(context.Background(), job, testEnv())
	var file *datasets.FileError
	if exit.Of(err) != exit.BadInput || !errors.As(err, &file) || !strings.Contains(err.Error(), "more than 1 MiB, want a table that fits a quarter of the memory budget; raise memory") {
		t.Errorf("got %v, want an error that says how to mend it", err)
	}
	job.Memory = config.Size{Bytes: 64 << 20}
	mustRun(t, job)
}

func TestUnchangedLooksAtTheCustomers(t *testing.T) {
	job, members := patronJob(t, "{features: {}}")
	job.History = t.TempDir()
	first := mustRun(t, job)
	skips(t, "the same again", job)
	must(t, os.WriteFile(members, []byte(strings.Replace(patrons, "41.5", "41.6", 1)), 0o600))
	second := runs(t, "another age", job, "members.csv is new or has changed")
	if second.Manifest.RunID == first.Manifest.RunID {
		t.Error("got the id of the run before, whose customers were others")
	}
	skips(t, "the same again", job)

	moved := filepath.Join(filepath.Dir(members), "patrons.csv")
	must(t, os.Rename(members, moved))
	job.Inputs.Customers[0].Path = filepath.Join(filepath.Dir(members), "[mp]*s.csv")
	runs(t, "another job", job, "the job has changed")
	must(t, os.Rename(moved, members))
	skips(t, "another name", job)
	must(t, os.WriteFile(moved, []byte(patrons), 0o600))
	runs(t, "one file more", job, "got 2 files of tables beside the line items, published from 1")
	must(t, os.Remove(moved))
	runs(t, "one file less", job, "got 1 files of tables beside the line items, published from 2")
	must(t, os.Remove(members))
	if _, err := RunIfChanged(context.Background(), job, testEnv()); exit.Of(err) != exit.BadInput {
		t.Errorf("got %v, want the error of a run whose file is gone", err)
	}
}

// The apparel retailer comes with a file of its customers. Each has the gender and
// the channel that a plain reading of that file gives.
func TestAttributesOfRealCustomers(t *testing.T) {
	members := shared(t, "apparel/apparelStaticCov.csv")
	job := parse(t, `
job: apparel
output: out
inputs:
  transactions:
    - path: `+shared(t, "apparel/apparelTrans.csv")+`
      columns: {customer: Id, time: Date, amount: Price}
  customers:
    - path: `+members+`
      columns: {customer: Id}
      numbers: {female: Gender}
      categories: {first_channel: Channel}
steps: {rfm: {}, features: {only: [female, first_channel]}, segments: {k: 3, features: [frequency, monetary, female]}, classify: {}}
`)
	result := mustRun(t, job)
	file, err := os.Open(members)
	must(t, err)
	rows, err := csv.NewReader(file).ReadAll()
	must(t, errors.Join(err, file.Close()))
	want := map[string]string{}
	for _, row := range rows[1:] {
		want[row[0]] = row[1] + " " + row[2]
	}
	path := filepath.Join(result.Folder, "features.parquet")
	female, channel := cells(t, path, "female"), cells(t, path, "first_channel")
	for i, id := range cells(t, path, "customer") {
		if got := female[i] + " " + channel[i]; got != want[id] {
			t.Fatalf("got %q of a customer, want %q", got, want[id])
		}
	}
	m := result.Manifest
	if a := m.Attributes; len(want) != 600 || a.Customers != 600 || a.WithEvents != 600 || a.ByName["female"].Known != 600 || *a.ByName["first_channel"].Categories != 2 {
		t.Errorf("got %+v of %d rows, want 600 customers of two channels", a, len(want))
	}
	for step, report := range m.Steps {
		if report["state"] != "ok" {
			t.Errorf("%s: got the state %v, want ok", step, report["state"])
		}
	}
}
