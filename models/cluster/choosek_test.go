package cluster

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/quintile-dev/quintile/models"
)

// quickChoice keeps the tests short.
func quickChoice() ChooseKConfig {
	c := DefaultChooseK()
	c.KMax, c.SilhouetteRows, c.SampleRows, c.References, c.Bootstraps = 6, 500, 500, 8, 8
	c.KMeans.Restarts = 4
	return c
}

// corners draws n rows around the corners of a triangle.
func corners(n int, seed uint64) models.Matrix {
	rng := rand.New(rand.NewPCG(seed, 0))
	at := [][2]float64{{0, 0}, {10, 0}, {0, 10}}
	x := models.Matrix{Cols: make([][]float32, 2)}
	for i := range n {
		for j := range x.Cols {
			x.Cols[j] = append(x.Cols[j], float32(at[i%3][j]+rng.NormFloat64()))
		}
	}
	return x
}

func TestChooseKFindsThePlantedGroups(t *testing.T) {
	choice, err := quickChoice().ChooseK(context.Background(), corners(1500, 1))
	if err != nil {
		t.Fatal(err)
	}
	best := choice.Best()
	if choice.K != 3 || best.K != 3 || best.Votes != 4 || len(choice.Warnings) != 0 {
		t.Errorf("k = %d with %d votes, reasons %q, warnings %v; want 3 with 4", choice.K, best.Votes, choice.Reasons, choice.Warnings)
	}
	for _, v := range best.Stability {
		if v < 0.95 {
			t.Errorf("stability %v, want above 0.95", best.Stability)
		}
	}
	for _, a := range choice.Candidates {
		if a.Silhouette > best.Silhouette || a.Simplified > best.Simplified {
			t.Errorf("k = %d has silhouettes %v and %v, k = 3 %v and %v", a.K, a.Silhouette, a.Simplified, best.Silhouette, best.Simplified)
		}
	}
}

func TestChooseKWarnsOfDataWithoutGroups(t *testing.T) {
	c := quickChoice()
	c.KMin = 1
	choice, err := c.ChooseK(context.Background(), gauss(1200, 6, 1, 0, 2))
	if err != nil {
		t.Fatal(err)
	}
	if len(choice.Warnings) == 0 || choice.Warnings[len(choice.Warnings)-1].Code != WarnWeakStructure {
		t.Errorf("k = %d, warnings %v; want %q", choice.K, choice.Warnings, WarnWeakStructure)
	}
	if choice.byGap() != 0 {
		t.Errorf("the gap statistic names candidate %d, want k = 1", choice.byGap())
	}
}

func TestChooseKStopsAtTheDistinctRows(t *testing.T) {
	c := quickChoice()
	c.References = 2
	x := mappedRows(matrix([]float64{0, 0}, []float64{5, 1}, []float64{1, 9}), 20)
	choice, err := c.ChooseK(context.Background(), x)
	if err != nil || len(choice.Candidates) != 2 || choice.K != 3 {
		t.Errorf("k = %d of %d candidates, %v; want 3 of 2", choice.K, len(choice.Candidates), err)
	}
}

func TestChooseKIsTheSameForAnyWorkers(t *testing.T) {
	x := gauss(700, 3, 4, 2, 3)
	var want []string
	for _, workers := range []int{1, 3} {
		c := quickChoice()
		c.KMax, c.KMeans.Workers = 4, workers
		choice, err := c.ChooseK(context.Background(), x)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, a := range choice.Candidates {
			got = append(got, fmt.Sprint(a.K, a.Silhouette, a.DaviesBouldin, a.CalinskiHarabasz, a.Gap, a.GapError, a.Stability, a.Report.Inertia))
		}
		if want == nil {
			want = got
		}
		if !slices.Equal(got, want) {
			t.Errorf("%d workers: %q, want %q", workers, got, want)
		}
	}
}

