package parquetio

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
)

// allocationCap bounds what reading a small file may cost,
// whatever it says about itself.
const allocationCap = 256 << 20

// readHostile reads as many columns as a job would, whole and in stretches, and
// fails if that panics, yields an error of another type than *datasets.FileError,
// yields frames that are not whole, or other values in stretches.
func readHostile(t *testing.T, data []byte) {
	want, wantErr := readCapped(t, data, 0)
	for _, stretch := range []int{13, 1000} {
		got, err := readCapped(t, data, stretch)
		if (err == nil) != (wantErr == nil) || !slices.Equal(got, want) {
			t.Errorf("in stretches of %d: %v, whole %v; or other values", stretch, err, wantErr)
		}
	}
}

func readCapped(t *testing.T, data []byte, stretch int) (sums []uint64, err error) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	sums, err = readStretches(data, stretch, new(datasets.Frame), nil)
	runtime.ReadMemStats(&after)
	var fault *datasets.FileError
	if err != nil && !errors.As(err, &fault) {
		t.Errorf("got %v (%T), want a *datasets.FileError", err, err)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > allocationCap {
		t.Errorf("allocated %d bytes for a file of %d, want at most %d; the error was %v", used, len(data), allocationCap, err)
	}
	return sums, err
}

// whole reports a column of the frame that has not a value for every row.
func whole(f *datasets.Frame) error {
	for i := range f.Columns {
		c := &f.Columns[i]
		n := len(c.Ints)
		switch {
		case c.Kind == datasets.Float:
			n = len(c.Floats)
		case c.Kind == datasets.Text && c.Codes != nil:
			n = len(c.Codes)
			for _, code := range c.Codes {
				c.Dict.At(int(code))
			}
		case c.Kind == datasets.Text:
			n = c.Texts.Len()
			for row := range n {
				c.Texts.At(row)
			}
		}
		if n != f.Rows || c.Valid != nil && len(c.Valid) < (n+63)/64 {
			return fmt.Errorf("column %q has %d values, want %d", c.Name, n, f.Rows)
		}
	}
	return nil
}

func fixtures(tb testing.TB) [][]byte {
	tb.Helper()
	files, err := filepath.Glob("testdata/*.parquet")
	if err != nil || len(files) == 0 {
		tb.Fatalf("got %d fixtures, %v", len(files), err)
	}
	var all [][]byte
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			tb.Fatal(err)
		}
		all = append(all, data)
	}
	return all
}

func FuzzReadParquet(f *testing.F) {
	for _, data := range fixtures(f) {
		f.Add(data)
	}
	f.Fuzz(readHostile)
}

func TestDamagedFilesYieldErrors(t *testing.T) {
	const seed = 4
	rng := rand.New(rand.NewPCG(seed, 0))
	rounds := 200
	if testing.Short() {
		rounds = 20
	}
	for _, data := range fixtures(t) {
		for range rounds {
			bad := bytes.Clone(data)
			switch rng.IntN(3) {
			case 0:
				bad = bad[:rng.IntN(len(bad))]
			case 1: // in the footer, where the lengths are
				bad[len(bad)-1-rng.IntN(min(len(bad), 1500))] ^= 1 << rng.IntN(8)
			default:
				for range 1 + rng.IntN(3) {
					bad[rng.IntN(len(bad))] ^= 1 << rng.IntN(8)
				}
			}
			readHostile(t, bad)
		}
	}
}

func TestErrorsNameThePlace(t *testing.T) {
	data, err := os.ReadFile("testdata/duckdb.parquet")
	if err != nil {
		t.Fatal(err)
	}
	r, err := NewReader(bytes.NewReader(data), int64(len(data)), "a.parquet")
	if err != nil {
		t.Fatal(err)
	}
	m := &r.meta.RowGroups[0].Columns[8].MetaData
	at := m.DataPageOffset
	if d := m.DictionaryPageOffset; d > 0 {
		at = min(at, d)
	}
	bad := bytes.Clone(data)
	for i := range 12 {
		bad[at+int64(i)] ^= 0xff
	}
	r, err = NewReader(bytes.NewReader(bad), int64(len(bad)), "a.parquet")
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Select([]int{0, 8}); err != nil {
		t.Fatal(err)
	}
	part, err := r.Next(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var frame datasets.Frame
	err = part.Decode(&frame)
	want := fmt.Sprintf(`a.parquet, row group 1, column %q: page header at byte %d: `, r.Fields()[8].Name, at)
	if err == nil || len(err.Error()) < len(want) || err.Error()[:len(want)] != want {
		t.Errorf("got %v, want %s…", err, want)
	}
}

func TestFilesOfOtherFormatsAreNamed(t *testing.T) {
	f := func(data, want string) {
		t.Helper()
		_, err := NewReader(bytes.NewReader([]byte(data)), int64(len(data)), "a.parquet")
		if err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
	f("", "a.parquet: got 0 bytes, want a Parquet file; check that the file was written to its end")
	f("customer;time;amount\n", `a.parquet: got the first bytes "cust", want a Parquet file; check the format of the file`)
	f("PAR1 and then nothing", `a.parquet: got the last bytes "hing", want a Parquet file; check that the file was written to its end`)
	f("PAR1\xff\xff\xff\x7fPAR1", "a.parquet: got a footer of 2147483647 bytes in a file of 12, want a Parquet file; check that the file was copied whole")
	f("PARE........PARE", "a.parquet: got an encrypted Parquet file, want a Parquet file; write it without encryption")
}
