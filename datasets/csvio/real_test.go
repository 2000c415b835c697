package csvio

import (
	"bytes"
	"testing"

	"github.com/quintile-dev/quintile/datasets/realdata"
	"github.com/quintile-dev/quintile/datasets/text"
)

// The figures are those of the answer keys that come with the data.

func TestOnlineRetailReadsWhole(t *testing.T) {
	r, err := Open(realdata.Path(t, "online-retail/online-retail.csv.gz"), DefaultOptions())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	const invoice, quantity, date, price, customer = 0, 3, 4, 5, 6
	if err := r.Select([]int{invoice, quantity, date, price, customer}); err != nil {
		t.Fatal(err)
	}
	layout, err := text.CompileTime("%m/%d/%Y %H:%M")
	if err != nil {
		t.Fatal(err)
	}
	got, err := slurp(r)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.rows) != 541_909 || len(got.faults) != 0 {
		t.Errorf("got %d rows and %d faults, want 541,909 and none", len(got.rows), len(got.faults))
	}
	invoices, pieces, money, anonymous := map[string]bool{}, int64(0), int64(0), 0
	for i, row := range got.rows {
		q, ok := text.ParseInt([]byte(row[1]))
		p, fine := text.ParseDecimal([]byte(row[3]), '.', 0)
		if _, _, dated := layout.Parse([]byte(row[2])); ok != text.Exact || fine != text.Exact || !dated {
			t.Fatalf("line %d: got %q", got.lines[i], row)
		}
		invoices[row[0]] = true
		pieces += q
		money += q * p
		if row[4] == "" {
			anonymous++
		}
	}
	if len(invoices) != 25_900 || pieces != 5_176_450 || money != 9_747_747_934_000 || anonymous != 135_080 {
		t.Errorf("got %d invoices, %d pieces, %d millionths, %d without a customer", len(invoices), pieces, money, anonymous)
	}
	if last := got.lines[len(got.lines)-1]; last != 541_910 {
		t.Errorf("the last row is on line %d, want 541,910", last)
	}
}

func TestCDNOWReadsWhole(t *testing.T) {
	r, err := Open(realdata.Path(t, "cdnow/CDNOW_master.txt"), Options{Delimiter: Whitespace, Names: []string{"customer", "date", "cds", "dollars"}})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	got, err := slurp(r)
	if err != nil {
		t.Fatal(err)
	}
	customers, samples := map[string]bool{}, [][]byte{}
	for _, row := range got.rows {
		customers[row[0]] = true
		samples = append(samples, []byte(row[1]))
	}
	if len(got.rows) != 69_659 || len(customers) != 23_570 || len(got.faults) != 0 {
		t.Errorf("got %d rows, %d customers, %d faults", len(got.rows), len(customers), len(got.faults))
	}
	layouts := text.DetectTime(samples)
	if len(layouts) != 1 || layouts[0].String() != "%Y%m%d" {
		t.Errorf("got %v for the dates, want %%Y%%m%%d", layouts)
	}
	if _, err := Open(realdata.Path(t, "cdnow/CDNOW_master.txt"), DefaultOptions()); err == nil {
		t.Error("columns set apart by blanks were read as one column")
	}
}

func TestOnlineRetailDatesAreMonthFirst(t *testing.T) {
	r, err := Open(realdata.Path(t, "online-retail/online-retail.csv.gz"), DefaultOptions())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := r.Select([]int{4}); err != nil {
		t.Fatal(err)
	}
	got, err := slurp(r)
	if err != nil {
		t.Fatal(err)
	}
	var samples [][]byte
	for i := 0; i < len(got.rows); i += 500 {
		samples = append(samples, bytes.Clone([]byte(got.rows[i][0])))
	}
	layouts := text.DetectTime(samples)
	if len(layouts) != 1 || layouts[0].String() != "%m/%d/%Y %H:%M" {
		t.Errorf("got %v, want %%m/%%d/%%Y %%H:%%M", layouts)
	}
	if first := text.DetectTime(samples[:3]); len(first) != 2 {
		t.Errorf("got %v for 12/1/2010 alone, want day first and month first", first)
	}
}
