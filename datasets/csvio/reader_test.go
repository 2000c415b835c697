package csvio

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
)

func TestReadWorkedExamples(t *testing.T) {
	f := func(text string, o Options, want [][]string, lines []int64, faults ...string) {
		t.Helper()
		got := mustRead(t, text, o)
		if d := diff(want, got.rows); d != "" {
			t.Errorf("%q: rows (-want +got):\n%s", text, d)
		}
		if d := diff(lines, got.lines); d != "" {
			t.Errorf("%q: lines (-want +got):\n%s", text, d)
		}
		if d := diff(faults, brief(got.faults)); d != "" {
			t.Errorf("%q: faults (-want +got):\n%s", text, d)
		}
	}
	head := DefaultOptions()
	bare := Options{Delimiter: ','}
	blank := Options{Delimiter: Whitespace}
	type rows = [][]string
	type at = []int64

	f("a,b\n1,2\n3,4\n", head, rows{{"1", "2"}, {"3", "4"}}, at{2, 3})
	f("a,b\n1,2\n3,4", head, rows{{"1", "2"}, {"3", "4"}}, at{2, 3})       // no line end at the end
	f("a,b\r\n1,2\r\n3,\r\n", head, rows{{"1", "2"}, {"3", ""}}, at{2, 3}) // CR LF
	f("a,b\r1,2\r3,4\r", head, rows{{"1", "2"}, {"3", "4"}}, at{2, 3})     // CR
	f("\ufeffa,b\n1,2\n", head, rows{{"1", "2"}}, at{2})                   // byte order mark
	f("\n\na,b\n\n1,2\n\r\n\n3,4\n\n", head, rows{{"1", "2"}, {"3", "4"}}, at{5, 8})
	f("a;b\n1,5;2\n", head, rows{{"1,5", "2"}}, at{2})
	f("a\tb\n1\t2\n", head, rows{{"1", "2"}}, at{2})
	f("a|b\n1|2\n", head, rows{{"1", "2"}}, at{2})
	f("a\n1\n\n2\n", head, rows{{"1"}, {"2"}}, at{2, 4})  // one column: an empty line is no row
	f("a\n\"\"\n2\n", head, rows{{""}, {"2"}}, at{2, 3})  // but a quoted empty field is
	f(",\n,\n", bare, rows{{"", ""}, {"", ""}}, at{1, 2}) // empty fields
	f("a\rb,c\nd,e\n", bare, rows{{"a\rb", "c"}, {"d", "e"}}, at{1, 2})

	// Quotes.
	f("a,b\n\"x,y\",\"p\nq\"\n\"say \"\"hi\"\"\",\"\"\n", head, rows{{"x,y", "p\nq"}, {`say "hi"`, ""}}, at{2, 4})
	f("a,b\r\n\"x\",\"y\"\r\n\"p\r\nq\",z\r\n1,2\r\n", head, rows{{"x", "y"}, {"p\r\nq", "z"}, {"1", "2"}}, at{2, 3, 5})
	f("a,b\n1,\"2\"", head, rows{{"1", "2"}}, at{2})
	f("a,b\n1,5\"\n2,3\n", head, rows{{"2", "3"}}, at{3}, "2:bad_quote:b")
	f("a,b\n1,\"x\"y\n2,3\n", head, rows{{"2", "3"}}, at{3}, "2:bad_quote:b")
	f("a,b\n\"1,2\n3,4\n5,6\n", head, rows{{"3", "4"}, {"5", "6"}}, at{3, 4}, "2:bad_quote:a") // a stray quote costs one line
	f("a\tb\n5\"\t\"x\n", Options{Header: true, NoQuotes: true}, rows{{"5\"", "\"x"}}, at{2})

	// Faults between rows.
	f("a,b\n1,2\n3\n4,5,6\n7,8\n", head, rows{{"1", "2"}, {"7", "8"}}, at{2, 5}, "3:wrong_field_count:", "4:wrong_field_count:")
	f("a,b\n1,\xff\n3,4\n", head, rows{{"3", "4"}}, at{3}, "2:bad_encoding:b")
	f("a,b\n\"1\",\"\xff\"\n\"3\",\"é\n\"\n5,6\n", head, rows{{"3", "é\n"}, {"5", "6"}}, at{3, 5}, "2:bad_encoding:b")

	// Blanks.
	f("  1  19970101 1 29.33\r\n\r\n   \r\n 22\t19970102   2   9.00  \r\n", blank,
		rows{{"1", "19970101", "1", "29.33"}, {"22", "19970102", "2", "9.00"}}, at{1, 4})
	f(" 1 2\n 3\n\"a b\"\n", blank, rows{{"1", "2"}, {`"a`, `b"`}}, at{1, 3}, "2:wrong_field_count:")
}

