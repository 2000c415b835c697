package pipeline

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/place"
	"github.com/quintile-dev/quintile/pipeline/tempdir"
)

// fewLines is a small retailer: enough for every step to say what it says of
// too little data.
const fewLines = `customer,time,order,product,quantity,price
c1,2024-01-01 10:00:00,1,a,1,2.50
c1,2024-01-01 10:00:00,1,b,2,1.25
c2,2024-01-05 11:30:00,2,a,1,2.50
c2,2024-03-01 09:00:00,3,c,3,0.10
c3,2024-03-02 09:00:00,4,a,1,2.50
`

func smallJob(t *testing.T, data string) string {
	t.Helper()
	return `
job: small
inputs:
  transactions:
    - path: ` + writeFile(t, t.TempDir(), "lines.csv", data) + `
      columns: {customer: customer, time: time, order: order, product: product, quantity: quantity, unit_price: price}
`
}

func TestRunWithFewCustomersSaysSoAndPublishes(t *testing.T) {
	m := mustRun(t, parse(t, smallJob(t, fewLines))).Manifest
	if m.Customers != 3 || m.Orders != 4 || m.Money.Gross != "10.300" {
		t.Errorf("got %d customers, %d orders, %s; want 3, 4, 10.300", m.Customers, m.Orders, m.Money.Gross)
	}
	for _, step := range []string{"segments", "classify", "rules", "churn"} {
		if state := m.Steps[step]["state"]; state != "insufficient_data" {
			t.Errorf("%s: got the state %v, want insufficient_data", step, state)
		}
	}
}

func TestSecondRunReplacesTheFirst(t *testing.T) {
	job := parse(t, smallJob(t, fewLines))
	first := mustRun(t, job)
	before := digests(t, first.Folder)
	second := mustRun(t, job)
	if first.Folder != second.Folder {
		t.Errorf("got %s, want %s again", second.Folder, first.Folder)
	}
	for name, sum := range digests(t, second.Folder) {
		if before[name] != sum {
			t.Errorf("%s differs in a run that was repeated", name)
		}
	}
	latest, err := place.Latest(filepath.Join(job.Output, job.Job))
	if err != nil || latest != second.Folder {
		t.Errorf("latest: got %q, %v; want %q", latest, err, second.Folder)
	}
	leftovers(t, filepath.Join(job.Output, job.Job))
}

// leftovers fails the test where anything but publications is left in a job's
// folder.
func leftovers(t *testing.T, folder string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		known := slices.Contains([]string{"latest", tempdir.LockName, "failed"}, e.Name())
		if !known && !strings.HasPrefix(e.Name(), "as_of=") {
			t.Errorf("got %s left in the folder of the job, want publications only", e.Name())
		}
	}
}

func TestFailedRunLeavesThePublishedOneWhole(t *testing.T) {
	job := parse(t, smallJob(t, fewLines))
	published := mustRun(t, job)
	before := digests(t, published.Folder)
	job.Inputs.Transactions[0].Columns["quantity"] = "no such column"
	_, err := Run(context.Background(), job, testEnv())
	if exit.Of(err) != exit.BadInput {
		t.Errorf("got exit code %d (%v), want %d", exit.Of(err), err, exit.BadInput)
	}
	if !strings.Contains(err.Error(), `column "no such column" not found`) || !strings.Contains(err.Error(), `"price"`) {
		t.Errorf("got %q, want the missing column and those there are", err)
	}
	after := digests(t, published.Folder)
	for name, sum := range before {
		if after[name] != sum {
			t.Errorf("%s changed in a run that failed", name)
		}
	}
}

func TestCancelledRunPublishesNothing(t *testing.T) {
	job := parse(t, smallJob(t, fewLines))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := Run(ctx, job, testEnv())
	if !errors.Is(err, context.Canceled) || exit.Of(err) != exit.Interrupted {
		t.Errorf("got %v, want context.Canceled", err)
	}
	if latest, _ := place.Latest(filepath.Join(job.Output, job.Job)); latest != "" {
		t.Errorf("got %s published, want nothing", latest)
	}
	leftovers(t, filepath.Join(job.Output, job.Job))
}

