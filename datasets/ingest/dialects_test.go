package ingest

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/csvio"
)

// lines joins a header and rows of customer;day;order;price.
func lines(rows ...string) []byte {
	return []byte("customer;day;order;price\n" + strings.Join(rows, "\n") + "\n")
}

func dialectSource(t *testing.T, text []byte, change func(*Source)) Source {
	s := Source{
		Path: write(t, "a.csv", text), CSV: csvio.DefaultOptions(), Decimal: '.',
		Columns: map[Role]string{Customer: "customer", Time: "day", Order: "order", Amount: "price"},
	}
	change(&s)
	return s
}

func TestAmountsInTheFormsOfTheirFiles(t *testing.T) {
	for _, c := range []struct {
		name   string
		prices []string
		change func(*Source)
		money  datasets.Money
	}{
		{"groups by points", []string{"0,50", "1.370,50"}, func(s *Source) { s.Decimal, s.Thousands = ',', '.' }, 1_371_000_000},
		{"groups by any blank", []string{"1\u202f000,50", "1\u00a0000,50", "1 000"}, func(s *Source) { s.Decimal, s.Thousands = ',', ' ' }, 3_001_000_000},
		{"groups by apostrophes", []string{"1’000.5", "1'000.5"}, func(s *Source) { s.Thousands = '\'' }, 2_001_000_000},
		{"signs of a currency", []string{"£12.50", "12.50 GBP", "-£5"}, func(s *Source) { s.Signs = []string{"£", "GBP"} }, 25_000_000}, // and a return,
		{"minus in other places", []string{"(40.00)", "2.50-", "100.25"}, func(*Source) {}, 100_250_000},                                // and two returns
	} {
		var rows []string
		for i, p := range c.prices {
			rows = append(rows, "c"+string(rune('1'+i))+";2024-01-0"+string(rune('1'+i))+";"+string(rune('1'+i))+";"+p)
		}
		report, got := load(t, 2, dialectSource(t, lines(rows...), c.change))
		if got.money != c.money || len(report.Faults) > 0 {
			t.Errorf("%s: got %d and %d faults, want %d", c.name, got.money, len(report.Faults), c.money)
		}
	}
}

func TestSignsThatNobodyNamedAndPercentAreNoMoney(t *testing.T) {
	report, got := load(t, 1, dialectSource(t, lines("a;2024-01-01;1;£5", "b;2024-01-01;2;$7", "c;2024-01-01;3;10%", "d;2024-01-01;4;3.25"),
		func(s *Source) { s.Signs = []string{"£"} }))
	if got.money != 8_250_000 || len(report.Faults) != 2 {
		t.Errorf("got %d and %v", got.money, report.Faults)
	}
}

func TestPointsThatMayMeanThousandsAreAskedAbout(t *testing.T) {
	ambiguous := lines("a;2024-01-01;1;952", "b;2024-01-02;2;2.538")
	s := dialectSource(t, ambiguous, func(*Source) {})
	_, _, err := Config{Sources: []Source{s}, Workers: 1}.survey(context.Background())
	if err == nil || !strings.Contains(err.Error(), `got numbers such as "2.538"`) || !strings.Contains(err.Error(), "want one reading") {
		t.Errorf("got %v", err)
	}
	for _, c := range []struct {
		change func(*Source)
		money  datasets.Money
	}{
		{func(s *Source) { s.NumbersSet = true }, 954_538_000},
		{func(s *Source) { s.NumbersSet, s.Decimal, s.Thousands = true, ',', '.' }, 3_490_000_000},
	} {
		if _, got := load(t, 1, dialectSource(t, ambiguous, c.change)); got.money != c.money {
			t.Errorf("got %d, want %d", got.money, c.money)
		}
	}
	if _, got := load(t, 1, dialectSource(t, lines("a;2024-01-01;1;0.538", "b;2024-01-02;2;2.538"), func(*Source) {})); got.money != 3_076_000 {
		t.Errorf("a number below one settles it: got %d", got.money)
	}
}

func TestDateAndTimeOfDayInTwoColumns(t *testing.T) {
	text := []byte("customer,date,clock,order,price\na,01/23/24,10:05:00,1,5\nb,01/24/24,23:59:59,2,5\nb,01/24/24,,3,5\n")
	report, got := load(t, 2, dialectSource(t, text, func(s *Source) { s.Columns[Time], s.Columns[Clock] = "date", "clock" }))
	if got.lines != 2 || len(report.Faults) != 1 {
		t.Errorf("got %+v and %v", got, report.Faults)
	}
	for _, format := range report.Formats {
		if format != "%m/%d/%y %H:%M:%S" {
			t.Errorf("got %s", format)
		}
	}
}

