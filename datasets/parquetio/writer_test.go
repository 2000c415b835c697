package parquetio

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/table"
)

// everyType has one column of each type, all nullable but the first.
func everyType() []table.Column {
	return []table.Column{
		{Name: "customer", Type: table.Text, Description: "the customer's key"},
		{Name: "country", Type: table.Text, Dictionary: true, Nullable: true},
		{Name: "visits", Type: table.Int32, Nullable: true, Delta: true},
		{Name: "id", Type: table.Int64, Nullable: true},
		{Name: "score", Type: table.Float32, Nullable: true},
		{Name: "churn_prob", Type: table.Float64, Nullable: true, Description: "probability of leaving", Unit: "share"},
		{Name: "active", Type: table.Bool, Nullable: true},
		{Name: "day", Type: table.Date, Nullable: true},
		{Name: "at", Type: table.Timestamp, Nullable: true},
		{Name: "seen", Type: table.Timestamp, UTC: true, Nullable: true},
		{Name: "money", Type: table.Decimal, Scale: 6, Nullable: true},
		{Name: "antecedent", Type: table.TextList, Nullable: true},
	}
}

// everyValue returns rows rows for everyType, each seventh row null throughout.
func everyValue(rows int) []table.Values {
	rng := rand.New(rand.NewPCG(3, 0))
	valid := datasets.NewBitmap(rows)
	v := make([]table.Values, len(everyType()))
	for i := range rows {
		if i%7 != 3 {
			valid.Set(i)
		}
		v[0].Texts.Append(fmt.Appendf(nil, "C%05d", i))
		v[1].Codes = append(v[1].Codes, uint32(rng.IntN(3)))
		v[2].Int32s = append(v[2].Int32s, int32(i-5))
		v[3].Ints = append(v[3].Ints, math.MaxInt64-int64(i))
		v[4].Float32s = append(v[4].Float32s, float32(i)/4)
		v[5].Floats = append(v[5].Floats, rng.Float64())
		v[6].Bools = append(v[6].Bools, i%3 == 0)
		v[7].Ints = append(v[7].Ints, int64(15318+i))
		v[8].Ints = append(v[8].Ints, 1323475200_000000+int64(i))
		v[9].Ints = append(v[9].Ints, 1323475200_000000-int64(i))
		v[10].Ints = append(v[10].Ints, int64(i-2)*1_234_567)
		v[11].Lists = append(v[11].Lists, []string{"milk", "bread", "größe"}[:i%4%3+i%2%2])
	}
	v[1].Dict.Append([]byte("France"))
	v[1].Dict.Append([]byte("United Kingdom"))
	v[1].Dict.Append([]byte(""))
	for i := range v[1:] {
		v[i+1].Valid = valid
	}
	return v
}

// cut returns rows from to to (excluded) of the values.
func cut(v table.Values, from, to int) table.Values {
	w := table.Values{Dict: v.Dict}
	w.Ints, w.Int32s, w.Floats = section(v.Ints, from, to), section(v.Int32s, from, to), section(v.Floats, from, to)
	w.Float32s, w.Bools, w.Codes = section(v.Float32s, from, to), section(v.Bools, from, to), section(v.Codes, from, to)
	w.Strings, w.Lists = section(v.Strings, from, to), section(v.Lists, from, to)
	if v.Texts.Len() > 0 {
		w.Texts = datasets.Strings{Data: bytes.Clone(v.Texts.Data), Start: v.Texts.Start[from:to], End: v.Texts.End[from:to]}
	}
	if v.Valid != nil {
		w.Valid = datasets.NewBitmap(to - from)
		for i := from; i < to; i++ {
			if v.Valid.Get(i) {
				w.Valid.Set(i - from)
			}
		}
	}
	return w
}

func section[T any](s []T, from, to int) []T {
	if s == nil {
		return nil
	}
	return s[from:to]
}