func TestFaultShowsTheBeginningOfTheRow(t *testing.T) {
	got := mustRead(t, "a,b\n"+strings.Repeat("x", 500)+"\n", Options{Delimiter: ',', Header: true})
	f := got.faults[0]
	if n := len([]rune(f.Got)); n != clipRunes || !strings.HasSuffix(f.Got, "x…") {
		t.Errorf("got %d characters, %q; want %d ending in …", n, f.Got, clipRunes)
	}
	if f.Want != "2 fields, not 1" || f.Pos.Path != "t.csv" {
		t.Errorf("got %+v", f)
	}
}

func TestNamesOfColumns(t *testing.T) {
	f := func(text string, o Options, want ...string) {
		t.Helper()
		if d := diff(want, mustRead(t, text, o).names); d != "" {
			t.Errorf("%q: %s", text, d)
		}
	}
	f("a,b\n", Options{Header: true}, "a", "b")
	f("a,\"b \"\"c\"\"\n\",\n", Options{Header: true}, "a", "b \"c\"\n", "3")
	f("1,2\n", Options{}, "1", "2")
	f("1,2\n", Options{Names: []string{"x", "y"}}, "x", "y")
	f("a,b\n1,2\n", Options{Header: true, Names: []string{"x", "y"}}, "x", "y")
	f("caf\xe9;b\n", Options{Header: true, Encoding: Latin1}, "café", "b")
	f("x y\nx z\n", Options{Names: []string{"all"}}, "all")
}

func TestSelectDecodesTheColumnsAskedFor(t *testing.T) {
	r, err := NewReader(strings.NewReader("a,b,c\r\n1,2,\"3\"\r\n4,5,6\r\n7,8\r\n"), "t.csv", DefaultOptions())
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Select([]int{3}); err == nil {
		t.Error("column 3 of 3 was selected")
	}
	if err := r.Select([]int{2, 0}); err != nil {
		t.Fatal(err)
	}
	got, err := slurp(r)
	if err != nil {
		t.Fatal(err)
	}
	if d := diff([][]string{{"3", "1"}, {"6", "4"}}, got.rows); d != "" {
		t.Error(d)
	}
	if len(got.faults) != 1 {
		t.Errorf("got %d faults, want 1 for the row of two fields", len(got.faults))
	}
}

func TestSelectingNothingStillCountsRows(t *testing.T) {
	r, err := NewReader(strings.NewReader("a,b\n1,2\n3,4\n"), "t.csv", DefaultOptions())
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Select(nil); err != nil {
		t.Fatal(err)
	}
	got, err := slurp(r)
	if err != nil || len(got.rows) != 2 {
		t.Errorf("got %d rows, %v; want 2", len(got.rows), err)
	}
}

// awkward is text that holds everything there is to get wrong.
const awkward = "id,name,note\n1,a,\"x\n\ny\"\n\n2,\"b\"\"c\",\r\n3,d\n4,\"e\",f,g\n5,\"h\"i,j\n6,\xff,k\n7,\"l\n8,m,n\n" +
	"9,é,\"ü\"\n\n10,\"o\r\np\",\"\"\"q\"\"\"\r\n11,\"r,s\",t\n12,u\"v,w\n13,\"\",\"\"\n14,x,\"y\nz\n15,1,2\n16,\"\"\"\",3\n"

func TestBlockSizeChangesNothing(t *testing.T) {
	text := awkward + strings.Repeat("17,abc,\"de\"\"f\"\n18,g,h\n", 40) + awkward[strings.Index(awkward, "\n")+1:]
	o := Options{Delimiter: ',', Header: true}
	want := mustRead(t, text, o)
	if len(want.rows) < 90 || len(want.faults) < 12 {
		t.Fatalf("only %d rows and %d faults", len(want.rows), len(want.faults))
	}
	for _, size := range []int{1, 2, 7, 63, 64, 65, 100, 1000, 4096} {
		o.BlockSize = size
		if d := diff(want, mustRead(t, text, o)); d != "" {
			t.Errorf("blocks of %d bytes (-want +got):\n%s", size, d)
		}
	}
}

func TestSourceOfBytesChangesNothing(t *testing.T) {
	want := mustRead(t, awkward, DefaultOptions())
	r, err := NewReader(&dribble{data: []byte(awkward)}, "t.csv", DefaultOptions())
	if err != nil {
		t.Fatal(err)
	}
	got, err := slurp(r)
	if d := diff(want, got); d != "" || err != nil {
		t.Error(d, err)
	}
}

