// Package segments finds the natural groups among customers: k-means on scaled
// features, with the number of groups given or chosen, and names for them. A run
// continues the groups of the run before, so that numbers and names are stable.
package segments

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/words"
	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/models/cluster"
	"github.com/quintile-dev/quintile/models/drift"
)

// Config says how customers are grouped.
type Config struct {
	K          int // groups; 0 chooses
	MinK, MaxK int // the range to choose from
	Features   []string
	Scaler     features.ScalerConfig
	Restarts   int
	Seed       uint64
	Workers    int
	Words      *words.Words // of the names

	AsOf   datasets.Day // the scoring date
	Before *Model       // of the run before; nil: there is none to go on from
	Refit  Refit
	Drift  float64 // PSI of a feature, against that when the scales were learned, from which they no longer hold
}

// Refit says how often centres are found anew where there is a model to go on from.
type Refit string

// How often centres are found anew.
const (
	Always  Refit = "always"
	Monthly Refit = "monthly" // in the first run of a calendar month
	Never   Refit = "never"
)

// minPerSegment is the number of customers that each group must have on
// average for groups to mean anything.
const minPerSegment = 10

// WeakStructure is the state in which the groups are a way to cut, and no kinds of customers.
const WeakStructure mining.State = "weak_structure"

// Findings are the groups.
type Findings struct {
	State      mining.State
	Model      *Model
	Labels     []int32       // of each customer chosen, in [0,K)
	Scaled     models.Matrix // what the groups were found in: the chosen customers' features, transformed
	K          int
	Inertia    float64 // Σ squared distance from the own centre, in squared units of the scaled features
	Explained  float64 // share of the total sum of squares that the groups explain, in [0,1]
	Iterations int
	Choice     *cluster.Choice // nil where there was nothing to choose
	Warnings   []models.Warning

	Source   Source
	Drift    float64          // the highest PSI of a feature since the scales of the run before were learned; NaN: not known
	Contrast cluster.Contrast // with rows that form no groups
	Kept     int              // groups that go on from one of the run before
}

// Source says where the centres come from.
type Source string

// Where the centres come from.
const (
	Anew      Source = "anew"      // scales, number of groups and centres were found in this run
	Continued Source = "continued" // the centres were found in this run, in the scales of the run before
	Stored    Source = "stored"    // the groups are those of the run before
)

// Find groups the chosen customers of the table (nil: all).
//
// Missing: a missing feature takes the median of the present values, and the
// warning missing_filled counts the filled values.
//
// Errors: those of reading the table, *models.ConfigError, ctx.Err(). Too few
// customers are no error: see State.
func Find(ctx context.Context, c Config, table *features.Table, chosen []uint32) (*Findings, error) {
	n := table.Len()
	if chosen != nil {
		n = len(chosen)
	}
	f := &Findings{State: mining.OK, Drift: math.NaN()}
	if need := minPerSegment * max(c.K, c.MinK); n < need {
		f.State = mining.Insufficient
		f.Warnings = []models.Warning{{Code: "too_few_customers", Count: n,
			Message: fmt.Sprintf("%d customers have bought, want at least %d for %d segments", n, need, max(c.K, c.MinK))}}
		return f, nil
	}
	found, err := f.goOn(ctx, c, table, chosen)
	if err != nil {
		return nil, err
	}
	if !found {
		if err := f.begin(ctx, c, table, chosen); err != nil {
			return nil, err
		}
	}
	f.K = f.Model.KMeans.K()
	return f, f.judge(ctx, c)
}

// begin learns scales, the number of groups and centres.
func (f *Findings) begin(ctx context.Context, c Config, table *features.Table, chosen []uint32) error {
	scaler, columns, err := table.FitScaler(ctx, c.Scaler, c.Features, chosen)
	if err != nil {
		return err
	}
	f.Source = Anew
	f.noteColumns(scaler)
	f.Scaled = models.Matrix{Names: c.Features, Cols: columns}
	kmeans, err := f.fit(ctx, c, len(columns[0]))
	if err != nil {
		return err
	}
	worth := 0.0
	if f.Choice != nil {
		if s := f.Choice.Best().Silhouette; s == s {
			worth = s
		}
	}
	m := &Model{Scaler: scaler, KMeans: kmeans, Fitted: c.AsOf.String(), Begun: c.AsOf.String(), Worth: worth}
	m.Features, err = references(ctx, table, c.Features, chosen)
	if err != nil {
		return err
	}
	before, err := earlierLabels(ctx, c, table, chosen)
	if err != nil {
		return err
	}
	return f.number(m, c.Before, before, c.Words)
}