func TestTwoRunsAtOnceAreRefused(t *testing.T) {
	job := parse(t, smallJob(t, fewLines))
	release, err := tempdir.Lock(filepath.Join(job.Output, job.Job))
	if err != nil {
		t.Fatal(err)
	}
	_, err = Run(context.Background(), job, testEnv())
	if exit.Of(err) != exit.Locked || !strings.Contains(err.Error(), "another run") {
		t.Errorf("got %v, want exit code %d and the reason", err, exit.Locked)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	mustRun(t, job)
}

// The folder of a job as a kill between any two steps of publishing leaves it is
// mended by the next run.
func TestNextRunMendsWhatAKillLeft(t *testing.T) {
	job := parse(t, smallJob(t, fewLines))
	published := mustRun(t, job)
	folder := filepath.Join(job.Output, job.Job)
	before := digests(t, published.Folder)

	if err := os.MkdirAll(filepath.Join(folder, ".staging-"+"as_of=2024-03-03", "crm"), 0o700); err != nil {
		t.Fatal(err)
	}
	aside := filepath.Join(folder, ".replaced-"+filepath.Base(published.Folder))
	if err := os.Rename(published.Folder, aside); err != nil {
		t.Fatal(err)
	}
	if err := place.Recover(folder); err != nil {
		t.Fatal(err)
	}
	after := digests(t, published.Folder)
	for name, sum := range before {
		if after[name] != sum {
			t.Errorf("%s was not put back", name)
		}
	}
	mustRun(t, job)
	leftovers(t, folder)
}

func TestTooManyBadRowsStopTheRun(t *testing.T) {
	bad := fewLines + "c4,2024-02-30 09:00:00,5,a,1,2.50\nc4,2024-02-03 09:00:00,5,a,x,2.50\n"
	job := parse(t, smallJob(t, bad))
	_, err := Run(context.Background(), job, testEnv())
	if exit.Of(err) != exit.BadData {
		t.Fatalf("got exit code %d (%v), want %d", exit.Of(err), err, exit.BadData)
	}
	for _, want := range []string{"2 of 7 rows", `lines.csv:7`, `"2024-02-30 09:00:00"`, `lines.csv:8`, `column "quantity"`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got %q, want %q in it", err, want)
		}
	}
	job.Quality.MaxQuarantined = 0.5
	m := mustRun(t, job).Manifest
	if m.Rows.Quarantined != 2 || m.Rows.Kept != 5 {
		t.Errorf("got %+v, want 2 rows quarantined and 5 kept", m.Rows)
	}
}

func TestEventsAfterAsOfAreSetAside(t *testing.T) {
	job := parse(t, smallJob(t, fewLines)+"as_of: 2024-02-01\n")
	m := mustRun(t, job).Manifest
	if m.Rows.SetAside["after_as_of"] != 2 || m.Rows.Kept != 3 || m.Customers != 2 || m.AsOf != "2024-02-01" {
		t.Errorf("got %+v, %d customers; want 2 rows after as_of, 3 kept, 2 customers", m.Rows, m.Customers)
	}
}

func TestAmbiguousTimesShowBothReadings(t *testing.T) {
	job := parse(t, smallJob(t, "customer,time,order,product,quantity,price\nc1,1/2/2024,1,a,1,2\nc2,3/4/2024,2,a,1,2\n"))
	_, err := Run(context.Background(), job, testEnv())
	if exit.Of(err) != exit.BadInput {
		t.Fatalf("got exit code %d (%v), want %d", exit.Of(err), err, exit.BadInput)
	}
	for _, want := range []string{"2024-01-02", "2024-02-01", "time_format"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got %q, want %q in it", err, want)
		}
	}
}

func TestTheSameFileTwiceIsCountedOnce(t *testing.T) {
	folder := t.TempDir()
	writeFile(t, folder, "a.csv", fewLines)
	writeFile(t, folder, "b.csv", fewLines)
	job := parse(t, smallJob(t, fewLines))
	want := mustRun(t, job).Manifest
	job.Inputs.Transactions[0].Path = folder
	got := mustRun(t, job).Manifest
	if got.Rows.Read != want.Rows.Read || *got.Money != *want.Money || len(got.Inputs) != 1 {
		t.Errorf("got %+v from %d files, want %+v from one", got.Rows, len(got.Inputs), want.Rows)
	}
}
