package ingest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/arrowio"
	"github.com/quintile-dev/quintile/datasets/csvio"
	"github.com/quintile-dev/quintile/datasets/history"
	"github.com/quintile-dev/quintile/datasets/parquetio"
	"github.com/quintile-dev/quintile/datasets/table"
)

// smallCSV is what every test of this file must read the same from, whatever it
// is wrapped in: three customers, one line without, five lines, 14.25.
const smallCSV = `customer,day,order,product,price
c1,2024-01-01,1,Äpfel,2.50
c1,2024-01-01,1,pears,1.25
c2,2024-01-05,2,Äpfel,2.50
c2,2024-03-01,3,"quinces, ripe",5.50
,2024-03-01,9,pears,1.00
c3,2024-03-02,4,Äpfel,2.50
`

var smallTotal = total{customers: 3, lines: 5, orders: 4, money: 14_250_000}

func smallSource(path string) Source {
	return Source{
		Path: path, CSV: csvio.DefaultOptions(), Decimal: '.',
		Columns: map[Role]string{Customer: "customer", Time: "day", Order: "order", "product": "product", Amount: "price"},
	}
}

func write(t *testing.T, name string, text []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTheSameLinesFromEveryWrapping(t *testing.T) {
	f := func(name string, s Source) {
		t.Helper()
		report, got := load(t, 2, s)
		if got != smallTotal {
			t.Errorf("%s: got %+v, want %+v", name, got, smallTotal)
		}
		if in := report.Inputs[0]; in.SetAside[NoCustomer] != 1 && len(report.Inputs) == 1 {
			t.Errorf("%s: got %+v, want one line without a customer", name, in)
		}
	}
	f("plain", smallSource(write(t, "a.csv", []byte(smallCSV))))
	f("byte order mark", smallSource(write(t, "a.csv", []byte("\uFEFF"+smallCSV))))
	f("CRLF", smallSource(write(t, "a.csv", []byte(strings.ReplaceAll(smallCSV, "\n", "\r\n")))))
	f("tabs", smallSource(write(t, "a.tsv", []byte(strings.ReplaceAll(strings.ReplaceAll(smallCSV, `"quinces, ripe"`, "quinces"), ",", "\t")))))

	var gz, zst strings.Builder
	w := gzip.NewWriter(&gz)
	if _, err := w.Write([]byte(smallCSV)); err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	f("gzip", smallSource(write(t, "a.csv.gz", []byte(gz.String()))))
	z, err := zstd.NewWriter(&zst)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := z.Write([]byte(smallCSV)); err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	f("zstd", smallSource(write(t, "a.csv.zst", []byte(zst.String()))))

	latin := smallSource(write(t, "a.csv", []byte(strings.ReplaceAll(smallCSV, "Ä", "\xC4"))))
	latin.CSV.Encoding = csvio.Latin1
	f("ISO-8859-1", latin)
	wide := smallSource(write(t, "a.csv", utf16LE(smallCSV)))
	wide.CSV.Encoding = csvio.UTF16
	f("UTF-16", wide)

	european := strings.NewReplacer(",", ";", "2.50", "2,50", "1.25", "1,25", "5.50", "5,50", "1.00", "1,00").Replace(
		strings.ReplaceAll(smallCSV, `"quinces, ripe"`, "quinces"))
	comma := smallSource(write(t, "a.csv", []byte(european)))
	comma.Decimal = ','
	f("decimal comma", comma)
	f("parquet", smallSource(writeParquet(t)))
	f("arrow", smallSource(writeArrow(t)))
}

func utf16LE(text string) []byte {
	out := []byte{0xFF, 0xFE}
	for _, u := range utf16.Encode([]rune(text)) {
		out = append(out, byte(u), byte(u>>8))
	}
	return out
}

// smallFrame reads smallCSV with the day as a day and the price as a decimal.
func smallFrame() *datasets.Frame {
	lines := strings.Split(strings.TrimSpace(strings.ReplaceAll(smallCSV, `"quinces, ripe"`, "quinces")), "\n")[1:]
	f := &datasets.Frame{Rows: len(lines), Columns: []datasets.Column{
		{Field: datasets.Field{Name: "customer"}, Valid: datasets.NewBitmap(len(lines))},
		{Field: datasets.Field{Name: "day", Kind: datasets.Date}},
		{Field: datasets.Field{Name: "order", Kind: datasets.Int}},
		{Field: datasets.Field{Name: "product"}},
		{Field: datasets.Field{Name: "price", Kind: datasets.Float}},
	}}
	for i, line := range lines {
		cells := strings.Split(line, ",")
		f.Columns[0].Texts.Append([]byte(cells[0]))
		if cells[0] != "" {
			f.Columns[0].Valid.Set(i)
		}
		day, _ := datasets.ParseDay(cells[1])
		f.Columns[1].Ints = append(f.Columns[1].Ints, int64(day))
		var order int64
		var price float64
		_, _ = fmt.Sscan(cells[2], &order)
		_, _ = fmt.Sscan(cells[4], &price)
		f.Columns[2].Ints = append(f.Columns[2].Ints, order)
		f.Columns[3].Texts.Append([]byte(cells[3]))
		f.Columns[4].Floats = append(f.Columns[4].Floats, price)
	}
	return f
}

func writeParquet(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.parquet")
	w, err := parquetio.Create(path, []table.Column{
		{Name: "customer", Type: table.Text, Nullable: true}, {Name: "day", Type: table.Date},
		{Name: "order", Type: table.Int64}, {Name: "product", Type: table.Text, Dictionary: true}, {Name: "price", Type: table.Float64},
	}, parquetio.DefaultOptions())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.WriteFrame(smallFrame()); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func writeArrow(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.arrow")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	frame := smallFrame()
	fields := make([]datasets.Field, len(frame.Columns))
	for i := range fields {
		fields[i] = frame.Columns[i].Field
	}
	options := arrowio.DefaultOptions()
	options.Format = arrowio.File
	w, err := arrowio.NewWriter(file, fields, options)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(frame); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// A column may stand in the names of folders, as Hive has it, and files whose
// names begin with an underscore or a dot are not read.
func TestFoldersMayHoldAColumn(t *testing.T) {
	folder := t.TempDir()
	for _, part := range []struct{ name, text string }{
		{"region=north/a.csv", "customer,day,order,product,price\nc1,2024-01-01,1,a,2\n"},
		{"region=south/b.csv", "customer,day,order,product,price\nc2,2024-01-01,2,a,3\nc2,2024-01-02,3,a,3\n"},
		{"region=south/_notes.csv", "not,data\n"},
	} {
		path := filepath.Join(folder, part.name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(part.text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := smallSource(folder)
	s.Columns["region"] = "region"
	c := Config{Sources: []Source{s}, Zone: time.UTC, Workers: 2}
	b := history.NewBuilder(history.Config{Columns: c.Columns(), Workers: 2})
	if _, err := Load(context.Background(), c, b); err != nil {
		t.Fatal(err)
	}
	store, err := b.Seal()
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	got := map[string]int{}
	ch := make(chan string, 16)
	err = store.Scan(context.Background(), func(_ int, b *history.Bucket) error {
		for i := range b.Events.Len() {
			ch <- string(store.Dictionary(datasets.Region).At(int(b.Events.Region[i])))
		}
		return nil
	})
	close(ch)
	for region := range ch {
		got[region]++
	}
	if err != nil || got["north"] != 1 || got["south"] != 2 || len(got) != 2 {
		t.Errorf("got %v, %v; want one line of the north and two of the south", got, err)
	}
}

// Instants are read on the wall clock of the job's zone.
func TestInstantsAreReadInTheZoneOfTheJob(t *testing.T) {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	s := smallSource(write(t, "a.csv", []byte("customer,day,order,product,price\nc1,2024-07-01T02:00:00Z,1,a,2\nc1,2024-12-01T02:00:00Z,2,a,2\n")))
	c := Config{Sources: []Source{s}, Zone: zone, Workers: 1}
	b := history.NewBuilder(history.Config{Columns: c.Columns(), Workers: 1})
	if _, err := Load(context.Background(), c, b); err != nil {
		t.Fatal(err)
	}
	store, err := b.Seal()
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	first, last, _ := store.Span()
	if first.String() != "2024-06-30T22:00:00" || last.String() != "2024-11-30T21:00:00" {
		t.Errorf("got %s and %s, want the evenings before", first, last)
	}
}

func TestRowsThatDoNotFitAreQuarantinedWithTheirPlace(t *testing.T) {
	text := `customer,day,order,product,price
c1,2024-01-01,1,a,2.50
c1,2024-02-30,1,a,2.50
c1,,1,a,2.50
c1,2024-01-01,1,a,cheap
c1,2024-01-01,1,a,1e15
c1,2024-01-01,1,a
c1,2024-01-01,1,a,0.1234567
`
	path := write(t, "bad.csv", []byte(text))
	report, got := load(t, 2, smallSource(path))
	want := []string{
		path + `:3, column "day": bad_time "2024-02-30"`,
		path + `:4, column "day": missing_key ""`,
		path + `:5, column "price": bad_number "cheap"`,
		path + `:6, column "price": out_of_range "1e15"`,
		path + `:7: wrong_field_count`,
	}
	for i, f := range report.Faults {
		text := fmt.Sprintf("%s: %s", f.Pos, f.Reason)
		if f.Pos.Column != "" {
			text += fmt.Sprintf(" %q", f.Got)
		}
		if i >= len(want) || text != want[i] {
			t.Errorf("got %s, want %q", text, want)
		}
	}
	in := report.Inputs[0]
	if len(report.Faults) != len(want) || in.Rows != 7 || in.Quarantined != 5 || in.Kept != 2 || in.Rounded != 1 || got.lines != 2 {
		t.Errorf("got %+v with %d faults, want 7 rows, 5 quarantined, 2 kept, 1 rounded", in, len(report.Faults))
	}
}
