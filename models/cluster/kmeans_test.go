package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/models/cluster/internal/kernel"
)

// gauss draws n rows around k centres that lie apart times a standard normal.
func gauss(n, d, k int, apart float64, seed uint64) models.Matrix {
	rng := rand.New(rand.NewPCG(seed, 0))
	c := make([]float64, k*d)
	for i := range c {
		c[i] = rng.NormFloat64() * apart
	}
	x := models.Matrix{Cols: make([][]float32, d)}
	for range n {
		g := rng.IntN(k)
		for j := range d {
			x.Cols[j] = append(x.Cols[j], float32(c[g*d+j]+rng.NormFloat64()))
		}
	}
	return x
}

// fit fails the test on an error.
func fit(t testing.TB, c KMeansConfig, x models.Matrix, weights []float64) (*KMeans, Report) {
	t.Helper()
	m, report, err := c.Fit(context.Background(), x, weights)
	if err != nil {
		t.Fatal(err)
	}
	return m, report
}

func TestFitByHand(t *testing.T) {
	// 0 1 | 10 11 12: means 0.5 and 11, squares 0.25·2 + 1·2.
	x := matrix([]float64{0}, []float64{10}, []float64{1}, []float64{11}, []float64{12})
	c := DefaultKMeans()
	c.K = 2
	m, report := fit(t, c, x, nil)
	if got := m.Centres(); got[0][0] != 11 || got[1][0] != 0.5 {
		t.Errorf("centres %v, want 11 (the larger cluster) and 0.5", got)
	}
	if report.Inertia != 2.5 || !slices.Equal(report.Sizes, []int{3, 2}) || !report.Converged {
		t.Errorf("report %+v, want inertia 2.5 and sizes 3 and 2", report)
	}
	if want := 366 - 34.0*34/5; !near(report.TotalInertia, want, 1e-12) { // Σx² − (Σx)²/n
		t.Errorf("total inertia %v, want %v", report.TotalInertia, want)
	}
	labels, err := m.Predict(matrix([]float64{5}, []float64{6}, []float64{-1e12}, []float64{1e12}))
	if err != nil || !slices.Equal(labels, []int32{1, 0, 1, 0}) {
		t.Errorf("labels %v, %v; want 1 0 1 0", labels, err)
	}
	dist, err := m.Distances(matrix([]float64{2}))
	if err != nil || !slices.Equal(dist, []float64{9, 1.5}) {
		t.Errorf("distances %v, %v; want 9 and 1.5", dist, err)
	}

	// Weight 3 on 0 pulls its centre to 0.25 and makes its cluster the heavier.
	m, report = fit(t, c, x, []float64{3, 1, 1, 1, 1})
	if got := m.Centres(); got[0][0] != 0.25 || got[1][0] != 11 || report.Inertia != 3*0.0625+0.5625+2 {
		t.Errorf("weighted: centres %v, inertia %v", got, report.Inertia)
	}
}

func TestAnyWorkersGiveTheSameBits(t *testing.T) {
	x := gauss(30_000, 5, 9, 1, 1)
	weights := make([]float64, 30_000)
	for i := range weights {
		weights[i] = float64(i%7) / 3
	}
	for _, w := range [][]float64{nil, weights} {
		c := DefaultKMeans()
		c.K, c.Restarts = 9, 5
		var want []byte
		var first Report
		for _, workers := range []int{1, 2, 8} {
			c.Workers = workers
			m, report := fit(t, c, x, w)
			got, err := json.Marshal(m)
			if err != nil {
				t.Fatal(err)
			}
			if want == nil {
				want, first = got, report
			}
			if string(got) != string(want) || report.Inertia != first.Inertia || !slices.Equal(report.Restarts, first.Restarts) {
				t.Errorf("%d workers: %s %v, want %s %v", workers, got, report.Inertia, want, first.Inertia)
			}
		}
	}
}