func TestGapOfUniformDataIsNearZero(t *testing.T) {
	// One group fills its box, whose long side is its first axis, as the references
	// do: W and W* have the same law.
	rng := rand.New(rand.NewPCG(4, 0))
	x := models.Matrix{Cols: make([][]float32, 2)}
	for range 400 {
		x.Cols[0] = append(x.Cols[0], 3*rng.Float32())
		x.Cols[1] = append(x.Cols[1], rng.Float32())
	}
	c := quickChoice()
	c.KMin, c.KMax, c.Bootstraps = 1, 3, 0
	choice, err := c.ChooseK(context.Background(), x)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range choice.Candidates {
		if math.Abs(a.Gap) > 0.1 {
			t.Errorf("k = %d: gap %v, want about 0", a.K, a.Gap)
		}
	}
}

func TestMatch(t *testing.T) {
	f := func(a, b []int32, ka, kb int, want ...int) {
		t.Helper()
		got, err := Match(a, b, ka, kb)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("got %v, %v; want %v", got, err, want)
		}
	}
	f([]int32{0, 0, 1, 1, 2}, []int32{2, 2, 0, 0, 1}, 3, 3, 1, 2, 0) // renamed
	// b's 0 shares 3 rows with a's 0 and 2 with a's 1; b's 1 shares 3 with a's 0 only:
	// 2 + 3 beats 3 + 0.
	f([]int32{0, 0, 0, 1, 1, 0, 0, 0}, []int32{0, 0, 0, 0, 0, 1, 1, 1}, 2, 2, 1, 0)
	f([]int32{0, 0, 0}, []int32{0, 1, 1}, 1, 2, -1, 0)        // a has too few
	f([]int32{0, 1, -1, 1}, []int32{1, 0, 0, -1}, 2, 2, 1, 0) // left-out rows do not count
	if _, err := Match([]int32{0}, []int32{3}, 1, 2); err == nil {
		t.Error("a label beyond the clusters was taken")
	}
	if got := Assign(nil); got != nil {
		t.Errorf("got %v, want none", got)
	}
}

func TestMatchCentresFollowsAMovingCluster(t *testing.T) {
	prev, err := NewKMeans(nil, [][]float64{{0, 0}, {10, 0}, {0, 10}})
	if err != nil {
		t.Fatal(err)
	}
	next, err := NewKMeans(nil, [][]float64{{1, 9}, {2, 1}, {12, 1}, {50, 50}})
	if err != nil {
		t.Fatal(err)
	}
	got, err := MatchCentres(prev, next)
	if err != nil || !slices.Equal(got, []int{2, 0, 1, -1}) {
		t.Errorf("got %v, %v; want 2 0 1 -1", got, err)
	}
}

func TestJaccards(t *testing.T) {
	got, err := jaccards([]int32{0, 0, 0, 1, 1, 2}, []int32{0, 0, 1, 1, 1, -1}, 3, 2)
	// {0,1,2} and {0,1}: 2/3; {3,4} and {2,3,4}: 2/3; the row of 2 was not drawn.
	if err != nil || !slices.Equal(got, []float64{2.0 / 3, 2.0 / 3, 0}) {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestSilhouettesByHand(t *testing.T) {
	// On a line: 0, 2 | 10 | 11, 13, one group of a single row.
	x := matrix([]float64{0}, []float64{2}, []float64{10}, []float64{11}, []float64{13})
	got, err := Silhouettes(context.Background(), 1, x, []int32{0, 0, 1, 2, 2}, 3)
	want := []float64{(10.0 - 2) / 10, (8.0 - 2) / 8, 0, (1.0 - 2) / 2, (3.0 - 2) / 3}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
	alone, err := Silhouette(context.Background(), 1, x, make([]int32, 5), 1)
	if err != nil || !math.IsNaN(alone) {
		t.Errorf("one cluster: got %v, %v; want NaN", alone, err)
	}
}

func TestChooseKReportsEveryFault(t *testing.T) {
	c := ChooseKConfig{LeastStability: 2}
	if err := c.Validate(); err == nil || len(err.(interface{ Unwrap() []error }).Unwrap()) < 5 {
		t.Errorf("got %v, want five faults and those of KMeans", err)
	}
}
