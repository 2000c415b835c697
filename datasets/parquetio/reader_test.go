package parquetio

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/table"
)

// rowsOf returns every value of column i of the frames' one, as JSON has it.
func cell(c *datasets.Column, row int) any {
	if !c.Valid.Get(row) {
		return nil
	}
	switch {
	case c.Kind == datasets.Text && c.Codes != nil:
		return string(c.Dict.At(int(c.Codes[row])))
	case c.Kind == datasets.Text:
		return string(c.Texts.At(row))
	case c.Kind == datasets.Float:
		return c.Floats[row]
	case c.Kind == datasets.Bool:
		return c.Ints[row] == 1
	}
	return c.Ints[row]
}

// readAll decodes the named columns, or all, part by part into one frame that is
// reused, and returns the values by column.
func readAll(t *testing.T, r *Reader, columns ...string) map[string][]any {
	t.Helper()
	fields := r.Fields()
	var selected []int
	for i, f := range fields {
		if len(columns) == 0 || strings.Contains(" "+strings.Join(columns, " ")+" ", " "+f.Name+" ") {
			selected = append(selected, i)
		}
	}
	if err := r.Select(selected); err != nil {
		t.Fatal(err)
	}
	values := map[string][]any{}
	var frame datasets.Frame
	rows := int64(0)
	for {
		part, err := r.Next(context.Background())
		if errors.Is(err, io.EOF) {
			return values
		}
		if err == nil {
			err = part.Decode(&frame)
		}
		if err != nil {
			t.Fatal(err)
		}
		if frame.FirstRow != rows+1 {
			t.Errorf("got first row %d, want %d", frame.FirstRow, rows+1)
		}
		rows += int64(frame.Rows)
		for i := range frame.Columns {
			c := &frame.Columns[i]
			if c.Field != fields[selected[i]] {
				t.Errorf("got field %+v, want %+v", c.Field, fields[selected[i]])
			}
			for row := range frame.Rows {
				values[c.Name] = append(values[c.Name], cell(c, row))
			}
		}
	}
}

// fixtureValues returns the rows that the fixtures hold.
func fixtureValues(t *testing.T) map[string][]any {
	t.Helper()
	data, err := os.ReadFile("testdata/values.json")
	if err != nil {
		t.Fatal(err)
	}
	values := map[string][]any{}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err := decoder.Decode(&values); err != nil {
		t.Fatal(err)
	}
	return values
}

// equal compares a value that was read with the one that JSON has.
func equal(got, want any) bool {
	number, ok := want.(json.Number)
	if !ok {
		return got == want
	}
	switch got := got.(type) {
	case float64:
		f, err := number.Float64()
		return err == nil && f == got
	case int64:
		return fmt.Sprint(got) == number.String()
	}
	return false
}

func TestReaderReadsWhatOthersWrite(t *testing.T) {
	want := fixtureValues(t)
	files, err := filepath.Glob("testdata/*.parquet")
	if err != nil || len(files) < 19 {
		t.Fatalf("got %d fixtures, %v; want 19", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".parquet"), func(t *testing.T) {
			r, err := Open(file)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			got := readAll(t, r)
			if len(got) == 0 && r.Rows() > 0 {
				t.Error("got no columns")
			}
			for name, values := range got {
				if len(values) != len(want[name]) {
					t.Errorf("%s: got %d rows, want %d", name, len(values), len(want[name]))
					continue
				}
				for i := range values {
					if !equal(values[i], want[name][i]) {
						t.Errorf("%s, row %d: got %v (%T), want %v", name, i+1, values[i], values[i], want[name][i])
						break
					}
				}
			}
		})
	}
}