// dribble delivers a byte at a time, every other time none.
type dribble struct {
	data []byte
	odd  bool
}

func (d *dribble) Read(p []byte) (int, error) {
	if d.odd = !d.odd; d.odd {
		return 0, nil
	}
	if len(d.data) == 0 {
		return 0, io.EOF
	}
	p[0], d.data = d.data[0], d.data[1:]
	return 1, nil
}

// The careful scanner is the oracle of the indexers.
func TestIndexersAgreeWithTheCarefulScanner(t *testing.T) {
	texts := map[string]string{
		"plain":  string(orders(3000, false)),
		"quoted": string(orders(3000, true)),
		"long":   "a,b\n" + strings.Repeat("x", 100_000) + ",y\n" + strings.Repeat(",", 100_000) + "\n1,2\n",
		"wide":   "a,b\n" + strings.Repeat("ä,ö\nu,\xfc\n", 10_000),
		"lines":  "a,b\n" + strings.Repeat("\"x\ny\",\"p\"\"q\"\n1,2\n", 5_000),
		"return": strings.ReplaceAll(string(orders(3000, true)), "\n", "\r\n"),
	}
	for name, text := range texts {
		o := Options{Delimiter: ',', Header: true}
		want := bySyntax(t, text, o)
		got := mustRead(t, text, o)
		if d := diff(want.rows, got.rows); d != "" {
			t.Errorf("%s: rows (-want +got):\n%.2000s", name, d)
		}
		if d := diff(want.lines, got.lines); d != "" {
			t.Errorf("%s: lines (-want +got):\n%.2000s", name, d)
		}
		if d := diff(want.faults, got.faults); d != "" {
			t.Errorf("%s: faults (-want +got):\n%.2000s", name, d)
		}
	}
}

// bySyntax reads text with the careful scanner alone.
func bySyntax(t testing.TB, text string, o Options) (out result) {
	t.Helper()
	r, err := NewReader(strings.NewReader(text), "t.csv", o)
	if err != nil {
		t.Fatal(err)
	}
	for {
		p, err := r.Next(context.Background())
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		d := new(decoder)
		d.begin(p.(*part))
		d.careful()
		var f datasets.Frame
		d.finish(&f)
		for i := range f.Rows {
			row := make([]string, len(f.Columns))
			for c := range row {
				row[c] = string(f.Columns[c].Texts.At(i))
			}
			out.rows = append(out.rows, row)
			out.lines = append(out.lines, f.Position(i, "").Line)
		}
		out.faults = append(out.faults, f.Faults...)
	}
}

func TestPartsDecodeOnManyGoroutinesInAnyOrder(t *testing.T) {
	text := string(orders(20_000, true))
	o := DefaultOptions()
	o.BlockSize = 4096
	want := mustRead(t, text, o)
	r, err := NewReader(strings.NewReader(text), "t.csv", o)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	byLine := map[int64]string{}
	parts := make(chan datasets.Part)
	for range 8 {
		wg.Go(func() {
			var f datasets.Frame
			for p := range parts {
				if err := p.Decode(&f); err != nil {
					t.Error(err)
				}
				mu.Lock()
				for i := range f.Rows {
					byLine[f.Position(i, "").Line] = string(f.Columns[1].Texts.At(i))
				}
				mu.Unlock()
			}
		})
	}
	for {
		p, err := r.Next(context.Background())
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		parts <- p
	}
	close(parts)
	wg.Wait()
	if len(byLine) != len(want.rows) {
		t.Fatalf("got %d rows, want %d", len(byLine), len(want.rows))
	}
	for i, line := range want.lines {
		if byLine[line] != want.rows[i][1] {
			t.Fatalf("line %d: got %q, want %q", line, byLine[line], want.rows[i][1])
		}
	}
}

func TestFramesKeepTheirTextsUntilDecodedInto(t *testing.T) {
	o := DefaultOptions()
	o.BlockSize = 256
	r, err := NewReader(bytes.NewReader(orders(2000, false)), "t.csv", o)
	if err != nil {
		t.Fatal(err)
	}
	kept, first := new(datasets.Frame), ""
	var f datasets.Frame
	for n := 0; ; n++ {
		p, err := r.Next(context.Background())
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			if err := p.Decode(kept); err != nil {
				t.Fatal(err)
			}
			first = fmt.Sprint(kept.Columns)
			continue
		}
		if err := p.Decode(&f); err != nil {
			t.Fatal(err)
		}
	}
	if got := fmt.Sprint(kept.Columns); got != first {
		t.Error("a frame changed while other frames were decoded into")
	}
}

