package history

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/spill"
	"github.com/quintile-dev/quintile/datasets/spill/spilltest"
)

// spilled takes lines into a history of which nearly all goes through the disk, and
// scans it.
func spilled(lines []line, d *spilltest.Disk, workers int) (err error) {
	space := d.Space(workers)
	b := NewBuilder(Config{Columns: testColumns(), Workers: workers, Memory: 1, Spill: space})
	for i, part := range slices.Collect(slices.Chunk(lines, 97)) {
		if err := b.Appender(i % workers).Append(batch(part, nil)); err != nil {
			return errors.Join(err, b.Close(), space.Close())
		}
	}
	s, err := b.Seal()
	if err != nil {
		return errors.Join(err, space.Close())
	}
	err = s.Scan(context.Background(), func(int, *Bucket) error { return nil })
	return errors.Join(err, s.Close(), space.Close())
}

// A temporary file that cannot be made, written or read back ends the run in an
// error, whichever call it is: never in a history with fewer lines.
func TestATemporaryFileThatFailsAtAnyCallIsAnError(t *testing.T) {
	lines := randomLines(400, 30, 14)
	for _, workers := range []int{1, 3} {
		whole := &spilltest.Disk{}
		if err := spilled(lines, whole, workers); err != nil {
			t.Fatal(err)
		}
		if whole.Calls() < 100 {
			t.Fatalf("got %d calls, want a history that goes through the disk", whole.Calls())
		}
		for at := 1; at <= whole.Calls(); at++ {
			for _, short := range []bool{false, true} {
				d := &spilltest.Disk{FailAt: at, Short: short}
				err := spilled(lines, d, workers)
				var fault *spill.Error
				if !errors.As(err, &fault) {
					t.Fatalf("%d workers, call %d of %d, short %v: got %v, want an error of the temporary files",
						workers, at, whole.Calls(), short, err)
				}
				if d.Open() != 0 {
					t.Errorf("call %d: got %d files left open", at, d.Open())
				}
			}
		}
	}
}

// Segments that are lost without an error of the disk are noticed by the count.
func TestLinesThatDoNotComeBackAreNoticed(t *testing.T) {
	lines := randomLines(400, 30, 15)
	d := &spilltest.Disk{}
	b := NewBuilder(Config{Columns: testColumns(), Workers: 1, Memory: 1, Spill: d.Space(1)})
	if err := b.Appender(0).Append(batch(lines, nil)); err != nil {
		t.Fatal(err)
	}
	s, err := b.Seal()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for i := range s.sources {
		if segments := s.sources[i].segments; segments != nil {
			lost := slices.IndexFunc(segments, func(of []segment) bool { return len(of) > 0 })
			segments[lost] = segments[lost][1:]
		}
	}
	err = s.Scan(context.Background(), func(int, *Bucket) error { return nil })
	if want := fmt.Sprintf("want the %d that went in", len(lines)); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q", err, want)
	}
}

func TestDaysAreCountedByLine(t *testing.T) {
	lines := randomLines(3000, 50, 16)
	counts := map[datasets.Day]int64{}
	for _, l := range lines {
		counts[l.time.Day()]++
	}
	for _, workers := range []int{1, 4} {
		days := build(t, lines, Config{Columns: testColumns(), Workers: workers}, nil).Days()
		for i, d := range days {
			if counts[d.Day] != d.Lines || i > 0 && days[i-1].Day >= d.Day {
				t.Errorf("%d workers: got %v, want %d lines, and rising days", workers, d, counts[d.Day])
			}
		}
		if len(days) != len(counts) {
			t.Errorf("%d workers: got %d days, want %d", workers, len(days), len(counts))
		}
	}
}
