package xlsxio

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/quintile-dev/quintile/datasets"
)

// table is what a reader delivers, row by row; a null is "∅".
type table struct {
	names []string
	plain []bool
	rows  [][]string
	lines []int64
}

func readAll(t testing.TB, path string, o Options) table {
	t.Helper()
	r, err := Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	return rest(t, r)
}

func rest(t testing.TB, r *Reader) table {
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
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// workbookOf writes a workbook.
func workbookOf(t testing.TB, fill func(f *excelize.File)) string {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	fill(f)
	path := filepath.Join(t.TempDir(), "a.xlsx")
	if err := f.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	return path
}

func set(t testing.TB, f *excelize.File, cell string, value any, format string) {
	t.Helper()
	if err := f.SetCellValue("Sheet1", cell, value); err != nil {
		t.Fatal(err)
	}
	if format == "" {
		return
	}
	style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &format})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.SetCellStyle("Sheet1", cell, cell, style); err != nil {
		t.Fatal(err)
	}
}

func TestCellsAreReadByTheirTypeAndFormat(t *testing.T) {
	path := workbookOf(t, func(f *excelize.File) {
		for k, name := range []string{"Id", "Date", "Clock", "Amount", "Note", "Paid", "", "Amount"} {
			set(t, f, letter(k)+"2", name, "")
		}
		set(t, f, "A3", 17850, "")
		set(t, f, "B3", 45300.5, `dd.mm.yyyy\ hh:mm`)
		set(t, f, "C3", 0.75, "hh:mm")
		set(t, f, "D3", 12.300000000000001, `#,##0.00 "day"`)
		set(t, f, "E3", "  a & b <c>\n\"d\"_x0041_", "")
		set(t, f, "F3", true, "")
		set(t, f, "H3", 1e16, "")
		set(t, f, "A6", 17851, "")
		set(t, f, "B6", 45300, "d-mmm-yy")
		set(t, f, "C6", 1.25, "[h]:mm:ss")
		set(t, f, "D6", -0.1, "0.00E+00")
		set(t, f, "E6", "12,50", "")
		set(t, f, "G6", "x", "")
	})
	got := readAll(t, path, Options{Header: true})
	want := table{
		names: []string{"Id", "Date", "Clock", "Amount", "Note", "Paid", "G", "Amount_1"},
		plain: []bool{true, false, false, true, false, false, false, true},
		rows: [][]string{
			{"17850", "2024-01-09 12:00:00", "18:00:00", "12.3", "  a & b <c>\n\"d\"A", "true", "∅", "1e+16"},
			{"17851", "2024-01-09", "1900-01-01 06:00:00", "-0.1", "12,50", "∅", "x", "∅"},
		},
		lines: []int64{3, 6},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(table{})); diff != "" {
		t.Error(diff)
	}
}

func TestDaysCountFrom1900Or1904(t *testing.T) {
	for _, days := range []float64{0, 1, 59, 61, 365, 45300.5, 45300.999988425926, 2958465.25} {
		for _, from904 := range []bool{false, true} {
			got, ok := appendDate(nil, days, from904)
			if from904 && days > 2957000 {
				continue // beyond 9999
			}
			want, err := excelize.ExcelDateToTime(days, from904)
			if err != nil || !ok {
				t.Fatal(err, ok)
			}
			want = want.Round(time.Millisecond)
			layout := "2006-01-02 15:04:05.999"
			if want.Equal(want.Truncate(24 * time.Hour)) {
				layout = time.DateOnly
			}
			if days != 0 || from904 { // excelize has no day 0
				if string(got) != want.Format(layout) {
					t.Errorf("%v, 1904 %v: got %s, want %s", days, from904, got, want.Format(layout))
				}
			}
		}
	}
	for _, days := range []float64{-1, math.NaN(), 3e6} {
		if got, ok := appendDate(nil, days, false); ok {
			t.Errorf("%v: got %s, want none", days, got)
		}
	}
	path := workbookOf(t, func(f *excelize.File) {
		if err := f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: new(true)}); err != nil {
			t.Fatal(err)
		}
		set(t, f, "A1", "d", "")
		set(t, f, "A2", 1.5, "yyyy-mm-dd hh:mm")
	})
	if got := readAll(t, path, Options{Header: true}); got.rows[0][0] != "1904-01-02 12:00:00" {
		t.Errorf("got %v", got.rows)
	}
}

