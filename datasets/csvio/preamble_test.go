package csvio

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
)

// readAllOf returns the names, rows and faults of a text.
func readAllOf(t *testing.T, text string, change func(*Options)) (names []string, rows [][]string, faults []datasets.Fault, r *Reader) {
	t.Helper()
	o := DefaultOptions()
	change(&o)
	r, err := NewReader(strings.NewReader(text), "x.csv", o)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.Fields() {
		names = append(names, f.Name)
	}
	for {
		part, err := r.Next(context.Background())
		if errors.Is(err, io.EOF) {
			return names, rows, faults, r
		}
		if err != nil {
			t.Fatal(err)
		}
		var f datasets.Frame
		if err := part.Decode(&f); err != nil {
			t.Fatal(err)
		}
		for i := range f.Rows {
			var row []string
			for k := range f.Columns {
				row = append(row, string(f.Columns[k].TextAt(i)))
			}
			rows = append(rows, row)
		}
		faults = append(faults, f.Faults...)
	}
}

func TestDialectsOfRealFiles(t *testing.T) {
	for _, c := range []struct {
		name, text string
		change     func(*Options)
		names      string
		rows       string
	}{
		{"sep line", "sep=;\nid;price\n1;2,5\n", func(*Options) {}, "id|price", "1|2,5"},
		{"sep line in quotes, CR LF", "\"sep=,\"\r\nid,p\r\n1,2\r\n", func(*Options) {}, "id|p", "1|2"},
		{"sep line of a semicolon rules over commas", "sep=;\na,b;c,d\n1,2;3,4\n", func(*Options) {}, "a,b|c,d", "1,2|3,4"},
		{"preamble", "Report\nfor 2024\n\nid,p\n1,2\n", func(o *Options) { o.Skip = 3 }, "id|p", "1|2"},
		{"trailing delimiter of records alone", "id,p\n1,2,\n3,4,\n", func(*Options) {}, "id|p|3", "1|2|;3|4|"},
		{"trailing delimiter everywhere", "id,p,\n1,2,\n", func(*Options) {}, "id|p|3", "1|2|"},
		{"a name twice, and thrice", "a,b,a,a\n1,2,3,4\n", func(*Options) {}, "a|b|a_1|a_2", "1|2|3|4"},
		{"a name that is taken", "a,a_1,a\n1,2,3\n", func(*Options) {}, "a|a_1|a_2", "1|2|3"},
		{"comments", "# made by hand, \"so\nid,p\n1,2\n# so, so\n3,4\n", func(o *Options) { o.Comment = '#' }, "id|p", "1|2;3|4"},
		{"comments beside quotes", "id,p\n\"1\",2\n#\"x\n3,\"4\n5\"\n", func(o *Options) { o.Comment = '#' }, "id|p", "1|2;3|4\n5"},
		{"escapes", "id,p\n1,\"12\\\" pipe, grey\"\n2,\"a\\\\\"\n3,\"b\"\"c\"\n", func(o *Options) { o.Escape = '\\' }, "id|p", `1|12" pipe, grey;2|a\;3|b"c`},
		{"quotes as text", "id,p\n1,12\" pipe\n\"2,b\n", func(o *Options) { o.NoQuotes = true }, "id|p", `1|12" pipe;"2|b`},
	} {
		for _, size := range []int{0, 8} {
			names, rows, faults, _ := readAllOf(t, c.text, func(o *Options) { c.change(o); o.BlockSize = size })
			var all []string
			for _, row := range rows {
				all = append(all, strings.Join(row, "|"))
			}
			if got := strings.Join(names, "|"); got != c.names || strings.Join(all, ";") != c.rows || len(faults) > 0 {
				t.Errorf("%s, blocks of %d: got %q, %q, %d faults, want %q, %q", c.name, size, got, all, len(faults), c.names, c.rows)
			}
		}
	}
}

func TestLinesCountFromTheTopOfTheFile(t *testing.T) {
	_, _, faults, _ := readAllOf(t, "Report\n\nid,p\n1,2\n3\n", func(o *Options) { o.Skip = 2 })
	if len(faults) != 1 || faults[0].Pos.Line != 5 {
		t.Errorf("got %v, want one fault on line 5", faults)
	}
}

func TestRepeatedNamesAreTold(t *testing.T) {
	_, _, _, r := readAllOf(t, "a,b,a,b,a\n1,2,3,4,5\n", func(*Options) {})
	var got []string
	for _, f := range r.Fields() {
		got = append(got, f.Name+" "+f.Repeated)
	}
	if !slices.Equal(got, []string{"a a", "b b", "a_1 a", "b_1 b", "a_2 a"}) {
		t.Errorf("got %q", got)
	}
}

func TestTheBeginningOfAFileTellsItsDialect(t *testing.T) {
	wide := func(s string) string {
		b := []byte{0xff, 0xfe}
		for _, c := range []byte(s) {
			b = append(b, c, 0)
		}
		return string(b)
	}
	for _, c := range []struct {
		name, text string
		want       Sniffed
	}{
		{"plain", "id,p\n1,2\n", Sniffed{Encoding: UTF8, Delimiter: ',', Columns: 2}},
		{"preamble and totals", "Report\n\nid;p;q\n1;2;3\n4;5;6\nTotal;;9\n", Sniffed{Encoding: UTF8, Delimiter: ';', Columns: 3, Skip: 2}},
		{"UTF-16 with a mark", wide("id\tp\n1\t2\n"), Sniffed{Encoding: UTF16, Delimiter: '\t', Columns: 2}},
		{"Windows-1252", "id,p\n1,caf\xe9\n", Sniffed{Encoding: Windows1252, Delimiter: ',', Columns: 2}},
		{"inches", "id,p\n1,12\" pipe\n2,b\n", Sniffed{Encoding: UTF8, Delimiter: ',', Columns: 2, NoQuotes: true}},
		{"escapes", "id,p\n1,\"12\\\" pipe\"\n2,\"b\"\n", Sniffed{Encoding: UTF8, Delimiter: ',', Columns: 2, Escape: '\\'}},
		{"sep line", "sep=;\nid;p\n1;2\n", Sniffed{Encoding: UTF8, Delimiter: ';', Columns: 2}},
		{"one column", "id\n1\n2\n", Sniffed{Encoding: UTF8}},
		{"nothing", "", Sniffed{Encoding: UTF8}},
	} {
		if got := Sniff(strings.NewReader(c.text)); got != c.want {
			t.Errorf("%s: got %+v, want %+v", c.name, got, c.want)
		}
	}
}

func FuzzSniff(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "\xff\xfea\x00", "\x1f\x8b\x08", "sep=;\n", "x\n\n\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got := Sniff(bytes.NewReader(data))
		o := DefaultOptions()
		o.Encoding, o.Skip, o.Delimiter, o.Escape, o.NoQuotes = got.Encoding, got.Skip, got.Delimiter, got.Escape, got.NoQuotes
		if r, err := NewReader(bytes.NewReader(data), "x", o); err == nil {
			for err == nil {
				var part datasets.Part
				if part, err = r.Next(context.Background()); err == nil {
					var frame datasets.Frame
					_ = part.Decode(&frame)
				}
			}
		}
	})
}