func TestDaysOfASpreadsheetAreReadWhereTheJobSaysSo(t *testing.T) {
	text := lines("a;45300.5;1;5", "b;45301.5;2;5")
	s := dialectSource(t, text, func(*Source) {})
	if _, _, err := (Config{Sources: []Source{s}, Workers: 1}).survey(context.Background()); err == nil || !strings.Contains(err.Error(), "time_format: excel") {
		t.Errorf("got %v, want the setting named", err)
	}
	if _, got := load(t, 1, dialectSource(t, text, func(s *Source) { s.TimeFormat = "excel" })); got.lines != 2 {
		t.Errorf("got %+v", got)
	}
}

func TestWholeNumbersWithAFractionOfZerosAreOneID(t *testing.T) {
	text := lines("17850.0;2024-01-01;1;5", "17850;2024-01-02;2;5", "017850;2024-01-03;3;5", "17850.5;2024-01-03;4;5", "x.0;2024-01-04;5;5")
	if _, got := load(t, 2, dialectSource(t, text, func(s *Source) { s.NumericIDs = true })); got.customers != 4 {
		t.Errorf("got %d customers, want 17850, 017850, 17850.5 and x.0", got.customers)
	}
	if _, got := load(t, 2, dialectSource(t, text, func(*Source) {})); got.customers != 5 {
		t.Errorf("as text: got %d customers, want 5", got.customers)
	}
}

func TestWhatAPersonShouldLookAtIsNoted(t *testing.T) {
	rows := []string{}
	for i := range 60 {
		id := "1000.0"
		if i%2 == 0 {
			id = "NULL"
		}
		if i%3 == 0 {
			id = "4.01E+12"
		}
		rows = append(rows, id+";2024-01-0"+string(rune('1'+i%9))+";"+string(rune('a'+i%26))+";5;7;"+[]string{"USD", "JPY"}[i%2])
	}
	text := []byte("customer;day;order;price;cost;Currency\n" + strings.Join(rows, "\n") + "\n")
	report, _ := load(t, 1, dialectSource(t, text, func(*Source) {}))
	var codes []string
	for _, n := range report.Notes {
		codes = append(codes, n.Code)
		if strings.Contains(n.Message, "1000") || strings.Contains(n.Message, "4.01") {
			t.Errorf("%q shows an id", n.Message)
		}
	}
	if got := strings.Join(codes, " "); got != "customer_words customer_fractions customer_scientific currencies" {
		t.Errorf("got %s", got)
	}
	report, _ = load(t, 1, dialectSource(t, []byte("customer;day;order;price\na;2024-01-01;1;5\n"), func(*Source) {}))
	if len(report.Notes) != 0 {
		t.Errorf("got %v, want nothing", report.Notes)
	}
}

func TestLinesThatOverlappingFilesShareAreNoted(t *testing.T) {
	folder := t.TempDir()
	put := func(name string, rows ...string) {
		if err := os.WriteFile(filepath.Join(folder, name), lines(rows...), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put("a.csv", "a;2024-01-01;1;5", "a;2024-01-01;1;5", "b;2024-01-02;2;7", "c;2024-01-03;3;8")
	put("b.csv", "a;2024-01-01;1;5", "b;2024-01-02;2;7", "b;2024-01-02;2;7.5", "d;2024-01-04;4;8")
	for workers := 1; workers <= 3; workers++ {
		s := dialectSource(t, lines(), func(s *Source) { s.Path = folder })
		report, got := load(t, workers, s)
		if len(report.Notes) != 1 || report.Notes[0].Code != "overlap" || report.Notes[0].Count != 2 {
			t.Errorf("%d workers: got %v, want two lines", workers, report.Notes)
		}
		if got.lines != 8 {
			t.Errorf("got %d lines, want all 8: nothing is dropped unasked", got.lines)
		}
	}
	put("b.csv", "d;2024-01-04;4;8", "d;2024-01-04;4;8")
	if report, _ := load(t, 2, dialectSource(t, lines(), func(s *Source) { s.Path = folder })); len(report.Notes) != 0 {
		t.Errorf("equal lines in one file: got %v, want nothing", report.Notes)
	}
}
