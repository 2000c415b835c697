package pipeline

import (
	"context"
	"errors"
	"iter"
	"math"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/models/drift"
	"github.com/quintile-dev/quintile/pipeline/publish"
	"github.com/quintile-dev/quintile/pipeline/rescore"
	"github.com/quintile-dev/quintile/pipeline/scan"
	"github.com/quintile-dev/quintile/pipeline/steps"
)

// comparison is the object of a step's comparison: the run before, or an earlier day of the same history.
type comparison struct {
	step    string
	day     datasets.Day
	earlier *rescore.Earlier // models of the run before; nil: an earlier day
	past    *past            // an earlier day; nil: the run before
}

// past holds the customers as known at the end of an earlier day, and the findings of steps about the customers.
type past struct {
	known   *mining.Run
	plan    []steps.Planned
	unknown []string // steps with groupings that ask for what is not known of that day
	scan    *scan.Scan
	buyers  []uint32
	results map[string]*mining.Result
}

// planComparison plans the comparison of a step with the run before, where there is a run before, or with an earlier
// day.
func (r *run) planComparison() {
	for _, w := range r.Job.Steps.Wanted() {
		c, ok := w.Settings.(mining.Comparer)
		if !ok {
			continue
		}
		day, made := c.Compares()
		switch {
		case made:
			r.comparison = &comparison{step: w.Step.Name, day: day, past: r.planPast(day)}
		case r.before != nil:
			r.comparison = &comparison{
				step: w.Step.Name, day: r.before.AsOf, earlier: rescore.Prepare(steps.Table(), r.Known.Before.Models, r.Known),
			}
		}
	}
}

// planPast plans the steps that find groups, for an earlier day. Attributes of customers are unknown at that day.
func (r *run) planPast(day datasets.Day) *past {
	known := *r.Known
	known.AsOf, known.Features, known.Attributes = day, known.Computed, nil
	known.Before, known.Campaigns, known.Prospects = nil, nil, nil
	p := &past{known: &known, results: map[string]*mining.Result{}}
	for _, w := range r.Job.Steps.Wanted() {
		if len(w.Step.Groupings) == 0 {
			continue
		}
		plan, faults := steps.Plan(steps.Table(), []steps.Wanted{w}, &known)
		if len(faults) > 0 {
			p.unknown = append(p.unknown, w.Step.Name)
			continue
		}
		if _, learns := plan[0].Task.(mining.Learner); !learns && len(plan[0].Needs) == 0 {
			p.plan = append(p.plan, plan[0])
		}
	}
	return p
}

// takePart adds the parts of the comparison in the scan at the scoring date.
func (c *comparison) takePart(of *scan.Config) {
	if c == nil || c.earlier == nil {
		return
	}
	for _, part := range c.earlier.Parts {
		of.Add(part)
	}
}

// pastScan returns the scan of an earlier day, and false without an earlier day to compare with. The memory is shared
// with the scan at the scoring date.
func (r *run) pastScan(now *scan.Config) (scan.Config, bool) {
	if r.comparison == nil || r.comparison.past == nil {
		return scan.Config{}, false
	}
	p := r.comparison.past
	now.Memory /= 2
	c := scan.Config{
		AsOf: p.known.AsOf, Seed: now.Seed, Computed: now.Computed, Memory: now.Memory, Blocks: now.Blocks, Spill: now.Spill,
		Workers: now.Workers, Unnamed: true,
	}
	for _, planned := range p.plan {
		c.Add(planned.Task)
	}
	for _, kind := range r.Models.Kinds() {
		if _, prepares := r.Models[kind].(mining.Preparer); !prepares && groups(kind) {
			c.Add(r.Models[kind])
		}
	}
	return c, true
}

// groups reports whether a step finds groups.
func groups(step string) bool { return len(steps.Lookup(steps.Table(), step).Groupings) > 0 }

// learn does the steps of an earlier day.
func (p *past) learn(ctx context.Context, r *run) (err error) {
	if p.buyers, err = buyersOf(ctx, p.scan); err != nil || p.scan.Census.Customers == 0 {
		return err
	}
	runner := steps.Runner{
		Stage:  func(_ string, do func() error) error { return do() },
		Memory: r.stepBudget(), Customers: p.scan.Table.Len(),
		Input: func(_ *steps.Planned, results map[string]*mining.Result) *mining.Input {
			c := p.scan.Census
			in := mining.Input{
				Run: p.known, Table: p.scan.Table, Buyers: p.buyers, Memory: r.stepBudget(), ProductNames: r.productNames(),
				Counts: mining.Counts{Customers: c.Customers, ReturnsOnly: c.ReturnsOnly, Orders: c.Orders},
			}
			side := r.sideOf(p.scan, func(s *mining.Step) mining.Scorer { return publish.ScorerIn(results[s.Name]) })
			in.Scores = side.Batches
			return mining.NewInput(in, results)
		},
	}
	results, err := runner.Run(ctx, p.plan)
	for i, planned := range p.plan {
		if results[i] != nil {
			p.results[planned.Step.Name] = results[i]
		}
	}
	var unmet *steps.Unmet
	if errors.As(err, &unmet) { // a bar is for this run
		return nil
	}
	return err
}

