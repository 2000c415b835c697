package tree

import (
	"compress/gzip"
	"context"
	"encoding/csv"
	"math"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/quintile-dev/quintile/datasets/realdata"
	"github.com/quintile-dev/quintile/models"
)

// hillstrom reads the e-mail test: the columns, category names by column, and
// who visited.
func hillstrom(t *testing.T) (x models.Matrix, kinds []Kind, categories [][]string, visit []int32) {
	t.Helper()
	f, err := os.Open(realdata.Path(t, "hillstrom/hillstrom.csv.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(z).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	head, rows := rows[0], rows[1:]
	for _, name := range []string{"recency", "history", "mens", "womens", "zip_code", "newbie", "channel", "segment"} {
		at := slices.Index(head, name)
		col, kind := make([]float32, len(rows)), Numeric
		var labels []string
		for i, row := range rows {
			if v, err := strconv.ParseFloat(row[at], 32); err == nil {
				col[i] = float32(v)
				continue
			}
			kind = Categorical
			code := slices.Index(labels, row[at])
			if code < 0 {
				code = len(labels)
				labels = append(labels, row[at])
			}
			col[i] = float32(code)
		}
		x.Names, x.Cols = append(x.Names, name), append(x.Cols, col)
		kinds, categories = append(kinds, kind), append(categories, labels)
	}
	at := slices.Index(head, "visit")
	for _, row := range rows {
		v, err := strconv.Atoi(row[at])
		if err != nil {
			t.Fatal(err)
		}
		visit = append(visit, int32(v))
	}
	return x, kinds, categories, visit
}

// The visit rates by e-mail are in the answer key of the data set.
func TestHillstromTreeFindsTheKnownRates(t *testing.T) {
	x, kinds, categories, visit := hillstrom(t)
	c := plain()
	c.Kinds = kinds[7:]
	tr := fitClasses(t, c, models.Matrix{Names: x.Names[7:], Cols: x.Cols[7:]}, visit, 2, nil)
	want := map[string]float64{"segment is No E-Mail": 0.106167, "segment is Womens E-Mail": 0.151400, "segment is Mens E-Mail": 0.182757}
	for _, r := range tr.Rules(nil, []string{"stays", "visits"}, categories[7:]) {
		cond := r.Text[:len(r.Text)-len(" ⇒ stays")]
		rate := 1 - r.Confidence // nobody is more likely to visit than not
		if math.Abs(rate-want[cond]) > 5e-7 {
			t.Errorf("%s: got a visit rate of %.6f, want %.6f", cond, rate, want[cond])
		}
		delete(want, cond)
	}
	if len(want) > 0 {
		t.Errorf("no rule for %v", want)
	}
}

// Cross-validation over all columns keeps a small tree that generalises.
func TestHillstromRegressionIsPrunedHard(t *testing.T) {
	x, kinds, _, visit := hillstrom(t)
	y := make([]float64, len(visit))
	for i, v := range visit {
		y[i] = float64(v)
	}
	c := Default()
	c.Kinds = kinds
	c.Folds = 5
	tr, rep, err := c.FitValues(context.Background(), x, y, nil)
	if err != nil {
		t.Fatal(err)
	}
	if rep.Grown < 100 || tr.Leaves() < 4 || tr.Leaves() > 40 {
		t.Errorf("got %d leaves of %d", tr.Leaves(), rep.Grown)
	}
	if root := rep.CV[len(rep.CV)-1]; root.Leaves != 1 || rep.CV[rep.Chosen].Error >= root.Error {
		t.Errorf("the tree of error %v is no better than its root, %v", rep.CV[rep.Chosen].Error, root.Error)
	}
}
