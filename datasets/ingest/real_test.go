package ingest

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/csvio"
	"github.com/quintile-dev/quintile/datasets/history"
	"github.com/quintile-dev/quintile/datasets/realdata"
)

func ptr[T any](v T) *T { return &v }

func onlineRetail(path string) Source {
	return Source{
		Path: path, CSV: csvio.DefaultOptions(), Decimal: '.',
		Columns: map[Role]string{
			Order: "InvoiceNo", "product": "StockCode", "description": "Description", Quantity: "Quantity",
			Time: "InvoiceDate", UnitPrice: "UnitPrice", Customer: "CustomerID", "region": "Country",
		},
	}
}

// total is what a scan of everything adds up to.
type total struct {
	customers, lines, returns int
	orders                    int
	money, returned           datasets.Money
}

func load(t *testing.T, workers int, sources ...Source) (*Report, total) {
	t.Helper()
	c := Config{Sources: sources, Zone: time.UTC, Workers: workers}
	b := history.NewBuilder(history.Config{Columns: c.Columns(), Workers: workers})
	report, err := Load(context.Background(), c, b)
	if err != nil {
		t.Fatal(err)
	}
	s, err := b.Seal()
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var all total
	err = s.Scan(context.Background(), func(_ int, b *history.Bucket) error {
		mu.Lock()
		defer mu.Unlock()
		all.customers += b.Customers.Len()
		for c := range b.Customers.Len() {
			ev := b.Of(c)
			orders := map[uint32]bool{}
			for i := range ev.Len() {
				all.lines++
				if ev.Return[i] {
					all.returns++
					all.returned += ev.Amount[i]
				} else {
					all.money += ev.Amount[i]
					orders[ev.Order[i]] = true
				}
			}
			all.orders += len(orders)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return report, all
}

func TestOnlineRetailComesOutAsItsAnswerKeySays(t *testing.T) {
	s := onlineRetail(realdata.Path(t, "online-retail/online-retail.csv.gz"))
	s.SetAside = []Rule{
		{Name: "cancellation", Column: "order", Prefix: ptr("C")},
		{Name: "not_positive", Column: "quantity", Max: ptr(int64(0))},
		{Name: "free", Column: "unit_price", Max: ptr(int64(0))},
	}
	report, got := load(t, 2, s)
	in := report.Inputs[0]
	if in.Rows != 541_909 || in.SetAside[NoCustomer] != 135_080 || in.Kept != 397_884 || in.Quarantined != 0 {
		t.Errorf("got %+v, want 541909 rows, 135080 without a customer, 397884 kept", in)
	}
	want := total{customers: 4_338, lines: 397_884, orders: 18_532, money: 8_911_407_904_000}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if report.Formats[s.Path] != "%m/%d/%Y %H:%M" {
		t.Errorf("got the time format %q, want %%m/%%d/%%Y %%H:%%M", report.Formats[s.Path])
	}
}

func TestOnlineRetailWithReturns(t *testing.T) {
	s := onlineRetail(realdata.Path(t, "online-retail/online-retail.csv.gz"))
	s.Returns = &Rule{Column: "order", Prefix: ptr("C")}
	s.SetAside = []Rule{
		{Name: "adjustment", Column: "order", Prefix: ptr("A")},
		{Name: "free", Column: "unit_price", Max: ptr(int64(0))},
	}
	report, got := load(t, 1, s)
	if in := report.Inputs[0]; in.Kept != 406_789 {
		t.Errorf("got %d rows kept, want 406789", in.Kept)
	}
	want := total{customers: 4_371, lines: 406_789, returns: 8_905, orders: 18_532, money: 8_911_407_904_000, returned: -611_342_090_000}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestCDNOWComesOutAsItsAnswerKeySays(t *testing.T) {
	options := csvio.DefaultOptions()
	options.Delimiter, options.Header = csvio.Whitespace, false
	s := Source{
		Path: realdata.Path(t, "cdnow/CDNOW_master.txt"), CSV: options, Decimal: '.',
		Columns: map[Role]string{Customer: "1", Time: "2", Quantity: "3", Amount: "4"},
	}
	report, got := load(t, 2, s)
	if in := report.Inputs[0]; in.Rows != 69_659 || in.Kept != 69_659 {
		t.Errorf("got %+v, want 69659 rows, all kept", in)
	}
	if got.customers != 23_570 || got.money != 2_500_315_630_000 {
		t.Errorf("got %d customers and %s, want 23570 and 2500315.63", got.customers, got.money)
	}
}

func TestGuessFindsOnlineRetail(t *testing.T) {
	path := realdata.Path(t, "online-retail/online-retail.csv.gz")
	g, err := File{Path: path, Name: path}.Guess(context.Background(), csvio.DefaultOptions())
	if err != nil {
		t.Fatal(err)
	}
	want := onlineRetail(path).Columns
	for role, column := range want {
		if g.Columns[role] != column {
			t.Errorf("%s: got %q, want %q", role, g.Columns[role], column)
		}
	}
	if g.TimeFormat != "%m/%d/%Y %H:%M" || g.Returns != "C" || !g.FreeLines || len(g.Oddities) != 1 || g.Oddities[0] != "A" {
		t.Errorf("got %+v", g)
	}
}