// A block that limits pass over must have the labels that the kernel would give
// it, at every step.
func TestLimitsNeverChangeALabel(t *testing.T) {
	ctx := context.Background()
	for _, f := range []struct {
		name     string
		x        models.Matrix
		k        int
		weighted bool
	}{
		{"apart", gauss(20_000, 8, 10, 3, 1), 10, false},
		{"overlapping", gauss(20_003, 8, 10, 0.7, 2), 10, false},
		{"one cloud", gauss(20_000, 3, 1, 0, 3), 7, false},
		{"weighted", gauss(9_001, 4, 6, 2, 4), 6, true},
		{"many", gauss(30_000, 2, 100, 10, 5), 100, false},
	} {
		t.Run(f.name, func(t *testing.T) {
			n, _ := f.x.Dims()
			var weights []float64
			for i := range n {
				if f.weighted {
					weights = append(weights, 0.5+float64(i%5))
				}
			}
			p, _ := framed(t, f.x, weights)
			var start []int
			for i := range f.k {
				start = append(start, i*n/f.k)
			}
			r := newLloyd(p, p.coordinates(start), 2)
			skipped, sorted := 0, false
			for range 150 {
				moved, err := r.assign(ctx)
				if err != nil {
					t.Fatal(err)
				}
				assertNearest(t, r)
				if moved == 0 {
					break
				}
				r.update()
				first, second, _ := largestShifts(r.nearest, r.last, p.d, r.shifts)
				r.tune(moved, first+second)
				for b := range p.blocks {
					if r.limits != nil && r.limits.settled(b) {
						skipped++
					}
				}
				sorted = sorted || r.limits != nil && r.limits.sorted
			}
			t.Logf("%d blocks passed over, sorted: %v", skipped, sorted)
			if skipped == 0 {
				t.Error("no block was ever passed over: the test shows nothing")
			}
		})
	}
}

// assertNearest checks the labels of a run against the kernel, and its sums
// against the points.
func assertNearest(t *testing.T, r *lloyd) {
	t.Helper()
	want := make([]int32, block)
	mass, sums := make([]float64, r.k), make([]float64, r.k*r.p.d)
	for b := range r.p.blocks {
		kernel.Assign(r.p.x, []int32{int32(b)}, r.p.d, r.tiles, want)
		n := r.p.lanes(b)
		if got := r.labels[b*block:][:n]; !slices.Equal(got, want[:n]) {
			t.Fatalf("step %d, block %d: labels %v, want %v", r.steps, b, got, want[:n])
		}
		for l := range n {
			i, c := b*block+l, int(want[l])
			mass[c] += r.p.weight(i)
			for j := range r.p.d {
				sums[c*r.p.d+j] += r.p.weight(i) * float64(r.p.at(i, j))
			}
		}
	}
	for c := range r.k {
		if !near(r.mass[c], mass[c], 1e-9) {
			t.Fatalf("step %d, cluster %d: mass %v, want %v", r.steps, c, r.mass[c], mass[c])
		}
		for j := range r.p.d {
			if got, want := r.sums[c*r.p.d+j], sums[c*r.p.d+j]; math.Abs(got-want) > 1e-9*(1+mass[c]) {
				t.Fatalf("step %d, cluster %d, column %d: sum %v, want %v", r.steps, c, j, got, want)
			}
		}
	}
}

// framed packs a whole matrix.
func framed(t testing.TB, x models.Matrix, weights []float64) (*points, frame) {
	t.Helper()
	ctx := context.Background()
	rows, err := selectRows(x, weights)
	if err != nil {
		t.Fatal(err)
	}
	mean, deviation, err := columnStats(ctx, 2, x, rows)
	if err != nil {
		t.Fatal(err)
	}
	f := newFrame(mean, deviation)
	p, err := pack(ctx, 2, x, rows, f, true)
	if err != nil {
		t.Fatal(err)
	}
	return p, f
}

func TestRelations(t *testing.T) {
	x := gauss(3000, 3, 5, 3, 7)
	c := DefaultKMeans()
	c.K = 5
	want, report := fit(t, c, x, nil)
	compare := func(t *testing.T, got *KMeans, change func(v float64) float64) {
		t.Helper()
		for i, row := range got.Centres() {
			for j, v := range row {
				if w := change(want.Centres()[i][j]); !near(v, w, 1e-5) {
					t.Errorf("centre %d, column %d: got %v, want %v", i, j, v, w)
				}
			}
		}
	}
	mapped := func(f func(v float32) float32) models.Matrix {
		y := models.Matrix{Cols: make([][]float32, len(x.Cols))}
		for j, col := range x.Cols {
			for _, v := range col {
				y.Cols[j] = append(y.Cols[j], f(v))
			}
		}
		return y
	}
	same := func(v float64) float64 { return v }

	t.Run("every row twice", func(t *testing.T) {
		got, r := fit(t, c, mappedRows(x, 2), nil)
		compare(t, got, same)
		if !near(r.Inertia, 2*report.Inertia, 1e-6) || r.DistinctRows != 3000 {
			t.Errorf("inertia %v, want %v; distinct rows %d, want 3000", r.Inertia, 2*report.Inertia, r.DistinctRows)
		}
	})
	t.Run("weight 2", func(t *testing.T) {
		got, r := fit(t, c, x, slices.Repeat([]float64{2}, 3000))
		compare(t, got, same)
		if !near(r.Inertia, 2*report.Inertia, 1e-6) {
			t.Errorf("inertia %v, want %v", r.Inertia, 2*report.Inertia)
		}
	})
	t.Run("another unit", func(t *testing.T) {
		for _, unit := range []float32{100, 1e-20, 1e18} {
			got, _ := fit(t, c, mapped(func(v float32) float32 { return v * unit }), nil)
			compare(t, got, func(v float64) float64 { return v * float64(unit) })
		}
	})
	t.Run("another origin", func(t *testing.T) {
		got, _ := fit(t, c, mapped(func(v float32) float32 { return v + 4096 }), nil)
		compare(t, got, func(v float64) float64 { return v + 4096 })
	})
	t.Run("a constant column more", func(t *testing.T) {
		y := models.Matrix{Cols: append(slices.Clone(x.Cols), slices.Repeat([]float32{42.25}, 3000))}
		got, r := fit(t, c, y, nil)
		if r.Inertia != report.Inertia {
			t.Errorf("inertia %v, want %v", r.Inertia, report.Inertia)
		}
		for i, row := range got.Centres() {
			if !slices.Equal(row[:3], want.Centres()[i]) || row[3] != 42.25 {
				t.Errorf("centre %d: got %v, want %v and 42.25", i, row, want.Centres()[i])
			}
		}
	})
}

