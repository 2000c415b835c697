package cluster

import (
	"bufio"
	"context"
	"fmt"
	"testing"

	"github.com/quintile-dev/quintile/datasets/realdata"
	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/models/cluster/internal/kernel"
)

// clusteringData reads columns of numbers apart by white space.
func clusteringData(t testing.TB, name string) models.Matrix {
	t.Helper()
	r := realdata.Open(t, "clustering/"+name)
	x := models.Matrix{Cols: make([][]float32, 2)}
	for s := bufio.NewScanner(r); s.Scan(); {
		var a, b float32
		if _, err := fmt.Sscan(s.Text(), &a, &b); err != nil {
			t.Fatal(err)
		}
		x.Cols[0], x.Cols[1] = append(x.Cols[0], a), append(x.Cols[1], b)
	}
	return x
}

func TestDefaultsReachTheBestKnownPartitions(t *testing.T) {
	f := func(name string, k int, best, tolerance float64, seeds, least int) {
		t.Helper()
		x := clusteringData(t, name)
		reached := 0
		for seed := range uint64(seeds) {
			c := DefaultKMeans()
			c.K, c.Seed = k, seed
			_, report, err := c.Fit(context.Background(), x, nil)
			if err != nil {
				t.Fatal(err)
			}
			if report.Inertia <= best*(1+tolerance) {
				reached++
			} else {
				t.Logf("%s, seed %d: inertia %.9g is %.2g above the best known", name, seed, report.Inertia, report.Inertia/best-1)
			}
		}
		if reached < least {
			t.Errorf("%s: %d of %d seeds reach %g, want %d", name, reached, seeds, best, least)
		}
	}
	// Best known sums: Fränti and Sieranoja 2018, to the nine digits given there.
	seeds, least := 20, 19
	if !kernel.Fast() { // the same bits, twenty times as slowly
		seeds, least = 3, 3
	}
	f("s1.txt", 15, 8.91761562e12, 1e-8, seeds, least)
	f("s2.txt", 15, 1.32791095e13, 1e-8, seeds, least)
	if testing.Short() {
		return
	}
	f("birch1.txt.gz", 100, 9.27728e13, 1e-5, 2, 2)
}
