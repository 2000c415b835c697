package features

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/quintile-dev/quintile/datasets/spill"
	"github.com/quintile-dev/quintile/datasets/spill/spilltest"
)

// throughDisk builds a table of so many columns on a disk, seals it and reads it: a
// column, some rows of all columns, and all of a matrix.
func throughDisk(d *spilltest.Disk, columns, customers, workers int) (err error) {
	names := make([]string, columns)
	for j := range names {
		names[j] = fmt.Sprint("f", j)
	}
	const buckets = 3
	space := d.Space(workers)
	table, err := NewTable(TableConfig{Names: names, Buckets: buckets, Memory: 0, Workers: workers, Spill: space})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, table.Close(), space.Close()) }()
	for b := range buckets {
		rows := table.Bucket(b, b%workers)
		for i := range customers {
			row, err := rows.Next(fmt.Appendf(nil, "customer-%d-%06d", b, i))
			if err != nil {
				return errors.Join(err, rows.Close())
			}
			for j := range row {
				row[j] = 1 + float64(i*j)/7
			}
		}
		if err := rows.Close(); err != nil {
			return err
		}
	}
	ctx := context.Background()
	if err := table.Seal(ctx); err != nil {
		return err
	}
	column, err := table.Column(ctx, "f0")
	if err != nil {
		return err
	}
	for i, v := range column {
		if v != 1 {
			return fmt.Errorf("customer %d: got %v without an error, want 1", i, v)
		}
	}
	if _, err := table.Columns(ctx, names, []uint32{0, 5, uint32(customers), uint32(2*customers + 1)}); err != nil {
		return err
	}
	_, err = table.Matrix(ctx, names, nil)
	return err
}

// A table whose temporary files fail at any call ends in an error, in the building,
// the sealing and every way of reading: never in a column of zeros.
func TestATableThatCannotReachItsFilesIsAnError(t *testing.T) {
	for _, columns := range []int{2, manyColumns + 1} {
		for _, workers := range []int{1, 3} {
			whole := &spilltest.Disk{}
			if err := throughDisk(whole, columns, chunkRows+50, workers); err != nil {
				t.Fatal(err)
			}
			if whole.Calls() < 20 {
				t.Fatalf("got %d calls, want a table that goes through the disk", whole.Calls())
			}
			for at := 1; at <= whole.Calls(); at++ {
				for _, short := range []bool{false, true} {
					d := &spilltest.Disk{FailAt: at, Short: short}
					err := throughDisk(d, columns, chunkRows+50, workers)
					var fault *spill.Error
					if !errors.As(err, &fault) {
						t.Fatalf("%d columns, %d workers, call %d of %d, short %v: got %v, want an error of the temporary files",
							columns, workers, at, whole.Calls(), short, err)
					}
					if d.Open() != 0 {
						t.Errorf("call %d: got %d files left open", at, d.Open())
					}
				}
			}
		}
	}
}