// mappedRows repeats every row.
func mappedRows(x models.Matrix, times int) models.Matrix {
	y := models.Matrix{Cols: make([][]float32, len(x.Cols))}
	for j, col := range x.Cols {
		y.Cols[j] = slices.Repeat(col, times)
	}
	return y
}

func TestFewerDistinctRowsThanClusters(t *testing.T) {
	x := mappedRows(matrix([]float64{1, 0.1}, []float64{1, 0.1}, []float64{2, 0.7}, []float64{3, -5}), 5)
	for _, start := range [][][]float64{nil, {{0, 0}, {0, 0}, {0, 0}, {9, 9}, {9, 9}}} {
		c := DefaultKMeans()
		c.K, c.Start = 5, start
		m, report := fit(t, c, x, nil)
		if m.K() != 3 || report.Inertia > 1e-12 || len(report.Warnings) != 1 || report.Warnings[0].Code != WarnFewerDistinctRows {
			t.Errorf("start %v: %d clusters, inertia %v, warnings %v; want 3, 0 and %q", start, m.K(), report.Inertia, report.Warnings, WarnFewerDistinctRows)
		}
	}
	m, report := fit(t, DefaultKMeans(), matrix([]float64{7, 8}), nil)
	if m.K() != 1 || report.Inertia != 0 || !slices.Equal(m.Centres()[0], []float64{7, 8}) {
		t.Errorf("one row: %v, %+v", m.Centres(), report)
	}
}

func TestAnEmptyClusterTakesTheFarthestRow(t *testing.T) {
	// From 0 and 1000, nothing is nearest to 1000: it takes 30, the farthest from
	// the mean 8, and the others follow their mean.
	x := matrix([]float64{0}, []float64{1}, []float64{1}, []float64{30})
	c := DefaultKMeans()
	c.K, c.Start, c.Tol = 2, [][]float64{{0}, {1000}}, 0
	m, report := fit(t, c, x, nil)
	if got := m.Centres(); !near(got[0][0], 2.0/3, 1e-6) || got[1][0] != 30 || !slices.Equal(report.Sizes, []int{3, 1}) {
		t.Errorf("centres %v, sizes %v; want 2/3 and 30, in the order of the start", got, report.Sizes)
	}
}

func TestFitRefuses(t *testing.T) {
	nan := float32(math.NaN())
	bad := DefaultKMeans()
	bad.K, bad.Restarts, bad.MaxIter, bad.Tol, bad.Workers, bad.Init, bad.SampleRows, bad.Finalists, bad.Swaps = 0, 0, 0, math.NaN(), 0, "", 0, 0, -1
	var config *models.ConfigError
	err := bad.Validate()
	if joined, ok := err.(interface{ Unwrap() []error }); !ok || len(joined.Unwrap()) != 9 || !errors.As(err, &config) {
		t.Errorf("got %v, want nine faults", err)
	}

	x := gauss(50, 2, 2, 1, 1)
	c := DefaultKMeans()
	c.K = 2
	refuse := func(name string, c KMeansConfig, x models.Matrix, weights []float64, want any) {
		t.Helper()
		m, _, err := c.Fit(context.Background(), x, weights)
		if m != nil || !errors.As(err, want) {
			t.Errorf("%s: got %v, want %T", name, err, want)
		}
	}
	var value *models.ValueError
	var shape *models.ShapeError
	x.Cols[1][7] = nan
	refuse("NaN", c, x, nil, &value)
	if value.Row != 8 || value.Column != 2 {
		t.Errorf("NaN: got row %d, column %d, want 8 and 2", value.Row, value.Column)
	}
	weights := slices.Repeat([]float64{1}, 50)
	weights[7], weights[9] = 0, -1
	refuse("weight below 0", c, x, weights, &value)
	weights[9] = 1
	fit(t, c, x, weights) // the row with NaN weighs nothing
	refuse("short weights", c, x, weights[:49], &shape)
	c.Start = [][]float64{{1}, {2}}
	refuse("narrow start", c, x, weights, &shape)
	c.Start = [][]float64{{1, 2}, {3, math.Inf(1)}}
	refuse("infinite start", c, x, weights, &config)
}

