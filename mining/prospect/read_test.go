package prospect_test

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/parquetio"
)

// eachRow calls do with the frames of prospects.parquet.
func eachFrame(t *testing.T, folder string, do func(f *datasets.Frame)) {
	t.Helper()
	r, err := parquetio.Open(filepath.Join(folder, "prospects.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}()
	if err := r.Select([]int{0, 1, 2}); err != nil {
		t.Fatal(err)
	}
	var frame datasets.Frame
	for {
		part, err := r.Next(context.Background())
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := part.Each(&frame, func() error { do(&frame); return nil }); err != nil {
			t.Fatal(err)
		}
	}
}

// readScores returns the scores of the prospects, and 1 for those who are among the best.
func readScores(t *testing.T, folder string, best map[string]bool) (scores, labels []float64) {
	t.Helper()
	eachFrame(t, folder, func(f *datasets.Frame) {
		for i := range f.Rows {
			label := 0.0
			if best[string(f.Columns[0].TextAt(i))] {
				label = 1
			}
			scores, labels = append(scores, f.Columns[1].Floats[i]), append(labels, label)
		}
	})
	return scores, labels
}
