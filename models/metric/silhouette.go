package metric

import (
	"cmp"
	"context"
	"math"

	"github.com/quintile-dev/quintile/models"
)

// Silhouettes tell how well rows lie in their groups.
type Silhouettes struct {
	Mean   float64   // over the rows, in [−1,1]; NaN without rows
	Groups []float64 // mean per group, in ascending order of the labels
	Rows   []float64 // per row, in [−1,1]; 0 for a row alone in its group
}

// Silhouette compares the distance from each row to its own group with the
// distance to the nearest other group (Rousseeuw [1]): near 1 well inside, near
// 0 on a border, negative in the wrong group.
//
//	s = (b − a) / max(a, b)
//
// a is the mean Euclidean distance to the other rows of the group, b the least
// mean distance to the rows of another group.
//
// Shape: x is n×d, one label per row, at least two groups; workers ≥ 1.
//
// Units: columns are compared unscaled; scale the columns first.
//
// Missing: a NaN or ±Inf in x is an error. A row alone in its group, or at
// distance 0 from everything, scores 0.
//
// Determinism: the same bits for any number of workers.
//
// Errors: *models.ShapeError, *models.ValueError, *models.ConfigError for
// fewer than two groups or no worker, ctx.Err() if cancelled.
//
// Cost: O(n²·d) time, so draw a sample above some 20,000 rows or use
// [SimplifiedSilhouette]; O(n·d) memory.
//
// [1] P. Rousseeuw, "Silhouettes: a graphical aid to the interpretation and
// validation of cluster analysis", J. Comput. Appl. Math. 20, 1987, pp. 53–65,
// doi:10.1016/0377-0427(87)90125-7.
func Silhouette[L cmp.Ordered](ctx context.Context, x models.Matrix, label []L, workers int) (*Silhouettes, error) {
	code, sizes, err := grouping(x, label, workers)
	if err != nil {
		return nil, err
	}
	n, d := x.Dims()
	points := rowMajor(x)
	rows := make([]float64, n)
	perTask := max(1, (1<<21)/max(1, n*d))
	tasks := (n + perTask - 1) / perTask
	err = models.Parallel(ctx, workers, tasks, func(task int) error {
		sums := make([]float64, len(sizes))
		for i := task * perTask; i < min(n, (task+1)*perTask); i++ {
			distanceSums(sums, points, code, i, d)
			rows[i] = silhouetteOf(sums, sizes, int(code[i]))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return summarise(rows, code, sizes), nil
}

// grouping validates the input and numbers the groups.
func grouping[L cmp.Ordered](x models.Matrix, label []L, workers int) (code []int32, sizes []int, err error) {
	if err := x.Validate(); err != nil {
		return nil, nil, err
	}
	n, _ := x.Dims()
	if len(label) != n {
		return nil, nil, &models.ShapeError{What: "labels", Got: len(label), Want: n}
	}
	if err := x.CheckFinite(); err != nil {
		return nil, nil, err
	}
	if workers < 1 {
		return nil, nil, &models.ConfigError{Field: "workers", Got: workers, Want: "an integer ≥ 1"}
	}
	code, groups := compact(label)
	if groups < 2 {
		return nil, nil, &models.ConfigError{Field: "groups", Got: groups, Want: "at least 2 groups of rows"}
	}
	sizes = make([]int, groups)
	for _, g := range code {
		sizes[g]++
	}
	return code, sizes, nil
}

// rowMajor returns x as float64, row after row.
func rowMajor(x models.Matrix) []float64 {
	n, d := x.Dims()
	out := make([]float64, n*d)
	for j, col := range x.Cols {
		for i, v := range col {
			out[i*d+j] = float64(v)
		}
	}
	return out
}

// distanceSums sets sums[g] to the sum of the distances of row i to group g.
func distanceSums(sums, points []float64, code []int32, i, d int) {
	clear(sums)
	p := points[i*d : (i+1)*d]
	for j, g := range code {
		sums[g] += distance(p, points[j*d:(j+1)*d])
	}
}

func distance(p, q []float64) float64 {
	q = q[:len(p)]
	s := 0.0
	for k, v := range p {
		diff := v - q[k]
		s += float64(diff * diff)
	}
	return math.Sqrt(s)
}

// silhouetteOf returns the silhouette of a row of group own whose distances to
// each group have the given sums.
func silhouetteOf(sums []float64, sizes []int, own int) float64 {
	if sizes[own] == 1 {
		return 0
	}
	a := sums[own] / float64(sizes[own]-1)
	b := math.Inf(1)
	for g, sum := range sums {
		if g != own {
			b = min(b, sum/float64(sizes[g]))
		}
	}
	return contrast(a, b)
}

func contrast(a, b float64) float64 {
	if a == b {
		return 0
	}
	return (b - a) / max(a, b)
}

func summarise(rows []float64, code []int32, sizes []int) *Silhouettes {
	s := &Silhouettes{Groups: make([]float64, len(sizes)), Rows: rows}
	total := 0.0
	for i, v := range rows {
		total += v
		s.Groups[code[i]] += v
	}
	s.Mean = total / float64(len(rows))
	for g, size := range sizes {
		s.Groups[g] /= float64(size)
	}
	return s
}

// SimplifiedSilhouette is [Silhouette] with the distances to centres in place
// of the mean distances to rows: linear in the rows, and mostly close.
//
//	s = (b − a) / max(a, b)
//
// a is the distance to the centre of the row's own group, b the distance to the
// nearest other centre. A row alone in its group scores 0, being its own
// centre.
//
// Shape: x is n×d; label[i] in [0,k) is the centre of row i; centres holds k ≥
// 2 centres of d values. Groups has one entry per centre, NaN for a centre
// without rows.
//
// Missing, determinism and errors are as for [Silhouette].
//
// Cost: O(n·k·d) time, O(n) memory.
func SimplifiedSilhouette(ctx context.Context, x models.Matrix, label []int, centres [][]float64, workers int) (*Silhouettes, error) {
	if err := checkCentres(x, label, centres, workers); err != nil {
		return nil, err
	}
	n, d := x.Dims()
	sizes := make([]int, len(centres))
	code := make([]int32, n)
	for i, g := range label {
		code[i] = int32(g)
		sizes[g]++
	}
	const perTask = 4096
	rows := make([]float64, n)
	err := models.Parallel(ctx, workers, (n+perTask-1)/perTask, func(task int) error {
		p := make([]float64, d)
		for i := task * perTask; i < min(n, (task+1)*perTask); i++ {
			for j := range p {
				p[j] = float64(x.Cols[j][i])
			}
			a, b := 0.0, math.Inf(1)
			for g, c := range centres {
				if dist := distance(p, c); g == label[i] {
					a = dist
				} else {
					b = min(b, dist)
				}
			}
			if sizes[label[i]] > 1 {
				rows[i] = contrast(a, b)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return summarise(rows, code, sizes), nil
}

func checkCentres(x models.Matrix, label []int, centres [][]float64, workers int) error {
	n, d := x.Dims()
	for _, c := range centres {
		if err := finite(c, "centre", d); err != nil {
			return err
		}
	}
	if len(centres) < 2 {
		return &models.ConfigError{Field: "centres", Got: len(centres), Want: "at least 2 centres"}
	}
	if workers < 1 {
		return &models.ConfigError{Field: "workers", Got: workers, Want: "an integer ≥ 1"}
	}
	if err := x.Validate(); err != nil {
		return err
	}
	if len(label) != n {
		return &models.ShapeError{What: "labels", Got: len(label), Want: n}
	}
	for i, g := range label {
		if g < 0 || g >= len(centres) {
			return &models.ValueError{Row: i + 1, Name: "label", Got: float64(g), Want: "the number of a centre"}
		}
	}
	return x.CheckFinite()
}