func TestSeedingsAreAsGoodAsOneAnother(t *testing.T) {
	x := gauss(6000, 4, 30, 4, 11)
	c := DefaultKMeans()
	c.K, c.Restarts, c.Swaps = 30, 8, 0
	_, plain := fit(t, c, x, nil)
	c.Init = Parallel
	_, parallel := fit(t, c, x, nil)
	if parallel.Inertia > 1.05*plain.Inertia {
		t.Errorf("k-means‖ reaches %v, k-means++ %v", parallel.Inertia, plain.Inertia)
	}
	c.Swaps = 2
	_, swapped := fit(t, c, x, nil)
	if swapped.Inertia > plain.Inertia*(1+1e-9) && swapped.Inertia > parallel.Inertia*(1+1e-9) {
		t.Errorf("with swaps %v, without %v", swapped.Inertia, parallel.Inertia)
	}
}

func TestDrawsFollowTheSquaredDistance(t *testing.T) {
	// From 0, the points 1, 2 and 3 of weights 4, 1 and 1 have odds 4 : 4 : 9.
	p, _ := framed(t, matrix([]float64{0}, []float64{1}, []float64{2}, []float64{3}), []float64{1, 4, 1, 1})
	s := newSpread(p)
	s.try([]int{0})
	s.accept(0)
	rng := rand.New(rand.NewPCG(5, 0))
	const draws = 34_000
	var got [4]int
	for range draws {
		got[s.draw(rng)]++
	}
	for i, want := range []float64{0, 4.0 / 17, 4.0 / 17, 9.0 / 17} {
		if share := float64(got[i]) / draws; math.Abs(share-want) > 0.01 {
			t.Errorf("point %d: share %v, want %v", i, share, want)
		}
	}
}

func TestPredictMakesNoAllocations(t *testing.T) {
	x := gauss(5000, 6, 4, 2, 1)
	c := DefaultKMeans()
	c.K = 4
	m, report := fit(t, c, x, nil)
	dst := make([]int32, 5000)
	allocations := testing.AllocsPerRun(20, func() {
		if err := m.PredictTo(dst, x); err != nil {
			t.Fatal(err)
		}
	})
	if allocations > 1 { // the garbage collector may empty the pool once
		t.Errorf("%v allocations", allocations)
	}
	sizes := make([]int, 4)
	for _, l := range dst {
		sizes[l]++
	}
	if !slices.Equal(sizes, report.Sizes) {
		t.Errorf("predicted sizes %v, reported %v", sizes, report.Sizes)
	}
	dist, err := m.Distances(x)
	if err != nil {
		t.Fatal(err)
	}
	var inertia float64
	for i, l := range dst {
		inertia += dist[i*4+int(l)] * dist[i*4+int(l)]
	}
	if !near(inertia, report.Inertia, 1e-12) {
		t.Errorf("inertia of the predictions %v, reported %v", inertia, report.Inertia)
	}
}

func FuzzUnmarshalKMeans(f *testing.F) {
	m, err := NewKMeans([]string{"a", "b"}, [][]float64{{1, 2}, {0.1, -3e7}})
	if err != nil {
		f.Fatal(err)
	}
	seed, err := json.Marshal(m)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Add([]byte(`{"model":"kmeans","version":1,"centres":[[1],[2,3]]}`))
	f.Add([]byte(`{"model":"kmeans","version":1,"centres":[[1e300]]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var m KMeans
		if json.Unmarshal(data, &m) != nil {
			return
		}
		again, err := json.Marshal(&m)
		if err != nil {
			t.Fatal(err)
		}
		var n KMeans
		if err := json.Unmarshal(again, &n); err != nil {
			t.Fatalf("%s: %v", again, err)
		}
		if !slices.Equal(m.centres, n.centres) || m.K() < 1 {
			t.Errorf("%v and %v", m.centres, n.centres)
		}
	})
}
