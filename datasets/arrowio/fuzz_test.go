package arrowio

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
)

// allocationCap bounds what reading a small file may cost, whatever it says
// about itself.
const allocationCap = 256 << 20

// readHostile fails if reading panics, yields an error of another type than
// *datasets.FileError, allocates too much, or yields frames that are not whole.
func readHostile(t *testing.T, data []byte) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	err := tryRead(data)
	runtime.ReadMemStats(&after)
	var fault *datasets.FileError
	if err != nil && !errors.As(err, &fault) {
		t.Errorf("got %v (%T), want a *datasets.FileError", err, err)
	}
	if err != nil && strings.Contains(err.Error(), "runtime error") {
		t.Errorf("got %q, want words about the file: so a bug of the program looks", err)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > allocationCap {
		t.Errorf("allocated %d bytes for a file of %d, want at most %d; the error was %v", used, len(data), allocationCap, err)
	}
}

func tryRead(data []byte) error {
	r, err := NewReader(bytes.NewReader(data), int64(len(data)), "hostile.arrow")
	if err != nil {
		return err
	}
	selected := []int{}
	for i := range min(len(r.Fields()), 16) {
		selected = append(selected, i)
	}
	if err := r.Select(selected); err != nil {
		return err
	}
	var frame datasets.Frame
	for range 20 { // parts
		part, err := r.Next(context.Background())
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = part.Decode(&frame)
		}
		if err == nil {
			err = whole(&frame)
		}
		if err != nil {
			return err
		}
	}
	return nil
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

func fixtureBytes(t testing.TB) [][]byte {
	t.Helper()
	var all [][]byte
	for _, file := range fixtures(t) {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, data)
	}
	return all
}

func FuzzReadArrow(f *testing.F) {
	for _, data := range fixtureBytes(f) {
		f.Add(data)
	}
	f.Fuzz(readHostile)
}

func TestDamagedFilesYieldErrors(t *testing.T) {
	const seed = 5
	rng := rand.New(rand.NewPCG(seed, 0))
	rounds := 300
	if testing.Short() {
		rounds = 30
	}
	for _, data := range fixtureBytes(t) {
		for range rounds {
			bad := bytes.Clone(data)
			switch rng.IntN(4) {
			case 0:
				bad = bad[:rng.IntN(len(bad))]
			case 1: // in the metadata at the beginning or the end
				at := rng.IntN(min(len(bad), 3000))
				if rng.IntN(2) == 0 {
					at = len(bad) - 1 - at
				}
				bad[at] ^= 1 << rng.IntN(8)
			case 2: // a length that is far too long
				at := rng.IntN(len(bad)-8) &^ 3
				copy(bad[at:], []byte{0xff, 0xff, 0xff, 0x7f})
			default:
				for range 1 + rng.IntN(3) {
					bad[rng.IntN(len(bad))] ^= 1 << rng.IntN(8)
				}
			}
			readHostile(t, bad)
		}
	}
}
