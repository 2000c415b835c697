package csvio

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
)

// told is what a file says, row by row, however it is cut.
func told(t *testing.T, text string, size int, each bool) (all []string, most int) {
	t.Helper()
	options := DefaultOptions()
	options.Delimiter, options.BlockSize = ',', size
	r, err := NewReader(strings.NewReader(text), "t.csv", options)
	if err != nil {
		t.Fatal(err)
	}
	var frame datasets.Frame
	take := func() error {
		rows := make([]string, 0, frame.Rows+len(frame.Faults))
		for i := range frame.Rows {
			pos := frame.Position(i, "")
			rows = append(rows, fmt.Sprintf("%08d %s|%s", pos.Line, frame.Columns[0].TextAt(i), frame.Columns[1].TextAt(i)))
		}
		for _, f := range frame.Faults {
			rows = append(rows, fmt.Sprintf("%08d %s %s", f.Pos.Line, f.Reason, f.Got))
		}
		most = max(most, len(frame.Faults))
		all = append(all, rows...)
		return nil
	}
	for {
		p, err := r.Next(context.Background())
		if errors.Is(err, io.EOF) {
			return all, most
		}
		if err != nil {
			t.Fatal(err)
		}
		if each {
			err = p.Each(&frame, take)
		} else {
			err = errors.Join(p.Decode(&frame), take())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestManyFaultsComeInStretches(t *testing.T) {
	f := func(name, text string) {
		t.Helper()
		whole, _ := told(t, text, defaultBlock, false)
		for _, size := range []int{1 << 10, defaultBlock} {
			got, most := told(t, text, size, true)
			count := map[string]int{}
			for _, row := range whole {
				count[row]++
			}
			for _, row := range got {
				count[row]--
			}
			for row, n := range count {
				if n != 0 {
					t.Fatalf("%s, blocks of %d: got %q %+d times too often", name, size, row, -n)
				}
			}
			if most > stretchFaults || len(got) != len(whole) {
				t.Errorf("%s, blocks of %d: got %d rows and up to %d faults at once, want %d and at most %d", name, size, len(got), most, len(whole), stretchFaults)
			}
		}
	}
	var short, quoted, both, wide bytes.Buffer
	for i := range 30_000 {
		short.WriteString("x\n")
		quoted.WriteString("a\"b,1\n")
		both.WriteString([]string{"a,1\n", "\"a\"\"\n,b\",2\n", "x\n", "\"q\"x,1\n"}[i%4])
		wide.WriteString([]string{"\xff,1\n", "é,\"\"\"\"\n"}[i%2])
	}
	const head = "a,b\n"
	f("fields", head+short.String())
	f("quotes", head+quoted.String())
	f("both", head+both.String())
	f("encoding", head+wide.String())
	f("open", head+"1,\"2\n"+strings.Repeat("1,2\n3\n", 30_000))
	f("open in the middle", head+both.String()+"1,\"2\n"+strings.Repeat("1,2\n3\n", 30_000))
}

// A quote that nothing closes makes no block of 16 MiB.
func TestAQuoteThatNothingClosesMakesNoLargePart(t *testing.T) {
	text := "a,b\n\"1,2\n" + strings.Repeat("1\n", 9<<20)
	options := DefaultOptions()
	options.Delimiter = ','
	r, err := NewReader(strings.NewReader(text), "t.csv", options)
	if err != nil {
		t.Fatal(err)
	}
	lines := 0
	for {
		p, err := r.Next(context.Background())
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if n := len(p.(*part).data); n > 2*defaultBlock+pad {
			t.Fatalf("got a part of %d bytes, want at most %d", n, 2*defaultBlock)
		}
		lines += p.(*part).lines
	}
	if want := 9<<20 + 1; lines != want {
		t.Errorf("got %d lines, want %d", lines, want)
	}
}

// failing fails at its n-th call, in a way that no reader of files can foresee.
type failing struct {
	r     io.Reader
	calls int
}

var errWorn = errors.New("the disk is worn")

func (f *failing) Read(p []byte) (int, error) {
	if f.calls--; f.calls < 0 {
		return 0, errWorn
	}
	return f.r.Read(p[:min(len(p), 700)])
}

// Wherever a reader fails, the rows before are read and the error comes with the
// file and its cause; no end of the file is made up.
func TestAReaderThatFailsIsAnErrorAtEveryCall(t *testing.T) {
	text := "a,b\n" + strings.Repeat("1,\"2\n3\"\n1,2\n", 400)
	options := DefaultOptions()
	options.Delimiter, options.BlockSize = ',', 512
	read := func(calls int) (lines int, err error) {
		r, err := NewReader(&failing{strings.NewReader(text), calls}, "t.csv", options)
		for err == nil {
			var p datasets.Part
			if p, err = r.Next(context.Background()); err == nil {
				lines += p.(*part).lines
			}
		}
		return lines, err
	}
	calls := 0
	for ; ; calls++ {
		lines, err := read(calls)
		if errors.Is(err, io.EOF) {
			if lines != 1200 {
				t.Errorf("got %d lines of the whole file, want 1200", lines)
			}
			break
		}
		var file *datasets.FileError
		if !errors.Is(err, errWorn) || !errors.As(err, &file) || file.Path != "t.csv" {
			t.Fatalf("failing at call %d: got %v, want a FileError with its cause", calls, err)
		}
	}
	if calls < 8 {
		t.Errorf("got %d calls, want some: the test looks at nothing", calls)
	}
}