func TestFieldsOfOtherWriters(t *testing.T) {
	f := func(file, want string) {
		t.Helper()
		r, err := Open("testdata/" + file + ".parquet")
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		var got []string
		for _, f := range r.Fields() {
			s := f.Name + ":" + f.Kind.String()
			if f.Kind == datasets.Decimal {
				s += fmt.Sprint(f.Scale)
			}
			if f.UTC {
				s += "!"
			}
			got = append(got, s)
		}
		if text := strings.Join(got, " "); text != want {
			t.Errorf("%s:\ngot  %s\nwant %s", file, text, want)
		}
	}
	f("pyarrow-default", "code:text code_null:text note:text note_null:text flag:bool i8:int u16:int i32:int u32:int i64:int u64:int "+
		"f32:float f64:float day:date ms:timestamp us:timestamp us_utc:timestamp! ns:timestamp money9:decimal2 money18:decimal2 "+
		"money38:decimal2 wide38:text nothing:text")
	f("pyarrow-int96", "us:timestamp! ns_null:timestamp!")
	f("polars", "code:text code_null:text note:text flag:bool i64:int u32:int f64:float day:date us:timestamp money:decimal2 kind:text")
	f("duckdb", "code:text code_null:text note:text flag:bool i8:int u16:int i32:int u32:int i64:int f32:float f64:float day:date "+
		"us:timestamp us_utc:timestamp! money9:decimal2 money18:decimal2 uuid:text kind:text")
	f("fastparquet", "code:text code_null:text i64:int f64:float us:timestamp whole:bool")
	const spark = "code:text code_null:text note:text flag:bool i8:int i32:int i64:int f32:float f64:float day:date us_utc:timestamp! us:timestamp " +
		"money9:decimal2 money18:decimal2 money38:decimal2"
	f("spark", spark)
	f("spark-legacy", spark)
	f("pyarrow-nested", "code:text i64:int")
}

func TestSkippedColumnsAreNamed(t *testing.T) {
	r, err := Open("testdata/pyarrow-nested.parquet")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	want := "[{basket.list.element nested} {address.city nested} {address.zip nested} " +
		"{at the type TIME(isAdjustedToUTC=false,unit=MICROS)} {hash bytes of fixed length 8}]"
	if got := fmt.Sprint(r.Skipped()); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	err = r.Select([]int{2})
	var fault *datasets.FileError
	if !errors.As(err, &fault) || !strings.Contains(err.Error(), `one of the 2 flat columns ["code" "i64"]`) {
		t.Errorf("got %v, want an error that lists the columns", err)
	}
}

func TestReaderReadsWhatTheWriterWrites(t *testing.T) {
	const rows = 5000
	options := DefaultOptions()
	options.RowGroupRows = 1700
	data := written(t, rows, 900, options)
	r, err := NewReader(bytes.NewReader(data), int64(len(data)), "a.parquet")
	if err != nil {
		t.Fatal(err)
	}
	if f := r.Fields()[5]; f.Description != "probability of leaving" {
		t.Errorf("got description %q, want the one that was written", f.Description)
	}
	if got := fmt.Sprint(r.Skipped()); got != "[{antecedent.list.element nested}]" {
		t.Errorf("got %s skipped, want the list", got)
	}
	got := readAll(t, r)
	want := everyValue(rows)
	for i, c := range everyType()[:11] {
		v := want[i]
		in := datasets.Column{Field: datasets.Field{Kind: r.Fields()[i].Kind}, Ints: v.Ints, Floats: v.Floats, Texts: v.Texts, Codes: v.Codes, Dict: v.Dict, Valid: v.Valid}
		for _, x := range v.Int32s {
			in.Ints = append(in.Ints, int64(x))
		}
		for _, x := range v.Float32s {
			in.Floats = append(in.Floats, float64(x))
		}
		for _, x := range v.Bools {
			in.Ints = append(in.Ints, int64(btoi(x)))
		}
		for row := range rows {
			if want := cell(&in, row); got[c.Name][row] != want {
				t.Fatalf("%s, row %d: got %v, want %v", c.Name, row+1, got[c.Name][row], want)
			}
		}
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestNaNOfANullableColumnIsNull(t *testing.T) {
	var out bytes.Buffer
	w, err := NewWriter(&out, []table.Column{{Name: "a", Type: table.Float64, Nullable: true}, {Name: "b", Type: table.Float64}, {Name: "c", Type: table.Float32, Nullable: true}}, DefaultOptions())
	if err != nil {
		t.Fatal(err)
	}
	x := []float64{1, math.NaN(), 3}
	if err := w.Write([]table.Values{{Floats: x}, {Floats: x}, {Floats: x}}, 3); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()), "a.parquet")
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(readAll(t, r)); got != "map[a:[1 <nil> 3] b:[1 NaN 3] c:[1 <nil> 3]]" {
		t.Errorf("got %s", got)
	}
}