func (r *run) sideOf(of *scan.Scan, scorer func(*mining.Step) mining.Scorer) *rescore.Side {
	return &rescore.Side{Steps: steps.Table(), Table: of.Table, Scorer: scorer, Base: r.BaseColumns(), Workers: r.Job.Workers}
}

// reference returns the reference of the step's comparison, once everything has been scanned.
func (c *comparison) reference(r *run) *mining.Reference {
	if c.past != nil {
		return c.past.reference(r)
	}
	now := r.sideOf(r.Scan, c.earlier.Scorer)
	return &mining.Reference{
		AsOf: c.day, Now: now.Batches, Reads: now.Reads(r.Known.Features),
		Then: func(ctx context.Context, columns []string) iter.Seq2[*mining.Batch, error] {
			return r.before.Customers(ctx, r.publishedColumns(columns), r.Data.Guard.Erases())
		},
		Values: r.valuesBefore,
		Kept: func(feature string) (drift.Reference, bool) {
			if r.spreadBefore == nil {
				return drift.Reference{}, false
			}
			kept, has := r.spreadBefore.Features[feature]
			return kept, has
		},
	}
}

// publishedColumns returns the columns of segments.parquet with the given names.
func (r *run) publishedColumns(names []string) []mining.Column {
	var all []mining.Column
	base := r.BaseColumns().Columns
	for _, name := range names {
		if s, c := steps.Filler(steps.Table(), name); s != nil {
			all = append(all, c)
		} else if at := slices.IndexFunc(base, func(c mining.Column) bool { return c.Name == name }); at >= 0 {
			all = append(all, base[at])
		}
	}
	return all
}

// valuesBefore returns a feature of the customers of the run before who had bought, as far as it is published.
func (r *run) valuesBefore(ctx context.Context, feature string) ([]float64, error) {
	column := feature
	if feature == r.monetaryBefore() {
		column = "monetary"
	} else if feature == "monetary" {
		return nil, nil // it is published by another name, or not at all
	}
	base := r.BaseColumns()
	if !slices.ContainsFunc(base.Columns, func(c mining.Column) bool { return c.Name == column }) {
		return nil, nil
	}
	var out []float64
	for b, err := range r.before.Customers(ctx, r.publishedColumns([]string{"recency_days", column}), r.Data.Guard.Erases()) {
		if err != nil {
			return nil, err
		}
		bought, values := b.Score("recency_days"), b.Score(column)
		if bought == nil || values == nil {
			return nil, nil
		}
		for i := range b.Rows {
			if bought.Values.Valid != nil && !bought.Values.Valid.Get(i) {
				continue
			}
			out = append(out, numberAt(values, i))
		}
	}
	return out, nil
}

// monetaryBefore returns the feature that the run before has published as monetary.
func (r *run) monetaryBefore() string {
	for _, s := range steps.Table() {
		if m, ok := r.Known.Before.Model(s.Name).(interface{ MonetaryFeature() string }); ok {
			return m.MonetaryFeature()
		}
	}
	return r.MonetaryFeature()
}

// reference returns the customers of the earlier day.
func (p *past) reference(r *run) *mining.Reference {
	scores := func(of *scan.Scan) func(*mining.Step) mining.Scorer {
		return func(s *mining.Step) mining.Scorer {
			var scorer mining.Scorer
			if m := r.Models[s.Name]; m != nil && len(s.Groupings) > 0 {
				scorer = m
			} else if result := p.results[s.Name]; result != nil {
				if scorer = publish.ScorerIn(result); of != p.scan {
					scorer = nil
					if result.Model != nil {
						scorer = result.Model
					}
				}
			}
			if _, prepares := scorer.(mining.Preparer); scorer == nil || prepares && of != p.scan || !rescore.CanScore(scorer, of.Table) {
				return nil
			}
			return scorer
		}
	}
	then, now := r.sideOf(p.scan, scores(p.scan)), r.sideOf(r.Scan, scores(r.Scan))
	return &mining.Reference{
		AsOf: p.known.AsOf, Made: true, Unknown: p.unknown, Now: now.Batches, Reads: now.Reads(r.Known.Features),
		Then: then.Batches,
		Values: func(ctx context.Context, feature string) ([]float64, error) {
			if !slices.Contains(p.scan.Table.Names(), feature) || p.scan.Table.Len() == 0 {
				return nil, nil
			}
			columns, err := p.scan.Table.Columns(ctx, []string{feature}, p.buyers)
			if err != nil {
				return nil, err
			}
			return columns[0], nil
		},
		Kept: func(string) (drift.Reference, bool) { return drift.Reference{}, false },
	}
}

// close lets go of the customers of the earlier day.
func (c *comparison) close() error {
	if c == nil || c.past == nil || c.past.scan == nil {
		return nil
	}
	return c.past.scan.Close()
}

// numberAt returns a number of a column that was published.
func numberAt(s *mining.Scored, i int) float64 {
	v := &s.Values
	switch {
	case v.Valid != nil && !v.Valid.Get(i):
		return math.NaN()
	case v.Floats != nil:
		return v.Floats[i]
	case v.Int32s != nil:
		return float64(v.Int32s[i])
	}
	return float64(v.Ints[i])
}
