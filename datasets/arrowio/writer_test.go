package arrowio

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/quintile-dev/quintile/datasets"
)

// someFrame returns a frame with every kind of column, rows first…first+rows−1.
func someFrame(first, rows int) *datasets.Frame {
	rng := rand.New(rand.NewPCG(uint64(first), 0))
	f := &datasets.Frame{Rows: rows, Columns: []datasets.Column{
		{Field: datasets.Field{Name: "text", Description: "any text"}},
		{Field: datasets.Field{Name: "coded"}, Codes: []uint32{}},
		{Field: datasets.Field{Name: "int", Kind: datasets.Int}},
		{Field: datasets.Field{Name: "float", Kind: datasets.Float}},
		{Field: datasets.Field{Name: "money", Kind: datasets.Decimal, Scale: 6}},
		{Field: datasets.Field{Name: "day", Kind: datasets.Date}},
		{Field: datasets.Field{Name: "at", Kind: datasets.Timestamp}},
		{Field: datasets.Field{Name: "seen", Kind: datasets.Timestamp, UTC: true}},
		{Field: datasets.Field{Name: "flag", Kind: datasets.Bool}},
	}}
	valid := datasets.NewBitmap(rows)
	for k := range 4 {
		f.Columns[1].Dict.Append(fmt.Appendf(nil, "code %d of %d", k, first))
	}
	for i := range rows {
		if (first+i)%5 != 2 {
			valid.Set(i)
		}
		f.Columns[0].Texts.Append(fmt.Appendf(nil, "text %d %s", first+i, strings.Repeat("é", i%3)))
		f.Columns[1].Codes = append(f.Columns[1].Codes, uint32(i%4))
		f.Columns[2].Ints = append(f.Columns[2].Ints, rng.Int64()-rng.Int64())
		f.Columns[3].Floats = append(f.Columns[3].Floats, rng.NormFloat64())
		f.Columns[4].Ints = append(f.Columns[4].Ints, rng.Int64()-rng.Int64())
		f.Columns[5].Ints = append(f.Columns[5].Ints, int64(15000+i))
		f.Columns[6].Ints = append(f.Columns[6].Ints, rng.Int64N(1<<52))
		f.Columns[7].Ints = append(f.Columns[7].Ints, -rng.Int64N(1<<52))
		f.Columns[8].Ints = append(f.Columns[8].Ints, int64(i%2))
	}
	for c := range f.Columns {
		if c != 2 {
			f.Columns[c].Valid = valid
		}
	}
	return f
}

func fieldsIn(f *datasets.Frame) []datasets.Field {
	var fields []datasets.Field
	for i := range f.Columns {
		fields = append(fields, f.Columns[i].Field)
	}
	return fields
}

func TestReaderReadsWhatTheWriterWrites(t *testing.T) {
	for _, format := range []Format{Stream, File} {
		for _, compression := range []Compression{Uncompressed, LZ4, Zstd} {
			for _, dictionaries := range []bool{false, true} {
				if dictionaries && format == File {
					continue
				}
				options := Options{format, compression, dictionaries}
				t.Run(fmt.Sprint(options), func(t *testing.T) { roundTrip(t, options) })
			}
		}
	}
}

func roundTrip(t *testing.T, options Options) {
	checked := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer checked.AssertSize(t, 0)
	frames := []*datasets.Frame{someFrame(0, 100), someFrame(100, 1), someFrame(101, 777)}
	var out bytes.Buffer
	w, err := newWriter(&out, fieldsIn(frames[0]), options, checked)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range frames {
		if err := w.Write(f); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()), "a.arrow")
	if err != nil {
		t.Fatal(err)
	}
	if f := r.Fields()[0]; f.Description != "any text" {
		t.Errorf("got description %q, want the one that was written", f.Description)
	}
	got := readAll(t, r)
	at := 0
	for _, f := range frames {
		for row := range f.Rows {
			for i := range f.Columns {
				c := &f.Columns[i]
				if want := cell(c, row); got[c.Name][at] != want {
					t.Fatalf("%s, row %d: got %v, want %v", c.Name, at+1, got[c.Name][at], want)
				}
			}
			at++
		}
	}
}

func TestRecordBatchSharesTheMemoryOfTheFrame(t *testing.T) {
	f := someFrame(0, 100)
	record, err := RecordBatch(f)
	if err != nil {
		t.Fatal(err)
	}
	defer record.Release()
	if err := array.ValidateRecordFull(record); err != nil {
		t.Fatal(err)
	}
	shared := func(name string, column, buffer int, memory unsafe.Pointer) {
		t.Helper()
		b := record.Column(column).Data().Buffers()[buffer].Bytes()
		if unsafe.Pointer(&b[0]) != memory {
			t.Errorf("%s: got a copy, want the memory of the frame", name)
		}
	}
	shared("text", 0, 2, unsafe.Pointer(&f.Columns[0].Texts.Data[0]))
	shared("validity", 0, 0, unsafe.Pointer(&f.Columns[0].Valid[0]))
	shared("codes", 1, 1, unsafe.Pointer(&f.Columns[1].Codes[0]))
	shared("int", 2, 1, unsafe.Pointer(&f.Columns[2].Ints[0]))
	shared("float", 3, 1, unsafe.Pointer(&f.Columns[3].Floats[0]))
	shared("timestamp", 6, 1, unsafe.Pointer(&f.Columns[6].Ints[0]))
	if n := record.Column(0).NullN(); n != 20 {
		t.Errorf("got %d nulls, want 20", n)
	}
}

func TestRecordBatchGathersTextsThatLieAnywhere(t *testing.T) {
	f := &datasets.Frame{Rows: 4, Columns: []datasets.Column{{
		Field: datasets.Field{Name: "a"},
		Texts: datasets.Strings{Data: []byte("breadmilk"), Start: []uint32{5, 0, 9, 1}, End: []uint32{9, 5, 3, 4}},
		Valid: datasets.Bitmap{0b1011}, // row 2 is null, its text is not one
	}}}
	record, err := RecordBatch(f)
	if err != nil {
		t.Fatal(err)
	}
	defer record.Release()
	if err := array.ValidateRecordFull(record); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(record.Column(0)); got != `["milk" "bread" (null) "rea"]` {
		t.Errorf("got %s", got)
	}
}

func TestWriterRefusesWhatDoesNotFit(t *testing.T) {
	fields := []datasets.Field{{Name: "day", Kind: datasets.Date}}
	f := func(c datasets.Column, want string) {
		t.Helper()
		w, err := NewWriter(&bytes.Buffer{}, fields, DefaultOptions())
		if err != nil {
			t.Fatal(err)
		}
		if err = w.Write(&datasets.Frame{Rows: 1, Columns: []datasets.Column{c}}); err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
	f(datasets.Column{Field: fields[0], Ints: []int64{math.MaxInt64}}, `arrowio: column "day": row 1: got day 9223372036854775807, want one that fits 32 bits`)
	f(datasets.Column{Field: datasets.Field{Name: "day", Kind: datasets.Int}, Ints: []int64{1}}, `arrowio: got column "day" of int, want "day" of date32`)
	f(datasets.Column{Field: datasets.Field{Name: "at", Kind: datasets.Date}, Ints: []int64{1}}, `arrowio: got column "at" of date, want "day" of date32`)
	for _, options := range []Options{{Format: File, Dictionaries: true}, {Compression: 9}, {Format: 9}} {
		if _, err := NewWriter(&bytes.Buffer{}, fields, options); err == nil {
			t.Errorf("%+v: got no error, want one", options)
		}
	}
}
