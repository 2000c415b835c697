package csvio

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"testing"
	"unicode/utf8"

	"github.com/quintile-dev/quintile/datasets"
)

// written returns what cells become in a row.
func written(t testing.TB, o WriterOptions, cells func(w *Writer)) string {
	t.Helper()
	var b bytes.Buffer
	w := NewWriter(&b, o)
	cells(w)
	if err := errors.Join(w.EndRow(), w.Flush()); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestWriteWorkedExamples(t *testing.T) {
	o := DefaultWriterOptions()
	f := func(cells func(w *Writer), want string) {
		t.Helper()
		if got := written(t, o, cells); got != want+"\n" {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	text := func(s string) func(*Writer) { return func(w *Writer) { w.Text([]byte(s)) } }
	f(text("abc"), "abc")
	f(text("a,b"), `"a,b"`)
	f(text("say \"hi\""), `"say ""hi"""`)
	f(text("a\nb"), "\"a\nb\"")
	f(text(" a"), `" a"`)
	f(text("a;b"), "a;b")
	f(text(""), `""`) // a row of one empty cell is not an empty line
	f(text("=1+1"), "'=1+1")
	f(text("+49 30"), "'+49 30")
	f(text("-x"), "'-x")
	f(text("@x,y"), `"'@x,y"`)
	f(text("\tx"), "\"'\tx\"")
	f(text("\rx"), "\"'\rx\"")
	f(text("a=b"), "a=b")

	f(func(w *Writer) { w.Int(-42); w.Int(math.MinInt64) }, "-42,-9223372036854775808")
	f(func(w *Writer) { w.Float(0.1); w.Float(1e21); w.Float(math.Copysign(0, -1)) }, "0.1,1000000000000000000000,0")
	f(func(w *Writer) { w.Float(math.NaN()); w.Float(math.Inf(-1)); w.Rounded(math.NaN(), 2); w.Null() }, ",,,")
	f(func(w *Writer) { w.Rounded(2.0/3, 4); w.Rounded(-0.001, 2); w.Rounded(-1, 0) }, "0.6667,0.00,-1")
	f(func(w *Writer) {
		w.Money(12_500_000)
		w.Money(-125_000)
		w.Money(0)
		w.Money(1)
		w.Money(datasets.NoMoney)
	}, "12.50,-0.125,0.00,0.000001,")
	f(func(w *Writer) { w.Money(math.MinInt64 + 1); w.Money(math.MaxInt64) }, "-9223372036854.775807,9223372036854.775807")
	f(func(w *Writer) { w.Quantity(3 * datasets.One); w.Quantity(-250_000) }, "3,-0.25")
	day := datasets.DayOf(2011, 12, 10)
	f(func(w *Writer) { w.Day(day); w.Day(-1); w.Bool(true) }, "2011-12-10,1969-12-31,true")
	f(func(w *Writer) { w.Moment(datasets.Moment(day)*datasets.FullDay + 8*datasets.Hour + 5_000_001) }, "2011-12-10T08:00:05.000001")
	f(func(w *Writer) { w.Moment(-500_000); w.Moment(0) }, "1969-12-31T23:59:59.5,1970-01-01T00:00:00")
}

func TestWriterOptions(t *testing.T) {
	o := WriterOptions{Delimiter: ';', CRLF: true, Mark: true, Null: "#N/A"}
	got := written(t, o, func(w *Writer) { w.Text([]byte("=a;b")); w.Null(); w.Text(nil) })
	if want := "\ufeff\"=a;b\";#N/A;\r\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, d := range []byte{0, '.', '-', '"', '1', 'e', ':', ' ', 0xe9} {
		w := NewWriter(io.Discard, WriterOptions{Delimiter: d})
		if w.Int(1); w.EndRow() == nil {
			t.Errorf("the delimiter %q was taken", d)
		}
	}
}

func TestEveryRowHasAsManyCells(t *testing.T) {
	var b bytes.Buffer
	w := NewWriter(&b, DefaultWriterOptions())
	if err := w.Header("a", "b"); err != nil {
		t.Fatal(err)
	}
	w.Int(1)
	if err := w.EndRow(); err == nil || err.Error() != "csvio: got a row of 1 cell, want 2" {
		t.Errorf("got %v", err)
	}
	if w.Flush() == nil || b.Len() > 0 {
		t.Errorf("wrote %q after an error", b.String())
	}
}

func TestCellsOfAnotherWriterAreTakenAsTheyAre(t *testing.T) {
	var cells, b bytes.Buffer
	one := NewWriter(&cells, DefaultWriterOptions())
	one.Text([]byte("a, b"))
	one.Null()
	if err := errors.Join(one.EndRow(), one.Flush()); err != nil {
		t.Fatal(err)
	}
	w := NewWriter(&b, DefaultWriterOptions())
	w.Int(1)
	w.Cells(bytes.TrimSuffix(cells.Bytes(), []byte("\n")), 2)
	w.Text([]byte("=c"))
	if err := errors.Join(w.EndRow(), w.Flush()); err != nil || b.String() != "1,\"a, b\",,'=c\n" {
		t.Errorf("got %q, %v", b.String(), err)
	}
	for range 3 {
		w.Null()
	}
	if err := w.EndRow(); err == nil || err.Error() != "csvio: got a row of 3 cells, want 4" {
		t.Errorf("got %v", err)
	}
}

func TestWriteErrorsStay(t *testing.T) {
	r, _, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	w := NewWriter(r, DefaultWriterOptions()) // cannot be written to
	w.Int(1)
	if err := w.EndRow(); err != nil {
		t.Error(err)
	}
	first := w.Flush()
	w.Int(2)
	if err := w.EndRow(); first == nil || err != first {
		t.Errorf("got %v, then %v", first, err)
	}
}

// FuzzWrite holds the writer against the reader.
func FuzzWrite(f *testing.F) {
	f.Add("a", "b,\"c\"\r\n", "", uint8(0), false)
	f.Add("=1", " x ", "\r", uint8(3), true)
	f.Fuzz(func(t *testing.T, a, b, c string, delim uint8, crlf bool) {
		if !utf8.ValidString(a) || !utf8.ValidString(b) || !utf8.ValidString(c) {
			return
		}
		o := WriterOptions{Delimiter: writable[int(delim)%len(writable)], CRLF: crlf}
		row := []string{a, b, c}
		text := "x" + string(o.Delimiter) + "y" + string(o.Delimiter) + "z\n" + written(t, o, func(w *Writer) {
			for _, cell := range row {
				w.Text([]byte(cell))
			}
		})
		if wide, _ := looksWide([]byte(text)); wide {
			return
		}
		got := mustRead(t, text, Options{Delimiter: o.Delimiter, Header: true})
		if d := diff([][]string{row}, got.rows); d != "" {
			t.Fatalf("%q (-written +read):\n%s", text, d)
		}
	})
}

func TestCellsCostNoAllocation(t *testing.T) {
	w := NewWriter(io.Discard, DefaultWriterOptions())
	name := []byte("say \"hi\"")
	allocs := testing.AllocsPerRun(5000, func() { exampleRow(w, name) })
	if allocs != 0 {
		t.Errorf("got %v allocations a row, want none", allocs)
	}
}

func exampleRow(w *Writer, name []byte) {
	w.Text(name)
	w.Int(12)
	w.Float(0.25)
	w.Money(12_345_600)
	w.Day(15_000)
	w.Moment(1_323_478_923_000_000)
	w.Null()
	if err := w.EndRow(); err != nil {
		panic(err)
	}
}

func BenchmarkWrite(b *testing.B) {
	w := NewWriter(io.Discard, DefaultWriterOptions())
	b.ReportAllocs()
	for b.Loop() {
		exampleRow(w, []byte("C00012345"))
	}
}

func ExampleWriter() {
	w := NewWriter(os.Stdout, DefaultWriterOptions())
	if err := w.Header("customer", "monetary", "last"); err != nil {
		fmt.Println(err)
	}
	w.Text([]byte("Smith, J."))
	w.Money(8_911_407_904_000)
	w.Day(datasets.DayOf(2011, 12, 9))
	if err := errors.Join(w.EndRow(), w.Flush()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// customer,monetary,last
	// "Smith, J.",8911407.904,2011-12-09
}