func TestRowsCostNoAllocation(t *testing.T) {
	o := DefaultOptions()
	o.BlockSize = 32 << 10
	count := func(rows int) float64 {
		data := orders(rows, true)
		return testing.AllocsPerRun(3, func() {
			r, err := NewReader(bytes.NewReader(data), "t.csv", o)
			if err != nil {
				t.Fatal(err)
			}
			var f datasets.Frame
			for {
				p, err := r.Next(context.Background())
				if err != nil {
					return
				}
				if err := p.Decode(&f); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
	few, many := count(5_000), count(50_000)
	if perRow := (many - few) / 45_000; perRow > 0.01 { // a part or two a block of 500 rows
		t.Errorf("got %.4f allocations a row (%v for 5,000 rows, %v for 50,000), want under 0.01", perRow, few, many)
	}
}

func TestQuoteThatNeverClosesCostsOneLine(t *testing.T) {
	row := "1234567,\"x\"\"y\",z\n"
	text := "a,b,c\n1,\"open,3\n" + strings.Repeat(row, 2_500_000/len(row)*10)
	for _, size := range []int{64 << 10, 1 << 20, 16 << 20} {
		o := Options{Header: true, Delimiter: ',', BlockSize: size}
		r, err := NewReader(strings.NewReader(text), "t.csv", o)
		if err != nil {
			t.Fatal(err)
		}
		rows, faults := 0, 0
		var f datasets.Frame
		for {
			p, err := r.Next(context.Background())
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if err := p.Decode(&f); err != nil {
				t.Fatal(err)
			}
			rows += f.Rows
			faults += len(f.Faults)
		}
		if want := strings.Count(text, "\n") - 2; rows != want || faults != 1 {
			t.Errorf("blocks of %d: got %d rows and %d faults, want %d and 1", size, rows, faults, want)
		}
	}
}

func TestCancelStopsNext(t *testing.T) {
	r, err := NewReader(strings.NewReader("a,b\n1,2\n"), "t.csv", DefaultOptions())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := r.Next(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	if _, err := r.Next(context.Background()); err != nil {
		t.Errorf("got %v after a cancelled call, want a part", err)
	}
}

func TestOpenReadsAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.csv")
	if err := os.WriteFile(path, []byte("a,b\n1,2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := Open(path, DefaultOptions())
	if err != nil {
		t.Fatal(err)
	}
	if got, err := slurp(r); err != nil || len(got.rows) != 1 {
		t.Errorf("got %v, %v", got, err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if _, err := r.Next(context.Background()); !errors.Is(err, os.ErrClosed) {
		t.Errorf("got %v, want %v", err, os.ErrClosed)
	}
	if _, err := Open(path+"x", DefaultOptions()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want %v", err, os.ErrNotExist)
	}
	if _, err := Open(filepath.Dir(path), DefaultOptions()); err == nil {
		t.Error("a folder was opened")
	}
}

func TestColumnsWithoutOuterWhiteSpaceSaySo(t *testing.T) {
	trimmed := func(text string, o Options) (out []bool) {
		t.Helper()
		r, err := NewReader(strings.NewReader(text), "t.csv", o)
		if err != nil {
			t.Fatal(err)
		}
		var frame datasets.Frame
		for {
			p, err := r.Next(context.Background())
			if errors.Is(err, io.EOF) {
				return out
			}
			if err != nil {
				t.Fatal(err)
			}
			if err := p.Decode(&frame); err != nil {
				t.Fatal(err)
			}
			for c := range frame.Columns {
				out = append(out, frame.Columns[c].Texts.Trimmed)
			}
		}
	}
	o := DefaultOptions()
	for _, c := range []struct {
		text string
		want []bool
	}{
		{"a,b,c\n1,x y,\n2,,z\n", []bool{true, true, true}},
		{"a,b,c\r\n1,x y,\r\n2,,z\r\n", []bool{true, true, true}},
		{"a,b,c\n 1,x,y\n2,x,z\n", []bool{false, true, true}},
		{"a,b,c\n1,x ,y\n2,x,z\t\n", []bool{true, false, false}},
		{"a,b,c\n1,x,y \r\n2,x,z\r\n", []bool{true, true, false}},
		{"a,b,c\n\"1\",\" x\",\"y\"\n", []bool{true, false, true}},
		{"a,b,c\n\"1\",\"\"\"x\",\"y \"\n", []bool{true, true, false}},
		{"a,b,c\n\"1\",\"\"\"x\",\" \"\"y\"\nq\"\n", []bool{true, true, false}},
	} {
		if got := trimmed(c.text, o); !slices.Equal(got, c.want) {
			t.Errorf("%q: got %t, want %t", c.text, got, c.want)
		}
	}
}