// written returns the bytes of a file of everyType in batches of the given rows.
func written(t *testing.T, rows, batch int, options Options) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := NewWriter(&out, everyType(), options)
	if err != nil {
		t.Fatal(err)
	}
	all := everyValue(rows)
	for from := 0; from < rows; from += batch {
		to := min(rows, from+batch)
		some := make([]table.Values, len(all))
		for i := range all {
			some[i] = cut(all[i], from, to)
		}
		if err := w.Write(some, to-from); err != nil {
			t.Fatal(err)
		}
		for i := range some { // a writer that kept the caller's texts would now write x
			for j := range some[i].Texts.Data {
				some[i].Texts.Data[j] = 'x'
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if got := w.Rows(); got != int64(rows) {
		t.Errorf("got %d rows, want %d", got, rows)
	}
	return out.Bytes()
}

func TestBytesDoNotDependOnWorkers(t *testing.T) {
	const rows = 3500
	for _, size := range []int{1024, 3000, 1 << 18} {
		options := DefaultOptions()
		options.RowGroupRows = size
		want := written(t, rows, 700, options)
		for _, workers := range []int{2, 8} {
			options.Workers = workers
			if got := written(t, rows, 700, options); !bytes.Equal(got, want) {
				t.Errorf("row groups of %d, %d workers: got %d bytes that differ from %d", size, workers, len(got), len(want))
			}
		}
	}
}

func TestBytesDoNotDependOnBatches(t *testing.T) {
	const rows = 3500
	for _, size := range []int{1000, 1024, 3000, 1 << 18} {
		options := DefaultOptions()
		options.RowGroupRows = size
		want := written(t, rows, rows, options)
		for _, batch := range []int{1, 700, 1024, 4096} {
			if got := written(t, rows, batch, options); !bytes.Equal(got, want) {
				t.Errorf("row groups of %d, batches of %d: got %d bytes that differ from %d", size, batch, len(got), len(want))
			}
		}
	}
}

func TestRowGroupsAreCut(t *testing.T) {
	options := DefaultOptions()
	options.RowGroupRows = 1500
	options.SortedBy = []string{"customer"}
	options.Metadata = map[string]string{"quintile.job": "test"}
	data := written(t, 4000, 700, options)
	f, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var got []int64
	for _, g := range f.RowGroups() {
		got = append(got, g.NumRows())
		if s := g.SortingColumns(); len(s) != 1 || s[0].Path()[0] != "customer" || s[0].Descending() {
			t.Errorf("got sorting columns %v, want customer ascending", s)
		}
	}
	if fmt.Sprint(got) != "[1500 1500 1000]" {
		t.Errorf("got row groups of %v rows, want [1500 1500 1000]", got)
	}
	if job, _ := f.Lookup("quintile.job"); job != "test" {
		t.Errorf("got job %q, want test", job)
	}
	about, _ := f.Lookup(columnsKey)
	want := `{"churn_prob":{"description":"probability of leaving","unit":"share"},"customer":{"description":"the customer's key"}}`
	if about != want {
		t.Errorf("got descriptions %s, want %s", about, want)
	}
	if by := f.Metadata().CreatedBy; !strings.HasPrefix(by, "quintile version 1.0.0") {
		t.Errorf("got created by %q, want quintile", by)
	}
	for i, c := range f.Metadata().RowGroups[0].Columns {
		s := c.MetaData.Statistics
		if everyType()[i].Type != table.TextList && (s.MinValue == nil || s.MaxValue == nil) {
			t.Errorf("column %v: got no statistics, want the least and the greatest value", c.MetaData.PathInSchema)
		}
		if c.MetaData.Codec.String() != "ZSTD" {
			t.Errorf("column %v: got %s, want ZSTD", c.MetaData.PathInSchema, c.MetaData.Codec)
		}
	}
}

func TestWriterRefusesWhatTheColumnCannotHold(t *testing.T) {
	f := func(c table.Column, v table.Values, want string) {
		t.Helper()
		var out bytes.Buffer
		w, err := NewWriter(&out, []table.Column{c}, DefaultOptions())
		if err != nil {
			t.Fatal(err)
		}
		if err = w.Write([]table.Values{v}, 1); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
		if w.Rows() != 0 {
			t.Errorf("got %d rows written, want none", w.Rows())
		}
	}
	f(table.Column{Name: "a", Type: table.Int32}, table.Values{Ints: []int64{1 << 31}}, "want a value in [-2147483648,2147483647]")
	f(table.Column{Name: "a", Type: table.Decimal}, table.Values{Ints: []int64{1e18}}, "want a value in [-999999999999999999,")
	f(table.Column{Name: "a", Type: table.Text}, table.Values{Strings: []string{"\xff"}}, "not UTF-8 at row 1")
	f(table.Column{Name: "a", Type: table.Text}, table.Values{Texts: datasets.Strings{Data: []byte{0xff}, Start: []uint32{0}, End: []uint32{1}}}, "not UTF-8")
	f(table.Column{Name: "a", Type: table.Text}, table.Values{Codes: []uint32{1}, Dict: datasets.Strings{Start: []uint32{0}, End: []uint32{0}}}, "got code 1 at row 1")
	f(table.Column{Name: "a", Type: table.TextList}, table.Values{Lists: [][]string{{"\xff"}}}, "not UTF-8")
	f(table.Column{Name: "a", Type: table.Int64}, table.Values{Ints: []int64{1}, Valid: datasets.NewBitmap(1)}, "make the column nullable")
	f(table.Column{Name: "a", Type: table.Int64}, table.Values{Floats: []float64{1}}, "got 0 values for int64, want 1")
	f(table.Column{Name: "a", Type: table.Int64}, table.Values{Ints: []int64{1, 2}}, "got 2 values for int64, want 1")
}

func TestWriterReportsEveryFaultOfTheSchema(t *testing.T) {
	columns := []table.Column{
		{Name: "a", Type: table.Int64}, {Name: "a", Type: table.Text}, {Type: table.Text}, {Name: "m", Type: table.Decimal, Scale: 19},
		{Name: "d", Type: table.Int64, Dictionary: true}, {Name: "e", Type: table.Text, Delta: true}, {Name: "f", Type: 99},
	}
	_, err := NewWriter(&bytes.Buffer{}, columns, Options{Compression: 9, SortedBy: []string{"z"}})
	if err == nil {
		t.Fatal("got no error, want ten")
	}
	for _, want := range []string{
		`column 2 ("a"): got a name that an earlier column has`, `column 3 (""): got no name`, `got a scale of 19`,
		`got a dictionary for int64`, `got delta coding for text`, `type(99)`, `compression: got 9`, `rows of a row group: got 0`, `workers: got 0`, `sorted by: got "z"`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want it to say %q", err, want)
		}
	}
	if _, err := NewWriter(&bytes.Buffer{}, nil, DefaultOptions()); err == nil {
		t.Error("no columns: got no error, want one")
	}
}

func TestWriterSaysWhenTheDiskIsFull(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("no /dev/full on this system")
	}
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	w, err := NewWriter(full, everyType(), DefaultOptions())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(everyValue(2000), 2000); err != nil {
		t.Fatal(err)
	}
	err = w.Close()
	if err == nil || !strings.Contains(err.Error(), "no space") {
		t.Errorf("got %v, want an error about the space", err)
	}
	if again := w.Close(); again == nil {
		t.Error("second Close: got no error, want the first one again")
	}
	if err := w.Write(everyValue(1), 1); err == nil {
		t.Error("Write after the failure: got no error, want the first one again")
	}
}

func TestCreateKeepsFilesPrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.parquet")
	w, err := Create(path, everyType(), DefaultOptions())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.WriteRowGroup(everyValue(3), 3); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Errorf("second Close: got %v, want nil", err)
	}
	if err := w.Write(everyValue(1), 1); err == nil {
		t.Error("Write after Close: got no error, want one")
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("got mode %v, want -rw-------", info.Mode())
	}
}
