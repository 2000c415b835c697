package pipeline

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"

	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/place"
)

// Each of these inputs stops a run before anything is published, and the error
// says what was found and how to mend it.
func TestFilesThatCannotBeReadStopTheRun(t *testing.T) {
	f := func(name string, content []byte, code exit.Code, want ...string) {
		t.Helper()
		folder := t.TempDir()
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		job := parse(t, smallJob(t, fewLines))
		job.Inputs.Transactions[0].Path = path
		_, err := Run(context.Background(), job, testEnv())
		if exit.Of(err) != code {
			t.Errorf("%s: got exit code %d (%v), want %d", name, exit.Of(err), err, code)
			return
		}
		for _, w := range want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: got %q, want %q in it", name, err, w)
			}
		}
		if latest, _ := place.Latest(filepath.Join(job.Output, job.Job)); latest != "" {
			t.Errorf("%s: got %s published, want nothing", name, latest)
		}
		leftovers(t, filepath.Join(job.Output, job.Job))
	}
	f("empty.csv", nil, exit.BadInput, "empty.csv")
	f("header.csv", []byte("customer,time,order,product,quantity,price\n"), exit.BadData, "got no row to work with")
	f("carets.csv", []byte(strings.ReplaceAll(fewLines, ",", "^")), exit.BadInput, "carets.csv", "delimiter")
	f("utf16.csv", []byte("\xff\xfec\x00u\x00s\x00t\x00o\x00m\x00e\x00r\x00\n\x00"), exit.BadInput, "utf16.csv", "encoding")
	f("text.parquet", []byte(fewLines), exit.BadInput, "text.parquet")
	f("short.parquet", []byte("PAR1PAR1"), exit.BadInput, "short.parquet")
	f("text.arrow", []byte(fewLines), exit.BadInput, "text.arrow")

	var gz bytes.Buffer
	w := gzip.NewWriter(&gz)
	for i := range 2000 {
		fmt.Fprintf(w, "c%d,2024-01-01 10:00:00,%d,a,1,2.50\n", i, i)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	whole := append([]byte(nil), gz.Bytes()...)
	f("cut.csv.gz", whole[:len(whole)/2], exit.BadInput, "cut.csv.gz")
	f("noise.csv.gz", append(whole[:20:20], bytes.Repeat([]byte{0xA5}, 200)...), exit.BadInput, "noise.csv.gz")
}

// A step with nothing to go on says so; the others go on.
func TestStepsWithTooLittleSaySo(t *testing.T) {
	var sameDay, silent strings.Builder
	sameDay.WriteString("customer,time,order,product,quantity,price\n")
	silent.WriteString("customer,time,order,product,quantity,price\n")
	for i := range 600 {
		fmt.Fprintf(&sameDay, "c%04d,2024-01-01,%d,p%d,1,2.50\n", i, i, i%7)
		fmt.Fprintf(&silent, "c%04d,2024-01-%02d,%d,p%d,1,%d.50\n", i, 1+i%28, i, i%7, i%9)
	}
	f := func(name, data, asOf, step, state string) {
		t.Helper()
		m := mustRun(t, parse(t, smallJob(t, data)+"as_of: "+asOf+"\n")).Manifest
		if got := m.Steps[step]["state"]; got != state {
			t.Errorf("%s: %s: got the state %v, want %s", name, step, got, state)
		}
		if m.Steps["rfm"]["state"] != string(mining.OK) || m.Customers != 600 {
			t.Errorf("%s: got rfm %v of %d customers, want ok of 600", name, m.Steps["rfm"]["state"], m.Customers)
		}
	}
	f("all customers alike", sameDay.String(), "2024-01-02", "segments", "weak_structure")
	f("all customers alike", sameDay.String(), "2024-01-02", "classify", string(mining.Insufficient))
	f("nobody buys in the label window", silent.String(), "2024-12-31", "churn", string(mining.Insufficient))
	f("history begins after the cutoffs", silent.String(), "2024-02-01", "churn", string(mining.Insufficient))
}
