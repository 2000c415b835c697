// Package segments finds the natural groups among customers: k-means on scaled
// features, with the number of groups given or chosen, and names for them.
package segments

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/models/cluster"
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
}

// minPerSegment is the number of customers that each group must have on
// average for groups to mean anything.
const minPerSegment = 10

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
}

// Model assigns a customer to a group. It is immutable; its JSON form restores
// it.
type Model struct {
	Scaler *features.Scaler `json:"scaler"`
	KMeans *cluster.KMeans  `json:"kmeans"`
	Names  []string         `json:"names"` // of the groups, in the order of their numbers
}

// Find groups the chosen customers of the table (nil: all).
//
// Missing: a missing feature takes the median of the others, and the warning
// missing_filled counts how many did.
//
// Errors: those of reading the table, *models.ConfigError, ctx.Err(). Too few
// customers are no error: see State.
func Find(ctx context.Context, c Config, table *features.Table, chosen []uint32) (*Findings, error) {
	n := table.Len()
	if chosen != nil {
		n = len(chosen)
	}
	f := &Findings{State: mining.OK}
	if need := minPerSegment * max(c.K, c.MinK); n < need {
		f.State = mining.Insufficient
		f.Warnings = []models.Warning{{Code: "too_few_customers", Count: n,
			Message: fmt.Sprintf("%d customers have bought, want at least %d for %d segments", n, need, max(c.K, c.MinK))}}
		return f, nil
	}
	scaler, columns, err := table.FitScaler(ctx, c.Scaler, c.Features, chosen)
	if err != nil {
		return nil, err
	}
	f.noteColumns(scaler)
	f.Scaled = models.Matrix{Names: c.Features, Cols: columns}
	kmeans, err := f.fit(ctx, c, n)
	if err != nil {
		return nil, err
	}
	f.Labels = make([]int32, n)
	if err := kmeans.PredictTo(f.Labels, f.Scaled); err != nil {
		return nil, err
	}
	f.K = kmeans.K()
	f.Model = &Model{Scaler: scaler, KMeans: kmeans, Names: names(kmeans.Centres(), spreads(f.Scaled), c.Features)}
	return f, nil
}

// fit runs k-means with the k given, or for each k of the range.
func (f *Findings) fit(ctx context.Context, c Config, n int) (*cluster.KMeans, error) {
	config := cluster.DefaultKMeans()
	config.K, config.Restarts, config.Seed, config.Workers = c.K, c.Restarts, c.Seed, c.Workers
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
	f.Choice, f.Warnings = &choice, append(f.Warnings, choice.Warnings...)
	best := choice.Best()
	f.take(best.Report)
	return best.Model, nil
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

// noteColumns warns of features that cannot tell customers apart.
func (f *Findings) noteColumns(s *features.Scaler) {
	for i := range s.Columns {
		c := &s.Columns[i]
		if c.Constant {
			f.Warnings = append(f.Warnings, models.Warning{Code: "constant_feature", Count: 1,
				Message: fmt.Sprintf("%s is the same for all customers and plays no part in the segments", c.Name)})
		}
		if c.Missing > 0 {
			f.Warnings = append(f.Warnings, models.Warning{Code: "missing_filled", Count: c.Missing,
				Message: fmt.Sprintf("%s is missing for %d of %d customers, who count with the median", c.Name, c.Missing, c.Count)})
		}
	}
}

// Validate returns an error where the model, as from a file, cannot be used.
func (m *Model) Validate() error {
	switch {
	case m.Scaler == nil || m.KMeans == nil:
		return fmt.Errorf("segment: got a model without a scaler or centres, want both")
	case len(m.Scaler.Columns) != m.KMeans.Columns():
		return fmt.Errorf("segment: got %d scaled columns for centres of %d, want as many", len(m.Scaler.Columns), m.KMeans.Columns())
	case len(m.Names) != m.KMeans.K():
		return fmt.Errorf("segment: got %d names for %d groups, want one each", len(m.Names), m.KMeans.K())
	}
	return m.Scaler.Validate()
}

// spread is how the values of a column lie.
type spread struct{ mean, deviation float64 }

// spreads returns that of each column, summed in blocks. Distances are taken
// from the first value, so that a column of one value has no deviation at all.
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
