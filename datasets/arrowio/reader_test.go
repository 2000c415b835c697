package arrowio

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/quintile-dev/quintile/datasets"
)

// cell returns a value as JSON has it.
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

// selectAll selects every column.
func selectAll(t testing.TB, r *Reader) {
	t.Helper()
	all := []int{}
	for i := range r.Fields() {
		all = append(all, i)
	}
	if err := r.Select(all); err != nil {
		t.Fatal(err)
	}
}

// readAll decodes every column, part by part into one frame that is reused, and
// returns the values by column.
func readAll(t *testing.T, r *Reader) map[string][]any {
	t.Helper()
	selectAll(t, r)
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
			for row := range frame.Rows {
				values[c.Name] = append(values[c.Name], cell(c, row))
			}
		}
	}
}

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

func fixtures(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/*.arrow*")
	if err != nil || len(files) < 13 {
		t.Fatalf("got %d fixtures, %v; want 13", len(files), err)
	}
	return files
}

func TestReaderReadsWhatOthersWrite(t *testing.T) {
	data, err := os.ReadFile("testdata/values.json")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]any{}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err := decoder.Decode(&want); err != nil {
		t.Fatal(err)
	}
	for _, file := range fixtures(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			r, err := Open(file)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			checked := memory.NewCheckedAllocator(memory.NewGoAllocator())
			defer checked.AssertSize(t, 0)
			r.allocator = checked
			got := readAll(t, r)
			if len(got) == 0 && !strings.Contains(file, "empty") {
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
	f := func(file, want, skipped string) {
		t.Helper()
		r, err := Open("testdata/" + file)
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
		if text := fmt.Sprint(r.Skipped()); text != skipped {
			t.Errorf("%s: got %s skipped, want %s", file, text, skipped)
		}
	}
	f("pyarrow.arrow", "code:text code_null:text note:text note_null:text raw:text coded:text coded_int:int coded_float:float flag:bool "+
		"f16:float f32:float f64:float day:date day64:date s:timestamp ms:timestamp us:timestamp us_utc:timestamp! ns:timestamp "+
		"money32:decimal2 money64:decimal2 money:decimal2 nothing:text i64:int u64:int i8:int u8:int i16:int u16:int i32:int u32:int uuid:text",
		"[{basket the type list<item: utf8, nullable>} {at the type time64[us]} {address the type struct<city: utf8 nullable>}]")
	f("polars.arrow", "code:text code_null:text note:text flag:bool i64:int u32:int f64:float day:date us:timestamp money:decimal2 coded:text", "[]")
}

func TestTextsOfDictionariesStayCodes(t *testing.T) {
	r, err := Open("testdata/pyarrow-delta.arrows")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	selectAll(t, r)
	var dicts []int
	for {
		part, err := r.Next(context.Background())
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		var frame datasets.Frame
		if err := part.Decode(&frame); err != nil {
			t.Fatal(err)
		}
		if frame.Columns[0].Codes == nil {
			t.Error("got no codes")
		}
		dicts = append(dicts, frame.Columns[0].Dict.Len())
	}
	if len(dicts) != 3 || dicts[0] > dicts[1] || dicts[1] > dicts[2] {
		t.Errorf("got dictionaries of %v texts, want three that grow", dicts)
	}
}

// Parts keep what they need, so they may be decoded late and side by side.
func TestPartsAreIndependent(t *testing.T) {
	for _, file := range []string{"pyarrow.arrow", "pyarrow-stream.arrows", "pyarrow-delta.arrows", "pyarrow-replaced.arrows"} {
		r, err := Open("testdata/" + file)
		if err != nil {
			t.Fatal(err)
		}
		inOrder := readAll(t, r)
		if r, err = Open("testdata/" + file); err != nil {
			t.Fatal(err)
		}
		selectAll(t, r)
		var parts []datasets.Part
		for {
			part, err := r.Next(context.Background())
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			parts = append(parts, part)
		}
		frames := make([]datasets.Frame, len(parts))
		done := make(chan error)
		for i := range parts {
			go func() { done <- parts[i].Decode(&frames[i]) }()
		}
		for range parts {
			if err := <-done; err != nil {
				t.Fatal(err)
			}
		}
		for i := range frames {
			for c := range frames[i].Columns {
				column := &frames[i].Columns[c]
				for row := range frames[i].Rows {
					want := inOrder[column.Name][int(frames[i].FirstRow)-1+row]
					if got := cell(column, row); got != want {
						t.Fatalf("%s: %s, row %d: got %v, want %v", file, column.Name, row+1, got, want)
					}
				}
			}
		}
	}
}

func TestFilesOfOtherFormatsAreNamed(t *testing.T) {
	f := func(data, want string) {
		t.Helper()
		_, err := NewReader(strings.NewReader(data), int64(len(data)), "a.arrow")
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got  %v\nwant %s…", err, want)
		}
	}
	f("", "a.arrow, schema: got something else, want an Arrow IPC file or stream: unexpected EOF; check the format of the file")
	f("customer;time;amount\n", "a.arrow, schema: got something else, want an Arrow IPC file or stream: damaged metadata: ")
	f("ARROW1\x00\x00and then nothing at all", `a.arrow, footer: the last bytes "at all", want "ARROW1"`)
}

func TestSelectListsTheColumns(t *testing.T) {
	r, err := Open("testdata/pyarrow-delta.arrow")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	err = r.Select([]int{7})
	var fault *datasets.FileError
	if !errors.As(err, &fault) || !strings.Contains(err.Error(), `one of the 2 flat columns ["coded" "i64"]`) {
		t.Errorf("got %v, want an error that lists the columns", err)
	}
}

func TestBytesThatAreNotTextAreRefused(t *testing.T) {
	data, err := os.ReadFile("testdata/pyarrow.arrow")
	if err != nil {
		t.Fatal(err)
	}
	f := func(column, want string) {
		t.Helper()
		// the notes of rows 1 to 18 stand in two columns of views and one of bytes
		bad := bytes.ReplaceAll(data, []byte("a note that"), []byte("a note \xff\xfeat"))
		r, err := NewReader(bytes.NewReader(bad), int64(len(bad)), "a.arrow")
		if err != nil {
			t.Fatal(err)
		}
		for i, f := range r.Fields() {
			if f.Name == column {
				if err := r.Select([]int{i}); err != nil {
					t.Fatal(err)
				}
			}
		}
		part, err := r.Next(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		var frame datasets.Frame
		if err = part.Decode(&frame); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", column, err, want)
		}
	}
	f("raw", `a.arrow, record batch 1, column "raw": row 1: bytes that are not UTF-8`)
	f("note", `a.arrow, record batch 1, column "note": `)
}
