package jsonio

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"github.com/quintile-dev/quintile/datasets"
)

// table is what a reader delivers, row by row; a null is "∅".
type table struct {
	names  []string
	plain  []bool
	rows   [][]string
	lines  []int64
	faults []datasets.Fault
}

func readAll(t testing.TB, r *Reader) table {
	t.Helper()
	var out table
	for _, f := range r.Fields() {
		out.names, out.plain = append(out.names, f.Name), append(out.plain, f.Plain)
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
		err = p.Each(&frame, func() error {
			for i := range frame.Rows {
				row := make([]string, len(frame.Columns))
				for k := range frame.Columns {
					c := &frame.Columns[k]
					if row[k] = "∅"; c.Valid.Get(i) {
						row[k] = string(c.Texts.At(i))
					}
				}
				out.rows = append(out.rows, row)
				out.lines = append(out.lines, frame.Position(i, "").Line)
			}
			out.faults = append(out.faults, frame.Faults...)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func read(t testing.TB, text string) table {
	t.Helper()
	r, err := NewReader(strings.NewReader(text), "a.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	return readAll(t, r)
}

func TestLeavesOfObjectsAreColumns(t *testing.T) {
	got := read(t, `{"id":17850.0,"customer":{"id":"a","address":{"city":"K\u00f6ln"}},"n":12.50,"tags":["x", 1]}
`+"\r\n"+`{"n":-0.10,"customer":{"id":7},"ok":true}
{"customer":null, "n":1e3, "a.b":1, "a":{"b":2}}
{"customer":"text","id":9007199254740993}`)
	want := table{
		names: []string{"id", "customer.id", "customer.address.city", "n", "tags", "ok", "customer", "a.b"},
		plain: []bool{true, false, false, true, false, false, false, true},
		rows: [][]string{
			{"17850", "a", "Köln", "12.5", `["x", 1]`, "∅", `{"id":"a","address":{"city":"K\u00f6ln"}}`, "∅"},
			{"∅", "7", "∅", "-0.1", "∅", "true", `{"id":7}`, "∅"},
			{"∅", "∅", "∅", "1e3", "∅", "∅", "∅", "2"},
			{"9007199254740993", "∅", "∅", "∅", "∅", "∅", "text", "∅"},
		},
		lines: []int64{1, 3, 4, 5},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(table{})); diff != "" {
		t.Error(diff)
	}
}

func TestALineThatIsNoObjectCostsOneLine(t *testing.T) {
	got := read(t, "{\"a\":1}\n{\"a\":2\n[1]\n{\"a\":\"\xff\"}\n{\"a\":3} {}\nnull\n{\"a\":4}\n")
	var found []string
	for _, f := range got.faults {
		found = append(found, fmt.Sprintf("%d %s", f.Pos.Line, f.Reason))
	}
	if want := []string{"2 bad_json", "3 bad_json", "4 bad_encoding", "5 bad_json", "6 bad_json"}; !slices.Equal(found, want) {
		t.Errorf("got %q, want %q", found, want)
	}
	if len(got.rows) != 2 || got.rows[1][0] != "4" || got.lines[1] != 7 {
		t.Errorf("got %v", got.rows)
	}
}

func TestSelectDecodesTheColumnsAskedFor(t *testing.T) {
	r, err := NewReader(strings.NewReader(`{"a":1,"b":{"c":2,"d":3},"e":4}`), "a.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Select([]int{3, 1}); err != nil {
		t.Fatal(err)
	}
	if got := readAll(t, r); len(got.rows) != 1 || !slices.Equal(got.rows[0], []string{"4", "2"}) {
		t.Errorf("got %v", got.rows)
	}
	if err := r.Select([]int{4}); err == nil {
		t.Error("got no error for a column that there is not")
	}
}

func TestManyBlocksAndCompressionChangeNothing(t *testing.T) {
	var text strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&text, "{\"i\":%d,\"t\":\"%s\"}\n", i, strings.Repeat("x", i%50))
	}
	packed := map[string][]byte{"a.jsonl": []byte(text.String())}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(text.String()))
	_ = z.Close()
	packed["a.jsonl.gz"] = b.Bytes()
	e, _ := zstd.NewWriter(nil)
	packed["a.jsonl.zst"] = e.EncodeAll([]byte(text.String()), nil)
	for name, data := range packed {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		got := readAll(t, r)
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		if len(got.rows) != 100_000 || r.Compressed() != (name != "a.jsonl") {
			t.Fatalf("%s: got %d rows", name, len(got.rows))
		}
		for i, row := range got.rows {
			if row[0] != strconv.Itoa(i) || len(row[1]) != i%50 || got.lines[i] != int64(i+1) {
				t.Fatalf("%s: row %d: got %v on line %d", name, i, row, got.lines[i])
			}
		}
	}
}

func TestFilesThatAreNoJSONLines(t *testing.T) {
	for text, want := range map[string]string{
		"":                    "an empty file",
		" \n\n":               "an empty file",
		"a,b\n1,2\n":          "no line that is a JSON object",
		"[{\"a\":1}]":         "jq -c '.[]'",
		"PK\x03\x04aaaaaaaaa": "zip archive",
	} {
		if _, err := NewReader(strings.NewReader(text), "a.jsonl"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
	deep := strings.Repeat(`{"a":`, 1500) + "1" + strings.Repeat("}", 1500)
	if got := read(t, "{\"a\":1}\n"+deep+"\n"); len(got.faults) != 1 {
		t.Errorf("nested too deeply: got %d faults", len(got.faults))
	}
}

func TestNamesTakeBoundedMemory(t *testing.T) {
	var leaves strings.Builder
	for i := range maxColumns - 1 {
		fmt.Fprintf(&leaves, `,"%d":1`, i)
	}
	first := "{\"a\":1}\n"
	got := read(t, first+`{"`+strings.Repeat("k", 1<<20)+`":{"a":1`+leaves.String()+"}}\n")
	if !slices.Equal(got.names, []string{"a"}) || len(got.rows) != 2 {
		t.Errorf("a name of 1 MiB before others: got %d columns and %d rows, want 1 and 2", len(got.names), len(got.rows))
	}
	d := discovery{byName: map[string]int{}}
	for _, sep := range []string{".", `":{"`} { // the same names, by other ways
		path := strings.Repeat("a"+sep, 400) + "a"
		d.line([]byte(`{"` + path + `":{"a":1` + leaves.String() + strings.Repeat("}", 1+strings.Count(path, "{")) + "}"))
	}
	if len(d.fields) != maxColumns || d.taken > maxNames+maxName+maxDepth*bytesOfText {
		t.Errorf("got %d columns and %d bytes of names, want %d and at most %d", len(d.fields), d.taken, maxColumns, maxNames)
	}
}

// leaves is what encoding/json finds in a line: the leaves of its object, the last of each name; false where it is
// none.
func leaves(line []byte) (map[string]string, bool) {
	d := json.NewDecoder(bytes.NewReader(line))
	d.UseNumber()
	if !json.Valid(line) {
		return nil, false
	}
	first, err := d.Token()
	if err != nil || first != json.Delim('{') {
		return nil, false
	}
	out := map[string]string{}
	var object func(path string) bool
	object = func(path string) bool {
		for d.More() {
			key, _ := d.Token()
			name := path + key.(string)
			from := d.InputOffset()
			rest := bytes.TrimLeft(line[from:], " \t\r\n:")
			switch rest[0] {
			case '{':
				_, _ = d.Token()
				if !object(name + ".") {
					return false
				}
				if _, leaf := out[name]; leaf {
					return false // a leaf and an object: looked at in a test of its own
				}
			case '[':
				var raw json.RawMessage
				_ = d.Decode(&raw)
				out[name] = string(raw)
			default:
				v, _ := d.Token()
				switch v := v.(type) {
				case nil:
					delete(out, name)
				case json.Number:
					out[name] = string(plainNumber([]byte(v)))
				case bool:
					out[name] = strconv.FormatBool(v)
				default:
					out[name] = v.(string)
				}
			}
		}
		_, _ = d.Token()
		return true
	}
	return out, object("")
}

// FuzzLine compares one line with what encoding/json makes of it.
func FuzzLine(f *testing.F) {
	for _, s := range []string{
		`{"a":1,"b":{"c":"x\n\ud83d\ude00","d":[1,{"e":null}]}}`, `{"a":-0.50e+10,"":""}`, `{"a":"\ud800x","a":2}`, `{"a":01}`, `{"a":1,}`, `[]`, ` {"a" : true } `,
		`{"a":{"a":{"a":{}}}}`, `{"a.b":1,"a":{"b":null}}`, `{"a":"` + "\x7f" + `"}`, `{"a":"\u00g0"}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		if strings.ContainsAny(line, "\n") || !utf8.ValidString(line) || strings.TrimSpace(line) == "" || strings.Count(line, "{")+strings.Count(line, "[") > 500 {
			return
		}
		var d decoder
		var frame datasets.Frame
		find := discovery{byName: map[string]int{}}
		find.line([]byte(line))
		r := &Reader{fields: find.finish(), ways: find.ways}
		all := make([]int, len(r.fields))
		for i := range all {
			all[i] = i
		}
		if err := r.Select(all); err != nil {
			t.Fatal(err)
		}
		p := &part{r: r, data: []byte(line), line: 1}
		if err := p.Decode(&frame); err != nil {
			t.Fatal(err)
		}
		_ = d
		trimmed := bytes.Trim([]byte(line), " \t\r\n")
		want, ok := leaves(trimmed)
		if !ok {
			if want == nil && frame.Rows != 0 {
				t.Fatalf("%q: got a row, and encoding/json none", line)
			}
			return
		}
		if frame.Rows != 1 || len(frame.Faults) > 0 {
			t.Fatalf("%q: got %d rows and %v", line, frame.Rows, frame.Faults)
		}
		got := map[string]string{}
		for k := range frame.Columns {
			if c := &frame.Columns[k]; c.Valid.Get(0) {
				got[c.Name] = string(c.Texts.At(0))
			}
		}
		for _, name := range slices.Sorted(maps.Keys(want)) {
			if strings.HasPrefix(got[name], "{") && !strings.HasPrefix(want[name], "{") {
				return // a leaf that is an object as well
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%q: %s", line, diff)
		}
	})
}

// FuzzReader reads anything as a file.
func FuzzReader(f *testing.F) {
	f.Add([]byte("{\"a\":1}\n{\"b\":{\"c\":[]}}\n\n{"))
	f.Add([]byte("\xef\xbb\xbf{\"a\":\"\xff\"}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := NewReader(bytes.NewReader(data), "a.jsonl")
		if err != nil {
			return
		}
		var frame datasets.Frame
		lines := 0
		for {
			p, err := r.Next(context.Background())
			if err != nil {
				break
			}
			if err := p.Decode(&frame); err != nil {
				t.Fatal(err)
			}
			lines += frame.Rows + len(frame.Faults)
			for k := range frame.Columns {
				if n := frame.Columns[k].Texts.Len(); n != frame.Rows {
					t.Fatalf("column %d has %d of %d rows", k, n, frame.Rows)
				}
			}
		}
		if r.text.Compressed {
			return
		}
		want := 0
		for _, line := range bytes.Split(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), []byte("\n")) {
			if len(bytes.Trim(line, " \t\r")) > 0 {
				want++
			}
		}
		if lines != want {
			t.Fatalf("got %d rows and faults of %d lines", lines, want)
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	var text bytes.Buffer
	for i := range 5000 {
		fmt.Fprintf(&text, `{"order":"A%d","customer":{"id":%d,"email":"c%d@example.com"},"time":"2024-01-02T10:00:00Z","sku":"P%d","quantity":%d,"price":%d.95}`+"\n", i, i%977, i%977, i%100, 1+i%5, i%50)
	}
	r, err := NewReader(bytes.NewReader(text.Bytes()), "a.jsonl")
	if err != nil {
		b.Fatal(err)
	}
	if err := r.Select([]int{0, 1, 3, 4, 5, 6}); err != nil {
		b.Fatal(err)
	}
	p := &part{r: r, data: text.Bytes(), line: 1}
	var frame datasets.Frame
	b.SetBytes(int64(text.Len()))
	for b.Loop() {
		if err := p.Decode(&frame); err != nil {
			b.Fatal(err)
		}
	}
}
