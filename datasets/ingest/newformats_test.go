package ingest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/csvio"
)

// sameLines writes the same 300 lines as CSV, JSON lines and a workbook.
func sameLines(t *testing.T) (csv, jsonLines, workbook string) {
	t.Helper()
	var c, j strings.Builder
	c.WriteString("customer,day,order,price,quantity\n")
	f := excelize.NewFile()
	defer f.Close()
	w, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		t.Fatal(err)
	}
	style, err := f.NewStyle(&excelize.Style{NumFmt: 22})
	if err != nil {
		t.Fatal(err)
	}
	_ = w.SetRow("A1", []any{"customer", "day", "order", "price", "quantity"})
	for i := range 300 {
		at := time.Date(2024, 1, 1+i%300, 10*(i%2), 0, 0, 0, time.UTC)
		price := float64(i%977)/100 + 2.5
		quantity := fmt.Sprint(1 + i%3)
		if i == 77 {
			quantity = "six"
		}
		fmt.Fprintf(&c, "%d,%s,A%d,%v,%s\n", 17850+i%20, at.Format(time.DateTime), i/2, price, quantity)
		number := any(1 + i%3)
		if i == 77 {
			number = "six"
		}
		fmt.Fprintf(&j, `{"customer":{"id":%d.0},"day":"%s","order":"A%d","price":%v,"quantity":"%s"}`+"\n", 17850+i%20, at.Format(time.DateTime), i/2, price, quantity)
		_ = w.SetRow(fmt.Sprintf("A%d", i+2), []any{17850 + i%20, excelize.Cell{StyleID: style, Value: at}, fmt.Sprint("A", i/2), price, number})
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	var book strings.Builder
	if _, err := f.WriteTo(&book); err != nil {
		t.Fatal(err)
	}
	return write(t, "a.csv", []byte(c.String())), write(t, "a.jsonl", []byte(j.String())), write(t, "a.xlsx", []byte(book.String()))
}

func TestFormatsGiveTheSameTransactions(t *testing.T) {
	csv, jsonLines, workbook := sameLines(t)
	source := func(path, customer string) Source {
		return Source{Path: path, CSV: csvio.DefaultOptions(), Decimal: '.',
			Columns: map[Role]string{Customer: customer, Time: "day", Order: "order", UnitPrice: "price", Quantity: "quantity"}}
	}
	want, total := load(t, 2, source(csv, "customer"))
	for path, customer := range map[string]string{jsonLines: "customer.id", workbook: "customer"} {
		report, got := load(t, 2, source(path, customer))
		if got != total || report.Inputs[0].Rows != 300 || report.Inputs[0].Kept != want.Inputs[0].Kept {
			t.Errorf("%s: got %+v and %+v, want %+v", path, got, report.Inputs[0], total)
		}
		if n := len(report.Faults); n != 1 || report.Faults[0].Got != "six" {
			t.Fatalf("%s: got %v, want one row refused", path, report.Faults)
		}
		at := report.Faults[0].Pos
		if path == workbook && (at.Cell != "E79" || at.Line != 79 || !strings.Contains(at.String(), `a.xlsx:79 (cell E79), column "quantity"`)) || path == jsonLines && at.Line != 78 {
			t.Errorf("got %s", at)
		}
	}
}

func TestAWorkbookAndJSONLinesAreGuessed(t *testing.T) {
	_, jsonLines, workbook := sameLines(t)
	for path, customer := range map[string]string{jsonLines: "customer.id", workbook: "customer"} {
		g, err := File{Path: path, Name: path}.Guess(context.Background(), csvio.DefaultOptions())
		if err != nil {
			t.Fatal(err)
		}
		if g.Columns[Customer] != customer || g.Columns[Time] != "day" || g.TimeFormat == "" || g.Columns[UnitPrice] != "price" || len(g.Gaps) > 0 || g.NumbersAsk != "" {
			t.Errorf("%s: got %+v", path, g)
		}
	}
}

func TestNumbersOfJSONAreNeverAmbiguous(t *testing.T) {
	path := write(t, "a.jsonl", []byte(`{"customer":1,"day":"2024-01-01","order":1,"price":2.538}`+"\n"+`{"customer":1,"day":"2024-01-02","order":2,"price":952}`+"\n"))
	s := Source{Path: path, CSV: csvio.DefaultOptions(), Decimal: '.', Columns: map[Role]string{Customer: "customer", Time: "day", Order: "order", Amount: "price"}}
	if _, got := load(t, 1, s); got.money != datasets.Money(954_538_000) {
		t.Errorf("got %d", got.money)
	}
	s.Decimal, s.Thousands, s.NumbersSet = ',', '.', true // of texts; the numbers of JSON are what they are
	if _, got := load(t, 1, s); got.money != datasets.Money(954_538_000) {
		t.Errorf("got %d", got.money)
	}
}