func TestFormatsTellDates(t *testing.T) {
	for code, want := range map[string]form{
		"General": asNumber, "0.00": asNumber, "#,##0": asNumber, `0 "days"`: asNumber, "0.00E+00": asNumber, "@": asNumber, `[Red]0;[Blue]0`: asNumber, "0%": asNumber,
		"yyyy-mm-dd": asDate, "dd/mm/yy": asDate, "mmm": asDate, "mmmm d, yyyy h:mm AM/PM": asDate, `[$-407]dd. mmmm yyyy;@`: asDate, "m/d/yy h:mm": asDate,
		"h:mm": asClock, "[h]:mm:ss": asClock, "mm:ss.0": asClock, "[mm]:ss": asClock, `"y" 0`: asNumber, `\d0`: asNumber, `_-* #,##0.00 "€"`: asNumber,
	} {
		if got := formOf(code); got != want {
			t.Errorf("%s: got %d, want %d", code, got, want)
		}
	}
}

func TestTheSheetIsNamedOrTheOnlyOneWithRows(t *testing.T) {
	path := workbookOf(t, func(f *excelize.File) {
		set(t, f, "A1", "a", "")
		set(t, f, "A2", "1", "")
		for _, name := range []string{"Empty", "Zwei", "Hidden"} {
			if _, err := f.NewSheet(name); err != nil {
				t.Fatal(err)
			}
		}
		_ = f.SetCellValue("Zwei", "A1", "b")
		_ = f.SetCellValue("Hidden", "A1", "c")
		_ = f.SetSheetVisible("Hidden", false)
	})
	if _, err := Open(path, Options{Header: true}); err == nil || !strings.Contains(err.Error(), `several sheets with rows: "Sheet1", "Zwei"`) {
		t.Errorf("got %v", err)
	}
	if got := readAll(t, path, Options{Header: true, Sheet: "zwei"}); !slices.Equal(got.names, []string{"b"}) || len(got.rows) != 0 {
		t.Errorf("got %v", got)
	}
	if _, err := Open(path, Options{Sheet: "drei"}); err == nil || !strings.Contains(err.Error(), `no sheet "drei"; the workbook has "Sheet1", "Empty", "Zwei"`) {
		t.Errorf("got %v", err)
	}
	names, err := Sheets(path, path)
	if err != nil || !slices.Equal(names, []string{"Sheet1", "Zwei"}) {
		t.Errorf("got %v, %v", names, err)
	}
}

func TestRowsBeforeTheHeaderAreSkipped(t *testing.T) {
	path := workbookOf(t, func(f *excelize.File) {
		for cell, v := range map[string]any{"A1": "Report", "A3": "id", "B3": "n", "A4": "x", "B4": 1, "A5": "y", "B5": 2} {
			set(t, f, cell, v, "")
		}
	})
	if got := readAll(t, path, Options{Header: true, Skip: 1}); !slices.Equal(got.names, []string{"id", "n"}) || len(got.rows) != 2 || got.lines[0] != 4 {
		t.Errorf("got %+v", got)
	}
	if got := readAll(t, path, Options{Skip: 3}); !slices.Equal(got.names, []string{"1", "2"}) || len(got.rows) != 2 {
		t.Errorf("without a header: got %+v", got)
	}
	if got := readAll(t, path, Options{Skip: 3, Names: []string{"a", "b"}}); !slices.Equal(got.names, []string{"a", "b"}) || len(got.rows) != 2 {
		t.Errorf("with names: got %+v", got)
	}
}

