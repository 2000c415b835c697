package ingest

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/csvio"
	"github.com/quintile-dev/quintile/datasets/history"
	"github.com/quintile-dev/quintile/datasets/parquetio"
	"github.com/quintile-dev/quintile/datasets/table"
)

// everyLine returns the lines of every customer as the history has them, in its
// order.
func everyLine(t *testing.T, workers int, s Source) string {
	t.Helper()
	c := Config{Sources: []Source{s}, Zone: time.UTC, Workers: workers}
	b := history.NewBuilder(history.Config{Columns: c.Columns(), Workers: workers})
	if _, err := Load(context.Background(), c, b); err != nil {
		t.Fatal(err)
	}
	store, err := b.Seal()
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	var mu sync.Mutex
	buckets := map[int]string{}
	products := store.Dictionary(datasets.Product)
	err = store.Scan(context.Background(), func(_ int, b *history.Bucket) error {
		var out strings.Builder
		for i := range b.Customers.Len() {
			ev := b.Of(i)
			fmt.Fprintf(&out, "%s\n", b.Customers.At(i))
			for k := range ev.Len() {
				product := "-"
				if ev.Product[k] != datasets.NoCode {
					product = string(products.At(int(ev.Product[k])))
				}
				fmt.Fprintln(&out, ev.Time[k], ev.Order[k], product, ev.Quantity[k], ev.Amount[k], ev.Return[k])
			}
		}
		mu.Lock()
		defer mu.Unlock()
		buckets[b.Index] = out.String()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for i := range history.Partitions {
		all.WriteString(buckets[i])
	}
	return all.String()
}

// A row group of a Parquet file is read a stretch at a time. Neither where
// stretches end nor where row groups do can be seen in the history.
func TestLinesAreTheSameFromRowGroupsOfAnyLength(t *testing.T) {
	const rows = 40_000 // some stretches
	folder := t.TempDir()
	csv := write(t, "items.csv", lineItems(rows))
	r, err := csvio.Open(csv, csvio.DefaultOptions())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	frames := allFrames(t, r)
	want := everyLine(t, 2, itemSource(csv))
	if strings.Count(want, "\n") < rows {
		t.Fatalf("got %d lines from CSV, want at least %d", strings.Count(want, "\n"), rows)
	}
	for _, length := range []int{rows, 9_000, 500} {
		for _, coded := range []bool{false, true} {
			path := filepath.Join(folder, fmt.Sprintf("%d-%t.parquet", length, coded))
			columns := make([]table.Column, len(r.Fields()))
			for i, f := range r.Fields() {
				columns[i] = table.Column{Name: f.Name, Nullable: true, Dictionary: coded}
			}
			options := parquetio.DefaultOptions()
			options.RowGroupRows = length
			w, err := parquetio.Create(path, columns, options)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range frames {
				if err := w.WriteFrame(f); err != nil {
					t.Fatal(err)
				}
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			for workers := 1; workers <= 2; workers++ {
				if got := everyLine(t, workers, itemSource(path)); got != want {
					t.Errorf("row groups of %d rows, dictionaries: %t, %d workers: got other lines than from CSV", length, coded, workers)
				}
			}
		}
	}
}
