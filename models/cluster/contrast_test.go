package cluster

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/quintile-dev/quintile/models"
)

// even draws n rows from a box without groups, three times as wide as it is high.
func even(n int, seed uint64) models.Matrix {
	rng := rand.New(rand.NewPCG(seed, 1))
	x := models.Matrix{Cols: make([][]float32, 2)}
	for range n {
		x.Cols[0] = append(x.Cols[0], float32(3*rng.Float64()))
		x.Cols[1] = append(x.Cols[1], float32(rng.Float64()))
	}
	return x
}

func contrastOf(t *testing.T, x models.Matrix, k int) Contrast {
	t.Helper()
	c := quickChoice()
	c.References = 19
	config := c.KMeans
	config.K = k
	m, _, err := config.Fit(context.Background(), x, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.Contrast(context.Background(), x, m)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestPlantedGroupsAreRealAndEvenRowsAreNot(t *testing.T) {
	if c := contrastOf(t, corners(900, 3), 3); !c.Real() || c.Silhouette < 0.7 || c.Stability < 0.95 || len(c.Uniform) != 19 {
		t.Errorf("three corners: got %+v, want groups that are real", c)
	}
	real := 0
	for seed := range uint64(10) {
		if contrastOf(t, even(600, seed), 3).Real() {
			real++
		}
	}
	if real > 2 { // one in twenty by chance
		t.Errorf("got real groups in %d of 10 sets of even rows", real)
	}
}

func TestOneClusterIsNoFinding(t *testing.T) {
	if c := contrastOf(t, corners(300, 3), 1); c.Real() || !math.IsNaN(c.Silhouette) {
		t.Errorf("got %+v, want a contrast that is not real", c)
	}
}

func TestContrastKeepsItsFigures(t *testing.T) {
	c := Contrast{Silhouette: 0.4, Stability: 0.9, Uniform: []float64{0.2, 0.34}, UniformStability: 0.95}
	if !c.Real() {
		t.Errorf("got %+v not real: its clusters are stable, and no even set is as good", c)
	}
	c.Uniform[1] = 0.36
	if c.Real() {
		t.Errorf("got %+v real: an even set is about as good", c)
	}
	c.Uniform[1], c.Stability = 0.34, 0.7
	if c.Real() {
		t.Errorf("got %+v real: its clusters return less often than those of even sets", c)
	}
	c.Silhouette, c.Uniform = 0.2, nil
	if c.Real() {
		t.Errorf("got %+v real, below the least silhouette", c)
	}
}

func TestRatingTheRowsOfAFitGivesItsReport(t *testing.T) {
	x := corners(500, 5)
	c := DefaultKMeans()
	c.K = 3
	m, fitted, err := c.Fit(context.Background(), x, nil)
	if err != nil {
		t.Fatal(err)
	}
	rated, err := m.Rate(context.Background(), 2, x)
	if err != nil {
		t.Fatal(err)
	}
	if rated.Inertia != fitted.Inertia || rated.TotalInertia != fitted.TotalInertia || !rated.Converged || rated.Iterations != 0 {
		t.Errorf("got %+v, want the inertia of %+v", rated, fitted)
	}
	for k := range fitted.Sizes {
		if rated.Sizes[k] != fitted.Sizes[k] {
			t.Errorf("cluster %d: got %d rows, want %d", k, rated.Sizes[k], fitted.Sizes[k])
		}
	}
}
