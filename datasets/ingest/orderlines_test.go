package ingest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/csvio"
	"github.com/quintile-dev/quintile/datasets/history"
)

// shopOrders are orders of 30.00 in two lines each, as a shop exports them: what belongs to the order stands in its
// first line. Every fifth is refunded.
func shopOrders(n int) string {
	var b strings.Builder
	b.WriteString("Name,Email,Status,Total,Created,Count,Price,Sku\n")
	for i := range n {
		status := "paid"
		if i%5 == 2 {
			status = "refunded"
		}
		fmt.Fprintf(&b, "#%d,c%d@example.com,%s,30.00,2024-01-%02d,1,10.00,A\n", 1000+i, i%7, status, 1+i%28)
		fmt.Fprintf(&b, "#%d,c%d@example.com,,,2024-01-%02d,2,10.00,B\n", 1000+i, i%7, 1+i%28)
	}
	return b.String()
}

func shopSource(path string, change func(*Source)) Source {
	s := Source{Path: path, CSV: csvio.DefaultOptions(), Decimal: '.', Columns: map[Role]string{
		Order: "Name", Customer: "Email", Time: "Created", Quantity: "Count", UnitPrice: "Price", "product": "Sku",
	}}
	s.SetAside = []Rule{{Name: "refunded", Column: "Status", Equals: ptr("refunded")}}
	change(&s)
	return s
}

func TestARuleTakesWholeOrders(t *testing.T) {
	path := write(t, "orders.csv", []byte(shopOrders(30)))
	perOrder := func(s *Source) {
		delete(s.Columns, UnitPrice)
		delete(s.Columns, Quantity)
		s.Columns[Amount] = "Total"
		s.PerOrder = []Role{Amount}
	}
	for name, c := range map[string]struct {
		change func(*Source)
		money  datasets.Money
		aside  int64
	}{
		"each line alone":              {func(*Source) {}, 840_000_000, 6},
		"by order":                     {func(s *Source) { s.SetAside[0].ByOrder = true }, 720_000_000, 12},
		"filled down":                  {func(s *Source) { s.FillDown = []string{"Status"} }, 720_000_000, 12},
		"amount of an order, by order": {func(s *Source) { perOrder(s); s.SetAside[0].ByOrder = true }, 720_000_000, 12},
		"amount of an order, filled":   {func(s *Source) { perOrder(s); s.FillDown = []string{"Status"} }, 720_000_000, 12},
	} {
		for _, block := range []int{1, 100, 1 << 20} {
			for _, workers := range []int{1, 3} {
				s := shopSource(path, c.change)
				s.CSV.BlockSize = block
				report, got := load(t, workers, s)
				if in := report.Inputs[0]; got.money != c.money || in.SetAside["refunded"] != c.aside || in.Rows != 60 || in.Kept != 60-c.aside {
					t.Errorf("%s, blocks of %d, %d workers: got %d and %+v, want %d", name, block, workers, got.money, in, c.money)
				}
			}
		}
	}
}

func TestARuleTakesOrdersInOtherFiles(t *testing.T) {
	folder := t.TempDir()
	text := shopOrders(30)
	rows := strings.SplitAfter(text, "\n")
	var first, second strings.Builder
	first.WriteString(rows[0])
	second.WriteString(rows[0])
	for i, row := range rows[1:] {
		if i%2 == 0 {
			first.WriteString(row)
		} else {
			second.WriteString(row)
		}
	}
	for name, b := range map[string]*strings.Builder{"a.csv": &second, "b.csv": &first} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	_, got := load(t, 2, shopSource(folder, func(s *Source) { s.SetAside[0].ByOrder = true }))
	if got.money != 720_000_000 {
		t.Errorf("got %d, want 720000000", got.money)
	}
}

func TestAnAmountThatIsRepeatedOnTheLinesOfAnOrderCountsOnce(t *testing.T) {
	text := "customer;day;order;price\na;2024-01-01;1;30\na;2024-01-01;1;30.0\nb;2024-01-02;2;7\na;2024-01-01;1;\na;2024-01-01;1;30\nc;2024-01-02;;5\nc;2024-01-02;;5\n"
	s := dialectSource(t, []byte(text), func(s *Source) { s.PerOrder = []Role{Amount} })
	if _, got := load(t, 2, s); got.money != 47_000_000 || got.lines != 7 {
		t.Errorf("got %+v, want 47: lines without an order count each", got)
	}
	s = dialectSource(t, []byte("customer;day;order;price\na;2024-01-01;1;30\na;2024-01-01;1;31\n"), func(s *Source) { s.PerOrder = []Role{Amount} })
	c := Config{Sources: []Source{s}, Zone: time.UTC, Workers: 1}
	b := history.NewBuilder(history.Config{Columns: c.Columns(), Workers: 1})
	if _, err := Load(context.Background(), c, b); err == nil || !strings.Contains(err.Error(), "a.csv:3") || strings.Contains(err.Error(), "31") {
		t.Errorf("two amounts of one order: got %v", err)
	}
}

