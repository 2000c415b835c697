package cluster

import (
	"context"

	"github.com/quintile-dev/quintile/models"
)

// Fit partitions the rows of x into c.K clusters, minimising the weighted sum of
// squared distances to the centres (the inertia):
//
//	J = Σᵢ wᵢ · minⱼ ‖xᵢ − cⱼ‖²
//
// Several runs, each seeded by k-means++ [1], refined by Lloyd's iterations [2]
// and mended by swapping centres [3], compete on a sample of the rows; the best
// runs are then continued on all rows until they converge, and the best result is
// returned. The model is complete and immutable. See KMeansConfig for the effect
// of each setting.
//
// Clusters are numbered by falling weight; among equal weights, by the coordinates
// of the centre, first column first. With Start, the clusters keep the order of
// Start.
//
// A cluster that runs empty takes the row farthest from the centre of its cluster;
// among equally far rows, the first. Where x has fewer distinct rows than K, the
// model has one cluster per distinct row, and the report carries the warning
// "fewer_distinct_rows".
//
// Shape: x is n×d; weights has n entries, or is nil for 1 each. Neither is
// modified.
//
// Units: columns are compared unscaled, so scale the columns first unless the
// units are commensurate.
//
// Missing: NaN or an infinity is an error. A row of weight 0 is as good as absent.
// A constant column changes nothing.
//
// Determinism: the result depends on x, weights and c, but not on Workers, and is
// the same to the bit with and without the assembler. Row order matters, because
// rows are drawn by position.
//
// Errors: *models.ConfigError for each fault of c, *models.ValueError for a value
// or weight that is not finite, or a negative weight, *models.ShapeError for
// weights or a start that do not fit x, ctx.Err() when cancelled. Not converging
// is not an error: see Report.Converged.
//
// Cost: O(n·d·K) an iteration at most, less where points settle (see
// docs/methods/cluster.md); about 4·n·(d+4) bytes beyond x.
//
// [1] D. Arthur and S. Vassilvitskii, "k-means++: The Advantages of Careful
// Seeding", SODA 2007, pp. 1027–1035.
//
// [2] S. Lloyd, "Least Squares Quantization in PCM", IEEE Trans. Inf. Theory
// 28(2), 1982, pp. 129–137, doi:10.1109/TIT.1982.1056489.
//
// [3] S. Lattanzi and C. Sohler, "A Better k-means++ Algorithm via Local Search",
// ICML 2019, PMLR 97, pp. 3662–3671.
func (c KMeansConfig) Fit(ctx context.Context, x models.Matrix, weights []float64) (*KMeans, Report, error) {
	if err := c.Validate(); err != nil {
		return nil, Report{}, err
	}
	rows, err := selectRows(x, weights)
	if err != nil {
		return nil, Report{}, err
	}
	if _, d := x.Dims(); c.Start != nil && len(c.Start[0]) != d {
		return nil, Report{}, &models.ShapeError{What: "a row of start", Got: len(c.Start[0]), Want: d}
	}
	t, err := newTrainer(ctx, c, x, rows)
	if err != nil {
		return nil, Report{}, err
	}
	return t.train(ctx)
}

// newTrainer chooses the units that a fit runs in.
func newTrainer(ctx context.Context, c KMeansConfig, x models.Matrix, rows rowset) (*trainer, error) {
	mean, deviation, err := columnStats(ctx, c.Workers, x, rows)
	if err != nil {
		return nil, err
	}
	t := &trainer{config: c, x: x, rows: rows, learned: rows, frame: newFrame(mean, deviation)}
	for _, s := range deviation {
		v := s * float64(t.frame.scale)
		t.variance += float64(v*v) / float64(len(deviation))
	}
	return t, nil
}

// trainer carries one Fit through its stages.
type trainer struct {
	config   KMeansConfig
	x        models.Matrix
	rows     rowset  // that weigh something
	learned  rowset  // what the runs learn from: rows, or their distinct values
	full     *points // learned, once packed
	frame    frame
	variance float64 // mean variance of a column, framed
	report   Report
}

func (t *trainer) train(ctx context.Context) (*KMeans, Report, error) {
	c := t.config
	if err := t.collapse(ctx); err != nil {
		return nil, Report{}, err
	}
	starts, err := t.starts(ctx)
	if err != nil {
		return nil, Report{}, err
	}
	if t.full == nil {
		if t.full, err = pack(ctx, c.Workers, t.x, t.learned, t.frame, len(starts) > 1); err != nil {
			return nil, Report{}, err
		}
	}
	best, err := t.finals(ctx, starts)
	if err != nil {
		return nil, Report{}, err
	}
	t.full = nil
	return t.assess(ctx, t.original(best))
}

// starts returns the centres that the final runs begin with.
func (t *trainer) starts(ctx context.Context) ([][]float64, error) {
	c := t.config
	if c.Start != nil {
		var start []float64
		for _, row := range c.Start {
			for j, v := range row {
				start = append(start, t.frame.apply(v, j))
			}
		}
		return [][]float64{start}, nil
	}
	sample, m := t.learned, max(c.SampleRows, sampleShare*c.K)
	if t.learned.n > m {
		sample = sampleOf(t.learned, m, c.Seed)
	}
	p, err := pack(ctx, c.Workers, t.x, sample, t.frame, true)
	if err != nil {
		return nil, err
	}
	if sample.n == t.learned.n {
		t.full = p
	}
	all, best, err := c.compete(ctx, p, t.variance)
	if err != nil {
		return nil, err
	}
	t.report.SampleRows = sample.n
	for _, r := range all {
		t.report.Restarts = append(t.report.Restarts, t.frame.area(r.inertia))
	}
	starts := make([][]float64, len(best))
	for i, b := range best {
		starts[i] = all[b].centres
	}
	return starts, nil
}

// sampleShare is the fewest rows a cluster has in the sample, on average.
const sampleShare = 256

// finals runs each start to the end on every row and returns the best run.
func (t *trainer) finals(ctx context.Context, starts [][]float64) (*lloyd, error) {
	c := t.config
	var best *lloyd
	for _, start := range starts {
		r := newLloyd(t.full, start, c.Workers)
		r.owns = true // one run at a time, and none minds how the last one left the points
		o, err := r.iterate(ctx, c.MaxIter, c.Tol*t.variance)
		if err != nil {
			return nil, err
		}
		if best == nil || r.inertia() < best.inertia() {
			best = r
			t.report.Converged, t.report.Iterations = o.converged, o.iterations
		}
	}
	return best, nil
}

// original returns the centres of a run in the units of x, without empty ones.
func (t *trainer) original(r *lloyd) []float64 {
	var centres []float64
	for i := range r.k {
		if r.count[i] == 0 {
			continue
		}
		for j := range r.p.d {
			centres = append(centres, t.frame.restore(r.centres[i*r.p.d+j], j))
		}
	}
	return centres
}
