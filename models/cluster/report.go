package cluster

import (
	"context"
	"fmt"
	"slices"

	"github.com/quintile-dev/quintile/models"
)

// Report tells how a fit went.
type Report struct {
	Converged  bool // no row changed cluster, or the centres shifted by no more than Tol allows
	Iterations int  // of the run that won, on all rows

	Rows         int       // that weigh something
	DistinctRows int       // that the runs learned from, where equal rows were joined; else Rows
	SampleRows   int       // on which the restarts competed; 0 with Start
	Inertia      float64   // Σ w·‖x − nearest centre‖², in squared units of the columns
	TotalInertia float64   // the same about the mean of all rows; 1 − Inertia/TotalInertia is the share explained
	Sizes        []int     // rows of each cluster
	Weights      []float64 // weight of each cluster
	Restarts     []float64 // inertia of each restart on the sample; nil with Start

	Warnings []models.Warning
}

// Codes of the warnings of Fit.
const (
	WarnNotConverged       = "not_converged"
	WarnFewerDistinctRows  = "fewer_distinct_rows"
	WarnUnstableRestarts   = "unstable_restarts"
	unstableRestartsSpread = 0.05
)

// assess scores every row with the finished model, numbers its clusters and
// completes the report.
func (t *trainer) assess(ctx context.Context, centres []float64) (*KMeans, Report, error) {
	_, d := t.x.Dims()
	m := newKMeans(t.x.Names, centres, d)
	tasks := (t.rows.n + statRows - 1) / statRows
	parts := make([]tally, tasks)
	err := models.Parallel(ctx, t.config.Workers, tasks, func(task int) error {
		from, to := task*statRows, min((task+1)*statRows, t.rows.n)
		part, err := m.tally(t.x, t.rows, from, to)
		parts[task] = part
		return err
	})
	if err != nil {
		return nil, Report{}, err
	}
	all := tally{sizes: make([]int, m.k), weights: make([]float64, m.k)}
	for _, part := range parts {
		all.add(part)
	}
	r := &t.report
	r.Inertia, r.Sizes, r.Weights = all.inertia, all.sizes, all.weights
	r.Rows, r.DistinctRows = t.rows.n, t.learned.n
	r.TotalInertia = t.frame.area(t.variance) * float64(d) * sum(all.weights)
	if t.config.Start == nil {
		order := m.byWeight(all.weights)
		m = m.permuted(order)
		r.Sizes, r.Weights = nil, nil
		for _, c := range order {
			r.Sizes, r.Weights = append(r.Sizes, all.sizes[c]), append(r.Weights, all.weights[c])
		}
	}
	t.warn(m.k)
	return m, *r, nil
}

// tally is the result of one task of assess.
type tally struct {
	inertia float64
	sizes   []int
	weights []float64
}

func (a *tally) add(b tally) {
	a.inertia += b.inertia
	for c := range b.sizes {
		a.sizes[c] += b.sizes[c]
		a.weights[c] += b.weights[c]
	}
}

// tally scores rows [from,to) of s.
func (m *KMeans) tally(x models.Matrix, s rowset, from, to int) (tally, error) {
	a := tally{sizes: make([]int, m.k), weights: make([]float64, m.k)}
	labels, square := make([]int32, scoreRows), make([]float64, scoreRows)
	for ; from < to; from += scoreRows {
		n := min(scoreRows, to-from)
		part := x
		at := from
		if s.rows != nil {
			part, at = gather(x, s, from, n), 0
		}
		if err := m.predictRange(labels[:n], part, at); err != nil {
			return a, err
		}
		m.squaresTo(square[:n], part, at, labels)
		for i := range n {
			w, c := s.weight(from+i), labels[i]
			a.inertia += float64(w * square[i])
			a.sizes[c]++
			a.weights[c] += w
		}
	}
	return a, nil
}

// squaresTo sets dst to the squared distance of each row from its centre, for at
// most scoreRows rows.
func (m *KMeans) squaresTo(dst []float64, x models.Matrix, from int, labels []int32) {
	var first [scoreRows]int // of the centre of each row
	for i := range dst {
		dst[i], first[i] = 0, int(labels[i])*m.d
	}
	for j, col := range x.Cols {
		centres := m.centres[j:]
		for i, v := range col[from : from+len(dst)] {
			t := float64(v) - centres[first[i]]
			dst[i] += float64(t * t)
		}
	}
}

// gather copies n rows of s.
func gather(x models.Matrix, s rowset, from, n int) models.Matrix {
	part := models.Matrix{Names: x.Names, Cols: make([][]float32, len(x.Cols))}
	for j, col := range x.Cols {
		part.Cols[j] = make([]float32, n)
		for i := range n {
			part.Cols[j][i] = col[s.row(from+i)]
		}
	}
	return part
}

// byWeight returns the clusters by falling weight, then by their centres.
func (m *KMeans) byWeight(weights []float64) []int {
	order := make([]int, m.k)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case weights[a] > weights[b]:
			return -1
		case weights[a] < weights[b]:
			return 1
		}
		return slices.Compare(m.centres[a*m.d:(a+1)*m.d], m.centres[b*m.d:(b+1)*m.d])
	})
	return order
}

// warn adds the warnings that the numbers of the report call for.
func (t *trainer) warn(k int) {
	r, c := &t.report, t.config
	if !r.Converged {
		r.Warnings = append(r.Warnings, models.Warning{
			Code: WarnNotConverged, Count: 1,
			Message: fmt.Sprintf("the centres still moved after %d iterations; raise max_iter", r.Iterations),
		})
	}
	if k < c.K {
		r.Warnings = append(r.Warnings, models.Warning{
			Code: WarnFewerDistinctRows, Count: c.K - k,
			Message: fmt.Sprintf("asked for %d clusters, but the %d rows have only %d distinct values that can hold one; the model has %d", c.K, r.Rows, k, k),
		})
	}
	if len(r.Restarts) < 4 {
		return
	}
	sorted := slices.Sorted(slices.Values(r.Restarts))
	best, median := sorted[0], sorted[len(sorted)/2]
	if best > 0 && median > best*(1+unstableRestartsSpread) {
		r.Warnings = append(r.Warnings, models.Warning{
			Code: WarnUnstableRestarts, Count: 1,
			Message: fmt.Sprintf("half of the %d restarts end at an inertia %.0f %% or more above the best; raise restarts or choose another k", len(sorted), 100*(median/best-1)),
		})
	}
}
