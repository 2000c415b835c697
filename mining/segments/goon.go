package segments

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/models/cluster"
)

const (
	// clearlyBetter is the inertia, as a share of the inertia of the continued groups, below
	// which newly found groups replace them. Several partitions are often about equally
	// good; without a margin, the groups would jump from one to the next.
	clearlyBetter = 0.99
	// muchWorse is the share of its silhouette that must remain for the number of groups to
	// be kept.
	muchWorse = 0.8
)

// goOn finds the groups in the scales of the run before, with as many groups and from the
// earlier centres, or takes the earlier groups unchanged. The result is false where all
// must be found anew: without a run before, with other settings, or if the groups no
// longer hold.
func (f *Findings) goOn(ctx context.Context, c Config, table *features.Table, chosen []uint32) (found bool, err error) {
	m := c.Before
	if m == nil || !m.fits(c) || c.K > 0 && c.K != m.KMeans.K() {
		return false, nil
	}
	columns, applied, err := table.Scale(ctx, m.Scaler, chosen)
	if err != nil {
		return false, err
	}
	name, err := f.drifted(ctx, m, table, chosen)
	if err != nil {
		return false, err
	}
	due := c.Refit == Always || c.Refit == Monthly && !c.fittedThisMonth()
	far := f.Drift >= c.Drift
	if due && far {
		f.Warnings = append(f.Warnings, models.Warning{Code: "refitted", Count: 1, Message: fmt.Sprintf(
			"%s has drifted since %s (PSI %.2f, limit %.2f); scales, number of groups and centres were found anew", name, m.Begun, f.Drift, c.Drift)})
		return false, nil
	}
	f.Scaled = models.Matrix{Names: c.Features, Cols: columns}
	if !due {
		if far {
			f.Warnings = append(f.Warnings, models.Warning{Code: "drift", Count: 1, Message: fmt.Sprintf(
				"%s has drifted since %s (PSI %.2f, limit %.2f), and the groups are still those of then; find them anew with: quintile run --from-scratch, or refit: always",
				name, m.Begun, f.Drift, c.Drift)})
		}
		return true, f.keep(ctx, c, applied)
	}
	return f.continueFrom(ctx, c, applied)
}

// fittedThisMonth reports whether the centres of the run before are of the month of the scoring date.
func (c Config) fittedThisMonth() bool {
	day, err := datasets.ParseDay(c.Before.Fitted)
	return err == nil && mining.SameMonth(day, c.AsOf)
}

// drifted notes how far the features have moved since the scales were learned, and returns
// the feature that has moved most.
func (f *Findings) drifted(ctx context.Context, m *Model, table *features.Table, chosen []uint32) (name string, err error) {
	for j := range m.Features {
		column := m.Scaler.Columns[j].Name
		values, err := table.Columns(ctx, []string{column}, chosen)
		if err != nil {
			return "", err
		}
		psi, err := m.Features[j].PSI(values[0])
		if err != nil {
			return "", err
		}
		if !(f.Drift >= psi) {
			f.Drift, name = psi, column
		}
	}
	return name, nil
}

// keep takes the groups of the run before unchanged.
func (f *Findings) keep(ctx context.Context, c Config, applied []features.Applied) error {
	report, err := c.Before.KMeans.Rate(ctx, c.Workers, f.Scaled)
	if err != nil {
		return err
	}
	f.Source, f.Model, f.Kept = Stored, c.Before, c.Before.KMeans.K()
	f.noteApplied(c.Before.Scaler, applied)
	f.take(report)
	f.Labels, err = c.Before.KMeans.Predict(f.Scaled)
	return err
}

// continueFrom finds the centres anew, with the earlier centres among the
// starts.
func (f *Findings) continueFrom(ctx context.Context, c Config, applied []features.Applied) (found bool, err error) {
	m := c.Before
	config := c.kmeans(m.KMeans.K())
	config.Start = m.KMeans.Centres()
	kmeans, report, err := config.Fit(ctx, f.Scaled, nil)
	if err != nil {
		return false, err
	}
	config.Start = nil
	other, otherReport, err := config.Fit(ctx, f.Scaled, nil)
	if err != nil {
		return false, err
	}
	if other.K() > kmeans.K() || other.K() == kmeans.K() && otherReport.Inertia < clearlyBetter*report.Inertia {
		kmeans, report = other, otherReport
	}
	if c.K == 0 && m.Worth > 0 {
		worth, err := silhouette(ctx, c, f.Scaled, kmeans)
		if err != nil {
			return false, err
		}
		if !(worth >= muchWorse*m.Worth) {
			f.Warnings = append(f.Warnings, models.Warning{Code: "refitted", Count: 1, Message: fmt.Sprintf(
				"%d groups tell customers apart much less than on %s (silhouette %.3f, then %.3f); scales, number of groups and centres were found anew",
				m.KMeans.K(), m.Begun, worth, m.Worth)})
			return false, nil
		}
	}
	f.Source = Continued
	f.noteApplied(m.Scaler, applied)
	f.take(report)
	next := &Model{Scaler: m.Scaler, KMeans: kmeans, Fitted: c.AsOf.String(), Begun: m.Begun, Worth: m.Worth, Features: m.Features}
	before, err := m.KMeans.Predict(f.Scaled)
	if err != nil {
		return false, err
	}
	return true, f.number(next, m, before, c.Words)
}

// silhouette is the silhouette by which ChooseK compares numbers of groups.
func silhouette(ctx context.Context, c Config, x models.Matrix, m *cluster.KMeans) (float64, error) {
	if m.K() < 2 {
		return math.NaN(), nil
	}
	choose := cluster.DefaultChooseK()
	choose.KMeans, choose.SampleRows = c.kmeans(m.K()), choose.SilhouetteRows
	choose.References, choose.Bootstraps = 0, 0
	contrast, err := choose.Contrast(ctx, x, m)
	return contrast.Silhouette, err
}

// noteApplied warns of features that cannot tell customers apart, in the scales of the run before.
func (f *Findings) noteApplied(s *features.Scaler, applied []features.Applied) {
	n, _ := f.Scaled.Dims()
	for i := range s.Columns {
		f.noteMissing(s.Columns[i].Name, applied[i].Filled, n)
	}
}

// earlierLabels returns the groups of customers by the run before, nil where the run has no groups, or where
// the features behind the groups are missing.
func earlierLabels(ctx context.Context, c Config, table *features.Table, chosen []uint32) ([]int32, error) {
	if c.Before == nil {
		return nil, nil
	}
	have := table.Names()
	names := c.Before.Scaler.Names()
	for _, name := range names {
		if !slices.Contains(have, name) {
			return nil, nil
		}
	}
	columns, _, err := table.Scale(ctx, c.Before.Scaler, chosen)
	if err != nil {
		return nil, err
	}
	return c.Before.KMeans.Predict(models.Matrix{Names: names, Cols: columns})
}