// TestWorkbooksAgreeWithExcelize compares random workbooks, also beyond a block, with what excelize reads.
func TestWorkbooksAgreeWithExcelize(t *testing.T) {
	for seed := range uint64(4) {
		rng := rand.New(rand.NewPCG(seed, 1))
		rows := []int{1, 40, 3000, 30_000}[seed]
		path := workbookOf(t, func(f *excelize.File) {
			w, err := f.NewStreamWriter("Sheet1")
			if err != nil {
				t.Fatal(err)
			}
			_ = w.SetRow("A1", []any{"a", "b", "c", "d"})
			for i := range rows {
				row := []any{i, fmt.Sprintf("t%d<&>é", rng.IntN(50)), rng.IntN(1000), nil}
				if rng.IntN(3) == 0 {
					row[1] = nil
				}
				if rng.IntN(3) == 0 {
					row[3] = math.Round(rng.Float64()*1e6) / 100
				}
				if err := w.SetRow("A"+strconv.Itoa(i+2), row); err != nil {
					t.Fatal(err)
				}
			}
			if err := w.Flush(); err != nil {
				t.Fatal(err)
			}
		})
		f, err := excelize.OpenFile(path, excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
		want, err := f.GetRows("Sheet1", excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
		_ = f.Close()
		got := readAll(t, path, Options{Header: true})
		if len(got.rows) != len(want)-1 {
			t.Fatalf("seed %d: got %d rows, want %d", seed, len(got.rows), len(want)-1)
		}
		for i, row := range want[1:] {
			for len(row) < 4 {
				row = append(row, "")
			}
			for k, cell := range row {
				if cell == "" {
					cell = "∅"
				}
				if got.rows[i][k] != cell {
					t.Fatalf("seed %d, row %d, column %d: got %q, want %q", seed, i, k, got.rows[i][k], cell)
				}
			}
		}
	}
}

// raw writes a workbook of parts that other programs write.
func raw(t testing.TB, sheet, strings string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range map[string]string{
		"_rels/.rels":                `<Relationships><Relationship Id="r1" Type="http://x/officeDocument" Target="/xl/book.xml"/></Relationships>`,
		"xl/book.xml":                `<x:workbook xmlns:x="m" xmlns:r="r"><x:sheets><x:sheet name="S" sheetId="1" r:id="a"/></x:sheets></x:workbook>`,
		"xl/_rels/book.xml.rels":     `<Relationships><Relationship Id="a" Type="http://x/worksheet" Target="sheets/s.xml"/><Relationship Id="b" Type="http://x/sharedStrings" Target="strings.xml"/></Relationships>`,
		"xl/sheets/s.xml":            sheet,
		"xl/strings.xml":             strings,
		"xl/worksheets/ignored.text": "",
	} {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "raw.xlsx")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const sharedTexts = `<sst><si><t>id</t></si><si><r><t>na</t></r><r><t>me</t></r><rPh><t>spoken</t></rPh></si><si/><si><t><![CDATA[a<b]]>&#65;<!-- no --></t></si></sst>`

func TestWorkbooksOfOtherPrograms(t *testing.T) {
	path := raw(t, `<?xml version="1.0"?><x:worksheet xmlns:x="m"><x:sheetData><x:row><x:c t="s"><x:v>0</x:v></x:c><x:c t='s'><x:v>1</x:v></x:c></x:row>
<x:row/><x:row><x:c><x:v>1</x:v></x:c><x:c t="s"><x:v>3</x:v></x:c></x:row><x:row><x:c r="B9" t="inlineStr"><x:is><x:t>in</x:t></x:is></x:c></x:row>
<x:row><x:c t="str"><x:f>A1&amp;""</x:f><x:v>f</x:v></x:c><x:c t="s"><x:v>2</x:v></x:c></x:row></x:sheetData></x:worksheet>`, sharedTexts)
	got := readAll(t, path, Options{Header: true})
	want := [][]string{{"1", "a<bA"}, {"∅", "in"}, {"f", "∅"}}
	if diff := cmp.Diff(want, got.rows); diff != "" || !slices.Equal(got.names, []string{"id", "name"}) || !slices.Equal(got.lines, []int64{3, 4, 5}) {
		t.Errorf("%s %v %v", diff, got.names, got.lines)
	}
}

func TestFilesThatAreNoWorkbooks(t *testing.T) {
	folder := t.TempDir()
	for text, want := range map[string]string{"": "no Excel workbook", "a,b\n": "no Excel workbook", "\xd0\xcf\x11\xe0rest": "old Excel workbook, or one with a password"} {
		path := filepath.Join(folder, "a.xlsx")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(path, Options{Header: true}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v", text, err)
		}
	}
	for sheet, want := range map[string]string{
		"<worksheet/>": "no sheet with rows",
		`<row r="1"><c><v>1</v></c></row><row r="2"><c r="9"><v>1</v></c></row>`: "place is none",
		`<row r="1"><c><v>1</v></c></row><row r="2"><c>`:                         "does not end",
		`<row r="1"><c t="s"><v>4</v></c></row>`:                                 "not among the texts",
		`<row r="1"><c t="s"><v>-1</v></c></row>`:                                "not among the texts",
	} {
		if _, err := Open(raw(t, sheet, sharedTexts), Options{Header: true}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", sheet, err)
		}
	}
}

// A scan back from each mark to the beginning would take hours here.
func TestMarksThatAreNoTagsTakeNoTime(t *testing.T) {
	row := `<row r="1"><c><v>1</v></c></row>`
	for _, mark := range []string{"row>", "row ", "</", "<row ", `<row r="`} {
		r, err := Open(raw(t, "<sheetData>"+row+strings.Repeat(mark, 4<<20/len(mark)), sharedTexts), Options{Header: true})
		for err == nil {
			_, err = r.Next(context.Background())
		}
		if r != nil {
			_ = r.Close()
		}
	}
}

func TestPartsOfAWorkbookNestAHundredElements(t *testing.T) {
	for depth, damaged := range map[int]bool{maxDepth: false, maxDepth + 1: true} {
		var v struct{}
		text := strings.Repeat("<a>", depth) + strings.Repeat("</a>", depth)
		err := xml.NewTokenDecoder(&shallow{xml: xml.NewDecoder(strings.NewReader(text))}).Decode(&v)
		if (err != nil) != damaged {
			t.Errorf("%d elements inside one another: got %v", depth, err)
		}
	}
}

// FuzzSheet reads anything as the XML of a sheet: no panic, no hang, and columns as long as the rows.
func FuzzSheet(f *testing.F) {
	f.Add(`<row r="1"><c r="A1" t="s"><v>0</v></c></row><row><c><v>1.5</v></c></row>`, sharedTexts)
	f.Add(`<row><c t="inlineStr"><is><t>a</t></is></c><c/></row>`, "<sst>")
	f.Fuzz(func(t *testing.T, sheet, strings string) {
		book := &workbook{path: "a.xlsx"}
		all := &datasets.Strings{}
		m := markup{data: []byte(strings)}
		for {
			_, tag, ok := m.next()
			if !ok {
				break
			}
			if string(tag.name) == "si" {
				var cell []byte
				cell, _ = m.richText(cell, "si")
				all.Append(cell)
			}
		}
		s := sampled{options: Options{Header: true}, d: cells{book: book, strings: all}}
		if s.d.rows([]byte(sheet), 0, s.row) != nil || !s.begun {
			return
		}
		fields, err := s.fields()
		if err != nil {
			return
		}
		r := &Reader{book: book, strings: all, fields: fields, last: s.last}
		for i := range fields {
			r.selected = append(r.selected, i)
		}
		var frame datasets.Frame
		p := &part{r: r, data: []byte(sheet)}
		if p.Decode(&frame) != nil {
			return
		}
		for k := range frame.Columns {
			if n := frame.Columns[k].Texts.Len(); n != frame.Rows {
				t.Fatalf("column %d has %d of %d rows", k, n, frame.Rows)
			}
		}
		lastRow([]byte(sheet), 0)
	})
}

func BenchmarkRead(b *testing.B) {
	path := workbookOf(b, func(f *excelize.File) {
		w, _ := f.NewStreamWriter("Sheet1")
		_ = w.SetRow("A1", []any{"order", "customer", "date", "sku", "quantity", "price"})
		for i := range 20_000 {
			_ = w.SetRow("A"+strconv.Itoa(i+2), []any{fmt.Sprint("A", i/3), i % 997, 45000 + i%700, fmt.Sprint("P", i%100), 1 + i%5, float64(i%5000) / 100})
		}
		_ = w.Flush()
	})
	for b.Loop() {
		r, err := Open(path, Options{Header: true})
		if err != nil {
			b.Fatal(err)
		}
		var frame datasets.Frame
		for {
			p, err := r.Next(context.Background())
			if err != nil {
				break
			}
			if err := p.Decode(&frame); err != nil {
				b.Fatal(err)
			}
		}
		_ = r.Close()
	}
	b.ReportMetric(20_000*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
