package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/arrowio"
	"github.com/quintile-dev/quintile/datasets/csvio"
	"github.com/quintile-dev/quintile/datasets/parquetio"
	"github.com/quintile-dev/quintile/datasets/table"
)

// canary stands in each cell that can be personal of each row with a fault.
const canary = "CANARY@example.com"

// canaryFiles are files whose faults are of every kind. Their good rows have no
// canary.
var canaryFiles = map[string]string{
	"bad_time":     "K,x1,K,K,K,1,2.50,K\n",
	"late_time":    "K,9999-99-99 10:00:00,K,K,K,1,2.50,K\n",
	"no_time":      "K,,K,K,K,1,2.50,K\n",
	"bad_quantity": "K,2024-01-02 10:00:00,K,K,K,one,2.50,K\n",
	"bad_price":    "K,2024-01-02 10:00:00,K,K,K,1,\"2,50,x\",K\n",
	"no_price":     "K,2024-01-02 10:00:00,K,K,K,1,,K\n",
	"large":        "K,2024-01-02 10:00:00,K,K,K,1,9999999999999999,K\n",
	"product":      "K,2024-01-02 10:00:00,K,K,K,999999999,999999999,K\n",
	"few_fields":   "K,2024-01-02 10:00:00,K,K\n",
	"one_field":    "K\n",
	"many_fields":  "K,2024-01-02 10:00:00,K,K,K,1,2.50,K,K,K\n",
	"bad_quote":    "K,2024-01-02 10:00:00,K,K,K\"K,1,2.50,K\n",
	"open_quote":   "K,2024-01-02 10:00:00,K,\"K,K,1,2.50,K\n",
	"bad_text":     "K,2024-01-02 10:00:00,K\xff,K,K,1,2.50,K\n",
	"bad_text_id":  "K\xff,2024-01-02 10:00:00,K,K,K,1,2.50,K\n",
	"bad_text_day": "K,2024-01-02 10:00:00\xff,K,K,K,1,2.50,K\n",
	"whole_file":   strings.Repeat("K,K,K,K,K,K,K,K\n", 60),
}

const canaryHeader = "customer,time,order,product,description,quantity,price,remark\n"

// canaryLines returns a file with faults after good rows.
func canaryLines(faults string) string {
	var b strings.Builder
	b.WriteString(canaryHeader)
	for i := range 40 {
		fmt.Fprintf(&b, "c%d,2024-01-%02d 10:00:00,o%d,p%d,thing,1,2.50,fine\n", i%10, 1+i%28, i/2, i%5)
	}
	return b.String() + strings.ReplaceAll(faults, "K", canary)
}

