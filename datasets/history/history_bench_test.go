package history_test

import (
	"context"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/history"
	"github.com/quintile-dev/quintile/datasets/synth"
)

const (
	benchLines   = 3_000_000
	benchStretch = 1 << 14 // rows of a batch
)

// text is a column of texts that grows by row; with codes it is a dictionary.
type text struct {
	column datasets.Column
	codes  map[string]uint32
}

func newText(dictionary bool) *text {
	t := &text{column: datasets.Column{Field: datasets.Field{Kind: datasets.Text}}}
	if dictionary {
		t.codes, t.column.DictID = map[string]uint32{}, new(datasets.DictID)
	}
	return t
}

func (t *text) add(value string) {
	if t.codes == nil {
		t.column.Texts.Append([]byte(value))
		return
	}
	code, known := t.codes[value]
	if !known {
		code = uint32(len(t.codes))
		t.codes[value] = code
		t.column.Dict.Append([]byte(value))
	}
	t.column.Codes = append(t.column.Codes, code)
}

// batches returns the lines of a retailer as a loader hands them over.
func batches(b *testing.B) []*datasets.Transactions {
	b.Helper()
	c := synth.Default()
	c.Customers, c.Lines, c.Seed, c.Columns = benchLines/30, benchLines, 1, synth.Minimal
	r, err := synth.New(c)
	if err != nil {
		b.Fatal(err)
	}
	var all []*datasets.Transactions
	var customer, order, product *text
	var t *datasets.Transactions
	close := func() {
		t.Customer, t.Order, t.Dims[datasets.Product] = &customer.column, &order.column, &product.column
		all = append(all, t)
		t = nil
	}
	err = r.Each(context.Background(), func(row synth.Row) error {
		if t == nil {
			t = new(datasets.Transactions)
			customer, order, product = newText(true), newText(false), newText(true)
		}
		i := uint32(len(t.Time))
		if row.Customer == 0 {
			t.Anonymous = append(t.Anonymous, i)
		} else {
			t.Rows = append(t.Rows, i)
		}
		customer.add(row.CustomerID())
		order.add(row.OrderID())
		product.add(row.Product)
		t.Time = append(t.Time, row.Time)
		t.Quantity = append(t.Quantity, datasets.Quantity(row.Quantity)*datasets.One)
		t.Amount = append(t.Amount, datasets.Money(row.Quantity)*row.UnitPrice)
		t.Return = append(t.Return, row.Return)
		if len(t.Time) == benchStretch {
			close()
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	if t != nil {
		close()
	}
	return all
}

// BenchmarkHistory scatters the lines of a retailer and puts them together
// again, on one worker; both parts are in nanoseconds a line.
func BenchmarkHistory(b *testing.B) {
	all := batches(b)
	columns := datasets.Columns{Order: true}
	columns.Dims[datasets.Product] = true
	var appending, scanning int64
	for b.Loop() {
		builder := history.NewBuilder(history.Config{Columns: columns, Workers: 1})
		start := b.Elapsed()
		for _, t := range all {
			if err := builder.Appender(0).Append(t); err != nil {
				b.Fatal(err)
			}
		}
		appended := b.Elapsed()
		store, err := builder.Seal()
		if err != nil {
			b.Fatal(err)
		}
		if err := store.Scan(context.Background(), func(int, *history.Bucket) error { return nil }); err != nil {
			b.Fatal(err)
		}
		appending += int64(appended - start)
		scanning += int64(b.Elapsed() - appended)
		if err := store.Close(); err != nil {
			b.Fatal(err)
		}
	}
	lines := float64(b.N) * benchLines
	b.ReportMetric(float64(appending)/lines, "append-ns/line")
	b.ReportMetric(float64(scanning)/lines, "scan-ns/line")
}
