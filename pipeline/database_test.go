package pipeline

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"github.com/quintile-dev/quintile/datasets/pgio/pgtest"
	"github.com/quintile-dev/quintile/pipeline/config"
)

// readJob reads a job as the command does.
func readJob(t *testing.T, folder, text string) config.Job {
	t.Helper()
	job, err := config.Read(writeFile(t, folder, "job.yaml", text))
	if err != nil {
		t.Fatal(err)
	}
	return job
}

const serverJob = `
job: shop
output: out
%s
inputs:
  transactions:
    - path: %s
      table: lines
      %s
      columns: {customer: customer, time: at, order: id, quantity: pieces, unit_price: price, product: sku}
  customers:
    - {path: "%s", query: "SELECT DISTINCT customer, 20 + customer %% 50 AS age FROM lines ORDER BY 1", columns: {customer: customer}, numbers: {age: age}}
steps: {rfm: {}}
`

func TestATableOfAServerGivesWhatTheSameFileGives(t *testing.T) {
	server := pgtest.Start(t)
	const password = "open/sesame@%"
	server.Exec(t, `CREATE ROLE reader LOGIN PASSWORD 'open/sesame@%'; GRANT pg_read_all_data TO reader;
		CREATE TABLE lines (id serial, customer int, at timestamp, sku text, pieces numeric, price numeric(10,2));
		INSERT INTO lines (customer, at, sku, pieces, price) SELECT i % 50, timestamp '2024-01-01' + i * interval '5 hours', 'P' || i % 7, 1 + i % 3, (i % 1000) / 100.0 FROM generate_series(1, 1500) AS i`)
	t.Setenv("QUINTILE_TEST_PASSWORD", password)
	url := strings.Replace(server.URL, "postgres@", "reader:${QUINTILE_TEST_PASSWORD}@", 1)
	folder := t.TempDir()
	var log bytes.Buffer
	env := testEnv()
	env.Log = zerolog.New(&log)
	run := func(text string) *Result {
		t.Helper()
		got, err := Run(context.Background(), readJob(t, folder, text), env)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	fromServer := run(fmt.Sprintf(serverJob, "", url, "", url))

	// The same rows as a file.
	csv := strings.Builder{}
	csv.WriteString("customer,at,id,pieces,price,sku\n")
	var people strings.Builder
	people.WriteString("customer,age\n")
	for i := 1; i <= 1500; i++ {
		fmt.Fprintf(&csv, "%d,2024-01-01 00:00:00,%d,%d,%d.%02d,P%d\n", i%50, i, 1+i%3, i%1000/100, i%100, i%7)
	}
	for i := range 50 {
		fmt.Fprintf(&people, "%d,%d\n", i, 20+i)
	}
	writeFile(t, folder, "lines.csv", csv.String())
	writeFile(t, folder, "people.csv", people.String())
	text := strings.ReplaceAll(fmt.Sprintf(serverJob, "", "lines.csv", "", "people.csv"), "table: lines", "")
	text = strings.Replace(text, `query: "SELECT DISTINCT customer, 20 + customer % 50 AS age FROM lines ORDER BY 1", `, "", 1)
	fromFile := run(strings.Replace(text, "job: shop", "job: file", 1))
	a, b := fromServer.Manifest, fromFile.Manifest
	if *a.Money != *b.Money || a.Customers != b.Customers || a.Rows.Kept != 1500 || b.Rows.Kept != 1500 {
		t.Errorf("got %+v and %d customers, want %+v and %d", a.Money, a.Customers, b.Money, b.Customers)
	}

	// With a kept history a run reads what is new.
	kept := fmt.Sprintf(serverJob, "history: state", url, "since: id", url)
	first := run(strings.Replace(kept, "job: shop", "job: kept", 1))
	server.Exec(t, "INSERT INTO lines (customer, at, sku, pieces, price) VALUES (7, '2024-12-01', 'P1', 1, 10), (51, '2024-12-02', 'P1', 1, 10)")
	second := run(strings.Replace(kept, "job: shop", "job: kept", 1))
	third := run(strings.Replace(kept, "job: shop", "job: kept", 1))
	if first.Manifest.Rows.Kept != 1500 || second.Manifest.Rows.Kept != 1502 || third.Manifest.Rows.Kept != 1502 || second.Manifest.Customers != 51 {
		t.Errorf("got %d, %d and %d rows, want 1500, 1502 and 1502", first.Manifest.Rows.Kept, second.Manifest.Rows.Kept, third.Manifest.Rows.Kept)
	}
	if in := second.Manifest.Inputs; !strings.HasSuffix(in[1].Path, "#lines?id<=1502") && !strings.HasSuffix(in[0].Path, "#lines?id<=1502") {
		t.Errorf("got the inputs %+v", in)
	}

	// An error of the server names no password; nor does anything that was written.
	_, err := Run(context.Background(), readJob(t, folder, strings.Replace(fmt.Sprintf(serverJob, "", url, "", url), "table: lines", "table: missing", 1)), env)
	if err == nil || !strings.Contains(err.Error(), `"missing" does not exist`) {
		t.Errorf("got %v", err)
	}
	written := log.String() + fmt.Sprint(err)
	must(t, filepath.WalkDir(filepath.Join(folder, "out"), func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			data, err := os.ReadFile(path)
			written += string(data)
			return err
		}
		return err
	}))
	for _, secret := range []string{password, "open%2Fsesame", "sesame"} {
		if strings.Contains(written, secret) {
			t.Errorf("the password is in what was written")
		}
	}
	if !strings.Contains(written, "postgres://reader@127.0.0.1") {
		t.Error("got no trace of the server in the manifest, want its address")
	}
}

func TestFaultsOfAServerInAJob(t *testing.T) {
	for text, want := range map[string]string{
		"path: \"postgres://u:opensesame@h:x/db\"\n      table: a": "got a URL that cannot be read (hidden",
		"path: postgres://u@h/db":                                  "neither or both of table and query",
		"path: a.csv\n      table: a":                              "a path that is no server",
		"path: a.csv\n      since: a":                              "files are told apart by their contents",
		"path: postgres://u@h/db\n      table: a":                  "no since: all rows would be taken in again",
	} {
		folder := t.TempDir()
		path := writeFile(t, folder, "job.yaml", "job: a\nhistory: state\ninputs:\n  transactions:\n    - "+text+"\n      columns: {customer: c, time: t}\n")
		if _, err := config.Read(path); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "opensesame") {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
}