// longFile returns one row group that is longer than a part.
func longFile(t testing.TB, rows int) []byte {
	t.Helper()
	var out bytes.Buffer
	options := DefaultOptions()
	options.RowGroupRows = rows
	columns := []table.Column{
		{Name: "i", Type: table.Int64, Nullable: true},
		{Name: "flag", Type: table.Bool, Nullable: true}, // has longer pages than the others
		{Name: "code", Type: table.Text, Dictionary: true, Nullable: true},
		{Name: "text", Type: table.Text, Nullable: true},
	}
	v := make([]table.Values, 4)
	valid := datasets.NewBitmap(rows)
	for i := range rows {
		if i%11 != 5 {
			valid.Set(i)
		}
		v[0].Ints = append(v[0].Ints, int64(i))
		v[1].Ints = append(v[1].Ints, int64(i/3%2))
		v[2].Codes = append(v[2].Codes, uint32(i%5))
		v[3].Texts.Append(fmt.Appendf(nil, "%d", i%1000))
	}
	for i := range 5 {
		v[2].Dict.Append(fmt.Appendf(nil, "code %d", i))
	}
	for i := range v {
		v[i].Valid = valid
	}
	w, err := NewWriter(&out, columns, options)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(v, rows); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestLongRowGroupsAreCutIntoParts(t *testing.T) {
	const rows, most = 400_000, 70_000
	data := longFile(t, rows)
	r, err := NewReader(bytes.NewReader(data), int64(len(data)), "a.parquet")
	if err != nil {
		t.Fatal(err)
	}
	r.most = most
	if err := r.Select([]int{0, 1, 2, 3}); err != nil {
		t.Fatal(err)
	}
	var work sync.WaitGroup // parts are decoded side by side
	parts, total := 0, 0
	for {
		part, err := r.Next(context.Background())
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		parts++
		work.Add(1)
		go func() {
			defer work.Done()
			var f datasets.Frame
			if err := part.Decode(&f); err != nil {
				t.Error(err)
				return
			}
			checkLong(t, &f)
		}()
		p := part.(*decodable)
		total += int(p.to - p.from)
		if p.to-p.from > 3*most { // the pages of flags are the longest
			t.Errorf("got a part of %d rows, want about %d", p.to-p.from, most)
		}
	}
	work.Wait()
	if parts < 3 || total != rows {
		t.Errorf("got %d rows in %d parts, want %d in at least 3", total, parts, rows)
	}
}

func checkLong(t *testing.T, f *datasets.Frame) {
	for i := range f.Rows {
		row := int(f.FirstRow) - 1 + i
		want := []any{int64(row), row/3%2 == 1, fmt.Sprintf("code %d", row%5), fmt.Sprint(row % 1000)}
		for c := range f.Columns {
			got := cell(&f.Columns[c], i)
			if row%11 == 5 && got != nil || row%11 != 5 && got != want[c] {
				t.Errorf("column %d, row %d: got %v, want %v", c, row+1, got, want[c])
				return
			}
		}
	}
}

func TestNextStopsWhenCancelled(t *testing.T) {
	r, err := Open("testdata/polars.parquet")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := r.Select([]int{0}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := r.Next(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}