// asFrame reads a text file as a frame; rows that it cannot split are left out.
func asFrame(t *testing.T, path string) *datasets.Frame {
	t.Helper()
	r, err := csvio.Open(path, csvio.DefaultOptions())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	part, err := r.Next(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	frame := new(datasets.Frame)
	if err := part.Decode(frame); err != nil {
		t.Fatal(err)
	}
	return frame
}

// converted writes a text file in another format, all columns as texts.
func converted(t *testing.T, path, ending string) string {
	t.Helper()
	frame := asFrame(t, path)
	to := strings.TrimSuffix(path, ".csv") + ending
	if ending == ".parquet" {
		var columns []table.Column
		for _, c := range frame.Columns {
			columns = append(columns, table.Column{Name: c.Name, Type: table.Text})
		}
		w, err := parquetio.Create(to, columns, parquetio.DefaultOptions())
		if err == nil {
			err = errors.Join(w.WriteFrame(frame), w.Close())
		}
		if err != nil {
			t.Fatal(err)
		}
		return to
	}
	var fields []datasets.Field
	for _, c := range frame.Columns {
		fields = append(fields, c.Field)
	}
	file, err := os.Create(to)
	if err != nil {
		t.Fatal(err)
	}
	w, err := arrowio.NewWriter(file, fields, arrowio.DefaultOptions())
	if err == nil {
		err = errors.Join(w.Write(frame), w.Close(), file.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	return to
}

// sings runs the program with the arguments and fails the test if anything that it
// prints has a canary. It returns what was printed.
func sings(t *testing.T, args ...string) (code int, printed string) {
	t.Helper()
	var b strings.Builder
	code = run(args, nil, &b, &b)
	out := b.String()
	if strings.Contains(out, "CANARY") {
		t.Errorf("quintile %s prints what is personal: %s", strings.Join(args, " "), out)
	}
	if code == 1 || code == 2 || code < 0 {
		t.Errorf("quintile %s: got exit code %d, want that of bad data or of success: %s", strings.Join(args, " "), code, out)
	}
	return code, out
}

// searchWritten fails the test if a file below the folder has a canary, unless it is
// a quarantine, and returns whether a quarantine has one.
func searchWritten(t *testing.T, folder string) (quarantined bool) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if filepath.Ext(path) == ".parquet" {
			text = append(text, textsOf(t, path)...)
		}
		if !bytes.Contains(text, []byte("CANARY")) {
			return nil
		}
		if filepath.Base(path) == "quarantine.parquet" || filepath.Base(filepath.Dir(path)) == "quarantine" {
			quarantined = true
			return nil
		}
		t.Errorf("%s has what is personal of a row that was refused", path)
		return nil
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return quarantined
}

// textsOf returns the texts of a Parquet file.
func textsOf(t *testing.T, path string) (texts []byte) {
	t.Helper()
	r, err := parquetio.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	columns := make([]int, len(r.Fields()))
	for i := range columns {
		columns[i] = i
	}
	if err := r.Select(columns); err != nil {
		t.Fatal(err)
	}
	var frame datasets.Frame
	for {
		part, err := r.Next(context.Background())
		if errors.Is(err, io.EOF) {
			return texts
		}
		if err == nil {
			err = part.Each(&frame, func() error {
				for k := range frame.Columns {
					for i := range frame.Rows {
						texts = append(frame.Columns[k].AppendText(texts, i), '\n')
					}
				}
				return nil
			})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

const canaryJob = `
job: shop
output: %s
history: %s
quality: {max_quarantined: %s}
inputs:
  transactions:
    - path: %s
      columns: {customer: %s, time: %s, order: order, product: product, description: description, quantity: quantity, unit_price: price}
%s
steps:
  rfm: {}
  features: {}
`

// No row that is refused leaves a trace of a person anywhere but in the quarantine:
// not in what is printed or logged, nor in what is published or kept.
func TestRefusedRowsNameNobodyOutsideTheQuarantine(t *testing.T) {
	folder := t.TempDir()
	write := func(name, text string) string {
		t.Helper()
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	kept := 0
	try := func(name, data, customer, time, more string) {
		t.Helper()
		for _, allowed := range []string{"0%", "100%"} {
			output := filepath.Join(folder, "out", name+allowed[:1])
			job := write("job.yaml", fmt.Sprintf(canaryJob, output, filepath.Join(output, "state"), allowed, data, customer, time, more))
			sings(t, "check", job)
			code, printed := sings(t, "run", job)
			if code == 0 {
				lines := strings.Fields(printed)
				sings(t, "score", job, lines[len(lines)-1])
				sings(t, "run", "--log", "console", job)
			}
			if searchWritten(t, output) {
				kept++
			}
		}
		sings(t, "init", data)
	}
	for name, faults := range canaryFiles {
		path := write(name+".csv", canaryLines(faults))
		try(name, path, "customer", "time", "")
		if testing.Short() {
			continue
		}
		if !strings.Contains(name, "text") {
			try(name+"_parquet", converted(t, path, ".parquet"), "customer", "time", "")
			try(name+"_arrow", converted(t, path, ".arrow"), "customer", "time", "")
		}
	}
	const wholeRows = 8 // files of which the quarantine shows whole rows
	if kept < wholeRows {
		t.Errorf("got %d runs with canaries in their quarantine, want %d or more: the test looks at nothing", kept, wholeRows)
	}

	// Files that do not fit at all.
	_, rest, _ := strings.Cut(canaryLines(""), "\n")
	path := write("headless.csv", strings.ReplaceAll("K,2024-01-02 10:00:00,K,K,K,1,2.50,K\n", "K", canary)+rest)
	try("headless", path, "customer", "time", "")
	path = write("undated.csv", canaryHeader+strings.ReplaceAll(strings.Repeat("K,K,K,K,K,1,2.50,K\n", 5), "K", canary))
	try("undated", path, "customer", "customer", "")
	path = write("latin.csv", "K\xe4"+strings.ReplaceAll(canaryHeader, "customer", canary+"\xe4"))
	try("latin", path, "customer", "time", "")

	// Tables beside the line items.
	path = write("lines.csv", canaryLines(""))
	for name, aliases := range map[string]string{
		"no_customer": "K,\n", "no_alias": ",K\n", "two": "K,c1\nK,c2\n", "circle": "K,KK\nKK,K\n", "fields": "K\nK,K,K\n", "quote": "K\"K,K\n", "text": "K\xff,K\n",
	} {
		ids := write("ids_"+name+".csv", "alias,customer\n"+strings.Repeat("a1,c1\n", 3)+strings.ReplaceAll(aliases, "K", canary))
		try("ids_"+name, path, "customer", "time", "  identities: [{path: "+ids+", columns: {alias: alias, customer: customer}}]")
	}
	for name, row := range map[string]string{"number": "K,K,fine\n", "id": ",1,K\n", "fields": "K\n", "quote": "K\"K,1,K\n", "text": "K,1,K\xff\n"} {
		who := write("who_"+name+".csv", "id,age,city\nc1,30,fine\nc2,31,fine\n"+strings.ReplaceAll(row, "K", canary))
		try("who_"+name, path, "customer", "time", "  customers: [{path: "+who+", columns: {customer: id}, numbers: {age: age}, categories: {city: city}}]")
	}
}