// references returns the references for comparing features in a later run.
func references(ctx context.Context, table *features.Table, names []string, chosen []uint32) ([]drift.Reference, error) {
	out := make([]drift.Reference, len(names))
	for j, name := range names {
		values, err := table.Columns(ctx, []string{name}, chosen)
		if err == nil {
			out[j], err = drift.Learn(values[0], drift.DefaultBins)
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// fit runs k-means with the k given, or for each k of the range.
func (f *Findings) fit(ctx context.Context, c Config, n int) (*cluster.KMeans, error) {
	config := c.kmeans(c.K)
	most := max(c.MinK, min(c.MaxK, n/minPerSegment))
	if c.K == 0 && most == c.MinK {
		config.K = c.MinK
	}
	if config.K > 0 {
		kmeans, report, err := config.Fit(ctx, f.Scaled, nil)
		if err != nil {
			return nil, err
		}
		f.take(report)
		return kmeans, nil
	}
	choose := cluster.DefaultChooseK()
	choose.KMin, choose.KMax = c.MinK, most
	choose.KMeans = config
	choice, err := choose.ChooseK(ctx, f.Scaled)
	if err != nil {
		return nil, err
	}
	for _, w := range choice.Warnings {
		if w.Code != cluster.WarnWeakStructure { // which judge says for every k
			f.Warnings = append(f.Warnings, w)
		}
	}
	f.Choice = &choice
	best := choice.Best()
	f.take(best.Report)
	return best.Model, nil
}

// kmeans returns how k groups are found.
func (c Config) kmeans(k int) cluster.KMeansConfig {
	config := cluster.DefaultKMeans()
	config.K, config.Restarts, config.Seed, config.Workers = k, c.Restarts, c.Seed, c.Workers
	return config
}

// take notes how the fit went.
func (f *Findings) take(report cluster.Report) {
	f.Inertia, f.Iterations = report.Inertia, report.Iterations
	if report.TotalInertia > 0 {
		f.Explained = 1 - report.Inertia/report.TotalInertia
	}
	f.Warnings = append(f.Warnings, report.Warnings...)
	if !report.Converged {
		f.State = mining.NotConverged
	}
}

// judge compares the groups with groups in data without any structure.
func (f *Findings) judge(ctx context.Context, c Config) error {
	choose := cluster.DefaultChooseK()
	choose.KMeans = c.kmeans(f.K)
	choose.SilhouetteRows, choose.References = structureRows, evenSets
	var err error
	f.Contrast, err = choose.Contrast(ctx, f.Scaled, f.Model.KMeans)
	if err != nil || f.State != mining.OK || f.Contrast.Real() {
		return err
	}
	f.State = WeakStructure
	s := f.Contrast
	message := fmt.Sprintf("the customers hardly form groups: silhouette %.3f", s.Silhouette)
	if len(s.Uniform) > 0 {
		message += fmt.Sprintf(", and up to %.3f of customers spread evenly; stability %.2f, and %.2f of those",
			s.Uniform[len(s.Uniform)-1], s.Stability, s.UniformStability)
	}
	f.Warnings = append(f.Warnings, models.Warning{Code: "weak_structure", Count: 1,
		Message: message + "; read the groups as a way to cut, not as kinds"})
	return nil
}

const (
	// structureRows is how many customers a silhouette is computed on.
	structureRows = 1000
	// evenSets is the number of sets without structure: by chance alone, one set in twenty is
	// better than the best of them.
	evenSets = 19
)

// noteColumns warns of features that cannot tell customers apart.
func (f *Findings) noteColumns(s *features.Scaler) {
	for i := range s.Columns {
		c := &s.Columns[i]
		if c.Constant {
			f.Warnings = append(f.Warnings, models.Warning{Code: "constant_feature", Count: 1,
				Message: fmt.Sprintf("%s is the same for all customers and plays no part in the segments", c.Name)})
		}
		f.noteMissing(c.Name, c.Missing, c.Count)
	}
}

// noteMissing warns of a feature missing for some customers.
func (f *Findings) noteMissing(name string, missing, of int) {
	if missing > 0 {
		f.Warnings = append(f.Warnings, models.Warning{Code: "missing_filled", Count: missing,
			Message: fmt.Sprintf("%s is missing for %d of %d customers, who count with the median", name, missing, of)})
	}
}

// spread is how the values of a column lie.
type spread struct{ mean, deviation float64 }

// spreads returns the standard deviation of each column, summed in blocks.
// Distances are taken from the first value, so that a column of one value has
// no deviation at all.
func spreads(x models.Matrix) []spread {
	n, d := x.Dims()
	out := make([]spread, d)
	for j, col := range x.Cols {
		from := float64(col[0])
		mean := from + inBlocks(col, func(v float64) float64 { return v - from })/float64(n)
		square := inBlocks(col, func(v float64) float64 { return float64((v - mean) * (v - mean)) })
		out[j] = spread{mean, math.Sqrt(square / float64(n))}
	}
	return out
}

func inBlocks(col []float32, value func(float64) float64) float64 {
	const block = 4096
	total := 0.0
	for part := range slices.Chunk(col, block) {
		sum := 0.0
		for _, v := range part {
			sum += value(float64(v))
		}
		total += sum
	}
	return total
}
