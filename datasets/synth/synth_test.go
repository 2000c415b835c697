package synth

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/parquetio"
)

// small returns a retailer that is quick to make.
func small() Config {
	c := Default()
	c.Customers, c.Lines = 400, 12_000
	return c
}

func retailer(t *testing.T, c Config) *Retailer {
	t.Helper()
	r, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func csvOf(t *testing.T, c Config) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := retailer(t, c).WriteCSV(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func rowsOf(t *testing.T, r *Retailer) []Row {
	t.Helper()
	var rows []Row
	if err := r.Each(t.Context(), func(row Row) error { rows = append(rows, row); return nil }); err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestSameSeedSameBytes(t *testing.T) {
	c := small()
	want := csvOf(t, c)
	if !bytes.Equal(csvOf(t, c), want) {
		t.Error("two retailers of one config differ")
	}
	c.Seed++
	if bytes.Equal(csvOf(t, c), want) {
		t.Error("another seed gave the same retailer")
	}
	c = small()
	digest := func(name string) [32]byte {
		path := filepath.Join(t.TempDir(), name)
		if err := retailer(t, c).WriteParquet(t.Context(), path); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return sha256.Sum256(text)
	}
	if digest("a.parquet") != digest("b.parquet") {
		t.Error("two Parquet files of one config differ")
	}
}

func TestARetailerCanBeWrittenTwice(t *testing.T) {
	r := retailer(t, small())
	var first, second bytes.Buffer
	if err := errors.Join(r.WriteCSV(t.Context(), &first), r.WriteCSV(t.Context(), &second)); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("writing a retailer changed it")
	}
}

func TestCSVAndParquetHoldTheSameRows(t *testing.T) {
	for _, columns := range []Columns{Minimal, Full} {
		c := small()
		c.Columns = columns
		path := filepath.Join(t.TempDir(), "lines.parquet")
		if err := retailer(t, c).WriteParquet(t.Context(), path); err != nil {
			t.Fatal(err)
		}
		cells, err := csv.NewReader(bytes.NewReader(csvOf(t, c))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		got := readParquet(t, path)
		if len(cells) != len(got) {
			t.Fatalf("%s: %d rows in CSV, %d in Parquet", columns, len(cells)-1, len(got)-1)
		}
		for i := range cells {
			for j, want := range cells[i] {
				if !sameCell(want, got[i][j]) {
					t.Fatalf("%s: row %d, %s: %q in CSV, %q in Parquet", columns, i, cells[0][j], want, got[i][j])
				}
			}
		}
	}
}

func sameCell(a, b string) bool {
	if x, err := strconv.ParseFloat(a, 64); err == nil && strings.Contains(a, ".") {
		y, err := strconv.ParseFloat(b, 64)
		return err == nil && x == y
	}
	return a == strings.Replace(b, "T", " ", 1) || a == b
}

// readParquet returns the cells of a file as texts, the header first.
func readParquet(t *testing.T, path string) [][]string {
	t.Helper()
	r, err := parquetio.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var header []string
	var all []int
	for i, f := range r.Fields() {
		header, all = append(header, f.Name), append(all, i)
	}
	if err := r.Select(all); err != nil {
		t.Fatal(err)
	}
	out := [][]string{header}
	var frame datasets.Frame
	for {
		part, err := r.Next(t.Context())
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := part.Decode(&frame); err != nil {
			t.Fatal(err)
		}
		for i := range frame.Rows {
			var row []string
			for j := range frame.Columns {
				row = append(row, string(frame.Columns[j].AppendText(nil, i)))
			}
			out = append(out, row)
		}
	}
}

func TestEachHasWhatCSVHas(t *testing.T) {
	c := small()
	cells, err := csv.NewReader(bytes.NewReader(csvOf(t, c))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range rowsOf(t, retailer(t, c)) {
		want := cells[i+1]
		two := func(m datasets.Money) string { return strconv.FormatFloat(m.Float(), 'f', 2, 64) }
		got := []string{
			row.OrderID(), row.CustomerID(), strings.Replace(row.Time.String(), "T", " ", 1), row.Product, strconv.Itoa(row.Quantity),
			two(row.UnitPrice), row.Category, row.Channel, row.Region, two(row.Discount), two(row.Cost),
		}
		for j := range want {
			if got[j] != want[j] {
				t.Fatalf("row %d, %s: got %q, want %q", i, cells[0][j], got[j], want[j])
			}
		}
	}
}

func TestCountsAreExact(t *testing.T) {
	f := func(change func(*Config)) {
		t.Helper()
		c := small()
		change(&c)
		r := retailer(t, c)
		lines, orders := map[int64]int{}, map[int64]map[int64]bool{}
		n, anonymous := 0, 0
		for _, row := range rowsOf(t, r) {
			n++
			if row.Customer == 0 {
				anonymous++
				continue
			}
			lines[row.Customer]++
			if orders[row.Customer] == nil {
				orders[row.Customer] = map[int64]bool{}
			}
			if !row.Return {
				orders[row.Customer][row.Order] = true
			}
		}
		if n != c.Lines || anonymous != c.anonymousLines() || len(lines) != c.Customers {
			t.Errorf("%+v: got %d lines, %d anonymous, %d customers; want %d anonymous", c, n, anonymous, len(lines), c.anonymousLines())
		}
		for i := range c.Customers {
			id := r.Customer(i)
			truth, ok := r.Truth(id)
			if !ok || truth.Lines != lines[id] || truth.Orders != len(orders[id]) {
				t.Fatalf("customer %d: got %d lines in %d orders, the truth is %+v, %v", id, lines[id], len(orders[id]), truth, ok)
			}
		}
	}
	f(func(*Config) {})
	f(func(c *Config) { c.Lines = 12_347 })
	f(func(c *Config) { c.AnonymousShare, c.Lines = 0, c.Customers })
	f(func(c *Config) { c.Customers, c.Lines = 1, 1 })
	f(func(c *Config) { c.Customers, c.Lines = 1, 2_000 })
	f(func(c *Config) { c.Customers, c.Lines = 2, 2_000 })
	f(func(c *Config) { c.Days = 1 })
	f(func(c *Config) { c.Days = 36525 })
	f(func(c *Config) { c.AnonymousShare, c.ReturnShare = 0.9, 0.2 })
	f(func(c *Config) { c.AnonymousShare, c.ReturnShare = 0, 0 })
	f(func(c *Config) { c.LinesPerOrder = 1 })
	f(func(c *Config) { c.LinesPerOrder = 40 })
	f(func(c *Config) { c.Products, c.Categories = 50, 50 })
	f(func(c *Config) { c.Start = datasets.DayOf(1, 1, 1) })
}

func TestIDsAreDistinctAndFoundAgain(t *testing.T) {
	for _, n := range []int{1, 2, 3, 10, 4096, 30_030, 900_001} {
		ids := newNumbering(7, n)
		seen := make([]bool, n)
		for i := range n {
			id := ids.id(i)
			at := uint64(id) - ids.base
			if at >= uint64(n) || seen[at] {
				t.Fatalf("%d customers: customer %d has the id %d, which is out of range or taken", n, i, id)
			}
			seen[at] = true
			if back, ok := ids.index(id); !ok || back != i {
				t.Fatalf("%d customers: the id of %d leads to %d, %v", n, i, back, ok)
			}
		}
		for _, id := range []int64{-1, 0, int64(ids.base) - 1, int64(ids.base) + int64(n)} {
			if _, ok := ids.index(id); ok {
				t.Errorf("%d customers: %d is nobody's id, but was found", n, id)
			}
		}
	}
}

func TestValidateReportsEveryFault(t *testing.T) {
	c := Config{LinesPerOrder: math.NaN(), Start: math.MaxInt32, AnonymousShare: -1, ReturnShare: 1, Columns: 9}
	err := c.Validate()
	for _, field := range []string{
		"customers", "lines per order", "start", "days", "anonymous share", "return share", "products", "categories", "columns",
	} {
		if err == nil || !strings.Contains(err.Error(), "synth: "+field+": got ") {
			t.Errorf("%s is not among the faults: %v", field, err)
		}
	}
	c = small()
	c.Lines = c.Customers
	if err := c.Validate(); err == nil || !strings.Contains(err.Error(), "lines: got 400") {
		t.Errorf("fewer lines than customers: got %v", err)
	}
	if _, err := New(c); err == nil {
		t.Error("New took a faulty config")
	}
	if err := Default().Validate(); err != nil {
		t.Error(err)
	}
}

func TestParseColumnsIsTheInverseOfString(t *testing.T) {
	for _, c := range []Columns{Minimal, Full} {
		if got, err := ParseColumns(c.String()); got != c || err != nil {
			t.Errorf("got %v, %v, want %v", got, err, c)
		}
	}
	if _, err := ParseColumns("some"); err == nil {
		t.Error("took an unknown name")
	}
}

func TestErrorsAndCancellationEndTheWalk(t *testing.T) {
	r := retailer(t, small())
	stop := errors.New("stop")
	n := 0
	err := r.Each(t.Context(), func(Row) error { n++; return stop })
	if !errors.Is(err, stop) || n != 1 {
		t.Errorf("got %v after %d rows, want stop after 1", err, n)
	}
	ctx, cancel := context.WithCancel(t.Context())
	n = 0
	err = r.Each(ctx, func(Row) error {
		if n++; n == 10 {
			cancel()
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) || n > 2*batchLines {
		t.Errorf("got %v after %d rows, want a cancelled walk soon after 10", err, n)
	}
	path := filepath.Join(t.TempDir(), "lines.parquet")
	if err := r.WriteParquet(ctx, path); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want a cancelled file", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("half a file was left: %v", err)
	}
	if err := r.WriteCSV(t.Context(), full{}); !errors.Is(err, errFull) {
		t.Errorf("got %v, want that of the writer", err)
	}
}

var errFull = errors.New("disk full")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestMemoryIsThatOfTheCustomers(t *testing.T) {
	allocated := func(lines int) uint64 {
		c := small()
		c.Lines = lines
		r := retailer(t, c)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if err := r.each(t.Context(), func([]line) error { return nil }); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	few, many := allocated(20_000), allocated(1_000_000)
	if many > few+2<<20 { // a day's orders and the returns of a month
		t.Errorf("a million lines took %d bytes, twenty thousand %d", many, few)
	}
}