func TestCellsThatNothingFillsAreNoted(t *testing.T) {
	text := "customer;day;order;price\na;2024-01-01;1;30\n;2024-01-01;1;1\n;2024-01-02;2;7\nb;2024-01-02;2;7\n"
	report, got := load(t, 1, dialectSource(t, []byte(text), func(s *Source) { s.FillDown = []string{"customer"} }))
	if got.lines != 3 || len(report.Notes) != 1 || report.Notes[0].Code != "not_filled" || report.Notes[0].Count != 1 {
		t.Errorf("got %+v and %+v", got, report.Notes)
	}
}

func TestOverlappingFilesAreSettled(t *testing.T) {
	folder := t.TempDir()
	line := func(i int) string { return fmt.Sprintf("c%d;2024-03-%02d;%d;%d\n", i%9, 1+i/10, i, 100*i) }
	files := map[string]string{}
	var money datasets.Money
	for i := range 100 {
		if i < 60 {
			files["a.csv"] += line(i)
		}
		if i >= 40 {
			files["b.csv"] += line(i)
		}
		money += datasets.Money(100*i) * 1_000_000
	}
	files["b.csv"] += line(50) + line(99) // a line twice in one file stands twice
	files["c.csv"] = line(50)
	twice := datasets.Money(100*50+100*99) * 1_000_000
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte("customer;day;order;price\n"+text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	source := func(d Duplicates) Source {
		return dialectSource(t, nil, func(s *Source) { s.Path, s.Duplicates, s.CSV.BlockSize = folder, d, 64 })
	}
	var again datasets.Money
	for i := 40; i < 60; i++ {
		again += datasets.Money(100*i) * 1_000_000
	}
	for d, want := range map[Duplicates]datasets.Money{KeepDuplicates: money + twice + again + 5_000_000_000, AcrossFiles: money + twice, ExactDuplicates: money} {
		for _, workers := range []int{1, 4} {
			report, got := load(t, workers, source(d))
			aside := []int64{report.Inputs[0].SetAside[Repeated], report.Inputs[1].SetAside[Repeated], report.Inputs[2].SetAside[Repeated]}
			wantAside := map[Duplicates]string{KeepDuplicates: "[0 0 0]", AcrossFiles: "[0 20 1]", ExactDuplicates: "[0 22 1]"}[d]
			if got.money != want || fmt.Sprint(aside) != wantAside {
				t.Errorf("%q, %d workers: got %d and %v, want %d and %s", d, workers, got.money, aside, want, wantAside)
			}
		}
	}
	s := source(AcrossFiles)
	c := Config{Sources: []Source{s}, Zone: time.UTC, Workers: 1, LineMemory: 1000}
	b := history.NewBuilder(history.Config{Columns: c.Columns(), Workers: 1})
	if _, err := Load(context.Background(), c, b); err == nil || !strings.Contains(err.Error(), "raise memory") {
		t.Errorf("beyond its memory: got %v", err)
	}
}

// The total of an order is compared as it stands in the files, though it counts in one line: order 1 has two equal lines
// in the second file, and its total stands in each line or in the first alone.
func TestLinesWithATotalOfTheirOrderAreComparedAsTheyStand(t *testing.T) {
	const repeated = "a;2024-01-01;1;30\na;2024-01-01;1;30.0\nb;2024-01-02;2;7\n"
	const once = "a;2024-01-01;1;30\na;2024-01-01;1;\nb;2024-01-02;2;7\n"
	for _, c := range []struct {
		text  string
		d     Duplicates
		lines int
	}{{repeated, AcrossFiles, 3}, {repeated, ExactDuplicates, 2}, {once, AcrossFiles, 3}, {once, ExactDuplicates, 3}} {
		folder := t.TempDir()
		for _, name := range []string{"a.csv", "b.csv"} {
			text := "customer;day;order;price\n" + c.text + strings.Repeat("\n", int(name[0]-'a')) // not the same file twice
			if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		for _, workers := range []int{1, 4} {
			_, got := load(t, workers, dialectSource(t, nil, func(s *Source) {
				s.Path, s.Duplicates, s.PerOrder, s.CSV.BlockSize = folder, c.d, []Role{Amount}, 1
			}))
			if got.money != 37_000_000 || got.lines != c.lines {
				t.Errorf("%s, %q, %d workers: got %+v, want 37 in %d lines", c.text, c.d, workers, got, c.lines)
			}
		}
	}
}

func TestANameOfTwoColumnsIsAskedAbout(t *testing.T) {
	text := []byte("customer;day;price;order;price\na;2024-01-01;0;1;5\n")
	for column, want := range map[string]string{"price": `"price" is the name of the columns 3 and 5`, "#3": "", "#5": "", "price_1": ""} {
		s := dialectSource(t, text, func(s *Source) { s.Columns[Amount] = column })
		_, _, err := Config{Sources: []Source{s}, Workers: 1}.survey(context.Background())
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), `"#3"`)) {
			t.Errorf("%s: got %v, want %q", column, err, want)
		}
	}
	if _, got := load(t, 1, dialectSource(t, text, func(s *Source) { s.Columns[Amount] = "#5" })); got.money != 5_000_000 {
		t.Errorf("got %d, want 5000000", got.money)
	}
}
