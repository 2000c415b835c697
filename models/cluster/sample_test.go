package cluster

import (
	"slices"
	"testing"

	"github.com/quintile-dev/quintile/models"
)

func TestASampleFindsWhatAllRowsFind(t *testing.T) {
	x := gauss(60_000, 4, 6, 3, 21)
	c := DefaultKMeans()
	c.K, c.Restarts, c.SampleRows, c.Tol = 6, 4, 4000, 0
	sampled, a := fit(t, c, x, nil)
	c.SampleRows = 60_000
	full, b := fit(t, c, x, nil)
	if a.SampleRows != 4000 || b.SampleRows != 60_000 {
		t.Errorf("samples of %d and %d rows, want 4000 and 60000", a.SampleRows, b.SampleRows)
	}
	// Lloyd's iterations may stop a few rows apart.
	if !near(a.Inertia, b.Inertia, 1e-6) {
		t.Errorf("sampled: inertia %v, sizes %v; all rows: %v, %v", a.Inertia, a.Sizes, b.Inertia, b.Sizes)
	}
	match, err := MatchCentres(full, sampled)
	if err != nil || !slices.Equal(match, []int{0, 1, 2, 3, 4, 5}) {
		t.Errorf("order %v, %v; want the same order", match, err)
	}
}

func TestSampleRowsTakesOneOfEachStretch(t *testing.T) {
	rows := SampleRows(1000, 10, 3)
	for i, r := range rows {
		if r/100 != i {
			t.Errorf("row %d is outside stretch %d", r, i)
		}
	}
	if got := SampleRows(3, 10, 3); !slices.Equal(got, []int{0, 1, 2}) {
		t.Errorf("got %v, want every row", got)
	}
	if slices.Equal(rows, SampleRows(1000, 10, 4)) {
		t.Error("another seed draws the same rows")
	}
}

func TestEqualRowsAreJoinedOnlyWhereManyRepeat(t *testing.T) {
	c := DefaultKMeans()
	c.K, c.Restarts = 3, 2
	once := gauss(5000, 2, 3, 3, 1)
	for _, f := range []struct {
		name string
		x    models.Matrix
		want int
	}{
		{"no row twice", once, 5000},
		{"each row four times", mappedRows(once, 4), 5000},
		{"few values", roundedTo(once, 2), 0},
	} {
		_, report := fit(t, c, f.x, nil)
		if f.want == 0 {
			if report.DistinctRows > report.Rows/2 {
				t.Errorf("%s: %d of %d rows taken for distinct", f.name, report.DistinctRows, report.Rows)
			}
		} else if report.DistinctRows != f.want {
			t.Errorf("%s: %d distinct rows, want %d", f.name, report.DistinctRows, f.want)
		}
	}
}

// roundedTo cuts the values to multiples of step.
func roundedTo(x models.Matrix, step float32) models.Matrix {
	y := models.Matrix{Cols: make([][]float32, len(x.Cols))}
	for j, col := range x.Cols {
		for _, v := range col {
			y.Cols[j] = append(y.Cols[j], float32(int(v/step))*step)
		}
	}
	return y
}
