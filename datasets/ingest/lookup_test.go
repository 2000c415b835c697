package ingest

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/csvio"
	"github.com/quintile-dev/quintile/datasets/history"
)

// lookedUp reads a lookup of a file.
func lookedUp(t *testing.T, s LookupSource, text string) *Lookup {
	t.Helper()
	s.Path, s.CSV, s.Decimal = write(t, "lookup.csv", []byte(text)), csvio.DefaultOptions(), '.'
	l := s.Lookup()
	if _, err := ReadLookup(context.Background(), s, l, 1<<20, nil); err != nil {
		t.Fatal(err)
	}
	return l
}

// seen is what a history holds of a line: category, holiday, cost and discount.
func seen(t *testing.T, workers int, s Source) (*Report, map[string]int) {
	t.Helper()
	c := Config{Sources: []Source{s}, Zone: time.UTC, Workers: workers}
	b := history.NewBuilder(history.Config{Columns: c.Columns(), Workers: workers})
	report, err := Load(context.Background(), c, b)
	if err != nil {
		t.Fatal(err)
	}
	store, err := b.Seal()
	if err != nil {
		t.Fatal(err)
	}
	columns := store.Columns()
	texts := func(d datasets.Dimension, code uint32) string {
		if code == datasets.NoCode {
			return "∅"
		}
		return string(store.Dictionary(d).At(int(code)))
	}
	money := func(all []datasets.Money, i int) string {
		if all == nil || all[i] == datasets.NoMoney {
			return "∅"
		}
		return all[i].String()
	}
	lines := map[string]int{}
	err = store.Scan(context.Background(), func(_ int, b *history.Bucket) error {
		for c := range b.Customers.Len() {
			ev := b.Of(c)
			for i := range ev.Len() {
				var cells []string
				if ev.Category != nil {
					cells = append(cells, "category="+texts(datasets.Category, ev.Category[i]))
				}
				if codes := ev.FurtherCodes(0); codes != nil {
					cells = append(cells, columns.Name(datasets.Dimension(datasets.Dimensions))+"="+texts(datasets.Dimension(datasets.Dimensions), codes[i]))
				}
				lines[strings.Join(append(cells, "cost="+money(ev.Cost, i), "discount="+money(ev.Discount, i)), " ")]++
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return report, lines
}

const lookupLines = "customer,day,order,sku,quantity,price,d1,d2\n" +
	"a,2024-12-24 10:00:00,1,P1,2,10,1,0.5\na,2024-12-25 10:00:00,2,P2,3,10,,0.25\nb,2024-12-26 10:00:00,3,P9,1,10,,\nb,2024-12-26 11:00:00,4,P1,-1,10,2,\nc,2024-12-27 11:00:00,5,P3,1,10,2,\n"

func lookupSource(t *testing.T, lookups ...*Lookup) Source {
	return Source{Path: write(t, "lines.csv", []byte(lookupLines)), CSV: csvio.DefaultOptions(), Decimal: '.', Lookups: lookups, Columns: map[Role]string{
		Customer: "customer", Time: "day", Order: "order", "product": "sku", Quantity: "quantity", UnitPrice: "price", Discount: "d1", "discount_2": "d2",
	}}
}

func TestLookupsGiveLinesColumns(t *testing.T) {
	products := LookupSource{Key: "product", KeyIn: "SKU", Values: map[string]string{"category": "Group"}, UnitCost: "Cost"}
	p := lookedUp(t, products, "SKU,Group,Cost\nP1,Toys,4.5\nP2,,2\nP3,Food,\nP1,Toys,4.5\n")
	days := LookupSource{Key: DayKey, KeyIn: "Date", Values: map[string]string{"holiday": "Name"}}
	d := lookedUp(t, days, "Date,Name\n2024-12-25,Christmas\n2024-12-26,Boxing Day\n")
	for _, workers := range []int{1, 3} {
		s := lookupSource(t, p, d)
		s.CSV.BlockSize = 64
		report, lines := seen(t, workers, s)
		want := map[string]int{
			"category=Toys holiday=∅ cost=9.000 discount=1.500":           1,
			"category=∅ holiday=Christmas cost=6.000 discount=0.250":      1,
			"category=∅ holiday=Boxing Day cost=∅ discount=∅":             1,
			"category=Toys holiday=Boxing Day cost=-4.500 discount=2.000": 1,
			"category=Food holiday=∅ cost=∅ discount=2.000":               1,
		}
		for line, n := range want {
			if lines[line] != n {
				t.Errorf("%d workers: got %v, want %s", workers, lines, line)
			}
		}
		var notes []string
		for _, n := range report.Notes {
			notes = append(notes, n.Message)
		}
		if got := strings.Join(notes, "\n"); !strings.Contains(got, "1 lines have a product that lookup 1 does not have, 1 different ones") ||
			!strings.Contains(got, "2 lines have a day that lookup 2 does not have, 2 different ones") {
			t.Errorf("got the notes %s", got)
		}
	}
}

func TestRulesSeeWhatIsLookedUp(t *testing.T) {
	p := lookedUp(t, LookupSource{Key: "product", KeyIn: "SKU", Values: map[string]string{"category": "Group"}}, "SKU,Group\nP1,Toys\nP2,Food\n")
	s := lookupSource(t, p)
	s.SetAside = []Rule{{Name: "toys", Column: "category", Equals: ptr("Toys")}, {Name: "none", Column: "category", Missing: true}}
	report, _ := seen(t, 1, s)
	if in := report.Inputs[0]; in.SetAside["toys"] != 2 || in.SetAside["none"] != 2 || in.Kept != 1 {
		t.Errorf("got %+v", in)
	}
}

func TestAFileKeepsItsOwnColumns(t *testing.T) {
	p := lookedUp(t, LookupSource{Key: "product", KeyIn: "SKU", Values: map[string]string{"category": "Group"}, UnitCost: "Cost"}, "SKU,Group,Cost\nP1,Toys,5\n")
	s := lookupSource(t, p)
	s.Columns["category"], s.Columns[Cost] = "order", "price"
	_, lines := seen(t, 1, s)
	if lines["category=1 cost=10.000 discount=1.500"] != 1 {
		t.Errorf("got %v", lines)
	}
}

func TestRowsOfAKeyThatDifferStopTheRun(t *testing.T) {
	s := LookupSource{Key: "product", KeyIn: "SKU", Values: map[string]string{"category": "Group"}}
	s.Path, s.CSV, s.Decimal = write(t, "lookup.csv", []byte("SKU,Group\nP1,Toys\nP1,Food\n")), csvio.DefaultOptions(), '.'
	if _, err := ReadLookup(context.Background(), s, s.Lookup(), 1<<20, nil); err == nil || !strings.Contains(err.Error(), "lookup.csv:3") {
		t.Errorf("got %v", err)
	}
	if _, err := ReadLookup(context.Background(), s, s.Lookup(), 10, nil); err == nil {
		t.Error("got no error beyond the memory of a lookup")
	}
}

func TestColumnsOfFoldersKeepTheirPlaces(t *testing.T) {
	path := write(t, "region=EU/a.csv", []byte("customer,day,order,price,kind\na,2024-01-01,1,5,x\nb,2024-01-02,2,7,y\n"))
	s := Source{Path: path, CSV: csvio.DefaultOptions(), Decimal: '.', Columns: map[Role]string{Customer: "customer", Time: "day", Order: "order", Amount: "price", "region": "region"}}
	s.SetAside = []Rule{{Name: "abroad", Column: "region", Equals: ptr("US")}, {Name: "x", Column: "kind", Equals: ptr("x")}}
	report, got := load(t, 1, s)
	if in := report.Inputs[0]; in.SetAside["abroad"] != 0 || in.SetAside["x"] != 1 || got.money != 7_000_000 {
		t.Errorf("got %+v and %+v", in, got)
	}
}
